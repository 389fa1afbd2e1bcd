"""分段线性: points between knots are interpolated; beyond the outermost knots a stated behaviour applies [M1-M4]."""

from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Literal

from domain.scoring.facts import Facts, InputSpec
from domain.scoring.faults import (
    NotComputable,
    require_apart,
    require_not_negative,
    require_order,
    require_positive,
    require_some,
)
from domain.scoring.operand import ACTUAL, Operand, check_operands, inputs_of, take, words
from domain.scoring.steps import MODES_ZH, StepMode, steps, steps_shown
from domain.scoring.working import Line, Outcome, kept_within, limits_in_words, text


@dataclass(frozen=True, kw_only=True)
class Knot:
    """``points`` are given at exactly ``at``."""

    at: Operand
    points: Operand


@dataclass(frozen=True, kw_only=True)
class Flat:
    """The outermost knot's points hold on."""

    kind: Literal["flat"] = "flat"


@dataclass(frozen=True, kw_only=True)
class Stepwise:
    """From the outermost knot's points, ``deduct`` (or ``add``) for each ``step`` beyond it."""

    kind: Literal["step"] = "step"
    step: Decimal
    deduct: Decimal = Decimal(0)
    add: Decimal = Decimal(0)
    steps: StepMode = "proportional"
    floor: Decimal | None = Decimal(0)
    cap: Decimal | None = None


@dataclass(frozen=True, kw_only=True)
class Extended:
    """The outermost segment's line goes on."""

    kind: Literal["extend"] = "extend"
    floor: Decimal | None = Decimal(0)
    cap: Decimal | None = None


@dataclass(frozen=True, kw_only=True)
class Fixed:
    """Anything beyond the outermost knot gives these points; with ``from_knot`` the knot itself does too."""

    kind: Literal["fixed"] = "fixed"
    points: Decimal = Decimal(0)
    from_knot: bool = False


@dataclass(frozen=True, kw_only=True)
class Proportional:
    """The knot's points in proportion to its value: points × a ÷ at.

    At a knot below 0 this holds only where lower is better, as with a drop of 3%: elsewhere it would turn better into worse.
    """

    kind: Literal["proportional"] = "proportional"
    floor: Decimal | None = Decimal(0)
    cap: Decimal | None = None


Beyond = Flat | Stepwise | Extended | Fixed | Proportional


@dataclass(frozen=True, kw_only=True)
class Piecewise:
    """Any number of knots, in any order and either direction. ``below`` and ``above`` are in terms of the value, not of better or worse."""

    kind: Literal["piecewise"] = "piecewise"
    knots: tuple[Knot, ...]
    value: Operand = ACTUAL
    below: Beyond = Flat()
    above: Beyond = Flat()
    floor: Decimal | None = None
    cap: Decimal | None = None

    def inputs(self) -> tuple[InputSpec, ...]:
        """List the value's inputs and those of knots that are not constants."""
        return inputs_of(self.value, *(each for knot in self.knots for each in (knot.at, knot.points)))

    def check(self) -> None:
        """Refuse a rule without knots, two knots at one value, steps of nothing, numbers below 0 and unfit operands."""
        require_some(self.kind, "knots", self.knots)
        require_apart(self.kind, "knots", (knot.at for knot in self.knots))
        require_order(self.kind, self.floor, self.cap)
        for beyond in (self.below, self.above):
            if isinstance(beyond, Stepwise):
                require_positive(self.kind, "step", beyond.step)
                require_not_negative(self.kind, deduct=beyond.deduct, add=beyond.add)
            if isinstance(beyond, Stepwise | Extended | Proportional):
                require_order(self.kind, beyond.floor, beyond.cap)
        check_operands(self.kind, self.value, *(each for knot in self.knots for each in (knot.at, knot.points)))

    def full(self) -> Decimal | None:
        """Give the best knot's points."""
        points = [knot.points for knot in self.knots if isinstance(knot.points, Decimal)]
        return self.cap if self.cap is not None else max(points, default=None)

    def evaluate(self, facts: Facts) -> Outcome:
        """Interpolate, or apply the behaviour beyond the end."""
        taken = take(self.value, facts)
        knots = sorted((take(knot.at, facts).value, take(knot.points, facts).value) for knot in self.knots)
        if any(left[0] == right[0] for left, right in pairwise(knots)):
            raise NotComputable(why_zh="两个节点的取值相同", why_en="two knots lie at the same value")
        line = self._between(taken.value, knots)
        assert line.amount is not None  # Every branch below computes one.
        points, kept = kept_within(line.amount, self.floor, self.cap)
        return Outcome(points=points, lines=(*taken.lines, line, *kept))

    def explain(self) -> str:
        """Say the rule in Chinese."""
        listed = "、".join(f"{words(knot.at)} 得 {words(knot.points)} 分" for knot in self.knots)
        ends = _beyond_in_words("低于最小节点", self.below) + _beyond_in_words("高于最大节点", self.above)
        return (
            f"按{words(self.value)}计分:{listed},其间线性插值;{ends}{limits_in_words(self.floor, self.cap).lstrip(',')}".rstrip(
                ";"
            )
            + "。"
        )

    def _between(self, value: Decimal, knots: list[tuple[Decimal, Decimal]]) -> Line:
        (lowest, highest) = knots[0], knots[-1]
        if value < lowest[0] or (value == lowest[0] and _takes_knot(self.below)):
            return _beyond("低于", self.below, value, lowest, knots[1] if len(knots) > 1 else None)
        if value > highest[0] or (value == highest[0] and _takes_knot(self.above)):
            return _beyond("高于", self.above, value, highest, knots[-2] if len(knots) > 1 else None)
        for at, points in knots:
            if value == at:
                return Line(label="节点", formula=f"取值 {text(at)} 得 {text(points)}", amount=points)
        left, right = next(pair for pair in pairwise(knots) if pair[0][0] < value < pair[1][0])
        found, formula = _interpolated(value, left, right)
        return Line(label="线性插值", formula=formula, amount=found)


def _takes_knot(beyond: Beyond) -> bool:
    return isinstance(beyond, Fixed) and beyond.from_knot


def _interpolated(value: Decimal, left: tuple[Decimal, Decimal], right: tuple[Decimal, Decimal]) -> tuple[Decimal, str]:
    (at, points), (end, end_points) = left, right
    # The product comes first: a quotient would be cut before it is multiplied.
    found = points + (value - at) * (end_points - points) / (end - at)
    run, rise = f"({text(end)} − {_part(at)})", f"({text(end_points)} − {_part(points)})"
    return found, f"{text(points)} + ({text(value)} − {_part(at)}) × {rise} ÷ {run} = {text(found)}"


def _beyond(
    side: str, beyond: Beyond, value: Decimal, knot: tuple[Decimal, Decimal], inner: tuple[Decimal, Decimal] | None
) -> Line:
    at, points = knot
    label = f"{side} {text(at)}"
    match beyond:
        case Flat():
            return Line(label=label, formula=f"按端点得 {text(points)}", amount=points)
        case Fixed():
            return Line(label=label, formula=f"得 {text(beyond.points)}", amount=beyond.points)
        case Stepwise():
            gap = abs(value - at)
            count = steps(gap, beyond.step, beyond.steps)
            change = (beyond.add - beyond.deduct) * count
            found, kept = kept_within(points + change, beyond.floor, beyond.cap)
            each = text(beyond.add - beyond.deduct).removeprefix("-")
            sign = "−" if change <= 0 else "+"
            formula = f"步数 {steps_shown(gap, beyond.step, beyond.steps)};{text(points)} {sign} {each} × {text(count)}"
            formula += f" = {text(points + change)}"
            return Line(label=label, formula=formula, amount=found, note="".join(line.formula for line in kept))
        case Extended():
            if inner is None:
                return Line(label=label, formula=f"只有一个节点,得 {text(points)}", amount=points)
            extended, formula = _interpolated(value, inner, knot)
            found, kept = kept_within(extended, beyond.floor, beyond.cap)
            note = "".join(line.formula for line in kept)
            return Line(label=f"{label},按末段直线延伸", formula=formula, amount=found, note=note)
        case Proportional():
            if at == 0:
                raise NotComputable(
                    why_zh="端点为 0,不能按比例", why_en="the outermost knot is 0, so a proportion does not exist"
                )
            if at < 0 and not (inner and _falls(knot, inner)):
                raise NotComputable(
                    why_zh=f"端点 {text(at)} 小于 0 且并非越低越好,按比例会好坏颠倒",
                    why_en=f"the outermost knot {text(at)} is below 0 and lower is not better: a proportion would be upside down",
                )
            found, kept = kept_within(points * value / at, beyond.floor, beyond.cap)
            formula = f"{text(points)} × {text(value)} ÷ {text(at)} = {text(points * value / at)}"
            return Line(label=label, formula=formula, amount=found, note="".join(line.formula for line in kept))


def _falls(one: tuple[Decimal, Decimal], other: tuple[Decimal, Decimal]) -> bool:
    """Say whether points fall as the value rises: lower is better."""
    return (other[0] - one[0]) * (other[1] - one[1]) < 0


def _beyond_in_words(side: str, beyond: Beyond) -> str:
    match beyond:
        case Flat():
            return ""
        case Fixed():
            return f"{side}{'(含)' if beyond.from_knot else ''}得 {text(beyond.points)} 分;"
        case Stepwise():
            change = f"扣 {text(beyond.deduct)}" if beyond.deduct else f"加 {text(beyond.add)}"
            limits = limits_in_words(beyond.floor if beyond.deduct else None, beyond.cap)
            return f"{side},每 {text(beyond.step)} {change} 分({MODES_ZH[beyond.steps]}){limits};"
        case Extended():
            return f"{side},按末段直线延伸{limits_in_words(beyond.floor, beyond.cap)};"
        case Proportional():
            return f"{side},按与端点之比折算{limits_in_words(beyond.floor, beyond.cap)};"


def _part(number: Decimal) -> str:
    return f"({text(number)})" if number < 0 else text(number)
