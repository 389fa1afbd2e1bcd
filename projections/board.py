"""The board: every task with its stage, its department and what it waits for, and every cycle with its phase.

A task's row holds what its own stream says; where the cycle's phase decides (its stage from the lock on, the deadlines of scoring),
the two are joined when somebody asks.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Date,
    DateTime,
    Index,
    Integer,
    Numeric,
    Select,
    Table,
    Text,
    case,
    cast,
    func,
    literal_column,
    null,
    or_,
    select,
    tuple_,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

from domain import names
from domain.cycle import CONSOLIDATE, CYCLE, REVIEW_SCORE, SELF_SCORE, Cycle, Phase
from domain.task import TASK
from domain.task.evaluation import contribution
from domain.task.facts import PreAssessmentRun, ReportAccepted, ReportReturned, ReviewScored, SelfScored, TaskConsolidated
from domain.task.state import ReportStage, Stage, Task
from projections.debts import Debt, first, of_task
from projections.model import METADATA, Happened, ReadModel, Row

NEAR = timedelta(days=3)  # A deadline this near turns the light yellow [handbook 3.7: due in 3 days or less].
RED_FROM = 3  # The overdue level from which the light is red [handbook 3.5].
PAGE = 50

Instant = DateTime(timezone=True)

TASKS = Table(
    "board_task",
    METADATA,
    Column("stream", Text, primary_key=True),
    Column("cycle", Text, nullable=False),
    Column("indicator", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("category", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("points", Numeric, nullable=False),  # 分值: what the line is worth in the total.
    Column("department", Text, nullable=False),
    Column("responsible", Text, nullable=False),
    Column("deputy_leader", Text, nullable=False),
    Column("reviewing", Text, nullable=False),
    Column("providing", Text, nullable=False),
    Column("system", Text, nullable=False),
    Column("assisting", ARRAY(Text), nullable=False),
    Column("own_stage", Text, nullable=False),
    Column("entered_at", Instant, nullable=False),  # The own stage.
    Column("issued_at", Instant, nullable=False),
    Column("deemed", Boolean, nullable=False),
    Column("running_key", Text, nullable=False),  # What is awaited while the cycle runs; empty: nothing.
    Column("running_original", Instant),
    Column("running_due", Instant),
    Column("running_scoring", Instant),
    Column("running_command", Text, nullable=False),
    Column("running_relation", Text, nullable=False),
    Column("running_department", Text, nullable=False),
    Column("running_person", Text, nullable=False),
    Column("locked_key", Text, nullable=False),  # And while its data are locked.
    Column("locked_command", Text, nullable=False),
    Column("locked_relation", Text, nullable=False),
    Column("locked_department", Text, nullable=False),
    Column("overdue", JSONB, nullable=False),  # Level by deadline.
    Column("overdue_level", Integer, nullable=False),
    Column("late_reports", Integer, nullable=False),
    Column("returned_reports", Integer, nullable=False),
    Column("missing_reports", Integer, nullable=False),
    Column("reports_opened", Integer, nullable=False),
    Column("reports_accepted", Integer, nullable=False),
    Column("reports_total", Integer, nullable=False),
    Column("open_orders", Integer, nullable=False),
    Column("orders", ARRAY(Text), nullable=False),
    Column("pre_period", Text, nullable=False),
    Column("pre_percent", Numeric),
    Column("pre_points", Numeric),
    Column("self_points", Numeric),
    Column("review_points", Numeric),
    Column("consolidated_points", Numeric),
    Column("contribution", Numeric),  # Of the consolidated points to the total.
    Column("version", BigInteger, nullable=False),
    Column("position", BigInteger, nullable=False),
    Index("by_cycle", "cycle", "department"),
)
CYCLES = Table(
    "board_cycle",
    METADATA,
    Column("stream", Text, primary_key=True),
    Column("cycle", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("year", Integer, nullable=False),
    Column("scope", Text, nullable=False),
    Column("starts", Date, nullable=False),
    Column("ends", Date, nullable=False),
    Column("calendar", Text, nullable=False),
    Column("calendar_version", Integer, nullable=False),
    Column("phase", Text, nullable=False),
    Column("entered_at", Instant, nullable=False),  # The phase.
    Column("planned", Integer, nullable=False),
    Column("carrying_in", Boolean, nullable=False),
    Column("demonstration", Boolean, nullable=False),
    Column("document", Text, nullable=False),
    Column("issuer", Text, nullable=False),
    Column("issued_at", Instant),
    Column("pre_assessments", ARRAY(Text), nullable=False),
    Column("locked_at", Instant),
    Column("self_score_due", Instant),
    Column("review_score_due", Instant),
    Column("consolidate_due", Instant),
    Column("notice_until", Instant),
    Column("version", BigInteger, nullable=False),
    Column("position", BigInteger, nullable=False),
    Index("by_cycle", "cycle"),
)


# Fold


@dataclass(frozen=True, kw_only=True)
class Card:
    """A task or a cycle as its decider folds it, and what the board shows beside."""

    its: Task | Cycle | None = None
    issued_at: datetime | None = None
    entered_at: datetime | None = None
    late: frozenset[str] = frozenset()
    returned: int = 0
    pre: PreAssessmentRun | None = None
    points: Mapping[str, Decimal | None] = field(default_factory=dict)
    version: int = 0
    position: int = -1


def evolve(card: Card, happened: Happened) -> Card:
    """Fold one event with the decider it belongs to."""
    decider = TASK if names.kind(happened.stream) == "task" else CYCLE
    before = decider.initial if card.its is None else card.its
    its = decider.evolve(before, happened.event, happened.asked)
    entered_at = card.entered_at if _standing(its) == _standing(before) and card.entered_at else happened.at
    issued_at = card.issued_at or happened.at
    moved = replace(
        card,
        its=its,
        entered_at=entered_at,
        issued_at=issued_at,
        version=happened.recorded.version,
        position=happened.position,
    )
    return _noted(moved, happened.event)


def rows(stream: str, card: Card) -> list[Row]:
    """Give the one row of a stream."""
    match card.its:
        case Task() as task if task.issued is not None:
            return [(TASKS, _task_row(stream, task, card))]
        case Cycle() as cycle if cycle.opened is not None:
            return [(CYCLES, _cycle_row(stream, cycle, card))]
        case _:
            return []  # Nothing was issued or opened yet.


BOARD = ReadModel(
    name="board",
    fold=1,
    tables=(TASKS, CYCLES),
    kinds=frozenset({"task", "cycle"}),
    initial=Card(),
    evolve=evolve,
    rows=rows,
)


# Queries


class Light(StrEnum):
    """状态灯. Not the colour of an order."""

    GREEN = "green"
    YELLOW = "yellow"
    RED = "red"


class Sort(StrEnum):
    """By what the board is ordered."""

    DUE = "due"
    STAGE = "stage"
    DEPARTMENT = "department"
    NAME = "name"
    OVERDUE = "overdue"
    CATEGORY = "category"


@dataclass(frozen=True, kw_only=True)
class Filter:
    """What to show. Empty: no restriction. ``text`` is found in the name, the category or the indicator's id."""

    cycle: str = ""
    departments: tuple[str, ...] = ()
    stages: tuple[Stage, ...] = ()
    categories: tuple[str, ...] = ()
    responsible: str = ""
    overdue: bool | None = None
    text: str = ""


@dataclass(frozen=True, kw_only=True)
class Dues:
    """The three due instants of what is awaited (None: none)."""

    original: datetime | None
    current: datetime | None
    scoring: datetime | None


@dataclass(frozen=True, kw_only=True)
class BoardTask:
    """One line of the board. ``awaited`` names the command that would move it on and ``relation`` who owes it (empty: nobody)."""

    stream: str
    cycle: str
    indicator: str
    name: str
    category: str
    kind: str
    points: Decimal
    department: str
    responsible: str
    deputy_leader: str
    reviewing: str
    providing: str
    system: str
    assisting: tuple[str, ...]
    stage: Stage
    own_stage: Stage
    phase: Phase
    entered_at: datetime
    deemed: bool
    awaited: str
    relation: str
    awaited_department: str
    awaited_person: str
    deadline_key: str
    due: Dues
    overdue: Mapping[str, int]
    overdue_level: int
    late_reports: int
    returned_reports: int
    missing_reports: int
    reports_opened: int
    reports_accepted: int
    reports_total: int
    open_orders: int
    orders: tuple[str, ...]
    pre_period: str
    pre_percent: Decimal | None
    pre_points: Decimal | None
    self_points: Decimal | None
    review_points: Decimal | None
    consolidated_points: Decimal | None
    contribution: Decimal | None
    version: int
    position: int

    def light(self, now: datetime) -> Light:
        """Give the status light at an instant."""
        return light(self.overdue_level, self.due.current, now)


@dataclass(frozen=True, kw_only=True)
class BoardCycle:
    """One cycle. ``planned`` counts the tasks of its plan, issued or not."""

    stream: str
    cycle: str
    name: str
    year: int
    scope: str
    starts: Any
    ends: Any
    calendar: str
    calendar_version: int
    phase: Phase
    entered_at: datetime
    planned: int
    carrying_in: bool
    demonstration: bool
    document: str
    issuer: str
    issued_at: datetime | None
    pre_assessments: tuple[str, ...]
    locked_at: datetime | None
    self_score_due: datetime | None
    review_score_due: datetime | None
    consolidate_due: datetime | None
    notice_until: datetime | None
    version: int
    position: int


@dataclass(frozen=True, kw_only=True)
class Page:
    """Some lines of the board, and how to ask for those after them (empty: there are none)."""

    tasks: tuple[BoardTask, ...]
    after: str


@dataclass(frozen=True, kw_only=True)
class Count:
    """How many tasks of a department stand in a stage, and how many of those are overdue."""

    department: str
    stage: Stage
    tasks: int
    overdue: int


def light(level: int, due: datetime | None, now: datetime) -> Light:
    """Give the status light of a matter by the overdue level it has reached and how near its deadline is."""
    if level >= RED_FROM:
        return Light.RED
    return Light.YELLOW if level or (due is not None and due <= now + NEAR) else Light.GREEN


async def tasks(
    connection: AsyncConnection,
    now: datetime,
    shown: Filter | None = None,
    *,
    sort: Sort = Sort.DUE,
    after: str = "",
    limit: int = PAGE,
) -> Page:
    """Give the lines that pass a filter, in order. ``after`` is what the page before said."""
    board = _effective().subquery("board")
    key = _sort_key(board, sort)
    query = select(board).where(*_conditions(board, shown or Filter(), now)).order_by(key, board.c.stream).limit(limit + 1)
    if after:
        last = _effective().where(TASKS.c.stream == after).subquery("last")
        query = query.where(tuple_(key, board.c.stream) > select(_sort_key(last, sort), last.c.stream).scalar_subquery())
    found = [_board_task(row) for row in (await connection.execute(query)).mappings()]
    return Page(tasks=tuple(found[:limit]), after=found[limit - 1].stream if len(found) > limit else "")


async def task(connection: AsyncConnection, stream: str) -> BoardTask | None:
    """Give one task's line (None: not issued yet, or not folded yet)."""
    row = (await connection.execute(_effective().where(TASKS.c.stream == stream))).mappings().one_or_none()
    return None if row is None else _board_task(row)


async def cycles(connection: AsyncConnection) -> list[BoardCycle]:
    """Give all cycles, the newest first."""
    query = select(CYCLES).order_by(CYCLES.c.starts.desc(), CYCLES.c.cycle)
    return [_board_cycle(row) for row in (await connection.execute(query)).mappings()]


async def cycle(connection: AsyncConnection, cycle_id: str) -> BoardCycle | None:
    """Give one cycle."""
    row = (await connection.execute(select(CYCLES).where(CYCLES.c.cycle == cycle_id))).mappings().one_or_none()
    return None if row is None else _board_cycle(row)


async def counts(connection: AsyncConnection, now: datetime, shown: Filter | None = None) -> list[Count]:
    """Count tasks by department and stage: what a funnel, a heat map and its cells are drawn from."""
    board = _effective().subquery("board")
    overdue = func.count().filter(_is_overdue(board, now))
    query = (
        select(board.c.department, board.c.stage, func.count().label("tasks"), overdue.label("overdue"))
        .where(*_conditions(board, shown or Filter(), now))
        .group_by(board.c.department, board.c.stage)
        .order_by(board.c.department, board.c.stage)
    )
    return [
        Count(department=row["department"], stage=Stage(row["stage"]), tasks=row["tasks"], overdue=row["overdue"])
        for row in (await connection.execute(query)).mappings()
    ]


async def owing(connection: AsyncConnection, cycle_id: str, step: str) -> tuple[str, ...]:
    """Name the tasks of a cycle that have not done a step of scoring yet (``self-score``, ``review-score``, ``consolidate``).

    Whoever decides by it waits first until the board has folded the position it decides at (``runner.wait_for``).
    """
    before = STEPS[: STEPS.index(step) + 1]
    query = select(TASKS.c.stream).where(TASKS.c.cycle == cycle_id, TASKS.c.locked_key.in_(before)).order_by(TASKS.c.stream)
    return tuple((await connection.execute(query)).scalars())


async def unconsolidated(connection: AsyncConnection, planned: Sequence[str]) -> tuple[str, ...]:
    """Name those of the planned tasks that are not consolidated, the ones that were never issued included."""
    query = select(TASKS.c.stream).where(TASKS.c.stream == func.any(list(planned)), TASKS.c.own_stage == Stage.CONSOLIDATED)
    done = set((await connection.execute(query)).scalars())
    return tuple(stream for stream in planned if stream not in done)


STEPS = (SELF_SCORE, REVIEW_SCORE, CONSOLIDATE)  # In their order.


# Parts of the fold


def _standing(its: Task | Cycle) -> Stage | Phase:
    return its.stage if isinstance(its, Task) else its.phase


def _noted(card: Card, event: object) -> Card:
    match event:
        case ReportAccepted(late=True):
            return replace(card, late=card.late | {event.period})
        case ReportReturned():
            return replace(card, returned=card.returned + 1)
        case PreAssessmentRun():
            return replace(card, pre=event)
        case SelfScored():
            return replace(card, points={**card.points, "self": event.points})
        case ReviewScored():
            return replace(card, points={**card.points, "review": event.points})
        case TaskConsolidated():
            return replace(card, points={**card.points, "consolidated": event.points})
        case _:
            return card  # Says nothing the board shows beside the decider's own state.


def _task_row(stream: str, task: Task, card: Card) -> dict[str, Any]:
    issued, whom, debts = task.the, task.parties, of_task(task)
    definition, reports = issued.definition, task.reports.values()
    running, locked = first(debts, Phase.RUNNING), first(debts, Phase.LOCKED)
    points = card.points.get("consolidated")
    open_orders = [order.order for order in task.orders.values() if not order.closed]
    return {
        "stream": stream,
        "cycle": names.cycle_of(stream),
        "indicator": issued.indicator,
        "name": definition.name,
        "category": definition.category,
        "kind": definition.kind,
        "points": definition.points,
        "department": whom.lead,
        "responsible": whom.responsible,
        "deputy_leader": whom.deputy_leader,
        "reviewing": whom.reviewing,
        "providing": whom.providing,
        "system": issued.assignment.provider.system,
        "assisting": [department for department, _ in whom.assisting],
        "own_stage": task.stage,
        "entered_at": card.entered_at,
        "issued_at": card.issued_at,
        "deemed": task.deemed,
        **_awaited("running", running),
        "running_original": running.deadline.dates.original if running and running.deadline else None,
        "running_due": running.deadline.dates.current if running and running.deadline else None,
        "running_scoring": running.deadline.dates.scoring if running and running.deadline else None,
        "running_person": running.person if running else "",
        **_awaited("locked", locked),
        "overdue": dict(task.overdue),
        "overdue_level": max(task.overdue.values(), default=0),
        "late_reports": sum(report.late for report in reports),
        "returned_reports": card.returned,
        "missing_reports": sum(report.stage is ReportStage.MISSING for report in reports),
        "reports_opened": sum(report.stage is not ReportStage.NOT_OPEN for report in reports),
        "reports_accepted": sum(report.stage is ReportStage.ACCEPTED for report in reports),
        "reports_total": len(task.reports),
        "open_orders": len(open_orders),
        "orders": list(task.orders),
        "pre_period": card.pre.period if card.pre else "",
        "pre_percent": card.pre.percent if card.pre else None,
        "pre_points": card.pre.scored.points if card.pre else None,
        "self_points": card.points.get("self"),
        "review_points": card.points.get("review"),
        "consolidated_points": points,
        "contribution": None if points is None else contribution(definition, points),
        "version": card.version,
        "position": card.position,
    }


def _awaited(prefix: str, debt: Debt | None) -> dict[str, str]:
    return {
        f"{prefix}_key": debt.deadline_key if debt else "",
        f"{prefix}_command": debt.command if debt else "",
        f"{prefix}_relation": debt.relation if debt else "",
        f"{prefix}_department": debt.department if debt else "",
    }


def _cycle_row(stream: str, cycle: Cycle, card: Card) -> dict[str, Any]:
    opened, issued, locked = cycle.opened, cycle.issued, cycle.locked
    assert opened is not None
    return {
        "stream": stream,
        "cycle": names.cycle_of(stream),
        "name": opened.name,
        "year": opened.year,
        "scope": opened.scope,
        "starts": opened.starts,
        "ends": opened.ends,
        "calendar": opened.calendar,
        "calendar_version": opened.calendar_version,
        "phase": cycle.phase,
        "entered_at": card.entered_at,
        "planned": len(cycle.plan),
        "carrying_in": cycle.carrying_in,
        "demonstration": opened.demonstration,
        "document": issued.document if issued else "",
        "issuer": issued.issuer if issued else "",
        "issued_at": cycle.issued_at,
        "pre_assessments": [period for period, _ in cycle.pre_assessments],
        "locked_at": cycle.locked_at,
        "self_score_due": locked.self_score.current if locked else None,
        "review_score_due": locked.review_score.current if locked else None,
        "consolidate_due": locked.consolidate.current if locked else None,
        "notice_until": cycle.notice_until,
        "version": card.version,
        "position": card.position,
    }


# Parts of the queries


def _effective() -> Select[Any]:
    """Ask for each task with its stage and deadline as they are together with its cycle's phase [task.state.stage_of]."""
    phase = CYCLES.c.phase
    running, locked = phase == Phase.RUNNING, phase == Phase.LOCKED
    unscored = TASKS.c.own_stage.in_([Stage.ISSUED, Stage.ACCEPTED, Stage.IN_EXECUTION])
    stage = case(
        (locked & unscored, Stage.DATA_LOCKED.value),
        (phase.in_(list(OF_THE_CYCLE)), case(*((phase == its, stage.value) for its, stage in OF_THE_CYCLE.items()))),
        else_=TASKS.c.own_stage,
    )
    scoring = {
        SELF_SCORE: CYCLES.c.self_score_due,
        REVIEW_SCORE: CYCLES.c.review_score_due,
        CONSOLIDATE: CYCLES.c.consolidate_due,
    }
    shared = case(*((TASKS.c.locked_key == key, due) for key, due in scoring.items()))

    def by_phase(name: str, otherwise: Any = "") -> ColumnElement[Any]:
        return case((running, TASKS.c[f"running_{name}"]), (locked, TASKS.c[f"locked_{name}"]), else_=otherwise)

    def due(name: str) -> ColumnElement[Any]:
        return case((running, TASKS.c[f"running_{name}"]), (locked, shared), else_=null())

    return select(
        TASKS,
        phase.label("phase"),
        stage.label("stage"),
        by_phase("key").label("deadline_key"),
        by_phase("command").label("awaited"),
        by_phase("relation").label("relation"),
        by_phase("department").label("awaited_department"),
        case((running, TASKS.c.running_person), else_="").label("awaited_person"),
        due("original").label("due_original"),
        due("due").label("due"),
        due("scoring").label("due_scoring"),
    ).join(CYCLES, CYCLES.c.cycle == TASKS.c.cycle)


OF_THE_CYCLE = {
    Phase.APPROVED: Stage.APPROVED,
    Phase.PUBLICISED: Stage.PUBLICISED,
    Phase.FINAL: Stage.FINAL,
    Phase.ARCHIVED: Stage.ARCHIVED,
}


def _is_overdue(board: Any, now: datetime) -> ColumnElement[bool]:
    return or_(board.c.overdue_level > 0, func.coalesce(board.c.due < now, False))


def _conditions(board: Any, shown: Filter, now: datetime) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if shown.cycle:
        found.append(board.c.cycle == shown.cycle)
    if shown.departments:
        found.append(board.c.department.in_(shown.departments))
    if shown.stages:
        found.append(board.c.stage.in_(shown.stages))
    if shown.categories:
        found.append(board.c.category.in_(shown.categories))
    if shown.responsible:
        found.append(board.c.responsible == shown.responsible)
    if shown.overdue is not None:
        overdue = _is_overdue(board, now)
        found.append(overdue if shown.overdue else ~overdue)
    if shown.text:
        columns = board.c.name, board.c.category, board.c.indicator
        found.append(or_(*(column.icontains(shown.text, autoescape=True) for column in columns)))
    return found


def _sort_key(board: Any, sort: Sort) -> ColumnElement[Any]:
    """Give what to sort by; never null, so that a page can begin after any row."""
    match sort:
        case Sort.DUE:
            return func.coalesce(board.c.due, literal_column("'infinity'::timestamptz"))
        case Sort.STAGE:
            return func.array_position(cast([stage.value for stage in Stage], ARRAY(Text)), board.c.stage)
        case Sort.OVERDUE:
            return cast(-board.c.overdue_level, Integer)
        case _:
            column: ColumnElement[Any] = board.c[sort.value]
            return column


def _board_task(row: Mapping[Any, Any]) -> BoardTask:
    own = {name: row[name] for name in _OWN}
    return BoardTask(
        **own,
        stage=Stage(row["stage"]),
        own_stage=Stage(row["own_stage"]),
        phase=Phase(row["phase"]),
        assisting=tuple(row["assisting"]),
        orders=tuple(row["orders"]),
        due=Dues(original=row["due_original"], current=row["due"], scoring=row["due_scoring"]),
    )


_OWN = [
    name for name in BoardTask.__dataclass_fields__ if name not in {"stage", "own_stage", "phase", "assisting", "orders", "due"}
]


def _board_cycle(row: Mapping[Any, Any]) -> BoardCycle:
    return BoardCycle(**{**row, "phase": Phase(row["phase"]), "pre_assessments": tuple(row["pre_assessments"])})
