"""An assessment cycle, kept from its opening until it is archived. Its clocks: the phases of scoring, the public notice.

What is true of all tasks is one event in the cycle's stream; what has to reach them is a call. The tasks are independent workflows,
started and nudged by steps of a hundred each; none is our child, and none signals back.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from functools import partial

from temporalio import workflow

from domain.decider import derived
from workflows.at_once import AGAIN
from workflows.keeper import Keeper
from workflows.messages import CallOut, CallTasks, Start, Tasks
from workflows.steps import Steps

ISSUED = "issued"  # The call that starts the tasks; every other one wakes them.
SLICE, LARGE_SLICE, MANY = 100, 500, 10_000  # Tasks a step; few steps for a cycle of many thousand.
AT_ONCE = 4  # Steps that run side by side.
SLICE_LIMIT = timedelta(minutes=10)
SILENCE_LIMIT = timedelta(seconds=30)  # A step reports after every few tasks; one that is silent for this long is begun again.


@workflow.defn(name="cycle")
class CycleWorkflow(Keeper):
    """Keeps a cycle. It calls its tasks."""

    @workflow.init
    def __init__(self, start: Start) -> None:
        """Keep the cycle's stream."""
        super().__init__(start)

    @workflow.run
    async def run(self, start: Start) -> None:
        """Keep the cycle until it is archived and every task knows."""
        del start  # Known since ``init``, so that the command that opens the cycle finds everything in place.
        await self.keep()

    def _undone(self) -> Mapping[str, Callable[[], Awaitable[None]]]:
        """Give the calls that have not reached their tasks, in the order they were made."""
        calls = self._standing.calls if self._standing else ()
        return {call.cause: partial(self._reach, call) for call in calls if call.cause not in self._done}

    async def _reach(self, call: CallOut) -> None:
        """Let a call reach its tasks, and record that it did."""
        reached = await self._call(call)
        body = json.dumps({"cause": call.cause, "tasks": reached})
        await self._record("RecordCall", body, derived(self._start.stream, "call", call.cause), call.cause, call.at)

    async def _call(self, call: CallOut) -> int:
        size = SLICE if call.tasks <= MANY else LARGE_SLICE
        slices = [Tasks(cycle=self._start.stream, first=first, limit=size) for first in range(0, call.tasks, size)]
        lanes = [self._call_slices(call, slices[lane::AT_ONCE]) for lane in range(min(AT_ONCE, len(slices)))]
        return sum(await asyncio.gather(*lanes))

    async def _call_slices(self, call: CallOut, slices: list[Tasks]) -> int:
        reached = 0
        for tasks in slices:
            self._steps += 1
            summary = f"{call.cause} {tasks.first + 1}-{min(tasks.first + tasks.limit, call.tasks)}"
            if call.cause == ISSUED:
                reached += await workflow.execute_activity_method(
                    Steps.start_tasks,
                    tasks,
                    start_to_close_timeout=SLICE_LIMIT,
                    heartbeat_timeout=SILENCE_LIMIT,
                    retry_policy=AGAIN,
                    summary=f"启动任务 {summary}",
                )
            else:
                reached += await workflow.execute_activity_method(
                    Steps.wake_tasks,
                    CallTasks(tasks=tasks, call=call),
                    start_to_close_timeout=SLICE_LIMIT,
                    heartbeat_timeout=SILENCE_LIMIT,
                    retry_policy=AGAIN,
                    summary=f"唤醒任务 {summary}",
                )
        return reached
