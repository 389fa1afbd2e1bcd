"""区间: full points inside a range; outside nothing, or less by the distance from it [M10]."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from domain.scoring.facts import Facts, InputSpec
from domain.scoring.faults import require_not_negative, require_order, require_positive, require_some
from domain.scoring.operand import ACTUAL, Operand, check_operands, inputs_of, take, words
from domain.scoring.steps import MODES_ZH, StepMode, steps, steps_shown
from domain.scoring.working import Line, Outcome, kept_within, limits_in_words, text


@dataclass(frozen=True, kw_only=True)
class InRange:
    """``points`` from ``lo`` to ``hi`` (either may be open), bounds included unless said otherwise.

    Outside: ``otherwise``; or, where ``step`` is given, ``deduct`` less for each step of distance, not below ``otherwise``.
    """

    kind: Literal["range"] = "range"
    points: Operand
    lo: Operand | None = None
    hi: Operand | None = None
    value: Operand = ACTUAL
    lo_inclusive: bool = True
    hi_inclusive: bool = True
    otherwise: Decimal = Decimal(0)
    step: Decimal | None = None
    deduct: Decimal = Decimal(0)
    steps: StepMode = "proportional"

    def inputs(self) -> tuple[InputSpec, ...]:
        """List the inputs of value, bounds and points."""
        return inputs_of(self.value, self.lo, self.hi, self.points)

    def check(self) -> None:
        """Refuse no bound at all, bounds that cross, a step of nothing, a deduction below 0 and unfit operands."""
        require_not_negative(self.kind, deduct=self.deduct)
        require_some(self.kind, "lo / hi", [bound for bound in (self.lo, self.hi) if bound is not None])
        require_positive(self.kind, "step", self.step)
        if isinstance(self.lo, Decimal) and isinstance(self.hi, Decimal):
            require_order(self.kind, self.lo, self.hi)
        check_operands(self.kind, self.value, self.lo, self.hi, self.points)

    def full(self) -> Decimal | None:
        """Give the points inside."""
        return self.points if isinstance(self.points, Decimal) else None

    def evaluate(self, facts: Facts) -> Outcome:
        """Find the side."""
        value, points = take(self.value, facts), take(self.points, facts)
        lo = None if self.lo is None else take(self.lo, facts)
        hi = None if self.hi is None else take(self.hi, facts)
        opening = (*value.lines, *points.lines, *(lo.lines if lo else ()), *(hi.lines if hi else ()))
        under = lo is not None and (value.value < lo.value or (value.value == lo.value and not self.lo_inclusive))
        over = hi is not None and (value.value > hi.value or (value.value == hi.value and not self.hi_inclusive))
        shown = self._range(text(lo.value) if lo else "", text(hi.value) if hi else "")
        if not under and not over:
            line = Line(
                label="在区间内", formula=f"{text(value.value)} 在 {shown} 内,得 {text(points.value)}", amount=points.value
            )
            return Outcome(points=points.value, lines=(*opening, line))
        if self.step is None:
            line = Line(
                label="在区间外", formula=f"{text(value.value)} 不在 {shown} 内,得 {text(self.otherwise)}", amount=self.otherwise
            )
            return Outcome(points=self.otherwise, lines=(*opening, line))
        edge = lo if under else hi
        assert edge is not None  # Under or over: the bound is there.
        gap = abs(value.value - edge.value)
        count = steps(gap, self.step, self.steps)
        found = points.value - count * self.deduct
        formula = f"{steps_shown(gap, self.step, self.steps)};{text(points.value)} − {text(count)} × {text(self.deduct)} = {text(found)}"
        result, kept = kept_within(found, self.otherwise, None)
        return Outcome(points=result, lines=(*opening, Line(label="在区间外", formula=formula, amount=found), *kept))

    def explain(self) -> str:
        """Say the rule in Chinese."""
        shown = self._range("" if self.lo is None else words(self.lo), "" if self.hi is None else words(self.hi))
        if self.step is None:
            outside = f"否则得 {text(self.otherwise)} 分"
        else:
            limits = limits_in_words(self.otherwise, None)
            outside = f"区间外每差 {text(self.step)} 扣 {text(self.deduct)} 分({MODES_ZH[self.steps]}){limits}"
        return f"{words(self.value)}在 {shown} 内得 {words(self.points)} 分,{outside}。"

    def _range(self, lo: str, hi: str) -> str:
        left = ("[" if self.lo_inclusive else "(") + lo if lo else "(−∞"
        right = hi + ("]" if self.hi_inclusive else ")") if hi else "+∞)"
        return f"{left}, {right}"
