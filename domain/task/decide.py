"""The rules of a task: which command is possible when, and what it leads to. One small function a command."""

from dataclasses import replace
from decimal import Decimal
from typing import assert_never

from domain.authority import Hands, entitle, hands_of, holders, keep_apart
from domain.cycle import Phase
from domain.deadline import DueDates, due_at
from domain.decider import Asked
from domain.known import Known
from domain.order import RecordOrderOutcome
from domain.periods import periods
from domain.policy import Duty, Relation
from domain.scoring.working import Scored
from domain.task.commands import (
    Accept,
    AcceptReport,
    Command,
    Consolidate,
    DeliverContribution,
    IssueTask,
    LinkOrder,
    ReturnReport,
    ReviewScore,
    SelfScore,
    SignReport,
    SubmitReport,
)
from domain.task.evaluation import bounds, check_report, evaluate, is_by_hand
from domain.task.facts import (
    ContributionDelivered,
    DeadlineMet,
    Event,
    OrderOutcomeRecorded,
    ReportAccepted,
    ReportReturned,
    ReportSigned,
    ReportSubmitted,
    ReturnCode,
    ReviewScored,
    SelfScored,
    SupervisionLinked,
    TaskAccepted,
    TaskConsolidated,
    TaskIssued,
)
from domain.task.refusals import (
    AdjustmentDoesNotFit,
    AlreadyDeemedAccepted,
    CommentIsMissing,
    DataSourceIsMissing,
    DateIsInTheFuture,
    EvidenceIsMissing,
    GroundIsMissing,
    NotAssisting,
    NotPossibleAtThisStage,
    PeriodIsUnknown,
    ReportIsElsewhere,
    ReportIsNotOpenYet,
    ScoreIsMissing,
    ScoreIsOutOfBounds,
    SecondPersonIsMissing,
    TaskIsNotPlanned,
)
from domain.task.state import Report, ReportStage, Stage, Task, stage_of

TWICE = 2  # The second return of one report is told to the deputy leader [handbook 3.3].


def decide(command: Command, state: Task, known: Known, asked: Asked) -> list[Event]:
    """Decide on one task."""
    entitle(type(command).__name__, asked, state.parties, known.organisation, known.on(asked.at))
    match command:
        case IssueTask():
            return _issue(command, state, known)
        case Accept():
            return _accept(command, state, known, asked)
        case DeliverContribution():
            return _deliver(command, state, known, asked)
        case SubmitReport():
            return _submit(command, state, known, asked)
        case SignReport():
            return _sign(command, state, known, asked)
        case AcceptReport():
            return _accept_report(command, state, known, asked)
        case ReturnReport():
            return _return_report(command, state, known, asked)
        case LinkOrder():
            order = state.orders.get(command.order)
            return [] if order is None or order.linked else [SupervisionLinked(order=command.order)]
        case RecordOrderOutcome():
            return _outcome(command, state)
        case SelfScore():
            return _self_score(command, state, known)
        case ReviewScore():
            return _review_score(command, state, known, asked)
        case Consolidate():
            return _consolidate(command, state, known, asked)
        case _:
            assert_never(command)


def _issue(command: IssueTask, state: Task, known: Known) -> list[Event]:
    if state.issued is not None:
        return []
    cycle, opened = known.cycle, known.cycle.opened
    assignment = cycle.plan.get((command.indicator, command.lead))
    if assignment is None or opened is None or cycle.issued is None or cycle.issued_at is None:
        raise TaskIsNotPlanned(indicator=command.indicator, lead=command.lead, version="?")
    if not 1 <= assignment.version <= len(known.indicator.versions):
        raise TaskIsNotPlanned(indicator=command.indicator, lead=command.lead, version=assignment.version)
    published = known.indicator.versions[assignment.version - 1]
    definition = replace(
        published,
        rule=assignment.rule if assignment.rule is not None else published.rule,
        points=assignment.points if assignment.points is not None else published.points,
    )
    limits, calendar = known.policies.limits, known.calendar
    issued = TaskIssued(
        task=command.task,
        indicator=command.indicator,
        definition_version=assignment.version,
        definition=definition,
        assignment=assignment,
        document=cycle.issued.document,
        issuer=cycle.issued.issuer,
        accept=due_at(calendar.due_by(cycle.issued_at, limits.accept)),
        periods=periods(definition.frequency, opened.starts, opened.ends, cycle.issued_at, limits, calendar),
    )
    return [issued]


def _accept(command: Accept, state: Task, known: Known, asked: Asked) -> list[Event]:
    assert state.accept is not None
    if state.stage is Stage.ISSUED:
        _while_running(state, known, command)
        return [TaskAccepted(plan=command.plan, after_deemed=False)]
    if not state.deemed:
        return []  # Accepted already, by a person.
    if asked.at <= state.accept.dates.current:
        return [TaskAccepted(plan=command.plan, after_deemed=True)]  # Received in time: the timer was merely first.
    raise AlreadyDeemedAccepted(due=state.accept.dates.current)


def _deliver(command: DeliverContribution, state: Task, known: Known, asked: Asked) -> list[Event]:
    _while_running(state, known, command)
    report = _report(state, command.period)
    mine = {department for department, person in state.parties.assisting if person == (asked.on_behalf_of or asked.by.person)}
    if not mine:
        raise NotAssisting(department=asked.by.department)
    department = min(mine)
    if department in report.contributed:
        return []
    return [ContributionDelivered(period=command.period, department=department, note=command.note, evidence=command.evidence)]


def _submit(command: SubmitReport, state: Task, known: Known, asked: Asked) -> list[Event]:
    _while_running(state, known, command)
    report = _report(state, command.period)
    if report.stage is ReportStage.NOT_OPEN:
        raise ReportIsNotOpenYet(period=command.period, opens=report.period.opens)
    _at_step(report, command, command.period, ReportStage.OPEN, ReportStage.RETURNED, ReportStage.SUBMITTED)
    if not command.data_source.strip():
        raise DataSourceIsMissing
    if command.as_of > known.on(asked.at):
        raise DateIsInTheFuture(as_of=command.as_of, received=known.on(asked.at))
    definition = state.the.definition
    if definition.evidence_required and not command.evidence:
        raise EvidenceIsMissing(name=definition.name)
    check_report(state, command.values)
    due = report.deadline.dates
    late = asked.at > due.current
    submitted = ReportSubmitted(
        period=command.period,
        version=report.version + 1,
        values=command.values,
        as_of=command.as_of,
        data_source=command.data_source,
        evidence=command.evidence,
        note=command.note,
        explanation=command.explanation,
        late=late or report.late,
        backfilled=asked.fact_at is not None,
        on_behalf=bool(asked.on_behalf_of),
    )
    overdue = report.deadline.key in state.overdue
    met = [DeadlineMet(deadline=report.deadline.key, number=report.deadline.number)] if overdue and not late else []
    return [submitted, *met]


def _sign(command: SignReport, state: Task, known: Known, asked: Asked) -> list[Event]:
    _while_running(state, known, command)
    report = _report(state, command.period)
    if report.stage is ReportStage.SIGNED:
        return []
    _at_step(report, command, command.period, ReportStage.SUBMITTED)
    substitute = _apart(Duty.SIGN, report.hands, known, asked)
    review = due_at(known.calendar.due_by(asked.at, known.policies.limits.review))
    return [ReportSigned(period=command.period, version=report.version, review=review, substitute=substitute)]


def _accept_report(command: AcceptReport, state: Task, known: Known, asked: Asked) -> list[Event]:
    if known.cycle.phase is not Phase.LOCKED or state.stage in {Stage.REVIEW_SCORED, Stage.CONSOLIDATED}:
        _while_running(state, known, command)
    report = _report(state, command.period)
    if report.stage is ReportStage.ACCEPTED:
        return []
    _at_step(report, command, command.period, ReportStage.SIGNED)
    substitute = _apart(Duty.REVIEW, report.hands, known, asked)
    return [ReportAccepted(period=command.period, version=report.version, late=report.late, substitute=substitute)]


def _return_report(command: ReturnReport, state: Task, known: Known, asked: Asked) -> list[Event]:
    _while_running(state, known, command)
    report = _report(state, command.period)
    _at_step(report, command, command.period, ReportStage.SIGNED)
    substitute = _apart(Duty.REVIEW, report.hands, known, asked)
    if command.code is ReturnCode.OTHER and not command.comment.strip():
        raise CommentIsMissing
    again = known.calendar.due_by(asked.at, known.policies.limits.resubmit)
    old = report.deadline.dates
    due = DueDates(original=old.original, current=max(old.current, again), scoring=max(old.scoring, again))
    returns = report.returns + 1
    on = known.on(asked.at)
    told = holders(Relation.DEPUTY_LEADER, state.parties, known.organisation, on) if returns >= TWICE else ()
    return [
        ReportReturned(
            period=command.period,
            version=report.version,
            code=command.code,
            comment=command.comment,
            due=due,
            returns=returns,
            to=told,
            substitute=substitute,
        )
    ]


def _outcome(command: RecordOrderOutcome, state: Task) -> list[Event]:
    order = state.orders.get(command.order)
    if order is None or order.closed:
        return []
    outcome = OrderOutcomeRecorded(order=command.order, completion=command.completion, quality=command.quality, late=command.late)
    return [outcome]


def _self_score(command: SelfScore, state: Task, known: Known) -> list[Event]:
    _at_stage(state, known, command, Stage.DATA_LOCKED)
    computed = evaluate(state, final=True)
    points = _points(command.points, computed, state)
    if computed.points is not None and points is not None and points > computed.points and not command.ground.strip():
        raise GroundIsMissing(points=points, computed=computed.points)
    return [SelfScored(points=points, computed=computed, ground=command.ground, deemed=False, number=0, rung="")]


def _review_score(command: ReviewScore, state: Task, known: Known, asked: Asked) -> list[Event]:
    _at_stage(state, known, command, Stage.SELF_SCORED)
    substitute = _apart(Duty.REVIEW_SCORE, state.all_hands, known, asked)
    computed = evaluate(state, final=True, judged=command.values)
    points = _points(command.points, computed, state)
    if points is None and computed.verdict is None:
        raise ScoreIsMissing
    deviates = points != computed.points
    if deviates and not command.ground.strip():
        raise GroundIsMissing(points=points, computed=computed.points)
    if deviates or is_by_hand(state):
        _second_person(command.second, state, known, asked)
    return [
        ReviewScored(
            points=points,
            computed=computed,
            values=command.values,
            clauses=command.clauses,
            ground=command.ground,
            second=command.second,
            substitute=substitute,
        )
    ]


def _consolidate(command: Consolidate, state: Task, known: Known, asked: Asked) -> list[Event]:
    _at_stage(state, known, command, Stage.REVIEW_SCORED)
    substitute = _apart(Duty.CONSOLIDATE, state.all_hands, known, asked)
    adjustment = command.adjustment
    if adjustment is None:
        return [TaskConsolidated(points=state.points, adjustment=None, substitute=substitute)]
    if adjustment.before != state.points:
        raise AdjustmentDoesNotFit(before=adjustment.before, current=state.points)
    if not adjustment.reason.strip():
        raise GroundIsMissing(points=adjustment.after, computed=adjustment.before)
    _second_person(adjustment.second, state, known, asked)
    _within(adjustment.after, state)
    return [TaskConsolidated(points=adjustment.after, adjustment=adjustment, substitute=substitute)]


def _points(given: Decimal | None, computed: Scored, state: Task) -> Decimal | None:
    if given is None:
        return computed.points
    _within(given, state)
    return given


def _within(points: Decimal, state: Task) -> None:
    low, high = bounds(state)
    if not low <= points <= high:
        raise ScoreIsOutOfBounds(points=points, low=low, high=high)


def _second_person(second: str, state: Task, known: Known, asked: Asked) -> None:
    """Refuse a second person who is nobody, who asks themselves, or whose own score is at stake."""
    scored = state.hands.get(Duty.SELF_SCORE, frozenset()) | state.hands.get(Duty.REVIEW_SCORE, frozenset())
    if second in hands_of(asked) | scored or not known.organisation.posts_of(second, known.on(asked.at)):
        raise SecondPersonIsMissing


def _apart(duty: Duty, hands: Hands, known: Known, asked: Asked) -> bool:
    return keep_apart(duty, asked.by.person, asked.on_behalf_of, hands, known.policies.duties)


def _report(state: Task, period: str) -> Report:
    report = state.reports.get(period)
    if report is None:
        raise PeriodIsUnknown(period=period, known="、".join(state.reports))
    return report


def _at_step(report: Report, command: object, period: str, *stages: ReportStage) -> None:
    if report.stage not in stages:
        needed = "/".join(stages)
        raise ReportIsElsewhere(period=period, stage=report.stage, command=type(command).__name__, needed=needed)


def _while_running(state: Task, known: Known, command: object) -> None:
    if known.cycle.phase is not Phase.RUNNING or state.issued is None:
        stage = stage_of(state, known.cycle)
        raise NotPossibleAtThisStage(stage=stage, command=type(command).__name__, needed=Stage.IN_EXECUTION)


def _at_stage(state: Task, known: Known, command: object, needed: Stage) -> None:
    stage = stage_of(state, known.cycle)
    if stage is not needed:
        raise NotPossibleAtThisStage(stage=stage, command=type(command).__name__, needed=needed)
