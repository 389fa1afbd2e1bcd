"""风险指标: nothing to win, only to lose, once a limit is passed [M19]."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from domain.scoring.facts import Facts, InputSpec
from domain.scoring.faults import require_not_negative, require_order, require_positive
from domain.scoring.operand import ACTUAL, Operand, check_operands, inputs_of, take, words
from domain.scoring.steps import MODES_ZH, Direction, StepMode, steps, steps_shown
from domain.scoring.working import Line, Outcome, kept_within, limits_in_words, text


@dataclass(frozen=True, kw_only=True)
class Risk:
    """0 while the value keeps to ``threshold``, else ``deduct`` less for each ``step`` beyond. ``floor`` None: without end."""

    kind: Literal["risk"] = "risk"
    threshold: Operand
    value: Operand = ACTUAL
    direction: Direction = "higher"
    step: Decimal = Decimal(1)
    deduct: Decimal = Decimal(1)
    steps: StepMode = "proportional"
    floor: Decimal | None = None

    def inputs(self) -> tuple[InputSpec, ...]:
        """List the inputs of value and threshold."""
        return inputs_of(self.value, self.threshold)

    def check(self) -> None:
        """Refuse a step of nothing, a deduction below 0, a floor above 0 and unfit operands."""
        require_not_negative(self.kind, deduct=self.deduct)
        require_order(self.kind, self.floor, Decimal(0))
        require_positive(self.kind, "step", self.step)
        check_operands(self.kind, self.value, self.threshold)

    def full(self) -> Decimal | None:
        """Give 0: a risk indicator has no positive points."""
        return Decimal(0)

    def evaluate(self, facts: Facts) -> Outcome:
        """Deduct what lies beyond the threshold."""
        value, threshold = take(self.value, facts), take(self.threshold, facts)
        gap = threshold.value - value.value if self.direction == "higher" else value.value - threshold.value
        opening = (*value.lines, *threshold.lines)
        if gap <= 0:
            line = Line(
                label="未触发", formula=f"{text(value.value)} 未越过限值 {text(threshold.value)},不扣分", amount=Decimal(0)
            )
            return Outcome(points=Decimal(0), lines=(*opening, line))
        count = steps(gap, self.step, self.steps)
        points = -count * self.deduct
        formula = f"{steps_shown(gap, self.step, self.steps)};−{text(count)} × {text(self.deduct)} = {text(points)}"
        result, kept = kept_within(points, self.floor, None)
        return Outcome(points=result, lines=(*opening, Line(label="风险扣分", formula=formula, amount=points), *kept))

    def explain(self) -> str:
        """Say the rule in Chinese."""
        met, side = ("≥", "低于") if self.direction == "higher" else ("≤", "高于")
        return (
            f"风险指标,只扣不加:{words(self.value)} {met} {words(self.threshold)} 不扣分,{side}限值每 {text(self.step)} "
            f"扣 {text(self.deduct)} 分({MODES_ZH[self.steps]}){limits_in_words(self.floor, None)}。"
        )
