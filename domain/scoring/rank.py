"""名次法: points by rank, given or found among the values of all units [M12, M14]."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from domain.scoring.facts import Facts, InputSpec, InputUnfit
from domain.scoring.faults import require_not_negative
from domain.scoring.operand import ACTUAL, LABELS, Operand, check_operands, inputs_of, take, words
from domain.scoring.steps import Direction
from domain.scoring.working import Line, Outcome, kept_within, limits_in_words, text

Ties = Literal["competition", "dense", "average"]

TIES_ZH: dict[Ties, str] = {
    "competition": "并列者同名次,其后名次空出(1,2,2,4)",
    "dense": "并列者同名次,其后名次不空(1,2,2,3)",
    "average": "并列者取平均名次(1,2.5,2.5,4)",
}


def rank_of(value: Decimal, values: tuple[Decimal, ...], direction: Direction = "higher", ties: Ties = "competition") -> Decimal:
    """Give the rank of ``value`` among ``values`` (its own included), 1 being the best."""
    better = [each for each in values if (each > value if direction == "higher" else each < value)]
    if ties == "dense":
        return Decimal(1 + len(set(better)))
    shared = values.count(value) if ties == "average" else 1
    return Decimal(1 + len(better)) + Decimal(shared - 1) / 2


@dataclass(frozen=True, kw_only=True)
class RankStep:
    """``points`` for the first ``free`` ranks, then ``step`` less for each: per cent of the points, or points.

    ``given`` says what is reported: the ``rank``; the ``ranks`` of several periods, of which the mean score counts; or the ``values`` of
    all units, among which the own value is ranked.
    """

    kind: Literal["rank"] = "rank"
    points: Decimal
    step: Decimal
    measure: Literal["percent", "absolute"] = "percent"
    given: Literal["rank", "ranks", "values"] = "rank"
    free: int = 1
    direction: Direction = "higher"
    ties: Ties = "competition"
    value: Operand = ACTUAL
    rank_input: str = "rank"
    ranks_input: str = "ranks"
    values_input: str = "values"
    floor: Decimal | None = Decimal(0)
    unit: str = ""

    def inputs(self) -> tuple[InputSpec, ...]:
        """List the rank, the ranks, or the values."""
        match self.given:
            case "rank":
                return (rank_spec(self.rank_input, "number", "名"),)
            case "ranks":
                return (rank_spec(self.ranks_input, "numbers", "名"),)
            case "values":
                return (*inputs_of(self.value), values_spec(self.values_input, self.unit))

    def check(self) -> None:
        """Refuse numbers below 0 and unfit operands."""
        require_not_negative(self.kind, points=self.points, step=self.step, free=self.free)
        check_operands(self.kind, self.value)

    def full(self) -> Decimal | None:
        """Give the first rank's points."""
        return self.points

    def evaluate(self, facts: Facts) -> Outcome:
        """Find the rank or ranks and price them."""
        match self.given:
            case "rank":
                return self._one(facts.number(self.inputs()[0]), ())
            case "ranks":
                return self._mean(facts.numbers(self.inputs()[0]))
            case "values":
                rank, lines = found_rank(self.value, self.values_input, facts, self.direction, self.ties)
                return self._one(rank, lines)

    def explain(self) -> str:
        """Say the rule in Chinese."""
        each = f"{text(self.step)}%" if self.measure == "percent" else f"{text(self.step)} 分"
        first = "第 1 名" if self.free == 1 else f"前 {self.free} 名"
        mean = ",各期得分取平均" if self.given == "ranks" else ""
        found = ""
        if self.given == "values":
            order = "由高到低" if self.direction == "higher" else "由低到高"
            found = f"按{words(self.value)}{order}排名({TIES_ZH[self.ties]});"
        return f"{found}{first}得 {text(self.points)} 分,其后每降 1 名扣 {each}{mean}{limits_in_words(self.floor, None)}。"

    def _one(self, rank: Decimal, opening: tuple[Line, ...]) -> Outcome:
        found, formula = self._priced(rank)
        points, kept = kept_within(found, self.floor, None)
        return Outcome(points=points, lines=(*opening, Line(label=f"第 {text(rank)} 名", formula=formula, amount=found), *kept))

    def _mean(self, ranks: tuple[Decimal, ...]) -> Outcome:
        each = [kept_within(self._priced(rank)[0], self.floor, None)[0] for rank in ranks]
        mean = sum(each, Decimal(0)) / len(each)
        listed = Line(label="各期名次", formula="、".join(text(rank) for rank in ranks))
        formula = f"({' + '.join(text(points) for points in each)}) ÷ {len(each)} = {text(mean)}"
        return Outcome(points=mean, lines=(listed, Line(label="各期得分平均", formula=formula, amount=mean)))

    def _priced(self, rank: Decimal) -> tuple[Decimal, str]:
        if rank < 1:
            raise InputUnfit(
                name=self.rank_input,
                label="名次",
                value=text(rank),
                expected_zh="不小于 1 的名次",
                expected_en="a rank from 1 on",
            )
        behind = max(rank - self.free, Decimal(0))
        if self.measure == "percent":
            points = self.points * (100 - self.step * behind) / 100
            return points, f"{text(self.points)} × (1 − {text(self.step)}% × {text(behind)}) = {text(points)}"
        points = self.points - self.step * behind
        return points, f"{text(self.points)} − {text(self.step)} × {text(behind)} = {text(points)}"


def found_rank(
    value: Operand, values_input: str, facts: Facts, direction: Direction, ties: Ties
) -> tuple[Decimal, tuple[Line, ...]]:
    """Rank the own value among all, with the lines that show it."""
    own = take(value, facts)
    everyone = all_with(own.value, values_spec(values_input, ""), facts)
    rank = rank_of(own.value, everyone, direction, ties)
    ordered = sorted(everyone, reverse=direction == "higher")
    order = Line(label="排序", formula="、".join(text(each) for each in ordered), note=TIES_ZH[ties])
    return rank, (*own.lines, order, Line(label="名次", formula=f"{text(own.value)} 列第 {text(rank)} 名", amount=rank))


def all_with(own: Decimal, spec: InputSpec, facts: Facts) -> tuple[Decimal, ...]:
    """Read everybody's numbers. Raises InputUnfit where the own number is not among them: the lists would not belong together."""
    everyone = facts.numbers(spec)
    if own not in everyone:
        raise InputUnfit(
            name=spec.name,
            label=spec.label,
            value="、".join(text(each) for each in everyone),
            expected_zh=f"全部数值,且包含本单位(本人)的 {text(own)}",
            expected_en=f"the numbers of all, {text(own)} among them",
        )
    return everyone


def rank_spec(name: str, type_: Literal["number", "count", "numbers"], unit: str) -> InputSpec:
    """Declare a rank, several ranks, or a number of units: 1 or more."""
    return InputSpec(name=name, type=type_, label=LABELS.get(name, name), unit=unit, minimum=Decimal(1))


def values_spec(name: str, unit: str) -> InputSpec:
    """Declare the values of all units."""
    return InputSpec(name=name, type="numbers", label=LABELS.get(name, name), unit=unit)
