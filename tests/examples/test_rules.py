"""Every row of the six real tables is a rule that scores on its sample input."""

import csv
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from application.trial import as_json, rule_from
from domain.scoring import InputSpec, explain, full_points, inputs, score

ROOT = Path(__file__).parents[2]
TABLES = ("T01", "T02", "T03", "T06", "T13", "T16")
FIELDS = {
    "row_codes",
    "code",
    "name_zh",
    "category",
    "kind",
    "unit",
    "direction",
    "points",
    "scale",
    "rule",
    "rule_text_zh",
    "department",
    "provider",
    "period",
    "sample_input",
    "note_zh",
    "demo",
    "demo_zh",
}
WORTH = {
    "T01": Decimal(60),
    "T02": Decimal(100),
    "T13": Decimal(15),
    "T16": Decimal(100),
}  # What of each table is visible, in points.


def indicators(table: str) -> list[dict[str, Any]]:
    """Read one table's indicators, numbers as Decimal."""
    text = (ROOT / "examples" / "rules" / f"{table}.json").read_text(encoding="utf-8")
    listed: list[dict[str, Any]] = json.loads(text, parse_float=Decimal)
    return listed


ALL = [(table, indicator) for table in TABLES for indicator in indicators(table)]
EVERY = pytest.mark.parametrize("indicator", [indicator for _, indicator in ALL], ids=[indicator["code"] for _, indicator in ALL])


@pytest.mark.parametrize("table", TABLES)
def test_every_row_of_the_table_is_covered_once(table: str) -> None:
    (source,) = (ROOT / "tests" / "domain" / "tables").glob(f"{table}_*.csv")
    rows = [row["row_code"] for row in csv.DictReader(source.read_text(encoding="utf-8").splitlines())]

    covered = [code for indicator in indicators(table) for code in indicator["row_codes"]]

    assert sorted(covered) == sorted(rows)


def test_every_code_is_its_own_and_safe_in_an_address() -> None:
    codes = [indicator["code"] for _, indicator in ALL]

    assert len(set(codes)) == len(codes) == 91
    assert all(code.isascii() and " " not in code for code in codes)


@EVERY
def test_an_indicator_scores_on_its_sample(indicator: dict[str, Any]) -> None:
    rule = rule_from(indicator["rule"])

    scored = score(rule, indicator["sample_input"])

    assert scored.points is not None or scored.verdict
    assert scored.lines[-1].amount == scored.points
    assert explain(rule)


@EVERY
def test_an_indicator_says_all_that_the_workbook_needs(indicator: dict[str, Any]) -> None:
    assert set(indicator) == FIELDS
    assert indicator["rule_text_zh"].endswith("。")
    assert indicator["department"]
    assert indicator["demo"] == indicator["demo_zh"].startswith("演示:")


@EVERY
def test_a_rule_is_the_same_after_its_full_json(indicator: dict[str, Any]) -> None:
    rule = rule_from(indicator["rule"])

    assert rule_from(as_json(rule)) == rule


@EVERY
def test_a_form_can_be_made_from_the_inputs(indicator: dict[str, Any]) -> None:
    specs = inputs(rule_from(indicator["rule"]))

    assert set(indicator["sample_input"]) <= {spec.name for spec in specs}
    assert all(spec.label and spec.name.isascii() for spec in specs)
    assert {spec.name for spec in specs if spec.required} <= set(indicator["sample_input"])


@EVERY
def test_the_full_mark_is_what_the_row_is_worth(indicator: dict[str, Any]) -> None:
    full = full_points(rule_from(indicator["rule"]))

    # CSG letters score on a scale of their own; bonus, gate, veto and case rules have no full mark.
    if full is not None and indicator["scale"] is None and indicator["kind"] == "quantitative":
        assert full == Decimal(str(indicator["points"]))


@EVERY
@given(data=st.data())
@settings(max_examples=12, deadline=None)
def test_any_fit_inputs_give_a_score_within_bounds(indicator: dict[str, Any], data: st.DataObject) -> None:
    rule = rule_from(indicator["rule"])
    drawn: dict[str, Any] = {spec.name: data.draw(fit(spec), label=spec.name) for spec in inputs(rule)}
    if "values" in drawn:
        drawn["values"] = [*drawn["values"], drawn["actual"]]  # One's own value is among all.
    assume(all(drawn.get(name, 1) for name in ("target", "previous", "staff")))  # Nothing is measured against 0.

    scored = score(rule, drawn)

    assert scored.lines[-1].amount == scored.points
    assert scored.points is None or scored.points <= 120
    assert all(line.label for line in scored.lines)


def fit(spec: InputSpec) -> st.SearchStrategy[object]:
    """Draw what the spec asks for."""
    low = Decimal(0) if spec.minimum is None else spec.minimum
    numbers = st.decimals(low, Decimal(150) if spec.maximum is None else spec.maximum, places=3)
    match spec.type:
        case "number":
            return numbers
        case "count":
            return st.integers(int(low), 30)
        case "numbers":
            return st.lists(numbers, min_size=1, max_size=6)
        case "yes-no":
            return st.booleans()
        case "choice":
            return st.sampled_from(spec.options)
        case "text":
            return st.just("理由充分")
        case "achievements":
            return st.just([])
        case _:
            return st.lists(st.sampled_from(spec.options), min_size=1)


@pytest.mark.parametrize(("table", "points"), WORTH.items())
def test_the_points_of_a_table_add_up(table: str, points: Decimal) -> None:
    assert sum((Decimal(str(indicator["points"])) for indicator in indicators(table)), Decimal(0)) == points
