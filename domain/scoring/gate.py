"""达标制: conditions that must hold before anything else counts [M18]."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from domain import scoring
from domain.scoring.condition import Condition
from domain.scoring.facts import Facts, InputSpec, merged
from domain.scoring.faults import require_some, require_within
from domain.scoring.working import Line, Outcome, text


@dataclass(frozen=True, kw_only=True)
class Gate:
    """Passed if at most ``allow`` conditions fail. Then ``then`` is scored, if there is such a rule, else ``pass_points`` are given.

    Failed, the verdict is ``fail_verdict`` and the points are ``fail_points``, whatever ``then`` would give.
    """

    kind: Literal["gate"] = "gate"
    conditions: tuple[Condition, ...]
    allow: int = 0
    then: "scoring.Rule | None" = None
    pass_verdict: str = "通过"  # noqa: S105  A verdict.
    fail_verdict: str = "未通过"
    pass_points: Decimal | None = None
    fail_points: Decimal | None = None

    def inputs(self) -> tuple[InputSpec, ...]:
        """List the conditions' inputs, then those of the rule behind the gate."""
        conditions = tuple(spec for condition in self.conditions for spec in condition.inputs())
        return merged((*conditions, *(scoring.only_sometimes(self.then.inputs()) if self.then else ())))

    def check(self) -> None:
        """Refuse a gate without conditions, one that could not fail, and whatever its parts refuse."""
        require_some(self.kind, "conditions", self.conditions)
        require_within(self.kind, "allow", self.allow, 0, len(self.conditions) - 1)
        for condition in self.conditions:
            condition.check()
        if self.then:
            self.then.check()

    def full(self) -> Decimal | None:
        """Give the full mark of what lies behind."""
        return self.then.full() if self.then else self.pass_points

    def evaluate(self, facts: Facts) -> Outcome:
        """Test every condition, so that all failures are shown, not only the first."""
        found = [condition.test(facts) for condition in self.conditions]
        failed = sum(not held.holds for held in found)
        lines = tuple(held.line for held in found)
        counted = f"{len(found)} 项条件中 {failed} 项不符合" + (f",允许 {self.allow} 项" if self.allow else "")
        if failed > self.allow:
            line = Line(label="门槛", formula=f"{counted},{self.fail_verdict}", amount=self.fail_points)
            return Outcome(points=self.fail_points, lines=(*lines, line), verdict=self.fail_verdict)
        points = None if self.then else self.pass_points
        passed = (*lines, Line(label="门槛", formula=f"{counted},{self.pass_verdict}", amount=points))
        if self.then is None:
            return Outcome(points=points, lines=passed, verdict=self.pass_verdict)
        behind = self.then.evaluate(facts)
        return Outcome(
            points=behind.points,
            lines=(*passed, *behind.lines),
            verdict=behind.verdict or self.pass_verdict,
            grades=behind.grades,
            grade_caps=behind.grade_caps,
        )

    def explain(self) -> str:
        """Say the rule in Chinese."""
        listed = ";".join(condition.explain() for condition in self.conditions)
        allow = f"(允许 {self.allow} 项不符合)" if self.allow else ""
        failed = "" if self.fail_points is None else f",得 {text(self.fail_points)} 分"
        behind = f"通过后:{self.then.explain()}" if self.then else ""
        return f"须同时满足{allow}:{listed}。任一不满足即为“{self.fail_verdict}”{failed}。{behind}"
