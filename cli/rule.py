"""``dukao rule``: policies and their versions."""

from typing import Annotated

import typer
from rich.console import Group
from rich.json import JSON
from rich.text import Text

from cli.acting import present
from cli.desk import Desk
from cli.faults import not_found
from cli.output import Column
from cli.verb import verb
from domain import names
from domain.rule import Rule
from event_store.codec import canonical

group = typer.Typer(help="制度：时限、催办阶梯、职责分离等的各版本 / policies and their versions", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    """Add the group."""
    app.add_typer(group, name="rule")


@verb(group, "list")
async def list_(desk: Desk) -> None:
    """列出制度及现有版本。 / List the rules and how many versions each has."""
    async with desk.dukao(temporal=False) as dukao:
        states: dict[str, Rule] = await dukao.ledger.states_of(await dukao.log.streams("rule/"))
    rows = [
        {"rule": stream.removeprefix("rule/"), "kind": rule.bodies[-1].kind, "version": len(rule.bodies)}
        for stream, rule in states.items()
    ]
    columns = (
        Column("制度", "rule", lambda row: row["rule"]),
        Column("类别", "kind", lambda row: row["kind"]),
        Column("最新版本", "version", lambda row: row["version"], right=True),
    )
    desk.output.rows(("制度", "Rules"), rows, columns)


@verb(group, "show")
async def show(
    desk: Desk,
    *,
    rule: Annotated[str, typer.Argument(help="制度，如 limits / the rule")],
    version: Annotated[int | None, typer.Option("--version", help="版本，不填为最新 / none: the newest")] = None,
) -> None:
    """查看制度某一版的全文。 / Show one version of a rule."""
    async with desk.dukao(temporal=False) as dukao:
        state: Rule = await present(dukao, names.rule(rule.removeprefix("rule/")))
    chosen = version or len(state.bodies)
    if not 1 <= chosen <= len(state.bodies):
        raise not_found(f"制度 {rule} 没有第 {chosen} 版。", f"Rule {rule} has no version {chosen}.")
    body = state.bodies[chosen - 1]
    head = Text(
        desk.output.say(f"{rule} 第 {chosen} 版，共 {len(state.bodies)} 版", f"{rule} version {chosen} of {len(state.bodies)}")
    )
    document = {"rule": rule, "version": chosen, "body": body}
    desk.output.show(document, lambda: Group(head, JSON(canonical(body).decode(), ensure_ascii=False)))
