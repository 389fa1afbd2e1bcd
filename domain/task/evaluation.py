"""A task's score: the rule it was issued with, over the values that were accepted. The same function for a pre-assessment and the end.

Nothing else enters: not the clock, not the newest rule, not a report nobody accepted. So it can be computed again from the log alone.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal

from domain.indicator import Aggregation, Definition
from domain.policy import Standards
from domain.reported import Reported, averaged, summed, values_of
from domain.scoring import inputs, score
from domain.scoring.facts import InputSpec, Value
from domain.scoring.working import Line, Rounding, Scored
from domain.task.state import ReportStage, Task

BY_HAND = frozenset({"manual", "panel"})  # Kinds whose points the scorer gives, within the rule's bounds.
NOTHING_ACCEPTED = "没有审核通过的数据"


def evaluate(task: Task, *, final: bool, judged: Iterable[Reported] = ()) -> Scored:
    """Score what was accepted so far.

    ``judged`` are the inputs only the scorer can give (人工评分). Without any accepted report a provisional score has no points, and a
    final one is 0 [handbook 3.3]. Where each period is scored by itself, a missing one counts 0 in the mean.
    """
    definition = task.the.definition
    accepted = [report.values for report in task.reports.values() if report.stage is ReportStage.ACCEPTED]
    judged = tuple(judged)
    if not accepted and not judged:
        return _nothing(definition, final=final and not is_by_hand(task))
    fixed = _fixed(task)
    if definition.aggregation is Aggregation.EACH and accepted:
        scores = [_score(definition, {**values_of(values), **fixed, **values_of(judged)}) for values in accepted]
        missing = [period for period, report in task.reports.items() if report.stage is ReportStage.MISSING]
        return _mean(scores + [_nothing(definition, final=True, period=period) for period in missing if final])
    merged = _merged(definition, accepted)
    given = {**values_of(merged), **fixed, **values_of(judged)}
    if is_by_hand(task) and not _complete(definition, given):
        return _nothing(definition, final=False)
    return _score(definition, given)


def check_report(task: Task, values: Iterable[Reported]) -> None:
    """Refuse values the rule cannot use. What a scorer has to judge is not asked of a report.

    Raises:
        InputMissing, InputUnfit, InputUnknown.
    """
    if is_by_hand(task):
        return
    score(task.the.definition.rule, {**values_of(values), **_fixed(task)})


def is_by_hand(task: Task) -> bool:
    """Say whether the points are a person's judgement, not computed."""
    return task.the.definition.rule.kind in BY_HAND


def asked_of_reports(definition: Definition, *, unit_class: str = "") -> tuple[InputSpec, ...]:
    """Give the inputs a period's report has to bring: those of the rule, without what is fixed for the unit or judged by a scorer."""
    if definition.rule.kind in BY_HAND:
        return ()
    return tuple(spec for spec in inputs(definition.rule) if not (unit_class and spec.name == UNIT_CLASS))


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


def _score(definition: Definition, given: Mapping[str, Value]) -> Scored:
    return score(definition.rule, given)


def _complete(definition: Definition, given: Mapping[str, Value]) -> bool:
    return all(spec.name in given for spec in inputs(definition.rule) if spec.required)


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
