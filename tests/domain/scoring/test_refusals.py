"""What scoring refuses, and that it says what happened, why, and what to do, in both languages."""

import re
from collections.abc import Mapping
from decimal import Decimal

import pytest

from application.trial import rule_json
from domain.decider import Refused
from domain.scoring import InputMissing, InputUnfit, InputUnknown, check, inputs, score
from domain.scoring.faults import (
    BoundsAreCrossed,
    FormulaUnreadable,
    InputHasTwoTypes,
    NameIsUnknown,
    NameIsUsedTwice,
    NotComputable,
    NumberMustBePositive,
    RuleIsEmpty,
)
from domain.scoring.target_step import TargetStep
from domain.scoring.working import text

RATIO = rule_json('{"kind": "ratio", "points": 10}')
RANGED = rule_json('{"kind": "manual", "hi": 5}')
DISCRETION = rule_json('{"kind": "events", "points": 5, "clauses": [{"kind": "discretion", "key": "x", "least": 1, "most": 2}]}')
COUNTED = rule_json(
    '{"kind": "events", "points": 5, "missing": "refuse", "clauses": [{"kind": "count", "key": "x", "deduct": 1}]}'
)
VALUED = rule_json('{"kind": "rank", "points": 5, "step": 5, "given": "values"}')
RANKED = rule_json('{"kind": "rank", "points": 5, "step": 5}')
BONUS = rule_json('{"kind": "bonus", "items": [["a", {"省": 2}]]}')
LEVELS = rule_json('{"kind": "levels", "levels": [["好", 3]]}')
CASES = rule_json("""{"kind": "cases", "cases": [{"when": [{"kind": "compare", "value": "actual", "op": "<", "than": 0}],
                      "rule": {"kind": "formula", "formula": "0"}}]}""")
PANEL = rule_json('{"kind": "panel", "drop_high": 1, "drop_low": 1}')
VERDICT = rule_json("""{"kind": "composite", "parts": [{"key": "a", "rule": {"kind": "gate", "conditions": [
                       {"kind": "yes", "input": "x"}]}}]}""")
DIVIDED = rule_json('{"kind": "formula", "formula": "a / b"}')
POWER = rule_json('{"kind": "formula", "formula": "a ^ a"}')


@pytest.mark.parametrize(
    ("rule", "given", "refusal"),
    [
        (RATIO, {"actual": 92}, InputMissing),
        (RATIO, {"actual": 92, "target": ""}, InputMissing),
        (RATIO, {"actual": 92, "target": 100, "taget": 1}, InputUnknown),
        (RATIO, {"actual": "九十二", "target": 100}, InputUnfit),
        (RATIO, {"actual": 0.92, "target": 100}, InputUnfit),
        (RATIO, {"actual": True, "target": 100}, InputUnfit),
        (RATIO, {"actual": Decimal("NaN"), "target": 100}, InputUnfit),
        (RATIO, {"actual": 92, "target": 0}, NotComputable),
        (RANGED, {"points": 6, "reason": "r", "second_person": "p"}, InputUnfit),
        (RANGED, {"points": 4, "second_person": "p"}, InputMissing),
        (RANGED, {"points": 4, "reason": "r"}, InputMissing),
        (DISCRETION, {"x": [3], "x_reason": "r"}, InputUnfit),
        (DISCRETION, {"x": [1]}, InputMissing),
        (DISCRETION, {"x": 1, "x_reason": "r"}, InputUnfit),
        (COUNTED, {}, InputMissing),
        (COUNTED, {"x": "1.5"}, InputUnfit),
        (COUNTED, {"x": -1}, InputUnfit),
        (VALUED, {"actual": 95, "values": [98, 97]}, InputUnfit),
        (RANKED, {"rank": 0}, InputUnfit),
        (BONUS, {"achievements": [{"level": "国"}]}, InputUnfit),
        (BONUS, {"achievements": [{"level": "省", "prize": "一等"}]}, InputUnfit),
        (BONUS, {"achievements": [{"level": "省", "item": "b"}]}, InputUnfit),
        (BONUS, {"achievements": [{"level": "省", "rank": 1}]}, InputUnfit),
        (BONUS, {"achievements": [{"level": "省", "count": -1}]}, InputUnfit),
        (LEVELS, {"actual": "优"}, InputUnfit),
        (CASES, {"actual": 1}, NotComputable),
        (PANEL, {"ballots": [1, 2]}, NotComputable),
        (PANEL, {"ballots": [1, 2, 101]}, InputUnfit),
        (PANEL, {"ballots": []}, InputMissing),
        (VERDICT, {"x": True}, NotComputable),
        (DIVIDED, {"a": 1, "b": 0}, NotComputable),
        (POWER, {"a": 65}, NotComputable),
        (POWER, {"a": Decimal("-0.5")}, NotComputable),
    ],
)
def test_unfit_inputs_are_refused(rule: object, given: Mapping[str, object], refusal: type[Refused]) -> None:
    with pytest.raises(refusal) as caught:
        score(rule, given)  # type: ignore[arg-type]

    assert_bilingual(caught.value)


@pytest.mark.parametrize(
    ("rule", "refusal"),
    [
        ('{"kind": "piecewise", "knots": []}', RuleIsEmpty),
        ('{"kind": "piecewise", "knots": [[1, 1]], "below": {"kind": "step", "step": 0}}', NumberMustBePositive),
        ('{"kind": "target-step", "points": 5, "step": 0, "deduct": 1}', NumberMustBePositive),
        ('{"kind": "two-sided", "base": 5, "step": -1}', NumberMustBePositive),
        ('{"kind": "events", "points": 5, "clauses": []}', RuleIsEmpty),
        ('{"kind": "events", "points": 5, "clauses": [{"kind": "count", "key": "x", "deduct": 1, "group": "g"}]}', NameIsUnknown),
        (
            """{"kind": "events", "points": 5, "clauses": [{"kind": "count", "key": "x", "deduct": 1},
                                                           {"kind": "flag", "key": "x", "deduct": 1}]}""",
            NameIsUsedTwice,
        ),
        ('{"kind": "range", "points": 5}', RuleIsEmpty),
        ('{"kind": "range", "points": 5, "lo": 3, "hi": 1}', BoundsAreCrossed),
        ('{"kind": "manual", "hi": 1, "lo": 2}', BoundsAreCrossed),
        ('{"kind": "levels", "levels": [["好", 3], ["好", 2]]}', NameIsUsedTwice),
        ('{"kind": "bonus", "items": []}', RuleIsEmpty),
        ('{"kind": "composite", "parts": []}', RuleIsEmpty),
        ('{"kind": "gate", "conditions": []}', RuleIsEmpty),
        ('{"kind": "rank-table"}', RuleIsEmpty),
        ('{"kind": "formula", "formula": ""}', RuleIsEmpty),
        ('{"kind": "formula", "formula": "1 +"}', FormulaUnreadable),
        ('{"kind": "formula", "formula": "open(x)"}', FormulaUnreadable),
        ('{"kind": "formula", "formula": "a.b"}', FormulaUnreadable),
        ('{"kind": "formula", "formula": "min()"}', FormulaUnreadable),
        ('{"kind": "formula", "formula": "clamp(1, 2)"}', FormulaUnreadable),
        ('{"kind": "formula", "formula": "1 2"}', FormulaUnreadable),
        ('{"kind": "formula", "formula": "sum(a) + a"}', InputHasTwoTypes),
        ('{"kind": "ratio", "points": 5, "target": {}}', RuleIsEmpty),
        ('{"kind": "yes-no", "points": {"formula": "actual"}}', InputHasTwoTypes),
    ],
)
def test_a_rule_that_could_score_nobody_is_refused(rule: str, refusal: type[Refused]) -> None:
    with pytest.raises(refusal) as caught:
        rule_json(rule)

    assert_bilingual(caught.value)


def test_a_formula_cannot_exhaust_the_parser() -> None:
    for deep in ("(" * 5_000, "-" * 1_999 + "1" * 50, "(" * 400 + "1" + ")" * 400):
        with pytest.raises(FormulaUnreadable):
            rule_json(f'{{"kind": "formula", "formula": "{deep}"}}')


def test_a_checked_rule_declares_every_input_once() -> None:
    rule = rule_json("""{"kind": "composite", "parts": [
        {"key": "a", "rule": {"kind": "ratio", "points": 5, "target": 100}},
        {"key": "b", "missing": "zero", "rule": {"kind": "ratio", "points": 5, "value": "b", "target": "actual"}}]}""")

    check(rule)

    assert [(spec.name, spec.required) for spec in inputs(rule)] == [("actual", True), ("b", False)]


def assert_bilingual(refusal: Refused) -> None:
    """Both sentences are filled, and neither is in the other's language."""
    zh, en = refusal.sentence("zh"), refusal.sentence("en")
    assert zh.endswith("。")
    assert en.endswith(".")
    assert not re.search(r"\{[a-z_]+\}", zh + en)


def test_a_number_nobody_means_is_refused_and_printed_short() -> None:
    rule = TargetStep(points=Decimal(5), step=Decimal(1), deduct=Decimal(1), target=Decimal(10))

    with pytest.raises(InputUnfit):
        score(rule, {"actual": "1e400000000"})
    assert text(Decimal("1e400000000")) == "1E+400000000"
