"""``dukao task``: one indicator in one department's hands, acted on as a given person."""

import json
import sys
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Group, RenderableType
from rich.text import Text

from cli.acting import cycle_id, evidence_of, give, present, task_stream
from cli.desk import Desk
from cli.faults import ExitCode, usage
from cli.output import OFFICE_ZONE, Column, Output, local
from cli.verb import verb
from cli.who import Who
from domain import names
from domain.cycle import Cycle
from domain.policy import Relation
from domain.reported import Achievements, Flag, Number, Numbers, Reported, Texts
from domain.reported import Text as Word
from domain.scoring import InputSpec, explain, inputs
from domain.scoring.facts import NO, YES, Achievement
from domain.task.commands import (
    Accept,
    AcceptReport,
    Consolidate,
    DeliverContribution,
    ReturnReport,
    ReviewScore,
    SelfScore,
    SignReport,
    SubmitReport,
)
from domain.task.evaluation import asked_of_reports
from domain.task.facts import Adjustment, ClauseVerdict, ReturnCode
from domain.task.state import Task, stage_of
from projections import board, labels
from projections.labels import label
from projections.people import names_of

group = typer.Typer(help="指标任务：承接、上报、签发、审核、评分 / tasks", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    """Add the group."""
    app.add_typer(group, name="task")


TaskName = Annotated[str, typer.Argument(metavar="TASK", help="周期/指标/部门 / CYCLE/INDICATOR/DEPARTMENT")]
PeriodKey = Annotated[str, typer.Option("--period", help="期间，如 Q1、M03 / such as Q1, M03")]
Values = Annotated[list[str] | None, typer.Option("--value", help="名称=值，可重复 / NAME=VALUE, again for each")]
Files = Annotated[list[Path] | None, typer.Option("--evidence", help="佐证文件，可重复 / a file, again for each")]


@verb(group, "list")
async def list_(
    desk: Desk,
    *,
    cycle: Annotated[str, typer.Option("--cycle", help="周期 / cycle")] = "",
    department: Annotated[list[str] | None, typer.Option("--department", help="部门，可重复 / department")] = None,
    text: Annotated[str, typer.Option("--text", help="在名称、类别、编号中查找 / find in name, category, id")] = "",
) -> None:
    """列出任务。 / List tasks."""
    shown = board.Filter(cycle=cycle_id(cycle), departments=tuple(department or ()), text=text)
    now = datetime.now(UTC)
    async with desk.dukao(temporal=False) as dukao, dukao.engine.connect() as connection:
        found: list[board.BoardTask] = []
        page = await board.tasks(connection, now, shown, limit=LIMIT)
        found += page.tasks
        while page.after:
            page = await board.tasks(connection, now, shown, after=page.after, limit=LIMIT)
            found += page.tasks
        people = await names_of(connection, {task.responsible for task in found})
    columns = (
        Column("任务", "task", lambda task: task.stream.removeprefix("task/")),
        Column("指标", "indicator", lambda task: task.name),
        Column("责任人", "responsible", lambda task: people.get(task.responsible, task.responsible)),
        Column("阶段", "stage", lambda task: label(task.stage, desk.output.language)),
        Column("时限", "due", lambda task: local(task.due.current)),
        Column("分值", "points", lambda task: task.points, right=True),
    )
    desk.output.rows(("任务", "Tasks"), found, columns)


@verb(group, "show")
async def show(desk: Desk, *, task: TaskName) -> None:
    """查看一项任务的现状。 / Show how a task stands."""
    stream = task_stream(task)
    async with desk.dukao(temporal=False) as dukao:
        state: Task = await present(dukao, stream)
        cycle: Cycle = await dukao.ledger.state_of(names.cycle(names.cycle_of(stream)))
        async with dukao.engine.connect() as connection:
            line = await board.task(connection, stream)
    document = {"stream": stream, "stage": stage_of(state, cycle), "task": state, "board": line}
    desk.output.show(document, lambda: _picture(stream, state, cycle, line, desk.output))


@verb(group, "accept")
async def accept(
    desk: Desk, *, task: TaskName, who: Who, plan: Annotated[str, typer.Option("--plan", help="工作安排 / plan")] = ""
) -> ExitCode:
    """承接。 / Accept a task, as the lead department's head."""
    async with desk.dukao() as dukao:
        return await give(desk, dukao, task_stream(task), Accept(plan=plan), who)


@verb(group, "contribute")
async def contribute(
    desk: Desk,
    *,
    task: TaskName,
    who: Who,
    period: PeriodKey,
    note: Annotated[str, typer.Option("--note", help="说明 / note")] = "",
    evidence: Files = None,
) -> ExitCode:
    """配合：协办部门交付。 / Deliver an assisting department's part."""
    async with desk.dukao() as dukao:
        files = await evidence_of(dukao, evidence or [], None)
        return await give(desk, dukao, task_stream(task), DeliverContribution(period=period, note=note, evidence=files), who)


@verb(group, "report")
async def report(
    desk: Desk,
    *,
    task: TaskName,
    who: Who,
    period: PeriodKey,
    value: Values = None,
    values: Annotated[Path | None, typer.Option("--values", help="JSON 文件，- 为标准输入 / a JSON file, - for stdin")] = None,
    as_of: Annotated[str, typer.Option("--as-of", help="数据截止日 YYYY-MM-DD / the values' day")] = "",
    data_source: Annotated[str, typer.Option("--source", help="数据来源 / where the values come from")] = "",
    evidence: Files = None,
    note: Annotated[str, typer.Option("--note", help="说明 / note")] = "",
    explanation: Annotated[str, typer.Option("--explanation", help="差距说明 / why it falls short")] = "",
) -> ExitCode:
    """上报一期数据。 / Report a period's values."""
    stream = task_stream(task)
    async with desk.dukao() as dukao:
        state: Task = await present(dukao, stream)
        definition, unit_class = state.the.definition, state.the.assignment.unit_class
        given = _given(value or [], values)
        day = _day(as_of) if as_of else datetime.now(OFFICE_ZONE).date()
        command = SubmitReport(
            period=period,
            values=reported_values(given, asked_of_reports(definition, unit_class=unit_class)),
            as_of=day,
            data_source=data_source or definition.data_source,
            evidence=await evidence_of(dukao, evidence or [], datetime.combine(day, datetime.min.time(), OFFICE_ZONE)),
            note=note,
            explanation=explanation,
        )
        return await give(desk, dukao, stream, command, who)


@verb(group, "sign")
async def sign(desk: Desk, *, task: TaskName, who: Who, period: PeriodKey) -> ExitCode:
    """签发报表。 / Sign a report, as the providing department's head."""
    async with desk.dukao() as dukao:
        return await give(desk, dukao, task_stream(task), SignReport(period=period), who)


@verb(group, "accept-report")
async def accept_report(desk: Desk, *, task: TaskName, who: Who, period: PeriodKey) -> ExitCode:
    """审核通过。 / Take a report as good, as the reviewing department."""
    async with desk.dukao() as dukao:
        return await give(desk, dukao, task_stream(task), AcceptReport(period=period), who)


@verb(group, "return")
async def return_(
    desk: Desk,
    *,
    task: TaskName,
    who: Who,
    period: PeriodKey,
    code: Annotated[ReturnCode, typer.Option("--code", help="原因代码 / reason code")],
    comment: Annotated[str, typer.Option("--comment", help="意见 / comment")] = "",
) -> ExitCode:
    """退回补正。 / Send a report back with a reason code."""
    async with desk.dukao() as dukao:
        return await give(desk, dukao, task_stream(task), ReturnReport(period=period, code=code, comment=comment), who)


@verb(group, "self-score")
async def self_score(
    desk: Desk,
    *,
    task: TaskName,
    who: Who,
    points: Annotated[str, typer.Option("--points", help="不填采用计算分 / none: the computed ones")] = "",
    ground: Annotated[str, typer.Option("--ground", help="依据 / ground")] = "",
) -> ExitCode:
    """自评。 / Score one's own task."""
    async with desk.dukao() as dukao:
        command = SelfScore(points=_amount(points, "--points") if points else None, ground=ground)
        return await give(desk, dukao, task_stream(task), command, who)


@verb(group, "review-score")
async def review_score(
    desk: Desk,
    *,
    task: TaskName,
    who: Who,
    points: Annotated[str, typer.Option("--points", help="不填采用计算分 / none: the computed ones")] = "",
    value: Values = None,
    clause: Annotated[list[str] | None, typer.Option("--clause", help="条款=是|否[:说明] / CLAUSE=yes|no[:NOTE]")] = None,
    ground: Annotated[str, typer.Option("--ground", help="依据 / ground")] = "",
    second: Annotated[str, typer.Option("--second", help="复核人 / second person")] = "",
) -> ExitCode:
    """考评部门评分。 / Score as the reviewing department."""
    stream = task_stream(task)
    async with desk.dukao() as dukao:
        state: Task = await present(dukao, stream)
        command = ReviewScore(
            points=_amount(points, "--points") if points else None,
            values=reported_values(_given(value or [], None), inputs(state.the.definition.rule)),
            clauses=tuple(_clause(each) for each in clause or ()),
            ground=ground,
            second=second,
        )
        return await give(desk, dukao, stream, command, who)


@verb(group, "consolidate")
async def consolidate(
    desk: Desk,
    *,
    task: TaskName,
    who: Who,
    before: Annotated[str, typer.Option("--before", help="调整前 / points before an adjustment")] = "",
    after: Annotated[str, typer.Option("--after", help="调整后 / points after it")] = "",
    because: Annotated[str, typer.Option("--because", help="调整理由 / why it is adjusted")] = "",
    second: Annotated[str, typer.Option("--second", help="复核人 / second person")] = "",
) -> ExitCode:
    """绩效办汇总，必要时调整。 / Take a score over, adjusted where need be."""
    if bool(before) != bool(after):
        raise usage("调整须同时给出 --before 和 --after。", "An adjustment needs both --before and --after.")
    adjustment = (
        Adjustment(before=_amount(before, "--before"), after=_amount(after, "--after"), reason=because, second=second)
        if before
        else None
    )
    async with desk.dukao() as dukao:
        return await give(desk, dukao, task_stream(task), Consolidate(adjustment=adjustment), who)


LIMIT = 200


def reported_values(given: dict[str, Any], specs: tuple[InputSpec, ...]) -> tuple[Reported, ...]:
    """Give typed values from what was typed, by the type each input declares."""
    by_name = {spec.name: spec for spec in specs}
    unknown = [name for name in given if name not in by_name]
    if unknown:
        known = "、".join(f"{spec.name}（{spec.label}）" for spec in specs) or "—"
        raise usage(
            f"没有名为 {'、'.join(unknown)} 的数据项。可填：{known}。",
            f"No input is called {', '.join(unknown)}; there are: {', '.join(by_name) or '-'}.",
        )
    return tuple(_typed(by_name[name], value) for name, value in given.items())


def _typed(spec: InputSpec, value: Any) -> Reported:
    match spec.type:
        case "number" | "count":
            return Number(name=spec.name, value=_amount(value, spec.name))
        case "yes-no":
            return Flag(name=spec.name, value=_flag(value, spec.name))
        case "choice" | "text":
            return Word(name=spec.name, value=str(value))
        case "numbers":
            return Numbers(name=spec.name, value=tuple(_amount(each, spec.name) for each in _several(value)))
        case "choices":
            return Texts(name=spec.name, value=tuple(str(each) for each in _several(value)))
        case "achievements":
            return Achievements(name=spec.name, value=tuple(_achievement(each, spec.name) for each in _loaded(value, spec.name)))


def _given(pairs: list[str], file: Path | None) -> dict[str, Any]:
    given: dict[str, Any] = {}
    if file is not None:
        try:
            text = sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8")
        except OSError as failed:
            raise usage(f"读不了 {file}：{failed.strerror}。", f"Cannot read {file}: {failed.strerror}.") from None
        given |= _loaded(text, str(file))
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals:
            raise usage(f"“{pair}”应写成 名称=值。", f"'{pair}' should read NAME=VALUE.")
        given[name.strip()] = value.strip()
    return given


def _loaded(value: Any, name: str) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value, parse_float=Decimal)
    except json.JSONDecodeError as failed:
        raise usage(f"{name} 不是有效的 JSON：{failed.msg}。", f"{name} is not valid JSON: {failed.msg}.") from None


def _several(value: Any) -> list[Any]:
    return [each.strip() for each in value.replace("，", ",").split(",")] if isinstance(value, str) else list(value)


def _achievement(value: Any, name: str) -> Achievement:
    if not isinstance(value, dict) or not set(value) <= set(Achievement.__dataclass_fields__):
        fields = ", ".join(Achievement.__dataclass_fields__)
        raise usage(f"{name} 的每项应为含 {fields} 的对象。", f"Each entry of {name} is an object with {fields}.")
    words = {key: str(each) for key, each in value.items() if key != "count"}
    return replace(Achievement(**words), count=_amount(value.get("count", 1), name))  # type: ignore[arg-type]  # Words only.


def _flag(value: Any, name: str) -> bool:
    if isinstance(value, bool):
        return value
    if str(value).lower() in YES | NO:
        return str(value).lower() in YES
    raise usage(f"{name} 应为 是 或 否，而不是“{value}”。", f"{name} should be yes or no, not '{value}'.")


def _amount(value: Any, name: str) -> Decimal:
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite():
        raise usage(f"{name} 应为一个数，而不是“{value}”。", f"{name} should be a number, not '{value}'.")
    return amount


def _day(value: str) -> date:
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise usage(f"“{value}”不是日期，应为 YYYY-MM-DD。", f"'{value}' is no day; write YYYY-MM-DD.") from None


def _clause(value: str) -> ClauseVerdict:
    clause, _, rest = value.partition("=")
    verdict, _, note = rest.partition(":")
    return ClauseVerdict(clause=clause, meets=_flag(verdict, f"--clause {clause}"), note=note)


def _picture(stream: str, state: Task, cycle: Cycle, line: board.BoardTask | None, output: Output) -> RenderableType:
    """Show a task: what it is, where it stands, its reports, and its last score with the working."""
    its, say = state.the, output.say
    lines = [
        Text.assemble((its.definition.name, "bold"), f"  {stream}"),
        Text(f"{say('阶段', 'stage')}: {label(stage_of(state, cycle), output.language)}"),
        Text(f"{say('标准', 'rule')}: {explain(its.definition.rule)}"),
    ]
    if line is not None and line.awaited:
        relation = label(Relation(line.relation), output.language) if line.relation else ""
        who = line.awaited_person or f"{line.awaited_department} {relation}".strip()
        awaited = labels.command(line.awaited, output.language)
        lines.append(Text(f"{say('待办', 'awaited')}: {awaited} · {who} · {local(line.due.current)}"))
    reports = output.table(
        ("报表", "Reports"),
        state.reports.items(),
        (
            Column("期间", "period", lambda pair: pair[0]),
            Column("状态", "stage", lambda pair: label(pair[1].stage, output.language)),
            Column("版本", "version", lambda pair: pair[1].version or None),
            Column("数据", "values", lambda pair: "；".join(f"{each.name}={_said(each.value)}" for each in pair[1].values)),
            Column("时限", "due", lambda pair: local(pair[1].deadline.dates.current)),
            Column("迟报", "late", lambda pair: pair[1].late),
        ),
    )
    return Group(*lines, reports)


def _said(value: object) -> str:
    return ",".join(_said(each) for each in value) if isinstance(value, tuple) else str(value)
