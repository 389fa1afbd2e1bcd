"""Who people are: names and contacts, outside the log, so that they can be erased while every proof still holds."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import Column, DateTime, MetaData, Table, Text, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.organisation import Organisation
from projections.labels import Language
from projections.sentences import ERASED, Names

PERSON = Table(
    "person",
    MetaData(schema="app"),
    Column("person_id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("phone", Text, nullable=False),
    Column("email", Text, nullable=False),
    Column("erased_at", DateTime(timezone=True)),
)


@dataclass(frozen=True, kw_only=True)
class Person:
    """A person as the erasable table knows them. ``person`` is the id the log uses."""

    person: str
    name: str
    phone: str = ""
    email: str = ""


async def remember(connection: AsyncConnection, *people: Person) -> None:
    """Note who people are; the latest word counts. Who was erased stays erased."""
    if not people:
        return
    statement = insert(PERSON)
    told = {name: statement.excluded[name] for name in ("name", "phone", "email")}
    upsert = statement.on_conflict_do_update(index_elements=["person_id"], set_=told, where=PERSON.c.erased_at.is_(None))
    rows = [{"person_id": one.person, "name": one.name, "phone": one.phone, "email": one.email} for one in people]
    await connection.execute(upsert, rows)


async def erase(connection: AsyncConnection, person: str) -> bool:
    """Erase a person's name and contacts for good, and say whether there was anything to erase."""
    gone = update(PERSON).where(PERSON.c.person_id == person, PERSON.c.erased_at.is_(None))
    gone = gone.values(name="", phone="", email="", erased_at=func.clock_timestamp())
    return (await connection.execute(gone)).rowcount > 0


async def people(connection: AsyncConnection, ids: Iterable[str]) -> dict[str, Person]:
    """Give what is known of persons, by id; who was erased has empty fields."""
    query = select(PERSON).where(PERSON.c.person_id == func.any(sorted(set(ids))))
    rows = (await connection.execute(query)).mappings()
    return {
        row["person_id"]: Person(person=row["person_id"], name=row["name"], phone=row["phone"], email=row["email"])
        for row in rows
    }


async def names_of(connection: AsyncConnection, ids: Iterable[str], language: Language = "zh") -> Mapping[str, str]:
    """Give the names of persons by id. Who was erased is called so; of whom nothing is known is left out."""
    query = select(PERSON.c.person_id, PERSON.c.name, PERSON.c.erased_at).where(PERSON.c.person_id == func.any(sorted(set(ids))))
    return {
        row["person_id"]: ERASED.of(language) if row["erased_at"] else row["name"]
        for row in (await connection.execute(query)).mappings()
    }


async def names(
    connection: AsyncConnection, ids: Iterable[str], organisation: Organisation | None = None, language: Language = "zh"
) -> Names:
    """Give what sentences are resolved with: the names of persons, and those of an organisation's departments and posts."""
    persons = await names_of(connection, ids, language)
    if organisation is None:
        return Names(persons=persons)
    return Names(
        persons=persons,
        departments={one.department: one.name for one in organisation.departments.values()},
        posts={one.post: one.title for one in organisation.posts.values()},
    )
