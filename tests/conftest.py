"""Real servers for the tests: each test process starts its own, once, on free ports and in a folder of its own."""

import asyncio
import contextlib
import os
import shutil
import tempfile
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import asyncpg
import pytest

from embedded.postgres import Postgres, running_postgres
from embedded.temporal import prepare_namespace, running_temporal

pytest_plugins = ["tests.stores"]  # Migrated databases: the fixture ``log_database``.

T = TypeVar("T")

_numbers = count(1)


@pytest.fixture(scope="session")
def server_folder() -> Iterator[Path]:
    """A folder for servers' data that the user of a root-started PostgreSQL can pass through; pytest's own are closed to it."""
    with reachable_folder() as folder:
        yield folder


@pytest.fixture(scope="session")
def postgres(server_folder: Path) -> Iterator[Postgres]:
    """The running server itself, for tests that need more than its address."""
    with running_postgres(server_folder / "postgres") as server:
        yield server


@pytest.fixture(scope="session")
def postgres_server(postgres: Postgres) -> str:
    """The owner's DSN of a running PostgreSQL, for asyncpg; shared by all tests of this process."""
    return postgres.dsn()


@pytest.fixture
def database(postgres: Postgres) -> Iterator[str]:
    """The owner's DSN of an empty database that is dropped after the test."""
    name = f"test_{next(_numbers)}"
    run_apart(_execute(postgres.dsn(), f'CREATE DATABASE "{name}"'))
    yield postgres.dsn(name)
    run_apart(_execute(postgres.dsn(), f'DROP DATABASE "{name}" WITH (FORCE)'))


@pytest.fixture(scope="session")
def temporal_server(server_folder: Path) -> Iterator[str]:
    """The address of a running Temporal; namespaces ``dukao`` and ``default`` have our search attributes."""
    with running_temporal(server_folder / "temporal") as server:
        run_apart(prepare_namespace(server.address))
        yield server.address


@contextlib.contextmanager
def reachable_folder() -> Iterator[Path]:
    """Give a folder for servers' data and remove it afterwards, whoever owns what is in it."""
    folder = Path(tempfile.mkdtemp(prefix="dukao-test-"))
    folder.chmod(0o711 if os.geteuid() == 0 else 0o700)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def skip_or_fail(why: str) -> NoReturn:
    """Skip a test for which the machine lacks a program; fail where nothing may be left out (``DUKAO_REQUIRE_ALL``)."""
    if os.environ.get("DUKAO_REQUIRE_ALL"):
        pytest.fail(why)
    pytest.skip(why)


def run_apart(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine to its end on a loop of its own, whatever loop the caller is in."""
    with ThreadPoolExecutor(max_workers=1) as thread:
        return thread.submit(asyncio.run, work).result()


async def _execute(dsn: str, statement: str) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
