"""How a play is acted: every act is sent as its person through the public door, in order within a task, many tasks at once."""

import asyncio
import io
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, TypeVar

from sqlalchemy.exc import DBAPIError
from temporalio.service import RPCError

from application.demonstration.script import Act
from application.dukao import Dukao
from application.execute import Conflict
from application.mandate import asked_by
from application.submit import Pending, TooBusy, submit
from domain import names
from domain.cycle import Cycle, task_streams
from domain.decider import Source, SourceKind
from domain.evidence import Evidence
from domain.task.commands import SubmitReport
from domain.task.state import Task
from event_store.evidence import TEXT
from event_store.postgres import UNREACHABLE
from workflows.messages import Answer

AT_ONCE = 20  # Tasks acted at the same time; more only queue up inside the servers.
LOOK_EVERY_S = 0.1
PATIENCE_S = 120.0  # How long a play waits for servers that were stopped, before it gives up.

# Servers that are away, or answer late. Whatever is sent again has the same id, so nothing is done twice.
AWAY = (Pending, TooBusy, Conflict, RPCError, DBAPIError, *UNREACHABLE)

T = TypeVar("T")

Progress = Callable[[int, int, str], None]


class PlayStopped(Exception):
    """An act of the play was refused, or what should follow did not."""

    def __init__(self, zh: str, en: str) -> None:
        """Keep both sentences."""
        self.zh, self.en = zh, en
        super().__init__(f"{zh} / {en}")


@dataclass(kw_only=True)
class Player:
    """Acts for everybody. ``source`` None: the acts happen now; else history is carried in, at the acts' own instants."""

    dukao: Dukao
    cycle: str
    source: Source | None = None
    progress: Progress = lambda _done, _of, _what: None
    patience_s: float = PATIENCE_S
    done: int = 0
    expected: int = 0

    @property
    def stream(self) -> str:
        """Name the cycle's stream."""
        return names.cycle(self.cycle)

    async def state(self) -> Cycle:
        """Give the cycle as it stands."""
        state: Cycle = await self.state_of(self.stream)
        return state

    async def tasks(self) -> Mapping[str, Task]:
        """Give all tasks of the cycle as they stand, in order of planning."""
        streams = task_streams(self.cycle, await self.state())
        return await self.states_of(streams)

    async def state_of(self, stream: str) -> Any:
        """Give a stream's state."""
        return await self._lasting(lambda: self.dukao.ledger.state_of(stream))

    async def states_of(self, streams: Iterable[str]) -> Mapping[str, Any]:
        """Give the states of many streams."""
        wanted = tuple(streams)
        states: Mapping[str, Any] = await self._lasting(lambda: self.dukao.ledger.states_of(wanted))
        return states

    async def act(self, act: Act) -> Answer:
        """Do one thing. Raises PlayStopped if it is refused."""
        answer = await self.attempt(act)
        if answer.status == "refused":
            raise stopped_at(act, answer)
        return answer

    async def attempt(self, act: Act) -> Answer:
        """Do one thing and give the answer, whatever it is."""
        command = await self._with_evidence(act)
        asked = await self._lasting(
            lambda: asked_by(
                self.dukao,
                act.person,
                stream=act.stream,
                command_key=act.key,
                source=self.source or Source(kind=SourceKind.COMMAND_LINE, place="dukao demo play"),
                on_behalf_of=act.on_behalf_of,
                reason=act.reason,
                fact_at=act.fact_at,
                received_at=act.at if self.source else None,
            )
        )
        answer: Answer = await self._lasting(lambda: submit(self.dukao, act.stream, command, asked))
        self.done += 1
        self.progress(self.done, max(self.expected, self.done), "")
        return answer

    async def lanes(self, lanes: Iterable[Sequence[Act]]) -> None:
        """Act every lane in its order, several lanes at once; stop at the first act that is refused."""
        waiting = [lane for lane in lanes if lane]
        self.expected += sum(len(lane) for lane in waiting)

        async def one(lane: Sequence[Act]) -> None:
            for act in lane:
                await self.act(act)

        await self.in_turn(one, waiting)

    async def in_turn(self, work: Callable[[T], Awaitable[None]], things: Iterable[T]) -> None:
        """Do a work with every thing, as many at once as the servers can use."""
        room = asyncio.Semaphore(AT_ONCE)

        async def one(thing: T) -> None:
            async with room:
                await work(thing)

        await together(one(thing) for thing in things)

    async def until(self, true: Callable[[], Awaitable[bool]], zh: str, en: str, *, within_s: float = PATIENCE_S) -> None:
        """Wait until something is so. Raises PlayStopped if it is not in time."""
        try:
            async with asyncio.timeout(within_s):
                while not await true():  # noqa: ASYNC110  The log is another process's; nobody can tell us.
                    await asyncio.sleep(LOOK_EVERY_S)
        except TimeoutError:
            raise PlayStopped(
                f"演示中断：等待“{zh}”超过 {within_s:.0f} 秒。请确认后台服务（dukao worker）在运行，再执行 dukao demo play 继续。",
                f"The play stops: '{en}' did not come within {within_s:.0f} s. Make sure a worker runs, then dukao demo play goes on.",
            ) from None

    async def unconsolidated(self) -> tuple[str, ...]:
        """Name the tasks that are not consolidated yet, as the approval will see it."""
        cycle = await self.state()
        found: tuple[str, ...] = await self._lasting(lambda: self.dukao.ledger.unconsolidated(self.stream, cycle))
        return found

    async def called(self) -> None:
        """Wait until every call of the cycle has reached its tasks."""

        async def all_reached() -> bool:
            return not (await self.state()).calls

        await self.until(all_reached, "周期的通知送达全部任务", "the cycle's calls reach all tasks")

    async def issued(self) -> None:
        """Wait until every planned task is in its department's hands."""

        async def all_issued() -> bool:
            return all(task.issued is not None for task in (await self.tasks()).values())

        await self.until(all_issued, "全部任务下达", "all tasks are issued")

    async def pre_assessed(self, period: str) -> None:
        """Wait until a pre-assessment has been run in every task, and the orders it asks for are open."""
        await self.called()  # That is: every task was told.

        async def all_run() -> bool:
            return all(period in task.pre_assessed for task in (await self.tasks()).values())

        await self.until(all_run, "全部任务完成预考核", "every task is pre-assessed")
        await self.linked()

    async def linked(self) -> None:
        """Wait until every supervision order that was asked for is open."""

        async def all_linked() -> bool:
            tasks = (await self.tasks()).values()
            return all(order.linked for task in tasks for order in task.orders.values())

        await self.until(all_linked, "督办单立项", "all supervision orders are open")

    async def _with_evidence(self, act: Act) -> Any:
        """Give the command with a small document where the indicator asks for evidence; the same document each time."""
        command = act.command
        if not isinstance(command, SubmitReport) or command.evidence:
            return command
        task: Task = await self._lasting(lambda: self.dukao.ledger.state_of(act.stream, within_s=PATIENCE_S))
        if not task.the.definition.evidence_required:
            return command
        title = f"{task.the.definition.name} {command.period} 佐证材料（演示）.txt"
        document = f"演示材料\n{act.stream}\n{command.period}\n{command.as_of}\n".encode()
        kept = await asyncio.to_thread(self.dukao.evidence.put, io.BytesIO(document), TEXT)
        evidence = Evidence(
            sha256=kept.sha256,
            title=title,
            media_type=kept.media_type,
            size=kept.size,
            fact_at=act.fact_at or act.at,
            submitted_at=act.at,
            received_at=act.at,
        )
        return replace(command, evidence=(evidence,))

    async def _lasting(self, work: Callable[[], Awaitable[Any]]) -> Any:
        """Do it, and again for as long as servers are away: every sending of an act has the same id."""
        loop = asyncio.get_running_loop()
        patient_until = loop.time() + self.patience_s
        while True:
            try:
                return await work()
            except AWAY:
                if loop.time() > patient_until:
                    raise
                await asyncio.sleep(2 * LOOK_EVERY_S)


def stopped_at(act: Act, answer: Answer) -> PlayStopped:
    """Give what stops a play at an act that was refused."""
    what = f"{type(act.command).__name__} {act.stream} ({act.person}, {act.at.isoformat()})"
    return PlayStopped(f"演示中断：{what}：{answer.zh}", f"The play stops at {what}: {answer.en}")


async def together(works: Iterable[Awaitable[None]]) -> None:
    """Do all at once; the first one that fails stops the others and is raised itself, not a group of one."""
    try:
        async with asyncio.TaskGroup() as group:
            for work in works:
                group.create_task(_as_coroutine(work))
    except BaseExceptionGroup as failed:
        raise first_of(failed) from None


def first_of(failed: BaseExceptionGroup[BaseException]) -> BaseException:
    """Give the first single failure of a group."""
    first = failed.exceptions[0]
    return first_of(first) if isinstance(first, BaseExceptionGroup) else first


def now() -> datetime:
    """Give the present instant, in UTC."""
    return datetime.now(UTC)


async def _as_coroutine(work: Awaitable[None]) -> None:
    await work
