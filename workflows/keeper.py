"""What every workflow here does: keep one stream. One Update, one lock, one waiting loop, one timer.

    look at the stream ──► do what it owes ──► wait: for a command, a nudge, or the next due instant ──► …

Nothing is decided here. A command goes to the step ``execute``, which decides it against the log and says how the stream stands; the
loop only arms the timer for what falls due next. All that a run remembers is that answer, so a run may end, begin again or be lost:
the next one looks.

A step that fails stops only what it is for. What is owed and could not be done is set aside; the clocks run on, and it is tried again
with the next command, the next nudge, or after an hour.

This loop is what Temporal replays: whoever changes the order of its steps needs ``workflow.patched``.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import NoReturn
from uuid import UUID

from temporalio import workflow
from temporalio.common import SearchAttributeKey
from temporalio.exceptions import ActivityError, is_cancelled_exception
from temporalio.exceptions import TimeoutError as TemporalTimeout

from domain import names
from domain.decider import SYSTEM, Asked, Source, SourceKind, derived
from workflows.at_once import AGAIN, at_once
from workflows.messages import Answer, Ask, Effect, Outcome, Sent, Start
from workflows.steps import Steps

CYCLE_ID = SearchAttributeKey.for_keyword("CycleId")
STAGE = SearchAttributeKey.for_keyword("Stage")
OWNER_ORG = SearchAttributeKey.for_keyword("OwnerOrg")
DUE_AT = SearchAttributeKey.for_datetime("DueAt")
STAGE_ENTERED_AT = SearchAttributeKey.for_datetime("StageEnteredAt")
ATTENTION = SearchAttributeKey.for_keyword_list("Attention")

DELIVERY_LIMIT = timedelta(seconds=30)
DELIVERY_PATIENCE = timedelta(minutes=5)  # Then the clocks have waited long enough for another stream that does not answer.
STUCK_FOR = timedelta(hours=1)  # What a fault of the program stopped is tried again then, or at the next command.
SILENT_FOR = timedelta(minutes=1)  # What did not answer is tried again sooner: that passes by itself.
ARCHIVED = "archived"
STEP, STANDING = "step", "standing"  # What troubles are about, beside what is owed.
DEPARTMENT_PART = 3  # Of ``task/{cycle}/{indicator}/{department}`` and of an order's name.


class Keeper:
    """Keeps one stream. The workflow classes add what their kind of stream owes."""

    @workflow.init
    def __init__(self, start: Start) -> None:
        """Know the stream; the first step is to look at it."""
        self._start = start
        self._lock = asyncio.Lock()  # One command at a time: the next is decided on what the one before it left.
        self._standing: Outcome | None = None
        self._nudges = [*start.nudges]
        self._heard = 0  # Nudges so far.
        self._done: set[str] = set()  # What was owed and has been done in this run, so that no refusal is asked for for ever.
        self._aside: dict[str, datetime] = {}  # What is owed and could not be done, and when it is tried again.
        self._steps = 0
        self._stuck = False
        self._troubles: dict[str, str] = {}  # What asks for attention, by what it is about.

    @workflow.update(name="command", description="执行一项操作")
    async def command(self, sent: Sent) -> Answer:
        """Execute a command and give its answer; the same for the same command, in this run and in all later ones."""
        async with self._lock:
            await self._look_first()
            outcome = await self._execute(sent, sent.type)
        self._aside.clear()
        return outcome.answer

    @workflow.signal(name="nudge", description="到点检查")
    def nudge(self, at: datetime) -> None:
        """Do what is due up to an instant, soon."""
        self._nudges.append(at)
        self._heard += 1
        self._aside.clear()

    async def keep(self) -> None:
        """Keep the stream until it is archived."""
        while True:
            try:
                await self._turn()
            except ActivityError as failed:
                if is_cancelled_exception(failed):
                    raise
                await self._wait_for_help(failed.activity_type, str(failed.cause))
            if self._is_over() or self._is_long():
                await workflow.wait_condition(workflow.all_handlers_finished)
                if self._is_over():
                    return
                if self._is_long():
                    self._continue_as_new()

    async def _turn(self) -> None:
        """Look, do what is owed, and wait for whatever comes first."""
        async with self._lock:
            standing = await self._look_first()
        if self._has_work():
            await self._work()
        elif self._nudges:
            await self._wake(self._nudges[0])
            self._nudges.pop(0)  # Only now: in scoring nothing but a nudge says that a rung is reached.
        elif not (self._is_over() or self._is_long()):
            await self._wait(standing.next_at, standing.next_key)

    async def _wait(self, due: datetime | None, key: str) -> None:
        """Wait for news, at most until the next due instant, and then have done what is due."""
        now = workflow.now()
        if due is not None and due <= now:
            await self._wake(due)
            return
        again = min(self._aside.values(), default=None)
        first = again if due is None or (again is not None and again < due) else due
        left = None if first is None else first - now
        summary = None if first is None else f"{key if first == due else '再试'} {first:%Y-%m-%d %H:%M:%SZ}"
        try:
            await workflow.wait_condition(lambda: self._is_news(due), timeout=left, timeout_summary=summary)
        except TimeoutError:
            assert first is not None
            self._aside = {owed: at for owed, at in self._aside.items() if at > first}
            if first == due:
                await self._wake(first)

    def _is_news(self, armed: datetime | None) -> bool:
        """Say whether there is something to do before the instant the timer is armed for, or it is armed for the wrong one."""
        assert self._standing is not None
        moved = self._standing.next_at != armed
        return moved or bool(self._nudges) or self._has_work() or self._is_over() or self._is_long()

    async def _look_first(self) -> Outcome:
        if self._standing is None:
            self._steps += 1
            self._stand(await at_once(Steps.look, self._start.stream, summary="查看台账"))
        assert self._standing is not None
        return self._standing

    async def _execute(self, sent: Sent, summary: str) -> Outcome:
        self._steps += 1
        outcome = await at_once(Steps.execute, Ask(stream=self._start.stream, sent=sent), summary=summary)
        self._stand(outcome)
        return outcome

    async def _wake(self, at: datetime) -> None:
        """Have everything done that is due up to an instant."""
        async with self._lock:
            standing = await self._look_first()
            asked = Asked(
                id=derived(self._start.stream, "wake", at.isoformat(), standing.version),
                by=SYSTEM,
                at=at,
                source=Source(kind=SourceKind.TIMER, place=standing.next_key),
            )
            woken = await self._execute(Sent(type="Wake", body="{}", asked=asked), f"到点 {standing.next_key}")
        if woken.answer.status == "refused":  # It is due still, so without help it would be asked for again and again.
            await self._wait_for_help(woken.answer.code, woken.answer.en)

    def _has_work(self) -> bool:
        """Say whether the stream owes something that this run has not done yet and that is not set aside."""
        return any(owed not in self._aside for owed in self._undone())

    async def _work(self) -> None:
        """Do what the stream owes to others. Not under the lock: the other may owe something to us at the same time."""
        for owed, do in self._undone().items():
            if owed in self._aside:
                continue
            try:
                await do()
            except ActivityError as failed:
                if is_cancelled_exception(failed):
                    raise
                self._set_aside(owed, failed)
            else:
                self._done.add(owed)
                self._ease(owed)

    def _undone(self) -> Mapping[str, Callable[[], Awaitable[None]]]:
        """Give what the stream owes and this run has not done yet, by its id: how it is done."""
        owed = self._standing.owed if self._standing else ()
        return {str(effect.id): partial(self._deliver, effect) for effect in owed if str(effect.id) not in self._done}

    async def _deliver(self, effect: Effect) -> None:
        """Give another stream the command it is owed, and record in our own that it was given."""
        self._steps += 1
        answer = await workflow.execute_activity_method(
            Steps.deliver,
            effect,
            start_to_close_timeout=DELIVERY_LIMIT,
            schedule_to_close_timeout=DELIVERY_PATIENCE,
            retry_policy=AGAIN,
            summary=f"{effect.type} → {effect.stream}",
        )
        if answer.status == "refused":
            workflow.logger.warning("effect.refused", extra={"stream": effect.stream, "code": answer.code})
            self._trouble(f"refused {effect.id}", f"effect-refused:{answer.code}")
        elif effect.then_type:
            await self._record(effect.then_type, effect.then_body, effect.id, effect.stream, effect.at)

    def _set_aside(self, owed: str, failed: ActivityError) -> None:
        """Leave something undone for a while: a fault there must not stop our own clocks."""
        workflow.logger.error("step.failed", extra={"step": failed.activity_type, "because": str(failed.cause)})
        pause = SILENT_FOR if isinstance(failed.cause, TemporalTimeout) else STUCK_FOR
        self._aside[owed] = workflow.now() + pause
        self._trouble(owed, f"step-failed:{failed.activity_type}")

    async def _record(self, command: str, body: str, because: UUID, place: str, at: datetime) -> None:
        """Record in our own stream that something owed is done."""
        asked = Asked(id=derived(because, "then"), by=SYSTEM, at=at, source=Source(kind=SourceKind.EFFECT, place=place))
        async with self._lock:
            await self._execute(Sent(type=command, body=body, asked=asked), command)

    def _is_over(self) -> bool:
        """Say whether there is nothing left to keep: the stream is archived and owes nothing, or it never began."""
        standing = self._standing
        if standing is None or self._undone():
            return False
        return standing.stage == ARCHIVED or standing.version == 0

    def _is_long(self) -> bool:
        """Say whether this run's history is long enough to go on in a new one."""
        info, limit = workflow.info(), self._start.history_limit
        return self._steps > 0 and (info.is_continue_as_new_suggested() or 0 < limit <= info.get_current_history_length())

    def _continue_as_new(self) -> NoReturn:
        """Go on in a new run, which looks again: only what is in no log is carried."""
        workflow.continue_as_new(replace(self._start, nudges=tuple(self._nudges)))

    async def _wait_for_help(self, step: str, because: str) -> None:
        """Ask for attention and wait for the next command, a nudge, or an hour: a fault must not end what runs for a year."""
        self._stuck, heard = True, self._heard
        workflow.logger.error("step.failed", extra={"step": step, "because": because})
        self._trouble(STEP, f"step-failed:{step}")
        with contextlib.suppress(TimeoutError):
            await workflow.wait_condition(
                lambda: not self._stuck or self._heard > heard, timeout=STUCK_FOR, timeout_summary="程序出错，一小时后再试"
            )

    def _stand(self, outcome: Outcome) -> None:
        before, self._standing = self._standing, outcome
        self._stuck = False
        self._ease(STEP)
        if outcome.attention:
            self._trouble(STANDING, f"next-instant:{outcome.attention}")
        else:
            self._ease(STANDING)
        if (
            before is None
            and not self._troubles
            and any(pair.key == ATTENTION for pair in workflow.info().typed_search_attributes)
        ):
            self._ask_for_attention()  # The run before asked, and this one begins anew.
        if before is None or before.stage != outcome.stage:
            self._tell_stage(outcome)

    def _tell_stage(self, outcome: Outcome) -> None:
        """Let the people who look at Temporal find the workflow by its stage, and read where it stands."""
        due = f"{outcome.next_at:%Y-%m-%d %H:%M:%SZ}（{outcome.next_key}）" if outcome.next_at else "无"
        workflow.set_current_details(f"**阶段** {outcome.stage or '未开始'}\n\n**下一时限** {due}")
        known = workflow.info().typed_search_attributes
        if not self._start.searchable or known.get(STAGE) == outcome.stage:
            return
        stream = self._start.stream
        parts = stream.split("/")
        owner = parts[DEPARTMENT_PART] if len(parts) > DEPARTMENT_PART else ""
        workflow.upsert_search_attributes(
            [
                CYCLE_ID.value_set(names.cycle_of(stream)),
                STAGE.value_set(outcome.stage),
                STAGE_ENTERED_AT.value_set(workflow.now()),
                OWNER_ORG.value_set(owner) if owner else OWNER_ORG.value_unset(),
                DUE_AT.value_set(outcome.next_at) if outcome.next_at else DUE_AT.value_unset(),
            ]
        )

    def _trouble(self, about: str, why: str) -> None:
        self._troubles[about] = why
        self._ask_for_attention()

    def _ease(self, about: str) -> None:
        if self._troubles.pop(about, None) is not None:
            self._ask_for_attention()

    def _ask_for_attention(self) -> None:
        if self._start.searchable:
            why = sorted(set(self._troubles.values()))
            workflow.upsert_search_attributes([ATTENTION.value_set(why) if why else ATTENTION.value_unset()])
