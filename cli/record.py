"""``dukao command``, ``timeline``: any command raw, and everything that happened to a stream."""

import sys
from typing import Annotated

import typer
from pydantic import ValidationError

from cli.acting import give, person_of
from cli.desk import Desk
from cli.faults import ExitCode, not_found, usage
from cli.output import Column, local
from cli.verb import verb
from cli.who import Who
from domain import names
from domain.decider import SYSTEM
from event_store.codec import Unfit
from projections import people, timeline
from projections.labels import label


def add_to(app: typer.Typer) -> None:
    """Add the verbs."""
    verb(app, "command")(command)
    verb(app, "timeline")(show)


async def command(
    desk: Desk,
    *,
    stream: Annotated[str, typer.Argument(help="流，如 task/2026/T01-1/yx / the stream")],
    type_: Annotated[str, typer.Argument(metavar="TYPE", help="命令类型，如 Accept / the command's type")],
    body: Annotated[str, typer.Argument(metavar="JSON", help="命令内容，- 为标准输入 / its JSON, - for stdin")],
    who: Who,
) -> ExitCode:
    """以某人身份发出任意命令（字段见 docs/events.md）。 / Give any command, as its JSON."""
    async with desk.dukao() as dukao:
        try:
            made = dukao.ledger.codec.command(type_, sys.stdin.read() if body == "-" else body)
        except ValidationError as wrong:
            faults = "; ".join(
                f"{'.'.join(str(part) for part in each['loc']) or 'JSON'}: {each['msg']}" for each in wrong.errors()
            )
            raise usage(f"{type_} 的内容不对：{faults}。", f"The body of {type_} does not fit: {faults}.") from None
        except Unfit:
            known = ", ".join(sorted(dukao.ledger.codec.commands))
            raise usage(f"没有命令 {type_}。现有：{known}。", f"There is no command {type_}. There are: {known}.") from None
        return await give(desk, dukao, stream, made, who)


async def show(
    desk: Desk,
    *,
    stream: Annotated[str, typer.Argument(help="流；留空为全部 / the stream; empty for all")] = "",
    with_orders: Annotated[bool, typer.Option("--with-orders", help="连同任务的督办单 / a task's orders, too")] = False,
    person: Annotated[str, typer.Option("--person", help="只看涉及此人的 / only what names this person")] = "",
    department: Annotated[str, typer.Option("--department", help="只看此部门的 / only of this department")] = "",
    no_refusals: Annotated[bool, typer.Option("--no-refusals", help="不含被拒绝的操作 / without refusals")] = False,
    before: Annotated[int | None, typer.Option("--before", help="此位置之前 / before this position")] = None,
    limit: Annotated[int, typer.Option("--limit", help="最多几行 / at most")] = 200,
) -> None:
    """时间线：每件事一句话，谁、何时、以何身份。 / What happened, one sentence each."""
    async with desk.dukao(temporal=False) as dukao, dukao.engine.connect() as connection:
        wanted = timeline.Wanted(
            stream=stream,
            with_orders=with_orders,
            person=await person_of(dukao, person) if person else "",
            department=department,
            refusals=not no_refusals,
        )
        found = list(reversed(await timeline.lines(connection, wanted, before=before, limit=limit)))
        if stream and not found and not await dukao.log.read(stream):
            raise not_found(f"没有 {stream}。", f"There is no {stream}.")
        organisation = await dukao.ledger.state_of(names.ORGANISATION)
        ids = {person for line in found for person in (*line.persons, line.person)}
        called = await people.names(connection, ids, organisation, desk.output.language)
    language = desk.output.language

    def by(line: timeline.Line) -> str:
        if line.person == SYSTEM.person:
            return desk.output.say("系统", "system")
        return str(called.persons.get(line.person, line.person))

    columns = (
        Column("位置", "position", lambda line: line.position, right=True),
        Column("受理时间", "at", lambda line: local(line.at)),
        Column("入账时间", "recorded", lambda line: local(line.recorded_at)),
        Column("谁", "who", by),
        Column("来源", "source", lambda line: label(line.source, language)),
        Column("发生了什么", "what happened", lambda line: line.told(called, language)),
    )
    document = [{"told": line.told(called, language), "line": line} for line in found]
    desk.output.rows((f"时间线 {stream}", f"Timeline {stream}"), found, columns, document=document)
