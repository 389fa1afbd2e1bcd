"""分类考核: another rule for another class of unit [C7]."""

from dataclasses import dataclass
from typing import Literal

from domain import scoring
from domain.scoring.band import Band
from domain.scoring.facts import Facts, InputSpec, InputUnfit, merged
from domain.scoring.faults import require_distinct, require_some
from domain.scoring.operand import LABELS
from domain.scoring.working import Line, Outcome


@dataclass(frozen=True, kw_only=True)
class ClassRule:
    """The rule of one class."""

    name: str
    rule: "scoring.Rule"


@dataclass(frozen=True, kw_only=True)
class ByClass:
    """The rule of the unit's class. The class is the input named ``input``, or what ``classify`` makes of a number."""

    kind: Literal["by-class"] = "by-class"
    classes: tuple[ClassRule, ...]
    input: str = "class"
    label: str = ""
    classify: Band | None = None

    def inputs(self) -> tuple[InputSpec, ...]:
        """List the class, then what the classes' rules need."""
        first = self.classify.inputs() if self.classify else (self._spec,)
        return merged((*first, *(spec for each in self.classes for spec in scoring.only_sometimes(each.rule.inputs()))))

    def check(self) -> None:
        """Refuse no classes, a class that is there twice, and whatever a rule refuses."""
        require_some(self.kind, "classes", self.classes)
        require_distinct(self.kind, "classes", (each.name for each in self.classes))
        for each in self.classes:
            each.rule.check()
        if self.classify:
            self.classify.check()

    def full(self) -> None:
        """Nothing: it depends on the class."""

    def evaluate(self, facts: Facts) -> Outcome:
        """Find the class and score by its rule."""
        found = self.classify.evaluate(facts) if self.classify else None
        name = (found.verdict or "") if found else facts.text(self._spec)
        chosen = next((each for each in self.classes if each.name == name), None)
        if chosen is None:
            listed = "、".join(each.name for each in self.classes)
            raise InputUnfit(
                name=self.input,
                label=self._spec.label,
                value=name or "空",
                expected_zh=f"{listed} 之一",
                expected_en=f"one of {listed}",
            )
        outcome = chosen.rule.evaluate(facts)
        line = Line(label=self._spec.label, formula=f"“{name}”,适用该类标准")
        return Outcome(
            points=outcome.points,
            lines=(*(found.lines if found else ()), line, *outcome.lines),
            verdict=outcome.verdict,
            grades=outcome.grades,
            grade_caps=outcome.grade_caps,
        )

    def explain(self) -> str:
        """Say the rule in Chinese."""
        how = self.classify.explain() if self.classify else ""
        return f"按{self._spec.label}适用不同标准。{how}" + "".join(f"{each.name}:{each.rule.explain()}" for each in self.classes)

    @property
    def _spec(self) -> InputSpec:
        label = self.label or LABELS.get(self.input, self.input)
        return InputSpec(name=self.input, type="choice", label=label, options=tuple(each.name for each in self.classes))
