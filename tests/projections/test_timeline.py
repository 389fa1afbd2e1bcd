"""The timeline: every event a line, refusals among them, by stream, person, department and cycle; names put in at reading."""

from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from domain import names as streams
from domain.decider import SourceKind
from domain.organisation import Organisation
from event_store.postgres import PostgresLog
from projections import people
from projections.people import Person
from projections.timeline import TIMELINE, Wanted, lines
from tests.projections.conftest import folded
from tests.projections.histories import CYCLE, LINE, history


async def test_the_timeline_tells_a_year(
    engine: AsyncEngine, log: PostgresLog, tmp_path: Path, organisation: Organisation
) -> None:
    events = await history(tmp_path)
    await folded(engine, log, events, [TIMELINE])

    async with engine.connect() as connection:
        newest = await lines(connection, limit=1_000)
        oldest = await lines(connection, after=-1, limit=1_000)
        of_line = await lines(connection, Wanted(stream=LINE), limit=1_000)
        with_orders = await lines(connection, Wanted(stream=LINE, with_orders=True), limit=1_000)
        decided = await lines(connection, Wanted(stream=LINE, refusals=False), limit=1_000)
        by_safety = await lines(connection, Wanted(department="safety"), limit=1_000)
        of_clerk = await lines(connection, Wanted(person="ops-clerk", stream=LINE), limit=1_000)
        of_cycle = await lines(connection, Wanted(cycle=CYCLE), limit=1_000)
        locks = await lines(connection, Wanted(types=("DataLocked",)))
        first = await lines(connection, Wanted(cycle=CYCLE), limit=10)
        second = await lines(connection, Wanted(cycle=CYCLE), before=first[-1].position, limit=10)

    assert [line.position for line in oldest] == list(range(len(events)))
    assert newest == oldest[::-1]
    assert {line.about for line in of_line} == {LINE}
    assert [line.refused for line in of_line].count(True) == 1
    assert decided == [line for line in of_line if not line.refused]
    assert len(with_orders) > len(of_line)
    assert {line.cycle for line in with_orders} == {CYCLE}
    assert {line.person for line in by_safety} == {"safety-clerk", "safety-head"}
    assert all("ops-clerk" in line.persons for line in of_clerk)
    assert {line.type for line in of_clerk} >= {"ReportSubmitted", "ReminderSent", "TaskIssued"}
    assert {line.subject for line in of_line if not line.refused} == {"低压线损率"}
    assert (first + second) == of_cycle[:20]
    [lock] = locks
    assert (lock.person, lock.post, lock.department, lock.reason) == ("leader", "leader", "company", "机构调整，提前结束考核")
    assert {line.source for line in of_line} == {SourceKind.PAGE, SourceKind.TIMER, SourceKind.EFFECT}


async def test_a_name_that_was_erased_is_gone_from_every_sentence(
    engine: AsyncEngine, log: PostgresLog, tmp_path: Path, organisation: Organisation
) -> None:
    await folded(engine, log, await history(tmp_path, "q1"), [TIMELINE])
    async with engine.begin() as connection:
        await people.remember(
            connection, Person(person="ops-clerk", name="李一凡", phone="139"), Person(person="ops-head", name="王建国")
        )
        [line] = await lines(connection, Wanted(stream=LINE, types=("TaskIssued",)))
        before = line.told(await people.names(connection, line.persons, organisation))

        erased = await people.erase(connection, "ops-clerk")
        again = await people.erase(connection, "ops-clerk")
        await people.remember(connection, Person(person="ops-clerk", name="李一凡"))
        after = line.told(await people.names(connection, line.persons, organisation))
        known = await people.people(connection, ["ops-clerk", "ops-head", "nobody"])

    assert "责任人 李一凡" in before
    assert (erased, again) == (True, False)
    assert "责任人 已注销" in after
    assert known == {"ops-clerk": Person(person="ops-clerk", name=""), "ops-head": Person(person="ops-head", name="王建国")}


@pytest.mark.parametrize("stream", [streams.ORGANISATION, "calendar/cn", "rule/duties", "indicator/line-loss"])
async def test_records_have_a_timeline_too(engine: AsyncEngine, log: PostgresLog, tmp_path: Path, stream: str) -> None:
    await folded(engine, log, await history(tmp_path, "issued"), [TIMELINE])

    async with engine.connect() as connection:
        found = await lines(connection, Wanted(stream=stream))

    assert found
    assert all(line.cycle == "" for line in found)
