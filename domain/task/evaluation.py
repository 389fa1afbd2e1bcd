"""A task's score: the rule it was issued with, over the values that were accepted. The same function for a pre-assessment and the end.

Nothing else enters: not the clock, not the newest rule, not a report nobody accepted. So it can be computed again from the log alone.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal

from domain.indicator import Aggregation, Definition
from domain.policy import Standards
from domain.reported import Reported, averaged, summed, values_of
from domain.scoring import inputs, judged_inputs, score
from domain.scoring.facts import InputMissing, InputSpec, InputUnknown, Value
from domain.scoring.working import Line, Rounding, Scored
from domain.task.state import ReportStage, Task

NOTHING_ACCEPTED = "没有审核通过的数据"


def evaluate(task: Task, *, final: bool, judged: Iterable[Reported] = ()) -> Scored:
    """Score what was accepted so far.

    ``judged`` are the inputs only the scorer can give (人工评分). Without any accepted report a provisional score has no points, and a
    final one is 0 [handbook 3.3]. Where each period is scored by itself, a missing one counts 0 in the mean.
    """
    definition = task.the.definition
    for_the_scorer = judged_inputs(definition.rule)
    accepted = [
        tuple(one for one in report.values if one.name not in for_the_scorer)
        for report in task.reports.values()
        if report.stage is ReportStage.ACCEPTED
    ]
    judged = tuple(judged)
    if not accepted and not judged:
        return _nothing(definition, final=final and not is_by_hand(task))
    try:
        return _scored(task, accepted, judged, final=final)
    except InputMissing as missing:
        if judged or missing.values["name"] not in for_the_scorer:
            raise
        return _nothing(definition, final=False)  # It waits for what only the scorer can say.


def check_report(task: Task, values: Iterable[Reported]) -> None:
    """Refuse values the rule cannot use. What a scorer has to judge is not asked of a report.

    Raises:
        InputMissing, InputUnfit, InputUnknown.
    """
    rule, given = task.the.definition.rule, {**values_of(values), **_fixed(task)}
    if not is_by_hand(task):
        score(rule, given)
        return
    asked = asked_of_reports(task.the.definition, unit_class=task.the.assignment.unit_class)
    if judged := judged_inputs(rule) & given.keys():
        raise InputUnknown(names="、".join(sorted(judged)), expected="、".join(spec.name for spec in asked) or "-")
    for spec in asked:
        if spec.required and spec.name not in given:
            raise InputMissing(name=spec.name, label=spec.label)


def is_by_hand(task: Task) -> bool:
    """Say whether the points are a person's judgement, wholly or in part."""
    return bool(judged_inputs(task.the.definition.rule))


def asked_of_reports(definition: Definition, *, unit_class: str = "") -> tuple[InputSpec, ...]:
    """Give the inputs a period's report has to bring: those of the rule, without what is fixed for the unit or judged by a scorer."""
    elsewhere = judged_inputs(definition.rule) | ({UNIT_CLASS} if unit_class else frozenset())
    return tuple(spec for spec in inputs(definition.rule) if spec.name not in elsewhere)


def full_points(task: Task) -> Decimal:
    """Give the full mark on the score's own scale."""
    definition = task.the.definition
    return definition.scale if definition.scale is not None else definition.points


def contribution(definition: Definition, points: Decimal) -> Decimal:
    """Give what a score brings to the department's total: itself, or its part of the points where it has a scale of its own."""
    return points if definition.scale is None else points * definition.points / definition.scale


def standard_of(task: Task, standards: Standards) -> Decimal:
    """Give the pre-assessment standard in per cent of the full points."""
    own = task.the.definition.standard_percent
    return own if own is not None else standards.percent


def bounds(task: Task) -> tuple[Decimal, Decimal]:
    """Give the least and the most a person may give by hand, on the score's own scale."""
    definition = task.the.definition
    return definition.floor, definition.cap if definition.cap is not None else full_points(task)


UNIT_CLASS = "class"


def _fixed(task: Task) -> Mapping[str, Value]:
    unit_class = task.the.assignment.unit_class
    asks = any(spec.name == UNIT_CLASS for spec in inputs(task.the.definition.rule))
    return {UNIT_CLASS: unit_class} if unit_class and asks else {}


def _scored(task: Task, accepted: list[tuple[Reported, ...]], judged: tuple[Reported, ...], *, final: bool) -> Scored:
    definition, own = task.the.definition, {**_fixed(task), **values_of(judged)}
    if definition.aggregation is Aggregation.EACH and accepted:
        scores = [score(definition.rule, {**values_of(values), **own}) for values in accepted]
        missing = [period for period, report in task.reports.items() if report.stage is ReportStage.MISSING]
        return _mean(scores + [_nothing(definition, final=True, period=period) for period in missing if final])
    return score(definition.rule, {**values_of(_merged(definition, accepted)), **own})


def _merged(definition: Definition, accepted: list[tuple[Reported, ...]]) -> tuple[Reported, ...]:
    if not accepted:
        return ()
    match definition.aggregation:
        case Aggregation.SUM:
            return summed(accepted)
        case Aggregation.MEAN:
            return averaged(accepted)
        case Aggregation.LATEST | Aggregation.EACH:
            return accepted[-1]


def _nothing(definition: Definition, *, final: bool, period: str = "") -> Scored:
    full = definition.scale if definition.scale is not None else definition.points
    points = Decimal(0) if final else None
    formula = "缺报按 0 分计" if final else "暂不评分"
    line = Line(label=f"{period} {NOTHING_ACCEPTED}".strip(), formula=formula, amount=points)
    return Scored(points=points, verdict=None, lines=(line,), full=full, exact=points, rounding=None)


def _mean(scores: list[Scored]) -> Scored:
    given = [one.points for one in scores if one.points is not None]
    if not given:
        return scores[-1]
    exact = sum(given, Decimal(0)) / len(given)
    rounding = next((one.rounding for one in scores if one.rounding is not None), Rounding())
    points = rounding.of(exact)
    formula = f"({' + '.join(str(one) for one in given)}) ÷ {len(given)}"
    lines = tuple(line for one in scores for line in one.lines)
    line = Line(label="各期得分平均", formula=formula, amount=points)
    return Scored(
        points=points, verdict=scores[0].verdict, lines=(*lines, line), full=scores[0].full, exact=exact, rounding=rounding
    )
