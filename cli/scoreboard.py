"""``dukao scoreboard``: departments' totals, with the working of every score."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.console import Group, RenderableType
from rich.text import Text

from application.dukao import Dukao
from application.known import calendar_of, policies_of
from cli.acting import cycle_id, person_of, present
from cli.desk import Desk
from cli.faults import ExitCode, Fault, not_found, usage
from cli.output import Column, Output
from cli.verb import verb
from cli.who import Who
from domain import names
from domain.cycle import Cycle
from domain.organisation import Organisation
from domain.scoring import Line
from projections import board, scoreboard
from projections.labels import amount
from projections.scoreboard import Standing, may_see_provisional


def add_to(app: typer.Typer) -> None:
    """Add the verb."""
    verb(app, "scoreboard")(show)


async def show(
    desk: Desk,
    *,
    who: Who,
    cycle: Annotated[str, typer.Option("--cycle", help="周期，不填为最新 / none: the newest")] = "",
    department: Annotated[
        str, typer.Option("--department", help="只看此部门，并列出每项算式 / one department, every working")
    ] = "",
    working: Annotated[bool, typer.Option("--working", help="列出每项算式 / show every score's working")] = False,
    provisional: Annotated[
        bool, typer.Option("--provisional", help="预考核得分，须 --as / provisional scores, needs --as")
    ] = False,
    rank: Annotated[bool, typer.Option("--rank", help="排名 / rank")] = False,
) -> None:
    """记分牌：各部门总分及算式。预考核得分只给有权看的人。 / Departments' totals; provisional ones to whom the rules allow."""
    async with desk.dukao(temporal=False) as dukao:
        named = cycle_id(cycle) or await newest(dukao)
        found = await standings(dukao, named, department, who, provisional=provisional)
        called = await departments(dukao)
    if rank:
        places = {id(each.standing): each.place for each in scoreboard.rank(found)}
        found.sort(key=lambda each: places[id(each)])
    title = ("预考核（暂估）", "Provisional scores") if provisional else ("得分", "Scores")
    parts: list[RenderableType] = [totals(found, called, desk.output, title, rank=rank)]
    if working or department:
        parts += [entries(each, called) for each in found]
    desk.output.show({"cycle": named, "provisional": provisional, "standings": found}, lambda: Group(*parts))


async def newest(dukao: Dukao) -> str:
    """Give the newest cycle's id. Raises a fault if there is none."""
    async with dukao.engine.connect() as connection:
        found = await board.cycles(connection)
    if not found:
        raise not_found(
            "还没有周期。请先用 dukao cycle start 导入工作簿。", "There is no cycle yet. Start one with dukao cycle start."
        )
    return found[0].cycle


async def standings(dukao: Dukao, cycle: str, department: str, who: Who, *, provisional: bool) -> list[Standing]:
    """Give the totals; provisional ones of the departments whose provisional scores the person may see."""
    await present(dukao, names.cycle(cycle))
    async with dukao.engine.connect() as connection:
        found = await scoreboard.standings(connection, cycle, "provisional" if provisional else "final", department)
    if not provisional:
        return found
    if not who.person:
        raise usage(
            "预考核得分不公开，请用 --as 说明是谁在看。", "Provisional scores are not public. Say with --as who looks at them."
        )
    person = await person_of(dukao, who.person)
    state: Cycle = await present(dukao, names.cycle(cycle))
    assert state.opened is not None
    calendar = await calendar_of(dukao.ledger, state.opened.calendar, state.opened.calendar_version)
    policy = (await policies_of(dukao.ledger, state.rules)).visibility
    organisation: Organisation = await dukao.ledger.state_of(names.ORGANISATION)
    on = calendar.local_day(datetime.now(UTC))
    allowed = [each for each in found if may_see_provisional(person, organisation, policy, each.department, on)]
    if found and not allowed:
        raise Fault(
            f"{person} 无权查看这些部门的预考核得分。",
            f"{person} may not see the provisional scores of these departments.",
            code=ExitCode.NO_PERMISSION,
        )
    return allowed


async def departments(dukao: Dukao) -> Mapping[str, str]:
    """Give the names of all departments by id."""
    organisation: Organisation = await dukao.ledger.state_of(names.ORGANISATION)
    return {one.department: one.name for one in organisation.departments.values()}


def totals(
    found: list[Standing], called: Mapping[str, str], output: Output, title: tuple[str, str], *, rank: bool = False
) -> RenderableType:
    """Show the departments' totals."""
    places = {id(each.standing): each.place for each in scoreboard.rank(found)} if rank else {}
    columns = (
        *((Column("名次", "place", lambda each: places[id(each)], right=True),) if rank else ()),
        Column("部门", "department", lambda each: f"{called.get(each.department, '')} {each.department}".strip()),
        Column("总分", "total", lambda each: amount(each.total), right=True),
        Column("满分", "full", lambda each: amount(each.full), right=True),
        Column("已评", "scored", lambda each: amount(each.scored), right=True),
        Column("加分", "bonus", lambda each: amount(each.bonus), right=True),
        Column("任务", "tasks", lambda each: f"{each.settled}/{each.tasks}", right=True),
        Column("结论", "verdicts", lambda each: "；".join(each.verdicts)),
    )
    return output.table(title, found, columns)


def entries(standing: Standing, called: Mapping[str, str]) -> RenderableType:
    """Show a department's scores line by line, each with its working, and how the total came about."""
    head = Text.assemble(
        (f"\n{called.get(standing.department, '')} {standing.department}", "bold"), f"  {amount(standing.total)}"
    )
    lines: list[RenderableType] = [head]
    for entry in standing.entries:
        score = "—" if entry.points is None else amount(entry.points)
        brings = "" if entry.contribution is None else f" → {amount(entry.contribution)}"
        name = f"  {entry.indicator}  {entry.name}  {score} / {amount(entry.full)}{brings}"
        lines.append(Text.assemble((name, "bold"), f"  {entry.verdict}"))
        lines += [Text(f"      {_line(line)}", style="dim") for line in entry.lines]
    lines += [Text(f"  {_line(line)}") for line in standing.working]
    return Group(*lines)


def _line(line: Line) -> str:
    result = "" if line.amount is None else f" = {amount(line.amount)}"
    note = f"（{line.note}）" if line.note else ""
    return f"{line.label}：{line.formula}{result}{note}"
