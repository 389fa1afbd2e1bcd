"""What crosses Temporal: commands on their way, and what became of them. Plain dataclasses, no unions, amounts only inside bodies.

A command's body is its canonical JSON, made and read by the codec at both ends; workflow code never opens it.
New fields get a default: a workflow started by the last release must still decode.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from domain.decider import Asked

Status = Literal["done", "nothing", "refused"]


@dataclass(frozen=True, kw_only=True)
class Sent:
    """A command on its way to a stream: its type's name, its canonical JSON, and who asks."""

    type: str
    body: str
    asked: Asked


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What the asking person is told; the same for every sending of one command, for ever.

    ``stream``, ``version`` and ``position`` are of the last fact the command led to, of the refusal, or (nothing) of the moment.
    ``code``, ``zh`` and ``en`` say why it was refused, and are empty otherwise. ``recorded_at`` (UTC) is None for the one refusal
    that leaves no trace: a key that another command has taken.
    """

    status: Status
    stream: str
    version: int
    position: int
    recorded_at: datetime | None
    code: str = ""
    zh: str = ""
    en: str = ""


@dataclass(frozen=True, kw_only=True)
class Effect:
    """A command that another stream is owed, and the one that records in the owing stream that it was given (empty type: none)."""

    id: UUID
    stream: str
    at: datetime
    type: str
    body: str
    then_type: str = ""
    then_body: str = ""


@dataclass(frozen=True, kw_only=True)
class CallOut:
    """A cycle's call to its tasks that has not reached all of them.

    ``cause`` names it for ever, ``at`` is what it calls them up to, ``tasks`` says how many the cycle has.
    """

    cause: str
    at: datetime
    owing_only: bool = False
    tasks: int = 0


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of a command, and how its stream stands after it.

    ``next_at`` (UTC) is when the stream falls due by itself (None: never as things are), ``next_key`` names what. ``version`` is the
    stream's, 0 while nothing was ever recorded in it. ``attention`` is the code of what a person has to put right before the next
    instant can be told (empty: nothing).
    """

    answer: Answer
    version: int
    stage: str
    next_at: datetime | None = None
    next_key: str = ""
    owed: tuple[Effect, ...] = ()
    calls: tuple[CallOut, ...] = ()
    attention: str = ""


@dataclass(frozen=True, kw_only=True)
class Start:
    """What a workflow is started with, and continues as new with: the stream it keeps and how, nothing the log knows better.

    ``history_limit`` is the number of history events after which it continues as new even if the server does not suggest it
    (0: only when suggested). ``searchable`` is false on a server that knows no search attributes of ours. ``nudges`` are those the
    last run heard and had not followed yet: a nudge is in no log.
    """

    stream: str
    history_limit: int = 0
    searchable: bool = True
    nudges: tuple[datetime, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Ask:
    """A command for one stream, as the step ``execute`` takes it."""

    stream: str
    sent: Sent


@dataclass(frozen=True, kw_only=True)
class Tasks:
    """Some of a cycle's tasks: ``limit`` of them from the one with number ``first`` of the plan."""

    cycle: str
    first: int
    limit: int


@dataclass(frozen=True, kw_only=True)
class CallTasks:
    """A call for some of a cycle's tasks."""

    tasks: Tasks
    call: CallOut
