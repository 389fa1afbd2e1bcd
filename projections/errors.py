"""What PostgreSQL's errors mean to who writes read models: try again, put aside, or stop."""

import asyncpg
from sqlalchemy.exc import DBAPIError, InterfaceError

PASSING = frozenset({"08", "25", "40", "53", "55", "57", "58"})  # SQLSTATE classes of what may go well the next time.
UNDEFINED_TABLE = "42P01"
UNFIT = frozenset({"22", "23"})  # Data that does not fit its column: it will not the next time either.


def is_passing(error: BaseException) -> bool:
    """Say whether an error is the network's or the server's, so that the same work may succeed later."""
    # asyncpg's InternalClientError: the server died in the middle of an answer.
    if isinstance(error, (OSError, asyncpg.InterfaceError, asyncpg.InternalClientError, InterfaceError)):
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
