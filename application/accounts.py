"""Who may sign in: local accounts with argon2id passwords, and sessions the server can end.

A session is a random token in a cookie; the table keeps its SHA-256 only. Instants are given by the caller and aware. Passwords are
hashed in a thread, two at a time: each takes 64 MiB and a tenth of a second on purpose.
"""

import asyncio
import secrets
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from hashlib import sha256
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import (
    Boolean,
    Column,
    DateTime,
    Integer,
    LargeBinary,
    MetaData,
    Row,
    Table,
    Text,
    case,
    delete,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from domain.decider import Refused

IDLE = timedelta(hours=2)  # A morning's meeting does not sign anybody out; a forgotten screen does.
ABSOLUTE = timedelta(hours=12)  # One working day.
SEEN_EVERY = timedelta(minutes=1)  # How exactly the last use is kept.
FREE_FAILURES = 5  # Wrong passwords before the account waits.
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=30), timedelta(minutes=15)
SHORTEST_PASSWORD, LONGEST_PASSWORD = 10, 256
TOKEN_BYTES = 32
NO_PASSWORD = "!"  # noqa: S105  No hash: nobody signs in with a password here.

_tables = MetaData(schema="app")
_instant = DateTime(timezone=True)
ACCOUNT = Table(
    "account",
    _tables,
    Column("login", Text, primary_key=True),
    Column("person_id", Text),
    Column("roles", postgresql.ARRAY(Text)),
    Column("password_hash", Text),
    Column("must_change", Boolean),
    Column("disabled_at", _instant),
    Column("failed", Integer),
    Column("locked_until", _instant),
)
SESSION = Table(
    "session",
    _tables,
    Column("token_sha256", LargeBinary, primary_key=True),
    Column("login", Text),
    Column("csrf", Text),
    Column("created_at", _instant),
    Column("seen_at", _instant),
    Column("expires_at", _instant),
    Column("client", Text),
)
PERSON = Table("person", _tables, Column("person_id", Text, primary_key=True), Column("name", Text))


@dataclass(frozen=True, kw_only=True)
class Account:
    """A local account and the person it signs in."""

    login: str
    person: str
    must_change: bool = False


@dataclass(frozen=True, kw_only=True)
class Opened:
    """A session just opened. ``token`` is told once, here; ``csrf`` goes into every form."""

    token: str
    csrf: str
    expires_at: datetime


@dataclass(frozen=True, kw_only=True)
class Signed:
    """Who a token stands for."""

    login: str
    person: str
    csrf: str
    must_change: bool
    opened_at: datetime


class SignInFailed(Refused):
    """The account or the password is wrong; which of them is not told."""

    zh = "账号或密码不正确。请核对后重试；忘记密码请联系系统管理员重置。"
    en = "The account or the password is wrong. Check both and try again, or ask the administrator for a new password."


class TooManyFailures(Refused):
    """Too many wrong passwords: the account waits, and the wait doubles."""

    zh = "密码连续输错次数过多，该账号暂停登录 {seconds} 秒。请稍后再试，或联系系统管理员重置密码。"
    en = (
        "Too many wrong passwords: this account waits {seconds} seconds. Try again later, or ask the administrator for a new one."
    )


class PasswordIsWeak(Refused):
    """The new password is too short, too long, or the login itself."""

    zh = "新密码须为 {shortest} 到 {longest} 个字符，且不能与账号或原密码相同。请换一个。"
    en = "A password has {shortest} to {longest} characters and is neither the login nor the old one. Choose another."


class AccountExists(Refused):
    """The login is taken."""

    zh = "账号“{login}”已存在。请换一个账号名。"
    en = "The account '{login}' exists already. Choose another login."


async def create_account(
    engine: AsyncEngine,
    login: str,
    person_id: str,
    password: str,
    must_change: bool = True,  # noqa: FBT001, FBT002  Read as a word at every call.
    *,
    name: str = "",
) -> Account:
    """Make an account. Where nobody has told the person's name yet, ``name`` is kept.

    Raises AccountExists or PasswordIsWeak.
    """
    _check_strength(login, password)
    hashed = await _hashed(password)
    async with engine.begin() as connection:
        await _known_person(connection, person_id, name or login)
        if not await _insert(connection, [_row(login, person_id, hashed, must_change=must_change)]):
            raise AccountExists(login=login)
    return Account(login=login, person=person_id, must_change=must_change)


async def create_accounts(engine: AsyncEngine, people: Iterable[tuple[str, str]], password: str | None = None) -> int:
    """Make accounts of (login, person) that share one password, or have none, and say how many are new. For demonstrations only."""
    hashed = NO_PASSWORD if password is None else await _hashed(password)
    people = tuple(people)
    if not people:
        return 0
    async with engine.begin() as connection:
        for login, person in people:
            await _known_person(connection, person, login)
        return await _insert(connection, [_row(login, person, hashed, must_change=False) for login, person in people])


async def account_of(engine: AsyncEngine, person: str) -> Account | None:
    """Give the first account of a person that is not disabled."""
    query = select(ACCOUNT).where(ACCOUNT.c.person_id == person, ACCOUNT.c.disabled_at.is_(None)).order_by(ACCOUNT.c.login)
    async with engine.connect() as connection:
        found = (await connection.execute(query)).first()
    return None if found is None else Account(login=found.login, person=found.person_id, must_change=found.must_change)


async def authenticate(engine: AsyncEngine, login: str, password: str, *, now: datetime) -> Account:
    """Give the account that this login and password open.

    A wrong password is counted; from the sixth on the account waits, twice as long each time. Raises SignInFailed, TooManyFailures.
    """
    async with engine.connect() as connection:
        found = (await connection.execute(select(ACCOUNT).where(ACCOUNT.c.login == login))).first()
    if found is not None and found.locked_until is not None and found.locked_until > now:
        raise TooManyFailures(seconds=int((found.locked_until - now).total_seconds()) + 1)
    if len(password) > LONGEST_PASSWORD:
        raise SignInFailed
    stored = None if found is None or found.disabled_at is not None else found.password_hash
    if not await _matches(stored, password):
        if found is not None:
            await _count_failure(engine, login, now)
        raise SignInFailed
    assert found is not None
    await _forget_failures(engine, found, password)
    return Account(login=login, person=found.person_id, must_change=found.must_change)


async def change_password(engine: AsyncEngine, login: str, old: str, new: str, *, now: datetime) -> None:
    """Change a password and end all sessions of the account. Raises as ``authenticate``, and PasswordIsWeak."""
    await authenticate(engine, login, old, now=now)
    if old == new:
        raise _weak()
    await set_password(engine, login, new)


async def set_password(engine: AsyncEngine, login: str, password: str, *, must_change: bool = False) -> None:
    """Give an account a password and end all its sessions. Raises PasswordIsWeak."""
    _check_strength(login, password)
    values = {"password_hash": await _hashed(password), "must_change": must_change, "failed": 0, "locked_until": None}
    async with engine.begin() as connection:
        await connection.execute(update(ACCOUNT).where(ACCOUNT.c.login == login).values(**values))
        await connection.execute(delete(SESSION).where(SESSION.c.login == login))


async def open_session(
    engine: AsyncEngine, login: str, *, now: datetime, client: str = "", instead_of: str | None = None
) -> Opened:
    """Open a session with a new token, and end the one it is opened ``instead_of``: a token never changes hands."""
    opened = Opened(token=secrets.token_urlsafe(TOKEN_BYTES), csrf=secrets.token_urlsafe(TOKEN_BYTES), expires_at=now + ABSOLUTE)
    row = {
        "token_sha256": _digest(opened.token),
        "login": login,
        "csrf": opened.csrf,
        "created_at": now,
        "seen_at": now,
        "expires_at": opened.expires_at,
        "client": client[:200],
    }
    async with engine.begin() as connection:
        if instead_of:
            await connection.execute(delete(SESSION).where(SESSION.c.token_sha256 == _digest(instead_of)))
        await connection.execute(delete(SESSION).where(SESSION.c.expires_at < now))
        await connection.execute(insert(SESSION).values(**row))
    return opened


async def session_of(engine: AsyncEngine, token: str, *, now: datetime) -> Signed | None:
    """Give who a token stands for; nobody if it is unknown, unused for two hours, older than twelve, or its account is disabled."""
    query = (
        select(SESSION, ACCOUNT.c.person_id, ACCOUNT.c.must_change)
        .join_from(SESSION, ACCOUNT, ACCOUNT.c.login == SESSION.c.login)
        .where(
            SESSION.c.token_sha256 == _digest(token),
            SESSION.c.expires_at > now,
            SESSION.c.seen_at > now - IDLE,
            ACCOUNT.c.disabled_at.is_(None),
        )
    )
    async with engine.begin() as connection:
        found = (await connection.execute(query)).first()
        if found is None:
            return None
        if found.seen_at < now - SEEN_EVERY:
            await connection.execute(update(SESSION).where(SESSION.c.token_sha256 == found.token_sha256).values(seen_at=now))
    return Signed(
        login=found.login,
        person=found.person_id,
        csrf=found.csrf,
        must_change=found.must_change,
        opened_at=found.created_at,
    )


async def close_session(engine: AsyncEngine, token: str) -> None:
    """End a session. Ending it twice is harmless."""
    async with engine.begin() as connection:
        await connection.execute(delete(SESSION).where(SESSION.c.token_sha256 == _digest(token)))


def _check_strength(login: str, password: str) -> None:
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD or password.lower() == login.lower():
        raise _weak()


def _weak() -> PasswordIsWeak:
    return PasswordIsWeak(shortest=SHORTEST_PASSWORD, longest=LONGEST_PASSWORD)


def _row(login: str, person: str, hashed: str, *, must_change: bool) -> dict[str, Any]:
    return {"login": login, "person_id": person, "password_hash": hashed, "must_change": must_change, "roles": []}


async def _insert(connection: AsyncConnection, rows: list[dict[str, Any]]) -> int:
    statement = postgresql.insert(ACCOUNT).values(rows).on_conflict_do_nothing().returning(ACCOUNT.c.login)
    return len((await connection.execute(statement)).all())


async def _known_person(connection: AsyncConnection, person: str, name: str) -> None:
    await connection.execute(postgresql.insert(PERSON).values(person_id=person, name=name).on_conflict_do_nothing())


async def _count_failure(engine: AsyncEngine, login: str, now: datetime) -> None:
    """Count in one statement, so that guesses at the same time are all counted."""
    failed = ACCOUNT.c.failed + 1
    wait = func.least(FIRST_WAIT * func.power(2, func.least(failed - FREE_FAILURES - 1, 10)), LONGEST_WAIT)
    locked = case((failed > FREE_FAILURES, now + wait), else_=None)
    async with engine.begin() as connection:
        await connection.execute(update(ACCOUNT).where(ACCOUNT.c.login == login).values(failed=failed, locked_until=locked))


async def _forget_failures(engine: AsyncEngine, found: Row[Any], password: str) -> None:
    changed: dict[str, Any] = {"failed": 0, "locked_until": None} if found.failed else {}
    if _hasher().check_needs_rehash(found.password_hash):
        changed["password_hash"] = await _hashed(password)
    if changed:
        async with engine.begin() as connection:
            await connection.execute(update(ACCOUNT).where(ACCOUNT.c.login == found.login).values(**changed))


async def _matches(stored: str | None, password: str) -> bool:
    """Verify against the stored hash; against another one where there is none, so that an unknown login takes as long."""
    return await asyncio.get_running_loop().run_in_executor(_threads(), _verify, stored, password)


async def _hashed(password: str) -> str:
    return await asyncio.get_running_loop().run_in_executor(_threads(), _hasher().hash, password)


def _verify(stored: str | None, password: str) -> bool:
    try:
        _hasher().verify(stored or _decoy(), password)
    except (VerificationError, InvalidHashError):
        return False
    return stored is not None


@cache
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=2, thread_name_prefix="argon2")


@cache
def _hasher() -> PasswordHasher:
    return PasswordHasher()


@cache
def _decoy() -> str:
    return _hasher().hash(secrets.token_urlsafe())


def _digest(token: str) -> bytes:
    return sha256(token.encode()).digest()
