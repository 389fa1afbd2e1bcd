"""目标值扣分: full points at the target, deductions by the distance from it [M5]."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

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
from domain.scoring.working import Line, Outcome, kept_within, limits_in_words, text


@dataclass(frozen=True, kw_only=True)
class TargetStep:
    """``points`` if the target is met, else ``deduct`` less for each ``step`` of shortfall.

    ``measure``: ``absolute`` in the value's own unit (百分点), ``relative`` in per cent of the target. ``tolerance`` of shortfall is free;
    from a shortfall of ``zero_beyond`` on (exclusive unless ``zero_inclusive``) there are no points. ``deduct_cap`` limits the deduction.
    """

    kind: Literal["target-step"] = "target-step"
    points: Operand
    step: Decimal
    deduct: Decimal
    value: Operand = ACTUAL
    target: Operand = TARGET
    direction: Direction = "higher"
    measure: Measure = "absolute"
    steps: StepMode = "proportional"
    tolerance: Decimal = Decimal(0)
    deduct_cap: Decimal | None = None
    zero_beyond: Decimal | None = None
    zero_inclusive: bool = False
    floor: Decimal | None = Decimal(0)

    def inputs(self) -> tuple[InputSpec, ...]:
        """List the inputs of value, target and points."""
        return inputs_of(self.value, self.target, self.points)

    def check(self) -> None:
        """Refuse a step of nothing, numbers below 0 and unfit operands."""
        require_positive(self.kind, "step", self.step)
        require_not_negative(
            self.kind,
            points=self.points,
            deduct=self.deduct,
            tolerance=self.tolerance,
            deduct_cap=self.deduct_cap,
            zero_beyond=self.zero_beyond,
        )
        check_operands(self.kind, self.value, self.target, self.points)

    def full(self) -> Decimal | None:
        """Give the points at the target."""
        return self.points if isinstance(self.points, Decimal) else None

    def evaluate(self, facts: Facts) -> Outcome:
        """Deduct by the shortfall."""
        value, target, points = (take(each, facts) for each in (self.value, self.target, self.points))
        opening = (*value.lines, *target.lines, *points.lines)
        if (value.value >= target.value) if self.direction == "higher" else (value.value <= target.value):
            sign = "≥" if self.direction == "higher" else "≤"
            formula = f"{text(value.value)} {sign} 目标 {text(target.value)},得满分 {text(points.value)}"
            return Outcome(points=points.value, lines=(*opening, Line(label="达标", formula=formula, amount=points.value)))
        ends = (value.value, target.value) if self.direction == "higher" else (target.value, value.value)
        gap = distance(*ends, self.measure, target.value)
        lines = (*opening, Line(label="差距", formula=distance_shown(*ends, self.measure, target.value), amount=gap))
        return self._deducted(points.value, gap, lines)

    def explain(self) -> str:
        """Say the rule in Chinese."""
        met, missed = ("≥", "低") if self.direction == "higher" else ("≤", "高")
        step = step_in_words(self.step, self.measure)
        free = f"(差距在 {step_in_words(self.tolerance, self.measure)} 以内不扣)" if self.tolerance else ""
        cap = f",最多扣 {text(self.deduct_cap)} 分" if self.deduct_cap is not None else ""
        edge = "达到或超过" if self.zero_inclusive else "超过"
        zero = f";差距{edge} {step_in_words(self.zero_beyond, self.measure)} 不得分" if self.zero_beyond is not None else ""
        return (
            f"{words(self.value)} {met} {words(self.target)} 得 {words(self.points)} 分;每{missed} {step} 扣 {text(self.deduct)} 分"
            f"{free}({MODES_ZH[self.steps]}){cap}{limits_in_words(self.floor, None)}{zero}。"
        )

    def _deducted(self, points: Decimal, gap: Decimal, lines: tuple[Line, ...]) -> Outcome:
        if self.zero_beyond is not None and (gap > self.zero_beyond or (self.zero_inclusive and gap == self.zero_beyond)):
            edge = "达到或超过" if self.zero_inclusive else "超过"
            zero = Line(label="不得分", formula=f"差距 {text(gap)} {edge} {text(self.zero_beyond)},得 0", amount=Decimal(0))
            return Outcome(points=Decimal(0), lines=(*lines, zero))
        counted = max(gap - self.tolerance, Decimal(0))
        count = steps(counted, self.step, self.steps)
        free = f"扣除允许差距 {text(self.tolerance)} 后," if self.tolerance else ""
        found = count * self.deduct
        deducted = found if self.deduct_cap is None else min(found, self.deduct_cap)
        note = "" if deducted == found else f"按子项上限 {text(deducted)} 计"
        result, kept = kept_within(points - deducted, self.floor, None)
        return Outcome(
            points=result,
            lines=(
                *lines,
                Line(label="步数", formula=free + steps_shown(counted, self.step, self.steps), amount=count),
                Line(label="扣分", formula=f"{text(count)} × {text(self.deduct)} = {text(found)}", amount=deducted, note=note),
                Line(
                    label="得分",
                    formula=f"{text(points)} − {text(deducted)} = {text(points - deducted)}",
                    amount=points - deducted,
                ),
                *kept,
            ),
        )
