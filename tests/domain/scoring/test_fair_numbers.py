"""Numbers that would turn a score round, fill a machine or slip by unread are refused; those that are well defined still score."""

import json
import re
from collections.abc import Mapping
from decimal import Decimal

import pytest

from application.trial import rule_json
from domain.decider import Refused
from domain.scoring import InputMissing, InputUnfit, judged_inputs, score
from domain.scoring.facts import Achievement
from domain.scoring.faults import (
    BoundIsUsedTwice,
    BoundsAreCrossed,
    FormulaUnreadable,
    NameIsUnknown,
    NameIsUsedTwice,
    NotComputable,
    NumberIsOutOfReach,
    NumberMustBePositive,
    NumberMustNotBeNegative,
    RuleIsTooDeep,
)
from domain.scoring.nesting import DEPTH_MAX

RATIO = '{"kind": "ratio", "points": 10%s}'
LOWER = RATIO % ', "direction": "lower"'
DIFFERENCE = RATIO % ', "direction": "lower", "inverse": "difference"'
BEST = '{"kind": "rank-ratio", "points": 400%s}'
BEST_LOW = BEST % ', "direction": "lower"'
SPREAD = BEST % ', "method": "spread"'
RISING = '{"kind": "piecewise", "knots": [[-3, 80], [0, 100]], "below": {"kind": "proportional"}}'
FALLING = '{"kind": "piecewise", "knots": [[-3.5, 120], [-3, 100]], "below": {"kind": "proportional"}, "above": {"kind": "proportional"}}'
ALONE = '{"kind": "piecewise", "knots": [[-3, 80]], "below": {"kind": "proportional"}}'
SHARE = '{"kind": "share", "pool": 9000}'
COUNT = '{"kind": "events", "points": 100, "floor": null, "clauses": [{"kind": "count", "key": "n", "deduct": 1%s}]}'
GROWING = COUNT % ', "repeat": [1, 2, 5], "earlier": "e"'
MANUAL = '{"kind": "manual", "hi": 5}'
DOCUMENTED = '{"kind": "bonus", "document_required": true, "items": [["a", {"省": 2}]]}'
BANDS_BY_INPUT = '{"kind": "band", "bands": [{"at": "a", "points": 1}, {"at": "b", "points": 2}]}'


@pytest.mark.parametrize(
    ("rule", "given", "points"),
    [
        (RATIO % "", {"actual": -5, "target": 10}, "0.00"),
        (LOWER, {"actual": 2, "target": 0}, "0.00"),
        (DIFFERENCE, {"actual": -5, "target": 10}, "10.00"),
        (SPREAD, {"actual": -2, "values": [-1, -2, -3]}, "200.00"),
        (BEST % "", {"actual": -1, "values": [4, -1]}, "0.00"),
        (FALLING, {"actual": -7}, "240.00"),
        (FALLING, {"actual": "-1.5"}, "50.00"),
        (FALLING, {"actual": 1}, "0.00"),
        (SHARE, {"own": 0, "all": [0, 5]}, "0.00"),
    ],
)
def test_numbers_below_zero_score_where_they_are_well_defined(rule: str, given: Mapping[str, object], points: str) -> None:
    assert str(score(rule_json(rule), given).points) == points


@pytest.mark.parametrize(
    ("rule", "given", "refusal"),
    [
        (RATIO % "", {"actual": -5, "target": -10}, NotComputable),
        (RATIO % "", {"actual": -20, "target": -10}, NotComputable),
        (LOWER, {"actual": -5, "target": -10}, NotComputable),
        (LOWER, {"actual": 5, "target": -10}, NotComputable),
        (DIFFERENCE, {"actual": -20, "target": -10}, NotComputable),
        (BEST % "", {"actual": -2, "values": [-1, -2]}, NotComputable),
        (BEST % ', "method": "mean"', {"actual": -2, "values": [-1, -2]}, NotComputable),
        (BEST_LOW, {"actual": 2, "values": [-1, 2]}, NotComputable),
        (BEST_LOW, {"actual": -1, "values": [-1, 2]}, NotComputable),
        (RISING, {"actual": -6}, NotComputable),
        (ALONE, {"actual": -6}, NotComputable),
        (BEST % "", {"actual": 500, "values": [1, 2]}, InputUnfit),
        (SPREAD, {"actual": 500, "values": [1, 2]}, InputUnfit),
        (SHARE, {"own": 500, "all": [1, 2]}, InputUnfit),
        (SHARE, {"own": 10, "all": [10, -5]}, InputUnfit),
        (COUNT % "", {"n": "1e30"}, InputUnfit),
        (COUNT % "", {"n": 1_000_001}, InputUnfit),
        (COUNT % ', "count": "n * 1"', {"n": "1e30"}, InputUnfit),
        (COUNT % ', "quota": "q"', {"n": 1, "q": -3}, InputUnfit),
        (GROWING, {"n": 1, "e": -1}, InputUnfit),
        (DOCUMENTED, {"achievements": [{"level": "省", "count": 1_000_001}]}, InputUnfit),
        (DOCUMENTED, {"achievements": [Achievement(level="省", count=Decimal(-1))]}, InputUnfit),
        (DOCUMENTED, {"achievements": [{"level": ["省"]}]}, InputUnfit),
        (BANDS_BY_INPUT, {"actual": 5, "a": 3, "b": "3.0"}, BoundIsUsedTwice),
        (MANUAL, {"points": 4, "reason": "r", "second_person": " "}, InputMissing),
        (MANUAL, {"points": 4, "reason": "\t ", "second_person": "p"}, InputMissing),
        (MANUAL, {"points": " ", "reason": "r", "second_person": "p"}, InputMissing),
    ],
)
def test_inputs_that_would_turn_a_score_round_are_refused(rule: str, given: Mapping[str, object], refusal: type[Refused]) -> None:
    with pytest.raises(refusal) as caught:
        score(rule_json(rule), given)

    assert_bilingual(caught.value)


@pytest.mark.parametrize(
    ("earlier", "count", "weighed"),
    [(0, 0, 0), (0, 1, 1), (0, 3, 8), (0, 1_000_000, 4_999_993), (1, 2, 7), (2, 1, 5), (9, 2, 10)],
)
def test_a_million_repetitions_cost_what_a_closed_form_says(earlier: int, count: int, weighed: int) -> None:
    assert score(rule_json(GROWING), {"n": count, "e": earlier}).points == 100 - weighed


def test_a_part_of_an_event_counts_at_the_multiplier_it_falls_under() -> None:
    rule = rule_json(COUNT % ', "per": 2, "repeat": [1, 2]')

    assert score(rule, {"n": 3}).points == 100 - (1 + Decimal("0.5") * 2)


def test_a_sum_of_money_counted_by_the_ten_thousand_may_pass_a_million() -> None:
    assert score(rule_json(COUNT % ', "per": 10000'), {"n": 2_500_000}).points == 100 - 250


@pytest.mark.parametrize("document", ["", " ", "　", None])
def test_a_blank_document_proves_nothing(document: str | None) -> None:
    done = {"level": "省", "document": document}

    assert score(rule_json(DOCUMENTED), {"achievements": [done]}).points == 0
    assert score(rule_json(DOCUMENTED), {"achievements": [done | {"document": "〔2025〕3 号"}]}).points == 2


def test_a_blank_document_of_an_achievement_from_the_log_proves_nothing() -> None:
    assert score(rule_json(DOCUMENTED), {"achievements": (Achievement(level="省", document=" "),)}).points == 0


@pytest.mark.parametrize(
    ("rule", "refusal"),
    [
        (COUNT % ', "cap": -1', NumberMustNotBeNegative),
        (COUNT % ', "quota": -3', NumberMustNotBeNegative),
        (COUNT % ', "repeat": [1, -2]', NumberMustNotBeNegative),
        ('{"kind": "events", "points": 5, "clauses": [{"kind": "count", "key": "x", "deduct": -1}]}', NumberMustNotBeNegative),
        ('{"kind": "events", "points": 5, "clauses": [{"kind": "flag", "key": "x", "deduct": -1}]}', NumberMustNotBeNegative),
        (
            '{"kind": "events", "points": 5, "clauses": [{"kind": "lookup", "key": "x", "situations": [["a", -1]]}]}',
            NumberMustNotBeNegative,
        ),
        (
            '{"kind": "events", "points": 5, "clauses": [{"kind": "shortfall", "key": "x", "step": 1, "deduct": -1}]}',
            NumberMustNotBeNegative,
        ),
        (
            '{"kind": "events", "points": 5, "clauses": [{"kind": "discretion", "key": "x", "least": -1, "most": 1}]}',
            NumberMustNotBeNegative,
        ),
        ('{"kind": "events", "points": -5, "clauses": [{"kind": "flag", "key": "x", "deduct": 1}]}', NumberMustNotBeNegative),
        (
            '{"kind": "events", "points": 5, "groups": [["g", -1]], "clauses": [{"kind": "flag", "key": "x", "deduct": 1}]}',
            NumberMustNotBeNegative,
        ),
        ('{"kind": "target-step", "points": 5, "step": 1, "deduct": -1}', NumberMustNotBeNegative),
        ('{"kind": "target-step", "points": -5, "step": 1, "deduct": 1}', NumberMustNotBeNegative),
        ('{"kind": "two-sided", "base": 5, "step": 1, "deduct": -1}', NumberMustNotBeNegative),
        ('{"kind": "risk", "threshold": 5, "deduct": -1}', NumberMustNotBeNegative),
        ('{"kind": "risk", "threshold": 5, "floor": 1}', BoundsAreCrossed),
        ('{"kind": "ratio", "points": -5}', NumberMustNotBeNegative),
        ('{"kind": "range", "points": 5, "lo": 1, "step": 1, "deduct": -1}', NumberMustNotBeNegative),
        ('{"kind": "rank", "points": -5, "step": 5}', NumberMustNotBeNegative),
        ('{"kind": "rank-ratio", "points": -5}', NumberMustNotBeNegative),
        ('{"kind": "rank-ratio", "points": 5, "least": 6}', BoundsAreCrossed),
        ('{"kind": "panel", "drop_high": -1}', NumberMustNotBeNegative),
        ('{"kind": "panel", "points": 5, "levels": [["差", 0]]}', NumberMustBePositive),
        ('{"kind": "periods", "drop_low": -1, "rule": {"kind": "formula", "formula": "actual"}}', NumberMustNotBeNegative),
        ('{"kind": "bonus", "items": [["a", {"省": 2}, "", {"一等": -1}]]}', NumberMustNotBeNegative),
        ('{"kind": "piecewise", "knots": [[1, 1]], "below": {"kind": "step", "step": 1, "deduct": -1}}', NumberMustNotBeNegative),
        ('{"kind": "piecewise", "knots": [[90, 1], [90.0, 2]]}', BoundIsUsedTwice),
        ('{"kind": "band", "bands": [[90, 1], ["90.0", 2]]}', BoundIsUsedTwice),
        (
            '{"kind": "composite", "grades": [[90, "A"], [90, "B"]], "parts": [{"key": "a", "rule": {"kind": "manual", "hi": 5}}]}',
            BoundIsUsedTwice,
        ),
        (
            '{"kind": "composite", "grades": [[90, "A"], [80, "A"]], "parts": [{"key": "a", "rule": {"kind": "manual", "hi": 5}}]}',
            NameIsUsedTwice,
        ),
        ('{"kind": "gate", "allow": 1, "conditions": [{"kind": "yes", "input": "x"}]}', NumberIsOutOfReach),
        (
            '{"kind": "gate", "conditions": [{"kind": "any", "least": 2, "conditions": [{"kind": "yes", "input": "x"}]}]}',
            NumberIsOutOfReach,
        ),
        (
            '{"kind": "gate", "conditions": [{"kind": "any", "least": 0, "conditions": [{"kind": "yes", "input": "x"}]}]}',
            NumberIsOutOfReach,
        ),
        ('{"kind": "formula", "formula": "2 ^ 3 ^ 2"}', FormulaUnreadable),
    ],
)
def test_a_rule_that_would_score_the_wrong_way_is_refused(rule: str, refusal: type[Refused]) -> None:
    with pytest.raises(refusal) as caught:
        rule_json(rule)

    assert_bilingual(caught.value)


GRADES = '[[90, "A"], [80, "B"], [0, "C"]]'
GRADED = '{"kind": "composite", "grades": %s, "parts": [{"key": "a", "rule": {"kind": "formula", "formula": "a"}}]}'
CAPPED = '{"kind": "veto", %s "red_lines": [{"when": {"kind": "yes", "input": "x"}, "grade_cap": "%s"}]}'
CAPPED_TO_C = CAPPED % (f'"grades": {GRADES},', "C")
ONLY_A = GRADED % '[[90, "A"]]'


@pytest.mark.parametrize(
    "rule",
    [
        CAPPED % (f'"grades": {GRADES},', "CC"),
        CAPPED % ("", "C"),
        CAPPED % (f'"of": {GRADED % GRADES},', "D"),
        CAPPED % (f'"grades": [[90, "优"]], "of": {CAPPED_TO_C},', "优"),
        CAPPED % (f'"of": {{"kind": "by-class", "classes": [["1", {GRADED % GRADES}], ["2", {ONLY_A}]]}},', "B"),
    ],
    ids=["misspelt", "no-grades", "not-of-the-rule", "replaced-grades", "not-of-every-class"],
)
def test_a_grade_cap_that_names_no_grade_is_refused(rule: str) -> None:
    with pytest.raises(NameIsUnknown) as caught:
        rule_json(rule)

    assert "grade_cap" in caught.value.sentence("zh")


def test_a_grade_cap_may_name_a_grade_of_the_rule_it_caps() -> None:
    rule = rule_json(CAPPED % (f'"of": {GRADED % GRADES},', "C"))

    assert score(rule, {"a": 95, "x": True}).verdict == "C"


@pytest.mark.parametrize(
    ("formula", "given", "value", "shown"),
    [
        ("-2^2", {}, "-4", "−2 ^ 2"),
        ("(-2)^2", {}, "4", "(−2) ^ 2"),
        ("2^-1", {}, "0.5", "2 ^ (−1)"),
        ("-a * b^2", {"a": 3, "b": 2}, "-12", "−3 × 2 ^ 2"),
        ("a^2", {"a": -3}, "9", "(-3) ^ 2"),
        ("1 - -2^2", {}, "5", "−2 ^ 2"),
    ],
)
def test_a_minus_binds_weaker_than_a_power(formula: str, given: Mapping[str, object], value: str, shown: str) -> None:
    scored = score(rule_json(json.dumps({"kind": "formula", "formula": formula})), given, None)

    assert scored.points == Decimal(value)
    assert any(shown in line.formula for line in scored.lines)


def nested(depth: int) -> str:
    """Write composites within each other; the innermost rule is a formula."""
    rule = '{"kind": "formula", "formula": "a"}'
    for _ in range(depth - 1):
        rule = f'{{"kind": "composite", "parts": [{{"key": "k", "rule": {rule}}}]}}'
    return rule


def test_a_rule_may_lie_as_deep_as_the_bound_and_no_deeper() -> None:
    assert score(rule_json(nested(DEPTH_MAX)), {"a": 7}).points == 7
    with pytest.raises(RuleIsTooDeep) as caught:
        rule_json(nested(DEPTH_MAX + 1))

    assert_bilingual(caught.value)
    assert str(DEPTH_MAX) in caught.value.sentence("zh")


def test_conditions_count_as_depth_too() -> None:
    condition = '{"kind": "yes", "input": "x"}'
    for _ in range(DEPTH_MAX):
        condition = f'{{"kind": "any", "conditions": [{condition}]}}'

    with pytest.raises(RuleIsTooDeep):
        rule_json(f'{{"kind": "gate", "conditions": [{condition}]}}')


BY_HAND = '{"kind": "manual", "hi": 5, "prefix": "m_"}'
JUDGED = {"m_points", "m_reason", "m_second_person"}
BALLOTS = '{"kind": "panel", "groups": [["leaders"], ["peers"]]}'
COUNTED = '{"kind": "ratio", "points": 5}'


@pytest.mark.parametrize(
    ("rule", "judged"),
    [
        (COUNTED, set()),
        (BY_HAND, JUDGED),
        (BALLOTS, {"leaders", "peers"}),
        (f'{{"kind": "composite", "parts": [{{"key": "a", "rule": {COUNTED}}}, {{"key": "b", "rule": {BY_HAND}}}]}}', JUDGED),
        (f'{{"kind": "by-class", "classes": [["1", {COUNTED}], ["2", {BALLOTS}]]}}', {"leaders", "peers"}),
        (f'{{"kind": "cases", "cases": [[[{{"kind": "yes", "input": "x"}}], {COUNTED}]], "otherwise": {BY_HAND}}}', JUDGED),
        (f'{{"kind": "gate", "conditions": [{{"kind": "yes", "input": "x"}}], "then": {BY_HAND}}}', JUDGED),
        (
            f'{{"kind": "veto", "of": {BY_HAND}, "red_lines": [{{"when": {{"kind": "yes", "input": "x"}}, "zero": true}}]}}',
            JUDGED,
        ),
        (f'{{"kind": "periods", "rule": {BY_HAND}}}', JUDGED),
        (
            f'{{"kind": "periods", "input": "months", "each": "m_points", "rule": {BY_HAND}}}',
            {"months", "m_reason", "m_second_person"},
        ),
    ],
    ids=["ratio", "manual", "panel", "composite", "by-class", "cases", "gate", "veto", "periods", "periods-of-points"],
)
def test_the_inputs_only_a_scorer_gives_are_found_however_deep(rule: str, judged: set[str]) -> None:
    assert judged_inputs(rule_json(rule)) == judged


@pytest.mark.parametrize(
    ("rule", "given", "sentence"),
    [
        ('{"kind": "rank", "points": 5, "step": 5}', {"rank": 0}, "应为不小于 1 的数"),
        ('{"kind": "rank-table", "top": [5], "bottom": [-5]}', {"rank": 0, "units": 3}, "应为不小于 1 的整数"),
        ('{"kind": "rank-table", "top": [5], "bottom": [-5]}', {"rank": 4, "units": 3}, "应为第 1 至 3 名"),
        (MANUAL, {"points": 6, "reason": "r", "second_person": "p"}, "应为介于 0 与 5 之间的数"),
        (COUNT % "", {"n": 1_000_001}, "应为介于 0 与 1000000 之间的整数"),
        ('{"kind": "rank-table", "top": [5]}', {"rank": 1_000_001}, "应为介于 1 与 1000000 之间的整数"),
        (DOCUMENTED, {"achievements": [{"level": "省", "count": -1}]}, "应为数量(count)介于 0 与 1000000 之间的成果"),
    ],
)
def test_a_bound_reads_as_a_sentence(rule: str, given: Mapping[str, object], sentence: str) -> None:
    with pytest.raises(InputUnfit) as caught:
        score(rule_json(rule), given)

    assert sentence in caught.value.sentence("zh")


def assert_bilingual(refusal: Refused) -> None:
    """Both sentences are filled and end as sentences."""
    assert refusal.sentence("zh").endswith("。")
    assert refusal.sentence("en").endswith(".")
    assert not re.search(r"\{[a-z_]+\}", refusal.sentence("zh") + refusal.sentence("en"))
