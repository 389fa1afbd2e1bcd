"""The engine the read models are written and read through."""

import contextlib
from collections.abc import AsyncIterator

import asyncpg
from sqlalchemy.exc import DBAPIError, InterfaceError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

PASSING = frozenset({"08", "25", "40", "53", "55", "57", "58"})  # SQLSTATE classes of what may go well the next time.
UNFIT = frozenset({"22", "23"})  # Data that does not fit its column: it will not the next time either.


@contextlib.asynccontextmanager
async def open_engine(dsn: str, *, connections: int = 12) -> AsyncIterator[AsyncEngine]:
    """Open an engine on a ``postgresql://`` address as the application's role.

    Each read model that is followed keeps one of the ``connections``; the rest are for those who ask.
    """
    engine = create_async_engine(
        "postgresql+asyncpg://",
        async_creator=lambda: asyncpg.connect(dsn, server_settings={"application_name": "dukao read models"}),
        pool_size=connections,
        max_overflow=0,
        pool_pre_ping=True,
    )
    try:
        yield engine
    finally:
        await engine.dispose()


def is_passing(error: BaseException) -> bool:
    """Say whether an error is the network's or the server's, so that the same work may succeed later."""
    if isinstance(error, (OSError, asyncpg.InterfaceError, InterfaceError)):
        return True
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    return sqlstate(error)[:2] in PASSING


def is_unfit(error: BaseException) -> bool:
    """Say whether an error is the data's own, so that the same work fails for ever."""
    return sqlstate(error)[:2] in UNFIT


def sqlstate(error: BaseException) -> str:
    """Give PostgreSQL's five letters for an error (empty: it is none of PostgreSQL's)."""
    origin = getattr(error, "orig", error)
    return str(getattr(origin, "sqlstate", None) or "")
