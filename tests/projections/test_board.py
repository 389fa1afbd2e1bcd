"""The board: stages together with the cycle's phase, filters, pages, counts, and who still owes."""

from datetime import timedelta
from decimal import Decimal
from itertools import product
from pathlib import Path

import pytest
from sqlalchemy import insert, literal, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from domain.cycle import Cycle, Phase
from domain.task.state import Stage, Task, stage_of
from event_store.postgres import PostgresLog
from projections import board
from projections.board import BOARD, CYCLES, TASKS, Filter, Light, Sort, light
from tests.domain.story import local
from tests.projections.conftest import folded
from tests.projections.histories import ARREARS, CYCLE, LINE, MERIT, NOW, history


@pytest.fixture
async def half_year(engine: AsyncEngine, log: PostgresLog, tmp_path: Path) -> None:
    """The board after the half-year's pre-assessment."""
    await folded(engine, log, await history(tmp_path, "q2"), [BOARD])


@pytest.fixture
async def whole_year(engine: AsyncEngine, log: PostgresLog, tmp_path: Path) -> None:
    """The board of the archived year."""
    await folded(engine, log, await history(tmp_path), [BOARD])


@pytest.mark.usefixtures("half_year")
async def test_a_line_says_where_the_task_stands_and_what_it_waits_for(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        line, merit = await board.task(connection, LINE), await board.task(connection, MERIT)

    assert line is not None
    assert merit is not None
    assert (line.name, line.department, line.responsible, line.assisting) == ("低压线损率", "ops", "ops-clerk", ("sales",))
    assert (line.stage, line.phase, line.awaited, line.deadline_key) == (Stage.IN_EXECUTION, Phase.RUNNING, "", "")
    assert (line.reports_accepted, line.reports_opened, line.reports_total, line.late_reports, line.returned_reports) == (
        2,
        2,
        4,
        1,
        1,
    )
    assert (line.pre_period, line.pre_percent, line.pre_points) == ("Q2", Decimal("5.0"), Decimal("0.30"))
    assert (line.open_orders, len(line.orders)) == (1, 2)
    assert (merit.awaited, merit.relation, merit.awaited_person, merit.deadline_key) == (
        "SubmitReport",
        "provider",
        "ops-clerk",
        "report/Q1",
    )
    assert merit.due.current == local(2026, 4, 8, 17, 30)
    assert merit.overdue_level == 3
    assert merit.light(NOW) is Light.RED


@pytest.mark.usefixtures("whole_year")
async def test_points_are_shown_as_they_were_given_one_after_the_other(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        line = await board.task(connection, LINE)

    assert line is not None
    assert (line.self_points, line.review_points, line.consolidated_points) == (Decimal("5.9"), Decimal("0.30"), Decimal("0.80"))
    assert line.contribution == Decimal("0.80")
    assert line.stage is Stage.ARCHIVED
    assert line.own_stage is Stage.CONSOLIDATED
    assert line.due.current is None


@pytest.mark.usefixtures("whole_year")
async def test_a_tasks_stage_is_its_own_and_its_cycles_together(engine: AsyncEngine) -> None:
    async with engine.begin() as connection:
        for own, phase in product(set(Stage) - {Stage.NONE}, set(Phase) - {Phase.NONE}):
            await connection.execute(update(TASKS).values(own_stage=own))
            await connection.execute(update(CYCLES).values(phase=phase))
            shown = await board.task(connection, LINE)
            assert shown is not None
            assert shown.stage is stage_of(Task(stage=own), Cycle(phase=phase)), (own, phase)
        await connection.rollback()


@pytest.mark.usefixtures("half_year")
async def test_while_the_data_are_locked_the_cycles_deadlines_count(
    engine: AsyncEngine, log: PostgresLog, tmp_path: Path
) -> None:
    events = await history(tmp_path, "locked")
    await folded(engine, log, events[await log.head() + 1 :], [BOARD])

    async with engine.connect() as connection:
        line, cycle = await board.task(connection, LINE), await board.cycle(connection, CYCLE)
        assert await board.owing(connection, CYCLE, "self-score") == tuple(sorted((LINE, ARREARS, MERIT)))
        assert await board.unconsolidated(connection, [LINE, "task/2026/never/issued"]) == (LINE, "task/2026/never/issued")

    assert line is not None
    assert cycle is not None
    assert (line.stage, line.awaited, line.deadline_key) == (Stage.DATA_LOCKED, "SelfScore", "self-score")
    assert line.due.current == cycle.self_score_due == local(2026, 8, 6, 17, 30)
    assert (cycle.phase, cycle.planned, cycle.name) == (Phase.LOCKED, 3, "2026年度")


@pytest.mark.usefixtures("whole_year")
async def test_who_is_consolidated_owes_no_step(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        assert await board.owing(connection, CYCLE, "consolidate") == ()
        assert await board.unconsolidated(connection, [LINE, ARREARS, MERIT]) == ()
        [cycle] = await board.cycles(connection)
        assert await board.cycle(connection, "1999") is None
        assert await board.task(connection, "task/2026/none/ops") is None

    assert (cycle.document, cycle.issuer, cycle.pre_assessments) == ("演供绩〔2026〕1号", "绩效考核委员会", ("Q2",))


FILTERED: list[tuple[Filter, set[str]]] = [
    (Filter(), {LINE, ARREARS, MERIT}),
    (Filter(cycle="2025"), set()),
    (Filter(departments=("ops",)), {LINE, MERIT}),
    (Filter(categories=("加减分",)), {MERIT}),
    (Filter(responsible="sales-clerk"), {ARREARS}),
    (Filter(stages=(Stage.IN_EXECUTION,)), {LINE, ARREARS, MERIT}),
    (Filter(stages=(Stage.ISSUED, Stage.FINAL)), set()),
    (Filter(overdue=True), {ARREARS, MERIT}),
    (Filter(overdue=False), {LINE}),
    (Filter(text="线损"), {LINE}),
    (Filter(text="ARREARS"), {ARREARS}),
    (Filter(text="50%"), set()),
    (Filter(departments=("ops",), overdue=True), {MERIT}),
]


@pytest.mark.usefixtures("half_year")
async def test_filters_leave_what_was_asked_for(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        for shown, expected in FILTERED:
            page = await board.tasks(connection, NOW, shown)
            counted = await board.counts(connection, NOW, shown)

            assert {task.stream for task in page.tasks} == expected, shown
            assert sum(count.tasks for count in counted) == len(expected)
            assert sum(count.overdue for count in counted) == len(expected & {ARREARS, MERIT})
            assert page.after == ""


@pytest.mark.usefixtures("half_year")
async def test_pages_in_any_order_hold_every_line_once(engine: AsyncEngine) -> None:
    async with engine.begin() as connection:
        await _copies(connection, 7)
        for sort in Sort:
            whole = await board.tasks(connection, NOW, sort=sort)
            pages, page = list[board.BoardTask](), await board.tasks(connection, NOW, sort=sort, limit=3)
            while page.after:
                pages += page.tasks
                page = await board.tasks(connection, NOW, sort=sort, after=page.after, limit=3)
            pages += page.tasks

            assert pages == list(whole.tasks)
            assert len({task.stream for task in pages}) == 10
        await connection.rollback()


@pytest.mark.usefixtures("half_year")
async def test_what_is_due_first_comes_first_and_what_is_not_due_last(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        page = await board.tasks(connection, NOW)

    assert [task.stream for task in page.tasks] == [ARREARS, MERIT, LINE]


@pytest.mark.parametrize(
    ("level", "due_in", "expected"),
    [
        (0, timedelta(days=4), Light.GREEN),
        (0, timedelta(days=3), Light.YELLOW),
        (0, -timedelta(days=1), Light.YELLOW),
        (1, timedelta(days=30), Light.YELLOW),
        (3, timedelta(days=30), Light.RED),
    ],
)
def test_the_light_shows_the_level_and_how_near_the_deadline_is(level: int, due_in: timedelta, expected: Light) -> None:
    assert light(level, NOW + due_in, NOW) is expected


def test_without_a_deadline_nothing_is_near() -> None:
    assert light(0, None, NOW) is Light.GREEN


async def _copies(connection: AsyncConnection, count: int) -> None:
    """Put more lines on the board, half of them without a deadline."""
    for number in range(count):
        columns = [column for column in TASKS.columns if column.name not in {"stream", "running_due"}]
        due = TASKS.c.running_due if number % 2 else literal(None, TASKS.c.running_due.type)
        copy = select(literal(f"task/2026/copy-{number}/ops"), due, *columns).where(TASKS.c.stream == MERIT)
        await connection.execute(insert(TASKS).from_select(["stream", "running_due", *(column.name for column in columns)], copy))
