"""Conditions: what must hold for a gate to open, a case to apply, a red line to be hit."""

from dataclasses import dataclass
from typing import Literal

from domain.scoring.expression import COMPARISONS
from domain.scoring.facts import Facts, InputSpec
from domain.scoring.faults import require_some, require_within
from domain.scoring.operand import LABELS, Operand, check_operands, inputs_of, take, words
from domain.scoring.working import Line, text

Comparison = Literal["<", "<=", "=", "!=", ">=", ">"]

SIGNS_ZH: dict[Comparison, str] = {"<": "<", "<=": "≤", "=": "=", "!=": "≠", ">=": "≥", ">": ">"}


@dataclass(frozen=True, kw_only=True)
class Held:
    """Whether a condition holds, and the line that shows it."""

    holds: bool
    line: Line


@dataclass(frozen=True, kw_only=True)
class Compare:
    """A number against another: 自主检修比例 ≥ 30."""

    kind: Literal["compare"] = "compare"
    value: Operand
    op: Comparison
    than: Operand
    label: str = ""

    def inputs(self) -> tuple[InputSpec, ...]:
        """List the inputs."""
        return inputs_of(self.value, self.than)

    def check(self) -> None:
        """Refuse an unfit operand."""
        check_operands(self.kind, self.value, self.than)

    def test(self, facts: Facts) -> Held:
        """Compare."""
        value, than = take(self.value, facts).value, take(self.than, facts).value
        holds = COMPARISONS[self.op](value, than)
        formula = f"{text(value)} {SIGNS_ZH[self.op]} {text(than)}"
        return Held(holds=holds, line=_line(self.label or words(self.value), formula, holds=holds))

    def explain(self) -> str:
        """Say the condition in Chinese."""
        return f"{self.label or words(self.value)} {SIGNS_ZH[self.op]} {words(self.than)}"


@dataclass(frozen=True, kw_only=True)
class Affirmed:
    """A yes-or-no input that must be ``expect``."""

    kind: Literal["yes"] = "yes"
    input: str
    label: str = ""
    expect: bool = True

    def inputs(self) -> tuple[InputSpec, ...]:
        """List the one input."""
        return (self._spec,)

    def check(self) -> None:
        """Nothing can be wrong."""

    def test(self, facts: Facts) -> Held:
        """Ask."""
        answer = facts.yes(self._spec)
        holds = answer == self.expect
        return Held(holds=holds, line=_line(self._spec.label, _yes(yes=answer), holds=holds))

    def explain(self) -> str:
        """Say the condition in Chinese."""
        return f"{self._spec.label}为“{_yes(yes=self.expect)}”"

    @property
    def _spec(self) -> InputSpec:
        return InputSpec(name=self.input, type="yes-no", label=self.label or LABELS.get(self.input, self.input))


@dataclass(frozen=True, kw_only=True)
class OneOf:
    """A choice that must be among ``options``; ``all_options`` lists what can be chosen at all (empty: any text)."""

    kind: Literal["one-of"] = "one-of"
    input: str
    options: tuple[str, ...]
    all_options: tuple[str, ...] = ()
    label: str = ""

    def inputs(self) -> tuple[InputSpec, ...]:
        """List the one input."""
        return (self._spec,)

    def check(self) -> None:
        """Refuse a list of no options."""
        require_some(self.kind, "options", self.options)

    def test(self, facts: Facts) -> Held:
        """Look up."""
        chosen = facts.text(self._spec)
        return Held(holds=chosen in self.options, line=_line(self._spec.label, f"“{chosen}”", holds=chosen in self.options))

    def explain(self) -> str:
        """Say the condition in Chinese."""
        return f"{self._spec.label}为{'或'.join(f'“{option}”' for option in self.options)}"

    @property
    def _spec(self) -> InputSpec:
        label = self.label or LABELS.get(self.input, self.input)
        return InputSpec(name=self.input, type="choice" if self.all_options else "text", label=label, options=self.all_options)


@dataclass(frozen=True, kw_only=True)
class AnyOf:
    """At least ``least`` of several conditions: a certificate may stand in for practice."""

    kind: Literal["any"] = "any"
    conditions: tuple["Condition", ...]
    least: int = 1
    label: str = ""

    def inputs(self) -> tuple[InputSpec, ...]:
        """List the inputs of all of them."""
        return tuple(spec for condition in self.conditions for spec in condition.inputs())

    def check(self) -> None:
        """Refuse a list of no conditions, more than there are to hold, and pass on to each."""
        require_some(self.kind, "conditions", self.conditions)
        require_within(self.kind, "least", self.least, 1, len(self.conditions))
        for condition in self.conditions:
            condition.check()

    def test(self, facts: Facts) -> Held:
        """Count those that hold."""
        found = [condition.test(facts) for condition in self.conditions]
        count = sum(held.holds for held in found)
        formula = ";".join(f"{held.line.label} {held.line.formula}" for held in found)
        return Held(holds=count >= self.least, line=_line(self.label or "任一条件", formula, holds=count >= self.least))

    def explain(self) -> str:
        """Say the condition in Chinese."""
        listed = "或".join(condition.explain() for condition in self.conditions)
        return listed if self.least == 1 else f"以下至少满足 {self.least} 项:{listed}"


Condition = Compare | Affirmed | OneOf | AnyOf


def _line(label: str, formula: str, *, holds: bool) -> Line:
    return Line(label=label, formula=f"{formula},{'符合' if holds else '不符合'}")


def _yes(*, yes: bool) -> str:
    return "是" if yes else "否"
