"""工分分配: a pool handed out by points earned [handbook 4, 工作积分制]."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from domain.scoring.facts import Facts, InputSpec
from domain.scoring.faults import NotComputable
from domain.scoring.operand import LABELS, OWN, POOL, Operand, check_operands, inputs_of, take, words
from domain.scoring.rank import all_with
from domain.scoring.working import Line, Outcome, text


@dataclass(frozen=True, kw_only=True)
class Share:
    """``pool`` × own points ÷ the sum of everybody's. The own must be among them and none below 0, so nobody gets more than all."""

    kind: Literal["share"] = "share"
    pool: Operand = POOL
    own: Operand = OWN
    all_input: str = "all"
    unit: str = ""

    def inputs(self) -> tuple[InputSpec, ...]:
        """List pool, own points and everybody's."""
        return (*inputs_of(self.pool, self.own), self._all)

    def check(self) -> None:
        """Refuse unfit operands."""
        check_operands(self.kind, self.pool, self.own)

    def full(self) -> None:
        """Nothing: a share has no full mark."""

    def evaluate(self, facts: Facts) -> Outcome:
        """Divide."""
        pool, own = take(self.pool, facts), take(self.own, facts)
        everyone = all_with(own.value, self._all, facts)
        total = sum(everyone, Decimal(0))
        if total == 0:
            raise NotComputable(why_zh="全体工分合计为 0", why_en="everybody's points add up to 0")
        found = pool.value * own.value / total
        summed = Line(label="工分合计", formula=f"{' + '.join(text(each) for each in everyone)} = {text(total)}", amount=total)
        formula = f"{text(pool.value)} × {text(own.value)} ÷ {text(total)} = {text(found)}{self.unit}"
        return Outcome(points=found, lines=(*pool.lines, *own.lines, summed, Line(label="应得", formula=formula, amount=found)))

    def explain(self) -> str:
        """Say the rule in Chinese."""
        return f"应得 = {words(self.pool)} × {words(self.own)} ÷ 全体工分合计。"

    @property
    def _all(self) -> InputSpec:
        return InputSpec(
            name=self.all_input, type="numbers", label=LABELS.get(self.all_input, self.all_input), minimum=Decimal(0)
        )
