"""What came in is kept until it is answered, whatever happens to the connections."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import asyncpg
import pytest
from sqlalchemy import make_url
from sqlalchemy.ext.asyncio import create_async_engine

from application.inbox import Inbox, Settled
from application.sending import sent
from domain.decider import SYSTEM, Asked, Source, SourceKind, Wake
from tests.stores import LogDatabase
from workflows.messages import Sent

STREAM = "cycle/2026"
AT = datetime(2026, 3, 31, 9, 30, tzinfo=UTC)
LATER = AT + timedelta(seconds=1)


@pytest.fixture
async def inbox(log_database: LogDatabase) -> AsyncIterator[Inbox]:
    engine = create_async_engine(make_url(log_database.app).set(drivername="postgresql+asyncpg"))
    async with Inbox.open(engine) as opened:
        yield opened
    await engine.dispose()


def message(command_id: UUID | None = None) -> Sent:
    asked = Asked(id=command_id or uuid4(), by=SYSTEM, at=AT, source=Source(kind=SourceKind.API))
    return sent(Wake(), asked)


def settled(message: Sent) -> Settled:
    return Settled(stream=STREAM, command_id=message.asked.id, status="done", answer=None)


async def unsettled(inbox: Inbox) -> list[Sent]:
    return [noted.sent for noted in await inbox.unsettled(LATER)]


async def test_what_is_noted_is_unsettled_and_comes_back_as_it_was(inbox: Inbox) -> None:
    first, second = message(), message()

    await asyncio.gather(inbox.note(STREAM, first, AT), inbox.note(STREAM, second, AT + timedelta(microseconds=1)))

    assert await unsettled(inbox) == [first, second]


async def test_noting_again_changes_nothing(inbox: Inbox) -> None:
    once = message()

    await inbox.note(STREAM, once, AT)
    await inbox.note(STREAM, once, LATER)

    assert await unsettled(inbox) == [once]


async def test_the_first_sending_is_given_back_and_what_never_came_is_not(inbox: Inbox) -> None:
    first = message()
    later = replace(first, asked=replace(first.asked, at=LATER))
    await inbox.note(STREAM, first, AT)
    await inbox.note(STREAM, later, LATER)

    found = tuple(await asyncio.gather(inbox.first(STREAM, first.asked.id), inbox.first(STREAM, uuid4())))

    assert found == (first, None)


async def test_one_that_cannot_be_stored_takes_no_other_down_with_it(inbox: Inbox) -> None:
    good, bad, last = message(), replace(message(), type="Wa\0ke"), message()

    told = await asyncio.gather(*(inbox.note(STREAM, one, AT) for one in (good, bad, last)), return_exceptions=True)

    assert [type(each) for each in told] == [type(None), asyncpg.CharacterNotInRepertoireError, type(None)]
    assert {one.asked.id for one in await unsettled(inbox)} == {good.asked.id, last.asked.id}


async def test_a_row_that_cannot_be_read_is_passed_over_and_so_is_one_that_waits(inbox: Inbox, log_database: LogDatabase) -> None:
    good, spoilt, waiting = message(), message(), message()
    await asyncio.gather(*(inbox.note(STREAM, one, AT) for one in (spoilt, good, waiting)))
    owner = await asyncpg.connect(log_database.owner)
    await owner.execute("UPDATE app.inbox SET asked = '{}' WHERE command_id = $1", spoilt.asked.id)
    await owner.close()

    assert [noted.sent for noted in await inbox.unsettled(LATER, passing=[waiting.asked.id])] == [good]
    firsts = await asyncio.gather(*(inbox.first(STREAM, one.asked.id) for one in (spoilt, good)))
    assert [*firsts] == [None, good]


async def test_what_is_settled_when_the_inbox_closes_is_settled(log_database: LogDatabase) -> None:
    engine = create_async_engine(make_url(log_database.app).set(drivername="postgresql+asyncpg"))
    answered, open_still = message(), message()

    async with Inbox.open(engine) as inbox:
        await inbox.note(STREAM, answered, AT)
        await inbox.note(STREAM, open_still, AT)
        inbox.settle(settled(answered))

    assert await unsettled(Inbox(engine)) == [open_still]
    await engine.dispose()


async def test_connections_that_died_unseen_lose_no_note(inbox: Inbox, log_database: LogDatabase) -> None:
    before, after = message(), message()
    await inbox.note(STREAM, before, AT)
    owner = await asyncpg.connect(log_database.owner)
    await owner.execute(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    await owner.close()

    await inbox.note(STREAM, after, AT + timedelta(microseconds=1))

    assert await unsettled(inbox) == [before, after]
