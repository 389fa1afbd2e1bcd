"""What Temporal replays: histories of a year through the code as it is; and a reordered workflow, which must be found out."""

import asyncio
from datetime import timedelta

import pytest
from temporalio import workflow
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer

from application.temporal import Plugin
from tests.company import Company, quick
from tests.workflows.test_year import YEAR, company_has
from workflows import WORKFLOWS
from workflows.keeper import Keeper
from workflows.messages import Start


async def histories(company: Company) -> list[WorkflowHistory]:
    """Run a cycle in which nobody acts until an order is open, and give the histories of cycle, task and order."""
    await company.found(quick(seconds=1))
    await company.open_cycle(["line-loss"], year=YEAR)
    await company.issue()
    await company.until(lambda: company_has(company, company.task(), "SupervisionLinked"))
    streams = [company.cycle, company.task(), *await company.dukao.log.streams(f"order/{company.cycle_id}/")]
    return [await company.dukao.temporal.get_workflow_handle(stream).fetch_history() for stream in streams]


async def test_histories_replay_through_the_code_as_it_is_and_not_through_a_reordered_one(company: Company) -> None:
    recorded = await histories(company)

    for history in recorded:
        await Replayer(workflows=WORKFLOWS, plugins=[Plugin()]).replay_workflow(history)
    with pytest.raises(workflow.NondeterminismError):
        await Replayer(workflows=[Reordered], plugins=[Plugin()]).replay_workflow(recorded[1])


@workflow.defn(name="task")
class Reordered(Keeper):
    """A task that looks only after it has waited a moment."""

    @workflow.init
    def __init__(self, start: Start) -> None:
        """As the real one."""
        super().__init__(start)

    @workflow.run
    async def run(self, start: Start) -> None:
        """Wait, then do as the real one does."""
        del start
        await asyncio.sleep(timedelta(seconds=1).total_seconds())
        await self.keep()
