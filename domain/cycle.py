"""An assessment cycle: what is true of all its tasks at once is one event here.

    PLANNED ── issue ──► RUNNING ── lock ──► LOCKED ── approve ──► APPROVED
        ── publicise ──► PUBLICISED ── notice over ──► FINAL ── archive ──► ARCHIVED

A task's stage at a position is its own and the cycle's together (``task.stage_of``). While ``carrying_in`` is true, a history from
before the system is being entered (补录): commands may state when they were received, and no clock runs by itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import assert_never

from domain import names
from domain.authority import Parties, entitle
from domain.calendar import Calendar
from domain.deadline import Deadline, DueDates, due_at, rungs_due
from domain.decider import Asked, Decider, Due, Refused
from domain.organisation import Organisation, Role
from domain.policy import Policies
from domain.scoring import Rule


class Phase(StrEnum):
    """Where the whole cycle stands."""

    NONE = "none"
    PLANNED = "planned"
    RUNNING = "running"
    LOCKED = "locked"
    APPROVED = "approved"
    PUBLICISED = "publicised"
    FINAL = "final"
    ARCHIVED = "archived"


class ProviderKind(StrEnum):
    """Who provides an indicator's value: rarely the one that is assessed."""

    SELF = "self"
    DEPARTMENT = "department"
    OFFICE = "office"
    SYSTEM = "system"


@dataclass(frozen=True, kw_only=True)
class Provider:
    """数据提供: ``department`` is the one that reports the value (empty for a system); ``system`` names where it comes from."""

    kind: ProviderKind
    department: str = ""
    system: str = ""


@dataclass(frozen=True, kw_only=True)
class Assisting:
    """协办: a department with its person and its share (per cent) of the result."""

    department: str
    person: str
    share: Decimal


@dataclass(frozen=True, kw_only=True)
class Assignment:
    """One indicator in one lead department's hands.

    ``rule`` and ``points`` differ from the definition's where the unit has its own target or weight (差异化). ``unit_class`` selects a
    class-dependent standard (A, B, C). ``share`` is the lead's own share in per cent.
    """

    indicator: str
    version: int
    lead: str
    responsible: str
    reviewing: str
    provider: Provider
    deputy_leader: str = ""
    share: Decimal = Decimal(100)
    assisting: tuple[Assisting, ...] = ()
    rule: Rule | None = None
    points: Decimal | None = None
    unit_class: str = ""


@dataclass(frozen=True, kw_only=True)
class Pinned:
    """A rule and the version the cycle runs under."""

    rule: str
    version: int


@dataclass(frozen=True, kw_only=True)
class Call:
    """All tasks (or those that still owe something) are to look at what is due up to ``at``. ``cause`` names it for ever."""

    cause: str
    at: datetime
    owing_only: bool = False


# Events


@dataclass(frozen=True, kw_only=True)
class CycleOpened:
    """周期启动"""

    name: str
    year: int
    scope: str
    starts: date
    ends: date
    calendar: str
    calendar_version: int
    rules: tuple[Pinned, ...]
    carrying_in: bool
    demonstration: bool


@dataclass(frozen=True, kw_only=True)
class TasksPlanned:
    """任务编制: a chunk of the plan."""

    assignments: tuple[Assignment, ...]


@dataclass(frozen=True, kw_only=True)
class CycleIssued:
    """下达"""

    document: str
    issuer: str
    minutes: str
    tasks: int


@dataclass(frozen=True, kw_only=True)
class RulesAdopted:
    """制度变更: from here on the cycle runs under these versions."""

    rules: tuple[Pinned, ...]
    document: str


@dataclass(frozen=True, kw_only=True)
class CarryInClosed:
    """历史补录结束"""


@dataclass(frozen=True, kw_only=True)
class PreAssessmentCalled:
    """预考核启动: every task is scored on what was accepted by now, provisionally."""

    period: str
    label: str


@dataclass(frozen=True, kw_only=True)
class DataLocked:
    """数据锁定. ``early`` when the top leader closes the year before its end."""

    self_score: DueDates
    review_score: DueDates
    consolidate: DueDates
    early: bool


@dataclass(frozen=True, kw_only=True)
class ResultApproved:
    """结果审定"""

    minutes: str


@dataclass(frozen=True, kw_only=True)
class ResultPublicised:
    """公示"""

    document: str
    until: datetime


@dataclass(frozen=True, kw_only=True)
class ResultFinalised:
    """定分"""


@dataclass(frozen=True, kw_only=True)
class CyclePackageArchived:
    """归档"""

    document: str


@dataclass(frozen=True, kw_only=True)
class PhaseRungReached:
    """阶段催办: the tasks that still owe something are called."""

    rung: str


@dataclass(frozen=True, kw_only=True)
class TasksCalled:
    """任务唤醒: a call has reached its tasks."""

    cause: str
    tasks: int


# Commands


@dataclass(frozen=True, kw_only=True)
class OpenCycle:
    """Open a cycle."""

    name: str
    year: int
    scope: str
    starts: date
    ends: date
    calendar: str
    calendar_version: int
    rules: tuple[Pinned, ...]
    carrying_in: bool = False
    demonstration: bool = False


@dataclass(frozen=True, kw_only=True)
class PlanTasks:
    """Add assignments to the plan (at most 500 at a time). One that is there already, unchanged, is passed over."""

    assignments: tuple[Assignment, ...]


@dataclass(frozen=True, kw_only=True)
class IssueCycle:
    """下达: freeze the plan and put every task into its department's hands [R7]. ``issuer`` is the body or leader that issues."""

    document: str
    issuer: str
    minutes: str = ""


@dataclass(frozen=True, kw_only=True)
class AdoptRules:
    """Run under other versions of the rules from here on."""

    rules: tuple[Pinned, ...]
    document: str


@dataclass(frozen=True, kw_only=True)
class CloseCarryIn:
    """End the carrying in of history: from now on the clocks run."""


@dataclass(frozen=True, kw_only=True)
class CallPreAssessment:
    """Run a pre-assessment over all tasks."""

    period: str
    label: str


@dataclass(frozen=True, kw_only=True)
class LockData:
    """Lock the data at the year's end; before it only by the top leader with a reason."""


@dataclass(frozen=True, kw_only=True)
class ApproveResults:
    """审定: approve the consolidated results by minutes."""

    minutes: str


@dataclass(frozen=True, kw_only=True)
class PubliciseResults:
    """公示: publish the frozen list for objection."""

    document: str


@dataclass(frozen=True, kw_only=True)
class ArchiveCycle:
    """归档: hand the package over."""

    document: str


@dataclass(frozen=True, kw_only=True)
class RecordCall:
    """Record that a call has reached its tasks."""

    cause: str
    tasks: int


Event = (
    CycleOpened
    | TasksPlanned
    | CycleIssued
    | RulesAdopted
    | CarryInClosed
    | PreAssessmentCalled
    | DataLocked
    | ResultApproved
    | ResultPublicised
    | ResultFinalised
    | CyclePackageArchived
    | PhaseRungReached
    | TasksCalled
)
Command = (
    OpenCycle
    | PlanTasks
    | IssueCycle
    | AdoptRules
    | CloseCarryIn
    | CallPreAssessment
    | LockData
    | ApproveResults
    | PubliciseResults
    | ArchiveCycle
    | RecordCall
)


# Refusals


class NotPossibleInThisPhase(Refused):
    """The cycle is not where this command belongs."""

    zh = "周期目前处于“{phase}”阶段，不能执行“{command}”；该操作只能在“{needed}”阶段进行。"
    en = "The cycle is in phase '{phase}'; '{command}' belongs to phase '{needed}'."


class CycleExists(Refused):
    """A cycle of this name is open already, with other settings."""

    zh = "周期“{name}”已经启动，且设置与本次不同。请换一个周期编号，或核对后沿用原周期。"
    en = "Cycle '{name}' is open already with other settings. Use another id, or check and go on with that one."


class CycleEndsBeforeItStarts(Refused):
    """The dates are the wrong way round."""

    zh = "周期起始日 {starts} 不早于终止日 {ends}。请更正日期。"
    en = "The cycle starts on {starts}, not before it ends on {ends}. Correct the dates."


class NobodyIsResponsible(Refused):
    """An indicator cannot be planned without a lead department, a person and a reviewing department [R23]."""

    zh = "指标 {indicator} 缺少{missing}。请补齐牵头部门、责任人和考评部门后再编制。"
    en = "Indicator {indicator} lacks its {missing}. Name lead department, responsible person and reviewing department first."


class SharesDoNotAddUp(Refused):
    """Lead and assisting shares must make 100 per cent."""

    zh = "指标 {indicator}（{lead}）的牵头与协办比例合计为 {total}%，应为 100%。请调整比例。"
    en = "The shares of indicator {indicator} ({lead}) add up to {total} %, not 100 %. Adjust them."


class LiaisonIsMissing(Refused):
    """A department without a liaison officer cannot be issued to [R25]."""

    zh = "{department} 没有绩效联络员，不能向其下达指标。请先任命联络员。"
    en = "Department {department} has no liaison officer, so nothing can be issued to it. Name one first."


class PlanIsEmpty(Refused):
    """There is nothing to issue."""

    zh = "周期内没有任何指标任务，无法下达。请先导入或编制指标。"
    en = "The cycle has no tasks, so there is nothing to issue. Import or plan indicators first."


class PlanIsFrozen(Refused):
    """The set of tasks is frozen at issue."""

    zh = "指标已经下达，任务清单已冻结。变更请走调整程序。"
    en = "The cycle is issued and its plan is frozen. Changes go through an adjustment."


class DocumentIsMissing(Refused):
    """A decision of this weight needs a document number."""

    zh = "“{command}”必须填写文号或会议纪要编号。请补充后重新提交。"
    en = "'{command}' needs a document or minutes number. Add it and submit again."


class YearIsNotOver(Refused):
    """Data are locked when the last reports are due; earlier only by the top leader, with a reason."""

    zh = "周期到 {ends} 结束，{since} 起才可锁定数据。提前锁定须由主要负责人办理并写明原因。"
    en = "The cycle ends on {ends} and its data may be locked from {since}. Earlier only by the top leader, with a reason."


class HistoryIsStillOpen(Refused):
    """Nothing is locked while a history is being carried in: its clocks have not run yet."""

    zh = "历史补录尚未结束，不能锁定数据。请先结束历史补录。"
    en = "History is still being carried in, so the data cannot be locked. Close the carrying in first."


class ReviewerIsAssessed(Refused):
    """A department cannot review its own indicator [handbook 3.3]."""

    zh = "指标 {indicator} 的考评部门与牵头部门同为 {lead}。请指定另一个部门考评。"
    en = "Indicator {indicator} would be reviewed by its own lead department {lead}. Name another department to review."


class ProviderIsMissing(Refused):
    """A value that others provide needs the department that does."""

    zh = "指标 {indicator}（{lead}）的数据不由本部门提供，但没有写明提供部门。请补充提供部门。"
    en = "The value of indicator {indicator} ({lead}) comes from others, but no providing department is named. Name it."


class DefinitionIsUnknown(Refused):
    """A plan names an indicator, or a version of one, that was never published."""

    zh = "指标 {indicator} 没有第 {version} 版。请先发布该指标，再编制任务。"
    en = "Indicator {indicator} has no version {version}. Publish it before planning tasks with it."


class RuleIsDropped(Refused):
    """Adopting rules replaces versions; it neither drops a rule nor names one twice."""

    zh = "改用制度时必须为每项制度各写一个版本，缺少或重复：{rules}。请补齐后重新提交。"
    en = "Adopting rules names one version of each; missing or doubled: {rules}. Complete the list and submit again."


class CarryInIsClosed(Refused):
    """A receipt in the past can be stated only while history is carried in."""

    zh = "历史补录已结束，不能再指定过去的受理时间。请按现在的时间上报，系统会标注“补录”。"
    en = "The carrying in of history is closed, so no past receipt can be stated. Report now; it is marked as a late entry."


class SomeAreNotConsolidated(Refused):
    """Results are approved only when every task is consolidated."""

    zh = "还有 {count} 项任务没有汇总（例如 {example}），不能审定。请先完成汇总。"
    en = "{count} tasks are not consolidated yet (such as {example}), so the results cannot be approved. Consolidate them first."


# State


@dataclass(frozen=True, kw_only=True)
class Cycle:
    """What decisions on the cycle, its tasks and its orders read."""

    phase: Phase = Phase.NONE
    opened: CycleOpened | None = None
    plan: Mapping[tuple[str, str], Assignment] = field(default_factory=dict)  # By (indicator, lead department).
    issued: CycleIssued | None = None
    issued_at: datetime | None = None
    rules: tuple[Pinned, ...] = ()
    rules_since: datetime | None = None  # Adopted then (None: with the opening); their rungs begin there.
    carrying_in: bool = False
    pre_assessments: tuple[tuple[str, datetime], ...] = ()  # (period, called at)
    locked: DataLocked | None = None
    locked_at: datetime | None = None
    notice_until: datetime | None = None
    fired: frozenset[str] = frozenset()
    calls: tuple[Call, ...] = ()


@dataclass(frozen=True, kw_only=True)
class CycleKnown:
    """What a decision on the cycle needs beside its stream. ``unconsolidated`` names the tasks that are not consolidated."""

    organisation: Organisation
    calendar: Calendar
    policies: Policies
    unconsolidated: tuple[str, ...] = ()
    definitions: Mapping[str, int] = field(default_factory=dict)  # Versions published of the indicators a plan names.


# Functions


def decide(command: Command, state: Cycle, known: CycleKnown, asked: Asked) -> list[Event]:
    """Decide on the whole cycle."""
    on = asked.at.date() if state.opened is None else known.calendar.local_day(asked.at)
    entitle(type(command).__name__, asked, Parties(), known.organisation, on)
    match command:
        case OpenCycle():
            return _open(command, state, known)
        case PlanTasks():
            return _plan(command, state, known, on)
        case IssueCycle():
            return _issue(command, state)
        case AdoptRules():
            _require(state, command, Phase.RUNNING, Phase.LOCKED, Phase.APPROVED, Phase.PUBLICISED)
            _complete(command.rules, state.rules)
            return [] if command.rules == state.rules else [RulesAdopted(rules=command.rules, document=_document(command))]
        case CloseCarryIn():
            _require(state, command, Phase.RUNNING)
            return [CarryInClosed()] if state.carrying_in else []
        case CallPreAssessment():
            _require(state, command, Phase.RUNNING)
            if command.period in {period for period, _ in state.pre_assessments}:
                return []
            return [PreAssessmentCalled(period=command.period, label=command.label)]
        case LockData():
            return _lock(command, state, known, asked, on)
        case ApproveResults():
            _require(state, command, Phase.LOCKED)
            if known.unconsolidated:
                raise SomeAreNotConsolidated(count=len(known.unconsolidated), example=known.unconsolidated[0])
            if not command.minutes:
                raise DocumentIsMissing(command="ApproveResults")
            return [ResultApproved(minutes=command.minutes)]
        case PubliciseResults():
            _require(state, command, Phase.APPROVED)
            until = known.calendar.due_by(asked.at, known.policies.limits.notice)
            return [ResultPublicised(document=_document(command), until=until)]
        case ArchiveCycle():
            _require(state, command, Phase.FINAL)
            return [CyclePackageArchived(document=_document(command))]
        case RecordCall():
            waiting = {call.cause for call in state.calls}
            return [TasksCalled(cause=command.cause, tasks=command.tasks)] if command.cause in waiting else []
        case _:
            assert_never(command)


def fire(due: Due, state: Cycle, known: CycleKnown) -> list[Event]:
    """Do one thing that fell due."""
    del state, known
    return [ResultFinalised()] if due.key == NOTICE_OVER else [PhaseRungReached(rung=due.key)]


def evolve(state: Cycle, event: Event, asked: Asked) -> Cycle:
    """Fold one event."""
    at = asked.at
    match event:
        case CycleOpened():
            return replace(state, phase=Phase.PLANNED, opened=event, rules=event.rules, carrying_in=event.carrying_in)
        case TasksPlanned():
            return replace(state, plan={**state.plan, **{(a.indicator, a.lead): a for a in event.assignments}})
        case CycleIssued():
            return _called(replace(state, phase=Phase.RUNNING, issued=event, issued_at=at), "issued", at)
        case RulesAdopted():
            return _called(
                replace(state, rules=event.rules, rules_since=at), f"rules/{at.isoformat()}", at
            )  # Other limits, other timers.
        case CarryInClosed():
            return _called(replace(state, carrying_in=False), "carry-in-closed", at)
        case PreAssessmentCalled():
            called = replace(state, pre_assessments=(*state.pre_assessments, (event.period, at)))
            return _called(called, f"pre-assessment/{event.period}", at)
        case DataLocked():
            return _called(replace(state, phase=Phase.LOCKED, locked=event, locked_at=at), "locked", at)
        case ResultApproved():
            return replace(state, phase=Phase.APPROVED)
        case ResultPublicised():
            return replace(state, phase=Phase.PUBLICISED, notice_until=event.until)
        case ResultFinalised():
            return replace(state, phase=Phase.FINAL)
        case CyclePackageArchived():
            return _called(replace(state, phase=Phase.ARCHIVED), "archived", at)
        case PhaseRungReached():
            return _called(replace(state, fired=state.fired | {event.rung}), event.rung, at, owing_only=True)
        case TasksCalled():
            return replace(state, calls=tuple(call for call in state.calls if call.cause != event.cause))
        case _:
            assert_never(event)


def wakes(state: Cycle, known: CycleKnown) -> tuple[Due, ...]:
    """Give the phase clocks: the rungs of scoring while the data are locked, and the end of the notice."""
    found: list[Due] = []
    if state.phase is Phase.LOCKED:
        for deadline in phase_deadlines(state):
            ladder = known.policies.ladders.of(deadline.key)
            found += rungs_due(deadline, ladder, known.calendar, state.fired, after=state.rules_since)
    if state.phase is Phase.PUBLICISED and state.notice_until is not None:
        found.append(Due(at=state.notice_until, key=NOTICE_OVER))
    return tuple(sorted(found, key=lambda due: (due.at, due.key)))


def phase_deadlines(state: Cycle) -> tuple[Deadline, ...]:
    """Give the deadlines of scoring, which all tasks share: self-score, review score, consolidation."""
    if state.locked is None:
        return ()
    return (
        Deadline(key=SELF_SCORE, dates=state.locked.self_score, since=state.locked_at),
        Deadline(key=REVIEW_SCORE, dates=state.locked.review_score, since=state.locked_at),
        Deadline(key=CONSOLIDATE, dates=state.locked.consolidate, since=state.locked_at),
    )


SELF_SCORE, REVIEW_SCORE, CONSOLIDATE = "self-score", "review-score", "consolidate"
NOTICE_OVER = "notice-over"
AFTERWARDS_WORKDAYS = 120  # Scoring, notice and archive need days after the cycle's end.

CYCLE = Decider(
    name="cycle",
    commands=(
        OpenCycle,
        PlanTasks,
        IssueCycle,
        AdoptRules,
        CloseCarryIn,
        CallPreAssessment,
        LockData,
        ApproveResults,
        PubliciseResults,
        ArchiveCycle,
        RecordCall,
    ),
    events=(
        CycleOpened,
        TasksPlanned,
        CycleIssued,
        RulesAdopted,
        CarryInClosed,
        PreAssessmentCalled,
        DataLocked,
        ResultApproved,
        ResultPublicised,
        ResultFinalised,
        CyclePackageArchived,
        PhaseRungReached,
        TasksCalled,
    ),
    initial=Cycle(),
    decide=decide,
    evolve=evolve,
    wakes=wakes,
    fire=fire,
)


def _open(command: OpenCycle, state: Cycle, known: CycleKnown) -> list[Event]:
    if command.ends <= command.starts:
        raise CycleEndsBeforeItStarts(starts=command.starts, ends=command.ends)
    known.calendar.add_workdays(command.ends, AFTERWARDS_WORKDAYS)  # Refused here rather than when the year is over.
    opened = CycleOpened(
        name=command.name,
        year=command.year,
        scope=command.scope,
        starts=command.starts,
        ends=command.ends,
        calendar=command.calendar,
        calendar_version=command.calendar_version,
        rules=command.rules,
        carrying_in=command.carrying_in,
        demonstration=command.demonstration,
    )
    if state.opened == opened:
        return []
    if state.opened is not None:
        raise CycleExists(name=state.opened.name)
    return [opened]


def _plan(command: PlanTasks, state: Cycle, known: CycleKnown, on: date) -> list[Event]:
    new = tuple(a for a in command.assignments if state.plan.get((a.indicator, a.lead)) != a)
    if not new:
        return []
    if state.phase is not Phase.PLANNED:
        if state.phase is Phase.NONE:
            _require(state, command, Phase.PLANNED)
        raise PlanIsFrozen
    for assignment in new:
        missing = next((name for name in ("lead", "responsible", "reviewing") if not getattr(assignment, name)), None)
        if missing:
            raise NobodyIsResponsible(indicator=assignment.indicator, missing=missing)
        if assignment.reviewing == assignment.lead:
            raise ReviewerIsAssessed(indicator=assignment.indicator, lead=assignment.lead)
        if assignment.provider.kind in {ProviderKind.DEPARTMENT, ProviderKind.OFFICE} and not assignment.provider.department:
            raise ProviderIsMissing(indicator=assignment.indicator, lead=assignment.lead)
        if not 1 <= assignment.version <= known.definitions.get(assignment.indicator, 0):
            raise DefinitionIsUnknown(indicator=assignment.indicator, version=assignment.version)
        total = assignment.share + sum((a.share for a in assignment.assisting), Decimal(0))
        if total != 100:  # noqa: PLR2004  Per cent.
            raise SharesDoNotAddUp(indicator=assignment.indicator, lead=assignment.lead, total=total)
        if not known.organisation.liaisons_of(assignment.lead, on):
            raise LiaisonIsMissing(department=assignment.lead)
    return [TasksPlanned(assignments=new)]


def _issue(command: IssueCycle, state: Cycle) -> list[Event]:
    issued = CycleIssued(document=_document(command), issuer=command.issuer, minutes=command.minutes, tasks=len(state.plan))
    if state.issued == issued:
        return []
    _require(state, command, Phase.PLANNED)
    if not state.plan:
        raise PlanIsEmpty
    return [issued]


def _lock(command: LockData, state: Cycle, known: CycleKnown, asked: Asked, on: date) -> list[Event]:
    _require(state, command, Phase.RUNNING)
    opened = state.opened
    assert opened is not None
    if state.carrying_in:
        raise HistoryIsStillOpen
    since = known.calendar.due_by(known.calendar.closing(opened.ends), known.policies.limits.lock)
    early = asked.at <= since
    if early:
        leaders = known.organisation.holders(Role.TOP_LEADER, on)
        if (asked.on_behalf_of or asked.by.person) not in leaders or not asked.reason:
            raise YearIsNotOver(ends=opened.ends, since=known.calendar.local_day(since))
    limits, calendar = known.policies.limits, known.calendar
    self_score = calendar.due_by(asked.at, limits.self_score)
    review_score = calendar.due_by(self_score, limits.review_score)
    consolidate = calendar.due_by(review_score, limits.consolidate)
    return [
        DataLocked(self_score=due_at(self_score), review_score=due_at(review_score), consolidate=due_at(consolidate), early=early)
    ]


def _complete(adopted: tuple[Pinned, ...], running: tuple[Pinned, ...]) -> None:
    named = [pinned.rule for pinned in adopted]
    wrong = {rule for rule in named if named.count(rule) > 1} | {pinned.rule for pinned in running} - set(named)
    if wrong:
        raise RuleIsDropped(rules="、".join(sorted(wrong)))


def _called(state: Cycle, cause: str, at: datetime, *, owing_only: bool = False) -> Cycle:
    return replace(state, calls=(*state.calls, Call(cause=cause, at=at, owing_only=owing_only)))


def _require(state: Cycle, command: object, *phases: Phase) -> None:
    if state.phase not in phases:
        raise NotPossibleInThisPhase(phase=state.phase, command=type(command).__name__, needed="/".join(phases))


def _document(command: IssueCycle | AdoptRules | PubliciseResults | ArchiveCycle) -> str:
    if not command.document.strip():
        raise DocumentIsMissing(command=type(command).__name__)
    return command.document


def task_streams(cycle_id: str, state: Cycle) -> tuple[str, ...]:
    """Give the names of the planned tasks' streams, in order of planning."""
    return tuple(names.task(cycle_id, indicator, lead) for indicator, lead in state.plan)
