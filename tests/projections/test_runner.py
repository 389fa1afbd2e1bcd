"""The runner: rows and cursor together, over crashes, doubles and poison; and rebuilding beside, compared row for row."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from random import Random
from typing import Any

import asyncpg
import pytest
from sqlalchemy import Column, Integer, Table, Text, func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

import projections
from domain.task.facts import ReportReturned
from event_store.log import PositionMissing, Recorded
from event_store.memory import MemoryLog
from event_store.postgres import PostgresLog
from projections import PROJECTIONS
from projections.board import BOARD, TASKS
from projections.builds import Build, Overtaken, advance, live, parked
from projections.folding import Folding, Reading
from projections.model import METADATA, Happened, ReadModel, Row
from projections.my_work import MY_WORK
from projections.rebuild import NoSuchModel, check, rebuild
from projections.runner import follow_all, lags, ready, unpark, wait_for
from projections.timeline import TIMELINE
from tests.projections.conftest import caught_up, folded, following
from tests.projections.histories import CODEC, LINE, lay
from tests.stores import LogDatabase

Rows = Mapping[str, Sequence[str]]


# What is listed


def test_every_read_model_is_listed() -> None:
    listed = {model.name for model in PROJECTIONS}
    tables = {table.name for model in PROJECTIONS for table in model.tables}

    assert set(_modules_with_a_model()) == listed
    assert tables == {table.name for table in METADATA.tables.values() if not table.name.startswith("trial")}


def test_no_models_tables_could_be_taken_for_anothers() -> None:
    for model in PROJECTIONS:
        assert all(table.name.startswith(model.name) for table in model.tables)
        assert not any(other.name.startswith(model.name) for other in PROJECTIONS if other is not model)
        assert all("stream" in table.columns for table in model.tables)


# Following


async def test_a_model_that_grew_is_the_model_that_is_rebuilt(
    engine: AsyncEngine, log: PostgresLog, year: list[Recorded]
) -> None:
    chance = Random(20260728)
    splits = sorted(chance.sample(range(1, len(year)), 6))

    async with following(engine, log):
        for start, end in zip([0, *splits], [*splits, len(year)], strict=True):
            await lay(log, year[start:end])
            await caught_up(engine, log)

    for model in PROJECTIONS:
        compared = await check(engine, Reading(log, CODEC), model)
        assert compared.same, compared
        assert compared.rows > 0
        assert compared.position == len(year) - 1


async def test_a_follower_goes_on_where_it_was_killed(
    engine: AsyncEngine, log: PostgresLog, year: list[Recorded], log_database: LogDatabase
) -> None:
    async with following(engine, log):
        for start in range(0, len(year), 40):
            await lay(log, year[start : start + 40])
            await _kill_followers(log_database.owner)
        await caught_up(engine, log)

    for model in PROJECTIONS:
        assert (await check(engine, Reading(log, CODEC), model)).same


async def test_two_runners_at_once_double_nothing(engine: AsyncEngine, log: PostgresLog, year: list[Recorded]) -> None:
    async with following(engine, log), following(engine, log):
        await lay(log, year)
        await caught_up(engine, log)

    async with engine.connect() as connection:
        build = await live(connection, TIMELINE.name)
        lines = (await connection.execute(text("SELECT count(*) FROM rm.timeline"))).scalar_one()
    assert build is not None
    assert (build.applied, lines) == (len(year), len(year))


async def test_a_second_runner_takes_over_when_the_first_is_gone(
    engine: AsyncEngine, log: PostgresLog, year: list[Recorded]
) -> None:
    stop = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        first = group.create_task(follow_all(engine, log, CODEC, stop, [BOARD]))
        await lay(log, year[:60])
        await caught_up(engine, log, [BOARD])
        async with following(engine, log, [BOARD]):
            stop.set()
            await first
            await lay(log, year[60:])
            await caught_up(engine, log, [BOARD])


async def test_who_left_the_cursor_elsewhere_writes_nothing(engine: AsyncEngine, log: PostgresLog, year: list[Recorded]) -> None:
    await folded(engine, log, year, [BOARD])

    async with engine.begin() as connection:
        build = await live(connection, BOARD.name)
        assert build is not None
        with pytest.raises(Overtaken):
            await advance(connection, replace(build, position=build.position - 1), build.position, 1)


async def test_a_reader_waits_until_it_can_read_what_it_wrote(
    engine: AsyncEngine, log: PostgresLog, year: list[Recorded]
) -> None:
    async with following(engine, log, [BOARD]):
        await lay(log, year[:46])
        assert await wait_for(engine, BOARD.name, 45, timeout_s=20)

        async with engine.connect() as connection:
            stage = select(TASKS.c.own_stage).where(TASKS.c.stream == LINE)
            assert (await connection.execute(stage)).scalar_one() == "issued"
        assert not await wait_for(engine, BOARD.name, 46, timeout_s=0)


async def test_views_can_be_asked_before_anything_was_folded(engine: AsyncEngine) -> None:
    await ready(engine)
    await ready(engine)

    assert await _contents(engine, BOARD) == {"board_task": [], "board_cycle": []}
    assert [(lag.name, lag.position) for lag in await lags(engine)] == sorted((model.name, -1) for model in PROJECTIONS)


async def test_a_log_that_went_back_stops_every_follower(engine: AsyncEngine, log: PostgresLog, year: list[Recorded]) -> None:
    await folded(engine, log, year, [BOARD])
    restored = MemoryLog()
    await lay(restored, year[:50])

    with pytest.raises(ExceptionGroup) as stopped:
        await follow_all(engine, restored, CODEC, asyncio.Event(), [BOARD])

    assert stopped.group_contains(PositionMissing)


# What cannot be folded


TRIAL = Table("trial", METADATA, Column("stream", Text, primary_key=True), Column("events", Integer, nullable=False))


def _count(events: int, happened: Happened) -> int:
    assert not isinstance(happened.event, ReportReturned), "not understood"
    return events + 1


def _counted(stream: str, events: int) -> Iterable[Row]:
    return [(TRIAL, {"stream": stream, "events": events})]


COUNTING = ReadModel(name="trial", fold=1, tables=(TRIAL,), kinds=frozenset({"task"}), initial=0, evolve=_count, rows=_counted)
UNDERSTANDING = replace(COUNTING, evolve=lambda events, _happened: events + 1)


async def test_what_cannot_be_folded_is_put_aside_and_the_rest_goes_on(
    engine: AsyncEngine, log: PostgresLog, year: list[Recorded]
) -> None:
    await folded(engine, log, year, [COUNTING])
    returned = next(event for event in year if event.type == "ReportReturned")
    before = sum(event.stream == LINE and event.position < returned.position for event in year)
    after = [event.position for event in year if event.stream == LINE and event.position > returned.position]

    async with engine.connect() as connection:
        build = await live(connection, "trial")
        assert build is not None
        aside = await parked(connection, build)
        counts = {row.stream: row.events for row in await connection.execute(select(TRIAL))}

    assert list(aside) == [LINE]
    assert [(one.position, one.status) for one in aside[LINE]] == [
        (returned.position, "poison"),
        *((position, "blocked") for position in after),
    ]
    assert "not understood" in aside[LINE][0].error
    assert counts[LINE] == before
    assert len(counts) == 3
    assert build.position == len(year) - 1


async def test_what_was_put_aside_is_folded_again_by_a_program_that_understands(
    engine: AsyncEngine, log: PostgresLog, year: list[Recorded]
) -> None:
    await folded(engine, log, year, [COUNTING])

    assert await unpark(engine, log, CODEC, COUNTING) == 0
    assert await unpark(engine, log, CODEC, UNDERSTANDING) == 1

    compared = await check(engine, Reading(log, CODEC), UNDERSTANDING)
    assert compared.same, compared
    assert [lag.parked for lag in await lags(engine)] == [0]


async def test_a_follower_notices_what_was_folded_again_behind_its_back(
    engine: AsyncEngine, log: PostgresLog, year: list[Recorded]
) -> None:
    await folded(engine, log, year[:100], [COUNTING])
    async with following(engine, log, [UNDERSTANDING]):
        assert await unpark(engine, log, CODEC, UNDERSTANDING) == 1
        await lay(log, year[100:])
        await caught_up(engine, log, [UNDERSTANDING])

    compared = await check(engine, Reading(log, CODEC), UNDERSTANDING)
    assert compared.same, compared
    assert [lag.parked for lag in await lags(engine)] == [0]


async def test_a_row_that_does_not_fit_its_table_is_put_aside(
    engine: AsyncEngine, log: PostgresLog, year: list[Recorded]
) -> None:
    unfit = replace(UNDERSTANDING, rows=lambda stream, n: [(TRIAL, {"stream": stream, "events": None if stream == LINE else n})])

    await folded(engine, log, year, [unfit])

    async with engine.connect() as connection:
        build = await live(connection, "trial")
        assert build is not None
        assert list(await parked(connection, build)) == [LINE]
        assert (await connection.execute(select(func.count()).select_from(TRIAL))).scalar_one() == 2


# Rebuilding


async def test_a_rebuilt_model_takes_the_place_of_the_old_one_and_is_followed_on(
    engine: AsyncEngine, log: PostgresLog, year: list[Recorded]
) -> None:
    await lay(log, year[:100])
    async with following(engine, log, [MY_WORK]):
        await caught_up(engine, log, [MY_WORK])
        before = await _build(engine, MY_WORK)
        contents = await _contents(engine, MY_WORK)

        compared = await rebuild(engine, Reading(log, CODEC), MY_WORK)

        assert compared.same
        assert compared.digest_live == compared.digest_rebuilt
        assert await _contents(engine, MY_WORK) == contents
        await lay(log, year[100:])
        await caught_up(engine, log, [MY_WORK])
    after = await _build(engine, MY_WORK)
    assert after.number > before.number
    assert (await check(engine, Reading(log, CODEC), MY_WORK)).same
    assert await _tables(engine, MY_WORK) == {f"{table.name}__1_{after.number}" for table in MY_WORK.tables}


async def test_a_row_that_somebody_changed_is_named(engine: AsyncEngine, log: PostgresLog, year: list[Recorded]) -> None:
    await folded(engine, log, year, [BOARD])
    async with engine.begin() as connection:
        await connection.execute(TASKS.update().where(TASKS.c.stream == LINE).values(consolidated_points=6))

    compared = await check(engine, Reading(log, CODEC), BOARD)

    assert not compared.same
    assert compared.count == 1
    [difference] = compared.differences
    assert (difference.table, difference.key) == ("board_task", LINE)
    assert difference.live != difference.rebuilt
    assert (await rebuild(engine, Reading(log, CODEC), BOARD)).count == 1
    assert (await check(engine, Reading(log, CODEC), BOARD)).same


async def test_a_row_that_is_lost_or_invented_is_named(engine: AsyncEngine, log: PostgresLog, year: list[Recorded]) -> None:
    await folded(engine, log, year, [BOARD])
    async with engine.begin() as connection:
        await connection.execute(TASKS.update().where(TASKS.c.stream == LINE).values(stream="task/2026/nobody/ops"))

    compared = await check(engine, Reading(log, CODEC), BOARD)

    assert {(one.key, bool(one.live), bool(one.rebuilt)) for one in compared.differences} == {
        (LINE, False, True),
        ("task/2026/nobody/ops", True, False),
    }


async def test_a_changed_fold_is_built_beside_and_shown(engine: AsyncEngine, log: PostgresLog, year: list[Recorded]) -> None:
    await folded(engine, log, year, [UNDERSTANDING])
    doubled = replace(UNDERSTANDING, fold=2, rows=lambda stream, n: _counted(stream, 2 * n))

    async with following(engine, log, [doubled]):
        async with asyncio.timeout(20):
            while (await _build(engine, doubled)).fold == 1:
                await wait_for(engine, "trial", len(year), timeout_s=0.05)
        await caught_up(engine, log, [doubled])

    async with engine.connect() as connection:
        counted = (await connection.execute(select(func.sum(TRIAL.c.events)))).scalar_one()
    assert counted == 2 * sum(event.stream.startswith("task/") for event in year)
    assert await _tables(engine, doubled) == {"trial__2_2"}


async def test_what_a_dead_builder_left_is_cleared_away(engine: AsyncEngine, log: PostgresLog, year: list[Recorded]) -> None:
    await folded(engine, log, year, [BOARD])
    async with engine.begin() as connection:
        await projections.builds.make(connection, BOARD)

    assert (await check(engine, Reading(log, CODEC), BOARD)).same

    assert await _tables(engine, BOARD) == {"board_task__1_1", "board_cycle__1_1"}


async def test_a_model_that_was_never_made_cannot_be_checked(engine: AsyncEngine, log: PostgresLog) -> None:
    with pytest.raises(NoSuchModel):
        await check(engine, Reading(log, CODEC), BOARD)


# A stream's state is forgotten and folded again


async def test_a_state_that_was_forgotten_is_folded_again(tmp_path: Any, year: list[Recorded]) -> None:
    log = MemoryLog()
    await lay(log, year)
    remembering, forgetting = Folding(BOARD, Reading(log, CODEC)), Folding(BOARD, Reading(log, CODEC))

    for start in range(0, len(year), 7):
        page = year[start : start + 7]
        kept = await remembering.page(page, ())
        forgetting.forget()
        assert (await forgetting.page(page, ())).changes == kept.changes


def _modules_with_a_model() -> Iterable[str]:
    import importlib
    import pkgutil

    for module in pkgutil.iter_modules(projections.__path__, "projections."):
        for value in vars(importlib.import_module(module.name)).values():
            if isinstance(value, ReadModel):
                yield value.name


async def _kill_followers(owner: str) -> None:
    connection = await asyncpg.connect(owner)
    try:
        killed = "SELECT pg_terminate_backend(l.pid) FROM pg_locks l JOIN pg_database d ON d.oid = l.database"
        await connection.execute(
            f"{killed} WHERE l.locktype = 'advisory' AND l.classid = 684004 AND d.datname = current_database()"
        )
    finally:
        await connection.close()


async def _build(engine: AsyncEngine, model: ReadModel) -> Build:
    async with engine.connect() as connection:
        build = await live(connection, model.name)
    assert build is not None
    return build


async def _contents(engine: AsyncEngine, model: ReadModel) -> dict[str, list[str]]:
    async with engine.connect() as connection:
        return {table.name: await _rows(connection, table) for table in model.tables}


async def _rows(connection: AsyncConnection, table: Table) -> list[str]:
    return list((await connection.execute(text(f"SELECT t::text FROM rm.{table.name} t ORDER BY 1"))).scalars())


async def _tables(engine: AsyncEngine, model: ReadModel) -> set[str]:
    async with engine.connect() as connection:
        names = await connection.execute(
            text("SELECT tablename FROM pg_tables WHERE schemaname = 'rm' AND starts_with(tablename, :name)"),
            {"name": model.name},
        )
        return set(names.scalars())
