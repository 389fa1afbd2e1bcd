"""公式: whatever arithmetic a table asks for, over declared inputs [M15]."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from domain.scoring.facts import Facts, InputSpec
from domain.scoring.faults import require_order
from domain.scoring.operand import Source, check_operands, inputs_of, take, words
from domain.scoring.working import Line, Outcome, kept_within, limits_in_words, text


@dataclass(frozen=True, kw_only=True)
class Formula:
    """The formula's value, within floor and cap. ``labels`` names its inputs in Chinese; ``full_points`` is its full mark, if any."""

    kind: Literal["formula"] = "formula"
    formula: str
    labels: tuple[tuple[str, str], ...] = ()
    floor: Decimal | None = None
    cap: Decimal | None = None
    full_points: Decimal | None = None

    def inputs(self) -> tuple[InputSpec, ...]:
        """List the names in the formula."""
        return inputs_of(self._source)

    def check(self) -> None:
        """Refuse an unreadable formula and limits that cross."""
        check_operands(self.kind, self._source)
        require_order(self.kind, self.floor, self.cap)

    def full(self) -> Decimal | None:
        """Give the full mark, or the cap."""
        return self.full_points if self.full_points is not None else self.cap

    def evaluate(self, facts: Facts) -> Outcome:
        """Compute."""
        taken = take(self._source, facts)
        given = tuple(
            Line(label=spec.label, formula=text(facts.number(spec)))
            for spec in self.inputs()
            if spec.type == "number" and not isinstance(facts.given.get(spec.name), bool) and spec.name != self.formula.strip()
        )
        points, kept = kept_within(taken.value, self.floor, self.cap)
        return Outcome(points=points, lines=(*given, *taken.lines, *kept))

    def explain(self) -> str:
        """Say the rule in Chinese."""
        return f"得分 = {words(self._source)[1:-1]}{limits_in_words(self.floor, self.cap)}。"

    @property
    def _source(self) -> Source:
        return Source(formula=self.formula, labels=self.labels)
