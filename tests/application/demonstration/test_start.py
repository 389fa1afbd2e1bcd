"""The demonstration's plan in a real store: started once, issued whole, and its first reports are taken."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from application.demonstration.cast import Cast
from application.demonstration.plan import demonstration_digest, demonstration_plan
from application.demonstration.values import inputs_for
from application.dukao import Dukao, open_dukao
from application.mandate import asked_by
from application.seeds import seed_calendar
from application.settings import Settings
from application.submit import submit
from application.workbook.plan import Plan
from application.workbook.start import start_cycle
from domain import names
from domain.cycle import Cycle, IssueCycle, task_streams
from domain.decider import SYSTEM, Asked, Source, SourceKind, derived
from domain.organisation import Organisation
from domain.task.commands import Accept, IssueTask, SubmitReport
from domain.task.state import Task
from tests.stores import LogDatabase
from workflows.messages import Answer

TODAY = date(2026, 11, 23)
SOURCE = Source(kind=SourceKind.IMPORT, place="demonstration", digest=demonstration_digest())


@pytest.fixture
async def dukao(log_database: LogDatabase, tmp_path: Path) -> AsyncIterator[Dukao]:
    """A process's parts on a fresh store, without Temporal."""
    settings = Settings(
        database_url=SecretStr(log_database.app), temporal_address="127.0.0.1:1", evidence_dir=tmp_path / "evidence"
    )
    async with open_dukao(settings, temporal=False) as opened:
        yield opened


async def does(dukao: Dukao, person: str, stream: str, command: object, at: datetime) -> Answer:
    """Give a carried-in command as a person."""
    asked = await asked_by(dukao, person, stream=stream, command_key=type(command).__name__, source=SOURCE, received_at=at)
    return await submit(dukao, stream, command, asked)


async def started(dukao: Dukao) -> Plan:
    """Start the demonstration a week before its year."""
    plan = demonstration_plan(TODAY)
    at = seed_calendar().opening(plan.cycle.starts - timedelta(days=7))
    report = await start_cycle(
        dukao, plan, source_digest=demonstration_digest(), door=SourceKind.IMPORT, at=at, demonstration=True
    )
    assert report.refused is None, report.refused
    assert report.created == report.planned
    return plan


async def test_every_task_is_issued_accepted_and_reported_for_the_first_time(dukao: Dukao) -> None:
    plan = await started(dukao)
    stream = names.cycle(plan.cycle.cycle)
    issued_at = seed_calendar().opening(seed_calendar().roll_forward(plan.cycle.starts)) + timedelta(hours=2)
    organisation: Organisation = await dukao.ledger.state_of(names.ORGANISATION)
    cast = Cast(organisation=organisation, on=TODAY)

    assert (await does(dukao, cast.top_leader(), stream, IssueCycle(document="1号", issuer="公司"), issued_at)).status == "done"
    cycle: Cycle = await dukao.ledger.state_of(stream)
    for task_stream in task_streams(plan.cycle.cycle, cycle):
        _, _, indicator, lead = task_stream.split("/")
        asked = Asked(id=derived(task_stream, "issue"), by=SYSTEM, at=issued_at, source=Source(kind=SourceKind.EFFECT))
        issue = IssueTask(task=task_stream, indicator=indicator, lead=lead)
        assert (await submit(dukao, task_stream, issue, asked)).status == "done"
        task: Task = await dukao.ledger.state_of(task_stream)
        accepted = await does(dukao, cast.head(lead), task_stream, Accept(), issued_at + timedelta(hours=3))
        assert accepted.status == "done", accepted.zh
        [first, *_] = task.reports.values()
        if first.period.ends < TODAY and not task.the.definition.evidence_required:
            report = SubmitReport(
                period=first.period.key,
                values=inputs_for(task.the.definition, lead, first.period.key),
                as_of=first.period.ends,
                data_source="台账",
            )
            answer = await does(dukao, cast.reporter(task.parties), task_stream, report, first.period.opens + timedelta(days=7))
            assert answer.status == "done", (task_stream, answer.zh)


async def test_started_again_it_is_the_same(dukao: Dukao) -> None:
    await started(dukao)
    before = await dukao.log.head()

    at = datetime(2026, 2, 5, tzinfo=UTC)
    plan = demonstration_plan(TODAY)
    again = await start_cycle(
        dukao, plan, source_digest=demonstration_digest(), door=SourceKind.IMPORT, at=at, demonstration=True
    )

    assert set(again.created.values()) == {0}
    assert await dukao.log.head() == before
