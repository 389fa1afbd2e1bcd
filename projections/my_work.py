"""My work: everything a person owes or may do now, by deadline.

A row is one debt of one stream. Whether it is owed in the cycle's present phase, and who stands in its relation today, is joined when
somebody asks, so that neither a phase nor an appointment changes a thousand rows.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
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
    and_,
    case,
    false,
    func,
    or_,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

from domain import names
from domain.authority import MAY, Hands, Parties, holders, relations
from domain.cycle import CONSOLIDATE, CYCLE, REVIEW_SCORE, SELF_SCORE, Cycle, Phase
from domain.decider import Decider
from domain.order import ORDER, Order
from domain.organisation import Organisation, Role
from domain.policy import Duties, Duty, Relation
from domain.task import TASK
from domain.task.state import Task
from projections.debts import Debt, of_cycle, of_order, of_task
from projections.model import METADATA, Happened, ReadModel, Row

Instant = DateTime(timezone=True)

DEBTS = Table(
    "my_work",
    METADATA,
    Column("stream", Text, primary_key=True),
    Column("command", Text, primary_key=True),
    Column("period", Text, primary_key=True),
    Column("department", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("cycle", Text, nullable=False),
    Column("task", Text, nullable=False),  # The task's stream it concerns; empty: the whole cycle.
    Column("phase", Text, nullable=False),  # The cycle's phase in which it is owed; empty: any.
    Column("relation", Text, nullable=False),
    Column("person", Text, nullable=False),
    Column("lead", Text, nullable=False),
    Column("responsible", Text, nullable=False),
    Column("deputy_leader", Text, nullable=False),
    Column("providing", Text, nullable=False),
    Column("reviewing", Text, nullable=False),
    Column("since", Instant, nullable=False),
    Column("deadline_key", Text, nullable=False),
    Column("deadline_number", Integer, nullable=False),
    Column("due_original", Instant),
    Column("due", Instant),
    Column("due_scoring", Instant),
    Column("overdue_level", Integer, nullable=False),
    Column("fired", ARRAY(Text), nullable=False),  # The rungs of its deadline that were climbed.
    Column("duty", Text, nullable=False),
    Column("hands", JSONB, nullable=False),  # Persons by duty.
    Column("opens", Date),
    Column("matter", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
    Index("by_lead", "lead"),
    Index("by_person", "person"),
)
SUBJECTS = Table(
    "my_work_subject",
    METADATA,
    Column("stream", Text, primary_key=True),
    Column("cycle", Text, nullable=False),
    Column("indicator", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("category", Text, nullable=False),
    Column("points", Numeric, nullable=False),
    Index("by_cycle", "cycle"),
)
CYCLES = Table(
    "my_work_cycle",
    METADATA,
    Column("stream", Text, primary_key=True),
    Column("cycle", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("phase", Text, nullable=False),
    Column("planned", Integer, nullable=False),
    Column("locked_at", Instant),
    Column("self_score_due", Instant),
    Column("review_score_due", Instant),
    Column("consolidate_due", Instant),
    Index("by_cycle", "cycle"),
)


# Fold


@dataclass(frozen=True, kw_only=True)
class Owing:
    """A stream as its decider folds it, and since when each of its debts is owed."""

    its: Task | Cycle | Order | None = None
    since: Mapping[tuple[str, str, str], datetime] = field(default_factory=dict)
    version: int = 0


DECIDERS: Mapping[str, Decider] = {"task": TASK, "cycle": CYCLE, "order": ORDER}


def evolve(owing: Owing, happened: Happened) -> Owing:
    """Fold one event; a debt that was there before keeps the instant it began."""
    decider = DECIDERS[names.kind(happened.stream)]
    before = decider.initial if owing.its is None else owing.its
    its = decider.evolve(before, happened.event, happened.asked)
    since = {debt.key: owing.since.get(debt.key, happened.at) for debt in debts_of(its)}
    return replace(owing, its=its, since=since, version=happened.recorded.version)


def debts_of(its: Task | Cycle | Order) -> tuple[Debt, ...]:
    """Give what is owed on a stream in a state."""
    match its:
        case Task():
            return of_task(its)
        case Order():
            return of_order(its)
        case Cycle():
            return of_cycle(its)


def rows(stream: str, owing: Owing) -> list[Row]:
    """Give a stream's debts, and what they are about."""
    its = owing.its
    if its is None:
        return []
    found: list[Row] = [(DEBTS, _row(stream, its, debt, owing)) for debt in debts_of(its)]
    if isinstance(its, Task) and its.issued is not None:
        definition = its.issued.definition
        subject = {"cycle": names.cycle_of(stream), "indicator": its.issued.indicator, "name": definition.name}
        found.append((SUBJECTS, {"stream": stream, **subject, "category": definition.category, "points": definition.points}))
    if isinstance(its, Cycle) and its.opened is not None:
        found.append((CYCLES, _cycle_row(stream, its)))
    return found


MY_WORK = ReadModel(
    name="my_work",
    fold=1,
    tables=(DEBTS, SUBJECTS, CYCLES),
    kinds=frozenset(DECIDERS),
    initial=Owing(),
    evolve=evolve,
    rows=rows,
)


# Queries


@dataclass(frozen=True, kw_only=True)
class Work:
    """One debt as people see it. ``mine``: a reminder of it goes to the person asked for; else they merely may do it.

    ``due`` is the current due instant (None: none), ``since`` when it began to be owed. ``name`` is the indicator's or the cycle's;
    ``matter`` what an order is about. ``hands`` says who did the other duties on it.
    """

    stream: str
    command: str
    period: str
    kind: str
    cycle: str
    cycle_name: str
    task: str
    indicator: str
    name: str
    category: str
    points: Decimal
    matter: str
    relation: Relation
    department: str
    person: str
    parties: Parties
    since: datetime
    deadline_key: str
    deadline_number: int
    due_original: datetime | None
    due: datetime | None
    due_scoring: datetime | None
    overdue_level: int
    fired: frozenset[str]
    duty: Duty | None
    hands: Hands
    version: int
    mine: bool = True

    def owners(self, organisation: Organisation, on: date) -> tuple[str, ...]:
        """Give the persons who owe it on a day."""
        if self.person:
            return (self.person,)
        owners = holders(self.relation, self.parties, organisation, on)
        if self.relation is Relation.OFFICE:
            return owners or holders(Relation.OFFICE_HEAD, self.parties, organisation, on)
        return owners


async def for_person(
    connection: AsyncConnection,
    person: str,
    organisation: Organisation,
    on: date,
    *,
    duties: Duties | None = None,
    cycle: str = "",
) -> list[Work]:
    """Give everything a person owes or may do on a day, what is theirs first, by deadline.

    Left out is what is not open yet, and what they may not do because they did another duty on the same matter (``duties``).
    """
    query = _owed(on).where(or_(false(), *_commands_open_to(person, organisation, on)))
    if cycle:
        query = query.where(DEBTS.c.cycle == cycle)
    found = [_work(row) for row in (await connection.execute(query)).mappings()]
    apart = (duties or Duties()).apart
    mine = [
        replace(work, mine=person in work.owners(organisation, on))
        for work in found
        if relations(person, work.parties, organisation, on) & MAY[work.command] and not _same_hands(work, person, apart)
    ]
    return sorted(mine, key=lambda work: (not work.mine, work.due is None, work.due or work.since, work.stream, work.command))


async def everything(connection: AsyncConnection, on: date, *, cycle: str = "", stream: str = "") -> list[Work]:
    """Give everything that is owed on a day by anybody, the longest owed first."""
    query = _owed(on)
    if cycle:
        query = query.where(DEBTS.c.cycle == cycle)
    if stream:
        query = query.where(or_(DEBTS.c.stream == stream, DEBTS.c.task == stream))
    return sorted(
        (_work(row) for row in (await connection.execute(query)).mappings()),
        key=lambda work: (work.since, work.stream, work.command),
    )


# Parts of the fold


def _row(stream: str, its: Task | Cycle | Order, debt: Debt, owing: Owing) -> dict[str, Any]:
    dates = debt.deadline.dates if debt.deadline else None
    number = debt.deadline.number if debt.deadline else 1
    whom = _parties(its)
    fired = f"{debt.deadline_key}/{number}/"
    return {
        "stream": stream,
        "command": debt.command,
        "period": debt.period,
        "department": debt.department,
        "kind": names.kind(stream),
        "cycle": names.cycle_of(stream),
        "task": _task_of(stream, its),
        "phase": debt.phase or "",
        "relation": debt.relation,
        "person": debt.person,
        "lead": whom.lead,
        "responsible": whom.responsible,
        "deputy_leader": whom.deputy_leader,
        "providing": whom.providing,
        "reviewing": whom.reviewing,
        "since": owing.since[debt.key],
        "deadline_key": debt.deadline_key,
        "deadline_number": number,
        "due_original": dates.original if dates else None,
        "due": dates.current if dates else None,
        "due_scoring": dates.scoring if dates else None,
        "overdue_level": _level(its, debt),
        "fired": sorted(key for key in its.fired if debt.deadline_key and key.startswith(fired)),
        "duty": debt.duty or "",
        "hands": {duty.value: sorted(persons) for duty, persons in sorted(debt.hands.items())},
        "opens": debt.opens,
        "matter": its.registered.matter if isinstance(its, Order) and its.registered else "",
        "version": owing.version,
    }


def _cycle_row(stream: str, cycle: Cycle) -> dict[str, Any]:
    assert cycle.opened is not None
    locked = cycle.locked
    return {
        "stream": stream,
        "cycle": names.cycle_of(stream),
        "name": cycle.opened.name,
        "phase": cycle.phase,
        "planned": len(cycle.plan),
        "locked_at": cycle.locked_at,
        "self_score_due": locked.self_score.current if locked else None,
        "review_score_due": locked.review_score.current if locked else None,
        "consolidate_due": locked.consolidate.current if locked else None,
    }


def _parties(its: Task | Cycle | Order) -> Parties:
    match its:
        case Task():
            return its.parties
        case Order(registered=registered) if registered is not None:
            return Parties(lead=registered.lead, responsible=registered.responsible, deputy_leader=registered.deputy_leader)
        case _:
            return Parties()  # A cycle concerns the whole company.


def _task_of(stream: str, its: Task | Cycle | Order) -> str:
    match its:
        case Task():
            return stream
        case Order(registered=registered) if registered is not None:
            return registered.task
        case _:
            return ""


def _level(its: Task | Cycle | Order, debt: Debt) -> int:
    match its:
        case Task():
            return its.overdue.get(debt.deadline_key, 0)
        case Order():
            return its.level
        case _:
            return 0


# Parts of the queries


def _owed(on: date) -> Select[Any]:
    """Ask for the debts that are owed in their cycles' present phases, with the deadlines scoring shares."""
    shared = case(
        (DEBTS.c.deadline_key == SELF_SCORE, CYCLES.c.self_score_due),
        (DEBTS.c.deadline_key == REVIEW_SCORE, CYCLES.c.review_score_due),
        (DEBTS.c.deadline_key == CONSOLIDATE, CYCLES.c.consolidate_due),
    )
    in_scoring = DEBTS.c.phase == Phase.LOCKED
    scored = (
        select(func.count())
        .select_from(other := DEBTS.alias("other"))
        .where(other.c.cycle == DEBTS.c.cycle, other.c.phase == Phase.LOCKED)
    )
    issued = select(func.count()).select_from(every := SUBJECTS.alias("every")).where(every.c.cycle == DEBTS.c.cycle)
    all_consolidated = and_(scored.scalar_subquery() == 0, issued.scalar_subquery() >= CYCLES.c.planned)
    return (
        select(
            DEBTS,
            SUBJECTS.c.indicator,
            func.coalesce(SUBJECTS.c.name, CYCLES.c.name).label("name"),
            func.coalesce(SUBJECTS.c.category, "").label("category"),
            func.coalesce(SUBJECTS.c.points, 0).label("points"),
            CYCLES.c.name.label("cycle_name"),
            case((in_scoring, func.greatest(DEBTS.c.since, CYCLES.c.locked_at)), else_=DEBTS.c.since).label("owed_since"),
            func.coalesce(DEBTS.c.due, shared).label("due_now"),
            func.coalesce(DEBTS.c.due_original, shared).label("due_first"),
            func.coalesce(DEBTS.c.due_scoring, shared).label("due_scored"),
        )
        .join(CYCLES, CYCLES.c.cycle == DEBTS.c.cycle)
        .outerjoin(SUBJECTS, SUBJECTS.c.stream == DEBTS.c.task)
        .where(or_(DEBTS.c.phase == "", DEBTS.c.phase == CYCLES.c.phase))
        .where(or_(DEBTS.c.opens.is_(None), DEBTS.c.opens <= on))
        .where(or_(DEBTS.c.command != "ApproveResults", all_consolidated))
    )


def _commands_open_to(person: str, organisation: Organisation, on: date) -> Iterable[ColumnElement[bool]]:
    """Say for each command which debts a person's posts open to them: wide enough to miss none, ``relations`` has the last word."""
    posts = organisation.posts_of(person, on)
    own = sorted({post.department for post in posts})
    headed = sorted({post.department for post in posts if Role.HEAD in post.roles})
    liaised = sorted(department for department in organisation.departments if person in organisation.liaisons_of(department, on))
    everywhere = relations(person, Parties(), organisation, on)
    by_relation: Mapping[Relation, ColumnElement[bool]] = {
        Relation.LEAD_HEAD: DEBTS.c.lead.in_(headed),
        Relation.LEAD_LIAISON: DEBTS.c.lead.in_(liaised),
        Relation.RESPONSIBLE: DEBTS.c.responsible == person,
        Relation.ASSISTING: DEBTS.c.person == person,
        Relation.PROVIDER: DEBTS.c.providing.in_(own),
        Relation.PROVIDER_HEAD: DEBTS.c.providing.in_(headed),
        Relation.REVIEWER: DEBTS.c.reviewing.in_(own),
    }
    for command, entitled in MAY.items():
        ways = [true() if relation in everywhere else by_relation.get(relation, false()) for relation in entitled]
        yield and_(DEBTS.c.command == command, or_(false(), *ways))


def _same_hands(work: Work, person: str, apart: Iterable[tuple[Duty, Duty]]) -> bool:
    if work.duty is None:
        return False
    others = {other for one, other in apart if one is work.duty} | {one for one, other in apart if other is work.duty}
    return any(person in work.hands.get(duty, frozenset()) for duty in others)


def _work(row: Mapping[Any, Any]) -> Work:
    assisting = ((row["department"], row["person"]),) if row["relation"] == Relation.ASSISTING else ()
    parties = Parties(
        lead=row["lead"],
        responsible=row["responsible"],
        deputy_leader=row["deputy_leader"],
        reviewing=row["reviewing"],
        providing=row["providing"],
        assisting=assisting,
    )
    return Work(
        stream=row["stream"],
        command=row["command"],
        period=row["period"],
        kind=row["kind"],
        cycle=row["cycle"],
        cycle_name=row["cycle_name"],
        task=row["task"],
        indicator=row["indicator"] or "",
        name=row["name"],
        category=row["category"],
        points=row["points"],
        matter=row["matter"],
        relation=Relation(row["relation"]),
        department=row["department"],
        person=row["person"],
        parties=parties,
        since=row["owed_since"],
        deadline_key=row["deadline_key"],
        deadline_number=row["deadline_number"],
        due_original=row["due_first"],
        due=row["due_now"],
        due_scoring=row["due_scored"],
        overdue_level=row["overdue_level"],
        fired=frozenset(row["fired"]),
        duty=Duty(row["duty"]) if row["duty"] else None,
        hands={Duty(duty): frozenset(persons) for duty, persons in row["hands"].items()},
        version=row["version"],
    )
