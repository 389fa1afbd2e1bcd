"""The inbox: commands noted at the door before anything else is done with them, and settled when their answer is known.

What was received in time is in time even if every server stops in the next moment: whoever resends takes it from here. Rows are
written in batches by whoever is there, so a single command costs one round trip and fifty at once cost hardly more.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Self
from uuid import UUID

import asyncpg
import structlog
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from domain.decider import Asked
from event_store.codec import canonical, from_bytes
from workflows.messages import Answer, Sent

HUSH_S = 0.5  # Settling waits this long for company: nobody waits for it.
NOTE = """
INSERT INTO app.inbox (stream, command_id, type, body, asked, received_at)
SELECT s, c, t, b::jsonb, a::jsonb, r
  FROM unnest($1::text[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::timestamptz[]) AS one (s, c, t, b, a, r)
    ON CONFLICT (stream, command_id) DO NOTHING
"""
SETTLE = """
UPDATE app.inbox SET settled_at = clock_timestamp(), status = one.status, answer = one.answer::jsonb
  FROM unnest($1::text[], $2::uuid[], $3::text[], $4::text[]) AS one (stream, id, status, answer)
 WHERE inbox.stream = one.stream AND inbox.command_id = one.id AND inbox.settled_at IS NULL
"""
UNSETTLED = text(
    "SELECT stream, type, body::text AS body, asked::text AS asked FROM app.inbox"
    " WHERE settled_at IS NULL AND received_at < :before ORDER BY received_at LIMIT :limit"
)

UNREACHABLE = (OSError, SQLAlchemyError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)

logger = structlog.get_logger()


@dataclass(frozen=True, kw_only=True)
class Noted:
    """A command that came in and has no answer yet."""

    stream: str
    sent: Sent


@dataclass(frozen=True, kw_only=True)
class Settled:
    """A command whose answer is known. ``status`` is the answer's, or ``failed`` where a fault of the program stopped it."""

    stream: str
    command_id: UUID
    status: str
    answer: Answer | None


class Inbox:
    """The table ``app.inbox``. Open it with ``open``; many tasks may use it at once."""

    def __init__(self, engine: AsyncEngine) -> None:
        """Take an engine. Use ``open``."""
        self._engine = engine
        self._notes, self._settlements = _Line(engine), _Line(engine)
        self._coming: list[tuple[Noted, datetime, asyncio.Future[None]]] = []
        self._going: list[Settled] = []
        self._came, self._went = asyncio.Event(), asyncio.Event()

    @classmethod
    @contextlib.asynccontextmanager
    async def open(cls, engine: AsyncEngine) -> AsyncIterator[Self]:
        """Open the inbox; what is still to be settled at the end is settled then."""
        inbox = cls(engine)
        writers = [asyncio.create_task(inbox._write_notes()), asyncio.create_task(inbox._write_settled())]
        try:
            yield inbox
        finally:
            # No TaskGroup: it would wrap what the caller's block raises into an exception group.
            for writer in writers:
                writer.cancel()
            await asyncio.gather(*writers, return_exceptions=True)
            if inbox._going:
                await inbox._settle_all()
            await inbox._notes.close()
            await inbox._settlements.close()

    def note(self, stream: str, sent: Sent, received_at: datetime) -> asyncio.Future[None]:
        """Begin to note a command. When what this gives is done, it will not be lost; noting it again changes nothing."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._coming.append((Noted(stream=stream, sent=sent), received_at, done))
        self._came.set()
        return done

    def settle(self, settled: Settled) -> None:
        """Remember that a command is answered. Written soon; if it never is, a resend finds the same answer."""
        self._going.append(settled)
        self._went.set()

    async def unsettled(self, before: datetime, limit: int = 500) -> list[Noted]:
        """Give the commands received before an instant that have no answer yet, oldest first."""
        async with self._engine.connect() as connection:
            rows = await connection.execute(UNSETTLED, {"before": before, "limit": limit})
            return [Noted(stream=row.stream, sent=_sent(row)) for row in rows]

    async def _write_notes(self) -> None:
        while True:
            await self._came.wait()
            self._came.clear()
            batch, self._coming = self._coming, []
            try:
                await self._note_all([(noted, received_at) for noted, received_at, _ in batch])
            except Exception as failed:  # noqa: BLE001  Each sender is told; it is theirs to handle.
                _tell(batch, failed)
            else:
                _tell(batch, None)

    async def _write_settled(self) -> None:
        while True:
            await self._went.wait()
            await asyncio.sleep(HUSH_S)
            self._went.clear()
            await self._settle_all()

    async def _note_all(self, batch: list[tuple[Noted, datetime]]) -> None:
        await self._notes.tell(
            NOTE,
            [noted.stream for noted, _ in batch],
            [noted.sent.asked.id for noted, _ in batch],
            [noted.sent.type for noted, _ in batch],
            [noted.sent.body for noted, _ in batch],
            [canonical(noted.sent.asked).decode() for noted, _ in batch],
            [received_at for _, received_at in batch],
        )

    async def _settle_all(self) -> None:
        batch, self._going = self._going, []
        try:
            await self._settlements.tell(
                SETTLE,
                [settled.stream for settled in batch],
                [settled.command_id for settled in batch],
                [settled.status for settled in batch],
                [_json(settled.answer) for settled in batch],
            )
        except UNREACHABLE as unavailable:  # The resend settles them.
            logger.warning("inbox.unsettled", commands=len(batch), because=str(unavailable))


class _Line:
    """A connection that is kept: to take one out of the pool and give it back costs more than what is said on it."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._connection: AsyncConnection | None = None

    async def tell(self, statement: str, *values: object) -> None:
        """Run a statement, which is its own transaction and may be run twice: a kept connection can have died unseen."""
        kept = self._connection is not None
        try:
            await self._run(statement, values)
        except UNREACHABLE:
            if not kept:
                raise
            await self._run(statement, values)

    async def close(self) -> None:
        """Let the connection go; the next statement takes another one."""
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.invalidate()
            await connection.close()

    async def _run(self, statement: str, values: tuple[object, ...]) -> None:
        try:
            if self._connection is None:
                self._connection = await self._engine.connect()
            driver: Any = (await self._connection.get_raw_connection()).driver_connection
            await driver.execute(statement, *values)
        except BaseException:  # Nobody knows in what state it is now.
            await self.close()
            raise


def _tell(batch: list[tuple[Noted, datetime, "asyncio.Future[None]"]], failed: Exception | None) -> None:
    for _, _, done in batch:
        if done.cancelled():
            continue
        if failed is None:
            done.set_result(None)
        else:
            done.set_exception(failed)


def _json(answer: Answer | None) -> str:
    return "null" if answer is None else canonical(asdict(answer)).decode()


def _sent(row: Any) -> Sent:
    return Sent(type=row.type, body=row.body, asked=from_bytes(Asked, row.asked))
