"""Scoring: every rule by its kind (the union grows as rules are added)."""

from collections.abc import Mapping

from domain.scoring.facts import Achievement, Facts, InputSpec, InputType, InputUnknown, Value
from domain.scoring.piecewise import Piecewise
from domain.scoring.target_step import TargetStep
from domain.scoring.two_sided import TwoSided
from domain.scoring.working import Line, Rounding, Scored

Rule = Piecewise | TargetStep | TwoSided


def inputs(rule: Rule) -> tuple[InputSpec, ...]:
    """Give the inputs a rule asks for."""
    return rule.inputs()


def explain(rule: Rule) -> str:
    """Give the rule in Chinese words."""
    return rule.explain()


def score(rule: Rule, given: Mapping[str, Value]) -> Scored:
    """Score the given inputs by a rule."""
    rule.check()
    outcome = rule.evaluate(Facts(given=given))
    rounding = Rounding()
    points = None if outcome.points is None else rounding.of(outcome.points)
    return Scored(points=points, verdict=outcome.verdict, lines=outcome.lines, full=rule.full, exact=outcome.points, rounding=rounding)
