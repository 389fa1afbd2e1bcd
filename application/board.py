"""What a decision asks of the board instead of the log: only for a cycle so large that folding every task would take too long.

A read model lags; so whoever decides by it first waits until it has folded everything that was recorded when the question was asked.
"""

from sqlalchemy.ext.asyncio import AsyncEngine

from application.ledger import Unconsolidated
from domain import names
from domain.cycle import Cycle, task_streams
from event_store.log import Log
from projections import board
from projections.runner import wait_for

WITHIN_S = 8.0  # Less than a step of a workflow may take; it then tries again.


class BoardIsBehind(TimeoutError):
    """The board has not folded what was recorded when it was asked. It is tried again."""


def unconsolidated_on_board(engine: AsyncEngine, log: Log, *, within_s: float = WITHIN_S) -> Unconsolidated:
    """Give the question which tasks of a cycle are not consolidated, as the board answers it. The answer may raise BoardIsBehind."""

    async def ask(cycle_stream: str, cycle: Cycle) -> tuple[str, ...]:
        if not await wait_for(engine, board.BOARD.name, await log.head(), within_s):
            raise BoardIsBehind(
                "看板尚未跟上台账，稍后自动重试。请确认后台进程在运行。"
                " / The board has not caught up with the log; this is tried again. Check that the worker runs."
            )
        async with engine.connect() as connection:
            return await board.unconsolidated(connection, task_streams(names.cycle_of(cycle_stream), cycle))

    return ask
