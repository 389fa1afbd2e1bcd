"""A score as people read it: the points, and the working line by line."""

from rich.console import RenderableType

from cli.output import Column, Output
from domain.scoring import Scored


def working(scored: Scored, output: Output) -> RenderableType:
    """Show a score and its working line by line."""
    columns = (
        Column("项", "line", lambda line: line.label),
        Column("算式", "working", lambda line: line.formula),
        Column("得分", "amount", lambda line: line.amount, right=True),
        Column("说明", "note", lambda line: line.note),
    )
    verdict = f"  {scored.verdict}" if scored.verdict else ""
    title = (f"得分 {_points(scored)}{verdict}", f"score {_points(scored)}{verdict}")
    return output.table(title, scored.lines, columns)


def _points(scored: Scored) -> str:
    full = "" if scored.full is None else f" / {scored.full}"
    return f"{'—' if scored.points is None else scored.points}{full}"
