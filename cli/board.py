"""``dukao board``, ``stuck``: where everything stands, and who is waited for."""

from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.console import Group
from rich.text import Text

from application.dukao import Dukao
from application.known import calendar_of, policies_of
from cli.acting import cycle_id, person_of, present
from cli.desk import Desk
from cli.output import Column, local
from cli.scoreboard import departments
from cli.verb import verb
from domain import names
from domain.cycle import Cycle
from domain.organisation import Organisation
from domain.task.state import Stage
from projections import board, my_work, people
from projections.labels import command, deadline, label
from projections.stuck import Stall, stalls

LIMIT = 200
LIGHTS = {board.Light.GREEN: "green", board.Light.YELLOW: "yellow", board.Light.RED: "red"}


def add_to(app: typer.Typer) -> None:
    """Add the verbs."""
    verb(app, "board")(show)
    verb(app, "stuck")(stuck)


async def show(
    desk: Desk,
    *,
    cycle: Annotated[str, typer.Option("--cycle", help="周期 / cycle")] = "",
    department: Annotated[list[str] | None, typer.Option("--department", help="部门，可重复 / department")] = None,
    stage: Annotated[list[Stage] | None, typer.Option("--stage", help="阶段，可重复 / stage")] = None,
    overdue: Annotated[bool | None, typer.Option("--overdue/--on-time", help="逾期与否 / overdue or not")] = None,
    category: Annotated[list[str] | None, typer.Option("--category", help="类别，可重复 / category")] = None,
    responsible: Annotated[str, typer.Option("--responsible", help="责任人 / responsible person")] = "",
    text: Annotated[str, typer.Option("--text", help="查找 / find")] = "",
    sort: Annotated[board.Sort, typer.Option("--sort", help="排序 / order")] = board.Sort.DUE,
    limit: Annotated[int, typer.Option("--limit", help="最多几行，0 为全部 / at most, 0 for all")] = 0,
) -> None:
    """看板：指标 × 阶段 × 部门 × 时限。 / The board."""
    now = datetime.now(UTC)
    async with desk.dukao(temporal=False) as dukao, dukao.engine.connect() as connection:
        shown = board.Filter(
            cycle=cycle_id(cycle),
            departments=tuple(department or ()),
            stages=tuple(stage or ()),
            categories=tuple(category or ()),
            responsible=await person_of(dukao, responsible) if responsible else "",
            overdue=overdue,
            text=text,
        )
        page = await board.tasks(connection, now, shown, sort=sort, limit=limit or LIMIT)
        found = list(page.tasks)
        while page.after and not limit:
            page = await board.tasks(connection, now, shown, sort=sort, after=page.after, limit=LIMIT)
            found += page.tasks
        who = await people.names_of(connection, {p for task in found for p in (task.responsible, task.awaited_person)})
        called = await departments(dukao)
    language = desk.output.language

    def lamp(task: board.BoardTask) -> Text:
        its = task.light(now)
        return Text(f"● {label(its, language)}", style=LIGHTS[its])

    columns = (
        Column("灯", "light", lamp),
        Column("任务", "task", lambda task: task.stream.removeprefix("task/")),
        Column("指标", "indicator", lambda task: task.name),
        Column("阶段", "stage", lambda task: label(task.stage, language)),
        Column("待办", "awaited", lambda task: command(task.awaited, language) if task.awaited else ""),
        Column("部门", "department", lambda task: called.get(task.awaited_department or task.department, "")),
        Column("责任人", "person", lambda task: who.get(task.awaited_person or task.responsible, "")),
        Column("时限", "due", lambda task: local(task.due.current)),
        Column("级", "level", lambda task: task.overdue_level or None, right=True),
        Column("报表", "reports", lambda task: f"{task.reports_accepted}/{task.reports_total}", right=True),
        Column("督办", "orders", lambda task: task.open_orders or None, right=True),
        Column("预考核%", "pre %", lambda task: task.pre_percent, right=True),
    )
    title = (f"看板：{len(found)} 项任务", f"Board: {len(found)} tasks")
    document = [{"light": task.light(now), "task": task} for task in found]
    desk.output.rows(title, found, columns, document=document)


async def stuck(
    desk: Desk,
    *,
    cycle: Annotated[str, typer.Option("--cycle", help="周期 / cycle")] = "",
    overdue: Annotated[bool, typer.Option("--overdue", help="只看逾期 / only what is overdue")] = False,
) -> None:
    """卡在谁那里：等谁、等了几个工作日、多少分有风险、下一步会自动发生什么。 / Who is waited for, and what happens next by itself."""
    now = datetime.now(UTC)
    async with desk.dukao(temporal=False) as dukao:
        found = await _stalls(dukao, cycle_id(cycle), now)
        found = [stall for stall in found if stall.is_overdue or not overdue]
        async with dukao.engine.connect() as connection:
            who = await people.names_of(connection, {person for stall in found for person in stall.persons})
    language, say = desk.output.language, desk.output.say

    def persons(stall: Stall) -> str:
        return "、".join(who.get(p, p) + (say("（外出）", " (away)") if p in stall.away else "") for p in stall.persons)

    def coming(stall: Stall) -> str:
        if stall.next_act is None:
            return ""
        return f"{label(stall.next_act, language)} {local(stall.next_at)}"

    columns = (
        Column("事项", "matter", lambda stall: stall.work.stream),
        Column("名称", "name", lambda stall: stall.work.name),
        Column("等什么", "awaited", lambda stall: command(stall.work.command, language)),
        Column("时限", "deadline", lambda stall: deadline(stall.work.deadline_key, language) if stall.work.deadline_key else ""),
        Column("等谁", "who", persons),
        Column("到期", "due", lambda stall: local(stall.work.due)),
        Column("已等", "waited", lambda stall: stall.waited_workdays, right=True),
        Column("超期", "late", lambda stall: stall.late_workdays or None, right=True),
        Column("分值", "points", lambda stall: stall.points, right=True),
        Column("下一步", "next", coming),
    )
    late = sum(stall.is_overdue for stall in found)
    note = Text(say(f"{len(found)} 项在等人，{late} 项逾期", f"{len(found)} matters wait for somebody, {late} are overdue"))
    desk.output.show(found, lambda: Group(desk.output.table(("卡点", "Stuck"), found, columns), note))


async def _stalls(dukao: Dukao, cycle: str, now: datetime) -> list[Stall]:
    """Give the stalls of one cycle, or of all that are running, each by its own calendar and ladders."""
    organisation: Organisation = await dukao.ledger.state_of(names.ORGANISATION)
    async with dukao.engine.connect() as connection:
        ids = [cycle] if cycle else [each.cycle for each in await board.cycles(connection)]
        found: list[Stall] = []
        for each in ids:
            state: Cycle = await present(dukao, names.cycle(each))
            assert state.opened is not None
            calendar = await calendar_of(dukao.ledger, state.opened.calendar, state.opened.calendar_version)
            policies = await policies_of(dukao.ledger, state.rules)
            owed = await my_work.everything(connection, calendar.local_day(now), cycle=each)
            found += stalls(owed, organisation, calendar, policies.ladders, now)
    return found
