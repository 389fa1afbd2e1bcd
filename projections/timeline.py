"""The timeline: everything that happened, refusals included, one sentence each.

The sentences are made from the event when it is folded; names of persons and departments are put in when somebody reads.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Boolean, Column, DateTime, Index, Select, Table, Text, Uuid, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection

from domain import DECIDERS, names
from domain.calendars import CalendarPublished
from domain.cycle import CycleOpened
from domain.decider import SYSTEM, SourceKind
from domain.indicator import IndicatorPublished
from domain.task.facts import TaskIssued
from projections.labels import Label, Language
from projections.model import METADATA, Happened, ReadModel, Row
from projections.sentences import Names, persons_in, resolve, sentence

Instant = DateTime(timezone=True)
PAGE = 50

LINES = Table(
    "timeline",
    METADATA,
    Column("position", BigInteger, primary_key=True),
    Column("stream", Text, nullable=False),
    Column("about", Text, nullable=False),  # The stream it concerns: of a refusal, the one that was asked.
    Column("version", BigInteger, nullable=False),
    Column("cycle", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("refused", Boolean, nullable=False),
    Column("at", Instant, nullable=False),  # The receipt at the door, or when a timer was due.
    Column("occurred_at", Instant, nullable=False),  # When it was so in the world.
    Column("recorded_at", Instant, nullable=False),
    Column("person", Text, nullable=False),
    Column("post", Text, nullable=False),
    Column("department", Text, nullable=False),
    Column("on_behalf_of", Text, nullable=False),
    Column("authorisation", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("place", Text, nullable=False),
    Column("command_id", Uuid, nullable=False),
    Column("batch", Uuid),
    Column("zh", Text, nullable=False),
    Column("en", Text, nullable=False),
    Column("persons", ARRAY(Text), nullable=False),  # Whom it names: who acted, for whom, and who was told.
    Index("by_stream", "about", "position"),
    Index("by_cycle", "cycle", "position"),
    Index("by_person", "persons", postgresql_using="gin"),
    Index("by_department", "department", "position"),
)


# Fold


@dataclass(frozen=True, kw_only=True)
class Subject:
    """What a stream is called in its own lines."""

    name: str = ""


def evolve(subject: Subject, happened: Happened) -> Subject:
    """Take the name from the event that gives it."""
    match happened.event:
        case TaskIssued(definition=definition) | IndicatorPublished(definition=definition):
            return replace(subject, name=definition.name)
        case CycleOpened(name=name):
            return replace(subject, name=name)
        case CalendarPublished(calendar=calendar):
            return replace(subject, name=calendar.region)
        case _:
            return subject  # Says nothing about what the stream is called.


def added(subject: Subject, happened: Happened) -> list[Row]:
    """Add one line for each event."""
    recorded, asked = happened.recorded, happened.asked
    told = sentence(happened.event, asked)
    about = recorded.stream.removeprefix("refusal/")
    persons = {asked.by.person, asked.on_behalf_of, *persons_in(told.zh)} - {"", SYSTEM.person}
    row = {
        "position": recorded.position,
        "stream": recorded.stream,
        "about": about,
        "version": recorded.version,
        "cycle": names.cycle_of(about),
        "subject": subject.name,
        "type": recorded.type,
        "refused": about != recorded.stream,
        "at": asked.at,
        "occurred_at": recorded.occurred_at,
        "recorded_at": recorded.recorded_at,
        "person": asked.by.person,
        "post": asked.by.post,
        "department": asked.by.department,
        "on_behalf_of": asked.on_behalf_of,
        "authorisation": asked.authorisation,
        "reason": asked.reason,
        "source": asked.source.kind,
        "place": asked.source.place,
        "command_id": asked.id,
        "batch": asked.batch,
        "zh": told.zh,
        "en": told.en,
        "persons": sorted(persons),
    }
    return [(LINES, row)]


TIMELINE = ReadModel(
    name="timeline",
    fold=1,
    tables=(LINES,),
    kinds=frozenset(decider.name for decider in DECIDERS),
    initial=Subject(),
    evolve=evolve,
    added=added,
)


# Queries


@dataclass(frozen=True, kw_only=True)
class Line:
    """One thing that happened. ``sentence`` has marks for names; ``told`` puts them in."""

    position: int
    stream: str
    about: str
    version: int
    cycle: str
    subject: str
    type: str
    refused: bool
    at: datetime
    occurred_at: datetime
    recorded_at: datetime
    person: str
    post: str
    department: str
    on_behalf_of: str
    authorisation: str
    reason: str
    source: SourceKind
    place: str
    command_id: UUID
    batch: UUID | None
    sentence: Label
    persons: tuple[str, ...]

    def told(self, names: Names, language: Language = "zh") -> str:
        """Give the sentence with names."""
        return resolve(self.sentence.of(language), names, language)


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which lines to give. Empty: no restriction. ``stream`` takes an order's or a task's; ``with_orders`` a task's orders, too."""

    stream: str = ""
    with_orders: bool = False
    cycle: str = ""
    person: str = ""
    department: str = ""
    types: tuple[str, ...] = ()
    refusals: bool = True


async def lines(
    connection: AsyncConnection,
    wanted: Wanted | None = None,
    *,
    before: int | None = None,
    after: int | None = None,
    limit: int = PAGE,
) -> list[Line]:
    """Give lines, the newest first; with ``after`` those above a position, the oldest first. Positions are the pages' coordinates."""
    query = _wanted(wanted or Wanted())
    if before is not None:
        query = query.where(LINES.c.position < before)
    if after is not None:
        query = query.where(LINES.c.position > after)
    order = LINES.c.position.desc() if after is None else LINES.c.position
    return [_line(row) for row in (await connection.execute(query.order_by(order).limit(limit))).mappings()]


# Parts of the queries


def _wanted(wanted: Wanted) -> Select[Any]:
    query = select(LINES)
    if wanted.stream:
        mine = LINES.c.about == wanted.stream
        orders = f"order/{wanted.stream.removeprefix('task/')}/"
        query = query.where(mine | LINES.c.about.startswith(orders, autoescape=True) if wanted.with_orders else mine)
    if wanted.cycle:
        query = query.where(LINES.c.cycle == wanted.cycle)
    if wanted.person:
        query = query.where(LINES.c.persons.contains([wanted.person]))
    if wanted.department:
        query = query.where(LINES.c.department == wanted.department)
    if wanted.types:
        query = query.where(LINES.c.type.in_(wanted.types))
    if not wanted.refusals:
        query = query.where(~LINES.c.refused)
    return query


def _line(row: Mapping[Any, Any]) -> Line:
    values = {name: row[name] for name in Line.__dataclass_fields__ if name not in {"sentence", "persons", "source"}}
    return Line(
        **values,
        source=SourceKind(row["source"]),
        sentence=Label(row["zh"], row["en"]),
        persons=tuple(row["persons"]),
    )
