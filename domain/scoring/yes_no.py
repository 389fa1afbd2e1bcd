"""是否: all or nothing [M9]."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from domain.scoring.facts import Facts, InputSpec
from domain.scoring.operand import LABELS, Operand, check_operands, inputs_of, take, words
from domain.scoring.working import Line, Outcome, text


@dataclass(frozen=True, kw_only=True)
class YesNo:
    """``points`` if the answer is ``expect``, else ``otherwise``."""

    kind: Literal["yes-no"] = "yes-no"
    points: Operand
    otherwise: Decimal = Decimal(0)
    input: str = "actual"
    label: str = ""
    expect: bool = True

    def inputs(self) -> tuple[InputSpec, ...]:
        """List the answer, and what the points need."""
        return (self._spec, *inputs_of(self.points))

    def check(self) -> None:
        """Refuse unfit points."""
        check_operands(self.kind, self.points)

    def full(self) -> Decimal | None:
        """Give the points."""
        return self.points if isinstance(self.points, Decimal) else None

    def evaluate(self, facts: Facts) -> Outcome:
        """Ask."""
        answer = facts.yes(self._spec)
        taken = take(self.points, facts)
        points = taken.value if answer == self.expect else self.otherwise
        line = Line(label=self._spec.label, formula=f"{'是' if answer else '否'},得 {text(points)}", amount=points)
        return Outcome(points=points, lines=(*taken.lines, line))

    def explain(self) -> str:
        """Say the rule in Chinese."""
        answer = "是" if self.expect else "否"
        return f"{self._spec.label}为“{answer}”得 {words(self.points)} 分,否则得 {text(self.otherwise)} 分。"

    @property
    def _spec(self) -> InputSpec:
        label = self.label or ("是否达到要求" if self.input == "actual" else LABELS.get(self.input, self.input))
        return InputSpec(name=self.input, type="yes-no", label=label)
