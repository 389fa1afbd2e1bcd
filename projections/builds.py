"""Builds: the tables a read model stands in, which of them readers see, and how far each has come.

The table ``board_task`` of the fold 1 stands, in its third build, as ``rm.board_task__1_3``. Readers ask the view ``rm.board_task``,
which shows the build that is live. A build is made beside the live one and becomes live in one transaction.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    DateTime,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    and_,
    bindparam,
    delete,
    func,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.engine import RowMapping
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.schema import CreateTable
from sqlalchemy.sql.elements import quoted_name

from projections.model import ROOM, ReadModel

REGISTRY = MetaData(schema=ROOM)

CURSOR = Table(
    "cursor",
    REGISTRY,
    Column("name", Text, primary_key=True),
    Column("build", Integer, primary_key=True),
    Column("fold", Integer, nullable=False),
    Column("state", Text, nullable=False),  # live, or building beside the live one.
    Column("position", BigInteger, nullable=False),  # The last one folded in; -1: none.
    Column("applied", BigInteger, nullable=False),  # Events it has folded, those of other streams included.
    Column("heartbeat_at", DateTime(timezone=True), nullable=False),
    Column("made_at", DateTime(timezone=True), nullable=False, server_default=func.clock_timestamp()),
    Index("cursor_one_live", "name", unique=True, postgresql_where=text("state = 'live'")),
    postgresql_with={"fillfactor": 50},
)
PARKED = Table(
    "parked",
    REGISTRY,
    Column("name", Text, primary_key=True),
    Column("build", Integer, primary_key=True),
    Column("position", BigInteger, primary_key=True),
    Column("stream", Text, nullable=False),
    Column("status", Text, nullable=False),  # poison: it could not be folded; blocked: it waits behind one of its stream.
    Column("error", Text, nullable=False),
    Column("parked_at", DateTime(timezone=True), nullable=False, server_default=func.clock_timestamp()),
    Index("parked_stream_idx", "name", "build", "stream"),
)

LIVE, BUILDING = "live", "building"
PREPARING = 684_003  # Advisory locks beside the log's own (684, …): making the registry, and (…, name) building a model.
AT_ONCE = 5_000  # Rows in one statement's parameters.


class Overtaken(Exception):
    """The cursor is not where this follower left it: somebody else has folded on, or another build is live."""


@dataclass(frozen=True, kw_only=True)
class Build:
    """One build of a model and how far it had come when it was looked at. ``position`` -1: nothing is folded in."""

    name: str
    number: int
    fold: int
    position: int
    applied: int
    heartbeat_at: datetime


@dataclass(frozen=True, kw_only=True)
class Failure:
    """An event that is put aside: ``poison`` could not be folded, ``blocked`` waits behind one of its stream."""

    position: int
    stream: str
    status: str
    error: str


@dataclass(frozen=True, kw_only=True)
class Change:
    """What a page's events of one stream change: rows that are new or differ, and keys of rows that are gone, by table."""

    stream: str
    rows: Mapping[Table, Sequence[Mapping[str, Any]]]
    gone: Mapping[Table, Sequence[tuple[Any, ...]]]
    position: int


async def prepare(connection: AsyncConnection) -> None:
    """Make the registry, once."""
    await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": PREPARING})
    await connection.run_sync(REGISTRY.create_all)


async def live(connection: AsyncConnection, name: str, *, held: bool = False) -> Build | None:
    """Give the live build of a model (None: none was made yet). ``held`` stops its follower until the transaction ends."""
    query = select(CURSOR).where(CURSOR.c.name == name, CURSOR.c.state == LIVE)
    row = (await connection.execute(query.with_for_update() if held else query)).mappings().one_or_none()
    return None if row is None else _build(row)


async def make(connection: AsyncConnection, model: ReadModel) -> Build:
    """Make the tables of a new build, which nobody sees yet."""
    last = select(func.coalesce(func.max(CURSOR.c.build), 0)).where(CURSOR.c.name == model.name)
    number = (await connection.execute(last)).scalar_one() + 1
    row = {"name": model.name, "build": number, "fold": model.fold, "state": BUILDING, "position": -1, "applied": 0}
    made = insert(CURSOR).values(**row, heartbeat_at=func.clock_timestamp()).returning(CURSOR)
    build = _build((await connection.execute(made)).mappings().one())
    for table in stand(model, build).values():
        await connection.execute(CreateTable(table))
        for index in table.indexes:
            await connection.run_sync(index.create)
    return build


async def show(connection: AsyncConnection, model: ReadModel, build: Build, old: Build | None) -> None:
    """Make a build the live one, from the end of this transaction on, and drop the one before it."""
    if old is not None:
        await drop(connection, model, old)
    for table, standing in stand(model, build).items():
        shown = f"CREATE VIEW {ROOM}.{table.name} AS SELECT * FROM {ROOM}.{standing.name}"  # noqa: S608  Names of ours.
        await connection.execute(text(shown))
    await connection.execute(_of(update(CURSOR), build).values(state=LIVE))


async def drop(connection: AsyncConnection, model: ReadModel, build: Build) -> None:
    """Drop a build's tables, its cursor and what it had parked. Tables of an older fold are found by their names."""
    await connection.execute(_of(delete(CURSOR), build))
    await connection.execute(delete(PARKED).where(*_its_parked(build)))
    suffix = _suffix(build)
    named = text(
        "SELECT tablename FROM pg_tables WHERE schemaname = :room AND starts_with(tablename, :model) AND right(tablename, :n) = :suffix"
    )
    values = {"room": ROOM, "model": model.name, "n": len(suffix), "suffix": suffix}
    for name in (await connection.execute(named, values)).scalars().all():
        await connection.execute(text(f"DROP TABLE {ROOM}.{name} CASCADE"))  # With the view that shows it.


async def unfinished(connection: AsyncConnection, name: str) -> list[Build]:
    """Give the builds whose builder died."""
    query = select(CURSOR).where(CURSOR.c.name == name, CURSOR.c.state == BUILDING)
    return [_build(row) for row in (await connection.execute(query)).mappings()]


async def parked(connection: AsyncConnection, build: Build) -> dict[str, list[Failure]]:
    """Give what a build has put aside, by stream."""
    query = select(PARKED).where(*_its_parked(build)).order_by(PARKED.c.position)
    found: dict[str, list[Failure]] = {}
    for row in (await connection.execute(query)).mappings():
        failure = Failure(position=row["position"], stream=row["stream"], status=row["status"], error=row["error"])
        found.setdefault(failure.stream, []).append(failure)
    return found


async def advance(connection: AsyncConnection, build: Build, upto: int, events: int) -> Build:
    """Move the cursor, if it is where ``build`` says, and give the build as it is then.

    Comes first in the transaction: it locks out every other writer. ``applied`` is compared, too, so that who folds a stream again
    without moving the position is noticed. Raises Overtaken.
    """
    moved = replace(build, position=upto, applied=build.applied + events)
    move = _of(update(CURSOR), build).where(CURSOR.c.position == build.position, CURSOR.c.applied == build.applied)
    move = move.values(position=moved.position, applied=moved.applied, heartbeat_at=func.clock_timestamp())
    if (await connection.execute(move)).rowcount != 1:
        raise Overtaken(build.name)
    return moved


async def beat(connection: AsyncConnection, build: Build) -> None:
    """Say that the follower lives, though nothing happens. Raises Overtaken."""
    await advance(connection, build, build.position, 0)


async def write(connection: AsyncConnection, model: ReadModel, build: Build, changes: Iterable[Change]) -> None:
    """Write the rows of many streams in a few statements."""
    changes = tuple(changes)
    for table, standing in stand(model, build).items():
        if gone := [key for change in changes for key in change.gone.get(table, ())]:
            keys = tuple(table.primary_key.columns.keys())
            same = and_(*(standing.c[key] == bindparam(f"key_{key}") for key in keys))
            named = [dict(zip((f"key_{key}" for key in keys), values, strict=True)) for values in gone]
            await connection.execute(delete(standing).where(same), named)
        rows = [dict(row) for change in changes for row in change.rows.get(table, ())]
        for start in range(0, len(rows), AT_ONCE):
            await connection.execute(_upsert(standing), rows[start : start + AT_ONCE])


async def clear(connection: AsyncConnection, model: ReadModel, build: Build, stream: str) -> None:
    """Take away all rows of a stream, and what is parked of it."""
    for standing in stand(model, build).values():
        await connection.execute(delete(standing).where(standing.c.stream == stream))
    await connection.execute(delete(PARKED).where(*_its_parked(build), PARKED.c.stream == stream))


async def park(connection: AsyncConnection, build: Build, failures: Sequence[Failure]) -> None:
    """Put events aside, with what was wrong."""
    if failures:
        rows = [
            {
                "name": build.name,
                "build": build.number,
                "position": f.position,
                "stream": f.stream,
                "status": f.status,
                "error": f.error,
            }
            for f in failures
        ]
        await connection.execute(insert(PARKED).on_conflict_do_nothing(), rows)


def stand(model: ReadModel, build: Build) -> dict[Table, Table]:
    """Give each table of a model as it stands in a build."""
    made = MetaData(schema=ROOM)
    standing: dict[Table, Table] = {}
    for table in model.tables:
        copy = table.to_metadata(made, name=table.name + _suffix(build))
        for index in copy.indexes:
            index.name = quoted_name(f"{copy.name}_{'_'.join(column.name for column in index.columns)}_idx", quote=None)
        standing[table] = copy
    return standing


def _suffix(build: Build) -> str:
    return f"__{build.fold}_{build.number}"


def _of(statement: Any, build: Build) -> Any:
    return statement.where(CURSOR.c.name == build.name, CURSOR.c.build == build.number)


def _its_parked(build: Build) -> tuple[ColumnElement[bool], ...]:
    return PARKED.c.name == build.name, PARKED.c.build == build.number


def _upsert(table: Table) -> Any:
    statement = insert(table)
    others = {column.name: statement.excluded[column.name] for column in table.columns if not column.primary_key}
    return statement.on_conflict_do_update(index_elements=list(table.primary_key.columns), set_=others)


def _build(row: RowMapping) -> Build:
    return Build(
        name=row["name"],
        number=row["build"],
        fold=row["fold"],
        position=row["position"],
        applied=row["applied"],
        heartbeat_at=row["heartbeat_at"],
    )
