"""What a read model is made of: its tables, and a pure fold of each stream into the rows that stand for it.

A row belongs to one stream, and what a stream's rows are follows from that stream's events alone. So any row can be made again
from the log, streams can be folded in any order, and a rebuilt model can be compared with a grown one row for row. What concerns
two streams (a task's stage and its cycle's phase) is joined when it is asked for, never when it is folded.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import MetaData, Table

from domain.decider import Asked
from event_store.log import Recorded

ROOM = "rm"  # The schema all read models live in.
METADATA = MetaData(schema=ROOM)

Row = tuple[Table, Mapping[str, Any]]


@dataclass(frozen=True, kw_only=True)
class Happened:
    """One event as a read model is shown it: decoded, with who asked, and with its place in the log."""

    recorded: Recorded
    event: Any
    asked: Asked

    @property
    def stream(self) -> str:
        """Give the stream it belongs to."""
        return self.recorded.stream

    @property
    def position(self) -> int:
        """Give its place in the log."""
        return self.recorded.position

    @property
    def at(self) -> datetime:
        """Give the instant it is reckoned by: the receipt at the door, or when a timer was due."""
        return self.asked.at


def nothing_stays(_stream: str, _state: Any) -> Iterable[Row]:
    """Give no rows, where a model only adds."""
    return ()


def nothing_added(_state: Any, _happened: Happened) -> Iterable[Row]:
    """Add no rows, where a model's rows follow from the state."""
    return ()


@dataclass(frozen=True, kw_only=True)
class ReadModel:
    """One read model. Every table has a column ``stream`` and a primary key; its name, as readers know it, is that of a view.

    ``fold`` is the version of the functions below: whoever changes what they give raises it, and the runner builds the model anew
    beside the old one. ``kinds`` are the kinds of streams it reads; other streams are passed over. ``rows`` gives the rows a stream
    has in a state, ``added`` the rows one event adds for ever (``state`` is the one after it).
    """

    name: str
    fold: int
    tables: tuple[Table, ...]
    kinds: frozenset[str]
    initial: Any
    evolve: Callable[[Any, Happened], Any]
    rows: Callable[[str, Any], Iterable[Row]] = nothing_stays
    added: Callable[[Any, Happened], Iterable[Row]] = nothing_added
