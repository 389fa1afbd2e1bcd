"""What is played: every act of a year, with its instant and its person. A pure function of what was issued.

Nothing here looks at how far the play has come. So a play that was killed is played again from the start: what was done already
answers by its receipt and is not done twice.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Any

from application.demonstration.cast import Cast
from domain.calendar import Calendar
from domain.indicator import Definition, Frequency
from domain.order import ClaimCompletion, Completion, GiveFeedback, OrderCause, Quality, SignForOrder, VerifyOrder
from domain.periods import Period
from domain.policy import Limits
from domain.reported import Reported
from domain.task.commands import Accept, AcceptReport, DeliverContribution, ReturnReport, SignReport, SubmitReport
from domain.task.facts import ReturnCode
from domain.task.state import OrderAsked, Task

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
OFFICE_MINUTES = 7 * 60  # People act within seven hours after the office opens.

Values = Callable[[Definition, str, str], tuple[Reported, ...]]


class Story(StrEnum):
    """What goes otherwise than smoothly with one task."""

    DEEMED = "deemed"  # The head says nothing, silence counts as acceptance.
    LATE = "late"  # The second report comes after the due date.
    ON_BEHALF = "on-behalf"  # The office enters the first report for the department.
    RETURNED = "returned"  # The second report goes back once.
    RETURNED_TWICE = "returned-twice"
    MISSED_BEFORE = "missed-before"  # The second report never comes; its supervision order becomes red.
    MISSED_NOW = "missed-now"  # The last report has not come yet.
    UNSIGNED = "unsigned"  # The last report awaits an absent head.
    UNREVIEWED = "unreviewed"  # The last report awaits its review.


Stories = Mapping[str, frozenset[Story]]


@dataclass(frozen=True, kw_only=True)
class Act:
    """One thing one person does. ``key`` names it for ever, so that doing it again changes nothing."""

    at: datetime
    stream: str
    person: str
    command: Any
    key: str
    fact_at: datetime | None = None
    on_behalf_of: str = ""
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class Scene:
    """Where a play acts: who plays whom, by which calendar and limits, up to which instant."""

    cast: Cast
    calendar: Calendar
    limits: Limits
    upto: datetime


def stories(tasks: Mapping[str, Task], cast: Cast) -> Stories:
    """Say with which tasks something goes wrong: always the same ones for the same plan."""
    told: dict[str, set[Story]] = {stream: set() for stream in tasks}
    quarterly = sorted((s for s, t in tasks.items() if t.the.definition.frequency is Frequency.QUARTER), key=chance)
    own = [s for s in quarterly if tasks[s].parties.providing == tasks[s].parties.lead] or quarterly
    parts = iter(own)
    for story, count in COUNTS:
        for stream in _take(parts, count):
            told[stream].add(story)
    absent = absent_head(tasks, cast)
    for stream in quarterly:
        if not told[stream] and cast.signer(tasks[stream].parties) == absent:
            told[stream].add(Story.UNSIGNED)
    plain = [stream for stream in quarterly if not told[stream]]
    for stream in plain[: len(quarterly) // 6]:
        told[stream].add(Story.UNREVIEWED)
    for stream in plain[-len(plain) // 20 - 1 :]:
        told[stream].add(Story.DEEMED)
    return {stream: frozenset(its) for stream, its in told.items()}


COUNTS = (
    (Story.MISSED_BEFORE, 1),
    (Story.LATE, 1),
    (Story.ON_BEHALF, 1),
    (Story.RETURNED_TWICE, 1),
    (Story.RETURNED, 4),
    (Story.MISSED_NOW, 5),
)


def absent_head(tasks: Mapping[str, Task], cast: Cast) -> str:
    """Give the head who is away at the end: the one who signs the third most of the tasks."""
    counts: dict[str, int] = {}
    for task in tasks.values():
        signer = cast.signer(task.parties)
        counts[signer] = counts.get(signer, 0) + 1
    ranked = sorted(counts, key=lambda person: (-counts[person], person))
    return ranked[min(2, len(ranked) - 1)]


def acts_of_task(stream: str, task: Task, told: frozenset[Story], scene: Scene, values: Values) -> Iterator[Act]:
    """Give what people do with one task from its acceptance to the last report of a period that is over, in order of time."""
    play = _TaskPlay(stream=stream, task=task, told=told, cast=scene.cast, calendar=scene.calendar, values=values)
    yield from play.acceptance()
    ended = [period for period in task.the.periods if period.ends < scene.calendar.local_day(scene.upto)]
    for number, period in enumerate(ended):
        yield from play.report(number, period, is_last=number == len(ended) - 1)


def acts_of_order(asked: OrderAsked, registered_at: datetime, task: Task, scene: Scene) -> Iterator[Act]:
    """Give what people do with one supervision order: most are put right and struck off, some are left open."""
    calendar, lead = scene.calendar, task.parties.lead
    head, liaison = scene.cast.head(lead), scene.cast.liaison(lead)
    supervisor = scene.cast.supervisor(head)
    is_overdue = asked.cause == OrderCause.OVERDUE
    ending = Ending.SIGNED_FOR if is_overdue else ENDINGS[number_of(f"how-far/{asked.order}", len(ENDINGS))]

    def act(after: datetime, workdays: int, person: str, command: object, key: str) -> Act:
        at = moment(after, workdays, asked.order, calendar)
        return Act(at=at, stream=asked.order, person=person, command=command, key=key)

    signed_for = act(registered_at, 1, liaison, SignForOrder(), "sign-for")
    feedback = act(registered_at, 4, head, MEASURES, "feedback/1")
    claim = act(registered_at, 8, head, ClaimCompletion(summary="整改措施已落实，指标回到进度（演示）。"), "claim/1")
    back = act(claim.at, 2, supervisor, NOT_ENOUGH, "verify/1")
    again = act(back.at, 2, head, ClaimCompletion(summary="已补充整改佐证（演示）。"), "claim/2")
    match ending:
        case Ending.UNSIGNED:
            return
        case Ending.SIGNED_FOR:
            yield signed_for
        case Ending.HANDLED:
            yield from (signed_for, feedback)
        case Ending.CLAIMED:
            yield from (signed_for, feedback, claim)
        case Ending.REWORKED:
            yield from (signed_for, feedback, claim, back, again, act(again.at, 2, supervisor, PUT_RIGHT, "verify/2"))
        case Ending.CLOSED:
            yield from (signed_for, feedback, claim, act(claim.at, 2, supervisor, PUT_RIGHT, "verify/2"))


class Ending(StrEnum):
    """How far a supervision order comes."""

    UNSIGNED = "unsigned"
    SIGNED_FOR = "signed-for"  # Signed for, and then nothing: it becomes red.
    HANDLED = "handled"
    CLAIMED = "claimed"
    REWORKED = "reworked"
    CLOSED = "closed"


ENDINGS = (Ending.UNSIGNED, Ending.HANDLED, Ending.CLAIMED, Ending.REWORKED, *(6 * [Ending.CLOSED]))
MEASURES = GiveFeedback(
    measures="逐项排查差距原因，明确责任人和完成时限（演示）。", progress="已完成原因分析，正在整改（演示）。"
)
NOT_ENOUGH = VerifyOrder(completion=Completion.PARTLY, quality=Quality.POOR, comment="佐证不充分，退回继续整改（演示）。")
PUT_RIGHT = VerifyOrder(completion=Completion.DONE, quality=Quality.GOOD, comment="现场核验属实，同意销号（演示）。")


def moment(after: datetime, workdays: int, salt: str, calendar: Calendar) -> datetime:
    """Give an instant within office hours, ``workdays`` working days after an instant. The same words give the same minute."""
    day = calendar.add_workdays(calendar.local_day(after), workdays)
    return calendar.opening(day) + number_of(f"{salt}/{day}", OFFICE_MINUTES) * MINUTE


def number_of(words: str, below: int) -> int:
    """Give a number from 0 to ``below`` - 1 that looks drawn and is always the same for the same words."""
    return int.from_bytes(sha256(words.encode()).digest()[:8], "big") % below


def chance(words: str) -> str:
    """Give a key that puts things into an order that looks drawn."""
    return sha256(words.encode()).hexdigest()


@dataclass(frozen=True, kw_only=True)
class _TaskPlay:
    stream: str
    task: Task
    told: frozenset[Story]
    cast: Cast
    calendar: Calendar
    values: Values

    def acceptance(self) -> Iterator[Act]:
        assert self.task.accept is not None
        if Story.DEEMED in self.told:
            return
        due = self.task.accept.dates.current
        at = due - HOUR - timedelta(minutes=number_of(self.stream, 2 * 24 * 60))
        command = Accept(plan="按期分解到岗，逐月跟踪（演示）。")
        yield self._act(at, self.cast.head(self.task.parties.lead), command, "accept")

    def report(self, number: int, period: Period, *, is_last: bool) -> Iterator[Act]:
        if (is_last and Story.MISSED_NOW in self.told) or (number == 1 and Story.MISSED_BEFORE in self.told):
            return
        submitted_at = self._submitted_at(number, period)
        yield from self._contributions(period, submitted_at)
        yield self._submission(number, period, submitted_at)
        if is_last and Story.UNSIGNED in self.told:
            return
        signed_at = submitted_at + HOUR
        yield self._signature(period, signed_at, 1)
        for version in range(1, self._returns(number, is_last=is_last) + 1):
            returned_at = moment(signed_at, 1, self._salt(period, version), self.calendar)
            yield self._return(period, returned_at, version)
            resubmitted_at = moment(returned_at, 1, self._salt(period, version), self.calendar)
            corrected = self._values(period, "已按退回意见更正（演示）。")
            yield self._act(resubmitted_at, self._reporter, corrected, self._key("submit", period, version + 1))
            signed_at = resubmitted_at + HOUR
            yield self._signature(period, signed_at, version + 1)
        if is_last and Story.UNREVIEWED in self.told:
            return
        accepted_at = moment(signed_at, 1, self._salt(period, 0), self.calendar)
        yield self._act(accepted_at, self._reviewer, AcceptReport(period=period.key), self._key("accept-report", period, 1))

    def _submitted_at(self, number: int, period: Period) -> datetime:
        due = period.due.current
        if number == 1 and Story.LATE in self.told:
            return moment(due, 2, self.stream, self.calendar)
        ended = self.calendar.closing(period.ends)
        room = int((due - ended) / MINUTE) - 2 * 60
        return max(ended + number_of(self._salt(period, 9), max(room, 1)) * MINUTE, period.opens + HOUR)

    def _contributions(self, period: Period, before: datetime) -> Iterator[Act]:
        for department, person in self.task.parties.assisting:
            at = max(before - 2 * HOUR, period.opens + MINUTE)
            command = DeliverContribution(period=period.key, note="协办数据已核对并移交牵头部门（演示）。")
            yield self._act(at, person, command, f"contribute/{period.key}/{department}")

    def _submission(self, number: int, period: Period, at: datetime) -> Act:
        command = self._values(period)
        key = self._key("submit", period, 1)
        if number == 0 and Story.ON_BEHALF in self.told:
            reason = "责任部门系统停用，凭纸质报表代录（演示）"
            office = self.cast.office(self._reporter)
            return self._act(at, office, command, key, on_behalf_of=self._reporter, reason=reason)
        if number == 1 and Story.LATE in self.told:
            return self._act(
                at, self._reporter, command, key, fact_at=self.calendar.closing(period.ends), reason="数据复核，迟报（演示）"
            )
        return self._act(at, self._reporter, command, key)

    def _signature(self, period: Period, at: datetime, version: int) -> Act:
        return self._act(at, self._signer, SignReport(period=period.key), self._key("sign", period, version))

    def _return(self, period: Period, at: datetime, version: int) -> Act:
        code = ReturnCode.EVIDENCE_INCOMPLETE if version == 1 else ReturnCode.VALUE_IMPLAUSIBLE
        command = ReturnReport(period=period.key, code=code, comment="请补充说明数据口径（演示）。")
        return self._act(at, self._reviewer, command, self._key("return", period, version))

    def _returns(self, number: int, *, is_last: bool) -> int:
        if is_last and Story.UNREVIEWED in self.told:
            return number_of(self.stream, 2)  # Half of them await their second review, which is not due yet.
        if number != 1:
            return 0
        return 2 if Story.RETURNED_TWICE in self.told else int(Story.RETURNED in self.told)

    def _values(self, period: Period, note: str = "") -> SubmitReport:
        definition = self.task.the.definition
        return SubmitReport(
            period=period.key,
            values=self.values(definition, self.task.parties.lead, period.key),
            as_of=period.ends,
            data_source=definition.data_source or self.task.the.assignment.provider.system or "业务台账（演示）",
            note=note,
        )

    @property
    def _reporter(self) -> str:
        return self.cast.reporter(self.task.parties)

    @property
    def _signer(self) -> str:
        return self.cast.signer(self.task.parties)

    @property
    def _reviewer(self) -> str:
        on_behalf = (self.cast.office(self._reporter),) if Story.ON_BEHALF in self.told else ()
        return self.cast.reviewer(self.task.parties, self._reporter, self._signer, *on_behalf)

    def _salt(self, period: Period, number: int) -> str:
        return f"{self.stream}/{period.key}/{number}"

    @staticmethod
    def _key(act: str, period: Period, version: int) -> str:
        return f"{act}/{period.key}/{version}"

    def _act(self, at: datetime, person: str, command: object, key: str, **others: Any) -> Act:
        return Act(at=at, stream=self.stream, person=person, command=command, key=key, **others)


def _take(from_: Iterator[str], count: int) -> list[str]:
    return [stream for _, stream in zip(range(count), from_, strict=False)]
