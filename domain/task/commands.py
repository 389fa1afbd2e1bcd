"""What may be asked of a task. Each docstring is the summary people see."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from domain.evidence import Evidence
from domain.order import RecordOrderOutcome
from domain.reported import Reported
from domain.task.facts import Adjustment, ClauseVerdict, ReturnCode


@dataclass(frozen=True, kw_only=True)
class IssueTask:
    """下达: put the planned indicator into its department's hands. The first step of every task, asked by the system."""

    task: str
    indicator: str
    lead: str


@dataclass(frozen=True, kw_only=True)
class Accept:
    """承接: the head takes the task on."""

    plan: str = ""


@dataclass(frozen=True, kw_only=True)
class DeliverContribution:
    """配合: an assisting department hands the lead what it owes for a period."""

    period: str
    note: str
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, kw_only=True)
class SubmitReport:
    """上报: give a period's values with their date, source and evidence."""

    period: str
    values: tuple[Reported, ...]
    as_of: date
    data_source: str
    evidence: tuple[Evidence, ...] = ()
    note: str = ""
    explanation: str = ""


@dataclass(frozen=True, kw_only=True)
class SignReport:
    """签发: the providing department's head signs the report."""

    period: str


@dataclass(frozen=True, kw_only=True)
class AcceptReport:
    """审核通过: the reviewing department takes the report as good."""

    period: str


@dataclass(frozen=True, kw_only=True)
class ReturnReport:
    """退回: the reviewing department sends one report back, with a reason code."""

    period: str
    code: ReturnCode
    comment: str = ""


@dataclass(frozen=True, kw_only=True)
class LinkOrder:
    """Record that a supervision order is open."""

    order: str


@dataclass(frozen=True, kw_only=True)
class SelfScore:
    """自评: the lead department's head scores the year. No points given: the computed ones."""

    points: Decimal | None = None
    ground: str = ""


@dataclass(frozen=True, kw_only=True)
class ReviewScore:
    """考评: the reviewing department scores, clause by clause. No points given: the computed ones."""

    points: Decimal | None = None
    values: tuple[Reported, ...] = ()
    clauses: tuple[ClauseVerdict, ...] = ()
    ground: str = ""
    second: str = ""


@dataclass(frozen=True, kw_only=True)
class Consolidate:
    """汇总: the office takes the score over, with an adjustment where one is recorded."""

    adjustment: Adjustment | None = None


Command = (
    IssueTask
    | Accept
    | DeliverContribution
    | SubmitReport
    | SignReport
    | AcceptReport
    | ReturnReport
    | LinkOrder
    | RecordOrderOutcome
    | SelfScore
    | ReviewScore
    | Consolidate
)
