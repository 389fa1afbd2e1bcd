"""How templates are found and what they may call: escaping is always on, and a name nobody gave is an error."""

from collections.abc import Callable, Mapping
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from console import times
from console.assets import Asset
from console.forms import ACHIEVEMENT_PARTS, ROWS_OF_ACHIEVEMENTS, shown
from domain.policy import Relation
from domain.reported import Reported
from domain.scoring.working import text
from projections import labels
from projections.board import Light
from projections.labels import Language

HERE = Path(__file__).parent / "templates"
MARKS = {Light.GREEN: "●", Light.YELLOW: "▲", Light.RED: "■"}  # A shape beside each colour, and always the word.


def templates(assets: Mapping[str, Asset]) -> Environment:
    """Make the environment pages are drawn in."""
    environment = Environment(
        loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.globals |= {
        "asset": lambda name: assets[name].address,
        "integrity": lambda name: assets[name].integrity,
        "new_key": lambda: str(uuid4()),
        "address_of": address_of,
        "marks": MARKS,
        "achievement_parts": ACHIEVEMENT_PARTS,
        "achievement_rows": range(ROWS_OF_ACHIEVEMENTS),
        "with_query": with_query,
    }
    environment.filters |= _FILTERS
    environment.tests["passed"] = lambda verdict: verdict.endswith("：通过")
    return environment


def address_of(stream: str) -> str:
    """Give the page of a stream."""
    kind, _, rest = stream.partition("/")
    return {"task": f"/i/{rest}", "order": f"/order/{rest}", "cycle": f"/cycle/{rest}"}.get(kind, "/")


def with_query(path: str, query: Mapping[str, Any]) -> str:
    """Give an address with a query; what is empty is left out."""
    asked = urlencode([(name, str(value)) for name, value in query.items() if value not in ("", None, False)])
    return f"{path}?{asked}" if asked else path


def _time(instant: Any, language: Language = "zh") -> Markup:
    """Show an instant with its zone, readable for machines too."""
    del language
    return Markup('<time datetime="{}">{}</time>').format(times.machine(instant), labels.instant(instant))


def _moment(instant: Any) -> Markup:
    """Show an instant where space is short; the whole is in the title."""
    return Markup('<time datetime="{}" title="{}">{}</time>').format(
        times.machine(instant), labels.instant(instant), times.short(instant)
    )


def _points(number: Decimal | None) -> str:
    return "—" if number is None else text(number)


def _rounded(number: Decimal | None) -> Markup:
    """Show a total to two places; the exact one is in the title."""
    if number is None:
        return Markup("—")
    return Markup('<span title="{}">{}</span>').format(text(number), text(number.quantize(HUNDREDTH, ROUND_HALF_UP)))


HUNDREDTH = Decimal("0.01")


def _label(value: StrEnum, language: Language) -> str:
    return labels.label(value, language)


def _reported(value: Reported) -> str:
    return "、".join(shown(value).splitlines())


def _relation(value: str, language: Language) -> str:
    return labels.label(Relation(value), language) if value else ""


def _lines(words: str) -> Markup:
    """Keep the line ends of what people typed."""
    return Markup("<br>").join(escape(line) for line in words.splitlines())


_FILTERS: Mapping[str, Callable[..., Any]] = {
    "time": _time,
    "moment": _moment,
    "left": times.left,
    "points": _points,
    "rounded": _rounded,
    "label": _label,
    "relation": _relation,
    "command": labels.command,
    "period": labels.period,
    "deadline": labels.deadline,
    "reported": _reported,
    "lines": _lines,
}
