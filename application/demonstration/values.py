"""What the demonstration's people report: values that fit each rule, mostly good ones, some short of the standard on purpose.

Nothing is drawn: the same indicator, department and period give the same values for ever. The rule itself says which values are good,
so a new row in the workbook needs nothing here.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from hashlib import sha256

from application.demonstration.plan import WORKBOOK, DemonstrationIsMissing
from application.workbook.check import plan_of
from application.workbook.plan import Plan
from domain.cycle import Assignment
from domain.decider import Refused
from domain.indicator import Definition, IndicatorKind
from domain.reported import Reported, reported
from domain.scoring import InputSpec, Value, inputs, score
from domain.scoring.facts import Facts
from domain.task.evaluation import asked_of_reports

LADDER = tuple(Decimal(steps) for steps in (1, 2, 3, 5, 8, 13, 20, 35, 50, 100, 200))  # In units of a number's last digit.
GAP_SHARE = 12  # Per cent of the reports fall short on purpose.
NEAREST = 3  # Of the good values those that differ least from the workbook's trial; far ones are good and not plausible.
STANDARD, GOOD, SHORT = Decimal(80), Decimal(88), Decimal(62)  # Per cent of the full points.
WHOLE = Decimal(100)  # Per cent.
FAILED = "未通过"
UNIT_CLASS = "class"


@dataclass(frozen=True, kw_only=True)
class Choice:
    """Values a report could bring, and what they score in per cent of the full points (None: the rule gives no points).

    ``moved`` is how far they are from the trial, in units of the last digit.
    """

    values: Mapping[str, Value]
    moved: Decimal
    points: Decimal | None
    percent: Decimal | None
    verdict: str | None


def inputs_for(definition: Definition, department: str, period: str) -> tuple[Reported, ...]:
    """Give what a department reports for a period, as ``SubmitReport.values``; nothing for what is scored by hand."""
    if not asked_of_reports(definition):
        return ()
    ranked = _ranked(definition, department, period)
    values = ranked if ranked is not None else _chosen(definition, department, period).values
    asked = {spec.name for spec in asked_of_reports(definition)}
    return reported({name: value for name, value in values.items() if name in asked})


def falls_short(definition: Definition, department: str, period: str) -> bool:
    """Say whether this report is one of those that fall short on purpose. Gates, vetoes and bonuses never do."""
    if definition.kind in {IndicatorKind.GATE, IndicatorKind.VETO, IndicatorKind.BONUS}:
        return False
    return _number(f"gap/{definition.source_rows}/{department}/{period}") % 100 < GAP_SHARE


@cache
def choices(definition: Definition, unit_class: str = "") -> tuple[Choice, ...]:
    """Give the values of the workbook's trial and their neighbours, as far as the rule can score them; the nearest first."""
    specs = {spec.name: spec for spec in inputs(definition.rule)}
    trial = {**_trial_of(definition), **({UNIT_CLASS: unit_class} if unit_class else {})}
    base = {name: _value(specs[name], trial) for name in trial if name in specs}
    found: dict[tuple[Value, ...], Choice] = {}
    for moved, values in sorted(_around(base, specs), key=lambda each: each[0]):
        choice = _scored(definition, values, moved)
        if choice is not None:
            found.setdefault(tuple(values.values()), choice)
    if not found:
        raise DemonstrationIsMissing(f"指标“{definition.name}”没有可用的试算数据")
    return tuple(found.values())


def _chosen(definition: Definition, department: str, period: str) -> Choice:
    found = choices(definition, _unit_class(definition, department))
    drawn = _number(f"{definition.source_rows}/{department}/{period}")
    scored = [choice for choice in found if choice.percent is not None]
    if definition.kind is IndicatorKind.VETO:
        return max(found[:NEAREST], key=lambda choice: choice.points or Decimal(0))  # No red line is crossed.
    if definition.kind is IndicatorKind.BONUS or not scored:
        passed = [choice for choice in found if choice.verdict != FAILED][:NEAREST] or list(found)
        return passed[drawn % len(passed)]
    if falls_short(definition, department, period):
        return min(scored, key=lambda choice: (_percent(choice) >= STANDARD, abs(_percent(choice) - SHORT), choice.moved))
    good = [choice for choice in scored if _percent(choice) >= GOOD][:NEAREST]
    return good[drawn % len(good)] if good else max(scored, key=lambda choice: (_percent(choice), -choice.moved))


def _percent(choice: Choice) -> Decimal:
    assert choice.percent is not None
    return choice.percent


def _scored(definition: Definition, values: Mapping[str, Value], moved: Decimal) -> Choice | None:
    try:
        scored = score(definition.rule, values)
    except Refused:
        return None  # A neighbour the rule cannot use.
    full = definition.scale if definition.scale is not None else definition.points
    percent = None if scored.points is None or not full else scored.points / full * 100
    return Choice(values=values, moved=moved, points=scored.points, percent=percent, verdict=scored.verdict)


def _around(base: Mapping[str, Value], specs: Mapping[str, InputSpec]) -> Iterator[tuple[Decimal, Mapping[str, Value]]]:
    """Give the values themselves, then with one of them moved, then with all numbers moved together."""
    yield Decimal(0), base
    for name, value in base.items():
        if name != UNIT_CLASS:
            for steps, moved in _moved(specs[name], value):
                yield steps, {**base, name: moved}
    for steps in LADDER:
        for signed in (steps, -steps):
            yield steps, {name: _shifted(specs[name], value, signed) for name, value in base.items()}


def _moved(spec: InputSpec, value: Value) -> Iterator[tuple[Decimal, Value]]:
    match value:
        case bool():
            yield Decimal(1), not value
        case Decimal():
            for steps in LADDER:
                yield steps, _shifted(spec, value, steps)
                yield steps, _shifted(spec, value, -steps)
        case str() if spec.options:
            yield from ((Decimal(1), option) for option in spec.options)
        case _:
            return  # Lists and words stay as the workbook has them.


def _shifted(spec: InputSpec, value: Value, steps: Decimal) -> Value:
    """Move a number by so many units of its last digit, within what it can be."""
    if isinstance(value, bool) or not isinstance(value, Decimal):
        return value
    exponent = value.as_tuple().exponent
    unit = Decimal(1) if spec.type == "count" else Decimal(1).scaleb(min(int(exponent), 0))
    moved = value + steps * unit
    if value >= 0:
        moved = max(moved, Decimal(0))
    if value <= WHOLE and spec.unit == "%":
        moved = min(moved, WHOLE)
    return moved


# Ranks among the stations


def _ranked(definition: Definition, department: str, period: str) -> Mapping[str, Value] | None:
    """Give a station's place among those that have the same indicator: a rank of its own, or all their values.

    All stations together make sense: each place is taken once, and each reports the same list of values.
    """
    names = {spec.name for spec in inputs(definition.rule)}
    if not names & {"rank", "values"}:
        return None
    stations = _leads(definition) or (department,)
    ordered = sorted(stations, key=lambda station: _number(f"rank/{definition.source_rows}/{station}/{period}"))
    place = ordered.index(department) if department in ordered else 0
    if names == {"rank"}:
        # Where one station alone has the indicator, its place among all of them varies from period to period.
        alone = 1 + _number(f"alone/{definition.source_rows}/{period}") % len(_stations())
        return {"rank": Decimal(place + 1 if len(ordered) > 1 else alone)}
    best, apart = _spread(definition)
    values = tuple(best + apart * number for number in range(len(ordered)))
    return {"actual": values[place], "values": values}


def _spread(definition: Definition) -> tuple[Decimal, Decimal]:
    """Give the best station's value and the distance to the next, by the workbook's trial."""
    trial = _trial_of(definition)["values"]
    assert isinstance(trial, list)
    values = sorted(Decimal(str(value)) for value in trial)
    apart = (values[-1] - values[0]) / max(len(values) - 1, 1)
    apart = apart.quantize(Decimal("0.01")) or Decimal("0.01")
    return (values[0], apart) if definition.direction == "lower" else (values[-1], -apart)


# The workbook


@cache
def _demonstration() -> Plan:
    """Give the workbook's plan; which day it is read on changes nothing of what is used here."""
    plan = plan_of(WORKBOOK, today=date(2026, 6, 30))
    if isinstance(plan, list):
        raise DemonstrationIsMissing(plan[0].sentence("zh"))
    return plan


@cache
def _trials() -> Mapping[tuple[str, ...], Mapping[str, object]]:
    return {planned.definition.source_rows: planned.trial for planned in _demonstration().indicators}


def _trial_of(definition: Definition) -> Mapping[str, object]:
    try:
        return _trials()[definition.source_rows]
    except KeyError:
        raise DemonstrationIsMissing(f"指标“{definition.name}”不在演示工作簿中") from None


def _leads(definition: Definition) -> tuple[str, ...]:
    return tuple(assignment.lead for assignment in _assignments(definition.source_rows))


def _unit_class(definition: Definition, department: str) -> str:
    assignments = _assignments(definition.source_rows)
    return next((assignment.unit_class for assignment in assignments if assignment.lead == department), "")


@cache
def _assignments(source_rows: tuple[str, ...]) -> tuple[Assignment, ...]:
    planned = _demonstration()
    its_id = next((each.indicator for each in planned.indicators if each.definition.source_rows == source_rows), "")
    return tuple(task.assignment for task in planned.tasks if task.assignment.indicator == its_id)


def _stations() -> tuple[str, ...]:
    departments = _demonstration().register.departments
    return tuple(each.department for each in departments if each.kind == "station")


def _value(spec: InputSpec, trial: Mapping[str, object]) -> Value:
    """Give a trial value as its input's type."""
    facts = Facts(given=trial)
    match spec.type:
        case "number" | "count":
            return facts.number(spec)
        case "yes-no":
            return facts.yes(spec)
        case "choice" | "text":
            return facts.text(spec)
        case "numbers":
            return facts.numbers(spec)
        case "choices":
            return facts.texts(spec)
        case "achievements":
            return facts.achievements(spec)


def _number(key: str) -> int:
    """Give a number that looks drawn and is not."""
    return int.from_bytes(sha256(key.encode()).digest()[:4])
