"""The inbox: commands noted at the door before anything else is done with them, and settled when their answer is known.

What was received in time is in time even if every server stops in the next moment: whoever resends takes it from here. Rows are
written in batches by whoever is there, so a single command costs one round trip and fifty at once cost hardly more.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Collection, Mapping
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
NOTED = """
SELECT inbox.stream, inbox.command_id, inbox.type, inbox.body::text AS body, inbox.asked::text AS asked
  FROM unnest($1::text[], $2::uuid[]) AS one (stream, id)
  JOIN app.inbox ON inbox.stream = one.stream AND inbox.command_id = one.id
"""
UNSETTLED = text(
    "SELECT stream, command_id, type, body::text AS body, asked::text AS asked FROM app.inbox"
    " WHERE settled_at IS NULL AND received_at < :before AND command_id <> ALL(CAST(:passing AS uuid[]))"
    " ORDER BY received_at LIMIT :limit"
)

UNSTORABLE = (asyncpg.DataError, ValueError)  # What no database stores, found by it or by its driver.
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


Coming = tuple[Noted, datetime, "asyncio.Future[None]"]  # With its receipt, and who waits until it is noted.


class Inbox:
    """The table ``app.inbox``. Open it with ``open``; many tasks may use it at once."""

    def __init__(self, engine: AsyncEngine) -> None:
        """Take an engine. Use ``open``."""
        self._engine = engine
        self._notes, self._questions, self._settlements = _Line(engine), _Line(engine), _Line(engine)
        self._coming: list[Coming] = []
        self._asking: list[tuple[str, UUID, asyncio.Future[Sent | None]]] = []
        self._going: list[Settled] = []
        self._came, self._asked, self._went = asyncio.Event(), asyncio.Event(), asyncio.Event()

    @classmethod
    @contextlib.asynccontextmanager
    async def open(cls, engine: AsyncEngine) -> AsyncIterator[Self]:
        """Open the inbox; what is still to be settled at the end is settled then."""
        inbox = cls(engine)
        works = (inbox._write_notes(), inbox._read_noted(), inbox._write_settled())
        writers = [asyncio.create_task(work) for work in works]
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
            await inbox._questions.close()
            await inbox._settlements.close()

    def note(self, stream: str, sent: Sent, received_at: datetime) -> asyncio.Future[None]:
        """Begin to note a command. When what this gives is done, it will not be lost; noting it again changes nothing."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._coming.append((Noted(stream=stream, sent=sent), received_at, done))
        self._came.set()
        return done

    async def first(self, stream: str, command_id: UUID) -> Sent | None:
        """Give the first sending of a command as it was noted, or None. Costs a fraction of a note: nothing is written."""
        told: asyncio.Future[Sent | None] = asyncio.get_running_loop().create_future()
        self._asking.append((stream, command_id, told))
        self._asked.set()
        return await told

    def settle(self, settled: Settled) -> None:
        """Remember that a command is answered. Written soon; if it never is, a resend finds the same answer."""
        self._going.append(settled)
        self._went.set()

    async def unsettled(self, before: datetime, limit: int = 500, *, passing: Collection[UUID] = ()) -> list[Noted]:
        """Give the commands received before an instant that have no answer yet, oldest first, without some.

        A row that cannot be read is passed over, too, and reported.
        """
        async with self._engine.connect() as connection:
            rows = await connection.execute(UNSETTLED, {"before": before, "limit": limit, "passing": list(passing)})
            return [noted for row in rows.mappings() if (noted := _noted(dict(row))) is not None]

    async def _write_notes(self) -> None:
        while True:
            await self._came.wait()
            self._came.clear()
            batch, self._coming = self._coming, []
            try:
                await self._note_all(batch)
            except UNSTORABLE:  # By one of them; the others have nothing to do with it.
                for one in batch:
                    await self._note_one(one)
            except Exception as failed:  # noqa: BLE001  Each sender is told; it is theirs to handle.
                _tell(batch, failed)
            else:
                _tell(batch, None)

    async def _note_one(self, one: Coming) -> None:
        try:
            await self._note_all([one])
        except Exception as failed:  # noqa: BLE001  As above.
            _tell([one], failed)
        else:
            _tell([one], None)

    async def _read_noted(self) -> None:
        while True:
            await self._asked.wait()
            self._asked.clear()
            batch, self._asking = self._asking, []
            try:
                rows = await self._questions.tell(NOTED, [stream for stream, _, _ in batch], [one for _, one, _ in batch])
                read = [noted for row in rows if (noted := _noted(row)) is not None]
                found = {(noted.stream, noted.sent.asked.id): noted.sent for noted in read}
            except Exception as failed:  # noqa: BLE001  As above.
                for _, _, told in batch:
                    if not told.cancelled():
                        told.set_exception(failed)
            else:
                for stream, one, told in batch:
                    if not told.cancelled():
                        told.set_result(found.get((stream, one)))

    async def _write_settled(self) -> None:
        while True:
            await self._went.wait()
            await asyncio.sleep(HUSH_S)
            self._went.clear()
            await self._settle_all()

    async def _note_all(self, batch: list[Coming]) -> None:
        await self._notes.tell(
            NOTE,
            [noted.stream for noted, _, _ in batch],
            [noted.sent.asked.id for noted, _, _ in batch],
            [noted.sent.type for noted, _, _ in batch],
            [noted.sent.body for noted, _, _ in batch],
            [canonical(noted.sent.asked).decode() for noted, _, _ in batch],
            [received_at for _, received_at, _ in batch],
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

    async def tell(self, statement: str, *values: object) -> list[Any]:
        """Run a statement, which is its own transaction and may be run twice: a kept connection can have died unseen."""
        kept = self._connection is not None
        try:
            return await self._run(statement, values)
        except UNREACHABLE:
            if not kept:
                raise
            return await self._run(statement, values)

    async def close(self) -> None:
        """Let the connection go; the next statement takes another one."""
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.invalidate()
            await connection.close()

    async def _run(self, statement: str, values: tuple[object, ...]) -> list[Any]:
        try:
            if self._connection is None:
                self._connection = await self._engine.connect()
            driver: Any = (await self._connection.get_raw_connection()).driver_connection
            rows: list[Any] = await driver.fetch(statement, *values)
        except BaseException:  # Nobody knows in what state it is now.
            await self.close()
            raise
        return rows


def _tell(batch: list[Coming], failed: Exception | None) -> None:
    for _, _, done in batch:
        if done.cancelled():
            continue
        if failed is None:
            done.set_result(None)
        else:
            done.set_exception(failed)


def _json(answer: Answer | None) -> str:
    return "null" if answer is None else canonical(asdict(answer)).decode()


def _noted(row: Mapping[str, Any]) -> Noted | None:
    try:
        return Noted(stream=row["stream"], sent=_sent(row))
    except ValueError as misfit:
        logger.warning("inbox.unreadable", stream=row["stream"], command_id=str(row["command_id"]), because=str(misfit))
        return None


def _sent(row: Mapping[str, Any]) -> Sent:
    return Sent(type=row["type"], body=row["body"], asked=from_bytes(Asked, row["asked"]))
