"""基本分加减: points around a base, added and deducted by the distance from the target, each side capped [M7]."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from domain.scoring.facts import Facts, InputSpec
from domain.scoring.faults import require_not_negative, require_order, require_positive
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
class TwoSided:
    """``base`` at the target, ``add`` per ``step`` better and ``deduct`` per ``deduct_step`` (None: the same step) worse."""

    kind: Literal["two-sided"] = "two-sided"
    base: Operand
    step: Decimal
    add: Decimal = Decimal(1)
    deduct: Decimal = Decimal(1)
    deduct_step: Decimal | None = None
    add_cap: Operand | None = None
    deduct_cap: Operand | None = None
    value: Operand = ACTUAL
    target: Operand = TARGET
    direction: Direction = "higher"
    measure: Measure = "relative"
    steps: StepMode = "proportional"
    tolerance: Decimal = Decimal(0)
    floor: Decimal | None = Decimal(0)
    cap: Decimal | None = None

    def inputs(self) -> tuple[InputSpec, ...]:
        """List the inputs of every operand."""
        return inputs_of(self.value, self.target, self.base, self.add_cap, self.deduct_cap)

    def check(self) -> None:
        """Refuse steps of nothing, numbers below 0, limits that cross and unfit operands."""
        require_not_negative(
            self.kind,
            base=self.base,
            add=self.add,
            deduct=self.deduct,
            add_cap=self.add_cap,
            deduct_cap=self.deduct_cap,
            tolerance=self.tolerance,
        )
        require_order(self.kind, self.floor, self.cap)
        require_positive(self.kind, "step", self.step)
        require_positive(self.kind, "deduct_step", self.deduct_step)
        check_operands(self.kind, self.value, self.target, self.base, self.add_cap, self.deduct_cap)

    def full(self) -> Decimal | None:
        """Give the base: what is added above it is a bonus."""
        return self.base if isinstance(self.base, Decimal) else None

    def evaluate(self, facts: Facts) -> Outcome:
        """Add or deduct by the distance."""
        value, target, base = (take(each, facts) for each in (self.value, self.target, self.base))
        ends = (target.value, value.value) if self.direction == "higher" else (value.value, target.value)
        gap = distance(*ends, self.measure, target.value)
        better = gap > 0
        counted = max(abs(gap) - self.tolerance, Decimal(0))
        step = self.step if better else self.deduct_step or self.step
        count = steps(counted, step, self.steps)
        change = count * (self.add if better else self.deduct)
        limit = self.add_cap if better else self.deduct_cap
        most = None if limit is None else take(limit, facts).value
        applied = change if most is None else min(change, most)
        sign, word = ("+", "加分") if better else ("−", "扣分")
        points = base.value + applied if better else base.value - applied
        result, kept = kept_within(points, self.floor, self.cap)
        rate = self.add if better else self.deduct
        return Outcome(
            points=result,
            lines=(
                *value.lines,
                *target.lines,
                *base.lines,
                Line(
                    label="优于目标" if better else "劣于目标",
                    formula=distance_shown(*ends, self.measure, target.value),
                    amount=gap,
                ),
                Line(label="步数", formula=steps_shown(counted, step, self.steps), amount=count),
                Line(
                    label=word,
                    formula=f"{text(count)} × {text(rate)} = {text(change)}",
                    amount=applied,
                    note="" if applied == change else f"按上限 {text(applied)} 计",
                ),
                Line(label="得分", formula=f"{text(base.value)} {sign} {text(applied)} = {text(points)}", amount=points),
                *kept,
            ),
        )

    def explain(self) -> str:
        """Say the rule in Chinese."""
        better, worse = ("高", "低") if self.direction == "higher" else ("低", "高")
        most = "" if self.add_cap is None else f",最多加 {words(self.add_cap)} 分"
        least = "" if self.deduct_cap is None else f",最多扣 {words(self.deduct_cap)} 分"
        return (
            f"{words(self.value)}等于{words(self.target)}得基本分 {words(self.base)} 分;"
            f"每{better}于目标 {step_in_words(self.step, self.measure)} 加 {text(self.add)} 分{most};"
            f"每{worse}于目标 {step_in_words(self.deduct_step or self.step, self.measure)} 扣 {text(self.deduct)} 分{least}"
            f"({MODES_ZH[self.steps]}){limits_in_words(self.floor, self.cap)}。"
        )
