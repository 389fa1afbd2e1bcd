"""``dukao cycle``: assessment cycles, from the workbook they start with to their archive."""

from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Group
from rich.text import Text

from application.workbook.check import plan_of
from application.workbook.fault import Fault as WorkbookFault
from application.workbook.marked import write_marked
from application.workbook.plan import Plan
from application.workbook.start import StartReport, start_cycle
from cli.acting import cycle_id, give, person_of, present
from cli.desk import Desk, NothingIsRunning
from cli.faults import ExitCode, Fault, code_of_refusal, not_found, usage
from cli.output import OFFICE_ZONE, Column
from cli.verb import verb
from cli.who import Who
from domain import names
from domain.cycle import (
    ApproveResults,
    ArchiveCycle,
    CallPreAssessment,
    CloseCarryIn,
    Cycle,
    IssueCycle,
    LockData,
    PubliciseResults,
)
from domain.decider import SYSTEM
from domain.organisation import Organisation
from projections import board
from projections.labels import label

group = typer.Typer(help="考核周期：导入、下达、锁定、审定、公示、归档 / assessment cycles", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    """Add the group."""
    app.add_typer(group, name="cycle")


CycleName = Annotated[str, typer.Argument(metavar="CYCLE", help="周期编号 / the cycle's id")]
Document = Annotated[str, typer.Option("--document", help="文号 / document number")]


@verb(group, "list")
async def list_(desk: Desk) -> None:
    """列出周期。 / List cycles."""
    async with desk.dukao(temporal=False) as dukao, dukao.engine.connect() as connection:
        found = await board.cycles(connection)
    columns = (
        Column("周期", "cycle", lambda cycle: cycle.cycle),
        Column("名称", "name", lambda cycle: cycle.name),
        Column("阶段", "phase", lambda cycle: label(cycle.phase, desk.output.language)),
        Column("任务", "tasks", lambda cycle: cycle.planned, right=True),
        Column("起", "starts", lambda cycle: cycle.starts),
        Column("止", "ends", lambda cycle: cycle.ends),
        Column("演示", "demonstration", lambda cycle: cycle.demonstration),
    )
    desk.output.rows(("考核周期", "Cycles"), found, columns)


@verb(group, "show")
async def show(desk: Desk, *, cycle: CycleName) -> None:
    """查看一个周期和各部门各阶段的任务数。 / Show a cycle and how many tasks stand where."""
    named = cycle_id(cycle)
    async with desk.dukao(temporal=False) as dukao:
        state: Cycle = await present(dukao, names.cycle(named))
        async with dukao.engine.connect() as connection:
            counts = await board.counts(connection, datetime.now(UTC), board.Filter(cycle=named))
    opened, language = state.opened, desk.output.language
    assert opened is not None
    head = Text.assemble((opened.name, "bold"), f"  {named}  {label(state.phase, language)}  {opened.starts} — {opened.ends}")
    columns = (
        Column("部门", "department", lambda count: count.department),
        Column("阶段", "stage", lambda count: label(count.stage, language)),
        Column("任务", "tasks", lambda count: count.tasks, right=True),
        Column("逾期", "overdue", lambda count: count.overdue, right=True),
    )
    document = {"cycle": named, "state": state, "counts": counts}
    desk.output.show(document, lambda: Group(head, desk.output.table(("任务分布", "Tasks"), counts, columns)))


@verb(group, "template")
async def template(
    desk: Desk, *, file: Annotated[Path, typer.Argument(help="要生成的 .xlsx 文件 / the workbook to write")]
) -> None:
    """生成空白导入工作簿，带下拉项和示例行。 / Write an empty workbook to fill in."""
    from application.workbook.write import write_template

    if file.exists():
        raise Fault(
            f"{file} 已存在，未覆盖。请换一个文件名。", f"{file} exists and was not touched. Name another.", code=ExitCode.REFUSED
        )
    write_template(file)
    desk.output.show({"file": str(file)}, Text(desk.output.say(f"已生成 {file}", f"wrote {file}"), style="green"))


@verb(group, "check")
async def check(
    desk: Desk,
    *,
    file: Annotated[Path, typer.Argument(help="工作簿 / the workbook")],
    marked: Annotated[
        Path | None, typer.Option("--marked", help="把错误标红写入此文件 / write a copy with the faults marked")
    ] = None,
) -> ExitCode:
    """校验工作簿，不写入任何数据；逐条列出工作表、行、列和应填内容。 / Check a workbook and list every fault."""
    found = plan_of(_read(file), today=datetime.now(OFFICE_ZONE).date(), known=await _known(desk))
    if isinstance(found, Plan):
        _show_counts(desk, found)
        return ExitCode.DONE
    if marked is not None:
        write_marked(_read(file), found, marked)
    return _show_faults(desk, found)


@verb(group, "start")
async def start(
    desk: Desk,
    *,
    file: Annotated[Path, typer.Argument(help="工作簿 / the workbook")],
    who: Who,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只显示将要创建的数量 / only show what would be created")] = False,
) -> ExitCode:
    """按工作簿启动周期：全部校验无误后登记机构人员、发布指标、编制任务；同一文件再次导入不会重复创建。 / Start a cycle from a workbook."""
    content = _read(file)
    plan = plan_of(content, today=datetime.now(OFFICE_ZONE).date(), known=await _known(desk))
    if not isinstance(plan, Plan):
        return _show_faults(desk, plan)
    if dry_run:
        _show_counts(desk, plan)
        return ExitCode.DONE
    async with desk.dukao() as dukao:
        person = await person_of(dukao, who.person) if who.person else SYSTEM.person
        with desk.output.progress("正在启动周期", "Starting the cycle") as move:
            report = await start_cycle(
                dukao,
                plan,
                person,
                source_digest=sha256(content).hexdigest(),
                progress=lambda what, done, of: move(done, of, what),
            )
    return _show_start(desk, report)


@verb(group, "issue")
async def issue(
    desk: Desk,
    *,
    cycle: CycleName,
    who: Who,
    document: Document,
    issuer: Annotated[str, typer.Option("--issuer", help="签发机构或领导 / who issues")],
    minutes: Annotated[str, typer.Option("--minutes", help="会议纪要 / minutes")] = "",
) -> ExitCode:
    """下达：冻结任务清单，交到各部门手中。 / Issue the cycle, as the top leader."""
    return await _give(desk, cycle, IssueCycle(document=document, issuer=issuer, minutes=minutes), who)


@verb(group, "close-carry-in")
async def close_carry_in(desk: Desk, *, cycle: CycleName, who: Who) -> ExitCode:
    """结束历史补录，此后按实际时间计时。 / End the carrying in of history."""
    return await _give(desk, cycle, CloseCarryIn(), who)


@verb(group, "pre-assess")
async def pre_assess(
    desk: Desk,
    *,
    cycle: CycleName,
    who: Who,
    period: Annotated[str, typer.Option("--period", help="期间，如 Q3 / such as Q3")],
    name: Annotated[str, typer.Option("--label", help="名称 / its name")] = "",
) -> ExitCode:
    """启动预考核。 / Run a pre-assessment over all tasks."""
    return await _give(desk, cycle, CallPreAssessment(period=period, label=name or f"{period} 预考核"), who)


@verb(group, "lock")
async def lock(desk: Desk, *, cycle: CycleName, who: Who) -> ExitCode:
    """锁定数据；年末之前只能由主要负责人办理并写明原因。 / Lock the data."""
    return await _give(desk, cycle, LockData(), who)


@verb(group, "approve")
async def approve(
    desk: Desk, *, cycle: CycleName, who: Who, minutes: Annotated[str, typer.Option("--minutes", help="会议纪要编号 / minutes")]
) -> ExitCode:
    """审定结果。 / Approve the consolidated results."""
    return await _give(desk, cycle, ApproveResults(minutes=minutes), who)


@verb(group, "publicise")
async def publicise(desk: Desk, *, cycle: CycleName, who: Who, document: Document) -> ExitCode:
    """公示结果。 / Publish the results for objection."""
    return await _give(desk, cycle, PubliciseResults(document=document), who)


@verb(group, "archive")
async def archive(desk: Desk, *, cycle: CycleName, who: Who, document: Document) -> ExitCode:
    """归档。 / Hand the package over."""
    return await _give(desk, cycle, ArchiveCycle(document=document), who)


async def _give(desk: Desk, cycle: str, command: Any, who: Who) -> ExitCode:
    async with desk.dukao() as dukao:
        stream = names.cycle(cycle_id(cycle))
        await present(dukao, stream)
        return await give(desk, dukao, stream, command, who)


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except FileNotFoundError:
        raise not_found(f"没有文件 {file}。", f"There is no file {file}.") from None
    except OSError as failed:
        raise usage(f"读不了 {file}：{failed.strerror}。", f"Cannot read {file}: {failed.strerror}.") from None


async def _known(desk: Desk) -> Organisation | None:
    """Give the organisation so far, if a store runs: a workbook may refer to it. A check needs no store."""
    try:
        async with desk.dukao(temporal=False) as dukao:
            known: Organisation = await dukao.ledger.state_of(names.ORGANISATION)
            return known
    except NothingIsRunning:
        return None


def _show_counts(desk: Desk, plan: Plan) -> None:
    counts = plan.counts()
    columns = (Column("项目", "what", lambda pair: COUNTED[pair[0]]), Column("数量", "count", lambda pair: pair[1], right=True))
    title = ("没有发现错误，将创建", "No faults; this would be created")
    desk.output.show({"faults": [], "counts": counts}, lambda: desk.output.table(title, counts.items(), columns))


def _show_faults(desk: Desk, faults: list[WorkbookFault]) -> ExitCode:
    columns = (
        Column("工作表", "sheet", lambda fault: fault.sheet),
        Column("行", "row", lambda fault: fault.row or None, right=True),
        Column("列", "column", lambda fault: f"{fault.column} {fault.header}".strip()),
        Column("现在的值", "value", lambda fault: fault.value),
        Column("问题", "what is wrong", lambda fault: desk.output.say(fault.zh, fault.en)),
        Column("应为", "what would be right", lambda fault: fault.expected),
    )
    title = (f"{len(faults)} 处错误，未写入任何数据", f"{len(faults)} faults; nothing was written")
    desk.output.show({"faults": faults, "counts": {}}, lambda: desk.output.table(title, faults, columns))
    desk.output.error(
        f"工作簿有 {len(faults)} 处错误。请按“应为”一列更正后重试；--marked 可生成标红的副本。",
        f"The workbook has {len(faults)} faults. Correct them and try again; 'cycle check --marked' writes a copy that shows them.",
    )
    return ExitCode.FAILURE


def _show_start(desk: Desk, report: StartReport) -> ExitCode:
    rows = [(COUNTED[what], report.planned[what], report.created.get(what, 0)) for what in report.planned]
    columns = (
        Column("项目", "what", lambda row: row[0]),
        Column("工作簿中", "in the workbook", lambda row: row[1], right=True),
        Column("新建", "created", lambda row: row[2], right=True),
    )
    desk.output.show(report, lambda: desk.output.table((report.cycle, report.cycle), rows, columns))
    if report.refused is None:
        return ExitCode.DONE
    desk.output.error(f"{report.place}：{report.refused.zh}", f"{report.place}: {report.refused.en}")
    return code_of_refusal(report.refused.code)


COUNTED = {
    "departments": "部门 / departments",
    "people": "人员 / people",
    "liaisons": "联络员 / liaisons",
    "policies": "制度 / policies",
    "indicators": "指标 / indicators",
    "tasks": "任务 / tasks",
}
