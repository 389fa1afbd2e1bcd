"""Temporal's database is lost, or was never there: start the workflow of every open stream again, from the log alone."""

import asyncio
from collections.abc import AsyncIterator, Callable

from application.dukao import Dukao
from domain import names
from domain.cycle import Cycle, Phase, task_streams
from domain.order import Order, OrderStage

AT_ONCE = 20  # Starts side by side; Temporal on two cores takes no more.

Progress = Callable[[int, int], None]


async def recover(dukao: Dukao, progress: Progress = lambda _done, _all: None) -> int:
    """Start the workflow of every open stream and give how many there are. One that runs is left alone, so this can be repeated.

    Each workflow's first step is to look at its stream. ``progress`` is told how many of how many are started.
    """
    streams = [stream async for stream in open_streams(dukao)]
    for first in range(0, len(streams), AT_ONCE):
        await asyncio.gather(*(dukao.keeping.start(dukao.temporal, stream) for stream in streams[first : first + AT_ONCE]))
        progress(min(first + AT_ONCE, len(streams)), len(streams))
    return len(streams)


async def open_streams(dukao: Dukao) -> AsyncIterator[str]:
    """Give every stream that something is still to happen to: cycles first, then their tasks, then the orders."""
    for stream in await dukao.log.streams("cycle/"):
        cycle: Cycle = await dukao.ledger.state_of(stream)
        if cycle.phase is Phase.ARCHIVED and not cycle.calls:
            continue
        yield stream
        if cycle.issued is not None:
            for task in task_streams(names.cycle_of(stream), cycle):
                yield task
    orders = await dukao.log.streams("order/")
    states: dict[str, Order] = await dukao.ledger.states_of(orders)
    for stream in orders:
        if states[stream].stage is not OrderStage.ARCHIVED:
            yield stream
