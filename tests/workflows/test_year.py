"""A whole year through the workflows, in seconds: what a cycle calls for, what a task owes, what happens when nobody acts."""

from dataclasses import replace
from datetime import UTC, datetime

from application.execute import look
from domain import names
from domain.calendar import DeadlineRule
from domain.cycle import Cycle, Phase
from domain.order import ClaimCompletion, Completion, OrderStage, Quality, SignForOrder, VerifyOrder
from domain.task.commands import SelfScore
from domain.task.state import Stage
from tests.company import Company, quick
from tests.workflows.histories import replays

YEAR = datetime.now(UTC).year - 1  # The year that is over, so that its data may be locked.


async def test_a_cycle_of_three_tasks_runs_from_its_opening_to_the_archive(company: Company) -> None:
    await company.found()
    await company.open_cycle(year=YEAR)
    await company.issue()
    await company.until(lambda: all_at(company, Stage.ISSUED))
    for indicator in ("line-loss", "arrears", "faults"):
        await company.report(indicator)
    await company.lock()
    for indicator in ("line-loss", "arrears", "faults"):
        await company.score(indicator)
    await company.publicise()
    await company.until(lambda: cycle_is(company, Phase.FINAL))
    await company.archive()
    await company.until(lambda: has_no_calls(company))

    for stream in (company.cycle, company.task(), company.task("arrears"), company.task("faults")):
        handle = company.dukao.temporal.get_workflow_handle(stream)
        await handle.result()
    assert (await look(company.ledger, company.task(), now=datetime.now(UTC))).stage == "archived"
    assert await company.types(company.cycle) == [
        "CycleOpened",
        "TasksPlanned",
        "CycleIssued",
        "TasksCalled",
        "DataLocked",
        "TasksCalled",
        "ResultApproved",
        "ResultPublicised",
        "ResultFinalised",
        "CyclePackageArchived",
        "TasksCalled",
    ]
    assert await replays(company, "a-year", [company.cycle, company.task()])


async def test_where_nobody_acts_the_ladder_does_and_an_order_goes_its_way(company: Company) -> None:
    await company.found(quick(seconds=2))
    await company.open_cycle(["line-loss"], year=YEAR)
    await company.issue()
    task = company.task()

    await company.until(lambda: company_has(company, task, "SupervisionLinked"))

    [order] = await company.dukao.log.streams(f"order/{company.cycle_id}/")
    await company.does("ops-clerk", order, SignForOrder())
    await company.does("ops-head", order, ClaimCompletion(summary="已补报"))
    await company.does("supervisor", order, VerifyOrder(completion=Completion.DONE, quality=Quality.GOOD, comment="现场核验"))
    await company.until(lambda: company_has(company, order, "SupervisionArchived"))
    assert (await company.state(order)).stage is OrderStage.ARCHIVED
    await company.dukao.temporal.get_workflow_handle(order).result()
    types = await company.types(task)
    assert types.count("OrderOutcomeRecorded") == types.count("SupervisionLinked") == types.count("TaskDeemedAccepted") == 1
    assert await company.types(names.refusal(task)) == []
    assert await replays(company, "nobody-acts", [task, order])


async def test_in_scoring_the_cycles_clock_wakes_the_tasks_that_still_owe(company: Company) -> None:
    policies = quick()
    await company.found(replace(policies, limits=replace(policies.limits, self_score=DeadlineRule(amount=3, unit="seconds"))))
    await company.open_cycle(["line-loss", "arrears"], year=YEAR)
    await company.issue()
    await company.until(lambda: company_has(company, company.task("arrears"), "TaskIssued"))
    await company.report("line-loss")
    await company.report("arrears")
    await company.lock()
    await company.does("ops-head", company.task(), SelfScore())

    await company.until(lambda: company_has(company, company.task("arrears"), "SelfScored"))

    types = await company.types(company.task("arrears"))
    assert types[-2:] == ["DeadlinePassed", "SelfScored"]  # Nobody did: the computed score stands.
    assert (await company.types(company.task())).count("SelfScored") == 1
    assert "DeadlinePassed" not in await company.types(company.task())
    assert (await company.types(company.cycle)).count("PhaseRungReached") == 2


async def all_at(company: Company, stage: Stage) -> bool:
    """Say whether every task of the cycle is at a stage."""
    return [(await company.state(company.task(one))).stage for one in ("line-loss", "arrears", "faults")] == [stage] * 3


async def cycle_is(company: Company, phase: Phase) -> bool:
    """Say whether the cycle is in a phase."""
    cycle: Cycle = await company.state(company.cycle)
    return cycle.phase is phase


async def has_no_calls(company: Company) -> bool:
    """Say whether every call has reached its tasks."""
    cycle: Cycle = await company.state(company.cycle)
    return not cycle.calls


async def company_has(company: Company, stream: str, event: str) -> bool:
    """Say whether an event of this type is in a stream."""
    return event in await company.types(stream)
