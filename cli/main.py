"""``dukao``: the command line's front door."""

import contextlib
import os
import sys
from importlib.metadata import PackageNotFoundError, version
from typing import Annotated, NoReturn

import typer

from cli.commands import add_to
from cli.faults import MEANING

EXIT_CODES = "退出码 / exit codes: " + "; ".join(f"{code.value} {zh} {en}" for code, (zh, en) in MEANING.items())


def _tell_version(wanted: bool) -> None:
    if wanted:
        print(f"dukao {_version()}")
        raise typer.Exit


def front(asked_for: str = "") -> typer.Typer:
    """Make the front door: with the verbs of the module that has ``asked_for``, else with all of them."""
    app = typer.Typer(
        name="dukao",
        help="督考：绩效督办与考核。全过程留痕，可回放，可核验。\n\nDukao: assessment and supervision as one loop, every step in one log.",
        epilog=EXIT_CODES,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )
    app.callback()(_front)
    add_to(app, asked_for)
    return app


def _front(
    *,
    _version_wanted: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_tell_version, help="版本 / show the version")
    ] = False,
) -> None:
    pass  # Its options do all the work.


def main(arguments: list[str] | None = None) -> int:
    """Run one command line and give its exit code."""
    words = sys.argv[1:] if arguments is None else arguments
    verb = next((word for word in words if not word.startswith("-")), "")
    try:
        front(verb)(args=words, prog_name="dukao")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(bool(end.code))
    return 0


def run() -> NoReturn:
    """Run the command line and leave the process at once: clients of Temporal may hang or abort at interpreter exit."""
    code = main()
    with contextlib.suppress(OSError):  # Whoever read our output may be gone.
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(code)


def _version() -> str:
    try:
        return version("dukao")
    except PackageNotFoundError:  # Run from a checkout.
        return "0.1.0"
