"""Checks 指标 and makes definitions of its rows; each rule is tried on its row's trial values, where there are some."""

from application.workbook.checking import Checking, Parsed
from application.workbook.fault import Cell, Code
from application.workbook.plan import PlannedIndicator
from application.workbook.sheets import INDICATORS
from domain.decider import Refused
from domain.indicator import Aggregation, Definition, IndicatorKind
from domain.scoring import Scored, score


def indicators_of(checking: Checking) -> tuple[PlannedIndicator, ...]:
    """Give the definitions, in the order of the sheet."""
    checking.refer(checking.registers.indicators, INDICATORS, "indicator", "name")
    if INDICATORS.name in checking.book.rows and not checking.book.rows[INDICATORS.name]:
        checking.add(Code.SHEET_EMPTY, Cell(sheet=INDICATORS.name, row=0, column="", header=""), "至少一行指标；示例行不算")
    found: list[PlannedIndicator] = []
    seen: dict[str, int] = {}
    for parsed in checking.rows(INDICATORS):
        if parsed["indicator"]:
            checking.once(parsed, "indicator", parsed["indicator"], seen)
        _try(checking, parsed)
        if parsed.sound:
            found.append(
                PlannedIndicator(
                    indicator=parsed["indicator"],
                    definition=_definition(parsed),
                    trial=parsed["trial"] or {},
                    place=parsed.place,
                )
            )
    return tuple(found)


def _definition(parsed: Parsed) -> Definition:
    return Definition(
        name=parsed["name"],
        category=parsed["category"],
        unit=parsed["unit"] or "",
        direction=parsed["direction"],
        points=parsed["points"],
        rule=parsed["rule"],
        rule_text=parsed["rule_text"],
        frequency=parsed["frequency"],
        aggregation=parsed["aggregation"] or Aggregation.LATEST,
        kind=parsed["kind"] or IndicatorKind.QUANTITATIVE,
        scale=parsed["scale"],
        standard_percent=parsed["standard"],
        data_source=parsed["data_source"] or "",
        evidence_required=bool(parsed["evidence"]),
        key_works=parsed["key_works"] or (),
        superior=parsed["superior"] or "",
        source_rows=parsed["source_rows"] or (),
        demonstration=parsed["invented"] or "",
    )


def _try(checking: Checking, parsed: Parsed) -> None:
    rule, trial, expected = parsed["rule"], parsed["trial"], parsed["trial_points"]
    if rule is None or trial is None:
        return
    try:
        scored: Scored = score(rule, trial)
    except Refused as refusal:
        names = "、".join(f"{spec.name}（{spec.label}）" for spec in rule.inputs())
        zh, en = refusal.sentence("zh"), refusal.sentence("en")
        checking.add(Code.TRIAL_FAILS, parsed.cell("trial"), f"规则所需的输入：{names}", why_zh=zh, why_en=en)
        parsed.sound = False
        return
    if expected is not None and scored.points != expected:
        found = scored.points if scored.points is not None else scored.verdict
        checking.add(Code.TRIAL_DIFFERS, parsed.cell("trial_points"), f"{found}；不符时核对规则和试算数据", found=found)
        parsed.sound = False
