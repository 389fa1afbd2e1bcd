"""Migrated databases for the tests: migrated once a process, then copied, so that each test has a fresh one in some 50 ms."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import NamedTuple
from urllib.parse import urlsplit

import asyncpg
import pytest

from embedded.postgres import Postgres
from event_store.migrate import application_role, upgrade
from tests.conftest import run_apart

TEMPLATE = "migrated"
APPLICATION, PASSWORD = "dukao_app", "only-for-tests"

_numbers = count(1)


class LogDatabase(NamedTuple):
    """A migrated database, empty of facts: its address for the owner, and for the role the program signs in with."""

    owner: str
    app: str


@pytest.fixture(scope="session")
def migrated_template(postgres: Postgres) -> str:
    """The name of a migrated database that others are copied from. Nobody may be connected to it."""
    run_apart(_execute(postgres.dsn(), f'CREATE DATABASE "{TEMPLATE}"'))
    run_apart(upgrade(postgres.dsn(TEMPLATE)))
    run_apart(application_role(postgres.dsn(TEMPLATE), APPLICATION, PASSWORD))
    return TEMPLATE


@pytest.fixture
def log_database(postgres: Postgres, migrated_template: str) -> Iterator[LogDatabase]:
    """A migrated database of the test's own; dropped after it."""
    with fresh_database(postgres, migrated_template) as database:
        yield database


@contextmanager
def fresh_database(postgres: Postgres, template: str) -> Iterator[LogDatabase]:
    """Copy the template, and drop the copy in the end. For tests that need several."""
    name = f"log_{next(_numbers)}"
    run_apart(_execute(postgres.dsn(), f'CREATE DATABASE "{name}" TEMPLATE "{template}"'))
    owner = postgres.dsn(name)
    try:
        yield LogDatabase(owner, as_user(owner, APPLICATION, PASSWORD))
    finally:
        run_apart(_execute(postgres.dsn(), f'DROP DATABASE "{name}" WITH (FORCE)'))


def as_user(dsn: str, user: str, password: str) -> str:
    """Give a database's address for another user."""
    parts = urlsplit(dsn)
    return parts._replace(netloc=f"{user}:{password}@{parts.netloc.rpartition('@')[2]}").geturl()


async def _execute(dsn: str, statement: str) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
