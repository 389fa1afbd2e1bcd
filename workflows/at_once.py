"""A step that is done at once where it can be: by the worker that has the workflow in hand, within the workflow's own task.

Temporal then writes one event for it instead of three and has nobody come back for the answer, so a command takes half of its work and
a third of the time. Such a step may be done twice like any other: if the worker dies with it, another one is given the whole task, and
the receipt in the log says what was done. Where it fails, because the database is away or slow or the program has a fault, it becomes an
ordinary step: tried again until it works, or told as failed.
"""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TypeVar

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import FailureError, is_cancelled_exception

from workflows.steps import Steps

Given = TypeVar("Given")
Result = TypeVar("Result")

NOW = timedelta(seconds=3)  # A command takes milliseconds. Temporal waits ten seconds for the workflow's task it is part of.
STEP_LIMIT = timedelta(seconds=10)  # A worker that dies with a step is noticed after this.
ONCE = RetryPolicy(maximum_attempts=1)
AGAIN = RetryPolicy(initial_interval=timedelta(milliseconds=200), maximum_interval=timedelta(seconds=30))  # And never give up.


async def at_once(step: Callable[[Steps, Given], Awaitable[Result]], given: Given, *, summary: str) -> Result:
    """Do a step, now or as soon as it can be done. Raises ActivityError for a fault of the program, which is not tried again."""
    try:
        return await workflow.execute_local_activity_method(
            step, given, start_to_close_timeout=NOW, retry_policy=ONCE, summary=summary
        )
    except FailureError as failed:  # A local step's own error, not wrapped as an ordinary one's is.
        if is_cancelled_exception(failed):
            raise
    return await workflow.execute_activity_method(
        step, given, start_to_close_timeout=STEP_LIMIT, retry_policy=AGAIN, summary=summary
    )
