"""The folded streams of one process: read once, then only what was added. Anything in here can be thrown away."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from domain import DECIDERS, names
from domain.cycle import Cycle, task_streams
from domain.decider import Decider
from domain.task.state import Stage
from event_store.codec import Codec, asked_of
from event_store.log import Log, Recorded, Seen

Unconsolidated = Callable[[str, Cycle], Awaitable[tuple[str, ...]]]

CAPACITY = 8_192  # Folds kept; a task's is some 10 KiB, so all of them are some 80 MiB.
MANY = 5_000  # Tasks of a cycle that are folded one by one in a second or two; for more, a read model is asked.
OF_KIND = {decider.name: decider for decider in DECIDERS}
NOBODY = UUID(int=0)  # No command has this id.


def decider_of(stream: str) -> Decider:
    """Give the decider of a stream by its name. Raises KeyError for a kind nobody has."""
    return OF_KIND[names.kind(stream)]


@dataclass(kw_only=True)
class Folded:
    """One stream as it was last seen. ``reading`` lets one reader at a time catch up, so that many wait for one round trip."""

    version: int
    state: Any
    seen_at: float  # On the monotonic clock.
    reading: asyncio.Lock = field(default_factory=asyncio.Lock)


class Ledger:
    """Gives states of streams out of the log. May be used by many tasks of one loop at once.

    ``unconsolidated`` names the tasks of a very large cycle that are not consolidated; without one the log is asked for each.
    """

    def __init__(
        self, log: Log, codec: Codec | None = None, *, capacity: int = CAPACITY, unconsolidated: Unconsolidated | None = None
    ) -> None:
        """Begin with nothing read."""
        self.log = log
        self.codec = codec or Codec(DECIDERS)
        self._capacity = capacity
        self._unconsolidated = unconsolidated
        self._folds: OrderedDict[str, Folded] = OrderedDict()

    async def at_least(self, stream: str, version: int) -> tuple[int, Any]:
        """Give a version of the stream that is ``version`` or newer, and its state. Nothing is read if that is known already.

        A stream that has no such version is given as far as it goes.
        """
        folded = self._entry(stream)
        if folded.version < version:
            async with folded.reading:
                if folded.version < version:
                    await self._catch_up(stream, folded)
        return folded.version, folded.state

    def last_seen(self, streams: Sequence[str]) -> Seen | None:
        """Give the versions the streams had when they were last read here (None: not all of them were). Costs nothing, promises nothing."""
        folds = [self._folds.get(stream) for stream in streams]
        versions = tuple(folded.version for folded in folds if folded is not None and folded.version)
        return Seen(receipt=None, digest=None, versions=versions) if len(versions) == len(streams) else None

    async def state_of(self, stream: str, upto: int | None = None, *, within_s: float = 0) -> Any:
        """Give the state of a stream now, or as it was at position ``upto`` of the log.

        With ``within_s`` a state that was true some seconds ago will do and may cost nothing.
        """
        if upto is not None:
            decider = decider_of(stream)
            return self._fold(decider, decider.initial, await self.log.read(stream, upto=upto))
        folded = self._entry(stream)
        if not within_s or time.monotonic() - folded.seen_at > within_s:
            async with folded.reading:
                await self._catch_up(stream, folded)
        return folded.state

    async def states_of(self, streams: Iterable[str]) -> dict[str, Any]:
        """Give the present states of many streams; those that stand as they were known cost nothing beyond one common look."""
        wanted = tuple(streams)
        seen = await self.log.look("", NOBODY, wanted)
        return {stream: (await self.at_least(stream, version))[1] for stream, version in zip(wanted, seen.versions, strict=True)}

    async def unconsolidated(self, cycle_stream: str, cycle: Cycle) -> tuple[str, ...]:
        """Name the tasks of a cycle that are not consolidated yet, by folding every one; of a very large cycle as a read model knows."""
        if self._unconsolidated is not None and len(cycle.plan) > MANY:
            return await self._unconsolidated(cycle_stream, cycle)
        states = await self.states_of(task_streams(names.cycle_of(cycle_stream), cycle))
        return tuple(stream for stream, state in states.items() if state.stage is not Stage.CONSOLIDATED)

    def advance(self, stream: str, version: int, state: Any) -> None:
        """Take over a state that follows from facts just stored, so that they need not be read back."""
        folded = self._entry(stream)
        if version > folded.version:
            folded.version, folded.state, folded.seen_at = version, state, time.monotonic()

    async def _catch_up(self, stream: str, folded: Folded) -> None:
        version, state = folded.version, folded.state
        events = await self.log.read(stream, after=version)
        if events and events[-1].version > folded.version:  # Else somebody has advanced it meanwhile.
            later = [event for event in events if event.version > version]
            folded.state = self._fold(decider_of(stream), state, later)
            folded.version = later[-1].version
        folded.seen_at = time.monotonic()

    def _fold(self, decider: Decider, state: Any, events: Sequence[Recorded]) -> Any:
        for event in events:
            state = decider.evolve(state, self.codec.decode(event), asked_of(event.meta))
        return state

    def _entry(self, stream: str) -> Folded:
        folded = self._folds.get(stream)
        if folded is None:
            folded = Folded(version=0, state=decider_of(stream).initial, seen_at=float("-inf"))
            self._folds[stream] = folded
            if len(self._folds) > self._capacity:
                self._folds.popitem(last=False)
        self._folds.move_to_end(stream)
        return folded
