"""A migrated PostgreSQL with the year of a small company in it, and read models to follow it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest
from sqlalchemy import make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from domain.organisation import Organisation
from event_store.log import Log, Recorded
from event_store.postgres import PostgresLog
from projections import PROJECTIONS
from projections.model import ReadModel
from projections.runner import follow_all, wait_for
from tests.domain.story import company
from tests.projections.histories import CODEC, history, lay
from tests.stores import LogDatabase


@pytest.fixture
async def log(log_database: LogDatabase) -> AsyncIterator[PostgresLog]:
    """An empty log."""
    async with PostgresLog.open(log_database.app, connections=4) as opened:
        yield opened


@pytest.fixture
async def engine(log_database: LogDatabase) -> AsyncIterator[AsyncEngine]:
    """An engine as the application's role, as ``application.dukao`` makes it."""
    made = create_async_engine(make_url(log_database.app).set(drivername="postgresql+asyncpg"))
    yield made
    await made.dispose()


@pytest.fixture
async def year(tmp_path: Path) -> list[Recorded]:
    """The events of the whole year."""
    return await history(tmp_path)


@pytest.fixture
def organisation() -> Organisation:
    """Who is who."""
    return company()


@contextlib.asynccontextmanager
async def following(engine: AsyncEngine, log: Log, models: Sequence[ReadModel] = PROJECTIONS) -> AsyncIterator[None]:
    """Follow the log with models while the block runs."""
    stop = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        group.create_task(follow_all(engine, log, CODEC, stop, models))
        try:
            yield
        finally:
            stop.set()


async def caught_up(engine: AsyncEngine, log: Log, models: Sequence[ReadModel] = PROJECTIONS) -> None:
    """Wait until the models have folded all there is."""
    head = await log.head()
    for model in models:
        assert await wait_for(engine, model.name, head, timeout_s=20), model.name


async def folded(engine: AsyncEngine, log: Log, events: Sequence[Recorded], models: Sequence[ReadModel] = PROJECTIONS) -> None:
    """Lay a history into the log and fold it."""
    await lay(log, events)
    async with following(engine, log, models):
        await caught_up(engine, log, models)
