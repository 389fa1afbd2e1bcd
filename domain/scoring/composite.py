"""综合: several rules in one, in a fixed order: gates, parts, scale, weight, join, coefficient, limits, grades [M23, M26, handbook 4].

gates fail → the verdict, no points
parts      each scored by its own rule; a missing one is treated as its policy says [C3]
divide     each part's points ÷ ``divide`` (letters that score 0-120 convert by 1.2)
join       sum, weighted sum, mean, weighted mean, smallest or largest
finally    × coefficient, + points, cap and floor; the grade is taken from the rounded total
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from domain import scoring
from domain.scoring.condition import Condition
from domain.scoring.facts import Facts, InputMissing, InputSpec, merged
from domain.scoring.faults import NotComputable, require_apart, require_distinct, require_order, require_positive, require_some
from domain.scoring.operand import Operand, check_operands, inputs_of, take, words
from domain.scoring.working import GradeLine, Line, Outcome, kept_within, limits_in_words, signed, text

Missing = Literal["refuse", "zero", "full", "exclude"]
Join = Literal["sum", "mean", "min", "max"]

MISSING_ZH: dict[Missing, str] = {
    "refuse": "缺项不评",
    "zero": "缺项计 0 分",
    "full": "缺项计满分",
    "exclude": "缺项剔除,其余按权重折算",
}
JOIN_ZH: dict[Join, str] = {"sum": "相加", "mean": "加权平均", "min": "取最低", "max": "取最高"}


@dataclass(frozen=True, kw_only=True)
class Part:
    """One rule within a composite. ``weight`` multiplies its points; −1 subtracts them.

    ``missing``: what happens when its inputs are not there. ``divide`` overrides the composite's. ``standard`` is the base points
    that matter to ``held_at_standard``, of which an ``exempt`` part is free; ``coefficient`` False keeps the coefficient off it.
    """

    key: str
    rule: "scoring.Rule"
    label: str = ""
    weight: Decimal = Decimal(1)
    divide: Decimal | None = None
    floor: Decimal | None = None
    cap: Decimal | None = None
    missing: Missing = "refuse"
    standard: Decimal | None = None
    exempt: bool = False
    coefficient: bool = True

    @property
    def label_zh(self) -> str:
        """Give the label, or the key."""
        return self.label or self.key


@dataclass(frozen=True, kw_only=True)
class Composite:
    """Parts joined. A part that is excluded hands its weight to the others, in proportion.

    ``held_at_standard``: if any part lies below its standard, all others get theirs at most and the coefficient is not applied [S14].
    """

    kind: Literal["composite"] = "composite"
    parts: tuple[Part, ...]
    join: Join = "sum"
    gates: tuple[Condition, ...] = ()
    fail_verdict: str = "未通过"
    fail_points: Decimal | None = None
    divide: Decimal = Decimal(1)
    points: Operand = Decimal(0)
    coefficient: Operand = Decimal(1)
    held_at_standard: bool = False
    floor: Decimal | None = Decimal(0)
    cap: Decimal | None = None
    grades: tuple[GradeLine, ...] = ()

    def inputs(self) -> tuple[InputSpec, ...]:
        """List what gates and parts need; a part that may be missing requires nothing."""
        gates = tuple(spec for gate in self.gates for spec in gate.inputs())
        parts = tuple(
            spec
            for part in self.parts
            for spec in (part.rule.inputs() if part.missing == "refuse" else scoring.only_sometimes(part.rule.inputs()))
        )
        return merged((*gates, *parts, *inputs_of(self.points, self.coefficient)))

    def check(self) -> None:
        """Refuse no parts, parts of one key, a division by nothing, crossed limits, and whatever a part refuses."""
        require_some(self.kind, "parts", self.parts)
        require_distinct(self.kind, "parts", (part.key for part in self.parts))
        require_positive(self.kind, "divide", self.divide)
        require_order(self.kind, self.floor, self.cap)
        require_apart(self.kind, "grades", (grade.at_least for grade in self.grades))
        require_distinct(self.kind, "grades", (grade.name for grade in self.grades))
        check_operands(self.kind, self.points, self.coefficient)
        for part in self.parts:
            require_positive(self.kind, f"parts.{part.key}.divide", part.divide)
            require_order(self.kind, part.floor, part.cap)
            part.rule.check()
        for gate in self.gates:
            gate.check()

    def full(self) -> Decimal | None:
        """Give the join of the parts' full marks, capped."""
        marks = [_weighed(part, part.rule.full(), self.divide) for part in self.parts]
        known = [mark for mark in marks if mark is not None]
        if len(known) < len(marks) or not isinstance(self.points, Decimal) or self.coefficient != 1:
            return None
        total = self.points + self._joined(known, [part.weight for part in self.parts])
        return total if self.cap is None else min(total, self.cap)

    def evaluate(self, facts: Facts) -> Outcome:
        """Go through the order above."""
        found = [gate.test(facts) for gate in self.gates]
        lines = [held.line for held in found]
        if not all(held.holds for held in found):
            failed = sum(not held.holds for held in found)
            line = Line(label="门槛", formula=f"{failed} 项不符合,{self.fail_verdict},其余不再计分", amount=self.fail_points)
            return Outcome(points=self.fail_points, lines=(*lines, line), verdict=self.fail_verdict)
        scored = [each for part in self.parts if (each := self._scored(part, facts, lines)) is not None]
        if not scored:
            raise NotComputable(why_zh="所有组成项都缺数据", why_en="every part is missing")
        held_back = self._held_back(scored, lines)
        total = self._total(scored, facts, lines, held_back=held_back)
        points, kept = kept_within(total, self.floor, self.cap)
        return Outcome(points=points, lines=(*lines, *kept), verdict=None, grades=self.grades)

    def explain(self) -> str:
        """Say the rule in Chinese."""
        gates = f"须先满足:{';'.join(gate.explain() for gate in self.gates)},否则“{self.fail_verdict}”。" if self.gates else ""
        divide = f"各项得分先除以 {text(self.divide)},再" if self.divide != 1 else "各项得分"
        parts = "".join(f"({number}){self._part_in_words(part)}" for number, part in enumerate(self.parts, 1))
        start = f",再加 {words(self.points)}" if self.points != 0 else ""
        times = f",再乘以系数 {words(self.coefficient)}" if self.coefficient != 1 else ""
        held = ";任一项低于其基准分时,其余各项只得基准分且不乘系数" if self.held_at_standard else ""
        grades = (
            "。等级:" + "、".join(f"{text(grade.at_least)} 分及以上{grade.name}" for grade in self.grades) if self.grades else ""
        )
        return f"{gates}{divide}{JOIN_ZH[self.join]}{times}{start}{limits_in_words(self.floor, self.cap)}{held}{grades}。{parts}"

    def _part_in_words(self, part: Part) -> str:
        weight = "" if part.weight == 1 else f"[权重 {text(part.weight)}]"
        missing = "" if part.missing == "refuse" else f"[{MISSING_ZH[part.missing]}]"
        return f"{part.label_zh}{weight}{missing}:{part.rule.explain()}"

    def _scored(self, part: Part, facts: Facts, lines: list[Line]) -> "_Scored | None":
        try:
            outcome = part.rule.evaluate(facts)
        except InputMissing as missing:
            return self._absent(part, missing, lines)
        lines += [
            Line(label=f"{part.label_zh} · {line.label}", formula=line.formula, amount=line.amount, note=line.note)
            for line in outcome.lines
        ]
        if outcome.points is None:
            raise NotComputable(
                why_zh=f"组成项“{part.label_zh}”只有结论“{outcome.verdict}”,没有得分",
                why_en=f"part '{part.key}' has a verdict ('{outcome.verdict}') and no points",
            )
        points, kept = kept_within(outcome.points, part.floor, part.cap)
        lines += [Line(label=f"{part.label_zh} · {line.label}", formula=line.formula, amount=line.amount) for line in kept]
        return _Scored(part=part, points=points)

    def _absent(self, part: Part, missing: InputMissing, lines: list[Line]) -> "_Scored | None":
        if part.missing == "refuse":
            raise missing
        name = missing.values["label"]
        lines.append(Line(label=part.label_zh, formula=f"缺少“{name}”,{MISSING_ZH[part.missing]}"))
        if part.missing == "exclude":
            return None
        points = part.rule.full() if part.missing == "full" else Decimal(0)
        if points is None:
            raise missing
        return _Scored(part=part, points=points)

    def _held_back(self, scored: list["_Scored"], lines: list[Line]) -> bool:
        low = [each for each in scored if each.part.standard is not None and each.points < each.part.standard]
        if not self.held_at_standard or not low:
            return False
        names = "、".join(each.part.label_zh for each in low)
        lines.append(Line(label="交叉条件", formula=f"{names} 低于基准分,其余各项只得基准分,系数不适用"))
        for each in scored:
            standard = each.part.standard
            if standard is not None and not each.part.exempt and each.points > standard:
                each.points = standard
        return True

    def _total(self, scored: list["_Scored"], facts: Facts, lines: list[Line], *, held_back: bool) -> Decimal:
        coefficient = take(self.coefficient, facts)
        times = Decimal(1) if held_back else coefficient.value
        lines += coefficient.lines
        values: list[Decimal] = []
        for each in scored:
            value = _weighed(each.part, each.points, self.divide)
            assert value is not None  # The points are there.
            values.append(value * times if each.part.coefficient else value)
            lines += self._weighing(each, values[-1], times if each.part.coefficient else Decimal(1))
        joined = self._joined(values, [each.part.weight for each in scored])
        joined = self._renormalised(joined, [each.part for each in scored], lines)
        start = take(self.points, facts)
        lines += start.lines
        total = joined + start.value
        lines.append(Line(label="合计", formula=self._shown(values, scored, joined, start.value, total), amount=total))
        return total

    def _weighing(self, each: "_Scored", value: Decimal, times: Decimal) -> list[Line]:
        divide = each.part.divide or self.divide
        weight = each.part.weight
        factors = (f" ÷ {text(divide)}" if divide != 1 else "") + (f" × {text(weight)}" if weight != 1 else "")
        factors += f" × 系数 {text(times)}" if times != 1 else ""
        if not factors:
            return []
        return [Line(label=f"{each.part.label_zh} · 折算", formula=f"{text(each.points)}{factors} = {text(value)}", amount=value)]

    def _joined(self, values: list[Decimal], weights: list[Decimal]) -> Decimal:
        match self.join:
            case "sum":
                return sum(values, Decimal(0))
            case "mean":
                total = sum(weights, Decimal(0))
                if total == 0:
                    raise NotComputable(why_zh="权重合计为 0", why_en="the weights add up to 0")
                return sum(values, Decimal(0)) / total
            case "min":
                return min(values)
            case "max":
                return max(values)

    def _renormalised(self, joined: Decimal, present: list[Part], lines: list[Line]) -> Decimal:
        """Hand what excluded parts are worth to the others. A mean has done so by itself."""
        if self.join != "sum" or len(present) == len(self.parts):
            return joined
        worth = _worth(self.parts)
        every, left = sum(worth.values(), Decimal(0)), sum((worth[part.key] for part in present), Decimal(0))
        if left == 0:
            raise NotComputable(why_zh="剩余各项的权重合计为 0", why_en="the weights that are left add up to 0")
        found = joined * every / left
        formula = f"{text(joined)} × {text(every)} ÷ {text(left)} = {text(found)}"
        lines.append(Line(label="缺项折算", formula=formula, amount=found, note=MISSING_ZH["exclude"]))
        return found

    def _shown(self, values: list[Decimal], scored: list["_Scored"], joined: Decimal, start: Decimal, total: Decimal) -> str:
        terms = text(values[0]) + "".join(f" {signed(value)}" for value in values[1:])
        excluded = self.join == "sum" and len(values) < len(self.parts)
        match self.join:
            case "sum":
                shown = f"折算后 {text(joined)}" if excluded else terms
            case "mean":
                shown = f"({terms}) ÷ {text(sum((each.part.weight for each in scored), Decimal(0)))}"
            case "min" | "max":
                shown = f"{JOIN_ZH[self.join]}({'、'.join(text(value) for value in values)})"
        return f"{shown}{f' {signed(start)}' if start else ''} = {text(total)}"


@dataclass(kw_only=True)
class _Scored:
    """A part with its points, which the cross condition may still lower."""

    part: Part
    points: Decimal


def _weighed(part: Part, points: Decimal | None, divide: Decimal) -> Decimal | None:
    return None if points is None else points * part.weight / (part.divide or divide)


def _worth(parts: tuple[Part, ...]) -> dict[str, Decimal]:
    """Give each part's share of the whole: weight × full mark, or the weight alone where a full mark is not known."""
    marks = {part.key: part.rule.full() for part in parts}
    known = all(marks.values())
    return {part.key: part.weight * (marks[part.key] or Decimal(1)) if known else part.weight for part in parts}
