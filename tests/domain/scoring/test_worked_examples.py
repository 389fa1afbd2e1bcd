"""Worked examples of every method, with the place they come from in the id: handbook section 4 (M1-M28) and edges found by ourselves."""

import json
from decimal import Decimal
from typing import Any

import pytest

from application.trial import as_json, rule_from
from domain.scoring import score

Json = dict[str, Any]

REL = """{"kind": "piecewise", "knots": [[99.9981, 80], [99.9986, 100], [99.9987, 110]],
          "below": {"kind": "step", "step": 0.0001, "deduct": 1, "steps": "half-up"}}"""
CSAT = '{"kind": "piecewise", "knots": [[87.6, 100], [89.6, 120]], "below": {"kind": "step", "step": 0.1, "deduct": 2}}'
DROP = '{"kind": "piecewise", "knots": [[-3.5, 120], [-3, 100], [0, 0]]}'
TWO = '{"kind": "piecewise", "knots": [[60, 60], [80, 100]], %s}'
FAST = '{"kind": "target-step", "points": 120, "target": 88, "step": 1, "deduct": 4%s}'
COST = '{"kind": "target-step", "points": 5, "direction": "lower", "measure": "relative", "step": 1, "deduct": 1}'
PROFIT = '{"kind": "two-sided", "base": 30, "step": 3, "add_cap": %s, "deduct_cap": 6}'
SANDBAGGING = """{"kind": "two-sided", "base": 30, "step": 3, "deduct_cap": 6, "add_cap": {"formula":
    "if(target <= baseline * 50%, 3, if(target <= baseline * 80%, 4, if(target < baseline, 5, 6)))"}}"""
SAFETY = """{"kind": "events", "points": 25, "clauses": [
    {"kind": "count", "key": "injury", "deduct": 1, "per": 0.3}, {"kind": "count", "key": "accident", "deduct": 2},
    {"kind": "discretion", "key": "outage", "least": 1, "most": 2}]}"""
ACCOUNTS = """{"kind": "events", "points": 12, "groups": [["policy", 4]], "clauses": [
    {"kind": "count", "key": "budget", "deduct": 1, "group": "policy"},
    {"kind": "count", "key": "tariff", "deduct": 1, "group": "policy"},
    {"kind": "count", "key": "errors", "deduct": 0.5, "cap": 4}, {"kind": "count", "key": "unfinished", "deduct": 0.5}]}"""
SUBSTATION = """{"kind": "events", "points": 8, "clauses": [
    {"kind": "lookup", "key": "situation", "class_input": "class", "situations": [
    ["none", 8, "A"], ["none", 5, "B"], ["single", 4, "A"], ["single", 2, "B"]]}]}"""
TWO_REFERENCES = """{"kind": "events", "points": 10, "deduct_cap": 10, "clauses": [
    {"kind": "shortfall", "key": "a", "target": "target", "measure": "relative", "step": 1, "deduct": 0.5},
    {"kind": "shortfall", "key": "b", "target": "previous", "measure": "relative", "step": 2, "deduct": 0.5}]}"""
MILESTONES = """{"kind": "events", "points": 110, "cap": 120, "clauses": [{"kind": "count", "key": "late", "deduct": 5},
    {"kind": "count", "key": "praise", "deduct": 5, "effect": "add", "cap": 10}]}"""
GROWING = '{"kind": "events", "points": 100, "clauses": [{"kind": "count", "key": "n", "deduct": 20, "repeat": [1, 2]%s}]}'
LATE = """{"kind": "events", "points": 0, "floor": null, "clauses": [
    {"kind": "count", "key": "workdays_late", "deduct": 0.1, "cap": 1}]}"""
BELOW_ZERO = '{"kind": "events", "points": 2, "floor": null, "clauses": [{"kind": "count", "key": "n", "deduct": 0.5}]}'
DEDUCT = '{"kind": "events", "points": 100, "clauses": [{"kind": "flag", "key": "unclear", "deduct": 1.5}]}'
RISK = '{"kind": "risk", "threshold": 50}'
RATIO = '{"kind": "ratio", "points": 10, %s}'
RANGE = '{"kind": "range", "points": 3, "lo": 10, "hi": 30%s}'
BUDGET = '{"kind": "band", "bounds": "at-most", "bands": [[30, 3], [35, 2], [40, 1]]}'
GDP = """{"kind": "band", "bounds": "above", "bands": [[2.5, null, "A"], [1.2, null, "B"], [0.5, null, "C"]],
          "otherwise": null, "otherwise_label": "none"}"""
LEVELS = '{"kind": "levels", "levels": [["好", 3], ["中", 2], ["差", 1]]}'
RANK = '{"kind": "rank", "points": 30, "step": 5%s}'
PLACES = '{"kind": "rank-table", "top": [5, 4, 3, 2, 1], "bottom": [-5, -4, -3, -2, -1]}'
BEST = '{"kind": "rank-ratio", "points": 400%s}'
PLACES_BY_VALUE = '{"kind": "rank-table", "top": [5], "bottom": [-5], "given": "values"}'
PANEL = '{"kind": "panel", %s}'
GATE = """{"kind": "gate", "conditions": [{"kind": "compare", "value": "share", "op": ">=", "than": 30},
                                          {"kind": "yes", "input": "policy"}],
           "then": {"kind": "formula", "formula": "bonus", "cap": 10}}"""
ALLOWED = """{"kind": "gate", "allow": 1, "pass_points": 80, "fail_points": 0, "conditions": [
    {"kind": "yes", "input": "a"}, {"kind": "yes", "input": "b"}, {"kind": "yes", "input": "c"}]}"""
STANDS_IN = """{"kind": "gate", "conditions": [{"kind": "any", "conditions": [
    {"kind": "compare", "value": "practised", "op": ">=", "than": 3},
    {"kind": "one-of", "input": "certificate", "options": ["省级", "国家级"], "all_options": ["无", "省级", "国家级"]}]}]}"""
BONUS = """{"kind": "bonus", "cap": 10, "items": [["立项", {"地市级": 0.5, "省公司级": 1}, "", {}, 2],
            ["成果", {"地市级": 1, "省部级": 2}, "", {}, 5]]}"""
PRIZES = (
    '{"kind": "bonus", "items": [["奖", {"国家级": 100, "省部级": 50, "地市级": 15}, "", {"一等": 1, "二等": 0.7, "三等": 0.5}]]}'
)
VETO = '{"kind": "veto", "grades": [[90, "A"], [80, "B"], [0, "C"]], "red_lines": [%s]}'
CAPPED = '{"when": {"kind": "compare", "value": "events", "op": ">", "than": 0}, "cap": 69.9}'
OVER_A_RULE = VETO[:-1] % CAPPED + ', "of": {"kind": "ratio", "points": 95, "target": 100}}'
LOSS_MAKING = (
    '{"when": {"kind": "yes", "input": "loss"}, "grade_cap": "C"}, {"when": {"kind": "yes", "input": "turned"}, "grade_cap": "B"}'
)
SUM = '{"kind": "composite", %s "parts": [%s]}'
HALVES = SUM % (
    '"cap": 120,',
    """{"key": "s", "weight": 0.5, "rule": {"kind": "formula", "formula": "s"}},
    {"key": "c", "weight": 0.5, "rule": {"kind": "formula", "formula": "c"}}""",
)
THREE = SUM % (
    '"join": "mean",',
    ", ".join(
        f'{{"key": "{key}", "missing": "%s", "rule": {{"kind": "formula", "formula": "{key}", "full_points": 5}}}}'
        for key in "abc"
    ),
)
WEIGHTED = SUM % (
    "",
    """{"key": "a", "rule": {"kind": "ratio", "points": 60, "value": "a", "target": 100}},
    {"key": "b", "missing": "exclude", "rule": {"kind": "ratio", "points": 40, "value": "b", "target": 100}}""",
)
CROSS = SUM % (
    '"held_at_standard": true, "coefficient": 1.1, "cap": null,',
    """
    {"key": "profit", "standard": 30, "rule": {"kind": "formula", "formula": "profit"}},
    {"key": "growth", "standard": 20, "rule": {"kind": "formula", "formula": "growth"}},
    {"key": "eva", "standard": 40, "exempt": true, "rule": {"kind": "formula", "formula": "eva"}}""",
)
GRADED = SUM % ('"grades": [[90, "A"], [80, "B"]],', '{"key": "a", "rule": {"kind": "formula", "formula": "a"}}')
MINIMUM = SUM % (
    '"join": "min",',
    ", ".join(f'{{"key": "{key}", "rule": {{"kind": "formula", "formula": "{key}"}}}}' for key in "ab"),
)
BY_CLASS = """{"kind": "by-class", "classes": [["A", {"kind": "ratio", "points": 10, "target": 100}], ["B", {"kind": "yes-no", "points": 5,
    "input": "done"}]]}"""
BY_GDP = """{"kind": "by-class", "classify": %s, "classes": [
    ["A", {"kind": "formula", "formula": "1"}], ["B", {"kind": "formula", "formula": "2"}]]}"""
CASES = """{"kind": "cases", "cases": [{"when": [{"kind": "compare", "value": "actual", "op": "<", "than": 80}], "rule": {"kind": "formula",
    "formula": "0"}}], "otherwise": {"kind": "ratio", "points": 10, "target": 100}}"""
LOSSES = """{"kind": "cases", "cases": [{"when": [{"kind": "compare", "value": "target", "op": "<", "than": 0}], "rule":
    {"kind": "two-sided", "base": 30, "step": 3, "add": 0.5, "add_cap": 3, "deduct_cap": 6}}],
    "otherwise": {"kind": "two-sided", "base": 30, "step": 3, "add_cap": 6, "deduct_cap": 6}}"""
MANUAL = '{"kind": "manual", "hi": 5}'
MOVED = '{"kind": "formula", "formula": "if(before - now >= 3, 2, if(now - before > 20, -2, 0))"}'
PERIODS = """{"kind": "periods", "input": "months", %s,
              "rule": {"kind": "target-step", "points": 10, "target": 98, "step": 1, "deduct": 2}}"""
QUINTILE = """{"kind": "band", "bounds": "at-most", "value": "rank(a, v) / count(v) * 100",
               "bands": [[20, 100], [40, 80], [60, 60], [80, 40]], "otherwise": 20}"""
STATION = '{"kind": "formula", "formula": "own / 310 * base"}'

CASES_TABLE: list[tuple[str, str, str, str]] = [
    ("M1-at-base", REL, '{"actual": 99.9981}', "80.00"),
    ("M1-far-below", REL, '{"actual": 99.9976}', "75.00"),
    ("M1-half-a-step-rounds-up", REL, '{"actual": 99.99795}', "78.00"),
    ("M1-floor", REL, '{"actual": 99}', "0.00"),
    ("M2-between", CSAT, '{"actual": 88.9}', "113.00"),
    ("M2-part-of-a-step", CSAT, '{"actual": 87.55}', "99.00"),
    ("M3-drop-beyond", DROP, '{"actual": -3.8}', "120.00"),
    ("M3-drop-between", DROP, '{"actual": -3.2}', "108.00"),
    ("M3-rise-gives-nothing", DROP, '{"actual": 0.5}', "0.00"),
    ("beyond-flat", TWO % '"above": {"kind": "flat"}', '{"actual": 95}', "100.00"),
    ("beyond-extend", TWO % '"above": {"kind": "extend"}', '{"actual": 85}', "110.00"),
    ("beyond-extend-capped", TWO % '"above": {"kind": "extend", "cap": 105}', '{"actual": 85}', "105.00"),
    ("beyond-extend-below", TWO % '"below": {"kind": "extend"}', '{"actual": 50}', "40.00"),
    ("beyond-fixed", TWO % '"below": {"kind": "fixed", "points": 0}', '{"actual": 59.99}', "0.00"),
    ("beyond-fixed-spares-the-knot", TWO % '"below": {"kind": "fixed", "points": 0}', '{"actual": 60}', "60.00"),
    ("beyond-fixed-takes-the-knot", TWO % '"below": {"kind": "fixed", "from_knot": true}', '{"actual": 60}', "0.00"),
    ("beyond-proportional", TWO % '"below": {"kind": "proportional"}', '{"actual": 30}', "30.00"),
    ("beyond-adds", TWO % '"above": {"kind": "step", "step": 2, "add": 1, "cap": 103}', '{"actual": 90}', "103.00"),
    ("M4-projection", '{"kind": "piecewise", "knots": [[83, 120], [91, 100]], "value": "ytd / 60%"}', '{"ytd": 53}', "106.67"),
    ("M5-below", FAST % "", '{"actual": 86}', "112.00"),
    ("M5-floor", FAST % "", '{"actual": 40}', "0.00"),
    ("M5-above", FAST % "", '{"actual": 99}', "120.00"),
    ("M5-whole-steps-down", FAST % ', "steps": "floor"', '{"actual": 86.5}', "116.00"),
    ("M5-whole-steps-up", FAST % ', "steps": "ceil"', '{"actual": 86.5}', "112.00"),
    ("M5-sub-cap", FAST % ', "deduct_cap": 10', '{"actual": 80}', "110.00"),
    ("M5-tolerance", FAST % ', "tolerance": 1', '{"actual": 86}', "116.00"),
    ("M5-zero-beyond-spares-the-bound", FAST % ', "zero_beyond": 10', '{"actual": 78}', "80.00"),
    ("M5-zero-beyond-inclusive", FAST % ', "zero_beyond": 10, "zero_inclusive": true', '{"actual": 78}', "0.00"),
    ("M5-below-zero", FAST % ', "floor": null', '{"actual": 48}', "-40.00"),
    ("M5-cost-over-by-1.8-per-cent", COST, '{"actual": 1018, "target": 1000}', "3.20"),
    ("M5-cost-met", COST, '{"actual": 1000, "target": 1000}', "5.00"),
    ("M6-ratio", RATIO % '"target": 100', '{"actual": 92}', "9.20"),
    ("M6-capped", RATIO % '"target": 100', '{"actual": 130}', "10.00"),
    ("M6-uncapped", RATIO % '"target": 100, "capped": false', '{"actual": 130}', "13.00"),
    ("M6-own-cap", RATIO % '"target": 100, "cap": 12', '{"actual": 130}', "12.00"),
    ("M6-zero-below", RATIO % '"target": 100, "zero_below_percent": 80', '{"actual": 79.9}', "0.00"),
    ("M6-zero-below-spares-the-bound", RATIO % '"target": 100, "zero_below_percent": 80', '{"actual": 80}', "8.00"),
    ("M6-zero-at-the-bound", RATIO % '"target": 100, "zero_below_percent": 80, "zero_inclusive": true', '{"actual": 80}', "0.00"),
    ("M6-lower-is-better", RATIO % '"target": 80, "direction": "lower"', '{"actual": 100}', "8.00"),
    ("M6-lower-by-difference", RATIO % '"target": 80, "direction": "lower", "inverse": "difference"', '{"actual": 100}', "7.50"),
    ("M6-whole-per-cents", RATIO % '"target": 3, "percent_places": 0', '{"actual": 2}', "6.70"),
    ("M6-thirds-are-not-cut", RATIO % '"target": 3', '{"actual": 2}', "6.67"),
    ("M7-better", PROFIT % "6", '{"actual": 107, "target": 100}', "32.33"),
    ("M7-at-target", PROFIT % "6", '{"actual": 100, "target": 100}', "30.00"),
    ("M7-negative-target", PROFIT % "6", '{"actual": -94, "target": -100}', "32.00"),
    ("M7-add-cap", PROFIT % "3", '{"actual": 120, "target": 100}', "33.00"),
    ("M7-anti-sandbagging-honest", SANDBAGGING, '{"actual": 200, "target": 100, "baseline": 100}', "36.00"),
    ("M7-anti-sandbagging-30-per-cent", SANDBAGGING, '{"actual": 200, "target": 70, "baseline": 100}', "34.00"),
    ("M7-anti-sandbagging-half", SANDBAGGING, '{"actual": 200, "target": 50, "baseline": 100}', "33.00"),
    ("M7-losses-count-half", LOSSES, '{"actual": -70, "target": -100}', "33.00"),
    ("M7-losses-other-case", LOSSES, '{"actual": 106, "target": 100}', "32.00"),
    ("M8-nothing-happened", SAFETY, "{}", "25.00"),
    ("M8-per-0.3", SAFETY, '{"injury": 0.45}', "23.50"),
    ("M8-discretion", SAFETY, '{"outage": [1, 1.5], "outage_reason": "责任主次"}', "22.50"),
    ("M8-floor", SAFETY, '{"accident": 13}', "0.00"),
    ("M8-sub-caps", ACCOUNTS, '{"budget": 3, "tariff": 3, "errors": 10, "unfinished": 2}', "3.00"),
    ("M8-below-zero", BELOW_ZERO, '{"n": 6}', "-1.00"),
    ("M8-lookup", SUBSTATION, '{"situation": "single", "class": "B"}', "6.00"),
    ("M8-lookup-nothing", SUBSTATION, '{"situation": "无"}', "8.00"),
    ("M8-flag", DEDUCT, '{"unclear": "是"}', "98.50"),
    ("M8-flag-not-set", DEDUCT, '{"unclear": false}', "100.00"),
    ("M9-yes", '{"kind": "yes-no", "points": 4}', '{"actual": true}', "4.00"),
    ("M9-no", '{"kind": "yes-no", "points": 4, "otherwise": 1}', '{"actual": "否"}', "1.00"),
    ("M10-lower-bound-included", RANGE % "", '{"actual": 10}', "3.00"),
    ("M10-upper-bound-excluded", RANGE % ', "hi_inclusive": false', '{"actual": 30}', "0.00"),
    ("M10-outside-by-steps", RANGE % ', "step": 1, "deduct": 0.5', '{"actual": 33}', "1.50"),
    ("M10-one-bound", '{"kind": "range", "points": 3, "hi": 30}', '{"actual": -5}', "3.00"),
    ("M11-at-most", BUDGET, '{"actual": 30}', "3.00"),
    ("M11-next-band", BUDGET, '{"actual": 30.01}', "2.00"),
    ("M11-none", BUDGET, '{"actual": 41}', "0.00"),
    ("M11-class-B", GDP, '{"actual": 2.5}', "B"),
    ("M11-class-A", GDP, '{"actual": 2.51}', "A"),
    ("M11-no-class", GDP, '{"actual": 0.5}', "none"),
    ("M12-percent", RANK % "", '{"rank": 4}', "25.50"),
    ("M12-absolute", RANK % ', "measure": "absolute"', '{"rank": 4}', "15.00"),
    ("M12-free-ranks", RANK % ', "free": 3', '{"rank": 4}', "28.50"),
    ("M12-floor", RANK % "", '{"rank": 30}', "0.00"),
    ("M12-dense", RANK % ', "given": "values", "ties": "dense"', '{"actual": 95, "values": [98, 97, 97, 95]}', "27.00"),
    ("M12-competition", RANK % ', "given": "values"', '{"actual": 95, "values": [98, 97, 97, 95]}', "25.50"),
    ("M12-average", RANK % ', "given": "values", "ties": "average"', '{"actual": 97, "values": [98, 97, 97, 95]}', "27.75"),
    (
        "M12-lower-is-better",
        RANK % ', "given": "values", "direction": "lower"',
        '{"actual": 95, "values": [98, 97, 97, 95]}',
        "30.00",
    ),
    ("M12-mean-of-periods", RANK % ', "given": "ranks"', '{"ranks": [1, 3]}', "28.50"),
    ("M13-best", BEST % "", '{"actual": 66.6225, "values": [66.6225, 72.7]}', "366.56"),
    ("M13-lower", BEST % ', "direction": "lower"', '{"actual": 8, "values": [8, 6]}', "300.00"),
    ("M13-spread", BEST % ', "method": "spread", "least": 200', '{"actual": 70, "values": [60, 70, 80]}', "300.00"),
    ("M13-mean", BEST % ', "method": "mean", "cap": 500', '{"actual": 90, "values": [90, 60, 30]}', "500.00"),
    ("M14-up", MOVED, '{"before": 10, "now": 7}', "2.00"),
    ("M14-down", MOVED, '{"before": 1, "now": 22}', "-2.00"),
    ("M15-formula", '{"kind": "formula", "formula": "10 * (1 + (a - 5%) / 8%)", "cap": 10}', '{"a": 0.046}', "9.50"),
    ("M16-level", LEVELS, '{"actual": "中"}', "2.00"),
    ("M16-ballots", PANEL % '"hi": 100', '{"ballots": [90, 80, 85]}', "85.00"),
    ("M16-extremes-dropped", PANEL % '"drop_high": 1, "drop_low": 1', '{"ballots": [100, 90, 80, 20]}', "85.00"),
    ("M16-too-few-to-drop", PANEL % '"drop_high": 1, "drop_low": 1, "drop_from": 5', '{"ballots": [100, 90, 80, 20]}', "72.50"),
    (
        "M16-groups",
        PANEL % '"groups": [["leaders", "", 0.6], ["peers", "", 0.4]]',
        '{"leaders": [90], "peers": [80, 70]}',
        "84.00",
    ),
    (
        "M16-group-excluded",
        PANEL % '"missing": "exclude", "groups": [["leaders", "", 0.6], ["peers", "", 0.4]]',
        '{"leaders": [90]}',
        "90.00",
    ),
    ("M16-scaled", PANEL % '"points": 15', '{"ballots": [90, 80]}', "12.75"),
    ("M16-median", PANEL % '"average": "median"', '{"ballots": [90, 80, 10]}', "80.00"),
    ("M16-levels", PANEL % '"levels": [["好", 7], ["中", 5], ["差", 3]]', '{"ballots": ["好", "中", "中", "差"]}', "5.00"),
    ("M17-evidence", MILESTONES, '{"late": 1, "praise": 3}', "115.00"),
    ("M17-cap", MILESTONES, '{"praise": 3}', "120.00"),
    ("M18-passed", GATE, '{"share": 30, "policy": true, "bonus": 12}', "10.00"),
    ("M18-failed", GATE, '{"share": 29.9, "policy": true, "bonus": 12}', "未通过"),
    ("M18-one-failure-allowed", ALLOWED, '{"a": true, "b": false, "c": true}', "80.00"),
    ("M18-two-failures", ALLOWED, '{"a": true, "b": false, "c": false}', "0.00"),
    ("M18-a-certificate-stands-in", STANDS_IN, '{"practised": 1, "certificate": "省级"}', "通过"),
    ("M18-neither", STANDS_IN, '{"practised": 1, "certificate": "无"}', "未通过"),
    ("M19-above", RISK, '{"actual": 53.5}', "0.00"),
    ("M19-below", RISK, '{"actual": 47}', "-3.00"),
    (
        "M20-highest-of-a-project",
        BONUS,
        """{"achievements": [{"project": "p", "item": "成果", "level": "省部级"},
                              {"project": "p", "item": "立项", "level": "省公司级"}]}""",
        "2.00",
    ),
    ("M20-item-cap", BONUS, '{"achievements": [{"item": "立项", "level": "省公司级", "count": 5}]}', "2.00"),
    ("M20-nothing", BONUS, "{}", "0.00"),
    ("M20-prize", PRIZES, '{"achievements": [{"level": "省部级", "prize": "二等"}, {"level": "地市级"}]}', "50.00"),
    ("M20-first-place", PLACES, '{"rank": 1, "units": 12}', "5.00"),
    ("M20-middle", PLACES, '{"rank": 6, "units": 12}', "0.00"),
    ("M20-last-place", PLACES, '{"rank": 12, "units": 12}', "-5.00"),
    ("M21-capped", VETO % CAPPED, '{"total": 88.4, "events": 1}', "69.90"),
    ("M21-below-the-cap-anyway", VETO % CAPPED, '{"total": 60, "events": 1}', "60.00"),
    ("M21-not-hit", VETO % CAPPED, '{"total": 88.4, "events": 0}', "88.40"),
    ("M21-zero", VETO % '{"when": {"kind": "yes", "input": "x"}, "zero": true}', '{"total": 88.4, "x": "是"}', "0.00"),
    (
        "M22-concealed-counts-thrice",
        '{"kind": "formula", "formula": "100 - (reported + 3 * concealed - 91)"}',
        '{"reported": 89, "concealed": 2}',
        "96.00",
    ),
    ("M21-over-a-rule", OVER_A_RULE, '{"actual": 100, "events": 1}', "69.90"),
    ("M20-place-from-values", PLACES_BY_VALUE, '{"actual": 3, "values": [9, 8, 3]}', "-5.00"),
    ("M23-all-reach-base", CROSS, '{"profit": 33, "growth": 22, "eva": 45}', "110.00"),
    ("M23-one-below-base", CROSS, '{"profit": 29, "growth": 22, "eva": 45}', "94.00"),
    ("M25-second-offence", GROWING % "", '{"n": 2}', "40.00"),
    ("M25-offence-after-an-earlier-one", GROWING % ', "earlier": 1', '{"n": 1}', "60.00"),
    ("M26-halves", HALVES, '{"s": 113, "c": 110}', "111.50"),
    ("M26-cap", HALVES, '{"s": 130, "c": 125}', "120.00"),
    ("M26-lowest-counts", MINIMUM, '{"a": 80, "b": 70}', "70.00"),
    ("M27-joint-cap", TWO_REFERENCES, '{"actual": 80, "target": 100, "previous": 100}', "0.00"),
    ("M27-two-references", TWO_REFERENCES, '{"actual": 98, "target": 100, "previous": 98}', "9.00"),
    ("M28-lateness", LATE, '{"workdays_late": 3}', "-0.30"),
    ("M28-lateness-capped", LATE, '{"workdays_late": 30}', "-1.00"),
    ("C3-two-fives-third-excluded", THREE % (("exclude",) * 3), '{"a": 5, "b": 5}', "5.00"),
    ("C3-two-fives-third-zero", THREE % (("zero",) * 3), '{"a": 5, "b": 5}', "3.33"),
    ("C3-two-fours-third-full", THREE % (("full",) * 3), '{"a": 4, "b": 4}', "4.33"),
    ("C3-weight-handed-on", WEIGHTED, '{"a": 90}', "90.00"),
    ("C4-0.1+0.2", '{"kind": "formula", "formula": "0.1 + 0.2"}', "{}", "0.30"),
    ("C7-class-A", BY_CLASS, '{"class": "A", "actual": 80}', "8.00"),
    ("C7-class-B", BY_CLASS, '{"class": "B", "done": true}', "5.00"),
    ("C7-class-from-a-number", BY_GDP % GDP, '{"actual": 2}', "2.00"),
    ("cases-first", CASES, '{"actual": 79}', "0.00"),
    ("cases-otherwise", CASES, '{"actual": 80}', "8.00"),
    ("manual", MANUAL, '{"points": 4.5, "reason": "台账齐全", "second_person": "李"}', "4.50"),
    ("S19-station-pay", STATION, '{"own": 248, "base": 3000}', "2400.00"),
    ("periods-worst", PERIODS % '"join": "min"', '{"months": [98, 97, 99.5, 95]}', "4.00"),
    ("periods-sum-without-the-lowest", PERIODS % '"join": "sum", "drop_low": 1', '{"months": [98, 97, 99.5, 95]}', "28.00"),
    ("periods-last", PERIODS % '"join": "last"', '{"months": [98, 97]}', "8.00"),
    (
        "standard-score",
        '{"kind": "formula", "formula": "80 + 10 * (a - mean(v)) / stdevp(v)"}',
        '{"a": 3, "v": [1, 2, 3]}',
        "92.25",
    ),
    ("quintile-by-rank", QUINTILE, '{"a": 97, "v": [99, 98, 97, 96, 95, 94, 93, 92, 91, 90]}', "80.00"),
    (
        "formula-with-an-answer",
        '{"kind": "formula", "formula": "if(and(red, t > 69.9), 69.9, t)"}',
        '{"red": true, "t": 88}',
        "69.90",
    ),
    ("formula-efficacy", '{"kind": "formula", "formula": "60 + 40 * (a - 70) / (90 - 70)", "cap": 100}', '{"a": 80}', "80.00"),
    ("work-points", '{"kind": "share", "pool": 9000}', '{"own": 96, "all": [120, 96, 84]}', "2880.00"),
]


def _read(text: str) -> Json:
    read: Json = json.loads(text, parse_float=Decimal)
    return read


@pytest.mark.parametrize(("rule", "given", "expected"), [row[1:] for row in CASES_TABLE], ids=[row[0] for row in CASES_TABLE])
def test_a_worked_example_scores_as_expected(rule: str, given: str, expected: str) -> None:
    scored = score(rule_from(_read(rule)), _read(given))

    assert str(scored.verdict if scored.points is None else scored.points) == expected


@pytest.mark.parametrize("rule", sorted({row[1] for row in CASES_TABLE}))
def test_a_rule_survives_its_json(rule: str) -> None:
    made = rule_from(_read(rule))

    assert rule_from(as_json(made)) == made


@pytest.mark.parametrize("rule", sorted({row[1] for row in CASES_TABLE}))
def test_a_rule_explains_itself_in_chinese(rule: str) -> None:
    said = rule_from(_read(rule)).explain()

    assert said.endswith(("。", "。)"))
    assert not {"None", "Decimal", "{", "}"} & set(said.replace("{", " { ").replace("}", " } ").split())


@pytest.mark.parametrize(("rule", "given"), [row[1:3] for row in CASES_TABLE], ids=[row[0] for row in CASES_TABLE])
def test_the_working_ends_with_the_points(rule: str, given: str) -> None:
    scored = score(rule_from(_read(rule)), _read(given))

    assert scored.lines[-1].amount == scored.points
    assert all(line.label and line.formula for line in scored.lines)


@pytest.mark.parametrize(
    ("given", "points", "grade"),
    [('{"a": 89.995}', "90.00", "A"), ('{"a": 89.994}', "89.99", "B"), ('{"a": 79}', "79.00", None)],
)
def test_a_grade_is_taken_from_the_rounded_total(given: str, points: str, grade: str | None) -> None:
    scored = score(rule_from(_read(GRADED)), _read(given))

    assert (str(scored.points), scored.verdict) == (points, grade)


@pytest.mark.parametrize(
    ("loss", "turned", "grade"), [("是", "否", "C"), ("否", "是", "B"), ("否", "否", "A"), ("是", "是", "C")]
)
def test_a_red_line_caps_the_grade_and_not_the_points(loss: str, turned: str, grade: str) -> None:
    scored = score(rule_from(_read(VETO % LOSS_MAKING)), {"total": Decimal(95), "loss": loss, "turned": turned})

    assert (str(scored.points), scored.verdict) == ("95.00", grade)
