"""Build a read model anew from the log beside the one people see, compare the two row for row, and show the new one.

The same work with two endings: ``rebuild`` switches, ``check`` throws the copy away. Both compare at one position: the live model's
follower is held for the last few events, so there is nothing to explain away.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, Table, func, literal_column, select, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from event_store.log import Recorded
from projections.builds import (
    PREPARING,
    Build,
    advance,
    drop,
    live,
    make,
    park,
    parked,
    prepare,
    show,
    stand,
    unfinished,
    write,
)
from projections.folding import Folding, Reading
from projections.model import ReadModel

PAGE = 5_000  # Events folded and written at once: most streams come several times in it and are written once.
NAMED = 10  # Differences that are told one by one.


class NoSuchModel(Exception):
    """Nobody has made this read model yet."""

    def __init__(self, name: str) -> None:
        """Name it."""
        self.zh = f"读模型“{name}”还没有建立。请先启动 worker，再检查或重建。"
        self.en = f"Read model '{name}' was never made. Start the worker first, then check or rebuild."
        super().__init__(f"{self.zh} / {self.en}")


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One row that is not the same in both: in which table, its key, and each side's row as text (empty: it is not there)."""

    table: str
    key: str
    live: str
    rebuilt: str


@dataclass(frozen=True, kw_only=True)
class Compared:
    """What became of building a model anew, up to ``position``. ``differences`` names the first few; ``count`` counts all.

    The digests are sums over the rows' hashes, so their order does not matter. A model of an older fold is not compared
    (``comparable`` false). ``parked`` counts events that could not be folded now.
    """

    name: str
    position: int
    rows: int
    digest_live: str
    digest_rebuilt: str
    comparable: bool
    count: int
    differences: tuple[Difference, ...]
    parked: int

    @property
    def same(self) -> bool:
        """Say whether both are alike, row for row."""
        return self.count == 0 and self.digest_live == self.digest_rebuilt


async def rebuild(engine: AsyncEngine, reading: Reading, model: ReadModel) -> Compared:
    """Build the model anew and show the new build. Those who read notice nothing; its follower goes on with the new one."""
    return await _beside(engine, reading, model, switch=True)


async def check(engine: AsyncEngine, reading: Reading, model: ReadModel) -> Compared:
    """Build the model anew, compare, and throw the copy away."""
    return await _beside(engine, reading, model, switch=False)


async def _beside(engine: AsyncEngine, reading: Reading, model: ReadModel, *, switch: bool) -> Compared:
    async with engine.connect() as holder:
        # One builder a model: a second one waits. The connection ends with us, and the lock with it.
        await holder.execute(text("SELECT pg_advisory_lock(:lock, hashtext(:name))"), {"lock": PREPARING + 2, "name": model.name})
        await holder.commit()
        await holder.run_sync(Connection.detach)
        async with engine.begin() as connection:
            await prepare(connection)
            for left in await unfinished(connection, model.name):
                await drop(connection, model, left)
            old = await live(connection, model.name)
            if old is None:
                raise NoSuchModel(model.name)
            new = await make(connection, model)
        folding = Folding(model, reading)
        new = await _fold(engine, folding, new, old.position)
        async with engine.begin() as connection:
            old = await live(connection, model.name, held=True)
            assert old is not None, "a live build is only ever replaced"
            new = await _fold_more(connection, folding, new, old.position)
            compared = await _compare(connection, model, old, new)
            if switch:
                await show(connection, model, new, old)
            else:
                await drop(connection, model, new)
    return compared


async def _fold(engine: AsyncEngine, folding: Folding, build: Build, upto: int) -> Build:
    while build.position < upto:
        async with engine.begin() as connection:
            build = await _fold_page(connection, folding, build, await _page(folding, build, upto))
    return build


async def _fold_more(connection: AsyncConnection, folding: Folding, build: Build, upto: int) -> Build:
    while build.position < upto:
        build = await _fold_page(connection, folding, build, await _page(folding, build, upto))
    return build


async def _page(folding: Folding, build: Build, upto: int) -> Sequence[Recorded]:
    page = await folding.reading.log.read_all(after=build.position, limit=PAGE)
    return [event for event in page if event.position <= upto]


async def _fold_page(connection: AsyncConnection, folding: Folding, build: Build, page: Sequence[Recorded]) -> Build:
    folded = await folding.page(page, await parked(connection, build))
    moved = await advance(connection, build, page[-1].position, len(page))
    await write(connection, folding.model, build, folded.changes)
    await park(connection, build, folded.failures)
    return moved


async def _compare(connection: AsyncConnection, model: ReadModel, old: Build, new: Build) -> Compared:
    comparable = old.fold == new.fold
    before, after = (stand(model, build) for build in (old, new))
    ours = [await _digest(connection, after[table]) for table in model.tables]
    theirs = [await _digest(connection, before[table]) for table in model.tables] if comparable else ours
    count, differences = 0, list[Difference]()
    for table in model.tables if comparable else ():
        found, first = await _differences(connection, table, before[table], after[table])
        count += found
        differences += first
    return Compared(
        name=model.name,
        position=new.position,
        rows=sum(rows for rows, _ in ours),
        digest_live=_together(theirs),
        digest_rebuilt=_together(ours),
        comparable=comparable,
        count=count,
        differences=tuple(differences[:NAMED]),
        parked=sum(map(len, (await parked(connection, new)).values())),
    )


async def _digest(connection: AsyncConnection, table: Table) -> tuple[int, int]:
    """Give a table's number of rows and the sum of their hashes, whatever their order."""
    row = f"{table.name}::text"
    hashed: ColumnElement[int] = literal_column(f"('x' || left(md5({row}), 15))::bit(60)::bigint")
    query = select(func.count(), func.coalesce(func.sum(hashed), 0)).select_from(table)
    rows, digest = (await connection.execute(query)).one()
    return int(rows), int(digest)


async def _differences(connection: AsyncConnection, table: Table, before: Table, after: Table) -> tuple[int, list[Difference]]:
    keys = [column.name for column in table.primary_key.columns]
    same: ColumnElement[bool] = literal_column("true")
    for key in keys:
        same = same & (before.c[key] == after.c[key])
    one: ColumnElement[str] = literal_column(f"{before.name}::text")
    other: ColumnElement[str] = literal_column(f"{after.name}::text")
    named = func.concat_ws(" ", *(func.coalesce(before.c[name], after.c[name]) for name in keys))
    query = (
        select(named.label("key"), one.label("live"), other.label("rebuilt"), func.count().over().label("all"))
        .select_from(before.join(after, same, full=True))
        .where(one.is_distinct_from(other))
        .order_by(named)
        .limit(NAMED)
    )
    rows = (await connection.execute(query)).mappings().all()
    found = [Difference(table=table.name, key=row["key"], live=row["live"] or "", rebuilt=row["rebuilt"] or "") for row in rows]
    return (rows[0]["all"] if rows else 0), found


def _together(digests: Sequence[tuple[int, int]]) -> str:
    return "-".join(f"{rows}:{digest:x}" for rows, digest in digests)
