"""与先进比: points by how near a value comes to the best of all units [M13]."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from domain.scoring.facts import Facts, InputSpec
from domain.scoring.faults import NotComputable, require_not_negative, require_order
from domain.scoring.operand import ACTUAL, LABELS, Operand, check_operands, inputs_of, take, words
from domain.scoring.rank import all_with
from domain.scoring.steps import Direction
from domain.scoring.working import Line, Outcome, kept_within, limits_in_words, text


@dataclass(frozen=True, kw_only=True)
class RankRatio:
    """``points`` × value ÷ best, where lower is better × best ÷ value.

    ``method`` ``spread`` gives ``least`` to the worst and the points to the best, in proportion between (极差法); ``mean`` compares
    with the mean of all units instead of the best, capped only if ``cap`` says so. The own value must be among those of all units.

    A quotient of numbers below 0 would put the worse before the better, so it is refused; ``spread`` stands for any numbers.
    """

    kind: Literal["rank-ratio"] = "rank-ratio"
    points: Decimal
    method: Literal["best", "spread", "mean"] = "best"
    value: Operand = ACTUAL
    values_input: str = "values"
    direction: Direction = "higher"
    least: Decimal = Decimal(0)
    floor: Decimal | None = Decimal(0)
    cap: Decimal | None = None

    def inputs(self) -> tuple[InputSpec, ...]:
        """List the own value and the values of all units."""
        return (*inputs_of(self.value), self._all)

    def check(self) -> None:
        """Refuse numbers below 0, limits that cross and unfit operands."""
        require_not_negative(self.kind, points=self.points, least=self.least)
        require_order(self.kind, self.least, self.points)
        require_order(self.kind, self.floor, self.cap)
        check_operands(self.kind, self.value)

    def full(self) -> Decimal | None:
        """Give the best unit's points."""
        return self.points

    def evaluate(self, facts: Facts) -> Outcome:
        """Compare with the best."""
        own = take(self.value, facts)
        everyone = all_with(own.value, self._all, facts)
        listed = Line(label=self._all.label, formula="、".join(text(each) for each in everyone))
        found, formula = self._compared(own.value, everyone)
        points, kept = kept_within(found, self.floor, self.cap)
        return Outcome(points=points, lines=(*own.lines, listed, Line(label="比较得分", formula=formula, amount=found), *kept))

    def explain(self) -> str:
        """Say the rule in Chinese."""
        value, points = words(self.value), text(self.points)
        best = "最高值" if self.direction == "higher" else "最低值"
        worst = "最低值" if self.direction == "higher" else "最高值"
        method = {
            "best": f"{points} × {value} ÷ {best}" if self.direction == "higher" else f"{points} × {best} ÷ {value}",
            "mean": f"{points} × {value} ÷ 平均值" if self.direction == "higher" else f"{points} × 平均值 ÷ {value}",
            "spread": f"{text(self.least)} + ({points} − {text(self.least)}) × ({value} − {worst}) ÷ ({best} − {worst})",
        }[self.method]
        return f"得分 = {method}{limits_in_words(self.floor, self.cap)}。"

    @property
    def _all(self) -> InputSpec:
        return InputSpec(name=self.values_input, type="numbers", label=LABELS.get(self.values_input, self.values_input))

    def _compared(self, own: Decimal, everyone: tuple[Decimal, ...]) -> tuple[Decimal, str]:
        best, worst = (max(everyone), min(everyone)) if self.direction == "higher" else (min(everyone), max(everyone))
        if self.method == "spread":
            if best == worst:
                return self.points, f"各单位数值相同,均得 {text(self.points)}"
            found = self.least + (self.points - self.least) * (own - worst) / (best - worst)
            shown = f"({text(own)} − {text(worst)}) ÷ ({text(best)} − {text(worst)})"
            return found, f"{text(self.least)} + ({text(self.points)} − {text(self.least)}) × {shown} = {text(found)}"
        reference = best if self.method == "best" else sum(everyone, Decimal(0)) / len(everyone)
        upper, lower = (own, reference) if self.direction == "higher" else (reference, own)
        if lower <= 0 or reference < 0:
            raise NotComputable(
                why_zh=f"{text(upper)} ÷ {text(lower)} 的分母须大于 0,否则好坏颠倒;有负数时可改用极差法(spread)",
                why_en=f"{text(upper)} ÷ {text(lower)} needs a denominator above 0, or better turns into worse; "
                "numbers below 0 can be compared by the method spread",
            )
        found = self.points * upper / lower
        return found, f"{text(self.points)} × {text(upper)} ÷ {text(lower)} = {text(found)}"
