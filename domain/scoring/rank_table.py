"""名次定分: points by place, from the top and from the bottom [M20]."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from domain.scoring.facts import Facts, InputSpec, InputUnfit
from domain.scoring.faults import require_some
from domain.scoring.operand import ACTUAL, Operand, check_operands, inputs_of
from domain.scoring.rank import found_rank, rank_spec, values_spec
from domain.scoring.steps import Direction
from domain.scoring.working import Line, Outcome, text


@dataclass(frozen=True, kw_only=True)
class RankTable:
    """Points by place: ``top`` for the 1st, 2nd …, ``bottom`` for the last, the last but one …, ``otherwise`` between.

    Where too few units take part for both, the top goes first. ``given`` as in RankStep; a given rank needs the number of units.
    """

    kind: Literal["rank-table"] = "rank-table"
    top: tuple[Decimal, ...] = ()
    bottom: tuple[Decimal, ...] = ()
    otherwise: Decimal = Decimal(0)
    given: Literal["rank", "values"] = "rank"
    direction: Direction = "higher"
    ties: Literal["competition", "dense"] = "competition"
    value: Operand = ACTUAL
    rank_input: str = "rank"
    units_input: str = "units"
    values_input: str = "values"

    def inputs(self) -> tuple[InputSpec, ...]:
        """List rank and number of units, or the values."""
        if self.given == "values":
            return (*inputs_of(self.value), values_spec(self.values_input, ""))
        rank = rank_spec(self.rank_input, "count", "名")
        return (rank, rank_spec(self.units_input, "count", "个")) if self.bottom else (rank,)

    def check(self) -> None:
        """Refuse a table without places."""
        require_some(self.kind, "top / bottom", (*self.top, *self.bottom))
        check_operands(self.kind, self.value)

    def full(self) -> Decimal | None:
        """Give the best place's points."""
        return max((*self.top, *self.bottom, self.otherwise))

    def evaluate(self, facts: Facts) -> Outcome:
        """Find the place and look it up."""
        lines: tuple[Line, ...] = ()
        if self.given == "values":
            rank, lines = found_rank(self.value, self.values_input, facts, self.direction, self.ties)
            units = Decimal(len(facts.numbers(values_spec(self.values_input, ""))))
        else:
            rank = facts.number(self.inputs()[0])
            units = facts.number(self.inputs()[1]) if self.bottom else rank
        if rank < 1 or rank > units:
            raise InputUnfit(
                name=self.rank_input,
                label="名次",
                value=text(rank),
                expected_zh=f"第 1 至 {text(units)} 名",
                expected_en=f"a rank within 1..{text(units)}",
            )
        points, place = self._looked_up(int(rank), int(units))
        return Outcome(points=points, lines=(*lines, Line(label=place, formula=f"得 {text(points)}", amount=points)))

    def explain(self) -> str:
        """Say the rule in Chinese."""
        top = "、".join(f"第 {number} 名 {text(points)} 分" for number, points in enumerate(self.top, 1))
        bottom = "、".join(f"倒数第 {number} 名 {text(points)} 分" for number, points in enumerate(self.bottom, 1))
        return "按名次计分:" + ";".join(part for part in (top, bottom, f"其余 {text(self.otherwise)} 分") if part) + "。"

    def _looked_up(self, rank: int, units: int) -> tuple[Decimal, str]:
        if rank <= len(self.top):
            return self.top[rank - 1], f"第 {rank} 名"
        if units - rank < len(self.bottom):
            return self.bottom[units - rank], f"第 {rank} 名(倒数第 {units - rank + 1} 名)"
        return self.otherwise, f"第 {rank} 名"
