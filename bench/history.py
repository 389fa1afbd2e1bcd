"""Where the time of a command goes, as Temporal's own history tells it: nothing is measured inside the workers."""

from collections.abc import Sequence
from statistics import median
from typing import Any

from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import WorkflowHandle

TASK_STARTED = EventType.EVENT_TYPE_WORKFLOW_TASK_STARTED
SCHEDULED = EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED
ANSWERED = EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_COMPLETED
MARKS = {
    SCHEDULED: "scheduled",
    EventType.EVENT_TYPE_ACTIVITY_TASK_STARTED: "started",
    EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED: "completed",
    ANSWERED: "answered",
}
Step = tuple[str, str, str]
"""What is between two marks of one command, and the marks."""

OURS: tuple[Step, ...] = (("one workflow task: take, decide, append, answer", "taken", "answered"),)
BARE: tuple[Step, ...] = (
    ("the workflow takes the update and asks for its step", "taken", "scheduled"),
    ("the step waits for a worker", "scheduled", "started"),
    ("the step runs, doing nothing", "started", "completed"),
    ("its answer waits for the workflow", "completed", "resumed"),
    ("the workflow answers", "resumed", "answered"),
)


async def steps(handles: Sequence[WorkflowHandle[Any, Any]], last: int, wanted: Sequence[Step]) -> list[float]:
    """Give the median milliseconds of each wanted step over the ``last`` commands of some workflows."""
    commands = [command for handle in handles for command in (await _commands(handle))[-last:]]
    return [
        median([command[until] - command[since] for command in commands if since in command and until in command] or [0.0])
        for _what, since, until in wanted
    ]


async def _commands(handle: WorkflowHandle[Any, Any]) -> list[dict[str, float]]:
    """Give the marks of each command in milliseconds; commands of one workflow come one after the other."""
    commands: list[dict[str, float]] = []
    marks: dict[str, float] = {}
    async for event in handle.fetch_history_events():
        mark = _mark(event, marks)
        if mark:
            marks[mark] = event.event_time.ToNanoseconds() / 1e6
        if mark == "answered":
            commands.append(marks)
            marks = {}
    return commands


def _mark(event: HistoryEvent, marks: dict[str, float]) -> str:
    if event.event_type == TASK_STARTED:
        return "resumed" if "scheduled" in marks else "taken"
    return MARKS.get(event.event_type, "")
