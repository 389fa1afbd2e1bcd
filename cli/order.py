"""``dukao order``: supervision orders."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Group
from rich.text import Text

from cli.acting import evidence_of, give, order_stream, present
from cli.desk import Desk
from cli.faults import ExitCode
from cli.output import Column, local
from cli.verb import verb
from cli.who import Who
from domain import names
from domain.order import ClaimCompletion, Completion, GiveFeedback, Order, Quality, SignForOrder, VerifyOrder
from projections import people
from projections.labels import label

group = typer.Typer(help="督办单：签收、反馈、申请办结、核验 / supervision orders", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    """Add the group."""
    app.add_typer(group, name="order")


OrderName = Annotated[str, typer.Argument(metavar="ORDER", help="督办单 / an order, see dukao order list")]
Files = Annotated[list[Path] | None, typer.Option("--evidence", help="佐证文件，可重复 / a file, again for each")]


@verb(group, "list")
async def list_(
    desk: Desk,
    *,
    cycle: Annotated[str, typer.Option("--cycle", help="周期 / cycle")] = "",
    open_only: Annotated[bool, typer.Option("--open", help="只看未销号的 / only those still open")] = False,
) -> None:
    """列出督办单。 / List supervision orders."""
    async with desk.dukao(temporal=False) as dukao:
        streams = await dukao.log.streams(f"order/{cycle.removeprefix('cycle/')}" + ("/" if cycle else ""))
        orders = list((await dukao.ledger.states_of(streams)).items()) if streams else []
    found: Sequence[tuple[str, Order]] = [(s, o) for s, o in orders if not (open_only and o.closed)]
    language = desk.output.language
    columns = (
        Column("督办单", "order", lambda pair: pair[0].removeprefix("order/")),
        Column("事由", "cause", lambda pair: label(pair[1].registered.cause, language)),
        Column("事项", "matter", lambda pair: pair[1].registered.matter),
        Column("牵头", "lead", lambda pair: pair[1].registered.lead),
        Column("阶段", "stage", lambda pair: label(pair[1].stage, language)),
        Column("颜色", "colour", lambda pair: label(pair[1].colour, language)),
        Column("时限", "due", lambda pair: local(pair[1].registered.due.current)),
    )
    rows = [{"stream": stream, "order": order} for stream, order in found]
    desk.output.rows(("督办单", "Supervision orders"), found, columns, document=rows)


@verb(group, "show")
async def show(desk: Desk, *, order: OrderName) -> None:
    """查看一张督办单。 / Show one order."""
    stream = order_stream(order)
    async with desk.dukao(temporal=False) as dukao:
        state: Order = await present(dukao, stream)
        its, language = state.registered, desk.output.language
        assert its is not None
        organisation = await dukao.ledger.state_of(names.ORGANISATION)
        async with dukao.engine.connect() as connection:
            called = await people.names(connection, [its.responsible], organisation, language)
    department, person = called.departments.get(its.lead, its.lead), called.persons.get(its.responsible, its.responsible)
    lines = [
        Text.assemble((stream, "bold")),
        Text(f"{label(its.cause, language)} · {its.matter} · {department} · {person}"),
        Text(f"{label(state.stage, language)} · {label(state.colour, language)} · {local(its.due.current)}"),
    ]
    if state.closed is not None:
        lines.append(
            Text(f"{label(state.closed.completion, language)} · {label(state.closed.quality, language)} · {state.closed.comment}")
        )
    desk.output.show({"stream": stream, "order": state}, lambda: Group(*lines))


@verb(group, "sign-for")
async def sign_for(desk: Desk, *, order: OrderName, who: Who) -> ExitCode:
    """签收。 / Sign for an order."""
    async with desk.dukao() as dukao:
        return await give(desk, dukao, order_stream(order), SignForOrder(), who)


@verb(group, "feedback")
async def feedback(
    desk: Desk,
    *,
    order: OrderName,
    who: Who,
    measures: Annotated[str, typer.Option("--measures", help="整改措施 / what is being done")],
    progress: Annotated[str, typer.Option("--progress", help="进展 / how far it is")],
    evidence: Files = None,
) -> ExitCode:
    """反馈措施和进展。 / Say what is being done and how far it is."""
    async with desk.dukao() as dukao:
        files = await evidence_of(dukao, evidence or [], None)
        return await give(
            desk, dukao, order_stream(order), GiveFeedback(measures=measures, progress=progress, evidence=files), who
        )


@verb(group, "claim")
async def claim(
    desk: Desk,
    *,
    order: OrderName,
    who: Who,
    summary: Annotated[str, typer.Option("--summary", help="办结情况 / what was put right")],
    evidence: Files = None,
) -> ExitCode:
    """申请办结。 / Say that it is put right."""
    async with desk.dukao() as dukao:
        files = await evidence_of(dukao, evidence or [], None)
        return await give(desk, dukao, order_stream(order), ClaimCompletion(summary=summary, evidence=files), who)


@verb(group, "verify")
async def verify(
    desk: Desk,
    *,
    order: OrderName,
    who: Who,
    completion: Annotated[Completion, typer.Option("--completion", help="办结结论 / completion")],
    quality: Annotated[Quality, typer.Option("--quality", help="质量结论 / quality")],
    comment: Annotated[str, typer.Option("--comment", help="核验情况 / what was seen")],
    evidence: Files = None,
) -> ExitCode:
    """核验：办结且质量不差即销号，否则退办。 / Verify: strike off, or send back."""
    async with desk.dukao() as dukao:
        files = await evidence_of(dukao, evidence or [], None)
        command = VerifyOrder(completion=completion, quality=quality, comment=comment, evidence=files)
        return await give(desk, dukao, order_stream(order), command, who)
