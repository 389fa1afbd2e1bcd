"""One indicator in one department's hands, kept from issue to archive. Its clocks: accept, report, review.

The phase clocks of scoring are the cycle's, which nudges the tasks that still owe something.
"""

from temporalio import workflow

from workflows.keeper import Keeper
from workflows.messages import Start


@workflow.defn(name="task")
class TaskWorkflow(Keeper):
    """Keeps a task. Looking at it the first time issues it. It owes its supervision orders."""

    @workflow.init
    def __init__(self, start: Start) -> None:
        """Keep the task's stream."""
        super().__init__(start)

    @workflow.run
    async def run(self, start: Start) -> None:
        """Keep the task until the cycle is archived."""
        del start  # Known since ``init``, so that a command that comes first finds everything in place.
        await self.keep()
