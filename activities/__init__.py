"""The steps of the workflows, done: each a few lines over ``application``, each harmless to repeat."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from temporalio import activity
from temporalio.client import WorkflowUpdateFailedError
from temporalio.common import WorkflowIDReusePolicy
from temporalio.exceptions import ApplicationError, WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from application.dukao import Dukao
from application.execute import Conflict, execute, look
from application.sending import unpacked
from application.submit import Pending, deliver
from domain import names
from domain.cycle import Cycle, task_streams
from domain.decider import SYSTEM, Asked, Source, SourceKind, derived
from domain.order import Order, OrderStage
from domain.task.commands import IssueTask
from event_store.postgres import UNREACHABLE
from workflows.messages import Answer, Ask, CallOut, CallTasks, Effect, Outcome, Sent, Tasks
from workflows.steps import Steps

RECENT_S = 60.0
AT_ONCE = 20  # Workflows started or nudged side by side by one step.
CARRY_IN_CLOSED, RULES, ARCHIVED = "carry-in-closed", "rules/", "archived"  # Calls that concern more, or fewer, than the tasks.
PASSES = (*UNREACHABLE, TimeoutError, Conflict, RPCError, Pending)  # Not our fault: Temporal tries again until it works.


class Activities(Steps):
    """The steps, over one process's parts."""

    def __init__(self, dukao: Dukao) -> None:
        """Take the parts."""
        self._dukao = dukao

    def all(self) -> list[Callable[..., Awaitable[Any]]]:
        """List the steps, for the worker."""
        return [self.look, self.execute, self.deliver, self.start_tasks, self.wake_tasks]

    @activity.defn(name="look")
    async def look(self, stream: str) -> Outcome:
        """Look; issue a task that has no event yet."""
        with _faults_fail_once():
            found = await look(self._dukao.ledger, stream, now=datetime.now(UTC))
            if found.version or names.kind(stream) != "task":
                return found
            return await self._issue(stream) or found

    @activity.defn(name="execute")
    async def execute(self, ask: Ask) -> Outcome:
        """Execute one command."""
        with _faults_fail_once():
            command = unpacked(self._dukao.ledger.codec, ask.sent)
            return await execute(self._dukao.ledger, ask.stream, command, ask.sent.asked, now=datetime.now(UTC))

    @activity.defn(name="deliver")
    async def deliver(self, effect: Effect) -> Answer:
        """Send the command; a fault at its target is not tried again from here."""
        info = activity.info()
        source = Source(kind=SourceKind.EFFECT, place=info.workflow_id or "")
        asked = Asked(id=effect.id, by=SYSTEM, at=effect.at, source=source)
        with _faults_fail_once():
            message = Sent(type=effect.type, body=effect.body, asked=asked)
            once = f"{effect.id}/{info.workflow_run_id}/{info.activity_id}"  # Tried again after a fault, it is another Update.
            return await deliver(self._dukao, effect.stream, message, update_id=once)

    @activity.defn(name="start_tasks")
    async def start_tasks(self, tasks: Tasks) -> int:
        """Start a slice, a few at a time, reporting how far it got."""
        with _faults_fail_once():
            streams = await self._slice(tasks)
            return await _each(streams, self._start)

    @activity.defn(name="wake_tasks")
    async def wake_tasks(self, called: CallTasks) -> int:
        """Nudge a slice; with the end of the carrying in and with other rules also the open orders, whose clocks are to run anew."""
        with _faults_fail_once():
            streams = await self._slice(called.tasks)
            if _concerns_orders(called.call) and called.tasks.first == 0:
                streams = [*streams, *await self._open_orders(names.cycle_of(called.tasks.cycle))]
            return await _each(streams, lambda stream: self._nudge(stream, called.call))

    async def _issue(self, stream: str) -> Outcome | None:
        """Issue a task of an issued cycle, as of the cycle's issue. The second time it gets the first one's answer."""
        cycle_stream = names.cycle(names.cycle_of(stream))
        cycle: Cycle = await self._dukao.ledger.state_of(cycle_stream, within_s=RECENT_S)
        if cycle.issued_at is None:  # As it was a moment ago. Once issued it stays so, and a thousand tasks need not ask again.
            cycle = await self._dukao.ledger.state_of(cycle_stream)
        if cycle.issued_at is None:
            return None
        _, _, indicator, lead = stream.split("/")
        asked = Asked(
            id=derived(stream, "issue"),
            by=SYSTEM,
            at=cycle.issued_at,
            source=Source(kind=SourceKind.EFFECT, place=cycle_stream),
        )
        command = IssueTask(task=stream, indicator=indicator, lead=lead)
        return await execute(self._dukao.ledger, stream, command, asked, now=datetime.now(UTC))

    async def _slice(self, tasks: Tasks) -> list[str]:
        cycle: Cycle = await self._dukao.ledger.state_of(tasks.cycle)
        streams = task_streams(names.cycle_of(tasks.cycle), cycle)
        return list(streams[tasks.first : tasks.first + tasks.limit])

    async def _open_orders(self, cycle_id: str) -> list[str]:
        orders: dict[str, Order] = await self._dukao.ledger.states_of(await self._dukao.log.streams(f"order/{cycle_id}/"))
        return [stream for stream, order in orders.items() if order.stage is not OrderStage.ARCHIVED]

    async def _start(self, stream: str) -> bool:
        with contextlib.suppress(WorkflowAlreadyStartedError):  # It has run to its end already.
            await self._dukao.keeping.start(self._dukao.temporal, stream, id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE)
        return True

    async def _nudge(self, stream: str, call: CallOut) -> bool:
        if call.owing_only:
            # Called at its rung, a task owes what was due by then, even by a clock of ours that lags behind the server's.
            standing = await look(self._dukao.ledger, stream, now=max(datetime.now(UTC), call.at))
            if standing.next_at is None or standing.next_at > call.at:
                return False
        try:
            await self._dukao.temporal.get_workflow_handle(stream).signal("nudge", call.at)
        except RPCError as failed:
            if failed.status is not RPCStatusCode.NOT_FOUND:
                raise
            if call.cause == ARCHIVED:
                return False  # It has ended, which is what it was to be told.
            await self._dukao.keeping.start(self._dukao.temporal, stream)  # It was lost; the first thing it does is look.
        return True


def _concerns_orders(call: CallOut) -> bool:
    return call.cause == CARRY_IN_CLOSED or call.cause.startswith(RULES)


@contextlib.contextmanager
def _faults_fail_once() -> Iterator[None]:
    """Let what is unavailable pass, to be tried again; let a fault of the program fail this step for good, and only this step."""
    try:
        yield
    except (*PASSES, asyncio.CancelledError):
        raise
    except WorkflowUpdateFailedError as fault:
        raise ApplicationError(str(fault.cause), type="Fault", non_retryable=True) from fault
    except Exception as fault:
        activity.logger.exception("step.fault")
        raise ApplicationError(f"{type(fault).__name__}: {fault}", type=type(fault).__name__, non_retryable=True) from fault


async def _each(streams: Sequence[str], do: Callable[[str], Awaitable[bool]]) -> int:
    """Do something for every stream, a few at a time, and count where it was done. Begun again, it goes on where it last reported."""
    first, reached = activity.info().heartbeat_details or (0, 0)
    for begin in range(first, len(streams), AT_ONCE):
        done = await asyncio.gather(*(do(stream) for stream in streams[begin : begin + AT_ONCE]))
        reached += sum(done)
        activity.heartbeat(begin + AT_ONCE, reached)
    return reached
