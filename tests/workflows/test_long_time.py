"""A whole year of silence under the limits and ladders of a real office, on Temporal's server that skips time."""

import sysconfig
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr
from temporalio.testing import WorkflowEnvironment

from application.dukao import Dukao, open_dukao
from application.seeds.policies import seed_policies
from application.settings import Settings
from application.temporal import Plugin
from domain.decider import SourceKind
from event_store.codec import asked_of
from tests.company import Company
from tests.stores import LogDatabase
from worker import workflow_worker

SERVER = Path(sysconfig.get_path("scripts")) / "temporal-test-server"
NEXT_YEAR = datetime.now(UTC).year + 1


@pytest.fixture
async def skipping(log_database: LogDatabase, tmp_path: Path) -> AsyncIterator[tuple[Dukao, WorkflowEnvironment]]:
    """A process's parts with a worker, on a server that knows no search attributes of ours."""
    settings = Settings(database_url=SecretStr(log_database.app), temporal_address="127.0.0.1:1", evidence_dir=tmp_path)
    async with (
        await WorkflowEnvironment.start_time_skipping(test_server_existing_path=str(SERVER), plugins=[Plugin()]) as server,
        open_dukao(settings, temporal=False) as opened,
    ):
        dukao = replace(opened, client=server.client, keeping=replace(opened.keeping, searchable=False))
        async with workflow_worker(dukao):
            yield dukao, server


async def test_a_year_in_which_nobody_acts_is_climbed_rung_by_rung(skipping: tuple[Dukao, WorkflowEnvironment]) -> None:
    dukao, server = skipping
    company = Company(dukao, cycle_id="silent")
    await company.found(seed_policies())
    await company.open_cycle(["line-loss"], year=NEXT_YEAR)
    await company.issue()
    await company.until(lambda: company.types(company.task()))

    await server.sleep(timedelta(days=500))

    events = await dukao.log.read(company.task())
    assert [event.type for event in events] == [
        "TaskIssued",
        *("ReminderSent", "DeadlinePassed", "EscalationRaised", "TaskDeemedAccepted"),
        "ReportOpened",
        *("ReminderSent",) * 2,  # Nobody assists, so nobody is chased for it.
        *("DeadlinePassed", "EscalationRaised", "EscalationRaised"),
        "SupervisionLinked",
    ]
    timers = [event.occurred_at for event in events if asked_of(event.meta).source.kind is SourceKind.TIMER]
    assert timers == sorted(timers)
    assert all(instant.strftime("%H:%M") in {"00:30", "09:30"} for instant in timers)  # Opening and closing, in UTC.
    assert timers[-1].year == NEXT_YEAR + 1
    [order] = await dukao.log.streams("order/")
    assert (await company.types(order))[-1] == "ColourRaised"
