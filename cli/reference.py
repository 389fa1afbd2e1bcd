"""``docs/cli.md``, written from the command line itself: ``python -m cli.reference > docs/cli.md``."""

from collections.abc import Iterator
from typing import Any

from typer.main import get_command

from cli.faults import MEANING
from cli.main import front
from cli.verb import SHARED
from cli.who import ACTING

HEAD = """\
# The command line 命令行

Written by `python -m cli.reference`; a test compares. Every verb shows a table on a terminal and one JSON document otherwise.

Every verb takes `--json/--table`, `--quiet`, `--lang zh|en` and `--data FOLDER`; a verb that a person gives also takes `--as`,
`--on-behalf-of`, `--authorisation`, `--reason` and `--key`. Errors go to stderr in Chinese and English. `NO_COLOR` is kept to.
"""


def reference() -> str:
    """Give the page."""
    lines = [HEAD, "| Exit code | 含义 | Meaning |", "|---|---|---|"]
    lines += [f"| {code.value} | {zh} | {en} |" for code, (zh, en) in MEANING.items()]
    for path, command in verbs():
        lines += ["", f"## dukao {path}", "", _help(command)]
        lines += [f"- {line}" for line in _parameters(command)]
    return "\n".join(lines).rstrip() + "\n"


def verbs() -> Iterator[tuple[str, Any]]:
    """Give every verb with its path, such as ``task accept``."""
    yield from _below("", get_command(front()))


def _below(path: str, command: Any) -> Iterator[tuple[str, Any]]:
    children = getattr(command, "commands", None)
    if children is None:
        yield path, command
        return
    for name, child in children.items():
        yield from _below(f"{path} {name}".strip(), child)


def _help(command: Any) -> str:
    return " ".join((command.help or "").split()) + "\n"


def _parameters(command: Any) -> Iterator[str]:
    shared = SHARED.keys() | ACTING.keys()
    for parameter in command.params:
        if parameter.name in shared or parameter.name == "help":
            continue
        names = ", ".join(f"`{each}`" for each in (*parameter.opts, *parameter.secondary_opts))
        if parameter.param_type_name == "argument":
            names = f"`{parameter.metavar or parameter.name.upper()}`"
        yield f"{names} {parameter.help or ''}".strip()


if __name__ == "__main__":
    print(reference(), end="")
