"""What every stream of the log is made of: a decider, and what a decision is given.

A decider is five pure functions over one stream's state:

``decide``  command, state, known, asked -> the events that record it, or a refusal
``evolve``  state, event, asked -> state; ``asked`` is the event's meta; never refuses, never computes a rule
``wakes``   state, known -> what falls due by itself, each at an instant, earliest first
``fire``    due, state, known -> the events that record one of them; after them it is not due any more
``owes``    state -> effects on other streams that are not known to be done yet

Nobody here reads a clock: ``asked.at`` is the instant a command was received at the door, and what was due before it is decided
first, as of its own instant. So a late timer, a stopped worker and a history carried in from paper all tell the same story.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid5

NAMESPACE = UUID("6f0d2b5e-5f0e-5c5e-9d3e-64756b616f00")  # Of every id that is derived and not drawn.


class SourceKind(StrEnum):
    """Through which door a command came."""

    PAGE = "page"
    COMMAND_LINE = "command-line"
    WORKBOOK = "workbook"
    API = "api"
    TIMER = "timer"
    EFFECT = "effect"
    IMPORT = "import"


@dataclass(frozen=True, kw_only=True)
class Source:
    """Where a command came from. ``place`` is a path, a sheet and row, or a timer's key; ``digest`` the SHA-256 (hex) of the file."""

    kind: SourceKind
    place: str = ""
    digest: str = ""


@dataclass(frozen=True, kw_only=True)
class Actor:
    """A person in a post of a department, as they were when they acted. Ids only: names live in an erasable table."""

    person: str
    post: str = ""
    department: str = ""


SYSTEM = Actor(person="system")  # Timers and effects. Never a person's stand-in.


@dataclass(frozen=True, kw_only=True)
class Asked:
    """Who asks, when and by which right. Becomes the meta of every event the command leads to.

    ``id`` is the command's id and the append's key. ``at`` (aware) is the receipt at the door and decides lateness; for a history
    that is carried in (补录) it is the receipt the paper states, and ``source.kind`` is IMPORT. ``fact_at`` is when the fact
    was true, where that differs.
    """

    id: UUID
    by: Actor
    at: datetime
    source: Source
    on_behalf_of: str = ""
    authorisation: str = ""
    reason: str = ""
    fact_at: datetime | None = None
    batch: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class Due:
    """Something that falls due by itself. ``key`` is unique in its stream for ever."""

    at: datetime
    key: str


@dataclass(frozen=True, kw_only=True)
class Owed:
    """A command another stream is still to be given. ``id`` follows from the event that caused it, so sending twice is harmless."""

    id: UUID
    stream: str
    command: Any
    at: datetime  # Of the event that caused it; the command is asked as of then.
    then: Any = None  # The command that records, in the owing stream, that it is done.


@dataclass(frozen=True, kw_only=True)
class Wake:
    """Do what is due up to the asked instant. It does nothing of its own: what was due before a command is decided before it."""


class Refused(Exception):
    """A rule says no. The class name is the code; ``zh`` and ``en`` say what happened, why, and what to do next."""

    zh = ""
    en = ""

    def __init__(self, **values: object) -> None:
        """Keep the values the two sentences are filled with."""
        self.values = {name: str(value) for name, value in values.items()}
        super().__init__(self.en.format_map(self.values))

    @property
    def code(self) -> str:
        """The stable name of this refusal."""
        return type(self).__name__

    def sentence(self, language: str = "zh") -> str:
        """Give the sentence in ``zh`` or ``en``."""
        return (self.en if language == "en" else self.zh).format_map(self.values)


def nothing_due(_state: Any, _known: Any) -> tuple[Due, ...]:
    """Say that nothing of this stream falls due by itself."""
    return ()


def nothing_fires(_due: Due, _state: Any, _known: Any) -> list[Any]:
    """Fire nothing, where nothing falls due."""
    return []


def nothing_owed(_state: Any) -> tuple[Owed, ...]:
    """Say that this stream owes nothing to another."""
    return ()


@dataclass(frozen=True, kw_only=True)
class Decider:
    """One kind of stream. ``name`` is the first part of its streams' names; ``commands`` and ``events`` list its types.

    ``initial`` is the state before the first event. ``fire`` gives the events of one due instant, decided as of it.
    """

    name: str
    commands: tuple[type, ...]
    events: tuple[type, ...]
    initial: Any
    decide: Callable[[Any, Any, Any, Asked], list[Any]]
    evolve: Callable[[Any, Any, Asked], Any]
    wakes: Callable[[Any, Any], tuple[Due, ...]] = nothing_due
    fire: Callable[[Due, Any, Any], list[Any]] = nothing_fires
    owes: Callable[[Any], tuple[Owed, ...]] = nothing_owed


def derived(*parts: object) -> UUID:
    """Give the id that follows from ``parts``: the same parts, the same id, for ever."""
    return uuid5(NAMESPACE, "\x1f".join(str(part) for part in parts))
