"""The log in memory: the same promise as PostgreSQL's, for tests and trials. It lives as long as its object."""

import asyncio
from bisect import bisect_right
from collections.abc import AsyncGenerator, Callable, Sequence
from datetime import UTC, datetime
from uuid import UUID

from event_store.log import ANY, Append, Receipt, Recorded, Seen, Verdict, contiguous, one_request_a_stream

PAGE = 1_000  # Events a follower is given at most at once, as in PostgreSQL.


class MemoryLog:
    """Keeps the promise of ``event_store.log``. ``now`` gives aware instants; one that goes back does not put the log back."""

    def __init__(self, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        """Begin with an empty log."""
        self._now = now
        self._events: list[Recorded] = []
        self._streams: dict[str, list[Recorded]] = {}
        self._receipts: dict[tuple[str, UUID], tuple[bytes, Receipt]] = {}
        self._grown = asyncio.Event()

    async def append(self, requests: Sequence[Append]) -> list[Verdict]:
        """Store the requests. Nothing is awaited in between, so nobody sees half of a batch."""
        one_request_a_stream(requests)
        now = self._now()
        recorded_at = max(now, self._events[-1].recorded_at) if self._events else now
        verdicts = [self._judge(request, recorded_at) for request in requests]
        self._grown.set()
        self._grown = asyncio.Event()
        return verdicts

    async def look(self, stream: str, key: UUID, streams: Sequence[str]) -> Seen:
        """Look at everything of this instant."""
        digest, receipt = self._receipts.get((stream, key), (None, None))
        return Seen(receipt=receipt, digest=digest, versions=tuple(map(self._version, streams)))

    async def read(self, stream: str, *, after: int = 0, upto: int | None = None) -> list[Recorded]:
        """Read one stream."""
        events = self._streams.get(stream, [])
        return [event for event in events if event.version > after and (upto is None or event.position <= upto)]

    async def read_all(self, *, after: int = -1, limit: int = PAGE) -> list[Recorded]:
        """Read the log."""
        return contiguous(self._events[after + 1 : after + 1 + limit], after=after, head=await self.head())

    async def head(self) -> int:
        """Give the last position."""
        return len(self._events) - 1

    async def head_at(self, instant: datetime) -> int:
        """Find the position by halving: ``recorded_at`` never goes back."""
        return bisect_right(self._events, instant, key=lambda event: event.recorded_at) - 1

    async def streams(self, prefix: str) -> list[str]:
        """Give names in order of their first event, which is the order they were put in."""
        return [stream for stream in self._streams if stream.startswith(prefix)]

    async def follow(self, *, after: int = -1) -> AsyncGenerator[list[Recorded]]:
        """Follow the log. The event is taken before the page is read, so nothing can slip in between unseen."""
        while True:
            grown = self._grown
            if page := await self.read_all(after=after):
                yield page
                after = page[-1].position
            else:
                await grown.wait()

    def _version(self, stream: str) -> int:
        return len(self._streams.get(stream, ()))

    def _judge(self, request: Append, recorded_at: datetime) -> Verdict:
        known_as = (request.receipt_of or request.stream, request.key)
        if answered := self._receipts.get(known_as):
            digest, receipt = answered
            return Verdict(status="duplicate", receipt=receipt) if digest == request.digest else Verdict(status="key-reused")
        version = self._version(request.stream)
        if request.expected not in (ANY, version):
            return Verdict(status="conflict", actual=version)
        for guard in request.guards:
            if self._version(guard.stream) != guard.version:
                return Verdict(status="guard-moved", actual=self._version(guard.stream))
        receipt = self._store(request, version, recorded_at)
        self._receipts[known_as] = (request.digest, receipt)
        return Verdict(status="appended", receipt=receipt)

    def _store(self, request: Append, version: int, recorded_at: datetime) -> Receipt:
        for fact in request.facts:
            version += 1
            recorded = Recorded(
                position=len(self._events),
                stream=request.stream,
                version=version,
                type=fact.type,
                schema_version=fact.schema_version,
                payload=fact.payload,
                meta=fact.meta,
                occurred_at=fact.occurred_at,
                recorded_at=recorded_at,
            )
            self._events.append(recorded)
            self._streams.setdefault(request.stream, []).append(recorded)
        return Receipt(
            stream=request.stream,
            version=version,
            position=len(self._events) - 1,
            count=len(request.facts),
            recorded_at=recorded_at,
        )
