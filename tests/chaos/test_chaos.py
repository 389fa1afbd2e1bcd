"""Servers are killed in the middle of a play: it ends with the same streams, nothing lost and nothing twice.

Limits are minutes, except for one planned miss, so the story does not depend on how long a server is away. The worker is a process of
its own; PostgreSQL and Temporal are the embedded ones, which their supervisor starts again.
"""

import asyncio
import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import zip_longest
from pathlib import Path
from typing import Any

import pytest

from application.demonstration.player import Player
from application.demonstration.small import CYCLE, MISSED, play_small, small_plan
from application.dukao import Dukao, open_dukao
from application.recover import recover
from application.submit import Pending
from application.workbook.start import start_cycle
from cli.desk import settings_of
from cli.servers import prepare
from domain import names
from domain.cycle import Cycle, Phase
from embedded.stack import Stack
from tests.conftest import reachable_folder

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(240)]

YEAR = 2025
ENTERED = datetime(2026, 6, 1, 1, tzinfo=UTC)
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)")
STARTED = "worker.started"
REMINDERS = frozenset({"ReminderSent", "DeadlinePassed", "PhaseRungReached"})

Told = Mapping[str, tuple[list[Any], Counter[str]]]  # By stream: its events in order, and its reminders however they came.


@dataclass
class Play:
    """One play on servers of its own: the folder they are in, the worker's process, and how far the play is."""

    folder: Path
    worker: subprocess.Popen[bytes]
    stack: Stack
    acts: int = 0
    moved: asyncio.Event = field(default_factory=asyncio.Event)

    async def at(self, acts: int) -> None:
        """Wait until so many acts are done."""
        while self.acts < acts:
            self.moved.clear()
            await self.moved.wait()

    def progress(self, done: int, _of: int, _what: str) -> None:
        """Hear from the player."""
        self.acts = max(self.acts, done)
        self.moved.set()

    def kill_worker(self) -> None:
        """End the worker without a word."""
        self.worker.kill()
        self.worker.wait()

    def start_worker(self) -> None:
        """Start another one."""
        self.worker = worker_process(self.folder)


Disturbance = Callable[[Play], Coroutine[Any, Any, None]]


@pytest.fixture(scope="module")
def undisturbed() -> Told:
    """The streams of a play nobody disturbed."""
    return asyncio.run(played(nothing_happens))


async def test_the_small_play_has_a_missed_deadline_and_two_orders_that_are_put_right(undisturbed: Told) -> None:
    missed = next(events for stream, (events, _) in undisturbed.items() if f"/{MISSED}/" in stream and stream.startswith("task/"))
    orders = [stream for stream in undisturbed if stream.startswith("order/")]

    types = [event["type"] for event in missed]
    assert types.count("EscalationRaised") == 2
    assert types.count("OrderOutcomeRecorded") == 1
    assert len(orders) == 2
    assert not [stream for stream in undisturbed if stream.startswith("refusal/")]


async def test_the_worker_is_killed(undisturbed: Told) -> None:
    assert differences(await played(the_worker_dies_twice), undisturbed) == []


async def test_temporal_is_killed(undisturbed: Told) -> None:
    assert differences(await played(temporal_dies), undisturbed) == []


async def test_postgresql_is_killed(undisturbed: Told) -> None:
    assert differences(await played(postgresql_dies), undisturbed) == []


async def test_temporals_database_is_deleted_and_the_workflows_are_recovered_from_the_log(undisturbed: Told) -> None:
    assert differences(await played(nothing_happens, lose_temporal_at=40), undisturbed) == []


async def nothing_happens(_play: Play) -> None:
    """Let the play run."""


async def the_worker_dies_twice(play: Play) -> None:
    """Kill the worker while reports come in, and again while scores are given."""
    for acts in (20, 55):
        await play.at(acts)
        play.kill_worker()
        play.start_worker()


async def temporal_dies(play: Play) -> None:
    await play.at(20)
    os.kill(play.stack.temporal_pid(), signal.SIGKILL)


async def postgresql_dies(play: Play) -> None:
    await play.at(20)
    os.kill(play.stack.postgres_pid(), signal.SIGKILL)


async def played(disturb: Disturbance, *, lose_temporal_at: int = 0) -> Told:
    """Play the small play to its archive, disturbed in the middle, and give its streams."""
    with reachable_folder() as folder:
        if lose_temporal_at:
            await play_until(folder, lose_temporal_at)
            shutil.rmtree(folder / "temporal")
        async with staged(folder) as (play, dukao):
            if lose_temporal_at:
                await recover(dukao)
            player = Player(dukao=dukao, cycle=CYCLE, progress=play.progress)
            await planned(dukao)
            async with asyncio.TaskGroup() as group:
                group.create_task(disturb(play))
                await play_small(player)
            cycle: Cycle = await dukao.ledger.state_of(names.cycle(CYCLE))
            assert cycle.phase is Phase.ARCHIVED
            return await told(dukao)


async def planned(dukao: Dukao) -> None:
    """Plan the small cycle; again, while the worker is still on its way."""
    while True:
        with contextlib.suppress(Pending):
            report = await start_cycle(dukao, small_plan(YEAR), source_digest="", at=ENTERED)
            assert report.refused is None
            return


async def play_until(folder: Path, acts: int) -> None:
    """Begin the play, and stop everything when so many acts are done."""
    async with staged(folder) as (play, dukao):
        player = Player(dukao=dukao, cycle=CYCLE, progress=play.progress)
        await planned(dukao)
        playing = asyncio.create_task(play_small(player))
        await play.at(acts)
        play.kill_worker()
        playing.cancel()
        await asyncio.gather(playing, return_exceptions=True)


@contextlib.asynccontextmanager
async def staged(folder: Path) -> AsyncIterator[tuple[Play, Dukao]]:
    """Run the servers and a worker's process, and open the store."""
    async with Stack.start(folder) as stack:
        await prepare(stack)
        play = Play(folder=folder, worker=worker_process(folder), stack=stack)
        try:
            await at_work(folder)
            async with open_dukao(settings_of(stack)) as dukao:
                yield play, dukao
        finally:
            play.worker.terminate()
            play.worker.wait()


def worker_process(folder: Path) -> subprocess.Popen[bytes]:
    """Start ``dukao worker`` for the servers of a folder."""
    command = [sys.executable, "-P", "-c", "from cli.main import run; run()", "worker", "--data", str(folder)]
    root = Path(__file__).parents[2]
    environment = os.environ | {"PYTHONPATH": str(root)}
    with (folder / "worker.log").open("ab") as log:
        return subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)


async def at_work(folder: Path) -> None:
    """Wait until the worker that was started says that it works."""
    while STARTED not in (folder / "worker.log").read_text(encoding="utf-8"):  # noqa: ASYNC110  Its log is all it has.
        await asyncio.sleep(0.1)


async def told(dukao: Dukao) -> Told:
    """Give all streams: types and payloads without instants, reminders apart."""
    found: dict[str, tuple[list[Any], Counter[str]]] = {}
    for recorded in await dukao.log.read_all(limit=100_000):
        events, reminders = found.setdefault(recorded.stream, ([], Counter()))
        event = {"type": recorded.type, "payload": timeless(json.loads(recorded.payload))}
        if recorded.type in REMINDERS:
            reminders[json.dumps(event, sort_keys=True)] += 1
        else:
            events.append(event)
    return found


def differences(one: Told, other: Told) -> list[str]:
    """Name what two plays differ in: the stream, and its first event that is not the same."""
    nothing: tuple[list[Any], Counter[str]] = ([], Counter())
    found = []
    for stream in sorted(one.keys() | other.keys()):
        (events, reminders), (others, other_reminders) = one.get(stream, nothing), other.get(stream, nothing)
        first = next((pair for pair in zip_longest(events, others) if pair[0] != pair[1]), None)
        if first or reminders != other_reminders:
            found.append(f"{stream}: {first} {reminders - other_reminders} {other_reminders - reminders}")
    return found


def timeless(value: Any) -> Any:
    """Give a payload without its instants."""
    match value:
        case dict():
            return {name: timeless(each) for name, each in value.items()}
        case list():
            return [timeless(each) for each in value]
        case str():
            return INSTANT.sub("an instant", value)
        case _:
            return value
