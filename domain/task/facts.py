"""What happened to a task: its events, for ever in the log."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from domain.cycle import Assignment
from domain.deadline import DueDates
from domain.evidence import Evidence
from domain.indicator import Definition
from domain.order import Completion, Quality
from domain.periods import Period
from domain.policy import Act
from domain.reported import Reported
from domain.scoring.working import Scored


class ReturnCode(StrEnum):
    """Why a report goes back [handbook 3.3]."""

    EVIDENCE_INCOMPLETE = "evidence-incomplete"
    WRONG_UNIT_OR_PERIOD = "wrong-unit-or-period"
    VALUE_IMPLAUSIBLE = "value-implausible"
    WRONG_INDICATOR = "wrong-indicator"
    NOT_SIGNED_OFF = "not-signed-off"
    OTHER = "other"


@dataclass(frozen=True, kw_only=True)
class ClauseVerdict:
    """A reviewer's verdict on one clause of the standard: meets it or not, with a note [R18]."""

    clause: str
    meets: bool
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Adjustment:
    """绩效办调整: before, after, why, on which evidence, and the second person [R52]."""

    before: Decimal
    after: Decimal
    reason: str
    second: str
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, kw_only=True)
class TaskIssued:
    """指标下达: everything the task will ever be judged by, as it stood at issue."""

    task: str
    indicator: str
    definition_version: int
    definition: Definition
    assignment: Assignment
    document: str
    issuer: str
    accept: DueDates
    periods: tuple[Period, ...]


@dataclass(frozen=True, kw_only=True)
class TaskAccepted:
    """承接"""

    plan: str
    after_deemed: bool  # The silence had been recorded first, but this was received in time and stands.


@dataclass(frozen=True, kw_only=True)
class TaskDeemedAccepted:
    """视同承接"""

    number: int
    rung: str
    to: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ReportOpened:
    """报表开放"""

    period: str
    due: DueDates


@dataclass(frozen=True, kw_only=True)
class ContributionDelivered:
    """协办配合: an assisting department hands the lead what it owes for a period."""

    period: str
    department: str
    note: str
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, kw_only=True)
class ReportSubmitted:
    """上报. ``late`` and ``backfilled`` stay true for ever. ``values`` are in the definition's unit, as of ``as_of``."""

    period: str
    version: int
    values: tuple[Reported, ...]
    as_of: date
    data_source: str
    evidence: tuple[Evidence, ...]
    note: str
    explanation: str
    late: bool
    backfilled: bool
    on_behalf: bool


@dataclass(frozen=True, kw_only=True)
class DeadlineMet:
    """逾期撤销: what was recorded as overdue had been received in time."""

    deadline: str
    number: int


@dataclass(frozen=True, kw_only=True)
class ReportSigned:
    """部门签发"""

    period: str
    version: int
    review: DueDates
    substitute: bool


@dataclass(frozen=True, kw_only=True)
class ReportAccepted:
    """审核通过"""

    period: str
    version: int
    late: bool
    substitute: bool


@dataclass(frozen=True, kw_only=True)
class ReportReturned:
    """退回补正. ``to`` are the leaders told of a second return."""

    period: str
    version: int
    code: ReturnCode
    comment: str
    due: DueDates
    returns: int
    to: tuple[str, ...]
    substitute: bool


@dataclass(frozen=True, kw_only=True)
class ReportMissing:
    """缺报: not accepted when the data were locked."""

    period: str


@dataclass(frozen=True, kw_only=True)
class ReminderSent:
    """提醒. ``sender`` is the department it speaks for (empty: the system)."""

    deadline: str
    number: int
    rung: str
    level: int
    to: tuple[str, ...]
    sender: str
    due: datetime


@dataclass(frozen=True, kw_only=True)
class DeadlinePassed:
    """逾期"""

    deadline: str
    number: int
    rung: str
    level: int
    to: tuple[str, ...]
    due: datetime


@dataclass(frozen=True, kw_only=True)
class EscalationRaised:
    """催办升级. ``order`` names the supervision order this rung opens, ``order_due`` its due dates (both empty: none)."""

    deadline: str
    number: int
    rung: str
    level: int
    act: Act
    to: tuple[str, ...]
    due: datetime
    order: str
    order_due: DueDates | None


@dataclass(frozen=True, kw_only=True)
class PreAssessmentRun:
    """预考核. Provisional for ever: it never becomes a score. ``percent`` is of the full points (none: nothing to score yet)."""

    period: str
    scored: Scored
    percent: Decimal | None
    standard: Decimal
    missing: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class GapRecorded:
    """差距: what the pre-assessment fell short of, and the order that is to put it right."""

    period: str
    lost: Decimal
    order: str
    order_due: DueDates


@dataclass(frozen=True, kw_only=True)
class SupervisionLinked:
    """督办关联"""

    order: str


@dataclass(frozen=True, kw_only=True)
class OrderOutcomeRecorded:
    """督办结果"""

    order: str
    completion: Completion
    quality: Quality
    late: bool


@dataclass(frozen=True, kw_only=True)
class SelfScored:
    """自评. ``deemed``: nobody did in time, the computed score stands."""

    points: Decimal | None
    computed: Scored
    ground: str
    deemed: bool
    number: int
    rung: str


@dataclass(frozen=True, kw_only=True)
class ReviewScored:
    """考评部门评分. ``values`` are what the scorer had to judge (人工评分); ``second`` the second person of a deviation."""

    points: Decimal | None
    computed: Scored
    values: tuple[Reported, ...]
    clauses: tuple[ClauseVerdict, ...]
    ground: str
    second: str
    substitute: bool


@dataclass(frozen=True, kw_only=True)
class TaskConsolidated:
    """绩效办汇总"""

    points: Decimal | None
    adjustment: Adjustment | None
    substitute: bool


Event = (
    TaskIssued
    | TaskAccepted
    | TaskDeemedAccepted
    | ReportOpened
    | ContributionDelivered
    | ReportSubmitted
    | DeadlineMet
    | ReportSigned
    | ReportAccepted
    | ReportReturned
    | ReportMissing
    | ReminderSent
    | DeadlinePassed
    | EscalationRaised
    | PreAssessmentRun
    | GapRecorded
    | SupervisionLinked
    | OrderOutcomeRecorded
    | SelfScored
    | ReviewScored
    | TaskConsolidated
)
