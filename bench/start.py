"""``./dev bench start``: how fast a cycle's tasks get their workflows, against bare ``start_workflow`` on the same server; what they hold.

Ours is the whole way of production: the leader issues a cycle, its workflow starts the tasks by steps of a hundred ids, and records
that it has. The bare one is as many ``start_workflow`` calls side by side. Each pair measures both, one after the other, and the order
changes from pair to pair; a worker runs the first steps of what was started all the while, in either case.
"""

import argparse
import asyncio
import logging
import os
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from statistics import median
from time import perf_counter

from temporalio.client import Client

from activities import AT_ONCE as STARTS_AT_ONCE
from application.dukao import Dukao, open_dukao
from application.exit import run_and_leave
from application.logs import set_up_logs
from bench import bare, company
from bench.bare import Bare
from bench.machine import tell_cpu, usage, used
from bench.rig import BARE, OURS, raised
from bench.timing import ratio
from workflows.cycle import AT_ONCE as STEPS_AT_ONCE
from workflows.cycle import SLICE

AIM_RATE, AIM_KIB = 0.8, 100
WARMING_UP = 20  # Tasks that are started before anything is measured, so that everything is imported and connected.
HOLDERS = ("our worker", "Temporal", "PostgreSQL")
AT_REST = 4  # Events in the history of a bare workflow that has done its first step.
READERS = 20  # Histories asked for side by side.


@dataclass(frozen=True, kw_only=True)
class Sizes:
    """How many tasks are started in all, and in how many interleaved pairs."""

    tasks: int = 2_000
    pairs: int = 5


@dataclass(frozen=True, kw_only=True)
class Pair:
    """Starts a second: ours until Temporal had accepted all, ours until each had its first event stored, and the bare ones."""

    accepted: float
    stored: float
    bare: float
    ours_cpu_ms: Mapping[str, float]
    bare_cpu_ms: Mapping[str, float]


async def run(sizes: Sizes) -> int:
    """Measure, print what was measured, and last the ratios."""
    async with raised() as rig, AsyncExitStack() as stack:
        ours = await stack.enter_async_context(rig.working(*OURS))
        its = await stack.enter_async_context(rig.working(*BARE))
        dukao = await stack.enter_async_context(open_dukao(rig.settings))
        client = await rig.bare_client()
        few = min(WARMING_UP, sizes.tasks)
        await _start_ours(dukao, await company.planned(dukao, "warm", few))
        _, warm = await _start_bare(client, "bare/warm", few)
        await _until_at_rest(warm)
        processes = rig.processes(ours, its)
        cycles = [await company.planned(dukao, f"s{number}", sizes.tasks // sizes.pairs) for number in range(sizes.pairs)]
        before = _resident(processes)
        pairs = [await _pair(dukao, client, number, tasks, processes) for number, tasks in enumerate(cycles)]
        after = _resident(processes)
        started = [stream for tasks in cycles for stream in tasks.streams]
        _tell_pairs(pairs, sizes)
        tell_cpu(
            [(pair.ours_cpu_ms, pair.bare_cpu_ms) for pair in pairs], "start until the first event is stored, bare until accepted"
        )
        _tell_memory(before, after, len(started))
        await _tell_histories(dukao, started, [tasks.cycle for tasks in cycles])
        _tell_limits()
    print()
    print(ratio("start.accepted", [pair.accepted / pair.bare for pair in pairs], AIM_RATE))
    print(ratio("start.memory_kib", [(after["our worker"] - before["our worker"]) / len(started)], AIM_KIB, digits=0))
    return 0


async def _pair(dukao: Dukao, client: Client, number: int, tasks: company.Tasks, processes: Mapping[str, int]) -> Pair:
    count = len(tasks.streams)

    async def ours() -> tuple[float, float]:
        return await _start_ours(dukao, tasks)

    async def baseline() -> tuple[float, Sequence[Bare]]:
        return await _start_bare(client, f"bare/{number}", count)

    if number % 2:
        (accepted, stored), ours_cpu_ms = await used(ours, processes, count)
        (its, workflows), bare_cpu_ms = await used(baseline, processes, count)
    else:
        (its, workflows), bare_cpu_ms = await used(baseline, processes, count)
        await _until_at_rest(workflows)
        (accepted, stored), ours_cpu_ms = await used(ours, processes, count)
    await _until_at_rest(workflows)
    return Pair(accepted=accepted, stored=stored, bare=its, ours_cpu_ms=ours_cpu_ms, bare_cpu_ms=bare_cpu_ms)


async def _start_ours(dukao: Dukao, tasks: company.Tasks) -> tuple[float, float]:
    """Issue a cycle; give the tasks a second until all were accepted, and until all had their first event."""
    began = perf_counter()
    await company.issue(dukao, tasks)
    await company.all_called(dukao, tasks)
    accepted = perf_counter() - began
    await company.all_issued(dukao, tasks)
    stored = perf_counter() - began
    return len(tasks.streams) / accepted, len(tasks.streams) / stored


async def _start_bare(client: Client, prefix: str, count: int) -> tuple[float, Sequence[Bare]]:
    """Start as many bare workflows, as many side by side as our steps do; give the starts a second, and the workflows."""
    waiting = list(range(count))
    started: list[Bare] = []

    async def starter() -> None:
        while waiting:
            started.append(await bare.start(client, f"{prefix}/{waiting.pop()}"))

    began = perf_counter()
    async with asyncio.TaskGroup() as group:
        for _ in range(min(STEPS_AT_ONCE, -(-count // SLICE)) * STARTS_AT_ONCE):
            group.create_task(starter())
    return count / (perf_counter() - began), started


async def _until_at_rest(workflows: Sequence[Bare]) -> None:
    """Wait until every bare workflow has taken its first step, so that none does in somebody else's measurement."""
    for each in workflows:
        async with asyncio.timeout(company.READY_WITHIN_S):
            while (await each.describe()).history_length < AT_REST:  # noqa: ASYNC110  It rests in another process.
                await asyncio.sleep(company.LOOK_EVERY_S)


def _resident(processes: Mapping[str, int]) -> Mapping[str, int]:
    return {name: usage(processes[name]).resident_kib for name in HOLDERS}


def _tell_pairs(pairs: Sequence[Pair], sizes: Sizes) -> None:
    print(f"\n{sizes.pairs} pairs of {sizes.tasks // sizes.pairs} starts")
    for number, pair in enumerate(pairs, start=1):
        print(
            f"  {number} ours accepted {pair.accepted:7.1f}/s   first event stored {pair.stored:7.1f}/s   bare accepted {pair.bare:7.1f}/s"
        )
    stored = median(pair.stored for pair in pairs)
    print(f"  first event stored: {stored:.1f}/s, {stored / median(pair.bare for pair in pairs):.2f} of the bare starts")


def _tell_memory(before: Mapping[str, int], after: Mapping[str, int], tasks: int) -> None:
    print(f"\nresident memory before and after {tasks} tasks (PostgreSQL: shared pages count in each of its processes)")
    for name, kib in before.items():
        grown = (after[name] - kib) / tasks
        print(f"  {name:12}{kib / 1024:9.1f} MiB {after[name] / 1024:9.1f} MiB {grown:9.1f} KiB a task")
    print(f"  Temporal holds the {tasks} bare workflows of the comparison, too.")


async def _tell_histories(dukao: Dukao, tasks: Sequence[str], cycles: Sequence[str]) -> None:
    for what, ids in (("task", tasks), ("cycle", cycles)):
        sizes = await _histories(dukao, ids)
        events, size = max(sizes)
        print(f"the largest history of a {what}: {events} events, {size} bytes")


async def _histories(dukao: Dukao, ids: Sequence[str]) -> list[tuple[int, int]]:
    """Give the events and bytes of each workflow's history."""
    found: list[tuple[int, int]] = []
    for first in range(0, len(ids), READERS):
        handles = [dukao.temporal.get_workflow_handle(each) for each in ids[first : first + READERS]]
        for described in await asyncio.gather(*(handle.describe() for handle in handles)):
            its = described.raw_description.workflow_execution_info
            found.append((its.history_length, its.history_size_bytes))
    return found


def _tell_limits() -> None:
    print(
        f"\n{os.cpu_count()} cores are shared by Temporal (one SQLite file, WAL, synchronous=NORMAL), PostgreSQL (fsync=on) and the"
    )
    print("workers. While ours are accepted, the same worker issues each one, with an event committed in the log; a bare")
    print("workflow's first step does nothing.")


def _sizes() -> Sizes:
    usual = Sizes()
    parser = argparse.ArgumentParser(prog="./dev bench start", description=__doc__)
    parser.add_argument("--tasks", type=int, default=usual.tasks, help="tasks started in all")
    parser.add_argument("--pairs", type=int, default=usual.pairs, help="interleaved pairs, of which the median is given")
    return Sizes(**vars(parser.parse_args()))


if __name__ == "__main__":
    set_up_logs(level=logging.WARNING)
    run_and_leave(run(_sizes()))
