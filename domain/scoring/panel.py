"""评委打分: ballots by groups of assessors, the extremes dropped where the rule says so [M16]."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from domain.scoring.facts import Facts, InputMissing, InputSpec
from domain.scoring.faults import (
    NotComputable,
    require_distinct,
    require_not_negative,
    require_order,
    require_positive,
    require_some,
)
from domain.scoring.levels import Level
from domain.scoring.operand import LABELS
from domain.scoring.working import Line, Outcome, kept_within, limits_in_words, text


@dataclass(frozen=True, kw_only=True)
class BallotGroup:
    """One group of assessors. Its ballots are the input ``key``."""

    key: str
    label: str = ""
    weight: Decimal = Decimal(1)

    @property
    def label_zh(self) -> str:
        """Give the label, or the key."""
        return self.label or LABELS.get(self.key, self.key)


@dataclass(frozen=True, kw_only=True)
class Panel:
    """The weighted mean of the groups' averages. Each ballot is a number within ``lo`` and ``hi``, or one of the ``levels``.

    In each group the ``drop_high`` highest and ``drop_low`` lowest ballots do not count, as long as ``drop_from`` ballots were cast
    (0: always). The result is scaled to ``points`` where given: points × mean ÷ ``hi``.
    """

    kind: Literal["panel"] = "panel"
    groups: tuple[BallotGroup, ...] = (BallotGroup(key="ballots"),)
    lo: Decimal = Decimal(0)
    hi: Decimal = Decimal(100)
    levels: tuple[Level, ...] = ()
    drop_high: int = 0
    drop_low: int = 0
    drop_from: int = 0
    average: Literal["mean", "median"] = "mean"
    missing: Literal["refuse", "exclude"] = "refuse"
    points: Decimal | None = None
    floor: Decimal | None = None
    cap: Decimal | None = None

    def inputs(self) -> tuple[InputSpec, ...]:
        """List each group's ballots."""
        required = self.missing == "refuse"
        if self.levels:
            names = tuple(level.name for level in self.levels)
            return tuple(
                InputSpec(name=group.key, type="choices", label=group.label_zh, options=names, required=required)
                for group in self.groups
            )
        return tuple(
            InputSpec(
                name=group.key,
                type="numbers",
                label=group.label_zh,
                unit="分",
                minimum=self.lo,
                maximum=self.hi,
                required=required,
            )
            for group in self.groups
        )

    def check(self) -> None:
        """Refuse no groups, one group twice, weights of nothing, numbers below 0 and bounds that cross."""
        require_some(self.kind, "groups", self.groups)
        require_distinct(self.kind, "groups", (group.key for group in self.groups))
        require_distinct(self.kind, "levels", (level.name for level in self.levels))
        require_order(self.kind, self.lo, self.hi)
        require_order(self.kind, self.floor, self.cap)
        require_not_negative(
            self.kind, points=self.points, drop_high=self.drop_high, drop_low=self.drop_low, drop_from=self.drop_from
        )
        for group in self.groups:
            require_positive(self.kind, f"groups.{group.key}.weight", group.weight)
        if self.points is not None:
            require_positive(self.kind, "levels" if self.levels else "hi", self._highest)

    def full(self) -> Decimal | None:
        """Give the points, or the highest ballot."""
        return self.points if self.points is not None else self._highest

    def evaluate(self, facts: Facts) -> Outcome:
        """Average each group, then the groups."""
        lines: list[Line] = []
        found = [(group, average) for group in self.groups if (average := self._group(group, facts, lines)) is not None]
        if not found:
            (first, *_) = self.inputs()
            raise InputMissing(name=first.name, label=first.label)
        weights = sum((group.weight for group, _ in found), Decimal(0))
        mean = sum((group.weight * average for group, average in found), Decimal(0)) / weights
        if len(self.groups) > 1:
            terms = " + ".join(f"{text(average)} × {text(group.weight)}" for group, average in found)
            lines.append(Line(label="各组加权", formula=f"({terms}) ÷ {text(weights)} = {text(mean)}", amount=mean))
        if self.points is not None:
            scaled = self.points * mean / self._highest
            formula = f"{text(self.points)} × {text(mean)} ÷ {text(self._highest)} = {text(scaled)}"
            lines.append(Line(label="折算", formula=formula, amount=scaled))
            mean = scaled
        points, kept = kept_within(mean, self.floor, self.cap)
        return Outcome(points=points, lines=(*lines, *kept))

    def explain(self) -> str:
        """Say the rule in Chinese."""
        if self.levels:
            scale = "每票评定" + "、".join(f"{level.name} {text(level.points)} 分" for level in self.levels)
        else:
            scale = f"每票 {text(self.lo)}~{text(self.hi)} 分"
        several = len(self.groups) > 1
        groups = (
            "按组权重(" + "、".join(f"{group.label_zh} {text(group.weight)}" for group in self.groups) + ")" if several else ""
        )
        dropped = f"去掉 {self.drop_high} 个最高分和 {self.drop_low} 个最低分后" if self.drop_high or self.drop_low else ""
        average = "取平均" if self.average == "mean" else "取中位数"
        scaled = "" if self.points is None else f",按 {text(self.points)} 分折算"
        return f"评委打分,{scale},{dropped}{groups}{average}{scaled}{limits_in_words(self.floor, self.cap)}。"

    @property
    def _highest(self) -> Decimal:
        return max((level.points for level in self.levels), default=self.hi)

    def _group(self, group: BallotGroup, facts: Facts, lines: list[Line]) -> Decimal | None:
        spec = next(spec for spec in self.inputs() if spec.name == group.key)
        if self.missing == "exclude" and not facts.given.get(group.key):
            lines.append(Line(label=group.label_zh, formula="没有评分票,不参与平均"))
            return None
        ballots = self._ballots(spec, facts)
        dropping = len(ballots) >= self.drop_from
        high, low = (self.drop_high, self.drop_low) if dropping else (0, 0)
        if len(ballots) <= high + low:
            raise NotComputable(
                why_zh=f"“{group.label_zh}”只有 {len(ballots)} 票,去掉最高最低后无票可计",
                why_en=f"group '{group.key}' has {len(ballots)} ballots, none is left once the extremes are dropped",
            )
        counted = sorted(ballots)[low : len(ballots) - high]
        average = _average(counted, self.average)
        listed = "、".join(text(each) for each in ballots)
        dropped = f";去掉 {high} 个最高、{low} 个最低" if high or low else ""
        shown = f"({' + '.join(text(each) for each in counted)}) ÷ {len(counted)}" if self.average == "mean" else "中位数"
        averaged = f";{shown} = {text(average)}" if len(ballots) > 1 else ""
        lines.append(Line(label=group.label_zh, formula=f"{listed}{dropped}{averaged}", amount=average))
        return average

    def _ballots(self, spec: InputSpec, facts: Facts) -> tuple[Decimal, ...]:
        if not self.levels:
            return facts.numbers(spec)
        worth = {level.name: level.points for level in self.levels}
        return tuple(worth[name] for name in facts.texts(spec))


def _average(numbers: list[Decimal], how: Literal["mean", "median"]) -> Decimal:
    if how == "mean":
        return sum(numbers, Decimal(0)) / len(numbers)
    middle = len(numbers) // 2
    return numbers[middle] if len(numbers) % 2 else (numbers[middle - 1] + numbers[middle]) / 2
