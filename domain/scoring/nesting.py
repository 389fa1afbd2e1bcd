"""What lies inside a rule: the rules within it, how deep they go, and what of it only a scorer can give."""

from collections.abc import Iterable, Iterator
from dataclasses import fields, is_dataclass

from domain import scoring
from domain.scoring.faults import RuleIsTooDeep
from domain.scoring.manual import Manual
from domain.scoring.panel import Panel
from domain.scoring.periods import Periods

DEPTH_MAX = 20  # Rules and conditions within each other. A real table has three or four; hundreds would exhaust the stack.


def judged_inputs(rule: "scoring.Rule") -> frozenset[str]:
    """Name the inputs only a scorer gives: those of manual and panel rules, however deep inside. A report is not asked for them."""
    match rule:
        case Manual() | Panel():
            return frozenset(spec.name for spec in rule.inputs())
        case Periods():
            inner = judged_inputs(rule.rule)
            return inner - {rule.each} | {rule.input} if rule.each in inner else inner
        case _:
            return frozenset(name for each in rules_in(rule) for name in judged_inputs(each))


def rules_in(rule: "scoring.Rule") -> tuple["scoring.Rule", ...]:
    """List the rules directly inside a rule, in order: the parts of a composite, the rules of its cases or classes."""
    return tuple(_nearest(_inside(rule)))


def require_shallow(rule: "scoring.Rule") -> None:
    """Refuse rules and conditions nested more than 20 deep, before anything descends into them. Does not recurse itself."""
    waiting: list[tuple[object, int]] = [(rule, 0)]
    while waiting:
        entry, above = waiting.pop()
        depth = above + hasattr(entry, "kind")
        if depth > DEPTH_MAX:
            raise RuleIsTooDeep(most=DEPTH_MAX)
        waiting += [(each, depth) for each in _inside(entry)]


def _nearest(entries: Iterable[object]) -> Iterator["scoring.Rule"]:
    for entry in entries:
        if isinstance(entry, scoring.Rule):
            yield entry
        else:
            yield from _nearest(_inside(entry))


def _inside(entry: object) -> Iterable[object]:
    if isinstance(entry, tuple):
        return entry
    return [getattr(entry, field.name) for field in fields(entry)] if is_dataclass(entry) else ()
