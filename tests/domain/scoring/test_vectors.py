"""The handbook's scoring vectors, translated to our schema in one visible table, computed and compared.

``TRANSLATIONS`` has one function a method of the vectors: it takes a row's params and input as they stand in the file and gives a rule
and inputs in our JSON. ``NOT_COVERED`` lists the vectors no rule answers, with the reason.
"""

import csv
import json
from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from application.trial import rule_from
from domain.scoring import Rounding, score
from domain.scoring.grades import Quota, TieBreak, order, quota_of

Json = dict[str, Any]
Translated = tuple[Json, Json]

FILE = Path(__file__).parents[1] / "vectors" / "scoring.csv"
ROWS = {row["id"]: row for row in csv.DictReader(FILE.read_text(encoding="utf-8").splitlines())}

GRADES = {
    "QUOTA-A-8",
    "QUOTA-A-9",
    "QUOTA-A-21",
    "QUOTA-A-26",
    "TIE-BREAK",
}  # Of groups, not of one unit: domain/scoring/grades.py.
NOT_COVERED: Mapping[str, str] = {}


def piecewise(params: Json, given: Json) -> Translated:
    """``knots`` as they stand; ``below`` and ``above`` are steps from the outermost knot; ``base``/``full`` are 100 and 120 points."""
    if "knots" not in params:
        # T03 drop: at 0 (no drop at all) there are no points, between 0 and the base the score is proportional to it.
        knots = [[params["full"], 120], [params["base"], 100], [0, 0]]
        return {"kind": "piecewise", "knots": knots}, given
    rule: Json = {"kind": "piecewise", "knots": params["knots"]}
    for side in ("below", "above"):
        if side in params:
            rule[side] = {"kind": "step", "steps": "half-up", **params[side]}
    if "concealment_multiplier" in params:
        rule["value"] = f"reported + {params['concealment_multiplier']} * concealed_found"
        return rule, given
    if "ytd" in given:
        # The projection is rounded to one decimal before it is scored; the vector states it too, and ours must equal it.
        return rule | {"value": "round(ytd / progress_pct * 100, 1)"}, {
            "ytd": given["ytd"],
            "progress_pct": given["progress_pct"],
        }
    return rule, given


def target_step(params: Json, given: Json) -> Translated:
    """``full``/``std``/``target`` is the target; ``step_pp`` is absolute, ``step_pct`` relative."""
    target = params.get("full") or params.get("std")
    rule: Json = {
        "kind": "target-step",
        "points": params.get("full_score") or params["weight"],
        "step": params.get("step_pp") or params["step_pct"],
        "measure": "absolute" if "step_pp" in params else "relative",
        "deduct": params["deduct"],
        "direction": params.get("direction", "higher"),
    }
    return rule | ({} if target is None else {"target": target}), given


def two_sided(params: Json, given: Json) -> Translated:
    """One point a step; ``whole_steps`` drops the rest of a step."""
    steps = {"proportional": "proportional", "whole_steps": "floor"}[params["step_mode"]]
    rule = {"kind": "two-sided", "base": params["base"], "step": params["step_pct"], "steps": steps}
    return rule | {"add_cap": params["add_cap"], "deduct_cap": params["deduct_cap"]}, given


def composite(params: Json, given: Json) -> Translated:
    """Weighted parts that are given as scores; the letter's total converts by 1.2 and has an adjustment within bounds."""
    if "kpi" not in params:
        parts = [
            {"key": name, "weight": weight, "rule": {"kind": "formula", "formula": name}}
            for name, weight in zip(given, params["parts"], strict=True)
        ]
        return {"kind": "composite", "parts": parts, "cap": params["cap"]}, given
    # T03, team leader: five KPI of weight 10, tasks of 4, 4 and 2, three evaluations of 15, 10 and 15 on a scale of 100.
    letter = [(name, "10", value) for name, value in given["kpi_scores"].items()]
    letter += [("t1", "4", given["t1"]), ("t2", "4", given["t2"]), ("t3", "2", given["t3"])]
    evaluations = [
        (f"e{number}", weight, value) for number, (weight, value) in enumerate(zip((15, 10, 15), given["evals"], strict=True), 1)
    ]
    parts = [_scored(name, weight, "1.2") for name, weight, _ in letter] + [
        _scored(name, weight, "1") for name, weight, _ in evaluations
    ]
    low, high = params["adj"]
    parts.append({"key": "adj", "rule": {"kind": "formula", "formula": "adj", "floor": low, "cap": high}})
    parts.append({"key": "risk", "rule": {"kind": "formula", "formula": "risk", "cap": 0}})
    values = {name: value for name, _, value in [*letter, *evaluations]}
    rule = {"kind": "composite", "parts": parts, "grades": params["grades"]}
    return rule, values | {"adj": given["adj"], "risk": given["risk"]}


def _scored(name: str, weight: object, divide: str) -> Json:
    return {
        "key": name,
        "weight": f"{Decimal(str(weight)) / 100}",
        "divide": divide,
        "rule": {"kind": "formula", "formula": name},
    }


def risk(params: Json, given: Json) -> Translated:
    """One point a unit below the threshold."""
    return {"kind": "risk", "threshold": params["threshold"]}, given


def ratio(params: Json, given: Json) -> Translated:
    """Capped at the weight."""
    return {"kind": "ratio", "points": params["weight"], "capped": params["cap"] == "weight"}, given


def in_range(params: Json, given: Json) -> Translated:
    """Bounds included."""
    return {"kind": "range", "lo": params["lo"], "hi": params["hi"], "points": params["points"]}, given


def yes_no(params: Json, given: Json) -> Translated:
    """是 or 否."""
    return {"kind": "yes-no", "points": params["points"]}, given


def events(params: Json, given: Json) -> Translated:
    """Three tables of events."""
    if "rules" in params:
        # 「一类障碍超标」 counts the input 「一类障碍」 above the quota.
        clauses: list[Json] = [{"kind": "count", "key": name, "deduct": deduct} for name, deduct in params["rules"].items()]
        clauses[2] |= {"key": "一类障碍", "quota": "quota"}
        return {"kind": "events", "points": params["group"], "clauses": clauses}, given
    if "per" in params:
        rule = {
            "kind": "events",
            "points": params["points"],
            "clauses": [{"kind": "count", "key": "missing", "deduct": params["per"]}],
        }
        return rule, given
    # T08: −10 for a missing report and −5 for an empty one, doubled for units that are only supervised [handbook 3.5].
    clauses = [
        {"kind": "count", "key": "missing_feedback", "deduct": 10},
        {"kind": "count", "key": "empty_feedback", "deduct": 5},
    ]
    rule = {
        "kind": "events",
        "points": params["start"],
        "clauses": clauses,
        "multiplier": params["multiplier_if_only_supervised"],
    }
    return rule | {"multiplier_when": {"kind": "yes", "input": "only_supervised"}}, given


def rank(params: Json, given: Json) -> Translated:
    """A rank, twelve of them, or the values of all units, of which one is ours."""
    rule = {"kind": "rank", "points": params["points"], "step": params["step_pct"]}
    if "ranks" in given:
        return rule | {"given": "ranks"}, given
    if "values" in given:
        own = given["values"][given["unit_index"]]
        return rule | {"given": "values", "ties": params["ties"].split("(")[0]}, {"actual": own, "values": given["values"]}
    return rule, given


def rank_ratio(params: Json, _: Json) -> Translated:
    """The composites stand in the vector's note; the weights of its corrections do not, so we begin at the composites."""
    return {"kind": "rank-ratio", "points": params["points"]}, {"values": ["66.6225", "72.7000"]}


def band(_: Json, given: Json) -> Translated:
    """Lower bounds included; M11 gives the points of A to E."""
    rows = [[90, 100, "A"], [80, 80, "B"], [70, 60, "C"], [60, 40, "D"]]
    return {"kind": "band", "bands": rows, "otherwise": 20, "otherwise_label": "E"}, given


def formula(params: Json, given: Json) -> Translated:
    """``a`` is the actual value."""
    return {"kind": "formula", "formula": params["expr"], "cap": params["cap"]}, {"a": given["actual"]}


def bonus(params: Json, given: Json) -> Translated:
    """Level times prize; or the highest level a project."""
    if "level" in params:
        item = {"key": "成果", "levels": params["level"], "prizes": params["prize"]}
        return {"kind": "bonus", "items": [item]}, {"achievements": [given]}
    # The vector writes the points behind the level's name: 省部级成果2.
    levels = {"省部级成果": 2, "地市级成果": 1}
    done = [{"project": name, "level": level[:-1]} for name, list_ in given.items() for level in list_]
    return {"kind": "bonus", "items": [{"key": "成果", "levels": levels, "cap": params["part_cap"]}]}, {"achievements": done}


def gate(params: Json, given: Json) -> Translated:
    """No gate may fail; behind it lies the bonus."""
    none_failed = {"kind": "compare", "value": "fails", "op": "=", "than": 0}
    rule = {"kind": "gate", "conditions": [none_failed], "fail_verdict": params["any_fail"]}
    return rule | {"then": {"kind": "formula", "formula": "bonus"}}, given


def veto(params: Json, given: Json) -> Translated:
    """A red line caps the total."""
    red = {"when": {"kind": "yes", "input": "red_line"}, "cap": params["cap_total"]}
    return {"kind": "veto", "total": "total_before", "red_lines": [red]}, given


def work_points(params: Json, given: Json) -> Translated:
    """A share of a pool, or a coefficient by the distance from the average."""
    if "pool_yuan" in params:
        everyone = params["points"]
        return {"kind": "share"}, {"pool": params["pool_yuan"], "own": everyone[given["person"]], "all": list(everyone.values())}
    base = Decimal(str(params["base"]))
    more, less = (base + Decimal(str(params[key])) for key in (">=avg", "<70%avg"))
    rule = {"kind": "band", "value": "points / avg * 100", "bands": [[100, str(more)], [70, str(base)]], "otherwise": str(less)}
    return rule, given


TRANSLATIONS: Mapping[str, Callable[[Json, Json], Translated]] = {
    "PIECEWISE_LINEAR": piecewise,
    "TARGET_STEP": target_step,
    "STEP_BOTH": two_sided,
    "COMPOSITE": composite,
    "RISK_DEDUCT": risk,
    "RATIO": ratio,
    "IN_RANGE": in_range,
    "YES_NO": yes_no,
    "DEDUCT_EVENTS": events,
    "RANK_STEP": rank,
    "RANK_RATIO": rank_ratio,
    "BAND": band,
    "FORMULA": formula,
    "BONUS_EVENTS": bonus,
    "GATE": gate,
    "VETO": veto,
    "WORK_POINTS": work_points,
}


def _read(text: str) -> Json:
    read: Json = json.loads(text, parse_float=Decimal)
    return read


@pytest.mark.parametrize("row", [row for name, row in ROWS.items() if name not in GRADES], ids=lambda row: row["id"])
def test_a_vector_scores_as_expected(row: dict[str, str]) -> None:
    body, given = TRANSLATIONS[row["method"]](_read(row["params_json"]), _read(row["input_json"]))
    if row["method"] == "RANK_RATIO":
        given |= {"actual": given["values"][0 if "鹿城" in row["id"] else 1]}
    places = len(row["expected"].partition(".")[2])

    scored = score(rule_from(body), given, Rounding(places=places))

    assert str(scored.verdict if scored.points is None else scored.points) == row["expected"]


@pytest.mark.parametrize("name", sorted(name for name in GRADES if name.startswith("QUOTA")))
def test_a_quota_vector_gives_its_places(name: str) -> None:
    params, given = _read(ROWS[name]["params_json"]), _read(ROWS[name]["input_json"])
    quota = Quota(grade="A", percent=Decimal(params["A_max_pct"]), rounding=params["round"])

    places, _ = quota_of(quota, given["headcount"])

    assert str(places) == ROWS[name]["expected"]


def test_the_tie_vector_is_broken_by_key_work() -> None:
    given = _read(ROWS["TIE-BREAK"]["input_json"])

    first, *_ = order(given, [TieBreak(key="total"), TieBreak(key="key", label="重点工作得分")])

    assert f"{first.unit} ranks first" == ROWS["TIE-BREAK"]["expected"]
    assert first.decided_by == "重点工作得分"


def test_every_vector_is_covered() -> None:
    assert len(ROWS) == 58
    assert not NOT_COVERED
    assert {row["method"] for name, row in ROWS.items() if name not in GRADES} == set(TRANSLATIONS)
