"""The scoreboard: what each task brings to the departments' totals, line by line, provisional and final apart.

A task's score counts for its lead and its assisting departments by their shares. Bonuses are added to the total, gates and vetoes do
not: a gate that was missed or a red line that was touched limits it. Departments may be ranked when somebody asks; persons never.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from sqlalchemy import Boolean, Column, Index, Integer, Numeric, Table, Text, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

from domain import names
from domain.authority import Parties, relations
from domain.indicator import Definition, IndicatorKind
from domain.organisation import Organisation
from domain.policy import Visibility
from domain.scoring import Scored
from domain.scoring.gate import Gate
from domain.scoring.veto import Veto
from domain.scoring.working import Line, text
from domain.task import TASK
from domain.task.evaluation import contribution
from domain.task.facts import PreAssessmentRun, ReviewScored, SelfScored, TaskConsolidated
from domain.task.state import Stage, Task
from projections.model import METADATA, Happened, ReadModel, Row

Which = Literal["provisional", "final"]

CREDITS = Table(
    "scoreboard_credit",
    METADATA,
    Column("stream", Text, primary_key=True),
    Column("department", Text, primary_key=True),
    Column("cycle", Text, nullable=False),
    Column("part", Text, nullable=False),  # lead or assisting.
    Column("share", Numeric, nullable=False),  # Per cent.
    Index("by_cycle", "cycle", "department"),
)
SCORES = Table(
    "scoreboard_score",
    METADATA,
    Column("stream", Text, primary_key=True),
    Column("which", Text, primary_key=True),  # provisional or final.
    Column("cycle", Text, nullable=False),
    Column("period", Text, nullable=False),  # Of the pre-assessment.
    Column("points", Numeric),  # On the score's own scale; null: nothing to score yet.
    Column("full", Numeric, nullable=False),  # The full mark on that scale.
    Column("percent", Numeric),
    Column("contribution", Numeric),  # To the total, before shares.
    Column("verdict", Text, nullable=False),
    Column("self_points", Numeric),
    Column("review_points", Numeric),
    Column("adjusted", Boolean, nullable=False),
    Column("lines", JSONB, nullable=False),  # The working; amounts are strings.
    Index("by_cycle", "cycle", "which"),
)
TASKS = Table(
    "scoreboard_task",
    METADATA,
    Column("stream", Text, primary_key=True),
    Column("cycle", Text, nullable=False),
    Column("indicator", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("category", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("points", Numeric, nullable=False),
    Column("definition_version", Integer, nullable=False),
    Column("own_stage", Text, nullable=False),
    Column("limits", JSONB, nullable=False),  # What a gate or veto does to the total, by verdict.
    Index("by_cycle", "cycle"),
)


# Fold


@dataclass(frozen=True, kw_only=True)
class Scores:
    """A task as its decider folds it, and what was scored."""

    task: Task = field(default_factory=Task)
    pre: PreAssessmentRun | None = None
    self_scored: SelfScored | None = None
    review: ReviewScored | None = None
    consolidated: TaskConsolidated | None = None


def evolve(scores: Scores, happened: Happened) -> Scores:
    """Fold one event."""
    moved = replace(scores, task=TASK.evolve(scores.task, happened.event, happened.asked))
    match happened.event:
        case PreAssessmentRun() as event:
            return replace(moved, pre=event)
        case SelfScored() as event:
            return replace(moved, self_scored=event)
        case ReviewScored() as event:
            return replace(moved, review=event)
        case TaskConsolidated() as event:
            return replace(moved, consolidated=event)
        case _:
            return moved  # Scores nothing.


def rows(stream: str, scores: Scores) -> list[Row]:
    """Give the task, whom it counts for, and its scores."""
    task = scores.task
    if task.issued is None:
        return []
    cycle, definition = names.cycle_of(stream), task.issued.definition
    its = {
        "stream": stream,
        "cycle": cycle,
        "indicator": task.issued.indicator,
        "name": definition.name,
        "category": definition.category,
        "kind": definition.kind,
        "points": definition.points,
        "definition_version": task.issued.definition_version,
        "own_stage": task.stage,
        "limits": _limits(definition),
    }
    found: list[Row] = [(TASKS, its), *((CREDITS, credit) for credit in _credits(stream, cycle, task))]
    if scores.pre is not None:
        found.append((SCORES, _provisional(stream, cycle, definition, scores.pre)))
    if scores.self_scored is not None:
        found.append((SCORES, _final(stream, cycle, definition, scores)))
    return found


SCOREBOARD = ReadModel(
    name="scoreboard",
    fold=1,
    tables=(TASKS, CREDITS, SCORES),
    kinds=frozenset({"task"}),
    initial=Scores(),
    evolve=evolve,
    rows=rows,
)


# Queries


@dataclass(frozen=True, kw_only=True)
class Entry:
    """What one task brings to one department. ``contribution`` is after the share, ``worth`` the points it could bring by it.

    ``points`` and ``full`` are on the score's own scale. ``settled`` is true when the office has consolidated it.
    """

    stream: str
    indicator: str
    name: str
    category: str
    kind: IndicatorKind
    part: Literal["lead", "assisting"]
    share: Decimal
    worth: Decimal
    period: str
    points: Decimal | None
    full: Decimal
    percent: Decimal | None
    contribution: Decimal | None
    verdict: str
    self_points: Decimal | None
    review_points: Decimal | None
    adjusted: bool
    settled: bool
    lines: tuple[Line, ...]


@dataclass(frozen=True, kw_only=True)
class Standing:
    """A department's total. ``full`` is what the regular indicators are worth, ``scored`` of it what is scored so far.

    ``working`` shows how the total came about, the last line is the total. ``settled`` counts the consolidated tasks of ``tasks``.
    """

    department: str
    which: Which
    total: Decimal
    full: Decimal
    scored: Decimal
    bonus: Decimal
    tasks: int
    settled: int
    verdicts: tuple[str, ...]
    entries: tuple[Entry, ...]
    working: tuple[Line, ...]


@dataclass(frozen=True, kw_only=True)
class Ranked:
    """A department's place by its total; equal totals share a place, and the next one is left out."""

    place: int
    standing: Standing


def may_see_provisional(person: str, organisation: Organisation, policy: Visibility, department: str, on: date) -> bool:
    """Say whether a person may see a department's provisional scores on a day."""
    held = relations(person, Parties(lead=department), organisation, on)
    if held & set(policy.provisional):
        return True
    return policy.own_department and department in {post.department for post in organisation.posts_of(person, on)}


async def standings(connection: AsyncConnection, cycle: str, which: Which, department: str = "") -> list[Standing]:
    """Give the totals of a cycle's departments (or of one), by department. Provisional ones only to whom ``may_see_provisional``."""
    query = (
        select(TASKS, CREDITS.c.department, CREDITS.c.part, CREDITS.c.share, *_SCORE)
        .join(CREDITS, CREDITS.c.stream == TASKS.c.stream)
        .outerjoin(SCORES, (SCORES.c.stream == TASKS.c.stream) & (SCORES.c.which == which))
        .where(TASKS.c.cycle == cycle)
        .order_by(CREDITS.c.department, TASKS.c.category, TASKS.c.indicator, TASKS.c.stream)
    )
    if department:
        query = query.where(CREDITS.c.department == department)
    rows = (await connection.execute(query)).mappings().all()
    by_department: dict[str, list[tuple[Entry, Mapping[str, Any]]]] = {}
    for row in rows:
        by_department.setdefault(row["department"], []).append((_entry(row), row["limits"]))
    return [standing(department, which, entries) for department, entries in by_department.items()]


def rank(standings: Iterable[Standing]) -> list[Ranked]:
    """Rank departments by their totals, the highest first."""
    ordered = sorted(standings, key=lambda one: (-one.total, one.department))
    return [Ranked(place=1 + sum(other.total > one.total for other in ordered), standing=one) for one in ordered]


def standing(department: str, which: Which, entries: Sequence[tuple[Entry, Mapping[str, Any]]]) -> Standing:
    """Add up a department's total, with its working. The second of each pair says what its verdicts do to the total."""
    regular = [entry for entry, _ in entries if entry.kind in REGULAR]
    bonuses = [entry for entry, _ in entries if entry.kind is IndicatorKind.BONUS]
    lines: list[Line] = []
    scored = Decimal(0)
    for category in dict.fromkeys(entry.category for entry in regular):
        its = [entry for entry in regular if entry.category == category]
        given = [entry.contribution for entry in its if entry.contribution is not None]
        subtotal = sum(given, Decimal(0))
        scored += sum((entry.worth for entry in its if entry.contribution is not None), Decimal(0))
        missing = len(its) - len(given)
        note = f"{missing} 项尚未评分" if missing else ""
        lines.append(Line(label=category or "指标", formula=_sum(given), amount=subtotal, note=note))
    base = sum((line.amount or Decimal(0) for line in lines), Decimal(0))
    bonus = sum((entry.contribution for entry in bonuses if entry.contribution is not None), Decimal(0))
    if bonuses:
        lines.append(
            Line(label="加分", formula=_sum([e.contribution for e in bonuses if e.contribution is not None]), amount=bonus)
        )
    total = base + bonus
    lines.append(Line(label="合计", formula=f"{text(base)} + {text(bonus)}" if bonuses else text(base), amount=total))
    verdicts: list[str] = []
    for entry, limits in entries:
        if entry.kind not in LIMITING:
            continue
        if entry.verdict:
            verdicts.append(f"{entry.name}：{entry.verdict}")
        total, line = _limited(total, entry, limits)
        lines.append(line)
    if any(entry.kind in LIMITING for entry, _ in entries):
        lines.append(Line(label="总分", formula=text(total), amount=total))
    return Standing(
        department=department,
        which=which,
        total=total,
        full=sum((entry.worth for entry in regular), Decimal(0)),
        scored=scored,
        bonus=bonus,
        tasks=len(entries),
        settled=sum(entry.settled for entry, _ in entries),
        verdicts=tuple(verdicts),
        entries=tuple(entry for entry, _ in entries),
        working=tuple(lines),
    )


REGULAR = frozenset({IndicatorKind.QUANTITATIVE, IndicatorKind.QUALITATIVE})
LIMITING = frozenset({IndicatorKind.GATE, IndicatorKind.VETO})


# Parts of the fold


def _limits(definition: Definition) -> dict[str, dict[str, str]]:
    """Give what each verdict of a gate or veto does to the total: ``cap`` it (text), or make it ``zero``."""
    match definition.rule:
        case Veto(red_lines=red_lines):
            return {
                red.verdict or red.label or "触发红线": {"zero": "yes"} if red.zero else {"cap": str(red.cap)}
                for red in red_lines
                if red.zero or red.cap is not None
            }
        case Gate(fail_verdict=verdict, fail_points=points) if points is not None:
            return {verdict: {"cap": str(points)}}
        case _:
            return {}


def _credits(stream: str, cycle: str, task: Task) -> Iterable[dict[str, Any]]:
    its = task.the.assignment
    shares = {its.lead: ("lead", its.share)}
    for helper in its.assisting:
        part, share = shares.get(helper.department, ("assisting", Decimal(0)))
        shares[helper.department] = (part, share + helper.share)
    for department, (part, share) in shares.items():
        yield {"stream": stream, "department": department, "cycle": cycle, "part": part, "share": share}


def _provisional(stream: str, cycle: str, definition: Definition, run: PreAssessmentRun) -> dict[str, Any]:
    return _score_row(stream, "provisional", cycle, definition, scored=run.scored, points=run.scored.points) | {
        "period": run.period,
        "percent": run.percent,
    }


def _final(stream: str, cycle: str, definition: Definition, scores: Scores) -> dict[str, Any]:
    """Give the score as it stands: the last one given by whoever scored last, its working from the last computation."""
    latest = scores.review or scores.self_scored
    assert latest is not None
    done = scores.consolidated
    row = _score_row(stream, "final", cycle, definition, scored=latest.computed, points=done.points if done else latest.points)
    lines = [*row["lines"], *(_plain(line) for line in _by_hand(scores, latest.computed.points))]
    return row | {
        "self_points": scores.self_scored.points if scores.self_scored else None,
        "review_points": scores.review.points if scores.review else None,
        "adjusted": bool(done and done.adjustment),
        "lines": lines,
    }


def _by_hand(scores: Scores, computed: Decimal | None) -> Iterable[Line]:
    """Give the lines of the working that persons added to the computed score."""
    own, review, done = scores.self_scored, scores.review, scores.consolidated
    if own is not None and own.points != own.computed.points:
        yield Line(label="自评", formula=own.ground, amount=own.points)
    if review is not None and review.points != computed:
        yield Line(label="考评", formula=review.ground, amount=review.points)
    if done is not None and done.adjustment is not None:
        change = done.adjustment
        formula = f"{text(change.before)} 调整为 {text(change.after)}"
        yield Line(label="绩效办调整", formula=formula, amount=change.after, note=change.reason)


def _score_row(
    stream: str, which: Which, cycle: str, definition: Definition, *, scored: Scored, points: Decimal | None
) -> dict[str, Any]:
    full = definition.scale if definition.scale is not None else definition.points
    return {
        "stream": stream,
        "which": which,
        "cycle": cycle,
        "period": "",
        "points": points,
        "full": full,
        "percent": None if points is None or not full else (points / full * 100).quantize(TENTH),
        "contribution": None if points is None else contribution(definition, points),
        "verdict": scored.verdict or "",
        "self_points": None,
        "review_points": None,
        "adjusted": False,
        "lines": [_plain(line) for line in scored.lines],
    }


TENTH = Decimal("0.1")  # Per cent are shown to a tenth.


def _plain(line: Line) -> dict[str, str | None]:
    return {
        "label": line.label,
        "formula": line.formula,
        "amount": None if line.amount is None else str(line.amount),
        "note": line.note,
    }


# Parts of the queries

_SCORE = [column.label(f"score_{column.name}") for column in SCORES.columns if column.name not in {"stream", "which", "cycle"}]


def _entry(row: Mapping[Any, Any]) -> Entry:
    share: Decimal = row["share"]
    brought = row["score_contribution"]
    return Entry(
        stream=row["stream"],
        indicator=row["indicator"],
        name=row["name"],
        category=row["category"],
        kind=IndicatorKind(row["kind"]),
        part=row["part"],
        share=share,
        worth=row["points"] * share / 100,
        period=row["score_period"] or "",
        points=row["score_points"],
        full=row["score_full"] if row["score_full"] is not None else row["points"],
        percent=row["score_percent"],
        contribution=None if brought is None else brought * share / 100,
        verdict=row["score_verdict"] or "",
        self_points=row["score_self_points"],
        review_points=row["score_review_points"],
        adjusted=bool(row["score_adjusted"]),
        settled=row["own_stage"] == Stage.CONSOLIDATED,
        lines=tuple(_line(line) for line in row["score_lines"] or ()),
    )


def _line(plain: Mapping[str, str | None]) -> Line:
    amount = plain["amount"]
    return Line(
        label=plain["label"] or "",
        formula=plain["formula"] or "",
        amount=None if amount is None else Decimal(amount),
        note=plain["note"] or "",
    )


def _limited(total: Decimal, entry: Entry, limits: Mapping[str, Mapping[str, str]]) -> tuple[Decimal, Line]:
    """Apply what a gate's or a veto's verdict does to the total."""
    limit = limits.get(entry.verdict)
    if limit is None:
        return total, Line(label=entry.name, formula=entry.verdict or "未评", amount=total)
    if "zero" in limit:
        return Decimal(0), Line(label=entry.name, formula=f"{entry.verdict}，总分归零", amount=Decimal(0))
    cap = Decimal(limit["cap"])
    return min(total, cap), Line(label=entry.name, formula=f"{entry.verdict}，总分最高 {text(cap)} 分", amount=min(total, cap))


def _sum(given: Sequence[Decimal]) -> str:
    return " + ".join(text(one) for one in given) or "0"
