"""Every verb and every group of verbs, one line each, and the module it lives in. Only the module that is asked for is imported."""

from collections.abc import Mapping
from importlib import import_module

import typer

MODULES: Mapping[str, str] = {
    "up": "cli.servers",
    "serve": "cli.servers",
    "worker": "cli.servers",
    "init": "cli.store",
    "recover": "cli.store",
    "db": "cli.store",
    "config": "cli.store",
    "board": "cli.board",
    "stuck": "cli.board",
    "scoreboard": "cli.scoreboard",
    "command": "cli.record",
    "timeline": "cli.record",
    "cycle": "cli.cycle",
    "task": "cli.task",
    "order": "cli.order",
    "indicator": "cli.indicator",
    "rule": "cli.rule",
    "person": "cli.person",
    "score": "cli.score",
    "projection": "cli.projection",
    "demo": "cli.demo",
}


def add_to(app: typer.Typer, asked_for: str = "") -> None:
    """Add the verbs of the module that has ``asked_for``; all verbs where there is no such module."""
    wanted = [MODULES[asked_for]] if asked_for in MODULES else list(dict.fromkeys(MODULES.values()))
    for module in wanted:
        import_module(module).add_to(app)
