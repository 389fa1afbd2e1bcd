"""一票否决与红线: one event overrides the total or the grade [M21]."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from domain import scoring
from domain.scoring.by_class import ByClass
from domain.scoring.cases import Cases
from domain.scoring.composite import Composite
from domain.scoring.condition import Condition
from domain.scoring.facts import Facts, InputSpec, merged
from domain.scoring.faults import NameIsUnknown, require_apart, require_distinct, require_not_negative, require_some
from domain.scoring.gate import Gate
from domain.scoring.nesting import rules_in
from domain.scoring.operand import TOTAL, Operand, check_operands, inputs_of, take, words
from domain.scoring.working import GradeLine, Line, Outcome, text


@dataclass(frozen=True, kw_only=True)
class RedLine:
    """What happens when ``when`` holds: the total is capped at ``cap``, set to 0 by ``zero``, the grade is at best ``grade_cap``.

    ``verdict`` is what the result is called then: 取消资格.
    """

    when: Condition
    cap: Decimal | None = None
    zero: bool = False
    grade_cap: str = ""
    verdict: str = ""
    label: str = ""


@dataclass(frozen=True, kw_only=True)
class Veto:
    """The total of the rule ``of``, or else the input ``total``, under its red lines. ``grades`` are listed from the best down."""

    kind: Literal["veto"] = "veto"
    red_lines: tuple[RedLine, ...]
    of: "scoring.Rule | None" = None
    total: Operand = TOTAL
    grades: tuple[GradeLine, ...] = ()

    def inputs(self) -> tuple[InputSpec, ...]:
        """List the total's inputs, then what the red lines ask."""
        total = self.of.inputs() if self.of else inputs_of(self.total)
        return merged((*total, *(spec for line in self.red_lines for spec in line.when.inputs())))

    def check(self) -> None:
        """Refuse a veto without red lines, a grade cap that names no grade of the total, and whatever a part refuses."""
        require_some(self.kind, "red_lines", self.red_lines)
        for line in self.red_lines:
            line.when.check()
            require_not_negative(self.kind, cap=line.cap)
        require_apart(self.kind, "grades", (grade.at_least for grade in self.grades))
        require_distinct(self.kind, "grades", (grade.name for grade in self.grades))
        if self.of:
            self.of.check()
        check_operands(self.kind, self.total)
        for cap in _grade_caps(self):
            if not all(cap in names for names in _gradings(self)):
                raise NameIsUnknown(kind=self.kind, field="red_lines.grade_cap", value=cap)

    def full(self) -> Decimal | None:
        """Give the full mark of what is capped."""
        return self.of.full() if self.of else None

    def evaluate(self, facts: Facts) -> Outcome:
        """Test every red line and apply the hardest."""
        before, grades, caps, verdict = self._before(facts)
        lines = list(before[1])
        points = before[0]
        for red in self.red_lines:
            held = red.when.test(facts)
            lines.append(
                Line(label=red.label or held.line.label, formula="触发红线" if held.holds else "未触发", note=held.line.formula)
            )
            if not held.holds:
                continue
            limited = Decimal(0) if red.zero else points if red.cap is None or points is None else min(points, red.cap)
            if limited is not None and points is not None and limited != points:
                effect = f"{text(points)} 按 {text(limited)} 封顶" if not red.zero else f"{text(points)} 归零"
                lines.append(Line(label="红线处理", formula=effect, amount=limited))
            points = limited
            caps = (*caps, red.grade_cap) if red.grade_cap else caps
            verdict = red.verdict or verdict
        lines.append(Line(label="红线后得分", formula="" if points is None else text(points), amount=points))
        return Outcome(points=points, lines=tuple(lines), verdict=verdict, grades=grades, grade_caps=caps)

    def explain(self) -> str:
        """Say the rule in Chinese."""
        what = self.of.explain() if self.of else f"对{words(self.total)}:"
        grades = "、".join(f"{text(grade.at_least)} 分及以上{grade.name}" for grade in self.grades)
        listed = ";".join(f"{red.label or red.when.explain()}的,{_effect(red)}" for red in self.red_lines)
        return f"{what}红线:{listed}。" + (f"等级:{grades}。" if grades else "")

    def _before(
        self, facts: Facts
    ) -> tuple[tuple[Decimal | None, tuple[Line, ...]], tuple[GradeLine, ...], tuple[str, ...], str | None]:
        if self.of is None:
            taken = take(self.total, facts)
            return (taken.value, taken.lines), self.grades, (), None
        outcome = self.of.evaluate(facts)
        return (outcome.points, outcome.lines), self.grades or outcome.grades, outcome.grade_caps, outcome.verdict


def _gradings(rule: "scoring.Rule") -> tuple[frozenset[str], ...]:
    """List the sets of grades a rule can end with, one a branch; a single empty set if it grades nobody."""
    match rule:
        case Veto(grades=()) if rule.of is not None:
            return _gradings(rule.of)
        case Veto() | Composite():
            return (frozenset(grade.name for grade in rule.grades),)
        case ByClass() | Cases() | Gate():
            found = tuple(names for inner in rules_in(rule) for names in _gradings(inner) if names)
            return found or (frozenset(),)
        case _:
            return (frozenset(),)


def _grade_caps(rule: "scoring.Rule") -> tuple[str, ...]:
    """List the grade caps that reach the end of a rule; a composite adds points only and stops them."""
    match rule:
        case Veto():
            own = tuple(line.grade_cap for line in rule.red_lines if line.grade_cap)
            return (*own, *(_grade_caps(rule.of) if rule.of else ()))
        case ByClass() | Cases() | Gate():
            return tuple(cap for inner in rules_in(rule) for cap in _grade_caps(inner))
        case _:
            return ()


def _effect(red: RedLine) -> str:
    effects = [
        "得分归零" if red.zero else "",
        "" if red.cap is None else f"总分最高 {text(red.cap)} 分",
        f"等级最高为“{red.grade_cap}”" if red.grade_cap else "",
        f"结果为“{red.verdict}”" if red.verdict else "",
    ]
    return "、".join(effect for effect in effects if effect) or "列示"
