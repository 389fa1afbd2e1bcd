"""``dukao person``: who is who."""

from datetime import datetime
from typing import Annotated

import typer

from cli.acting import person_of
from cli.desk import Desk
from cli.output import OFFICE_ZONE, Column, local
from cli.verb import verb
from domain import names
from domain.organisation import Organisation
from projections import my_work, people
from projections.labels import command, label, period

group = typer.Typer(help="人员 / people", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    """Add the group."""
    app.add_typer(group, name="person")


@verb(group, "list")
async def list_(
    desk: Desk, *, department: Annotated[list[str] | None, typer.Option("--department", help="部门，可重复 / department")] = None
) -> None:
    """列出在岗人员、岗位和身份。 / List people, their posts and roles."""
    today = datetime.now(OFFICE_ZONE).date()
    async with desk.dukao(temporal=False) as dukao:
        organisation: Organisation = await dukao.ledger.state_of(names.ORGANISATION)
        ids = {a.person for a in organisation.appointments if a.since <= today <= a.until}
        async with dukao.engine.connect() as connection:
            called = await people.names_of(connection, ids, desk.output.language)
    language = desk.output.language
    rows = [
        {
            "person": person,
            "name": called.get(person, ""),
            "department": post.department,
            "department_name": organisation.departments[post.department].name,
            "post": post.title,
            "roles": [label(role, language) for role in post.roles],
            "away": organisation.is_away(person, today),
        }
        for person in sorted(ids)
        for post in organisation.posts_of(person, today)
        if not department or post.department in department
    ]
    columns = (
        Column("工号", "person", lambda row: row["person"]),
        Column("姓名", "name", lambda row: row["name"]),
        Column("部门", "department", lambda row: f"{row['department_name']} ({row['department']})"),
        Column("岗位", "post", lambda row: row["post"]),
        Column("身份", "roles", lambda row: "、".join(row["roles"])),
        Column("外出", "away", lambda row: row["away"]),
    )
    desk.output.rows(("人员", "People"), rows, columns)


@verb(group, "work")
async def work(desk: Desk, *, person: Annotated[str, typer.Argument(help="工号、账号或姓名 / person, login or name")]) -> None:
    """某人的待办，按时限排列。 / What a person owes or may do now."""
    today = datetime.now(OFFICE_ZONE).date()
    async with desk.dukao(temporal=False) as dukao:
        who = await person_of(dukao, person)
        organisation: Organisation = await dukao.ledger.state_of(names.ORGANISATION)
        async with dukao.engine.connect() as connection:
            found = await my_work.for_person(connection, who, organisation, today)
    language = desk.output.language
    columns = (
        Column("事项", "matter", lambda work: work.stream),
        Column("名称", "name", lambda work: work.name),
        Column("待办", "to do", lambda work: command(work.command, language)),
        Column("期间", "period", lambda work: period(work.period, language) if work.period else ""),
        Column("时限", "due", lambda work: local(work.due)),
        Column("本人的", "theirs", lambda work: work.mine),
    )
    desk.output.rows((f"待办：{who}", f"Work of {who}"), found, columns)
