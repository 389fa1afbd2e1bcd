"""差额: points by the distance from a target, so that several targets can share one cap [M27]."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from domain.scoring.clause import Amount, Effect, cap_in_words, verb
from domain.scoring.facts import Facts, InputSpec
from domain.scoring.faults import require_not_negative, require_positive
from domain.scoring.operand import ACTUAL, TARGET, Operand, check_operands, inputs_of, take, words
from domain.scoring.steps import (
    MODES_ZH,
    Direction,
    Measure,
    StepMode,
    distance,
    distance_shown,
    step_in_words,
    steps,
    steps_shown,
)
from domain.scoring.working import Line, text


@dataclass(frozen=True, kw_only=True)
class ShortfallClause:
    """Points for every ``step`` by which a value falls short of its target; with effect ``add``, for every step beyond it."""

    kind: Literal["shortfall"] = "shortfall"
    key: str
    step: Decimal
    deduct: Decimal
    label: str = ""
    value: Operand = ACTUAL
    target: Operand = TARGET
    direction: Direction = "higher"
    measure: Measure = "absolute"
    steps: StepMode = "proportional"
    tolerance: Decimal = Decimal(0)
    cap: Decimal | None = None
    group: str = ""
    effect: Effect = "deduct"

    @property
    def label_zh(self) -> str:
        """Give the label, or the key."""
        return self.label or self.key

    def inputs(self) -> tuple[InputSpec, ...]:
        """List the inputs of value and target."""
        return inputs_of(self.value, self.target)

    def check(self) -> None:
        """Refuse a step of nothing, numbers below 0 and unfit operands."""
        require_not_negative(self.kind, deduct=self.deduct, tolerance=self.tolerance, cap=self.cap)
        require_positive(self.kind, "step", self.step)
        check_operands(self.kind, self.value, self.target)

    def amount(self, facts: Facts, *, missing_is_zero: bool) -> Amount:  # noqa: ARG002  A value is never 0 for being missing.
        """Measure the shortfall and price it."""
        value, target = take(self.value, facts), take(self.target, facts)
        upward = (self.direction == "higher") == (self.effect == "deduct")
        ends = (value.value, target.value) if upward else (target.value, value.value)
        gap = distance(*ends, self.measure, target.value)
        counted = max(gap - self.tolerance, Decimal(0))
        opening = (*value.lines, *target.lines)
        if not counted:
            nothing = Line(
                label=self.label_zh,
                formula=f"{text(value.value)} 对 {text(target.value)},不{verb(self.effect)}分",
                amount=counted,
            )
            return Amount(points=Decimal(0), lines=(*opening, nothing))
        count = steps(counted, self.step, self.steps)
        points = count * self.deduct
        formula = f"{distance_shown(*ends, self.measure, target.value)};{steps_shown(counted, self.step, self.steps)};"
        formula += f"{text(count)} × {text(self.deduct)} = {text(points)}"
        return Amount(points=points, lines=(*opening, Line(label=self.label_zh, formula=formula, amount=points)))

    def explain(self) -> str:
        """Say the clause in Chinese."""
        side = "低" if (self.direction == "higher") == (self.effect == "deduct") else "高"
        step = step_in_words(self.step, self.measure)
        free = f"(差距 {step_in_words(self.tolerance, self.measure)} 以内不计)" if self.tolerance else ""
        return (
            f"{self.label_zh}:{words(self.value)}每{side}于{words(self.target)} {step} {verb(self.effect)} {text(self.deduct)} 分"
            f"{free}({MODES_ZH[self.steps]}){cap_in_words(self.cap)}"
        )
