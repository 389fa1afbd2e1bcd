"""Bring a database to the schema this program knows, and make the role the program signs in with.

Both are safe to call again, and from several machines at once: one waits for the other and finds nothing left to do. (Within one
process call them one after the other; Alembic keeps its context in globals.) A schema that is newer than this program is refused,
never touched.
"""

from pathlib import Path
from typing import Any

import asyncpg
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

HERE = Path(__file__).parent
VERSION_TABLE = "schema_version"
APPLICATION_ROLES = ("es_appender", "es_reader", "es_projector", "app_writer")
LOCK = 684_002  # Beside the log's own (684, 1); any number, the same for ever.


class SchemaIsNewer(Exception):
    """The database was migrated by a newer program."""

    def __init__(self, found: str, known: str) -> None:
        """Name both versions."""
        self.found, self.known = found, known
        super().__init__(
            f"数据库结构版本为 {found}，本程序只认识到 {known}：数据库已由更新的程序升级，未作任何改动。"
            "请改用相同或更新版本的程序。"
            f" / The database has schema version {found}, this program knows up to {known}: a newer program upgraded it."
            " Nothing was changed. Use a program of the same or a newer version."
        )


async def upgrade(owner_dsn: str) -> str:
    """Bring the database up to date as its owner, all or nothing, and give the version it has now.

    The owner is a superuser, or may create roles and owns the database. Raises SchemaIsNewer.
    """
    engine = create_async_engine("postgresql+asyncpg://", async_creator=lambda: asyncpg.connect(owner_dsn), poolclass=NullPool)
    try:
        async with engine.begin() as connection:
            await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
            return await connection.run_sync(_upgrade)
    finally:
        await engine.dispose()


async def application_role(owner_dsn: str, name: str, password: str) -> None:
    """Make the role the program signs in with, or give the one there is this password. It can do what the program needs."""
    connection = await asyncpg.connect(owner_dsn)
    try:
        async with connection.transaction():
            await connection.execute("SELECT pg_advisory_xact_lock($1)", LOCK)
            there = await connection.fetchval("SELECT true FROM pg_roles WHERE rolname = $1", name)
            statement = "%s ROLE %I LOGIN PASSWORD %L", "ALTER" if there else "CREATE", name, password
            await connection.execute(await _filled_in(connection, *statement))
            missing = "SELECT r FROM unnest($1::text[]) r WHERE NOT pg_has_role($2::name, r::name, 'MEMBER')"
            for role in await connection.fetch(missing, APPLICATION_ROLES, name):
                await connection.execute(await _filled_in(connection, "GRANT %I TO %I", role["r"], name))
    finally:
        await connection.close()


def run_files(connection: Connection, *names: str, owner: str | None = None) -> None:
    """Run SQL files (``es/event``) in the connection's transaction, as ``owner`` where one is given. For migrations."""
    scripts = [(HERE / "sql" / f"{name}.sql").read_text(encoding="utf-8") for name in names]
    if owner:
        scripts = [f'SET LOCAL ROLE "{owner}"', *scripts, "RESET ROLE"]
    driver: Any = connection.connection.dbapi_connection  # SQLAlchemy's asyncpg adapter.
    for script in scripts:  # Without parameters asyncpg takes several statements at once, which SQLAlchemy does not.
        driver.run_async(lambda asyncpg_connection, script=script: asyncpg_connection.execute(script))


async def _filled_in(connection: "asyncpg.Connection[asyncpg.Record]", statement: str, *values: str) -> str:
    """Let the server quote names and literals: statements about roles take no parameters."""
    filled: str = await connection.fetchval("SELECT format($1, VARIADIC $2::text[])", statement, values)
    return filled


def _upgrade(connection: Connection) -> str:
    config = Config()
    config.set_main_option("script_location", str(HERE / "migrations"))
    config.attributes["connection"] = connection
    versions = ScriptDirectory.from_config(config)
    newest = versions.get_current_head() or ""
    found = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE}).get_current_revision()
    if found is not None and found not in {version.revision for version in versions.walk_revisions()}:
        raise SchemaIsNewer(found, newest)
    if found != newest:
        command.upgrade(config, "head")
    return newest
