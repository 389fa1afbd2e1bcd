"""What falls due by itself in a task, and what is recorded then."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from domain import names
from domain.authority import Parties
from domain.cycle import Cycle, Phase, phase_deadlines
from domain.deadline import Deadline, DueDates, due_at, receivers, rung_key, rungs_due, sender_department
from domain.decider import Due
from domain.known import Known
from domain.policy import Act, Relation, Rung
from domain.task.evaluation import evaluate, full_points, standard_of
from domain.task.facts import (
    DeadlinePassed,
    EscalationRaised,
    Event,
    GapRecorded,
    PreAssessmentRun,
    ReminderSent,
    ReportMissing,
    ReportOpened,
    SelfScored,
    TaskDeemedAccepted,
)
from domain.task.state import ReportStage, Stage, Task

OPEN, PRE_ASSESS, MISSING = "open/", "pre-assessment/", "missing/"
WAITING = {ReportStage.OPEN, ReportStage.SUBMITTED, ReportStage.RETURNED}
EXECUTING = {Stage.ACCEPTED, Stage.IN_EXECUTION}


def wakes(state: Task, known: Known) -> tuple[Due, ...]:
    """Give everything that falls due by itself, earliest first."""
    if state.issued is None or known.cycle.phase not in {Phase.RUNNING, Phase.LOCKED}:
        return ()
    found = [*_called(state, known.cycle), *_rungs(state, known)]
    return tuple(sorted(found, key=lambda due: (due.at, due.key)))


def fire(due: Due, state: Task, known: Known) -> list[Event]:
    """Record one thing that fell due."""
    key = due.key
    if key.startswith(OPEN):
        period = key.removeprefix(OPEN)
        return [ReportOpened(period=period, due=state.reports[period].deadline.dates)]
    if key.startswith(MISSING):
        return [ReportMissing(period=key.removeprefix(MISSING))]
    if key.startswith(PRE_ASSESS):
        return _pre_assess(key.removeprefix(PRE_ASSESS), due, state, known)
    deadline, rung = next(
        (deadline, rung)
        for deadline in (*open_deadlines(state, known.cycle), *_before_the_lock(state, known.cycle))
        for rung in _ladder(deadline, state, known)
        if rung_key(deadline, rung) == key
    )
    return _climb(deadline, rung, due, state, known)


def open_deadlines(state: Task, cycle: Cycle) -> Iterator[Deadline]:
    """Give the deadlines somebody has to meet now."""
    if cycle.phase is Phase.LOCKED:
        awaited = {Stage.SELF_SCORED: "review-score", Stage.REVIEW_SCORED: "consolidate", Stage.CONSOLIDATED: ""}
        yield from (d for d in phase_deadlines(cycle) if d.key == awaited.get(state.stage, "self-score"))
        return
    yield from _of_execution(state)


def _of_execution(state: Task) -> Iterator[Deadline]:
    if state.stage is Stage.ISSUED and state.accept is not None:
        yield state.accept
    if state.stage in EXECUTING:
        for report in state.reports.values():
            if report.stage in WAITING:
                yield report.deadline
            elif report.stage is ReportStage.SIGNED and report.review is not None:
                yield report.review


def _before_the_lock(state: Task, cycle: Cycle) -> Iterator[Deadline]:
    """Give the deadlines of execution, once the data are locked: what they brought before it still has its place in the record."""
    if cycle.phase is Phase.LOCKED:
        yield from _of_execution(state)


def _called(state: Task, cycle: Cycle) -> Iterator[Due]:
    for period, at in cycle.pre_assessments:
        if period not in state.pre_assessed:
            yield Due(at=at, key=PRE_ASSESS + period)
    if cycle.phase is Phase.LOCKED and cycle.locked_at is not None:
        for key, report in state.reports.items():
            # What is signed waits for its reviewer, not for the department: it is still reviewed.
            if report.stage in WAITING | {ReportStage.NOT_OPEN} and report.period.opens <= cycle.locked_at:
                yield Due(at=cycle.locked_at, key=MISSING + key)
    if state.stage in EXECUTING:
        for key, report in state.reports.items():
            before = cycle.locked_at is None or report.period.opens < cycle.locked_at
            if report.stage is ReportStage.NOT_OPEN and before:
                yield Due(at=report.period.opens, key=OPEN + key)


def _rungs(state: Task, known: Known) -> Iterator[Due]:
    after, locked_at = known.cycle.rules_since, known.cycle.locked_at
    for deadline in open_deadlines(state, known.cycle):
        yield from rungs_due(deadline, _ladder(deadline, state, known), known.calendar, state.fired, after=after)
    for deadline in _before_the_lock(state, known.cycle):
        rungs = rungs_due(deadline, _ladder(deadline, state, known), known.calendar, state.fired, after=after)
        yield from (due for due in rungs if locked_at is not None and due.at < locked_at)


def _ladder(deadline: Deadline, state: Task, known: Known) -> tuple[Rung, ...]:
    """Give the rungs of a deadline; one that is for assisting departments alone only while one of them still owes its part [R19]."""
    ladder = known.policies.ladders.of(deadline.key)
    if _outstanding(deadline, state).assisting:
        return ladder
    return tuple(rung for rung in ladder if rung.to != (Relation.ASSISTING,))


def _outstanding(deadline: Deadline, state: Task) -> Parties:
    """Give the task's parties, of the assisting ones those who have not delivered for the deadline's period."""
    report = state.reports.get(deadline.key.partition("/")[2])
    delivered = report.contributed if report else frozenset()
    parties = state.parties
    return replace(parties, assisting=tuple(pair for pair in parties.assisting if pair[0] not in delivered))


def _climb(deadline: Deadline, rung: Rung, due: Due, state: Task, known: Known) -> list[Event]:
    to = receivers(rung, _outstanding(deadline, state), known.organisation, known.on(due.at))
    key, number, at = deadline.key, deadline.number, deadline.dates.current
    match rung.act:
        case Act.REMIND:
            sender = sender_department(rung, state.parties)
            reminder = ReminderSent(deadline=key, number=number, rung=rung.key, level=rung.level, to=to, sender=sender, due=at)
            return [reminder]
        case Act.PROMPT:
            return [DeadlinePassed(deadline=key, number=number, rung=rung.key, level=rung.level, to=to, due=at)]
        case Act.DEEM if key == "accept":
            return [TaskDeemedAccepted(number=number, rung=rung.key, to=to)]
        case Act.DEEM if key == "self-score":
            computed = evaluate(state, final=True)
            points = computed.points
            return [SelfScored(points=points, computed=computed, ground="", deemed=True, number=number, rung=rung.key)]
        case _:
            opens = rung.act is Act.ORDER
            order = names.order(state.the.task, f"overdue-{key.replace('/', '-')}-{number}") if opens else ""
            escalation = EscalationRaised(
                deadline=key,
                number=number,
                rung=rung.key,
                level=rung.level,
                act=rung.act,
                to=to,
                due=at,
                order=order,
                order_due=_rectify_by(due, known) if opens else None,
            )
            return [escalation]


def _pre_assess(period: str, due: Due, state: Task, known: Known) -> list[Event]:
    scored = evaluate(state, final=False)
    full, standard = full_points(state), standard_of(state, known.policies.standards)
    percent = None if scored.points is None or not full else (scored.points / full * 100).quantize(TENTH)
    missing = tuple(
        key for key, report in state.reports.items() if report.stage in WAITING and report.deadline.dates.current <= due.at
    )
    run = PreAssessmentRun(period=period, scored=scored, percent=percent, standard=standard, missing=missing)
    if percent is None or percent >= standard or scored.points is None:
        return [run]
    order = names.order(state.the.task, f"gap-{period}")
    lost = full - scored.points
    return [run, GapRecorded(period=period, lost=lost, order=order, order_due=_rectify_by(due, known))]


def _rectify_by(due: Due, known: Known) -> DueDates:
    return due_at(known.calendar.due_by(due.at, known.policies.limits.rectify))


TENTH = Decimal("0.1")  # Per cent are shown and compared to a tenth.
