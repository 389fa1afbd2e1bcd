"""What a store is for. It is said once: a demonstration never becomes a company's own record, nor the other way round."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import Column, DateTime, MetaData, Table, Text, select
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.decider import Refused

Kind = Literal["demonstration", "own"]

STORE = Table(
    "store", MetaData(schema="app"), Column("kind", Text), Column("company", Text), Column("created_at", DateTime(timezone=True))
)


@dataclass(frozen=True, kw_only=True)
class Mark:
    """What the store is for, of which company, and since when (aware)."""

    kind: str
    company: str
    since: datetime


class StoreIsForSomethingElse(Refused):
    """The store was marked for the other use."""

    zh = "本数据库已用作“{kind}”（{company}），不能改作他用。请用 --data 指定另一个数据目录，或另建数据库。"
    en = "This store is in use as '{kind}' ({company}) and stays that. Name another data folder with --data, or make another database."


async def mark_of(engine: AsyncEngine) -> Mark | None:
    """Give the store's mark (None: nobody has said what it is for)."""
    async with engine.connect() as connection:
        found = (await connection.execute(select(STORE))).first()
    return None if found is None else Mark(kind=found.kind, company=found.company, since=found.created_at)


async def mark(engine: AsyncEngine, kind: Kind, company: str) -> Mark:
    """Say what the store is for, and give its mark. Saying it again is harmless. Raises StoreIsForSomethingElse."""
    statement = postgresql.insert(STORE).values(kind=kind, company=company).on_conflict_do_nothing()
    async with engine.begin() as connection:
        await connection.execute(statement)
    found = await mark_of(engine)
    assert found is not None, "a row was just inserted, or was there"
    if found.kind != kind:
        raise StoreIsForSomethingElse(kind=found.kind, company=found.company)
    return found
