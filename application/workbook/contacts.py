"""Names and contacts of people: kept beside the log, in the one table whose rows can be erased."""

from collections.abc import Sequence

from sqlalchemy import Column, DateTime, MetaData, Table, Text, or_
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import AsyncEngine

from application.workbook.plan import Contact

PERSON = Table(
    "person",
    MetaData(schema="app"),
    Column("person_id", Text, primary_key=True),
    Column("name", Text),
    Column("phone", Text),
    Column("email", Text),
    Column("erased_at", DateTime(timezone=True)),
)


async def keep_contacts(engine: AsyncEngine, contacts: Sequence[Contact]) -> int:
    """Keep names and contacts, and give how many were new or different. Idempotent; who was erased stays erased."""
    if not contacts:
        return 0
    rows = [{"person_id": each.person, "name": each.name, "phone": each.phone, "email": each.email} for each in contacts]
    given = postgresql.insert(PERSON).values(rows)
    new = given.excluded
    changed = or_(PERSON.c.name != new.name, PERSON.c.phone != new.phone, PERSON.c.email != new.email)
    kept = given.on_conflict_do_update(
        index_elements=[PERSON.c.person_id],
        set_={"name": new.name, "phone": new.phone, "email": new.email},
        where=PERSON.c.erased_at.is_(None) & changed,
    ).returning(PERSON.c.person_id)
    async with engine.begin() as connection:
        return len((await connection.execute(kept)).all())
