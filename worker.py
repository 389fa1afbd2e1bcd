"""The worker: keeps the workflows running, the read models following, and sends again what was received and never answered.

``python worker.py [--only workflows|projections|outbox] …`` runs until SIGTERM or SIGINT, then finishes what it has begun.
"""

import argparse
import asyncio
import contextlib
import signal
import sys
from collections.abc import AsyncIterator, Collection, Coroutine
from datetime import timedelta
from typing import Any, Literal

import structlog
from temporalio.worker import PollerBehaviorSimpleMaximum, Worker

from activities import Activities
from application.dukao import Dukao, open_dukao
from application.exit import run_and_leave
from application.logs import set_up_logs
from application.settings import Settings, SettingsAreWrong
from application.submit import resend
from projections.runner import follow_all
from workflows import WORKFLOWS

Part = Literal["workflows", "projections", "outbox"]
PARTS: tuple[Part, ...] = ("workflows", "projections", "outbox")

CACHED_WORKFLOWS = 5_000  # Some 50 KiB each.
WORKFLOW_TASKS = 16  # At once; more would starve Temporal's two-second deadlock detector on two cores.
ACTIVITIES = 40  # At once; the pool of database connections is their real bound.
STICKY_WITHIN = timedelta(seconds=5)  # How long a killed worker's workflows wait for it.
GRACE = timedelta(seconds=30)  # For activities to end when the worker is told to stop.

MISUSED = 2  # The exit code of a command that was called wrongly.
LOOPBACK = "127.0.0.1"  # Health is asked from within the machine or the container.

logger = structlog.get_logger()


async def run_worker(dukao: Dukao, only: Collection[Part] = PARTS, stop: asyncio.Event | None = None) -> None:
    """Run the parts of the worker side by side until ``stop`` is set, then let each finish what it has begun.

    A part that fails ends all of them: whoever supervises the process starts it again, and every part goes on where the log stands.
    """
    stop = stop or asyncio.Event()
    running: dict[Part, Coroutine[Any, Any, None]] = {}
    if "workflows" in only:
        running["workflows"] = _workflows(dukao, stop)
    if "projections" in only:
        running["projections"] = follow_all(dukao.engine, dukao.log, dukao.ledger.codec, stop)
    if "outbox" in only:
        running["outbox"] = _until(stop, resend(dukao))
    async with _health(dukao), asyncio.TaskGroup() as group:
        for part, work in running.items():
            group.create_task(work, name=part)
        logger.info("worker.started", parts=list(running), task_queue=dukao.keeping.task_queue)
    logger.info("worker.stopped")


def workflow_worker(dukao: Dukao) -> Worker:
    """Give the worker that runs the workflows and their steps. The steps share its queue, so they start without a detour."""
    return Worker(
        dukao.temporal,
        task_queue=dukao.keeping.task_queue,
        workflows=WORKFLOWS,
        activities=Activities(dukao).all(),
        max_cached_workflows=CACHED_WORKFLOWS,
        max_concurrent_workflow_tasks=WORKFLOW_TASKS,
        max_concurrent_activities=ACTIVITIES,
        workflow_task_poller_behavior=PollerBehaviorSimpleMaximum(5),
        activity_task_poller_behavior=PollerBehaviorSimpleMaximum(5),
        sticky_queue_schedule_to_start_timeout=STICKY_WITHIN,
        graceful_shutdown_timeout=GRACE,
    )


async def main(only: Collection[Part] = PARTS) -> int:
    """Open what the environment names and run until told to stop; give the exit code."""
    try:
        settings = Settings.from_env()
    except SettingsAreWrong as wrong:
        print(wrong, file=sys.stderr)  # noqa: T201  There is no log yet.
        return MISUSED
    set_up_logs(settings.log_format)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for told in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(told, stop.set)
    async with open_dukao(settings) as dukao:
        await run_worker(dukao, only, stop)
    return 0


async def _workflows(dukao: Dukao, stop: asyncio.Event) -> None:
    async with workflow_worker(dukao):
        await stop.wait()


async def _until(stop: asyncio.Event, work: Coroutine[Any, Any, None]) -> None:
    async with asyncio.TaskGroup() as group:
        task = group.create_task(work)
        await stop.wait()
        task.cancel()


@contextlib.asynccontextmanager
async def _health(dukao: Dukao) -> AsyncIterator[None]:
    """Answer health questions over HTTP while the parts run, where a port is named: 200 if the log can be read, else 503."""
    if not dukao.settings.worker_health_port:
        yield
        return

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, TimeoutError):
            async with asyncio.timeout(5):
                await reader.readline()
                status = await _status(dukao)
                writer.write(f"HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
                await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, LOOPBACK, dukao.settings.worker_health_port)
    async with server:
        yield


async def _status(dukao: Dukao) -> str:
    try:
        await dukao.log.head()
    except Exception:  # noqa: BLE001  Whatever it is: the answer is no.
        return "503 Service Unavailable"
    return "200 OK"


def _parts_named() -> Collection[Part]:
    parser = argparse.ArgumentParser(description="督考后台进程 / Dukao's worker")
    parser.add_argument("--only", choices=PARTS, action="append", help="只运行其中一部分 / run only this part; may be repeated")
    return parser.parse_args().only or PARTS


if __name__ == "__main__":
    run_and_leave(main(_parts_named()))
