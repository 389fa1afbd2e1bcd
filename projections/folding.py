"""From events to changed rows: the pure part of following the log. Nothing is written here."""

import asyncio
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Table

from domain import names
from event_store.codec import Codec, asked_of
from event_store.log import Log, Recorded
from projections.builds import Change, Failure
from projections.model import Happened, ReadModel, Row

STREAMS_KEPT = 8_192  # States in memory, the longest unused goes first; one that is gone is folded again from its stream.
EVENTS_KEPT = 4_096  # Decoded events, so that several models decode a page once.
BREATH = 32  # Streams folded before others get their turn on the loop.

Rows = dict[Table, dict[tuple[Any, ...], Mapping[str, Any]]]  # By table and primary key.


@dataclass(frozen=True, kw_only=True)
class Folded:
    """What a page comes to."""

    changes: tuple[Change, ...]
    failures: tuple[Failure, ...]


@dataclass(frozen=True, kw_only=True)
class Stood:
    """A stream's state after a version, and the rows that stand for it."""

    version: int
    state: Any
    rows: Rows


class Reading:
    """Decodes events, each once for all who follow. Shared by the followers of one process."""

    def __init__(self, log: Log, codec: Codec) -> None:
        """Read from a log with its codec."""
        self.log = log
        self._codec = codec
        self._kept: OrderedDict[int, Happened] = OrderedDict()

    def happened(self, recorded: Recorded) -> Happened:
        """Give an event decoded. Raises what the codec raises."""
        if (known := self._kept.get(recorded.position)) is not None:
            return known
        read = Happened(recorded=recorded, event=self._codec.decode(recorded), asked=asked_of(recorded.meta))
        self._kept[recorded.position] = read
        if len(self._kept) > EVENTS_KEPT:
            self._kept.popitem(last=False)
        return read


@dataclass
class Folding:
    """Folds pages for one build of one model, and remembers the states of the streams it met last.

    Pages must come in order; ``forget`` after a page whose changes were not written.
    """

    model: ReadModel
    reading: Reading
    _kept: OrderedDict[str, Stood] = field(default_factory=OrderedDict)

    def forget(self, stream: str = "") -> None:
        """Forget one stream's state, or all."""
        if stream:
            self._kept.pop(stream, None)
        else:
            self._kept.clear()

    async def page(self, events: Sequence[Recorded], parked: Iterable[str]) -> Folded:
        """Fold a page. A stream whose event cannot be folded is put aside from there on, as those in ``parked`` are."""
        aside = frozenset(parked)
        changes: list[Change] = []
        failures: list[Failure] = []
        for number, (stream, its) in enumerate(_by_stream(events, self.model.kinds).items()):
            if stream in aside:
                failures += [_blocked(event) for event in its]
            else:
                change, failed = await self._stream(stream, its)
                changes += [change] if change else []
                failures += failed
            if number % BREATH == 0:
                await asyncio.sleep(0)
        return Folded(changes=tuple(changes), failures=tuple(failures))

    async def whole(self, stream: str, upto: int) -> tuple[Change | None, tuple[Failure, ...]]:
        """Fold a stream from its beginning to a position: all the rows it should have."""
        self.forget(stream)
        return await self._stream(stream, await self.reading.log.read(stream, upto=upto))

    async def _stream(self, stream: str, events: Sequence[Recorded]) -> tuple[Change | None, tuple[Failure, ...]]:
        stood, before = await self._stood(stream, events[0])
        added: list[Row] = []
        at = 0
        try:
            stood = self._again(stream, stood, before)
            state = stood.state
            for at, event in enumerate(events):  # noqa: B007  Where it failed is told below.
                happened = self.reading.happened(event)
                state = self.model.evolve(state, happened)
                added += self.model.added(state, happened)
            rows = self._rows(stream, state)
        except Exception as error:  # noqa: BLE001  A follower puts aside what it cannot fold, says so, and goes on.
            self.forget(stream)
            good = (await self._stream(stream, events[:at]))[0] if at else None
            poison = Failure(position=events[at].position, stream=stream, status="poison", error=_words(error))
            return good, (poison, *map(_blocked, events[at + 1 :]))
        self._keep(stream, Stood(version=events[-1].version, state=state, rows=rows))
        return _change(stream, stood.rows, rows, added, events[-1].position), ()

    async def _stood(self, stream: str, first: Recorded) -> tuple[Stood, Sequence[Recorded]]:
        """Give the stream as it is remembered before an event, or its beginning and what is to be folded again."""
        stood = self._kept.get(stream)
        if stood is not None and stood.version == first.version - 1:
            return stood, ()
        before = await self.reading.log.read(stream, upto=first.position - 1) if first.version > 1 else ()
        return Stood(version=0, state=self.model.initial, rows={}), before

    def _again(self, stream: str, stood: Stood, before: Sequence[Recorded]) -> Stood:
        if not before:
            return stood
        state = stood.state
        for event in before:
            state = self.model.evolve(state, self.reading.happened(event))
        return Stood(version=before[-1].version, state=state, rows=self._rows(stream, state))

    def _keep(self, stream: str, stood: Stood) -> None:
        self._kept[stream] = stood
        self._kept.move_to_end(stream)
        if len(self._kept) > STREAMS_KEPT:
            self._kept.popitem(last=False)

    def _rows(self, stream: str, state: Any) -> Rows:
        return by_key(self.model.rows(stream, state))


def by_key(rows: Iterable[Row]) -> Rows:
    """Order rows by table and primary key."""
    found: Rows = {}
    for table, row in rows:
        found.setdefault(table, {})[key_of(table, row)] = row
    return found


def key_of(table: Table, row: Mapping[str, Any]) -> tuple[Any, ...]:
    """Give a row's primary key."""
    return tuple(row[column.name] for column in table.primary_key.columns)


def _by_stream(events: Sequence[Recorded], kinds: frozenset[str]) -> dict[str, list[Recorded]]:
    streams: dict[str, list[Recorded]] = {}
    for event in events:
        if names.kind(event.stream) in kinds:
            streams.setdefault(event.stream, []).append(event)
    return streams


def _change(stream: str, before: Rows, after: Rows, added: Sequence[Row], position: int) -> Change:
    rows: dict[Table, list[Mapping[str, Any]]] = {}
    gone: dict[Table, list[tuple[Any, ...]]] = {}
    for table, its in after.items():
        old = before.get(table, {})
        rows[table] = [row for key, row in its.items() if old.get(key) != row]
    for table, old in before.items():
        gone[table] = [key for key in old if key not in after.get(table, {})]
    for table, row in added:
        rows.setdefault(table, []).append(row)
    return Change(stream=stream, rows=rows, gone=gone, position=position)


def _blocked(event: Recorded) -> Failure:
    return Failure(position=event.position, stream=event.stream, status="blocked", error="")


def _words(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:2000]
