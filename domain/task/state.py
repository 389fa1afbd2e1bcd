"""What decisions on a task read, and how its events make it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import assert_never

from domain.authority import Hands, Parties, hands_of
from domain.cycle import Cycle, Phase
from domain.deadline import Deadline, DueDates
from domain.decider import Asked
from domain.order import OrderCause
from domain.periods import Period
from domain.policy import Duty
from domain.reported import Reported
from domain.task.facts import (
    ContributionDelivered,
    DeadlineMet,
    DeadlinePassed,
    EscalationRaised,
    Event,
    GapRecorded,
    OrderOutcomeRecorded,
    PreAssessmentRun,
    ReminderSent,
    ReportAccepted,
    ReportMissing,
    ReportOpened,
    ReportReturned,
    ReportSigned,
    ReportSubmitted,
    ReviewScored,
    SelfScored,
    SupervisionLinked,
    TaskAccepted,
    TaskConsolidated,
    TaskDeemedAccepted,
    TaskIssued,
)


class Stage(StrEnum):
    """The main states, one at a time. From DATA_LOCKED on some are the cycle's: see ``stage_of``."""

    NONE = "none"
    ISSUED = "issued"
    ACCEPTED = "accepted"
    IN_EXECUTION = "in-execution"
    DATA_LOCKED = "data-locked"
    SELF_SCORED = "self-scored"
    REVIEW_SCORED = "review-scored"
    CONSOLIDATED = "consolidated"
    APPROVED = "approved"
    PUBLICISED = "publicised"
    FINAL = "final"
    ARCHIVED = "archived"


class ReportStage(StrEnum):
    """Where one period's report stands."""

    NOT_OPEN = "not-open"
    OPEN = "open"
    SUBMITTED = "submitted"
    SIGNED = "signed"
    ACCEPTED = "accepted"
    RETURNED = "returned"
    MISSING = "missing"


@dataclass(frozen=True, kw_only=True)
class Report:
    """One period's report. ``hands`` says who did which duty on its present version."""

    period: Period
    deadline: Deadline
    stage: ReportStage = ReportStage.NOT_OPEN
    version: int = 0
    values: tuple[Reported, ...] = ()
    late: bool = False
    returns: int = 0
    review: Deadline | None = None
    hands: Hands = field(default_factory=dict)
    contributed: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class OrderAsked:
    """A supervision order the task has asked for."""

    order: str
    cause: OrderCause
    matter: str
    due: DueDates
    at: datetime
    linked: bool = False
    closed: bool = False


@dataclass(frozen=True, kw_only=True)
class Task:
    """One task. ``overdue`` gives the level reached by each deadline that is overdue now."""

    stage: Stage = Stage.NONE
    issued: TaskIssued | None = None
    accept: Deadline | None = None
    deemed: bool = False
    reports: Mapping[str, Report] = field(default_factory=dict)
    fired: frozenset[str] = frozenset()
    overdue: Mapping[str, int] = field(default_factory=dict)
    pre_assessed: frozenset[str] = frozenset()
    orders: Mapping[str, OrderAsked] = field(default_factory=dict)
    hands: Hands = field(default_factory=dict)
    points: Decimal | None = None

    @property
    def the(self) -> TaskIssued:
        """Give what was issued; a task without it has no decision to take."""
        assert self.issued is not None
        return self.issued

    @property
    def all_hands(self) -> Hands:
        """Say who did what in the making of the score: in any accepted report, and in the scoring itself."""
        made: dict[Duty, frozenset[str]] = {}
        accepted = (report.hands for report in self.reports.values() if report.stage is ReportStage.ACCEPTED)
        for hands in (*accepted, self.hands):
            for duty, persons in hands.items():
                made[duty] = made.get(duty, frozenset()) | persons
        return made

    @property
    def parties(self) -> Parties:
        """Say whom the task concerns."""
        if self.issued is None:
            return Parties()
        its = self.issued.assignment
        return Parties(
            lead=its.lead,
            responsible=its.responsible,
            deputy_leader=its.deputy_leader,
            reviewing=its.reviewing,
            providing=its.provider.department or its.lead,
            assisting=tuple((helper.department, helper.person) for helper in its.assisting),
        )


def stage_of(task: Task, cycle: Cycle) -> Stage:
    """Give a task's stage: its own and the cycle's together."""
    match cycle.phase:
        case Phase.LOCKED if task.stage in {Stage.ISSUED, Stage.ACCEPTED, Stage.IN_EXECUTION}:
            return Stage.DATA_LOCKED
        case Phase.APPROVED:
            return Stage.APPROVED
        case Phase.PUBLICISED:
            return Stage.PUBLICISED
        case Phase.FINAL:
            return Stage.FINAL
        case Phase.ARCHIVED:
            return Stage.ARCHIVED
        case _:
            return task.stage


def evolve(state: Task, event: Event, asked: Asked) -> Task:
    """Fold one event."""
    match event:
        case TaskIssued():
            return _issued(event, asked)
        case TaskAccepted():
            done = _done(state, "accept")
            return replace(done, stage=max(state.stage, Stage.ACCEPTED, key=_ORDER.index), deemed=False)
        case TaskDeemedAccepted():
            fired = state.fired | {f"accept/{event.number}/{event.rung}"}
            return replace(_done(state, "accept"), stage=Stage.ACCEPTED, deemed=True, fired=fired)
        case ReportOpened():
            opened = _report(state, event.period, stage=ReportStage.OPEN)
            return replace(opened, stage=max(state.stage, Stage.IN_EXECUTION, key=_ORDER.index))
        case ContributionDelivered():
            contributed = state.reports[event.period].contributed | {event.department}
            return _report(state, event.period, contributed=contributed)
        case ReportSubmitted():
            return _report(
                state,
                event.period,
                stage=ReportStage.SUBMITTED,
                version=event.version,
                values=event.values,
                late=event.late,
                hands={Duty.REPORT: hands_of(asked)},
            )
        case DeadlineMet():
            return _done(state, event.deadline)
        case ReportSigned():
            signed_by = {**state.reports[event.period].hands, Duty.SIGN: hands_of(asked)}
            review = Deadline(key=f"review/{event.period}/{event.version}", dates=event.review, since=asked.at)
            signed = _report(state, event.period, stage=ReportStage.SIGNED, review=review, hands=signed_by)
            return _done(signed, f"report/{event.period}")
        case ReportAccepted():
            reviewed_by = {**state.reports[event.period].hands, Duty.REVIEW: hands_of(asked)}
            accepted = _report(state, event.period, stage=ReportStage.ACCEPTED, hands=reviewed_by)
            return _done(accepted, f"review/{event.period}/{event.version}")
        case ReportReturned():
            old = state.reports[event.period].deadline
            again = replace(old, dates=event.due, number=old.number + 1, since=asked.at)
            returned = _report(state, event.period, stage=ReportStage.RETURNED, deadline=again, returns=event.returns)
            return _done(returned, f"review/{event.period}/{event.version}")
        case ReportMissing():
            return _done(_report(state, event.period, stage=ReportStage.MISSING), f"report/{event.period}")
        case ReminderSent() | DeadlinePassed():
            return _rung(state, event)
        case EscalationRaised():
            raised = _rung(state, event)
            return _asked_for(raised, OrderCause.OVERDUE, event.deadline, event.order, event.order_due, asked)
        case PreAssessmentRun():
            return replace(state, pre_assessed=state.pre_assessed | {event.period})
        case GapRecorded():
            return _asked_for(state, OrderCause.PRE_ASSESSMENT_GAP, event.period, event.order, event.order_due, asked)
        case SupervisionLinked():
            return replace(state, orders={**state.orders, event.order: replace(state.orders[event.order], linked=True)})
        case OrderOutcomeRecorded():
            return replace(state, orders={**state.orders, event.order: replace(state.orders[event.order], closed=True)})
        case SelfScored():
            fired = state.fired | {f"self-score/{event.number}/{event.rung}"} if event.deemed else state.fired
            scored = replace(_done(state, "self-score"), stage=Stage.SELF_SCORED, points=event.points, fired=fired)
            return scored if event.deemed else replace(scored, hands={**state.hands, Duty.SELF_SCORE: hands_of(asked)})
        case ReviewScored():
            hands = {**state.hands, Duty.REVIEW_SCORE: hands_of(asked)}
            return replace(_done(state, "review-score"), stage=Stage.REVIEW_SCORED, points=event.points, hands=hands)
        case TaskConsolidated():
            hands = {**state.hands, Duty.CONSOLIDATE: hands_of(asked)}
            return replace(_done(state, "consolidate"), stage=Stage.CONSOLIDATED, points=event.points, hands=hands)
        case _:
            assert_never(event)


_ORDER = list(Stage)


def _issued(event: TaskIssued, asked: Asked) -> Task:
    reports = {
        period.key: Report(period=period, deadline=Deadline(key=f"report/{period.key}", dates=period.due, since=period.opens))
        for period in event.periods
    }
    return Task(
        stage=Stage.ISSUED, issued=event, accept=Deadline(key="accept", dates=event.accept, since=asked.at), reports=reports
    )


def _report(state: Task, period: str, **changes: object) -> Task:
    changed = replace(state.reports[period], **changes)  # type: ignore[arg-type]  # Fields of Report, by the callers above.
    return replace(state, reports={**state.reports, period: changed})


def _done(state: Task, deadline: str) -> Task:
    return replace(state, overdue={key: level for key, level in state.overdue.items() if key != deadline})


def _rung(state: Task, event: ReminderSent | DeadlinePassed | EscalationRaised) -> Task:
    fired = state.fired | {f"{event.deadline}/{event.number}/{event.rung}"}
    if isinstance(event, ReminderSent):
        return replace(state, fired=fired)
    return replace(state, fired=fired, overdue={**state.overdue, event.deadline: event.level})


def _asked_for(state: Task, cause: OrderCause, matter: str, order: str, due: DueDates | None, asked: Asked) -> Task:  # noqa: PLR0917
    if not order or due is None or order in state.orders:
        return state  # One matter, one order, however many rungs lead to it.
    wanted = OrderAsked(order=order, cause=cause, matter=matter, due=due, at=asked.at)
    return replace(state, orders={**state.orders, order: wanted})
