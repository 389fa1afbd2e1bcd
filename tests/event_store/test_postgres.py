"""What PostgreSQL's log keeps by itself: against other roles, against its owner, against lost connections."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from functools import partial
from typing import TypeAlias, TypeVar

import asyncpg
import pytest

from event_store import postgres
from event_store.log import PositionMissing
from event_store.postgres import PostgresLog
from tests.event_store.facts import receipt, request, said, store
from tests.stores import LogDatabase

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

PRIVILEGE = asyncpg.InsufficientPrivilegeError
T = TypeVar("T")

LOST = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError)


@pytest.fixture
async def log(log_database: LogDatabase) -> AsyncIterator[PostgresLog]:
    async with PostgresLog.open(log_database.app) as opened:
        yield opened


@pytest.fixture
async def owner(log_database: LogDatabase) -> AsyncIterator[Connection]:
    """A superuser's connection."""
    connection = await asyncpg.connect(log_database.owner)
    yield connection
    await connection.close()


@pytest.fixture
async def app(log_database: LogDatabase) -> AsyncIterator[Connection]:
    """The program's own connection."""
    connection = await asyncpg.connect(log_database.app)
    yield connection
    await connection.close()


# Append-only

CHANGES = (
    "UPDATE es.event SET payload = 'forged'",
    "DELETE FROM es.event",
    "TRUNCATE es.event",
    "UPDATE es.event_000000000000 SET payload = 'forged'",
    "DELETE FROM es.event_000000000000",
    "TRUNCATE es.event_000000000000",
    "TRUNCATE es.event_000004194304",
    "UPDATE es.receipt SET position = 0",
    "DELETE FROM es.receipt",
    "TRUNCATE es.receipt",
    "UPDATE es.stream SET version = version - 1",
    "UPDATE es.stream SET stream = 'task/other'",
    "DELETE FROM es.stream",
    "TRUNCATE es.stream",
)


@pytest.mark.parametrize("role", ["dukao_app", "es_appender", "es_reader", "es_projector", "es_owner", None])
async def test_nobody_changes_what_is_recorded(log: PostgresLog, owner: Connection, role: str | None) -> None:
    await store(log, request("task/1", "a", "b"))
    before = await log.read_all()
    if role:
        await owner.execute(f"SET ROLE {role}")

    for change in CHANGES:
        with pytest.raises(PRIVILEGE):
            await owner.execute(change)

    assert await log.read_all() == before


async def test_a_session_that_calls_itself_a_replica_changes_nothing_either(log: PostgresLog, owner: Connection) -> None:
    await store(log, request("task/1", "a", "b"))
    await owner.execute("SET session_replication_role = replica")

    for change in CHANGES:
        with pytest.raises(PRIVILEGE, match="只增不改"):
            await owner.execute(change)


# Privileges


NOT_NEEDED = (
    "INSERT INTO es.event VALUES (0, 's', 1, 'T', 1, '', '', now(), now())",
    "INSERT INTO es.event_000000000000 VALUES (0, 's', 1, 'T', 1, '', '', now(), now())",
    "INSERT INTO es.stream VALUES ('s', 1, 0, 0)",
    "INSERT INTO es.receipt VALUES ('s', gen_random_uuid(), sha256(''), 's', 1, 0, 1, now())",
    "INSERT INTO es.partition VALUES ('p', 0, 1)",
    "SELECT es.make_partition()",
    "ALTER TABLE es.event DISABLE TRIGGER ALL",
    "DROP TABLE es.event_000000000000",
    "CREATE TABLE es.mine ()",
    "CREATE TABLE app.mine ()",
    "SET ROLE es_owner",
    "TRUNCATE app.person",
    "UPDATE app.store SET kind = 'own'",
    "UPDATE public.schema_version SET version_num = '0000'",
)


async def test_the_program_cannot_do_what_it_need_not(app: Connection) -> None:
    for statement in NOT_NEEDED:
        with pytest.raises(PRIVILEGE):
            await app.execute(statement)


async def test_who_only_reads_cannot_append_and_who_only_appends_cannot_read(owner: Connection) -> None:
    await owner.execute("SET ROLE es_reader")
    with pytest.raises(PRIVILEGE):
        await owner.fetch(postgres.APPEND, *postgres._in_columns([request("task/1", "a")]))
    assert await owner.fetch(postgres.READ_ALL, -1, 10) == []

    await owner.execute("SET ROLE es_appender")
    with pytest.raises(PRIVILEGE):
        await owner.fetch(postgres.READ_ALL, -1, 10)
    assert len(await owner.fetch(postgres.APPEND, *postgres._in_columns([request("task/1", "a")]))) == 1


async def test_the_program_makes_and_drops_its_read_models_itself(app: Connection) -> None:
    await app.execute("CREATE TABLE rm.board (task text); INSERT INTO rm.board VALUES ('task/1'); DROP TABLE rm.board")


async def test_a_function_or_table_put_in_the_callers_path_is_not_called(log: PostgresLog, app: Connection) -> None:
    await app.execute("CREATE TEMP TABLE event (position bigint); INSERT INTO event VALUES (41)")
    await app.execute("SET search_path = pg_temp, es, pg_catalog")

    [row] = await app.fetch(postgres.APPEND, *postgres._in_columns([request("task/1", "a")]))

    assert row["position"] == 0
    assert await log.head() == 0


# What append_batch refuses


async def test_an_append_under_another_isolation_level_is_refused(app: Connection) -> None:
    with pytest.raises(asyncpg.PostgresError, match="READ COMMITTED"):
        async with app.transaction(isolation="repeatable_read"):
            await app.fetch(postgres.APPEND, *postgres._in_columns([request("task/1", "a")]))


async def test_the_database_itself_refuses_two_requests_for_one_stream(app: Connection) -> None:
    with pytest.raises(asyncpg.PostgresError, match="one request a stream"):
        await app.fetch(postgres.APPEND, *postgres._in_columns([request("task/1", "a"), request("task/1", "b")]))


async def test_counts_that_do_not_add_up_are_refused(app: Connection) -> None:
    columns = [*postgres._in_columns([request("task/1", "a")])]
    columns[5] = [2]  # Says that the request has two facts.

    with pytest.raises(asyncpg.PostgresError, match="do not add up"):
        await app.fetch(postgres.APPEND, *columns)


async def test_one_bad_fact_stores_nothing_of_its_batch(log: PostgresLog, app: Connection) -> None:
    columns = [*postgres._in_columns([request("task/1", "a"), request("task/2", "b")])]
    columns[10] = [1, 0]  # No fact has schema version 0.

    with pytest.raises(asyncpg.CheckViolationError):
        await app.fetch(postgres.APPEND, *columns)

    assert await log.head() == -1
    assert (await receipt(log, request("task/2", "b"))).position == 0


async def test_an_append_that_is_rolled_back_uses_up_no_position(log: PostgresLog, app: Connection) -> None:
    transaction = app.transaction()
    await transaction.start()
    await app.fetch(postgres.APPEND, *postgres._in_columns([request("task/1", "a")]))
    await transaction.rollback()

    assert (await receipt(log, request("task/2", "b"))).position == 0


# Partitions


async def small_partitions(owner: Connection, size: int) -> None:
    """Put partitions of ``size`` positions in place of the two that are there, which are empty."""
    await owner.execute("DROP TABLE es.event_000000000000, es.event_000004194304; DELETE FROM es.partition")
    await owner.fetch("SELECT es.make_partition($1)", size)


async def test_the_log_goes_on_over_partitions_and_makes_the_next_one_ahead(log: PostgresLog, owner: Connection) -> None:
    await small_partitions(owner, 4)

    await store(log, request("task/1", *"abc"))
    await store(log, request("task/2", *"def"))  # Over a boundary.
    await store(log, request("task/1", *"ghijklmnopq"))  # Over several.
    await store(log, request("task/2", "r"))

    assert "".join(said(await log.read_all())) == "abcdefghijklmnopqr"
    assert "".join(said(await log.read("task/1"))) == "abcghijklmnopq"
    assert "".join(said(await log.read("task/2"))) == "defr"
    assert await log.head_at((await log.read_all())[-1].recorded_at) == 17
    partitions = [(row["first"], row["past"]) for row in await owner.fetch("SELECT first, past FROM es.partition ORDER BY first")]
    assert partitions == [(first, first + 4) for first in range(0, 24, 4)]
    for first, _past in partitions:
        for change in ("UPDATE es.{} SET payload = 'forged'", "DELETE FROM es.{}", "TRUNCATE es.{}"):
            name = f"event_{first:012}"
            if first <= 17 or change.startswith("TRUNCATE"):  # A row trigger needs a row.
                with pytest.raises(PRIVILEGE):
                    await owner.execute(change.format(name))


async def test_a_partition_is_made_while_others_read(log: PostgresLog, owner: Connection) -> None:
    await small_partitions(owner, 2)
    await store(log, request("task/1", "a"))

    async with owner.transaction():
        await owner.fetch("SELECT * FROM es.event")  # Holds its lock until the transaction ends.
        async with asyncio.timeout(4):
            await store(log, request("task/1", "b", "c", "d"))

    assert said(await log.read_all()) == ["a", "b", "c", "d"]


@pytest.mark.parametrize("size", [0, -1, 3, 6])
async def test_a_partition_holds_a_power_of_two(owner: Connection, size: int) -> None:
    with pytest.raises(asyncpg.PostgresError, match="power of two"):
        await owner.fetch("SELECT es.make_partition($1)", size)


async def test_a_partition_begins_at_a_multiple_of_its_size(owner: Connection) -> None:
    await small_partitions(owner, 2)

    with pytest.raises(asyncpg.PostgresError, match="cannot begin at 2"):
        await owner.fetch("SELECT es.make_partition(4)")


async def test_without_any_partition_the_append_says_what_to_do(log: PostgresLog, owner: Connection) -> None:
    await owner.execute("DROP TABLE es.event_000000000000, es.event_000004194304; DELETE FROM es.partition")

    with pytest.raises(asyncpg.PostgresError, match="make_partition"):
        await store(log, request("task/1", "a"))


# A changed record


async def test_a_gap_is_told_and_never_skipped(log: PostgresLog, owner: Connection) -> None:
    await store(log, request("task/1", "a", "b", "c"))
    await owner.execute("ALTER TABLE es.event DISABLE TRIGGER ALL; DELETE FROM es.event WHERE position = 1")

    with pytest.raises(PositionMissing) as missing:
        await log.read_all()

    assert (missing.value.expected, missing.value.found) == (1, 2)


async def test_the_view_shows_payload_and_meta_as_json(log: PostgresLog, app: Connection) -> None:
    await store(log, request("task/1", '{"value":"1.50"}'))

    row = await app.fetchrow("SELECT payload->>'value' AS value, meta->>'by' AS by FROM es.event_as_json")

    assert row is not None
    assert (row["value"], row["by"]) == ("1.50", "p1")


# Lost connections

WAITING = "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND classid = 684"


async def test_an_append_whose_backend_is_killed_while_it_waits_stores_nothing_and_can_be_sent_again(
    log: PostgresLog, owner: Connection
) -> None:
    once = request("task/1", "a")
    async with owner.transaction():
        await owner.execute("SELECT pg_advisory_xact_lock(684, 1)")
        append = asyncio.ensure_future(store(log, once))
        async with asyncio.timeout(10):
            while not (waiting := await owner.fetchval(WAITING)):
                pass
        await owner.execute("SELECT pg_terminate_backend($1)", waiting)
        with pytest.raises(LOST):
            await append

    first = await receipt(log, once)
    again = await store(log, once)

    assert first.position == 0
    assert (again.status, again.receipt) == ("duplicate", first)


async def test_an_append_that_was_committed_before_its_answer_was_lost_gets_that_answer_when_sent_again(
    log: PostgresLog, app: Connection, owner: Connection
) -> None:
    once = request("task/1", "a")
    await app.fetch(postgres.APPEND, *postgres._in_columns([once]))  # Committed; suppose that its answer never came.
    await owner.execute("SELECT pg_terminate_backend($1)", app.get_server_pid())

    again = await store(log, once)

    assert again.status == "duplicate"
    assert again.receipt == (await log.look("task/1", once.key, [])).receipt
    assert said(await log.read_all()) == ["a"]


async def test_with_backends_killed_all_the_time_every_append_is_stored_once(log: PostgresLog, owner: Connection) -> None:
    writers, each = 6, 20
    lost = 0

    async def write(writer: int) -> None:
        for number in range(each):
            once = request(f"task/{number % 3}", f"{writer}.{number}")
            given = await until_answered(partial(receipt, log, once))
            seen = await until_answered(partial(log.look, once.stream, once.key, []))
            assert seen.receipt == given

    async def until_answered(call: Callable[[], Awaitable[T]]) -> T:
        nonlocal lost
        while True:
            try:
                return await call()
            except LOST:
                lost += 1
                await asyncio.sleep(0)  # The loop must hear that the connection is gone.

    async def kill() -> None:
        kill_one = """
            SELECT pg_terminate_backend(pid) FROM pg_stat_activity
             WHERE application_name = 'dukao log' AND datname = current_database() AND query LIKE '%append_batch%'
             ORDER BY random() LIMIT 1
        """
        while not writing.done():
            await owner.execute(kill_one)
            await asyncio.sleep(0.02)  # Faster, and nobody would ever get anything done.

    async with asyncio.timeout(60):
        writing = asyncio.gather(*(write(writer) for writer in range(writers)))
        await asyncio.gather(writing, kill())

    assert lost > 0
    assert sorted(said(await log.read_all())) == sorted(
        f"{writer}.{number}" for writer in range(writers) for number in range(each)
    )


async def test_who_waits_for_the_lock_too_long_is_told(app: Connection, owner: Connection) -> None:
    await owner.execute("ALTER FUNCTION es.append_batch SET lock_timeout = '20ms'")
    async with owner.transaction():
        await owner.execute("SELECT pg_advisory_xact_lock(684, 1)")

        with pytest.raises(asyncpg.LockNotAvailableError):
            await app.fetch(postgres.APPEND, *postgres._in_columns([request("task/1", "a")]))


# Following from another process


async def test_a_follower_elsewhere_is_woken_by_the_hint(
    log: PostgresLog, log_database: LogDatabase, owner: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "POLL_S", 3_600.0)  # Only the hint can wake it in this test's time.
    async with PostgresLog.open(log_database.app) as elsewhere, asyncio.timeout(20), aclosing(elsewhere.follow()) as pages:
        page = asyncio.ensure_future(anext(pages))
        listening = "SELECT true FROM pg_stat_activity WHERE application_name = 'dukao log hints' AND query ILIKE 'listen%'"
        while not await owner.fetchval(listening):
            pass

        await store(log, request("task/1", "a"))

        assert said(await page) == ["a"]


async def test_a_follower_whose_hints_are_lost_finds_everything_by_polling(
    log: PostgresLog, log_database: LogDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "CHANNEL", "nobody_listens_here")
    monkeypatch.setattr(postgres, "POLL_S", 0.05)
    async with PostgresLog.open(log_database.app) as elsewhere, asyncio.timeout(20), aclosing(elsewhere.follow()) as pages:
        monkeypatch.setattr(postgres, "CHANNEL", "es_event")
        page = asyncio.ensure_future(anext(pages))

        await store(log, request("task/1", "a"))

        assert said(await page) == ["a"]


async def test_an_append_is_one_statement_and_its_plan_is_kept(log_database: LogDatabase, owner: Connection) -> None:
    async with PostgresLog.open(log_database.app, connections=1) as log:
        for number in range(5):
            await store(log, request("task/1", str(number)))
        async with log._pool.acquire() as connection:
            prepared = await connection.fetch("SELECT generic_plans + custom_plans AS runs FROM pg_prepared_statements")

    assert [row["runs"] for row in prepared if row["runs"] >= 5] == [5]
