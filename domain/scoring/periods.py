"""逐期计分: one rule applied to each value of a list, the scores then joined: every month by itself, the year by their mean [M12]."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from domain import scoring
from domain.scoring.facts import Facts, InputSpec, merged
from domain.scoring.faults import NotComputable, require_not_negative, require_order
from domain.scoring.operand import LABELS
from domain.scoring.working import Line, Outcome, kept_within, limits_in_words, text

JOINS = {"mean": "取平均", "sum": "相加", "min": "取最低", "max": "取最高", "last": "取末期"}


@dataclass(frozen=True, kw_only=True)
class Periods:
    """``rule`` reads each value of the list ``input`` as its own input ``each``; the scores are joined by ``join``.

    The ``drop_low`` lowest scores do not count. Other inputs of the rule are the same for every period.
    """

    kind: Literal["periods"] = "periods"
    rule: "scoring.Rule"
    input: str = "values"
    each: str = "actual"
    label: str = ""
    join: Literal["mean", "sum", "min", "max", "last"] = "mean"
    drop_low: int = 0
    floor: Decimal | None = None
    cap: Decimal | None = None

    def inputs(self) -> tuple[InputSpec, ...]:
        """List the values of the periods, then what else the rule needs."""
        return merged((self._spec, *(spec for spec in self.rule.inputs() if spec.name != self.each)))

    def check(self) -> None:
        """Refuse limits that cross, fewer than no scores dropped, and whatever the rule refuses."""
        require_not_negative(self.kind, drop_low=self.drop_low)
        require_order(self.kind, self.floor, self.cap)
        self.rule.check()

    def full(self) -> Decimal | None:
        """Give the rule's full mark, where the join keeps it."""
        return None if self.join == "sum" else self.rule.full()

    def evaluate(self, facts: Facts) -> Outcome:
        """Score every period, then join."""
        others = {name: value for name, value in facts.given.items() if name != self.input}
        scores: list[Decimal] = []
        lines: list[Line] = []
        for number, value in enumerate(facts.numbers(self._spec), 1):
            outcome = self.rule.evaluate(Facts(given={**others, self.each: value}))
            if outcome.points is None:
                raise NotComputable(
                    why_zh=f"第 {number} 期只有结论,没有得分", why_en=f"period {number} has a verdict and no points"
                )
            scores.append(outcome.points)
            last = outcome.lines[-1]
            lines.append(
                Line(label=f"第 {number} 期({text(value)})", formula=last.formula, amount=outcome.points, note=last.note)
            )
        joined, line = self._joined(scores)
        points, kept = kept_within(joined, self.floor, self.cap)
        return Outcome(points=points, lines=(*lines, line, *kept))

    def explain(self) -> str:
        """Say the rule in Chinese."""
        dropped = f"去掉 {self.drop_low} 个最低分后" if self.drop_low else ""
        return f"逐期计分,各期得分{dropped}{JOINS[self.join]}{limits_in_words(self.floor, self.cap)}。每期:{self.rule.explain()}"

    @property
    def _spec(self) -> InputSpec:
        label = self.label or ("各期数值" if self.input == "values" else LABELS.get(self.input, self.input))
        return InputSpec(name=self.input, type="numbers", label=label)

    def _joined(self, scores: list[Decimal]) -> tuple[Decimal, Line]:
        lowest = sorted(scores)[: self.drop_low]
        counted = list(scores)
        for low in lowest:
            counted.remove(low)
        if not counted:
            raise NotComputable(
                why_zh=f"只有 {len(scores)} 期,去掉最低分后无分可计", why_en="no period is left once the lowest are dropped"
            )
        total = sum(counted, Decimal(0))
        terms = " + ".join(text(score) for score in counted)
        match self.join:
            case "mean":
                found, formula = total / len(counted), f"({terms}) ÷ {len(counted)}"
            case "sum":
                found, formula = total, terms
            case "min":
                found, formula = min(counted), f"最低({terms.replace(' + ', '、')})"
            case "max":
                found, formula = max(counted), f"最高({terms.replace(' + ', '、')})"
            case "last":
                found, formula = counted[-1], "末期"
        return found, Line(label=f"各期得分{JOINS[self.join]}", formula=f"{formula} = {text(found)}", amount=found)
