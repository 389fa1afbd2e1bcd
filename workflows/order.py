"""A supervision order, kept from its registration until its outcome has reached the task."""

from temporalio import workflow

from workflows.keeper import Keeper
from workflows.messages import Start


@workflow.defn(name="order")
class OrderWorkflow(Keeper):
    """Keeps an order. Once closed, it owes the task its outcome."""

    @workflow.init
    def __init__(self, start: Start) -> None:
        """Keep the order's stream."""
        super().__init__(start)

    @workflow.run
    async def run(self, start: Start) -> None:
        """Keep the order until it is archived."""
        del start  # Known since ``init``, so that the command that registers it finds everything in place.
        await self.keep()
