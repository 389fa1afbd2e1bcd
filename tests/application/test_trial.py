"""A rule and inputs as JSON: short forms, exact numbers, and refusals that name the place."""

from decimal import Decimal

import pytest

from application.trial import FieldUnfit, FieldUnknown, KindUnknown, NameGivenTwice, NotJson, as_json, rule_json, try_score
from domain.decider import Refused
from domain.scoring import InputUnknown
from domain.scoring.faults import RuleIsTooDeep
from domain.scoring.operand import Source

DEEP = '{"kind": "composite", "parts": [{"key": "k", "rule": ' * 300 + '{"kind": "formula", "formula": "a"}' + "}]}" * 300


def test_numbers_never_pass_through_a_float() -> None:
    scored = try_score(b'{"rule": {"kind": "formula", "formula": "a + b"}, "inputs": {"a": 0.1, "b": 0.2}, "rounding": null}')

    assert scored.points == Decimal("0.3")
    assert scored.rounding is None


def test_numbers_may_be_strings() -> None:
    plain = try_score(b'{"rule": {"kind": "ratio", "points": 15}, "inputs": {"actual": 92, "target": 100}}')
    quoted = try_score(b'{"rule": {"kind": "ratio", "points": "15"}, "inputs": {"actual": "92", "target": "100"}}')

    assert plain == quoted


@pytest.mark.parametrize(
    ("short", "source"),
    [
        ('"goal"', Source(input="goal")),
        ('"ytd / 60%"', Source(formula="ytd / 60%")),
        ('{"input": "class", "cases": {"A": 6.5}}', Source(input="class", cases=(("A", Decimal("6.5")),))),
        ('{"input": "class", "cases": [["A", "6.5"]]}', Source(input="class", cases=(("A", Decimal("6.5")),))),
        ('"88"', Decimal(88)),
    ],
)
def test_an_operand_may_be_short(short: str, source: Source | Decimal) -> None:
    rule = rule_json(f'{{"kind": "ratio", "points": 5, "target": {short}}}')

    assert getattr(rule, "target", None) == source


def test_a_rule_in_full_reads_back_unchanged() -> None:
    rule = rule_json('{"kind": "piecewise", "knots": [[87.6, 100], [89.6, "best"]], "above": {"kind": "extend"}}')

    full = as_json(rule)

    assert full["knots"][0] == {"at": "87.6", "points": "100"}
    assert (
        rule_json(str(full).replace("'", '"').replace("None", "null").replace("False", "false").replace("True", "true")) == rule
    )


@pytest.mark.parametrize(
    ("document", "refusal", "place"),
    [
        ("{", NotJson, "第 1 行"),
        ("[]", FieldUnfit, "document"),
        ("{}", FieldUnfit, "rule"),
        ('{"rul": {}}', FieldUnknown, "rul"),
        ('{"rule": {"kind": "ratio", "points": 5}, "inputs": []}', FieldUnfit, "inputs"),
        ('{"rule": {"kind": "ratio", "points": 5}, "rounding": {"places": "x"}}', FieldUnfit, "rounding.places"),
        ('{"rule": {"kind": "ratio", "points": 5}, "rounding": {"mode": "bankers"}}', FieldUnfit, "rounding.mode"),
        ('{"rule": {"points": 5}}', KindUnknown, "rule"),
        ('{"rule": {"kind": "rato", "points": 5}}', KindUnknown, "rato"),
        ('{"rule": {"kind": "ratio", "point": 5}}', FieldUnknown, "point"),
        ('{"rule": {"kind": "ratio"}}', FieldUnfit, "rule.points"),
        ('{"rule": {"kind": "ratio", "points": null}}', FieldUnfit, "rule.points"),
        ('{"rule": {"kind": "ratio", "points": true}}', FieldUnfit, "rule.points"),
        ('{"rule": {"kind": "ratio", "points": NaN}}', FieldUnfit, "rule.points"),
        ('{"rule": {"kind": "ratio", "points": 5, "capped": "maybe"}}', FieldUnfit, "rule.capped"),
        ('{"rule": {"kind": "rank", "points": 5, "step": 5, "free": 1.5}}', FieldUnfit, "rule.free"),
        ('{"rule": {"kind": "target-step", "points": 5, "step": 1, "deduct": 1, "steps": "up"}}', FieldUnfit, "rule.steps"),
        ('{"rule": {"kind": "piecewise", "knots": [[1, 2, 3]]}}', FieldUnfit, "rule.knots[0]"),
        ('{"rule": {"kind": "piecewise", "knots": [{"at": 1, "point": 2}]}}', FieldUnknown, "rule.knots[0]"),
        ('{"rule": {"kind": "piecewise", "knots": [[1, 2]], "below": {"kind": "steps"}}}', KindUnknown, "rule.below"),
        (
            '{"rule": {"kind": "composite", "parts": [{"key": "a", "rule": {"kind": "ratio", "points": []}}]}}',
            FieldUnfit,
            "parts[0].rule.points",
        ),
        (
            '{"rule": {"kind": "events", "points": 5, "clauses": [{"kind": "count", "key": "x"}]}}',
            FieldUnfit,
            "rule.clauses[0].deduct",
        ),
        ('{"rule": {"kind": "ratio", "points": 5}, "inputs": {"actal": 1}}', InputUnknown, "actal"),
        ('{"rule": ' + '{"rule": ' * 100_000, NotJson, ""),
        (f'{{"rule": {DEEP}, "inputs": {{"a": 1}}}}', RuleIsTooDeep, "20"),
        ('{"rule": {"kind": "ratio", "points": 5}, "inputs": {"actual": ' + "[" * 300 + "]" * 300 + "}}", RuleIsTooDeep, "20"),
        ('{"rule": {"kind": "ratio", "points": 5, "points": 50}}', NameGivenTwice, "points"),
        ('{"rule": {"kind": "ratio", "points": 5}, "inputs": {"actual": 1, "actual": 2}}', NameGivenTwice, "actual"),
    ],
)
def test_a_refusal_names_the_place_in_both_languages(document: str, refusal: type[Refused], place: str) -> None:
    with pytest.raises(refusal) as caught:
        try_score(document.encode())

    assert place in caught.value.sentence("zh")
    assert caught.value.sentence("zh").endswith("。")
    assert caught.value.sentence("en").endswith(".")


def test_bytes_that_are_no_text_are_refused() -> None:
    with pytest.raises(NotJson):
        try_score(b'{"rule": "\xff"}')
