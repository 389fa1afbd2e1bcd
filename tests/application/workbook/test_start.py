"""A plan brought into a real store: once, completely, and not again."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import text

from application.dukao import Dukao, open_dukao
from application.mandate import asked_by
from application.settings import Settings
from application.submit import submit
from application.workbook.contacts import keep_contacts
from application.workbook.plan import Contact, Plan
from application.workbook.start import StartReport, start_cycle
from domain import names
from domain.calendars import Calendars, PublishCalendar
from domain.cycle import Cycle, IssueCycle, Phase
from domain.decider import Source, SourceKind
from domain.policy import Standards
from tests.application.workbook.books import SOUND, add, filled, put, sound, spoilt
from tests.stores import LogDatabase

DIGEST = "0" * 64
NOON = datetime(2026, 3, 2, 4, tzinfo=UTC)


@pytest.fixture
async def dukao(log_database: LogDatabase, tmp_path: Path) -> AsyncIterator[Dukao]:
    """A process's parts on a fresh store, without Temporal."""
    settings = Settings(
        database_url=SecretStr(log_database.app), temporal_address="127.0.0.1:1", evidence_dir=tmp_path / "evidence"
    )
    async with open_dukao(settings, temporal=False) as opened:
        yield opened


async def start(dukao: Dukao, plan: Plan) -> StartReport:
    """Start a plan as the administrator at the command line."""
    return await start_cycle(dukao, plan, source_digest=DIGEST)


async def test_a_plan_is_in_the_store_with_all_its_parts(dukao: Dukao) -> None:
    plan = sound(filled(SOUND))
    steps: list[tuple[str, int, int]] = []

    report = await start_cycle(dukao, plan, source_digest=DIGEST, progress=lambda *step: steps.append(step))

    assert report.refused is None
    assert report.created == report.planned == plan.counts()
    cycle: Cycle = await dukao.ledger.state_of("cycle/2026")
    assert (cycle.phase, len(cycle.plan)) == (Phase.PLANNED, 2)
    assert cycle.plan["ZB-01", "D02"].version == 1
    assert {pinned.rule for pinned in cycle.rules} == {"ladders", "limits", "duties", "standards", "visibility"}
    assert (await dukao.ledger.state_of("rule/standards")).bodies == (Standards(percent=Decimal(85)),)
    assert steps[-1] == ("任务", 2, 2)


async def test_the_same_file_twice_creates_nothing(dukao: Dukao) -> None:
    plan = sound(filled(SOUND))
    await start(dukao, plan)
    before = await dukao.log.head()

    report = await start(dukao, plan)

    assert report.refused is None
    assert set(report.created.values()) == {0}
    assert await dukao.log.head() == before


async def test_a_dry_run_only_counts(dukao: Dukao) -> None:
    report = await start_cycle(dukao, sound(filled(SOUND)), source_digest=DIGEST, dry_run=True)

    assert (report.dry_run, report.planned["tasks"], report.created["tasks"]) == (True, 2, 0)
    assert (await dukao.ledger.state_of(names.ORGANISATION)).departments == {}


async def test_an_office_person_may_start_it_and_is_named_in_every_fact(dukao: Dukao) -> None:
    await start(dukao, sound(filled(SOUND)))
    second = sound(spoilt(put("周期", 0, cycle="2026-b"), put("指标", 0, points=Decimal(14), trial_points=None)))

    report = await start_cycle(dukao, second, "P012", source_digest=DIGEST, door=SourceKind.WORKBOOK)

    assert report.refused is None
    assert (report.created["departments"], report.created["indicators"], report.created["tasks"]) == (0, 1, 2)
    [opened, *_] = await dukao.log.read("cycle/2026-b")
    assert b'"person":"P012"' in opened.meta
    assert b'"kind":"workbook"' in opened.meta
    cycle: Cycle = await dukao.ledger.state_of("cycle/2026-b")
    assert cycle.plan["ZB-01", "D02"].version == 2


async def test_somebody_of_no_office_is_refused_and_nothing_is_opened(dukao: Dukao) -> None:
    await start(dukao, sound(filled(SOUND)))
    other = sound(spoilt(put("周期", 0, cycle="2026-b")))

    report = await start_cycle(dukao, other, "P032", source_digest=DIGEST, door=SourceKind.WORKBOOK)

    assert report.refused is not None
    assert report.refused.code == "OnlyTheOfficeChangesTheOrganisation"
    assert report.place == "部门"
    assert (await dukao.ledger.state_of("cycle/2026-b")).phase is Phase.NONE


async def test_a_longer_workbook_adds_what_is_new_until_the_cycle_is_issued(dukao: Dukao) -> None:
    await start(dukao, sound(filled(SOUND)))
    more = {**SOUND["任务"][1], "lead": "D02", "responsible": "P021", "reviewing": "D01"}
    longer = sound(spoilt(add("任务", **more)))

    report = await start(dukao, longer)
    assert report.created["tasks"] == 1

    stream = "cycle/2026"
    asked = await asked_by(dukao, "P001", stream=stream, command_key="issue", source=Source(kind=SourceKind.COMMAND_LINE))
    assert (await submit(dukao, stream, IssueCycle(document="1号", issuer="公司"), asked)).status == "done"
    again = await start(dukao, longer)
    assert (again.refused, again.created["tasks"]) == (None, 0)
    yet_more = await start(dukao, sound(spoilt(add("任务", **more), put("任务", 0, share=Decimal(60), assisting="D03:P031:40"))))
    assert yet_more.refused is not None
    assert (yet_more.refused.code, yet_more.place) == ("PlanIsFrozen", "任务")


async def test_the_companys_own_calendar_is_not_overwritten(dukao: Dukao) -> None:
    await start(dukao, sound(filled(SOUND)))
    calendars: Calendars = await dukao.ledger.state_of("calendar/cn")
    own = replace(calendars.versions[0], closes=calendars.versions[0].closes.replace(hour=18))
    asked = await asked_by(dukao, "P012", stream="calendar/cn", command_key="own", source=Source(kind=SourceKind.PAGE))
    await submit(dukao, "calendar/cn", PublishCalendar(calendar=own), asked)

    await start(dukao, sound(spoilt(put("周期", 0, cycle="2026-b"))))

    assert len((await dukao.ledger.state_of("calendar/cn")).versions) == 2
    assert (await dukao.ledger.state_of("cycle/2026-b")).opened.calendar_version == 2
    assert (await dukao.ledger.state_of("cycle/2026")).opened.calendar_version == 1


async def test_history_that_is_carried_in_states_its_own_receipt(dukao: Dukao) -> None:
    plan = sound(spoilt(put("周期", 0, carrying_in="是")))
    received = datetime(2026, 1, 5, 1, tzinfo=UTC)

    report = await start_cycle(dukao, plan, source_digest=DIGEST, door=SourceKind.IMPORT, at=received, demonstration=True)

    assert report.refused is None
    cycle: Cycle = await dukao.ledger.state_of("cycle/2026")
    assert cycle.opened is not None
    assert (cycle.carrying_in, cycle.opened.demonstration) == (True, True)
    [opened, *_] = await dukao.log.read("cycle/2026")
    assert opened.occurred_at == received


async def test_names_are_kept_beside_the_log_and_an_erased_person_stays_erased(dukao: Dukao) -> None:
    await start(dukao, sound(filled(SOUND)))
    async with dukao.engine.begin() as connection:
        await connection.execute(
            text("UPDATE app.person SET name = '', phone = '', email = '', erased_at = now() WHERE person_id = 'P022'")
        )

    kept = await keep_contacts(
        dukao.engine,
        [Contact(person="P022", name="己"), Contact(person="P021", name="戊", phone="1"), Contact(person="P031", name="庚")],
    )

    assert kept == 1
    async with dukao.engine.begin() as connection:
        rows = await connection.execute(
            text("SELECT person_id, name, phone FROM app.person WHERE person_id LIKE 'P02%' ORDER BY 1")
        )
        assert [tuple(row) for row in rows] == [("P021", "戊", "1"), ("P022", "", "")]


async def test_a_plan_of_many_tasks_comes_in_chunks(dukao: Dukao) -> None:
    rows = [{**SOUND["指标"][1], "indicator": f"N-{n:03}", "name": f"指标{n}"} for n in range(250)]
    tasks = [{**SOUND["任务"][1], "indicator": f"N-{n:03}"} for n in range(250)]

    def many(book: dict[str, list[dict[str, object]]]) -> None:
        book["指标"] += rows
        book["任务"] += tasks

    report = await start(dukao, sound(spoilt(many)))

    assert report.created["tasks"] == 252
    types = [event.type for event in await dukao.log.read("cycle/2026")]
    assert types == ["CycleOpened", "TasksPlanned", "TasksPlanned"]
