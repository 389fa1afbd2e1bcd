"""The way of every command from a door to its answer."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from temporalio.client import WithStartWorkflowOperation, WorkflowUpdateFailedError, WorkflowUpdateRPCTimeoutOrCancelledError
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode

from application.dukao import Dukao
from application.execute import KeyIsTaken, execute
from application.inbox import UNREACHABLE, Settled
from application.ledger import NOBODY
from application.sending import refuse_unreadable, sent, unpacked
from application.temporal import KEPT
from domain import names
from domain.cycle import Cycle, OpenCycle, task_streams
from domain.decider import Asked, Refused
from domain.order import RegisterOrder
from event_store.codec import digest_of
from workflows.messages import Answer, Sent

AT_ONCE = 5  # Commands on their way to one stream; Temporal takes ten, and the eleventh would hang.
PATIENCE_S = 10.0  # How long a person at a page is left waiting.
MARGIN_S = 3.0  # A call has its own limit; this is for several of them in a row.
HEAR_S = 0.1  # The error is there already.
RESEND_AFTER = timedelta(seconds=30)
RESEND_EVERY_S = 10.0
LATEST = timedelta(minutes=10)
STARTS = 3  # A workflow that ended while the command was on its way is started again, and this often.

COMMAND = "command"  # The one Update of every workflow.
ENDED_FIRST = "AcceptedUpdateCompletedWorkflow"  # As Temporal calls it.

logger = structlog.get_logger()


class TooBusy(Refused):
    """Too many commands are on their way to one stream. This one was not taken in."""

    zh = "该事项正有 {count} 项操作在处理，本次操作未受理。请稍候几秒再提交。"
    en = "{count} commands are on their way to this matter, so this one was not taken. Submit again in a few seconds."


class Pending(Exception):
    """The command is received and will be executed, but its answer is not known yet. Ask again with the same key."""

    def __init__(self, command_id: UUID) -> None:
        """Name the command."""
        self.command_id = command_id
        self.zh = f"操作已受理（编号 {command_id}），正在处理，受理时间有效。请稍后刷新查看结果，不必重复提交。"
        self.en = f"Command {command_id} is received and counts as of now; its answer is still to come. Reload later."
        super().__init__(f"{self.zh} / {self.en}")


class CommandFailed(Exception):
    """A fault of the program stopped this command. Nothing was recorded; everything else goes on."""

    def __init__(self, command_id: UUID, because: str) -> None:
        """Name the command and the fault."""
        self.command_id, self.because = command_id, because
        self.zh = f"程序出错，操作（编号 {command_id}）没有执行，也没有记录：{because}。请把编号告诉管理员。"
        self.en = f"A fault of the program stopped command {command_id}; nothing was recorded: {because}. Tell the administrator."
        super().__init__(f"{self.zh} / {self.en}")


async def submit(dukao: Dukao, stream: str, command: Any, asked: Asked, *, patience_s: float = PATIENCE_S) -> Answer:
    """Give a command to its stream and give its answer, which is the same however often the command is sent.

    What never waits, a record, is executed here. So is everything without Temporal, and what it leads others to do is then the
    caller's business.

    Raises:
        TooBusy, TextIsUnreadable: it was not taken in. Pending: it was, and will be executed. CommandFailed: a fault of the program.
    """
    if dukao.client is None or names.kind(stream) not in KEPT:
        refuse_unreadable(command, asked)
        return await _execute_here(dukao, stream, command, asked)
    message = sent(command, asked)
    with _one_of_a_few(dukao, stream):
        # Received once, received for ever: a command that is sent again is the one that came first, with its receipt. (Two sendings
        # that pass each other between this line and the note were received in the same instant, as far as anybody can say.)
        first = await dukao.inbox.first(stream, asked.id)
        if first is not None:
            if digest_of(unpacked(dukao.ledger.codec, first)) != digest_of(command):
                return _taken(stream, asked.id)
            return await _see_through(dukao, stream, first, patience_s)
        # Noted and sent side by side. Whoever asks is told something only when one of the two is certain: it is noted, and will be
        # executed, or it was. If we stop before that, nobody has been told anything.
        noted = dukao.inbox.note(stream, message, datetime.now(UTC))
        try:
            return await _see_through(dukao, stream, message, patience_s)
        finally:
            await noted


async def deliver(dukao: Dukao, stream: str, message: Sent, *, within_s: float = PATIENCE_S, update_id: str = "") -> Answer:
    """Give a command to the workflow that keeps its stream, which is started if it does not run.

    Temporal answers an ``update_id`` (empty: the command's id) as it did before, a failure, too, while the same run lasts. Whoever
    tries again after a fault takes another one; the log knows the command by its own id.

    Raises:
        WorkflowUpdateFailedError: a fault of the program. RPCError: Temporal did not answer.
    """
    update_id, limit = update_id or str(message.asked.id), timedelta(seconds=within_s)
    for _ in range(STARTS):
        try:
            keeper = dukao.temporal.get_workflow_handle(stream)
            answer: Answer = await keeper.execute_update(COMMAND, message, id=update_id, result_type=Answer, rpc_timeout=limit)
        except RPCError as failed:
            if failed.status is not RPCStatusCode.NOT_FOUND:
                raise
        except WorkflowUpdateFailedError as failed:
            if not _ended_first(failed):
                raise
        else:
            return answer
        if not await _is_kept(dukao, stream, message):
            return await _execute_here(dukao, stream, unpacked(dukao.ledger.codec, message), message.asked)
        with contextlib.suppress(_EndedFirst):
            return await _start_with(dukao, stream, message, update_id, limit)
    raise Pending(message.asked.id)


@dataclass(kw_only=True)
class Setbacks:
    """Commands that could not be sent again, and from when they may be: one that fails must not stand in the way of the others."""

    until: dict[UUID, datetime] = field(default_factory=dict)
    failures: Counter[UUID] = field(default_factory=Counter)

    def passing(self, now: datetime) -> list[UUID]:
        """Name the commands that are not to be tried yet."""
        return [command_id for command_id, until in self.until.items() if until > now]

    def failed(self, command_id: UUID, now: datetime) -> None:
        """Try a command later, and each time twice as much later, up to ten minutes."""
        self.until[command_id] = now + min(RESEND_AFTER * 2 ** min(self.failures[command_id], 10), LATEST)
        self.failures[command_id] += 1

    def waits(self, command_id: UUID, now: datetime) -> None:
        """Try a command soon: nothing is wrong with it, its answer is only still to come."""
        self.until[command_id] = now + RESEND_AFTER

    def answered(self, command_id: UUID) -> None:
        """Forget a command."""
        self.until.pop(command_id, None)
        self.failures.pop(command_id, None)


async def resend(dukao: Dukao) -> None:
    """Send again, for as long as the process lives, what was received and never answered."""
    setbacks = Setbacks()
    while True:
        try:
            await resend_once(dukao, before=datetime.now(UTC) - RESEND_AFTER, setbacks=setbacks)
        except UNREACHABLE as unavailable:
            logger.warning("inbox.unavailable", because=str(unavailable))
        await asyncio.sleep(RESEND_EVERY_S)


async def resend_once(dukao: Dukao, *, before: datetime, setbacks: Setbacks | None = None) -> int:
    """Send again what was received before an instant and never answered; give how many have their answer now.

    What goes wrong with one command is logged and noted in ``setbacks``, and the next one is sent.
    """
    setbacks = setbacks or Setbacks()
    answered = 0
    for noted in await dukao.inbox.unsettled(before, passing=setbacks.passing(datetime.now(UTC))):
        command_id = noted.sent.asked.id
        try:
            await _see_through(dukao, noted.stream, noted.sent, PATIENCE_S)
        except Pending:
            setbacks.waits(command_id, datetime.now(UTC))
            continue
        except CommandFailed as failed:
            logger.warning("command.failed", command_id=str(command_id), stream=noted.stream, because=failed.because)
        except Exception:
            logger.exception("command.not-sent", command_id=str(command_id), stream=noted.stream)
            setbacks.failed(command_id, datetime.now(UTC))
            continue
        setbacks.answered(command_id)
        answered += 1
    return answered


def _taken(stream: str, command_id: UUID) -> Answer:
    taken = KeyIsTaken(id=command_id)
    zh, en = taken.sentence("zh"), taken.sentence("en")
    return Answer(status="refused", stream=stream, version=0, position=-1, recorded_at=None, code=taken.code, zh=zh, en=en)


async def _execute_here(dukao: Dukao, stream: str, command: Any, asked: Asked) -> Answer:
    return (await execute(dukao.ledger, stream, command, asked, now=datetime.now(UTC))).answer


@contextlib.contextmanager
def _one_of_a_few(dukao: Dukao, stream: str) -> Iterator[None]:
    if dukao.in_flight[stream] >= AT_ONCE:
        raise TooBusy(count=dukao.in_flight[stream])
    dukao.in_flight[stream] += 1
    try:
        yield
    finally:
        dukao.in_flight[stream] -= 1
        if not dukao.in_flight[stream]:
            del dukao.in_flight[stream]


async def _see_through(dukao: Dukao, stream: str, message: Sent, patience_s: float) -> Answer:
    """Deliver a command that is noted, and settle it once its answer is known."""
    command_id = message.asked.id
    try:
        async with asyncio.timeout(patience_s + MARGIN_S):
            answer = await deliver(dukao, stream, message, within_s=patience_s)
    except (TimeoutError, WorkflowUpdateRPCTimeoutOrCancelledError, RPCError) as unknown:
        if (task := asyncio.current_task()) and task.cancelling():
            raise asyncio.CancelledError from unknown
        raise Pending(command_id) from unknown
    except WorkflowUpdateFailedError as failed:
        dukao.inbox.settle(Settled(stream=stream, command_id=command_id, status="failed", answer=None))
        raise CommandFailed(command_id, _innermost(failed)) from failed
    dukao.inbox.settle(Settled(stream=stream, command_id=command_id, status=answer.status, answer=answer))
    return answer


class _EndedFirst(Exception):
    """The workflow ended while the command was on its way to it."""


async def _start_with(dukao: Dukao, stream: str, message: Sent, update_id: str, limit: timedelta) -> Answer:
    operation = dukao.keeping.with_start(stream)
    try:
        answer: Answer = await dukao.temporal.execute_update_with_start_workflow(
            COMMAND,
            message,
            id=update_id,
            start_workflow_operation=operation,
            result_type=Answer,
            rpc_timeout=limit,
        )
    except BaseException as failed:
        await _hear(operation)
        if isinstance(failed, WorkflowUpdateFailedError) and _ended_first(failed):
            raise _EndedFirst from failed
        raise
    return answer


async def _hear(operation: WithStartWorkflowOperation[Any, Any]) -> None:
    """Take the failed start's own error, too: asyncio would report it as never retrieved, long after and to nobody's use."""
    with contextlib.suppress(BaseException):  # It is the error that is being raised already.
        async with asyncio.timeout(HEAR_S):
            await operation.workflow_handle()


async def _is_kept(dukao: Dukao, stream: str, message: Sent) -> bool:
    """Say whether the stream has a workflow, or gets one by this command. A mistyped name gets none: its refusal needs no keeper."""
    cycle_stream = names.cycle(names.cycle_of(stream))
    seen = await dukao.log.look(stream, NOBODY, (stream,))
    if seen.versions[0] or message.type in {OpenCycle.__name__, RegisterOrder.__name__}:
        return True
    cycle: Cycle = await dukao.ledger.state_of(cycle_stream)
    return names.kind(stream) == "task" and cycle.issued is not None and stream in task_streams(names.cycle_of(stream), cycle)


def _ended_first(failed: WorkflowUpdateFailedError) -> bool:
    return isinstance(failed.cause, ApplicationError) and failed.cause.type == ENDED_FIRST


def _innermost(failed: BaseException) -> str:
    cause: BaseException = failed
    while cause.__cause__ is not None:
        cause = cause.__cause__
    return str(cause)
