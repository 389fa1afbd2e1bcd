"""``./dev bench commands``: how fast a command is answered, against a bare Temporal workflow on the same server.

Ours is the whole way of production: ``submit`` notes the command in the inbox and sends an Update to the task's workflow, whose one
step decides it against the log and appends the event with its receipt, durably. The bare one is an Update whose handler runs one
no-op activity. Each pair measures both, one after the other, and the order changes from pair to pair.

Ours does its step at once, within the workflow's own task (``workflows/at_once.py``), and so saves more than it adds. What it adds is
seen beside a bare Update that does its no-op at once, too; that one is measured for comparison.
"""

import argparse
import asyncio
import logging
import os
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from time import perf_counter
from uuid import uuid4

from application.dukao import Dukao, open_dukao
from application.exit import run_and_leave
from application.ledger import NOBODY
from application.logs import set_up_logs
from application.sending import sent
from bench import bare, company, history
from bench.bare import Bare
from bench.history import steps
from bench.machine import tell_cpu, used
from bench.rig import BARE, EVERYTHING, OURS, Rig, raised
from bench.timing import Call, Timing, ratio, tell_ms, timed
from domain import names
from domain.decider import SYSTEM, Asked, Source, SourceKind, Wake
from domain.refusal import CommandRefused
from event_store.log import ANY, Append
from workflows.messages import Sent

ALONE, CROWD = 1, 50
AIM_P50, AIM_RATE = 0.95, 0.85
PROBES = 100
SAMPLE = 5  # Workflows whose histories are read.
PROBED = "refusal/bench"

Steps = tuple[Sequence[float], Sequence[float]]  # In milliseconds, of ours and of the bare workflow's.


@dataclass(frozen=True, kw_only=True)
class Sizes:
    """How much is measured. ``alone`` and ``crowd``: the calls of each caller in one measurement, at one and at ``callers``."""

    pairs: int = 5
    alone: int = 100
    crowd: int = 12
    callers: int = CROWD
    everything: bool = False


@dataclass(frozen=True, kw_only=True)
class Pair:
    """One measurement of ours and one of the bare workflow, close together, and the processor's milliseconds a command by process."""

    ours: Timing
    bare: Timing
    ours_cpu_ms: Mapping[str, float]
    bare_cpu_ms: Mapping[str, float]


@dataclass(frozen=True, kw_only=True)
class Field:
    """What is measured: our tasks and as many bare workflows, and the processes that work for them."""

    dukao: Dukao
    tasks: Sequence[str]
    bare: Sequence[Bare]
    processes: Mapping[str, int]

    async def pairs(self, count: int, *, callers: int, each: int) -> list[Pair]:
        """Measure pairs, after a small one that warms both up."""
        return [await self._pair(number, callers, each if number else max(each // 10, 2)) for number in range(count + 1)][1:]

    async def bare_at_once(self, callers: int, each: int) -> Timing:
        """Measure bare updates that do their no-op at once, as ours do their step."""

        async def call(caller: int, turn: int) -> object:
            return await bare.update(self.bare[caller], turn, at_once=True)

        return await timed(call, callers=callers, each=each)

    async def _pair(self, number: int, callers: int, each: int) -> Pair:
        async def ours(caller: int, turn: int) -> object:
            return await company.report(self.dukao, self.tasks[caller], f"{callers}/{number}", turn)

        async def baseline(caller: int, turn: int) -> object:
            return await bare.update(self.bare[caller], turn)

        async def measure(call: Call) -> tuple[Timing, Mapping[str, float]]:
            return await used(lambda: timed(call, callers=callers, each=each), self.processes, callers * each)

        if number % 2:
            mine, ours_cpu_ms = await measure(ours)
            its, bare_cpu_ms = await measure(baseline)
        else:
            its, bare_cpu_ms = await measure(baseline)
            mine, ours_cpu_ms = await measure(ours)
        return Pair(ours=mine, bare=its, ours_cpu_ms=ours_cpu_ms, bare_cpu_ms=bare_cpu_ms)


async def run(sizes: Sizes) -> int:
    """Measure, print what was measured and what limits it, and last the ratios."""
    async with raised() as rig, AsyncExitStack() as stack:
        ours = await stack.enter_async_context(rig.working(*(EVERYTHING if sizes.everything else OURS)))
        its = await stack.enter_async_context(rig.working(*BARE))
        dukao = await stack.enter_async_context(open_dukao(rig.settings))
        notes = _watched_notes(dukao)
        tasks = await _tasks(dukao, sizes.callers)
        client = await rig.bare_client()
        others = [await bare.start(client, f"bare/{number}") for number in range(sizes.callers)]
        field = Field(dukao=dukao, tasks=tasks, bare=others, processes=rig.processes(ours, its))
        alone = await field.pairs(sizes.pairs, callers=ALONE, each=sizes.alone)
        alone_notes, notes[:] = list(notes), []
        alone_steps = await _steps(field, 1, sizes.alone)
        crowd = await field.pairs(sizes.pairs, callers=sizes.callers, each=sizes.crowd)
        alone_at_once = await field.bare_at_once(ALONE, sizes.alone)
        crowd_at_once = await field.bare_at_once(sizes.callers, sizes.crowd)
        _tell_pairs(alone, ALONE, sizes.alone)
        print(f"  for comparison, a bare update that does its no-op at once\n    bare {alone_at_once}")
        _tell_pairs(crowd, sizes.callers, sizes.crowd)
        print(f"  for comparison, a bare update that does its no-op at once\n    bare {crowd_at_once}")
        _tell_steps(alone_steps, ALONE)
        _tell_steps(await _steps(field, SAMPLE, sizes.crowd), sizes.callers)
        tell_ms("(the note in the inbox, side by side, at 1 and many)", median(alone_notes) * 1000, median(notes) * 1000)
        tell_cpu([(pair.ours_cpu_ms, pair.bare_cpu_ms) for pair in crowd], f"command at {sizes.callers} callers")
        await _tell_limits(rig, dukao)
    print()
    print(ratio(f"commands.p50.{ALONE}", [pair.bare.percentile_ms(50) / pair.ours.percentile_ms(50) for pair in alone], AIM_P50))
    print(ratio(f"commands.rate.{sizes.callers}", [pair.ours.rate / pair.bare.rate for pair in crowd], AIM_RATE))
    return 0


def _watched_notes(dukao: Dukao) -> list[float]:
    """Give a list that grows by the seconds each note in the inbox takes."""
    taken: list[float] = []
    note = dukao.inbox.note

    def timed_note(stream: str, message: Sent, received_at: datetime) -> "asyncio.Future[None]":
        began = perf_counter()
        noted = note(stream, message, received_at)
        noted.add_done_callback(lambda _noted: taken.append(perf_counter() - began))
        return noted

    dukao.inbox.note = timed_note  # type: ignore[method-assign, assignment]
    return taken


async def _tasks(dukao: Dukao, count: int) -> Sequence[str]:
    tasks = await company.planned(dukao, "b1", count)
    await company.issue(dukao, tasks)
    await company.all_issued(dukao, tasks)
    await company.all_called(dukao, tasks)
    await company.accepted(dukao, tasks.streams)
    return tasks.streams


def _tell_pairs(pairs: Sequence[Pair], callers: int, each: int) -> None:
    print(f"\n{callers} caller(s), {each} commands each")
    for number, pair in enumerate(pairs, start=1):
        print(f"  {number} ours {pair.ours}\n    bare {pair.bare}")


async def _steps(field: Field, sample: int, last: int) -> Steps:
    """Read from the histories of some workflows where the time of their last commands went, ours and bare."""
    mine = [field.dukao.temporal.get_workflow_handle(stream) for stream in field.tasks[:sample]]
    return await steps(mine, last, history.OURS), await steps(field.bare[:sample], last, history.BARE)


def _tell_steps(taken: Steps, callers: int) -> None:
    print(f"\nwhere the time of a command goes by Temporal's history, median at {callers} caller(s)")
    for whose, its_steps, its in (("ours", history.OURS, taken[0]), ("bare", history.BARE, taken[1])):
        for (what, _since, _until), milliseconds in zip(its_steps, its, strict=True):
            tell_ms(f"{whose}: {what}", milliseconds)


async def _tell_limits(rig: Rig, dukao: Dukao) -> None:
    """Measure, one at a time on the idle machine, what a command cannot do without."""
    looked_at = (PROBED, names.ORGANISATION, names.cycle("b1"))
    probes: tuple[tuple[str, Callable[[], Awaitable[object]]], ...] = (
        ("write 8 KiB and fsync: the disk alone", lambda: asyncio.to_thread(_write_through, rig.folder / "fsync")),
        ("note in the inbox, which commits", lambda: _noted(dukao)),
        ("look: receipt and versions", lambda: dukao.log.look(PROBED, NOBODY, looked_at)),
        ("append an event and its receipt, which commits", lambda: dukao.log.append([_probe(dukao)])),
    )
    print(f"\nwhat a command cannot do without, one at a time on the idle machine, median of {PROBES}")
    for what, probe in probes:
        tell_ms(what, (await _probed(probe)).percentile_ms(50))
    print(f"\n{os.cpu_count()} cores are shared by PostgreSQL (fsync=on, synchronous_commit=on), Temporal (one SQLite file, WAL,")
    print("synchronous=NORMAL), both workers and the callers: at many callers the limit is processor time, see above.")


async def _noted(dukao: Dukao) -> None:
    await dukao.inbox.note(PROBED, sent(Wake(), _nobody()), datetime.now(UTC))


async def _probed(probe: Callable[[], Awaitable[object]]) -> Timing:
    return await timed(lambda _caller, _turn: probe(), callers=1, each=PROBES)


def _write_through(path: Path) -> None:
    with path.open("ab") as file:
        file.write(bytes(8192))
        file.flush()
        os.fsync(file.fileno())


def _probe(dukao: Dukao) -> Append:
    asked = _nobody()
    event = CommandRefused(command="Probe", code="Probe", zh="基准", en="bench", values=(), version=0)
    fact = dukao.ledger.codec.fact(event, asked)
    return Append(stream=PROBED, expected=ANY, key=asked.id, digest=bytes(32), facts=(fact,))


def _nobody() -> Asked:
    return Asked(id=uuid4(), by=SYSTEM, at=datetime.now(UTC), source=Source(kind=SourceKind.API, place="bench"))


def _sizes() -> Sizes:
    usual = Sizes()
    parser = argparse.ArgumentParser(prog="./dev bench commands", description=__doc__)
    parser.add_argument("--pairs", type=int, default=usual.pairs, help="interleaved pairs, of which the median is given")
    parser.add_argument("--alone", type=int, default=usual.alone, help="commands of the one caller in a measurement")
    parser.add_argument("--crowd", type=int, default=usual.crowd, help="commands of each of many callers in a measurement")
    parser.add_argument("--callers", type=int, default=usual.callers, help="how many callers are many")
    parser.add_argument("--everything", action="store_true", help="let the worker keep the read models too, as embedded it does")
    return Sizes(**vars(parser.parse_args()))


if __name__ == "__main__":
    set_up_logs(level=logging.WARNING)
    run_and_leave(run(_sizes()))
