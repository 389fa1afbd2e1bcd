"""How an indicator becomes points: rules as data, one module a kind, one fixed pipeline, every result with its working.

A rule is a frozen dataclass with a ``kind``; it says which inputs it needs, scores them, and explains itself in Chinese. To add a kind:
one module with ``inputs``, ``check``, ``full``, ``evaluate`` and ``explain``, and one line in ``Rule``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from domain.scoring.band import Band
from domain.scoring.bonus import Bonus
from domain.scoring.by_class import ByClass
from domain.scoring.cases import Cases
from domain.scoring.composite import Composite
from domain.scoring.events import Events
from domain.scoring.facts import Achievement, InputMissing, InputSpec, InputUnfit, InputUnknown, Value
from domain.scoring.formula import Formula
from domain.scoring.gate import Gate
from domain.scoring.in_range import InRange
from domain.scoring.levels import Levels
from domain.scoring.manual import Manual
from domain.scoring.nesting import judged_inputs
from domain.scoring.panel import Panel
from domain.scoring.periods import Periods
from domain.scoring.piecewise import Piecewise
from domain.scoring.pipeline import check_rule, score_by
from domain.scoring.rank import RankStep
from domain.scoring.rank_ratio import RankRatio
from domain.scoring.rank_table import RankTable
from domain.scoring.ratio import Ratio
from domain.scoring.risk import Risk
from domain.scoring.share import Share
from domain.scoring.target_step import TargetStep
from domain.scoring.two_sided import TwoSided
from domain.scoring.veto import Veto
from domain.scoring.working import Line, Rounding, Scored
from domain.scoring.yes_no import YesNo

__all__ = [
    "ROUNDED",
    "Achievement",
    "InputMissing",
    "InputSpec",
    "InputUnfit",
    "InputUnknown",
    "Line",
    "Rounding",
    "Rule",
    "Scored",
    "Value",
    "check",
    "explain",
    "full_points",
    "inputs",
    "judged_inputs",
    "score",
]

Rule = (
    Piecewise
    | TargetStep
    | TwoSided
    | Events
    | Risk
    | Ratio
    | YesNo
    | InRange
    | Band
    | Levels
    | RankStep
    | RankTable
    | RankRatio
    | Gate
    | Bonus
    | Veto
    | Composite
    | Panel
    | Formula
    | Manual
    | ByClass
    | Cases
    | Share
    | Periods
)

ROUNDED = Rounding()  # Two decimals, half up [handbook 4].


def score(rule: Rule, inputs: Mapping[str, object], rounding: Rounding | None = ROUNDED) -> Scored:
    """Give the score of ``inputs`` under ``rule``, with its working line by line; the last line's amount is the points.

    The same rule and inputs give the same bytes for ever: no clock, no chance, 50 digits inside, rounded once at the end (None: not
    at all). Input values may be of any type the rule's ``inputs`` can be read from (numbers as Decimal, int or digits).

    Raises: InputMissing, InputUnfit, InputUnknown, NotComputable, and whatever ``check`` raises; all are Refused.
    """
    return score_by(rule, inputs, rounding)


def inputs(rule: Rule) -> tuple[InputSpec, ...]:
    """List what the rule needs, in the order a form should ask, each name once."""
    return rule.inputs()


def explain(rule: Rule) -> str:
    """Say the rule in Chinese sentences, with its numbers."""
    return rule.explain()


def check(rule: Rule) -> None:
    """Refuse a rule that could score nobody or the wrong way: empty lists, steps of 0, negative deductions, names used twice, grades
    that do not exist, unreadable formulas, rules nested 20 deep and more [domain.scoring.faults]."""
    check_rule(rule)


def full_points(rule: Rule) -> Decimal | None:
    """Give the regular full mark on the rule's own scale; None where the rule has none or it depends on the inputs."""
    return rule.full()


def only_sometimes(specs: Sequence[InputSpec]) -> tuple[InputSpec, ...]:
    """Mark inputs as not required: only some cases need them."""
    return tuple(replace(spec, required=False) for spec in specs)
