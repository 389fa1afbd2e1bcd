"""``dukao projection``: read models checked against the log, or built anew."""

from typing import Annotated

import typer
from rich.console import Group
from rich.text import Text

from application.dukao import Dukao
from cli.desk import Desk
from cli.faults import ExitCode, usage
from cli.output import Column, local
from cli.verb import verb
from projections import PROJECTIONS
from projections.folding import Reading
from projections.model import ReadModel
from projections.rebuild import Compared, check, rebuild
from projections.runner import lags

group = typer.Typer(help="读模型：核对、重建 / read models", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    """Add the group."""
    app.add_typer(group, name="projection")


Names = Annotated[list[str] | None, typer.Argument(metavar="[NAME]...", help="读模型，不填为全部 / read models, none: all")]


@verb(group, "list")
async def list_(desk: Desk) -> None:
    """各读模型跟到哪里。 / How far each read model has come."""
    async with desk.dukao(temporal=False) as dukao:
        found, head = await lags(dukao.engine), await dukao.log.head()
    columns = (
        Column("读模型", "read model", lambda lag: lag.name),
        Column("位置", "position", lambda lag: lag.position, right=True),
        Column("落后", "behind", lambda lag: head - lag.position, right=True),
        Column("搁置", "parked", lambda lag: lag.parked or None, right=True),
        Column("心跳", "heartbeat", lambda lag: local(lag.heartbeat_at)),
    )
    desk.output.rows(("读模型", "Read models"), found, columns, document={"head": head, "models": found})


@verb(group, "check")
async def check_(desk: Desk, *, name: Names = None) -> ExitCode:
    """在旁边重建一份并逐行比较；有差别则退出码为 3。 / Build a copy beside, compare row for row."""
    async with desk.dukao(temporal=False) as dukao:
        return await _compare(desk, dukao, name, switch=False)


@verb(group, "rebuild")
async def rebuild_(desk: Desk, *, name: Names = None) -> ExitCode:
    """重建并切换，报告与原来的差别。 / Build anew and switch, telling what differed."""
    async with desk.dukao(temporal=False) as dukao:
        return await _compare(desk, dukao, name, switch=True)


async def _compare(desk: Desk, dukao: Dukao, named: list[str] | None, *, switch: bool) -> ExitCode:
    found: list[Compared] = []
    models = _models(named)
    with desk.output.progress("正在重建读模型", "Building read models") as move:
        for number, model in enumerate(models):
            move(number, len(models), model.name)
            reading = Reading(dukao.log, dukao.ledger.codec)
            found.append(await (rebuild if switch else check)(dukao.engine, reading, model))
    columns = (
        Column("读模型", "read model", lambda one: one.name),
        Column("位置", "position", lambda one: one.position, right=True),
        Column("行数", "rows", lambda one: one.rows, right=True),
        Column("摘要", "digest", lambda one: one.digest_rebuilt[:16]),
        Column("一致", "same", lambda one: one.same if one.comparable else None),
        Column("差别", "differences", lambda one: one.count or None, right=True),
    )
    differences = [Text(f"{d.table} {d.key}\n  - {d.live}\n  + {d.rebuilt}") for one in found for d in one.differences]
    document = [{"same": one.same, "compared": one} for one in found]
    title = ("重建与现用比较", "Rebuilt against live")
    desk.output.show(document, lambda: Group(desk.output.table(title, found, columns), *differences))
    return ExitCode.DONE if all(one.same or not one.comparable for one in found) else ExitCode.VERIFICATION_FAILED


def _models(named: list[str] | None) -> tuple[ReadModel, ...]:
    known = {model.name: model for model in PROJECTIONS}
    unknown = [name for name in named or () if name not in known]
    if unknown:
        raise usage(
            f"没有读模型 {'、'.join(unknown)}。现有：{'、'.join(known)}。",
            f"No read model {unknown[0]}; there are: {', '.join(known)}.",
        )
    return tuple(known[name] for name in named) if named else PROJECTIONS
