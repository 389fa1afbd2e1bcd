"""My work: what a person owes or may do, resolved by the organisation of the day; and what is stuck."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncEngine

from domain.organisation import AbsenceRecorded, Organisation
from domain.policy import Act, Relation
from event_store.postgres import PostgresLog
from projections.my_work import MY_WORK, Work, everything, for_person
from projections.stuck import stalls
from tests.domain.story import CALENDAR, LADDERS, local
from tests.projections.conftest import folded
from tests.projections.histories import ARREARS, CYCLE, LINE, MERIT, history


async def _work(engine: AsyncEngine, person: str, organisation: Organisation, on: date) -> list[Work]:
    async with engine.connect() as connection:
        return await for_person(connection, person, organisation, on)


def _told(found: Sequence[Work]) -> list[tuple[str, str, str]]:
    return [(work.command, work.stream.split("/")[2], work.period) for work in found if work.mine]


async def test_who_owes_what_changes_hands_through_the_year(
    engine: AsyncEngine, log: PostgresLog, tmp_path: Path, organisation: Organisation
) -> None:
    """One history, folded part by part: after each the same persons are asked for."""
    day = date(2026, 2, 13)
    await _upto(engine, log, tmp_path, "issued")
    assert _told(await _work(engine, "ops-head", organisation, day)) == [("Accept", "line-loss", ""), ("Accept", "merit", "")]
    assert _told(await _work(engine, "sales-head", organisation, day)) == [("Accept", "arrears", "")]
    assert await _work(engine, "ops-clerk", organisation, day) == []

    day = date(2026, 4, 3)
    await _upto(engine, log, tmp_path, "q1")
    assert _told(await _work(engine, "ops-clerk", organisation, day)) == [("SubmitReport", "merit", "Q1")]
    assert _told(await _work(engine, "sales-clerk", organisation, day)) == [("SubmitReport", "arrears", "Q1")]
    [may] = [work for work in await _work(engine, "ops-head", organisation, day) if not work.mine]
    assert (may.command, may.person) == ("SubmitReport", "ops-clerk")  # The head may report for the department, but owes it not.

    day = date(2026, 7, 28)
    await _upto(engine, log, tmp_path, "q2")
    orders = [(work.command, work.stream.rpartition("/")[2]) for work in await _work(engine, "ops-clerk", organisation, day)]
    assert ("SignForOrder", "gap-Q2") in orders
    assert ("SignForOrder", "overdue-report-Q1-1") in orders
    assert not [work for work in await _work(engine, "leader", organisation, day) if work.kind == "cycle"]
    office = await _work(engine, "office-head", organisation, date(2027, 1, 1))
    assert [work.command for work in office if work.kind == "cycle"] == ["LockData"]  # The year is over: not a day earlier.
    assert not [w for w in await _work(engine, "office-head", organisation, date(2026, 12, 31)) if w.kind == "cycle"]

    day = date(2026, 8, 3)
    await _upto(engine, log, tmp_path, "locked")
    scoring = await _work(engine, "ops-head", organisation, day)
    assert [w.command for w in scoring if w.kind == "task"] == ["SelfScore", "SelfScore"]
    assert {w.due for w in scoring if w.kind == "task"} == {local(2026, 8, 6, 17, 30)}
    assert {w.since for w in scoring if w.kind == "task"} == {local(2026, 8, 3)}
    assert not [w for w in await _work(engine, "leader", organisation, day) if w.command == "ApproveResults"]

    await _upto(engine, log, tmp_path, "archived")
    for person in ("leader", "office-head", "safety-head", "sales-clerk"):
        assert not [w for w in await _work(engine, person, organisation, day) if w.kind != "order"]


async def test_who_did_one_duty_is_not_asked_for_the_one_that_must_be_apart(
    engine: AsyncEngine, log: PostgresLog, tmp_path: Path, organisation: Organisation
) -> None:
    events = await history(tmp_path)
    reviewed = next(event.position for event in events if event.type == "ReviewScored" and event.stream == LINE)
    await folded(engine, log, events[: reviewed + 1], [MY_WORK])

    clerk = await _work(engine, "office-clerk", organisation, date(2026, 8, 12))
    head = await _work(engine, "office-head", organisation, date(2026, 8, 12))

    assert [w.command for w in head if w.stream == LINE] == ["Consolidate"]
    assert not [w for w in clerk if w.stream == LINE]  # The clerk had reported for the absent person.


async def test_approval_is_owed_when_everything_is_consolidated(
    engine: AsyncEngine, log: PostgresLog, tmp_path: Path, organisation: Organisation
) -> None:
    events = await history(tmp_path)
    last = max(event.position for event in events if event.type == "TaskConsolidated")
    await folded(engine, log, events[:last], [MY_WORK])
    assert "ApproveResults" not in {w.command for w in await _work(engine, "leader", organisation, date(2026, 8, 13))}

    await folded(engine, log, events[last : last + 1], [MY_WORK])

    approve = next(w for w in await _work(engine, "leader", organisation, date(2026, 8, 13)) if w.command == "ApproveResults")
    assert (approve.mine, approve.cycle, approve.name) == (True, CYCLE, "2026年度")


async def test_a_new_head_owes_what_the_old_one_owed(
    engine: AsyncEngine, log: PostgresLog, tmp_path: Path, organisation: Organisation
) -> None:
    await _upto(engine, log, tmp_path, "issued")
    changed = tuple(replace(one, person="newcomer") if one.person == "ops-head" else one for one in organisation.appointments)

    after = replace(organisation, appointments=changed)

    assert _told(await _work(engine, "newcomer", after, date(2026, 2, 13))) == [
        ("Accept", "line-loss", ""),
        ("Accept", "merit", ""),
    ]
    assert await _work(engine, "ops-head", after, date(2026, 2, 13)) == []


async def test_what_is_stuck_says_who_is_awaited_since_when_and_what_comes_next(
    engine: AsyncEngine, log: PostgresLog, tmp_path: Path, organisation: Organisation
) -> None:
    await _upto(engine, log, tmp_path, "issued")
    away = AbsenceRecorded(person="sales-head", since=date(2026, 2, 24), until=date(2026, 2, 28), cause="培训")
    organisation = replace(organisation, absences=(away,))
    async with engine.connect() as connection:
        owed = await everything(connection, date(2026, 2, 26), cycle=CYCLE)
        of_one = await everything(connection, date(2026, 2, 26), stream=ARREARS)

    found = {stall.work.stream: stall for stall in stalls(owed, organisation, CALENDAR, LADDERS, local(2026, 2, 26, 12))}

    assert set(found) == {LINE, ARREARS, MERIT}
    assert [work.stream for work in of_one] == [ARREARS]
    stall = found[ARREARS]
    assert (stall.persons, stall.away) == (("sales-head",), ("sales-head",))
    assert (stall.waited_workdays, stall.late_workdays, stall.points) == (4, 1, Decimal(6))
    assert stall.is_overdue
    assert (stall.next_act, stall.next_rung) == (Act.REMIND, "remind-1")
    assert stall.work.relation is Relation.LEAD_HEAD


async def test_a_rung_that_was_climbed_is_not_the_next_one(
    engine: AsyncEngine, log: PostgresLog, tmp_path: Path, organisation: Organisation
) -> None:
    await _upto(engine, log, tmp_path, "q1")
    async with engine.connect() as connection:
        [work] = await everything(connection, date(2026, 4, 3), stream=ARREARS)

    [stall] = stalls([work], organisation, CALENDAR, LADDERS, local(2026, 4, 3, 12))

    assert work.fired >= {"report/Q1/1/remind-3"}
    assert (stall.next_act, stall.next_at) == (Act.PROMPT, local(2026, 4, 8, 17, 30))
    assert not stall.is_overdue


async def _upto(engine: AsyncEngine, log: PostgresLog, folder: Path, part: str) -> None:
    events = await history(folder, part)
    await folded(engine, log, events[await log.head() + 1 :], [MY_WORK])
