"""A supervision order (督办单): a matter to be put right by a date, struck off by the supervisor and by nobody else.

    ASSIGNED ── sign for ──► IN_HANDLING ── claim ──► CLAIMED ── verified ──► CLOSED ── outcome told ──► ARCHIVED
                                 ▲──────── returned ────┘

Registered and assigned in one act: the loop 督考合一 opens it from a gap, and its outcome goes back to the task. Completion and quality
are two verdicts [R51]; three due dates: original, current, scoring [handbook 3.7].
"""

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import assert_never

from domain.authority import Hands, Parties, entitle, hands_of, keep_apart
from domain.deadline import Deadline, DueDates, receivers, rung_key, rungs_due
from domain.decider import Asked, Decider, Due, Owed, Refused, derived
from domain.evidence import Evidence
from domain.known import Known
from domain.policy import Act, Duty


class OrderStage(StrEnum):
    """Where an order stands."""

    NONE = "none"
    ASSIGNED = "assigned"
    IN_HANDLING = "in-handling"
    CLAIMED = "claimed"
    CLOSED = "closed"
    ARCHIVED = "archived"


class OrderCause(StrEnum):
    """What opened an order."""

    PRE_ASSESSMENT_GAP = "pre-assessment-gap"
    OVERDUE = "overdue"
    INSTRUCTION = "instruction"


class Colour(StrEnum):
    """The escalation level of an order: not the status light of a task."""

    BLUE = "blue"
    YELLOW = "yellow"
    RED = "red"


class Completion(StrEnum):
    """Verdict on completion."""

    DONE = "done"
    PARTLY = "partly"
    NOT_DONE = "not-done"


class Quality(StrEnum):
    """Verdict on quality, apart from completion."""

    GOOD = "good"
    ACCEPTABLE = "acceptable"
    POOR = "poor"


# Events


@dataclass(frozen=True, kw_only=True)
class SupervisionRegistered:
    """督办立项交办"""

    order: str
    task: str
    cause: OrderCause
    matter: str
    lead: str
    responsible: str
    deputy_leader: str
    due: DueDates
    colour: Colour


@dataclass(frozen=True, kw_only=True)
class SupervisionSignedFor:
    """督办签收"""


@dataclass(frozen=True, kw_only=True)
class FeedbackGiven:
    """督办反馈"""

    measures: str
    progress: str
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, kw_only=True)
class CompletionClaimed:
    """申请办结"""

    summary: str
    evidence: tuple[Evidence, ...]
    late: bool


@dataclass(frozen=True, kw_only=True)
class ReturnedForRework:
    """退办"""

    completion: Completion
    quality: Quality
    comment: str


@dataclass(frozen=True, kw_only=True)
class SupervisionClosed:
    """销号"""

    completion: Completion
    quality: Quality
    comment: str
    evidence: tuple[Evidence, ...]
    late: bool
    substitute: bool


@dataclass(frozen=True, kw_only=True)
class SupervisionReminded:
    """督办提醒"""

    number: int
    rung: str
    level: int
    to: tuple[str, ...]
    due: datetime


@dataclass(frozen=True, kw_only=True)
class ColourRaised:
    """督办升级"""

    number: int
    rung: str
    level: int
    act: Act
    colour: Colour
    to: tuple[str, ...]
    due: datetime


@dataclass(frozen=True, kw_only=True)
class SupervisionArchived:
    """督办归档: the outcome has reached the task."""


# Commands


@dataclass(frozen=True, kw_only=True)
class RegisterOrder:
    """立项交办: one matter, one order."""

    order: str
    task: str
    cause: OrderCause
    matter: str
    lead: str
    responsible: str
    deputy_leader: str
    due: DueDates
    colour: Colour


@dataclass(frozen=True, kw_only=True)
class SignForOrder:
    """签收."""


@dataclass(frozen=True, kw_only=True)
class GiveFeedback:
    """反馈: what is being done and how far it is."""

    measures: str
    progress: str
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ClaimCompletion:
    """申请办结: the handler says it is put right."""

    summary: str
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, kw_only=True)
class VerifyOrder:
    """核验: two verdicts. Done and not poor strikes the order off, anything else sends it back."""

    completion: Completion
    quality: Quality
    comment: str
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ArchiveOrder:
    """Record that the outcome has reached the task."""


@dataclass(frozen=True, kw_only=True)
class RecordOrderOutcome:
    """Tell a task how its order ended. It is a task's command; it stands here because orders owe it."""

    order: str
    completion: Completion
    quality: Quality
    late: bool


Event = (
    SupervisionRegistered
    | SupervisionSignedFor
    | FeedbackGiven
    | CompletionClaimed
    | ReturnedForRework
    | SupervisionClosed
    | SupervisionReminded
    | ColourRaised
    | SupervisionArchived
)
Command = RegisterOrder | SignForOrder | GiveFeedback | ClaimCompletion | VerifyOrder | ArchiveOrder


# Refusals


class NotPossibleForTheOrder(Refused):
    """The order is not where this command belongs."""

    zh = "督办单目前处于“{stage}”，不能执行“{command}”；该操作在“{needed}”时进行。请先完成前一步。"
    en = "The order is '{stage}'; '{command}' belongs to '{needed}'. Finish the step before it first."


class VerificationNeedsAComment(Refused):
    """Whoever verifies says what was seen."""

    zh = "核验必须写明核验情况。请填写后重新提交。"
    en = "A verification says what was seen. Add a comment and submit again."


class FeedbackIsEmpty(Refused):
    """Empty feedback is a listed fault [handbook 3.7]."""

    zh = "反馈内容为空。请写明整改措施和进展。"
    en = "The feedback is empty. Say which measures are taken and how far they are."


# State


@dataclass(frozen=True, kw_only=True)
class Order:
    """What decisions on an order read."""

    stage: OrderStage = OrderStage.NONE
    registered: SupervisionRegistered | None = None
    deadline: Deadline | None = None
    colour: Colour = Colour.BLUE
    level: int = 0
    hands: Hands = field(default_factory=dict)
    late: bool = False
    closed: SupervisionClosed | None = None
    closed_at: datetime | None = None
    returns: int = 0
    fired: frozenset[str] = frozenset()


# Functions


def decide(command: Command, state: Order, known: Known, asked: Asked) -> list[Event]:
    """Decide on an order."""
    entitle(type(command).__name__, asked, parties(state, command), known.organisation, known.on(asked.at))
    match command:
        case RegisterOrder():
            return _register(command, state)
        case SignForOrder():
            if state.stage in {OrderStage.IN_HANDLING, OrderStage.CLAIMED}:
                return []
            _require(state, command, OrderStage.ASSIGNED)
            return [SupervisionSignedFor()]
        case GiveFeedback():
            _require(state, command, OrderStage.IN_HANDLING)
            if not (command.measures.strip() and command.progress.strip()):
                raise FeedbackIsEmpty
            return [FeedbackGiven(measures=command.measures, progress=command.progress, evidence=command.evidence)]
        case ClaimCompletion():
            _require(state, command, OrderStage.IN_HANDLING)
            if not command.summary.strip():
                raise FeedbackIsEmpty
            late = state.late or (state.deadline is not None and asked.at > state.deadline.dates.scoring)
            return [CompletionClaimed(summary=command.summary, evidence=command.evidence, late=late)]
        case VerifyOrder():
            return _verify(command, state, known, asked)
        case ArchiveOrder():
            if state.stage is OrderStage.ARCHIVED:
                return []
            _require(state, command, OrderStage.CLOSED)
            return [SupervisionArchived()]
        case _:
            assert_never(command)


def evolve(state: Order, event: Event, asked: Asked) -> Order:
    """Fold one event."""
    match event:
        case SupervisionRegistered():
            deadline = Deadline(key="order", dates=event.due, since=asked.at)
            return replace(state, stage=OrderStage.ASSIGNED, registered=event, deadline=deadline, colour=event.colour)
        case SupervisionSignedFor():
            return replace(state, stage=OrderStage.IN_HANDLING)
        case FeedbackGiven():
            return state
        case CompletionClaimed():
            hands = {**state.hands, Duty.RECTIFY: hands_of(asked)}
            return replace(state, stage=OrderStage.CLAIMED, late=event.late, hands=hands)
        case ReturnedForRework():
            return replace(state, stage=OrderStage.IN_HANDLING, returns=state.returns + 1)
        case SupervisionClosed():
            return replace(state, stage=OrderStage.CLOSED, closed=event, closed_at=asked.at)
        case SupervisionReminded():
            return replace(state, level=max(state.level, event.level), fired=state.fired | {_key(state, event)})
        case ColourRaised():
            return replace(state, level=event.level, colour=event.colour, fired=state.fired | {_key(state, event)})
        case SupervisionArchived():
            return replace(state, stage=OrderStage.ARCHIVED)
        case _:
            assert_never(event)


def wakes(state: Order, known: Known) -> tuple[Due, ...]:
    """Give the rungs of the order's ladder, while somebody still has to put it right."""
    if state.deadline is None or state.stage not in {OrderStage.ASSIGNED, OrderStage.IN_HANDLING}:
        return ()
    ladder, after = known.policies.ladders.order, known.cycle.rules_since
    return tuple(rungs_due(state.deadline, ladder, known.calendar, state.fired, after=after))


def fire(due: Due, state: Order, known: Known) -> list[Event]:
    """Climb one rung."""
    assert state.deadline is not None
    rung = next(r for r in known.policies.ladders.order if rung_key(state.deadline, r) == due.key)
    to = receivers(rung, parties(state), known.organisation, known.on(due.at))
    number, at = state.deadline.number, state.deadline.dates.current
    if rung.act is Act.REMIND:
        return [SupervisionReminded(number=number, rung=rung.key, level=rung.level, to=to, due=at)]
    colour = Colour.RED if rung.level >= RED_FROM or state.colour is Colour.RED else Colour.YELLOW  # Red stays red.
    return [ColourRaised(number=number, rung=rung.key, level=rung.level, act=rung.act, colour=colour, to=to, due=at)]


def owes(state: Order) -> tuple[Owed, ...]:
    """Owe the task its outcome, once closed."""
    if state.stage is not OrderStage.CLOSED or state.registered is None or state.closed is None or state.closed_at is None:
        return ()
    its, closed = state.registered, state.closed
    outcome = RecordOrderOutcome(order=its.order, completion=closed.completion, quality=closed.quality, late=closed.late)
    return (Owed(id=derived(its.order, "outcome"), stream=its.task, command=outcome, at=state.closed_at, then=ArchiveOrder()),)


def parties(state: Order, command: Command | None = None) -> Parties:
    """Say whom an order concerns."""
    its = command if isinstance(command, RegisterOrder) else state.registered
    if its is None:
        return Parties()
    return Parties(lead=its.lead, responsible=its.responsible, deputy_leader=its.deputy_leader)


RED_FROM = 3  # The level of a ladder from which an order is red [handbook 3.5].

ORDER = Decider(
    name="order",
    commands=(RegisterOrder, SignForOrder, GiveFeedback, ClaimCompletion, VerifyOrder, ArchiveOrder),
    events=(
        SupervisionRegistered,
        SupervisionSignedFor,
        FeedbackGiven,
        CompletionClaimed,
        ReturnedForRework,
        SupervisionClosed,
        SupervisionReminded,
        ColourRaised,
        SupervisionArchived,
    ),
    initial=Order(),
    decide=decide,
    evolve=evolve,
    wakes=wakes,
    fire=fire,
    owes=owes,
)


def _register(command: RegisterOrder, state: Order) -> list[Event]:
    registered = SupervisionRegistered(
        order=command.order,
        task=command.task,
        cause=command.cause,
        matter=command.matter,
        lead=command.lead,
        responsible=command.responsible,
        deputy_leader=command.deputy_leader,
        due=command.due,
        colour=command.colour,
    )
    if state.registered is not None:
        return []  # One matter, one order: the effect that opens it may come twice.
    return [registered]


def _verify(command: VerifyOrder, state: Order, known: Known, asked: Asked) -> list[Event]:
    _require(state, command, OrderStage.CLAIMED)
    if not command.comment.strip():
        raise VerificationNeedsAComment
    duties = known.policies.duties
    substitute = keep_apart(Duty.VERIFY, asked.by.person, asked.on_behalf_of, state.hands, duties)
    if command.completion is not Completion.DONE or command.quality is Quality.POOR:
        return [ReturnedForRework(completion=command.completion, quality=command.quality, comment=command.comment)]
    return [
        SupervisionClosed(
            completion=command.completion,
            quality=command.quality,
            comment=command.comment,
            evidence=command.evidence,
            late=state.late,
            substitute=substitute,
        )
    ]


def _require(state: Order, command: object, stage: OrderStage) -> None:
    if state.stage is not stage:
        raise NotPossibleForTheOrder(stage=state.stage, command=type(command).__name__, needed=stage)


def _key(state: Order, event: SupervisionReminded | ColourRaised) -> str:
    assert state.deadline is not None
    return f"{state.deadline.key}/{event.number}/{event.rung}"
