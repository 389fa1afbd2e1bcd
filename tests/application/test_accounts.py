"""Accounts and sessions on a real database: who gets in, who waits, and when a session ends."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from application.accounts import (
    ABSOLUTE,
    FREE_FAILURES,
    IDLE,
    AccountExists,
    PasswordIsWeak,
    SignInFailed,
    TooManyFailures,
    account_of,
    authenticate,
    change_password,
    close_session,
    create_account,
    create_accounts,
    open_session,
    session_of,
    set_password,
)
from tests.stores import LogDatabase

NOW = datetime(2026, 9, 30, 8, tzinfo=UTC)
PASSWORD = "correct horse 1"


@pytest.fixture
async def engine(log_database: LogDatabase) -> AsyncIterator[AsyncEngine]:
    """An engine that signs in as the application does."""
    made = create_async_engine(
        "postgresql+asyncpg://", async_creator=lambda: asyncpg.connect(log_database.app), poolclass=NullPool
    )
    yield made
    await made.dispose()


async def test_the_right_password_opens_the_account(engine: AsyncEngine) -> None:
    await create_account(engine, "wang", "p1", PASSWORD, True, name="王")

    account = await authenticate(engine, "wang", PASSWORD, now=NOW)

    assert (account.login, account.person, account.must_change) == ("wang", "p1", True)


@pytest.mark.parametrize(("login", "password"), [("wang", "wrong password"), ("nobody", PASSWORD), ("wang", "x" * 1_000)])
async def test_a_wrong_password_and_an_unknown_login_sound_the_same(engine: AsyncEngine, login: str, password: str) -> None:
    await create_account(engine, "wang", "p1", PASSWORD)

    with pytest.raises(SignInFailed):
        await authenticate(engine, login, password, now=NOW)


async def test_an_account_waits_longer_and_longer_after_wrong_passwords(engine: AsyncEngine) -> None:
    await create_account(engine, "wang", "p1", PASSWORD)
    for _ in range(FREE_FAILURES + 1):
        with pytest.raises(SignInFailed):
            await authenticate(engine, "wang", "wrong password", now=NOW)

    with pytest.raises(TooManyFailures) as first:
        await authenticate(engine, "wang", PASSWORD, now=NOW)
    later = NOW + timedelta(seconds=31)
    with pytest.raises(SignInFailed):
        await authenticate(engine, "wang", "wrong password", now=later)
    with pytest.raises(TooManyFailures) as second:
        await authenticate(engine, "wang", PASSWORD, now=later)

    assert (first.value.values["seconds"], second.value.values["seconds"]) == ("31", "61")
    assert (await authenticate(engine, "wang", PASSWORD, now=later + timedelta(hours=1))).person == "p1"


async def test_the_right_password_forgets_the_wrong_ones(engine: AsyncEngine) -> None:
    await create_account(engine, "wang", "p1", PASSWORD)
    for _ in range(2):
        for _ in range(FREE_FAILURES):
            with pytest.raises(SignInFailed):
                await authenticate(engine, "wang", "wrong password", now=NOW)

        assert (await authenticate(engine, "wang", PASSWORD, now=NOW)).person == "p1"


async def test_a_login_is_taken_once(engine: AsyncEngine) -> None:
    await create_account(engine, "wang", "p1", PASSWORD)

    with pytest.raises(AccountExists):
        await create_account(engine, "wang", "p2", PASSWORD)


@pytest.mark.parametrize("password", ["short", "x" * 257, "wangxiaoming"])
async def test_a_weak_password_is_refused(engine: AsyncEngine, password: str) -> None:
    with pytest.raises(PasswordIsWeak):
        await create_account(engine, "WangXiaoming", "p1", password)


async def test_a_session_is_known_by_its_token_and_the_table_does_not_hold_it(engine: AsyncEngine) -> None:
    await create_account(engine, "wang", "p1", PASSWORD)
    opened = await open_session(engine, "wang", now=NOW, client="test")

    signed = await session_of(engine, opened.token, now=NOW)

    assert signed is not None
    assert (signed.person, signed.csrf) == ("p1", opened.csrf)
    async with engine.connect() as connection:
        row = (await connection.execute(text("SELECT s::text FROM app.session s"))).scalar_one()
    assert opened.token not in row
    assert await session_of(engine, opened.token + "x", now=NOW) is None


async def test_a_session_ends_when_idle_and_at_its_absolute_age(engine: AsyncEngine) -> None:
    await create_account(engine, "wang", "p1", PASSWORD)
    idle = await open_session(engine, "wang", now=NOW)
    used = await open_session(engine, "wang", now=NOW)

    at = NOW
    while at < NOW + ABSOLUTE - IDLE:
        at += IDLE / 2
        assert await session_of(engine, used.token, now=at)

    assert await session_of(engine, idle.token, now=at) is None
    assert await session_of(engine, used.token, now=at + IDLE / 2)
    assert await session_of(engine, used.token, now=NOW + ABSOLUTE) is None


async def test_a_new_session_ends_the_one_it_replaces(engine: AsyncEngine) -> None:
    await create_account(engine, "wang", "p1", PASSWORD)
    before = await open_session(engine, "wang", now=NOW)
    after = await open_session(engine, "wang", now=NOW, instead_of=before.token)

    assert await session_of(engine, before.token, now=NOW) is None
    assert await session_of(engine, after.token, now=NOW)
    await close_session(engine, after.token)
    await close_session(engine, after.token)
    assert await session_of(engine, after.token, now=NOW) is None


async def test_a_changed_password_ends_all_sessions_and_is_not_the_old_one(engine: AsyncEngine) -> None:
    await create_account(engine, "wang", "p1", PASSWORD)
    opened = await open_session(engine, "wang", now=NOW)

    with pytest.raises(PasswordIsWeak):
        await change_password(engine, "wang", PASSWORD, PASSWORD, now=NOW)
    await change_password(engine, "wang", PASSWORD, "battery staple 2", now=NOW)

    assert await session_of(engine, opened.token, now=NOW) is None
    assert not (await authenticate(engine, "wang", "battery staple 2", now=NOW)).must_change
    await set_password(engine, "wang", "given by the admin", must_change=True)
    assert (await authenticate(engine, "wang", "given by the admin", now=NOW)).must_change


async def test_an_account_without_a_password_is_never_opened_by_one(engine: AsyncEngine) -> None:
    assert await create_accounts(engine, [("li", "p2"), ("zhao", "p3")]) == 2
    assert await create_accounts(engine, [("li", "p2"), ("sun", "p4")], PASSWORD) == 1

    with pytest.raises(SignInFailed):
        await authenticate(engine, "li", "!", now=NOW)
    assert (await authenticate(engine, "sun", PASSWORD, now=NOW)).person == "p4"
    found = await account_of(engine, "p3")
    assert found is not None
    assert found.login == "zhao"
    assert await account_of(engine, "p9") is None
