"""What an office decides once and may change: limits, ladders, who must not be the same hands. Versioned data, never constants.

Each body carries its ``kind``; ``rule/{id}`` keeps its versions, and a cycle pins the versions it runs under.
"""

from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Literal

from domain.calendar import DeadlineRule


class Relation(StrEnum):
    """How a person stands to one matter. Rights, reminders and what may be seen are given to relations, never to names."""

    TOP_LEADER = "top-leader"
    DEPUTY_LEADER = "deputy-leader"
    COMMITTEE = "committee"
    OFFICE_HEAD = "office-head"
    OFFICE = "office"
    SUPERVISOR = "supervisor"
    LEAD_HEAD = "lead-head"
    LEAD_LIAISON = "lead-liaison"
    RESPONSIBLE = "responsible"
    ASSISTING = "assisting"
    PROVIDER = "provider"
    PROVIDER_HEAD = "provider-head"
    REVIEWER = "reviewer"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"
    SYSTEM = "system"


class Act(StrEnum):
    """What a rung of a ladder does."""

    REMIND = "remind"
    PROMPT = "prompt"
    CHASE = "chase"
    ORDER = "order"
    CIRCULAR = "circular"
    DEEM = "deem"


@dataclass(frozen=True, kw_only=True)
class Rung:
    """One step of a ladder, ``workdays`` (or ``seconds``) after the due instant, before it where negative.

    ``sender`` is who it comes from in the receivers' eyes: the lead department chases its assisting ones first [R19].
    """

    key: str
    level: int
    act: Act
    to: tuple[Relation, ...]
    workdays: int = 0
    seconds: int = 0
    sender: Relation = Relation.SYSTEM


@dataclass(frozen=True, kw_only=True)
class Ladders:
    """催办阶梯: one ladder for each kind of deadline, in order of time [handbook 3.5]."""

    kind: Literal["ladders"] = "ladders"
    accept: tuple[Rung, ...] = ()
    report: tuple[Rung, ...] = ()
    review: tuple[Rung, ...] = ()
    self_score: tuple[Rung, ...] = ()
    review_score: tuple[Rung, ...] = ()
    consolidate: tuple[Rung, ...] = ()
    order: tuple[Rung, ...] = ()

    def of(self, deadline: str) -> tuple[Rung, ...]:
        """Give the ladder of a deadline by its key, such as ``report/Q1``."""
        rungs: tuple[Rung, ...] = getattr(self, deadline.partition("/")[0].replace("-", "_"))
        return rungs


@dataclass(frozen=True, kw_only=True)
class Limits:
    """时限: how long each step may take [handbook 3.3, 3.4]. ``report_*`` and ``lock`` run from the last day of the period, of the cycle.

    Before ``lock`` has passed the data are locked only by the top leader with a reason, so it must not be shorter than the reports'.
    """

    kind: Literal["limits"] = "limits"
    accept: DeadlineRule = DeadlineRule(amount=3)
    report_month: DeadlineRule = DeadlineRule(amount=5, unit="days")
    report_quarter: DeadlineRule = DeadlineRule(amount=8, unit="days")
    report_half: DeadlineRule = DeadlineRule(amount=15, unit="days")
    report_year: DeadlineRule = DeadlineRule(amount=15, unit="days")
    opens_before_end_days: int = 6
    review: DeadlineRule = DeadlineRule(amount=3)
    resubmit: DeadlineRule = DeadlineRule(amount=2)
    self_score: DeadlineRule = DeadlineRule(amount=3)
    review_score: DeadlineRule = DeadlineRule(amount=5)
    consolidate: DeadlineRule = DeadlineRule(amount=3)
    lock: DeadlineRule = DeadlineRule(amount=16, unit="days")
    approve: DeadlineRule = DeadlineRule(amount=5)
    notice: DeadlineRule = DeadlineRule(amount=5, count_first_day=True)
    archive: DeadlineRule = DeadlineRule(amount=30)
    sign_for: DeadlineRule = DeadlineRule(amount=1)
    rectify: DeadlineRule = DeadlineRule(amount=15)


class Duty(StrEnum):
    """A part in the making of one score. Certain duties must not be in the same hands."""

    REPORT = "report"
    SIGN = "sign"
    REVIEW = "review"
    SELF_SCORE = "self-score"
    REVIEW_SCORE = "review-score"
    CONSOLIDATE = "consolidate"
    RECTIFY = "rectify"
    VERIFY = "verify"


class SameHands(StrEnum):
    """What happens when two duties that must be apart meet in one person."""

    REFUSE = "refuse"
    SUBSTITUTE = "substitute"  # Small offices: an authorised substitute acts, and the case is listed.


@dataclass(frozen=True, kw_only=True)
class Duties:
    """职责分离: which duties on one matter must be in different hands [R53]."""

    kind: Literal["duties"] = "duties"
    same_hands: SameHands = SameHands.REFUSE
    apart: tuple[tuple[Duty, Duty], ...] = (
        (Duty.REPORT, Duty.REVIEW),
        (Duty.SIGN, Duty.REVIEW),
        (Duty.REPORT, Duty.REVIEW_SCORE),
        (Duty.SIGN, Duty.REVIEW_SCORE),
        (Duty.SELF_SCORE, Duty.REVIEW_SCORE),
        (Duty.REVIEW_SCORE, Duty.CONSOLIDATE),
        (Duty.REPORT, Duty.CONSOLIDATE),
        (Duty.RECTIFY, Duty.VERIFY),
    )


@dataclass(frozen=True, kw_only=True)
class Standards:
    """预考核标准: a pre-assessment below ``percent`` of the full points opens a supervision order [R51]."""

    kind: Literal["standards"] = "standards"
    percent: Decimal = Decimal(80)


@dataclass(frozen=True, kw_only=True)
class Visibility:
    """可见范围: who may see provisional scores, beside the department itself."""

    kind: Literal["visibility"] = "visibility"
    provisional: tuple[Relation, ...] = (
        Relation.TOP_LEADER,
        Relation.DEPUTY_LEADER,
        Relation.OFFICE,
        Relation.OFFICE_HEAD,
        Relation.SUPERVISOR,
        Relation.AUDITOR,
    )
    own_department: bool = True


Policy = Ladders | Limits | Duties | Standards | Visibility


@dataclass(frozen=True, kw_only=True)
class Policies:
    """The policies in force for one decision, and the version of each rule they come from."""

    ladders: Ladders = field(default_factory=Ladders)
    limits: Limits = field(default_factory=Limits)
    duties: Duties = field(default_factory=Duties)
    standards: Standards = field(default_factory=Standards)
    visibility: Visibility = field(default_factory=Visibility)
