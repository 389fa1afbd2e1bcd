"""``dukao score``: rules tried on values, without a store."""

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Group
from rich.text import Text

from application.trial import try_score
from cli.desk import Desk
from cli.faults import ExitCode, Fault, not_found
from cli.output import Column
from cli.scored import working
from cli.verb import verb

group = typer.Typer(help="评分试算 / scores tried out", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    """Add the group."""
    app.add_typer(group, name="score")


SCHEMA = "docs/scoring.md"


@verb(group, "try")
async def try_(
    desk: Desk, *, file: Annotated[str, typer.Argument(help="规则和数据的 JSON 文件，- 为标准输入 / a JSON file, - for stdin")]
) -> None:
    """按规则试算得分并列出算式；不写入任何数据。JSON 格式见 docs/scoring.md。 / Score inputs under a rule and show the working."""
    scored = try_score(_read(file))
    desk.output.show(scored, lambda: working(scored, desk.output))


@verb(group, "methods")
async def methods(desk: Desk) -> None:
    """列出全部评分方法。 / List the methods of scoring."""
    from typing import get_args, get_type_hints

    from domain.scoring import Rule

    found = []
    for kind in get_args(Rule):
        (name,) = get_args(get_type_hints(kind)["kind"])
        module = sys.modules[kind.__module__]
        first = (module.__doc__ or kind.__doc__ or "").strip().partition("\n")[0]
        found.append({"kind": name, "what": first, "parameters": [each for each in kind.__dataclass_fields__ if each != "kind"]})
    columns = (
        Column("方法", "kind", lambda row: row["kind"]),
        Column("说明", "what it is", lambda row: row["what"]),
        Column("参数", "parameters", lambda row: ", ".join(row["parameters"])),
    )
    note = Text(desk.output.say(f"每种方法的例子见 {SCHEMA}", f"An example of each is in {SCHEMA}"), style="dim")
    desk.output.show(found, lambda: Group(desk.output.table(("评分方法", "Methods of scoring"), found, columns), note))


def _read(file: str) -> bytes:
    if file == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(file).read_bytes()
    except FileNotFoundError:
        raise not_found(f"没有文件 {file}。", f"There is no file {file}.") from None
    except OSError as failed:
        raise Fault(
            f"读不了 {file}：{failed.strerror}。", f"Cannot read {file}: {failed.strerror}.", code=ExitCode.USAGE
        ) from None
