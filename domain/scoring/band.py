"""分段定分: a table of bands, each worth fixed points or a class [M11]."""

from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Literal

from domain.scoring.expression import COMPARISONS
from domain.scoring.facts import Facts, InputSpec
from domain.scoring.faults import BoundIsUsedTwice, require_apart, require_some
from domain.scoring.operand import ACTUAL, Operand, check_operands, inputs_of, take, words
from domain.scoring.working import Line, Outcome, text

Bounds = Literal["at-least", "above", "at-most", "below"]

SIGNS: dict[Bounds, tuple[str, str]] = {"at-least": (">=", "≥"), "above": (">", ">"), "at-most": ("<=", "≤"), "below": ("<", "<")}


@dataclass(frozen=True, kw_only=True)
class BandLine:
    """One band, by the one bound that opens it; ``points`` None for a band that is a class only."""

    at: Operand
    points: Decimal | None = None
    label: str = ""


@dataclass(frozen=True, kw_only=True)
class Band:
    """The first band that holds: ``at-least`` and ``above`` from the highest bound down, ``at-most`` and ``below`` from the lowest up.

    Whether a bound belongs to its band is thus said by ``bounds``. A value beyond all of them gets ``otherwise``.
    """

    kind: Literal["band"] = "band"
    bands: tuple[BandLine, ...]
    bounds: Bounds = "at-least"
    value: Operand = ACTUAL
    otherwise: Decimal | None = Decimal(0)
    otherwise_label: str = ""

    def inputs(self) -> tuple[InputSpec, ...]:
        """List the inputs of value and bounds."""
        return inputs_of(self.value, *(band.at for band in self.bands))

    def check(self) -> None:
        """Refuse an empty table, two bands at one bound and unfit operands."""
        require_some(self.kind, "bands", self.bands)
        require_apart(self.kind, "bands", (band.at for band in self.bands))
        check_operands(self.kind, self.value, *(band.at for band in self.bands))

    def full(self) -> Decimal | None:
        """Give the best band's points."""
        return max((band.points for band in self.bands if band.points is not None), default=None)

    def evaluate(self, facts: Facts) -> Outcome:
        """Find the band."""
        taken = take(self.value, facts)
        sign, shown = SIGNS[self.bounds]
        ordered = sorted(((take(band.at, facts).value, band) for band in self.bands), key=lambda pair: pair[0])
        if self.bounds in {"at-least", "above"}:
            ordered.reverse()
        for (one, _), (other, _) in pairwise(ordered):
            if one == other:
                raise BoundIsUsedTwice(kind=self.kind, field="bands", value=text(one))
        for at, band in ordered:
            if COMPARISONS[sign](taken.value, at):
                return _landed(taken.lines, f"{text(taken.value)} {shown} {text(at)}", band.points, band.label)
        return _landed(taken.lines, f"{text(taken.value)} 不在以上各段", self.otherwise, self.otherwise_label)

    def explain(self) -> str:
        """Say the rule in Chinese."""
        shown = SIGNS[self.bounds][1]
        listed = ",".join(f"{shown} {words(band.at)} {_worth(band.points, band.label)}" for band in self.bands)
        return f"按{words(self.value)}分段:{listed},其余{_worth(self.otherwise, self.otherwise_label)}。"


def _landed(opening: tuple[Line, ...], formula: str, points: Decimal | None, label: str) -> Outcome:
    line = Line(label=f"分段{f'“{label}”' if label else ''}", formula=f"{formula},{_worth(points, label)}", amount=points)
    return Outcome(points=points, lines=(*opening, line), verdict=label or None)


def _worth(points: Decimal | None, label: str) -> str:
    return " ".join(part for part in (f"为“{label}”" if label else "", "" if points is None else f"得 {text(points)} 分") if part)
