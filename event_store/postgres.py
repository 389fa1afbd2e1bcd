"""The log in PostgreSQL: the schema ``es`` behind the calls of ``event_store.log``. Raw asyncpg is spoken to it here only.

What is promised is kept by the SQL in ``sql/es``; here the arguments are laid out in columns and the rows read back. Failures of
the network and the database pass through as asyncpg raises them: an append whose outcome is unknown is simply sent again, its
receipt makes that harmless.
"""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Sequence
from datetime import datetime
from typing import Any, Self
from uuid import UUID

import asyncpg

from event_store.log import Append, Receipt, Recorded, Seen, Verdict, contiguous, one_request_a_stream

PAGE = 1_000  # Events a follower is given at most at once: about a megabyte.
POLL_S = 1.0  # How late a follower learns of a fact when every hint is lost.
HUSH_S = 0.02  # At most one hint in this time: NOTIFY takes a lock of the whole cluster when it commits.
CHANNEL = "es_event"  # Its payload is the head; nobody needs to believe it.
UNREACHABLE = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError)  # Of a connection that only carries hints.

APPEND = "SELECT * FROM es.append_batch($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)"
COLUMNS = "position, stream, version, type, schema_version, payload, meta, occurred_at, recorded_at"
LOOK = """
SELECT r.digest, r.facts_in, r.version, r.position, r.count, r.recorded_at,
       ARRAY(SELECT coalesce(s.version, 0) FROM unnest($3::text[]) WITH ORDINALITY AS u (stream, n)
               LEFT JOIN es.stream s ON s.stream = u.stream ORDER BY u.n) AS versions
  FROM (VALUES (true)) AS one LEFT JOIN es.receipt r ON r.stream = $1 AND r.key = $2
"""
READ = f"""
SELECT {COLUMNS} FROM es.event
 WHERE stream = $1 AND version > $2
   AND position >= (SELECT first_position FROM es.stream WHERE stream = $1)
   AND position <= least($3, (SELECT last_position FROM es.stream WHERE stream = $1))
 ORDER BY version
"""  # noqa: S608  The columns are ours. The positions say which partitions need not be opened.
READ_ALL = f"SELECT {COLUMNS} FROM es.event WHERE position > $1 ORDER BY position LIMIT $2"  # noqa: S608  The columns are ours.
HEAD = "SELECT position FROM es.event ORDER BY position DESC LIMIT 1"
TELL = f"SELECT pg_notify($1, ({HEAD})::text)"
HEAD_AT = "SELECT es.head_at($1) AS position"
STREAMS = "SELECT stream FROM es.stream WHERE starts_with(stream, $1) ORDER BY first_position"


class PostgresLog:
    """Keeps the promise of ``event_store.log``. Open it with ``open``; it may be used by many tasks at once."""

    def __init__(self, dsn: str, pool: "asyncpg.Pool[asyncpg.Record]") -> None:
        """Take an open pool. Use ``open``."""
        self._dsn = dsn
        self._pool = pool
        self._stored = asyncio.Event()  # Something was stored here that nobody was told of yet.
        self._grown = asyncio.Event()  # Somebody says that the log has grown. Replaced by a new one each time.
        self._tasks = [asyncio.create_task(self._tell())]

    @classmethod
    @contextlib.asynccontextmanager
    async def open(cls, dsn: str, *, connections: int = 8) -> AsyncIterator[Self]:
        """Open the log as the application's role, with up to ``connections`` connections and one more when it is followed."""
        pool = asyncpg.create_pool(
            dsn,
            min_size=1,
            max_size=connections,
            reset=_nothing_to_reset,
            server_settings={"application_name": "dukao log", "statement_timeout": "30s", "jit": "off"},
        )
        async with pool:
            log = cls(dsn, pool)
            try:
                yield log
            finally:
                # No TaskGroup: it would wrap what the caller's block raises into an exception group.
                for task in log._tasks:
                    task.cancel()
                await asyncio.gather(*log._tasks, return_exceptions=True)

    async def append(self, requests: Sequence[Append]) -> list[Verdict]:
        """Store the requests in one statement, which is its own transaction. When it returns, it is committed."""
        one_request_a_stream(requests)
        verdicts = [_verdict(row) for row in await self._fetch(APPEND, *_in_columns(requests))]
        if any(verdict.status == "appended" and verdict.receipt and verdict.receipt.count for verdict in verdicts):
            self._stored.set()
        return verdicts

    async def look(self, stream: str, key: UUID, streams: Sequence[str]) -> Seen:
        """Look at the receipt and the versions in one statement: one snapshot."""
        [row] = await self._fetch(LOOK, stream, key, streams)
        receipt = None if row["digest"] is None else _receipt(row)
        return Seen(receipt=receipt, digest=row["digest"], versions=tuple(row["versions"]))

    async def read(self, stream: str, *, after: int = 0, upto: int | None = None) -> list[Recorded]:
        """Read one stream from the partitions it lies in."""
        return [_recorded(row) for row in await self._fetch(READ, stream, after, upto)]

    async def read_all(self, *, after: int = -1, limit: int = PAGE) -> list[Recorded]:
        """Read the log; the head is asked only where nothing came, to learn whether the log went back."""
        page = [_recorded(row) for row in await self._fetch(READ_ALL, after, limit)]
        return contiguous(page, after=after, head=after if page else await self.head())

    async def head(self) -> int:
        """Read the last row's position."""
        rows = await self._fetch(HEAD)
        return int(rows[0]["position"]) if rows else -1

    async def head_at(self, instant: datetime) -> int:
        """Find the position by halving, in the database."""
        [row] = await self._fetch(HEAD_AT, instant)
        return int(row["position"])

    async def streams(self, prefix: str) -> list[str]:
        """Read the names from the stream heads."""
        return [row["stream"] for row in await self._fetch(STREAMS, prefix)]

    async def follow(self, *, after: int = -1) -> AsyncGenerator[list[Recorded]]:
        """Follow the log. A hint shortens the wait; without any, the poll finds everything."""
        if len(self._tasks) == 1:
            self._tasks.append(asyncio.create_task(self._listen()))
        while True:
            grown = self._grown  # Taken before the page is read: what is stored in between wakes us at once.
            if page := await self.read_all(after=after):
                yield page
                after = page[-1].position
            else:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(grown.wait(), POLL_S)

    async def _fetch(self, statement: str, *values: object) -> list[asyncpg.Record]:
        """Run one statement on a connection of the pool.

        After a failure nobody knows for sure what state the connection is in, so it goes, and the next call opens another one.
        """
        async with self._pool.acquire() as connection:
            try:
                return await connection.fetch(statement, *values)
            except asyncpg.InternalClientError as broken:  # What asyncpg says where the server dies in the middle of an answer.
                connection.terminate()
                raise asyncpg.ConnectionDoesNotExistError(str(broken)) from broken
            except BaseException:
                connection.terminate()
                raise

    async def _tell(self) -> None:
        """Tell other processes that the log has grown: after the commit, coalesced, and never mind if it fails."""
        while True:
            await self._stored.wait()
            self._stored.clear()
            with contextlib.suppress(*UNREACHABLE):  # A hint lost costs a follower one poll.
                await self._fetch(TELL, CHANNEL)
            await asyncio.sleep(HUSH_S)

    async def _listen(self) -> None:
        """Hold the one connection that hears the hints; make it again when it is lost."""
        while True:
            with contextlib.suppress(*UNREACHABLE):
                connection = await asyncpg.connect(self._dsn, server_settings={"application_name": "dukao log hints"})
                try:
                    gone = asyncio.Event()
                    connection.add_termination_listener(lambda _connection, gone=gone: gone.set())
                    await connection.add_listener(CHANNEL, self._hear)
                    self._hear()  # What was stored before we listened.
                    await gone.wait()
                finally:
                    connection.terminate()
            await asyncio.sleep(POLL_S)

    def _hear(self, *_hint: object) -> None:
        self._grown.set()
        self._grown = asyncio.Event()


async def _nothing_to_reset(_connection: object) -> None:
    """Spare each call the round trip that resets a connection: no statement of ours leaves anything behind in its session."""


def _in_columns(requests: Sequence[Append]) -> Iterable[list[Any]]:
    """Lay the requests out as the arrays of ``es.append_batch``, in the order of its parameters."""
    guards = [guard for request in requests for guard in request.guards]
    facts = [fact for request in requests for fact in request.facts]
    return (
        [request.stream for request in requests],
        [request.expected for request in requests],
        [request.receipt_of for request in requests],
        [request.key for request in requests],
        [request.digest for request in requests],
        [len(request.facts) for request in requests],
        [len(request.guards) for request in requests],
        [guard.stream for guard in guards],
        [guard.version for guard in guards],
        [fact.type for fact in facts],
        [fact.schema_version for fact in facts],
        [fact.payload for fact in facts],
        [fact.meta for fact in facts],
        [fact.occurred_at for fact in facts],
    )


def _verdict(row: asyncpg.Record) -> Verdict:
    receipt = None if row["facts_in"] is None else _receipt(row)
    return Verdict(status=row["status"], receipt=receipt, actual=row["actual"])


def _receipt(row: asyncpg.Record) -> Receipt:
    return Receipt(
        stream=row["facts_in"],
        version=row["version"],
        position=row["position"],
        count=row["count"],
        recorded_at=row["recorded_at"],
    )


def _recorded(row: asyncpg.Record) -> Recorded:
    return Recorded(**row)
