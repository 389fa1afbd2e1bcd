"""The baseline: a bare Temporal workflow whose update runs one no-op activity, and the worker that runs it.

``python -m bench.bare`` is that worker. It is set as ours is (pollers, cache, no sandbox, no compression on the way to the server), so
that what is measured is what our way adds and not how a worker is set.
"""

import asyncio
import contextlib
import signal
from datetime import timedelta
from uuid import uuid4

from temporalio import activity, workflow
from temporalio.client import Client, WorkflowHandle
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.service import GrpcCompression
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from application.settings import Settings

QUEUE = "bare"
LIMIT = timedelta(seconds=10)


@activity.defn
async def nothing(number: int) -> int:
    """Give the number back."""
    return number


@workflow.defn(name="bare")
class BareWorkflow:
    """Waits for ever, for updates."""

    @workflow.run
    async def run(self) -> None:
        """Wait."""
        await workflow.wait_condition(lambda: False)

    @workflow.update
    async def command(self, number: int) -> int:
        """Run the activity and give its answer."""
        return await workflow.execute_activity(nothing, number, start_to_close_timeout=LIMIT)

    @workflow.update
    async def command_at_once(self, number: int) -> int:
        """Run the activity within the workflow's own task and give its answer."""
        return await workflow.execute_local_activity(nothing, number, start_to_close_timeout=LIMIT)


Bare = WorkflowHandle[BareWorkflow, None]


async def start(client: Client, workflow_id: str) -> Bare:
    """Start one workflow, by its id, as ours are started."""
    return await client.start_workflow(
        BareWorkflow.run,
        id=workflow_id,
        task_queue=QUEUE,
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
    )


async def update(handle: Bare, number: int, *, at_once: bool = False) -> int:
    """Send one update under an id of its own and give its answer."""
    wanted = BareWorkflow.command_at_once if at_once else BareWorkflow.command
    return await handle.execute_update(wanted, number, id=str(uuid4()))


async def connect(settings: Settings) -> Client:
    """Connect as ours do, with Temporal's own converter."""
    return await Client.connect(
        settings.temporal_address, namespace=settings.temporal_namespace, grpc_compression=GrpcCompression.NONE
    )


async def work() -> int:
    """Run the worker until SIGTERM; give the exit code."""
    from worker import ACTIVITIES, CACHED_WORKFLOWS, GRACE, STICKY_WITHIN, WORKFLOW_TASKS

    settings = Settings.from_env()
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    client = await connect(settings)
    async with Worker(
        client,
        task_queue=QUEUE,
        workflows=[BareWorkflow],
        activities=[nothing],
        workflow_runner=UnsandboxedWorkflowRunner(),
        max_cached_workflows=CACHED_WORKFLOWS,
        max_concurrent_workflow_tasks=WORKFLOW_TASKS,
        max_concurrent_activities=ACTIVITIES,
        sticky_queue_schedule_to_start_timeout=STICKY_WITHIN,
        graceful_shutdown_timeout=GRACE,
    ):
        with contextlib.suppress(asyncio.CancelledError):
            await stop.wait()
    return 0


if __name__ == "__main__":
    from application.exit import run_and_leave

    run_and_leave(work())
