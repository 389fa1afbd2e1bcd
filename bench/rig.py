"""What a bench stands on: servers of its own in a folder of its own, and workers in processes of their own. All gone afterwards."""

import asyncio
import contextlib
import os
import shutil
import sys
import tempfile
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import Client

from application.settings import Settings
from bench import bare
from embedded.stack import Stack
from event_store.migrate import application_role, upgrade

HERE = Path(__file__).resolve().parent.parent
ROLE, PASSWORD = "dukao_app", "only-for-a-bench"  # The database is gone when the bench ends.
OURS = ("worker.py", "--only", "workflows")  # Read models follow the log by themselves; a command does not wait for them.
EVERYTHING = ("worker.py",)
BARE = ("-m", "bench.bare")
READY_WITHIN_S = 60.0
LOOK_EVERY_S = 0.05


@dataclass(frozen=True, kw_only=True)
class Rig:
    """Running servers. ``environment`` tells another process where they are; ``folder`` is on the disk they write to."""

    stack: Stack
    folder: Path
    settings: Settings
    environment: Mapping[str, str]

    async def bare_client(self) -> Client:
        """Connect to Temporal as the bare workflow's callers do."""
        return await bare.connect(self.settings)

    def processes(self, our_worker: int, bare_worker: int) -> Mapping[str, int]:
        """Name the processes that work during a measurement, by number."""
        return {
            "callers": os.getpid(),
            "our worker": our_worker,
            "bare worker": bare_worker,
            "Temporal": self.stack.temporal_pid(),
            "PostgreSQL": self.stack.postgres_pid(),
        }

    @contextlib.asynccontextmanager
    async def working(self, *arguments: str) -> AsyncIterator[int]:
        """Run a worker (``OURS``, ``EVERYTHING`` or ``BARE``) for as long as the block lasts, and give its process's number.

        Only one of a kind at a time: it is taken to be ready once its queue is polled.
        """
        worker = await asyncio.create_subprocess_exec(
            sys.executable, "-P", *arguments, cwd=HERE, env={**os.environ, **self.environment, "PYTHONPATH": str(HERE)}
        )
        try:
            await self._until_polled(bare.QUEUE if arguments == BARE else self.settings.task_queue, worker)
            yield worker.pid
            assert worker.returncode is None, f"the worker ended by itself: {worker.returncode}"
        finally:
            if worker.returncode is None:
                worker.terminate()
            await worker.wait()

    async def _until_polled(self, queue: str, worker: Process) -> None:
        client = await self.bare_client()
        request = DescribeTaskQueueRequest(namespace=client.namespace, task_queue=TaskQueue(name=queue))
        async with asyncio.timeout(READY_WITHIN_S):
            while not (await client.workflow_service.describe_task_queue(request)).pollers:
                assert worker.returncode is None, f"the worker ended while starting: {worker.returncode}"
                await asyncio.sleep(LOOK_EVERY_S)


@contextlib.asynccontextmanager
async def raised() -> AsyncIterator[Rig]:
    """Start PostgreSQL and Temporal as ``dukao up`` does, with nothing switched off that makes them durable."""
    with _folder() as folder:
        async with Stack.start(folder / "stack") as stack:
            await upgrade(stack.postgres_dsn)
            await application_role(stack.postgres_dsn, ROLE, PASSWORD)
            environment = {
                "DUKAO_DATABASE_URL": stack.dsn_as(ROLE, PASSWORD),
                "DUKAO_TEMPORAL_ADDRESS": stack.temporal_address,
                "DUKAO_TEMPORAL_NAMESPACE": stack.namespace,
                "DUKAO_EVIDENCE_DIR": str(folder / "evidence"),
                "DUKAO_LOG_FORMAT": "json",  # Nobody reads along.
            }
            settings = Settings.model_validate(
                {name.removeprefix("DUKAO_").lower(): value for name, value in environment.items()}
            )
            yield Rig(stack=stack, folder=folder, settings=settings, environment=environment)


@contextlib.contextmanager
def _folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="dukao-bench-"))
    folder.chmod(0o711 if os.geteuid() == 0 else 0o700)  # PostgreSQL's user must be able to pass through.
    try:
        yield folder
    finally:
        shutil.rmtree(folder)
