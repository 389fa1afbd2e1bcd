"""分情形: other rules for other cases, the first that applies [M7, M21]."""

from dataclasses import dataclass
from typing import Literal

from domain import scoring
from domain.scoring.condition import Condition
from domain.scoring.facts import Facts, InputSpec, merged
from domain.scoring.faults import NotComputable, require_some
from domain.scoring.working import Line, Outcome


@dataclass(frozen=True, kw_only=True)
class Case:
    """The rule that applies when all conditions hold."""

    when: tuple[Condition, ...]
    rule: "scoring.Rule"
    label: str = ""


@dataclass(frozen=True, kw_only=True)
class Cases:
    """The first case that applies, else ``otherwise``; without one, inputs that fit no case are refused."""

    kind: Literal["cases"] = "cases"
    cases: tuple[Case, ...]
    otherwise: "scoring.Rule | None" = None

    def inputs(self) -> tuple[InputSpec, ...]:
        """List the conditions' inputs, then what the rules need."""
        conditions = [spec for case in self.cases for condition in case.when for spec in condition.inputs()]
        rules = [case.rule for case in self.cases] + ([self.otherwise] if self.otherwise else [])
        return merged((*conditions, *(spec for rule in rules for spec in scoring.only_sometimes(rule.inputs()))))

    def check(self) -> None:
        """Refuse no cases, a case without conditions, and whatever a part refuses."""
        require_some(self.kind, "cases", self.cases)
        for case in self.cases:
            require_some(self.kind, "cases.when", case.when)
            for condition in case.when:
                condition.check()
            case.rule.check()
        if self.otherwise:
            self.otherwise.check()

    def full(self) -> None:
        """Nothing: it depends on the case."""

    def evaluate(self, facts: Facts) -> Outcome:
        """Test the cases in order and score by the first that applies."""
        lines: list[Line] = []
        for case in self.cases:
            found = [condition.test(facts) for condition in case.when]
            lines += [held.line for held in found]
            if all(held.holds for held in found):
                return _joined(lines, case.label or "适用情形", case.rule.evaluate(facts))
        if self.otherwise is None:
            raise NotComputable(why_zh="没有一种情形适用", why_en="no case applies")
        return _joined(lines, "其他情形", self.otherwise.evaluate(facts))

    def explain(self) -> str:
        """Say the rule in Chinese."""
        listed = "".join(
            f"{f'{case.label}:' if case.label else ''}当{'且'.join(each.explain() for each in case.when)}时,{case.rule.explain()}"
            for case in self.cases
        )
        return listed + (f"其他情形:{self.otherwise.explain()}" if self.otherwise else "")


def _joined(opening: list[Line], label: str, outcome: Outcome) -> Outcome:
    return Outcome(
        points=outcome.points,
        lines=(*opening, Line(label=label, formula="按此情形计分"), *outcome.lines),
        verdict=outcome.verdict,
        grades=outcome.grades,
        grade_caps=outcome.grade_caps,
    )
