"""Every report of the demonstration can be scored; most are good, some fall short on purpose, and nothing is drawn."""

from datetime import date
from functools import cache

from application.demonstration.plan import demonstration_plan
from application.demonstration.values import STANDARD, falls_short, inputs_for
from application.workbook.plan import Plan
from domain.cycle import Assignment
from domain.indicator import Definition, Frequency, IndicatorKind
from domain.reported import Number, Numbers, values_of
from domain.scoring import Scored, inputs, judged_inputs, score
from domain.task.commands import SubmitReport
from domain.task.evaluation import asked_of_reports
from event_store.codec import from_bytes, to_bytes

PERIODS = {
    Frequency.MONTH: ("M01", "M09"),
    Frequency.QUARTER: ("Q1", "Q2", "Q3", "Q4"),
    Frequency.HALF: ("H1", "H2"),
    Frequency.YEAR: ("Y1",),
}


@cache
def plan() -> Plan:
    """Give the demonstration's plan."""
    return demonstration_plan(date(2026, 11, 23))


@cache
def reports() -> tuple[tuple[Definition, Assignment, str], ...]:
    """Give every report that is scored by rule."""
    definitions = {planned.indicator: planned.definition for planned in plan().indicators}
    return tuple(
        (definition, task.assignment, period)
        for task in plan().tasks
        if not judged_inputs((definition := definitions[task.assignment.indicator]).rule)
        for period in PERIODS[definition.frequency]
    )


def scored(definition: Definition, assignment: Assignment, period: str) -> Scored:
    """Score a report as its task would."""
    fixed = {"class": assignment.unit_class} if assignment.unit_class else {}
    return score(definition.rule, {**values_of(inputs_for(definition, assignment.lead, period)), **fixed})


def percent(definition: Definition, found: Scored) -> int | None:
    """Give a score in per cent of the full points, as a pre-assessment does."""
    full = definition.scale if definition.scale is not None else definition.points
    return None if found.points is None or not full else int(found.points / full * 100)


def test_every_report_can_be_scored_by_its_rule() -> None:
    for report in reports():
        found = scored(*report)
        assert found.points is not None or found.verdict, report[0].name


def test_most_reports_meet_the_standard_and_a_good_handful_does_not() -> None:
    standing = [
        percent(definition, scored(definition, assignment, period))
        for definition, assignment, period in reports()
        if definition.kind is not IndicatorKind.BONUS
    ]
    below = [each for each in standing if each is not None and each < STANDARD]

    assert len(standing) / 20 < len(below) < len(standing) / 4


def test_a_planted_gap_is_below_the_standard_where_the_rule_allows_it() -> None:
    planted = [report for report in reports() if falls_short(report[0], report[1].lead, report[2])]
    by_rank = {"rank", "values"}  # Places among the stations are what they are.
    free = [report for report in planted if not by_rank & {spec.name for spec in inputs(report[0].rule)}]
    below = [report for report in free if (found := percent(report[0], scored(*report))) is not None and found < STANDARD]

    assert len(free) > 20
    assert len(below) >= len(free) * 0.8


def test_gates_are_passed() -> None:
    gates = [report for report in reports() if report[0].kind is IndicatorKind.GATE and report[0].rule.kind == "gate"]

    assert gates
    assert {scored(*report).verdict for report in gates} == {"通过"}


def test_the_stations_take_each_place_once() -> None:
    [ranked] = [each.definition for each in plan().indicators if each.indicator == "T16-1"]
    [valued] = [each.definition for each in plan().indicators if each.indicator == "T16-5"]
    stations = [task.assignment.lead for task in plan().tasks if task.assignment.indicator == "T16-1"]

    ranks = [one.value for station in stations for one in inputs_for(ranked, station, "Q2") if isinstance(one, Number)]
    values = [one for station in stations for one in inputs_for(valued, station, "Q2")]

    assert sorted(ranks) == [1, 2, 3, 4, 5, 6]
    assert len({one.value for one in values if isinstance(one, Numbers)}) == 1
    assert len({one.value for one in values if isinstance(one, Number)}) == 6


def test_the_same_report_brings_the_same_values_and_another_period_others() -> None:
    definition, assignment, _ = reports()[0]

    assert inputs_for(definition, assignment.lead, "Q1") == inputs_for(definition, assignment.lead, "Q1")
    assert len({inputs_for(definition, assignment.lead, period) for period in ("Q1", "Q2", "Q3", "Q4")}) > 1


def test_values_survive_the_log() -> None:
    for definition, assignment, period in reports():
        values = inputs_for(definition, assignment.lead, period)
        command = SubmitReport(period=period, values=values, as_of=date(2026, 3, 31), data_source="台账")
        assert from_bytes(SubmitReport, to_bytes(command)) == command


def test_what_is_scored_by_hand_reports_no_values() -> None:
    by_hand = [each.definition for each in plan().indicators if not asked_of_reports(each.definition)]

    assert by_hand
    assert all(inputs_for(definition, "S01", "Q1") == () for definition in by_hand)
