"""The record: what the log promises. ``postgres.py`` and ``memory.py`` both keep it; one suite of contract tests runs on both.

Order       Positions start at 0 and have no gap; who has seen position n will never see a smaller one appear. ``recorded_at``
            never goes back.
Streams     Versions start at 1 and have no gap within their stream.
Once        An append is known by (``receipt_of``, ``key``). The first one is done, a later one with the same ``digest`` is
            answered with the first one's receipt, one with another digest is told so. This holds for ever, for appends of nothing
            (a command that changed nothing) and for refusals, which are events in ``refusal/{stream}`` with their receipt at
            ``stream``. What was not stored (conflict, guard-moved) leaves no receipt: the key is free to be tried again.
Together    All facts of one append are stored, or none. The append's ``guards`` name streams that must stand exactly at the
            version the decider saw.
Durable     When ``append`` has returned, its verdicts survive the death of every process.
For ever    Nothing is changed or deleted. Payload and meta come back byte for byte.
"""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol
from uuid import UUID

ANY = -1  # As ``expected``: whatever the stream's version is.


@dataclass(frozen=True, kw_only=True)
class Fact:
    """One event to be stored. ``payload`` and ``meta`` are canonical JSON (RFC 8785); ``occurred_at`` is aware."""

    type: str
    schema_version: int
    payload: bytes
    meta: bytes
    occurred_at: datetime


@dataclass(frozen=True, kw_only=True)
class Guard:
    """Another stream and the version the decider saw of it (0: it did not exist)."""

    stream: str
    version: int


@dataclass(frozen=True, kw_only=True)
class Append:
    """One request. ``expected`` is the version the decider saw (0: none) or ``ANY``. ``digest`` is the SHA-256 of the command."""

    stream: str
    expected: int
    key: UUID
    digest: bytes
    facts: tuple[Fact, ...]
    guards: tuple[Guard, ...] = ()
    receipt_of: str = ""  # The stream whose receipt this is, where it is not ``stream``.


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """The answer that is given for ever. ``stream`` is where the facts went; with ``count`` 0 the version and position are those
    of the moment. ``version`` and ``position`` are of the last fact."""

    stream: str
    version: int
    position: int
    count: int
    recorded_at: datetime


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What became of one request. ``receipt`` is there for ``appended`` and ``duplicate``; ``actual`` is the stream's version for
    ``conflict`` and the guard stream's for ``guard-moved``."""

    status: Literal["appended", "duplicate", "conflict", "guard-moved", "key-reused"]
    receipt: Receipt | None = None
    actual: int = 0


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """One event as it stands in the log."""

    position: int
    stream: str
    version: int
    type: str
    schema_version: int
    payload: bytes
    meta: bytes
    occurred_at: datetime
    recorded_at: datetime


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What ``look`` found, all of one instant: the receipt, if the command was answered before, and the streams' versions."""

    receipt: Receipt | None
    digest: bytes | None
    versions: tuple[int, ...]


class PositionMissing(Exception):
    """The log has a gap or went back. Never skipped: someone has changed the record, or the database was restored."""

    def __init__(self, expected: int, found: int) -> None:
        """Name the position that should be there, and the one that was found in its place (-1: none)."""
        self.expected, self.found = expected, found
        super().__init__(
            f"台账缺少位置 {expected}（读到的是 {found}）：记录被改动，或数据库被恢复到较早的状态。"
            "已停止读取；请先核查备份与封存，再继续。"
            f" / Position {expected} is missing from the log ({found} was found): the record was changed, or the database was"
            " restored to an earlier state. Reading has stopped; compare backup and seals before going on."
        )


class Log(Protocol):
    """The promise above, as calls."""

    async def append(self, requests: Sequence[Append]) -> list[Verdict]:
        """Store the requests in order, each judged by itself; at most one request a stream. One round trip, one transaction."""
        ...

    async def look(self, stream: str, key: UUID, streams: Sequence[str]) -> Seen:
        """Give the receipt of (``stream``, ``key``) and the versions of ``streams`` (0: none), in one round trip."""
        ...

    async def read(self, stream: str, *, after: int = 0, upto: int | None = None) -> list[Recorded]:
        """Give a stream's events with versions above ``after``, up to position ``upto`` inclusive, in order."""
        ...

    async def read_all(self, *, after: int = -1, limit: int = 1_000) -> list[Recorded]:
        """Give the events above position ``after``, in order, without a gap. Raises PositionMissing."""
        ...

    async def head(self) -> int:
        """Give the last position (-1: the log is empty)."""
        ...

    async def head_at(self, instant: datetime) -> int:
        """Give the last position recorded at or before ``instant`` (-1: none)."""
        ...

    async def streams(self, prefix: str) -> list[str]:
        """Give the names of all streams that begin with ``prefix``, in order of their first event."""
        ...

    def follow(self, *, after: int = -1) -> AsyncGenerator[list[Recorded]]:
        """Give all pages above ``after`` and then each new one as it is stored, until cancelled.

        A hint wakes it, polling makes sure: a fact is seen within about a second even if every hint is lost. Raises
        PositionMissing.
        """
        ...


def one_request_a_stream(requests: Sequence[Append]) -> None:
    """Say no to a batch in which a stream's facts come twice. Both logs ask this first."""
    if len({request.stream for request in requests}) < len(requests):
        raise ValueError(
            "一批之内同一流只能有一个请求，请在前一个得到答复后再发"
            " / A batch holds one request a stream; send the next one after the answer."
        )


def contiguous(page: list[Recorded], *, after: int, head: int) -> list[Recorded]:
    """Give the page back if it follows ``after`` without a gap and the log, of which ``head`` is the end, did not go back.

    ``head`` is asked for an empty page only. Raises PositionMissing.
    """
    for position, event in enumerate(page, after + 1):
        if event.position != position:
            raise PositionMissing(position, event.position)
    if not page and head < after:
        raise PositionMissing(after, head)
    return page
