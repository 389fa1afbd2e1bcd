"""Bringing databases up to date: again and again, at once, by an owner who is no superuser, and never backwards."""

import asyncio
import sys
from pathlib import Path

import asyncpg
import pytest

from embedded.postgres import Postgres
from event_store.log import ANY
from event_store.migrate import SchemaIsNewer, application_role, upgrade
from event_store.migrations.versions.v0001_record import ROOMS
from event_store.postgres import PostgresLog
from tests.event_store.facts import receipt, request
from tests.stores import LogDatabase, as_user

ROOT = Path(__file__).parents[2]
SQL = ROOT / "event_store" / "sql"


async def test_a_migrated_database_takes_facts(database: str) -> None:
    await upgrade(database)
    await application_role(database, "some_app", 'it\'s a "secret" %s')

    async with PostgresLog.open(as_user(database, "some_app", "it's%20a%20%22secret%22%20%25s")) as log:
        assert (await receipt(log, request("task/1", "a", expected=ANY))).position == 0


async def test_migrating_again_changes_nothing(database: str) -> None:
    first = await upgrade(database)
    before = await catalogue(database)

    assert await upgrade(database) == first
    assert await catalogue(database) == before


async def test_of_two_who_migrate_at_once_one_waits_for_the_other(database: str) -> None:
    ends = await asyncio.gather(in_a_process_of_its_own(database), in_a_process_of_its_own(database))

    assert not any(ends)


async def test_two_databases_of_one_server_may_be_migrated_at_once(postgres: Postgres, database: str) -> None:
    connection = await asyncpg.connect(database)
    await connection.execute("CREATE DATABASE another_company")
    try:
        ends = await asyncio.gather(in_a_process_of_its_own(database), in_a_process_of_its_own(postgres.dsn("another_company")))
        assert not any(ends)
    finally:
        await connection.execute("DROP DATABASE another_company WITH (FORCE)")
        await connection.close()


async def test_a_schema_of_a_newer_program_is_refused_in_both_languages_and_left_alone(log_database: LogDatabase) -> None:
    connection = await asyncpg.connect(log_database.owner)
    await connection.execute("UPDATE schema_version SET version_num = '9999'")
    await connection.close()
    before = await catalogue(log_database.owner)

    with pytest.raises(SchemaIsNewer, match="9999") as refused:
        await upgrade(log_database.owner)

    assert "更新的程序" in str(refused.value)
    assert "newer program" in str(refused.value)
    assert await catalogue(log_database.owner) == before


async def test_an_upgrade_that_fails_leaves_nothing_behind(database: str) -> None:
    connection = await asyncpg.connect(database)
    await connection.execute("CREATE SCHEMA rm")  # In the way of ours.

    with pytest.raises(Exception, match="already exists"):
        await upgrade(database)

    assert await connection.fetchval("SELECT count(*) FROM pg_namespace WHERE nspname IN ('es', 'app')") == 0
    await connection.execute("DROP SCHEMA rm")
    await connection.close()
    await upgrade(database)


async def test_an_owner_who_may_make_roles_and_owns_the_database_is_enough(postgres: Postgres, database: str) -> None:
    """As in production, where nobody is a superuser. The roles that other tests made on this server are granted first."""
    superuser = await asyncpg.connect(database)
    name = await superuser.fetchval("SELECT current_database()")
    await superuser.execute("CREATE ROLE administrator LOGIN CREATEROLE PASSWORD 'a'")
    await superuser.execute(f'ALTER DATABASE "{name}" OWNER TO administrator')
    for role in ("es_owner", "es_appender", "es_reader", "es_projector", "app_owner", "app_writer"):
        if await superuser.fetchval("SELECT true FROM pg_roles WHERE rolname = $1", role):
            await superuser.execute(f"GRANT {role} TO administrator WITH ADMIN OPTION")
    administrator = as_user(database, "administrator", "a")
    try:
        await upgrade(administrator)
        await application_role(administrator, "administered_app", "b")

        async with PostgresLog.open(as_user(database, "administered_app", "b")) as log:
            assert (await receipt(log, request("task/1", "a"))).position == 0
    finally:
        await superuser.execute("DROP SCHEMA es, app, rm CASCADE; DROP TABLE schema_version")
        await superuser.execute(f'ALTER DATABASE "{name}" OWNER TO CURRENT_USER')
        await superuser.execute("DROP ROLE administered_app")
        await superuser.execute("DROP OWNED BY administrator; DROP ROLE administrator")
        await superuser.close()


async def test_a_new_password_takes_the_place_of_the_old_one(log_database: LogDatabase) -> None:
    await application_role(log_database.owner, "changing_app", "old")
    await application_role(log_database.owner, "changing_app", "new")

    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(as_user(log_database.owner, "changing_app", "old"))
    await (await asyncpg.connect(as_user(log_database.owner, "changing_app", "new"))).close()


async def test_the_rows_of_app_can_be_written_by_the_program(log_database: LogDatabase) -> None:
    connection = await asyncpg.connect(log_database.app)
    await connection.execute(
        """
        INSERT INTO app.store (kind, company) VALUES ('demonstration', '演示');
        INSERT INTO app.person (person_id, name) VALUES ('p1', '张三');
        INSERT INTO app.account (login, person_id, password_hash) VALUES ('zhang', 'p1', 'x');
        INSERT INTO app.session (token_sha256, login, csrf, expires_at) VALUES (sha256('t'), 'zhang', 'c', now());
        INSERT INTO app.inbox (command_id, stream, type, body, asked, received_at)
        VALUES (gen_random_uuid(), 'task/1', 'Accept', '{}', '{}', now());
        """
    )

    with pytest.raises(asyncpg.CheckViolationError):
        await connection.execute("UPDATE app.person SET erased_at = now()")
    await connection.execute("UPDATE app.person SET erased_at = now(), name = ''")
    with pytest.raises(asyncpg.UniqueViolationError):
        await connection.execute("INSERT INTO app.store (kind, company) VALUES ('own', '本公司')")
    await connection.close()


def test_every_sql_file_is_run() -> None:
    listed = {f"{name}.sql" for names in ROOMS.values() for name in names}

    assert listed == {path.relative_to(SQL).as_posix() for path in SQL.rglob("*.sql")}


async def in_a_process_of_its_own(dsn: str) -> int:
    """Migrate as two machines would, and give the exit code. (Within one process Alembic's context is global.)"""
    program = "import asyncio, sys; from event_store.migrate import upgrade; asyncio.run(upgrade(sys.argv[1]))"
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", program, dsn, cwd=ROOT)
    return await process.wait()


async def catalogue(dsn: str) -> list[str]:
    """Everything there is in our schemas, and what the version table says."""
    connection = await asyncpg.connect(dsn)
    rows = await connection.fetch(
        """
        SELECT format('%s.%s %s', relnamespace::regnamespace, relname, relacl) AS thing FROM pg_class
         WHERE relnamespace::regnamespace::text IN ('es', 'app', 'rm')
        UNION ALL SELECT format('%s %s', oid::regprocedure, proacl) FROM pg_proc WHERE pronamespace = 'es'::regnamespace
        UNION ALL SELECT version_num FROM schema_version
        UNION ALL SELECT format('%s %s', first, made_at) FROM es.partition
        ORDER BY 1
        """
    )
    await connection.close()
    return [row["thing"] for row in rows]
