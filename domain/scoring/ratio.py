"""比率法: points in proportion to how much of the target was reached [M6]."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

from domain.scoring.facts import Facts, InputSpec
from domain.scoring.faults import NotComputable, require_not_negative, require_order
from domain.scoring.operand import ACTUAL, TARGET, Operand, check_operands, inputs_of, take, words
from domain.scoring.steps import Direction
from domain.scoring.working import Line, Outcome, kept_within, limits_in_words, text


@dataclass(frozen=True, kw_only=True)
class Ratio:
    """``points`` × completion, capped at the points unless not ``capped`` or ``cap`` says otherwise.

    Completion is value ÷ target; where lower is better, target ÷ value or, as ``inverse`` says, 2 − value ÷ target. It is first
    rounded to ``percent_places`` where a rule asks for whole per cents [S54]. A completion below ``zero_below_percent`` (at it too, if
    ``zero_inclusive``) gives nothing.

    A denominator must be above 0, and a target must not be below 0: a quotient of two negative numbers grows as things get worse.
    """

    kind: Literal["ratio"] = "ratio"
    points: Operand
    value: Operand = ACTUAL
    target: Operand = TARGET
    direction: Direction = "higher"
    inverse: Literal["quotient", "difference"] = "quotient"
    capped: bool = True
    cap: Decimal | None = None
    floor: Decimal | None = Decimal(0)
    zero_below_percent: Decimal | None = None
    zero_inclusive: bool = False
    percent_places: int | None = None

    def inputs(self) -> tuple[InputSpec, ...]:
        """List the inputs of value, target and points."""
        return inputs_of(self.value, self.target, self.points)

    def check(self) -> None:
        """Refuse numbers below 0, limits that cross and unfit operands."""
        require_not_negative(self.kind, points=self.points, zero_below_percent=self.zero_below_percent)
        require_order(self.kind, self.floor, self.cap)
        check_operands(self.kind, self.value, self.target, self.points)

    def full(self) -> Decimal | None:
        """Give the points at full completion."""
        return self.points if isinstance(self.points, Decimal) else None

    def evaluate(self, facts: Facts) -> Outcome:
        """Multiply points and completion."""
        value, target, points = (take(each, facts) for each in (self.value, self.target, self.points))
        completion, shown = self._completion(value.value, target.value)
        lines = (*value.lines, *target.lines, *points.lines)
        if self._gives_nothing(completion * 100):
            limit = text(self.zero_below_percent or Decimal(0))
            edge = "未超过" if self.zero_inclusive else "低于"
            zero = Line(label="不得分", formula=f"{shown} = {text(completion * 100)}%,{edge} {limit}%,得 0", amount=Decimal(0))
            return Outcome(points=Decimal(0), lines=(*lines, zero))
        if self.percent_places is None:
            # Multiplied before it is divided, so that nothing is cut on the way.
            upper, lower = (value.value, target.value) if self.direction == "higher" else (target.value, value.value)
            plain = self.direction == "higher" or self.inverse == "quotient"
            found = points.value * upper / lower if plain else points.value * completion
            formula = f"{text(points.value)} × {shown} = {text(found)}"
        else:
            found = points.value * completion
            formula = (
                f"完成率 {shown} 取 {text(completion * 100)}%;{text(points.value)} × {text(completion * 100)}% = {text(found)}"
            )
        most = self.cap if self.cap is not None else (points.value if self.capped else None)
        result, kept = kept_within(found, self.floor, most)
        return Outcome(points=result, lines=(*lines, Line(label="完成率得分", formula=formula, amount=found), *kept))

    def explain(self) -> str:
        """Say the rule in Chinese."""
        over = {
            ("higher", "quotient"): f"{words(self.value)} ÷ {words(self.target)}",
            ("higher", "difference"): f"{words(self.value)} ÷ {words(self.target)}",
            ("lower", "quotient"): f"{words(self.target)} ÷ {words(self.value)}",
            ("lower", "difference"): f"(2 − {words(self.value)} ÷ {words(self.target)})",
        }[(self.direction, self.inverse)]
        places = f"(完成率保留 {self.percent_places} 位小数)" if self.percent_places is not None else ""
        edge = "未超过" if self.zero_inclusive else "低于"
        zero = f";完成率{edge} {text(self.zero_below_percent)}% 不得分" if self.zero_below_percent is not None else ""
        cap = self.cap if self.cap is not None else (self.points if self.capped and isinstance(self.points, Decimal) else None)
        end = limits_in_words(self.floor, cap) + ("" if self.capped or self.cap is not None else ",不封顶")
        return f"得分 = {words(self.points)} × {over}{places}{zero}{end}。"

    def _completion(self, value: Decimal, target: Decimal) -> tuple[Decimal, str]:
        quotient = self.direction == "higher" or self.inverse == "difference"
        upper, lower = (value, target) if quotient else (target, value)
        if lower <= 0 or target < 0:
            raise NotComputable(
                why_zh=f"完成率 {text(upper)} ÷ {text(lower)} 的分母须大于 0,目标不得小于 0,否则好坏颠倒;"
                "目标为负的,请改用基本分加减(two-sided)或分段线性(piecewise)",
                why_en=f"completion {text(upper)} ÷ {text(lower)} needs a denominator above 0 and a target not below, "
                "or better turns into worse; for a negative target use two-sided or piecewise",
            )
        completion, shown = upper / lower, f"{text(upper)} ÷ {text(lower)}"
        if self.direction == "lower" and self.inverse == "difference":
            completion, shown = 2 - completion, f"(2 − {shown})"
        if self.percent_places is not None:
            completion = (completion * 100).quantize(Decimal(1).scaleb(-self.percent_places), ROUND_HALF_UP) / 100
        return completion, shown

    def _gives_nothing(self, percent: Decimal) -> bool:
        limit = self.zero_below_percent
        return limit is not None and (percent < limit or (self.zero_inclusive and percent == limit))
