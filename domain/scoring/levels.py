"""定性分档: anchored levels such as 好/中/差, each worth fixed points [M16]."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from domain.scoring.facts import Facts, InputSpec
from domain.scoring.faults import require_distinct, require_some
from domain.scoring.operand import LABELS
from domain.scoring.working import Line, Outcome, text


@dataclass(frozen=True, kw_only=True)
class Level:
    """One level and what it is worth. ``anchor`` describes it, so that two assessors mean the same."""

    name: str
    points: Decimal
    anchor: str = ""


@dataclass(frozen=True, kw_only=True)
class Levels:
    """The chosen level's points."""

    kind: Literal["levels"] = "levels"
    levels: tuple[Level, ...]
    input: str = "actual"
    label: str = ""

    def inputs(self) -> tuple[InputSpec, ...]:
        """List the choice."""
        label = self.label or ("评定档次" if self.input == "actual" else LABELS.get(self.input, self.input))
        return (InputSpec(name=self.input, type="choice", label=label, options=tuple(level.name for level in self.levels)),)

    def check(self) -> None:
        """Refuse no levels, and a level that is there twice."""
        require_some(self.kind, "levels", self.levels)
        require_distinct(self.kind, "levels", (level.name for level in self.levels))

    def full(self) -> Decimal | None:
        """Give the best level's points."""
        return max((level.points for level in self.levels), default=None)

    def evaluate(self, facts: Facts) -> Outcome:
        """Look up the level."""
        (spec,) = self.inputs()
        name = facts.text(spec)
        level = next(level for level in self.levels if level.name == name)
        line = Line(label=spec.label, formula=f"“{name}”得 {text(level.points)}", amount=level.points, note=level.anchor)
        return Outcome(points=level.points, lines=(line,), verdict=name)

    def explain(self) -> str:
        """Say the rule in Chinese."""
        listed = "、".join(
            f"{level.name}{f'({level.anchor})' if level.anchor else ''} {text(level.points)} 分" for level in self.levels
        )
        return f"按{self.inputs()[0].label}计分:{listed}。"
