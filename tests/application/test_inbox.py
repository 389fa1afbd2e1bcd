"""The inbox on a real database: noted at once, settled soon, and given to whoever resends until it is."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from application.inbox import Inbox, Settled
from application.sending import sent
from domain.decider import Actor, Asked, Source, SourceKind
from domain.task.commands import Accept
from tests.stores import LogDatabase
from workflows.messages import Answer, Sent

AT = datetime(2026, 3, 2, 9, 30, 0, 123456, tzinfo=UTC)
LATER = timedelta(seconds=1)
STREAM = "task/2026/line-loss/ops"


@pytest.fixture
async def engine(log_database: LogDatabase) -> AsyncIterator[AsyncEngine]:
    """An engine for the application's role."""
    engine = create_async_engine(log_database.app.replace("postgresql://", "postgresql+asyncpg://"))
    yield engine
    await engine.dispose()


def message(command_id: UUID | None = None, plan: str = "三步走") -> Sent:
    """Give a command as it travels."""
    by = Actor(person="p1", post="head", department="ops")
    asked = Asked(id=command_id or uuid4(), by=by, at=AT, source=Source(kind=SourceKind.PAGE), fact_at=AT - LATER)
    return sent(Accept(plan=plan), asked)


def answer() -> Answer:
    """Give an answer."""
    return Answer(status="done", stream=STREAM, version=3, position=17, recorded_at=AT)


async def test_what_is_noted_comes_back_as_it_was_sent(engine: AsyncEngine) -> None:
    async with Inbox.open(engine) as inbox:
        one = message()

        await inbox.note(STREAM, one, AT)

        assert [(noted.stream, noted.sent.asked) for noted in await inbox.unsettled(AT + LATER)] == [(STREAM, one.asked)]
        assert not await inbox.unsettled(AT)  # Too young to be sent again.


async def test_what_is_noted_twice_is_there_once(engine: AsyncEngine) -> None:
    async with Inbox.open(engine) as inbox:
        one = message()

        await asyncio.gather(*(inbox.note(STREAM, one, AT) for _ in range(3)))

        assert len(await inbox.unsettled(AT + LATER)) == 1


async def test_what_is_settled_is_not_sent_again_and_keeps_its_answer(engine: AsyncEngine) -> None:
    one, two = message(), message()
    async with Inbox.open(engine) as inbox:
        await inbox.note(STREAM, one, AT)
        await inbox.note(STREAM, two, AT)

        inbox.settle(Settled(stream=STREAM, command_id=one.asked.id, status="done", answer=answer()))
        # Leaving writes what is still to be settled.

    async with Inbox.open(engine) as inbox, engine.connect() as connection:
        assert [noted.sent.asked.id for noted in await inbox.unsettled(AT + LATER)] == [two.asked.id]
        row = (await connection.execute(text("SELECT status, answer FROM app.inbox WHERE settled_at IS NOT NULL"))).one()
        assert (row.status, row.answer["position"]) == ("done", 17)


async def test_who_cannot_be_noted_is_told_and_the_next_one_is(engine: AsyncEngine, log_database: LogDatabase) -> None:
    owner = create_async_engine(log_database.owner.replace("postgresql://", "postgresql+asyncpg://"))
    async with Inbox.open(engine) as inbox:
        async with owner.begin() as connection:
            await connection.execute(text("ALTER TABLE app.inbox RENAME TO away"))
        with pytest.raises(SQLAlchemyError):
            await inbox.note(STREAM, message(), AT)
        async with owner.begin() as connection:
            await connection.execute(text("ALTER TABLE app.away RENAME TO inbox"))

        await inbox.note(STREAM, message(), AT)

        assert len(await inbox.unsettled(AT + LATER)) == 1
    await owner.dispose()
