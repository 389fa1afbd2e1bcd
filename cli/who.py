"""Who gives a command from the command line, as typed."""

from dataclasses import dataclass
from typing import Annotated, Any

import typer

ACTING: dict[str, tuple[Any, object]] = {
    "as_": (
        Annotated[str, typer.Option("--as", envvar="DUKAO_AS", help="谁在办理：工号、账号或姓名 / person, login or name")],
        "",
    ),
    "on_behalf_of": (Annotated[str, typer.Option("--on-behalf-of", help="代谁办理 / for whom")], ""),
    "authorisation": (Annotated[str, typer.Option("--authorisation", help="授权编号 / under which authorisation")], ""),
    "reason": (Annotated[str, typer.Option("--reason", help="原因 / why")], ""),
    "key": (Annotated[str, typer.Option("--key", help="幂等键：同一键重发只办一次 / the same key is done once")], ""),
}


@dataclass(frozen=True, kw_only=True)
class Who:
    """Who gives a command, and by which right, as typed."""

    person: str
    on_behalf_of: str = ""
    authorisation: str = ""
    reason: str = ""
    key: str = ""
