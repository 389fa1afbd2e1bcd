"""Follow the log: one follower a read model, rows and cursor in one transaction.

If a follower stops between two pages, it goes on from its cursor; if it stops within one, that page's transaction never was. A
follower holds its model by a lock of the very connection it writes with, so who lost the lock cannot write; and it moves the cursor
only from where it left it, so a zombie or a second follower writes nothing.
"""

import asyncio
import contextlib
import random
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from datetime import datetime
from time import monotonic

import structlog
from sqlalchemy import Connection, select, text
from sqlalchemy.exc import DBAPIError, ProgrammingError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from event_store.codec import Codec
from event_store.log import Log, Recorded
from projections import PROJECTIONS
from projections.builds import (
    CURSOR,
    LIVE,
    PARKED,
    PREPARING,
    Build,
    Change,
    Failure,
    Overtaken,
    advance,
    beat,
    clear,
    live,
    make,
    park,
    parked,
    prepare,
    show,
    write,
)
from projections.errors import UNDEFINED_TABLE, is_passing, is_unfit, sqlstate
from projections.folding import Folded, Folding, Reading
from projections.model import ReadModel
from projections.rebuild import rebuild

logger = structlog.get_logger()

HEARTBEAT_S = 10.0  # How often a follower with nothing to do says that it lives.
STANDBY_S = 1.0  # How often a second follower looks whether the first is gone.
LOOK_S = 0.02  # How often a reader who waits for a position looks.
AGAIN_S = (0.1, 5.0)  # The first and the longest pause before something that may pass is tried again.
FOLLOWING = 684_004  # The advisory lock (…, model) of its follower.


@dataclass(frozen=True, kw_only=True)
class Lag:
    """How a read model keeps up: alarm on a lag that grows or a heartbeat that is old. ``parked`` counts events put aside."""

    name: str
    fold: int
    position: int
    heartbeat_at: datetime
    parked: int


async def follow_all(
    engine: AsyncEngine, log: Log, codec: Codec, stop: asyncio.Event, models: Sequence[ReadModel] = PROJECTIONS
) -> None:
    """Follow the log with every model until ``stop`` is set. Several processes may: one follows a model, the others stand by.

    Raises PositionMissing (in a group) if the log has a gap or went back: then nothing is followed any more.
    """
    await ready(engine, models)
    reading = Reading(log, codec)
    async with asyncio.TaskGroup() as group:
        followers = [group.create_task(_follow(engine, model, reading), name=f"follow {model.name}") for model in models]
        await stop.wait()
        for follower in followers:
            follower.cancel()


async def ready(engine: AsyncEngine, models: Sequence[ReadModel] = PROJECTIONS) -> None:
    """Make the views of all models, empty where they are new, so that they can be asked before anything is folded."""
    async with engine.begin() as connection:
        await prepare(connection)
    for model in models:
        async with engine.begin() as connection:
            await connection.execute(
                text("SELECT pg_advisory_xact_lock(:lock, hashtext(:name))"), {"lock": PREPARING, "name": model.name}
            )
            if await live(connection, model.name) is None:
                await show(connection, model, await make(connection, model), None)


async def wait_for(engine: AsyncEngine, name: str, position: int, timeout_s: float = 1.0) -> bool:
    """Wait until a model has folded a position in, and say whether it has: read what you wrote."""
    until = monotonic() + timeout_s
    while True:
        if await _reached(engine, name) >= position:
            return True
        if monotonic() >= until:
            return False
        await asyncio.sleep(LOOK_S)


async def lags(engine: AsyncEngine) -> list[Lag]:
    """Give how far each model is, and whether its follower lives."""
    aside = select(text("count(*)")).select_from(PARKED).where(PARKED.c.name == CURSOR.c.name, PARKED.c.build == CURSOR.c.build)
    columns = CURSOR.c.name, CURSOR.c.fold, CURSOR.c.position, CURSOR.c.heartbeat_at
    query = select(*columns, aside.scalar_subquery().label("parked")).where(CURSOR.c.state == LIVE).order_by(CURSOR.c.name)
    async with engine.connect() as connection:
        return [Lag(**row) for row in (await connection.execute(query)).mappings()]


async def unpark(engine: AsyncEngine, log: Log, codec: Codec, model: ReadModel) -> int:
    """Fold the streams that were put aside again, from their beginnings, with the program as it is now; give how many went well."""
    folding = Folding(model, Reading(log, codec))
    async with engine.begin() as connection:
        build = await live(connection, model.name, held=True)
        if build is None:
            return 0
        well, events = 0, 0
        for stream, its in (await parked(connection, build)).items():
            change, failures = await folding.whole(stream, build.position)
            if not failures and change is not None:
                await _replace(connection, model, build, change)
                well, events = well + 1, events + len(its)
        if well:  # Its follower remembers what is put aside; this makes it look again.
            await advance(connection, build, build.position, events)
    return well


async def _reached(engine: AsyncEngine, name: str) -> int:
    """Give the position a model has folded in; -1 also where no runner has made it yet."""
    query = select(CURSOR.c.position).where(CURSOR.c.name == name, CURSOR.c.state == LIVE)
    try:
        async with engine.connect() as connection:
            reached: int | None = (await connection.execute(query)).scalar_one_or_none()
    except ProgrammingError as error:
        if sqlstate(error) != UNDEFINED_TABLE:
            raise
        return -1
    return -1 if reached is None else reached


async def _follow(engine: AsyncEngine, model: ReadModel, reading: Reading) -> None:
    """Follow with one model for ever, over every loss of connection."""
    pause_s = AGAIN_S[0]
    while True:
        try:
            async with engine.connect() as connection:
                if await _hold(connection, model.name):
                    pause_s = AGAIN_S[0]
                    await _follow_held(engine, connection, model, reading)
            await asyncio.sleep(STANDBY_S)
        except Overtaken:
            logger.info("projection.overtaken", projection=model.name)
        except Exception as error:
            if not is_passing(error):
                raise
            logger.warning("projection.interrupted", projection=model.name, error=str(error), again_in_s=pause_s)
            await asyncio.sleep(pause_s * random.uniform(0.5, 1.0))  # noqa: S311  Jitter.
            pause_s = min(2 * pause_s, AGAIN_S[1])


async def _hold(connection: AsyncConnection, name: str) -> bool:
    """Take the model's lock on this connection, until the connection ends."""
    taken = text("SELECT pg_try_advisory_lock(:lock, hashtext(:name))")
    held: bool = (await connection.execute(taken, {"lock": FOLLOWING, "name": name})).scalar_one()
    await connection.commit()
    if not held:
        return False
    # Back in the pool the connection would keep the lock; outside, it ends with us.
    await connection.run_sync(Connection.detach)
    return True


async def _follow_held(engine: AsyncEngine, connection: AsyncConnection, model: ReadModel, reading: Reading) -> None:
    build = await live(connection, model.name)
    assert build is not None, "ready() makes the first build"
    if build.fold != model.fold:
        await connection.commit()
        await rebuild(engine, reading, model)
        build = await live(connection, model.name)
        assert build is not None
    aside = set(await parked(connection, build))
    await connection.commit()
    folding = Folding(model, reading)
    async with contextlib.aclosing(_pages(reading.log, build.position)) as pages:
        async for page in pages:
            if not page:
                async with connection.begin():
                    await beat(connection, build)
                continue
            folded = await folding.page(page, aside)
            build, failures = await _store(connection, model, build, page, folded)
            for failure in failures:
                folding.forget(failure.stream)
                aside.add(failure.stream)
                if failure.status == "poison":
                    logger.error("projection.parked", projection=model.name, position=failure.position, error=failure.error)


async def _pages(log: Log, after: int) -> AsyncGenerator[Sequence[Recorded]]:
    """Give the log's pages, and an empty one whenever nothing came for a while."""
    pages = log.follow(after=after)
    coming = asyncio.ensure_future(anext(pages))
    try:
        while True:
            done, _ = await asyncio.wait({coming}, timeout=HEARTBEAT_S)
            if done:
                yield coming.result()
                coming = asyncio.ensure_future(anext(pages))
            else:
                yield ()
    finally:
        coming.cancel()
        await asyncio.gather(coming, return_exceptions=True)


async def _store(
    connection: AsyncConnection, model: ReadModel, build: Build, page: Sequence[Recorded], folded: Folded
) -> tuple[Build, Sequence[Failure]]:
    """Write a page's rows and move the cursor, all or nothing; rows that do not fit are put aside, stream by stream."""
    upto, events = page[-1].position, len(page)
    try:
        async with connection.begin():
            moved = await advance(connection, build, upto, events)
            await write(connection, model, build, folded.changes)
            await park(connection, build, folded.failures)
    except DBAPIError as error:
        if not is_unfit(error):
            raise
        async with connection.begin():
            moved = await advance(connection, build, upto, events)
            unfit = [f for change in folded.changes if (f := await _try(connection, model, build, change)) is not None]
            failures = (*folded.failures, *unfit)
            await park(connection, build, failures)
        return moved, failures
    return moved, folded.failures


async def _try(connection: AsyncConnection, model: ReadModel, build: Build, change: Change) -> Failure | None:
    """Write one stream's rows by themselves, and say what does not fit."""
    try:
        async with connection.begin_nested():
            await write(connection, model, build, [change])
    except DBAPIError as error:
        if not is_unfit(error):
            raise
        return Failure(position=change.position, stream=change.stream, status="poison", error=str(error.orig)[:2000])
    return None


async def _replace(connection: AsyncConnection, model: ReadModel, build: Build, change: Change) -> None:
    """Put a stream's rows in the place of those it has, and take it from what is put aside."""
    await clear(connection, model, build, change.stream)
    await write(connection, model, build, [change])
