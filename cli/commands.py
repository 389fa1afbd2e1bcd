"""Every verb and every group of verbs, one line each."""

import typer

from cli import board, cycle, demo, indicator, order, person, projection, record, rule, score, scoreboard, servers, store, task

GROUPS = {
    "cycle": cycle.group,
    "task": task.group,
    "order": order.group,
    "indicator": indicator.group,
    "rule": rule.group,
    "person": person.group,
    "score": score.group,
    "projection": projection.group,
    "demo": demo.group,
    "db": store.db,
    "config": store.config,
}
VERBS = (servers, store, board, scoreboard, record)


def add_to(app: typer.Typer) -> None:
    """Add all of them to the front door."""
    for module in VERBS:
        module.add_to(app)
    for name, group in GROUPS.items():
        app.add_typer(group, name=name)
