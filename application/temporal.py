"""How we speak to Temporal: one plugin for client, worker and replayer, so that their settings cannot drift apart."""

from dataclasses import dataclass
from typing import Any

from temporalio.client import Client, WithStartWorkflowOperation, WorkflowHandle
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.plugin import SimplePlugin
from temporalio.service import GrpcCompression, RetryConfig
from temporalio.worker import UnsandboxedWorkflowRunner

from application.converter import CONVERTER
from application.settings import Settings
from domain import names
from workflows.messages import Start

SNAPPY = RetryConfig(max_elapsed_time_millis=2_000, max_retries=3)  # A person waits; the resend has more patience.
KEPT = frozenset({"cycle", "task", "order"})  # Kinds of streams that wait for people or dates, and have a workflow.
SUMMARIES = {"cycle": "考核周期", "task": "指标任务", "order": "督办单"}


class Plugin(SimplePlugin):
    """Our converter, and workflows that run without Temporal's sandbox.

    The sandbox imports a workflow's modules anew for each run (82 ms, 1 MiB) unless they are passed through, and what is passed through
    it does not check. What it would forbid, clocks and chance, the linter forbids in ``domain`` and ``workflows``.
    """

    def __init__(self) -> None:
        """Choose pydantic's converter, which knows dates and amounts."""
        super().__init__("dukao", data_converter=CONVERTER, workflow_runner=UnsandboxedWorkflowRunner())


async def connect(settings: Settings) -> Client:
    """Connect to Temporal. Raises RuntimeError while nobody answers there."""
    return await Client.connect(
        settings.temporal_address,
        namespace=settings.temporal_namespace,
        plugins=[Plugin()],
        retry_config=SNAPPY,
        grpc_compression=GrpcCompression.NONE,  # Our messages are a kilobyte; packing them costs more than sending them.
    )


@dataclass(frozen=True, kw_only=True)
class Keeping:
    """How the workflows of streams are started. ``history_limit`` and ``searchable`` as in ``Start``."""

    task_queue: str
    history_limit: int = 0
    searchable: bool = True

    def options(self, stream: str) -> dict[str, Any]:
        """Give what starts the workflow of a stream, whoever does it: once, however often."""
        return {
            "workflow": names.kind(stream),
            "arg": Start(stream=stream, history_limit=self.history_limit, searchable=self.searchable),
            "id": stream,
            "task_queue": self.task_queue,
            "id_conflict_policy": WorkflowIDConflictPolicy.USE_EXISTING,
            "id_reuse_policy": WorkflowIDReusePolicy.ALLOW_DUPLICATE,
            "static_summary": f"{SUMMARIES[names.kind(stream)]} {stream.partition('/')[2]}",
        }

    async def start(self, client: Client, stream: str, **more: Any) -> WorkflowHandle[Any, Any]:
        """Start the workflow of a stream, or find the one that runs."""
        options = self.options(stream) | more
        return await client.start_workflow(options.pop("workflow"), options.pop("arg"), **options)

    def with_start(self, stream: str) -> WithStartWorkflowOperation[Any, Any]:
        """Give the operation that starts the workflow with its first command. To be used once."""
        options = self.options(stream)
        return WithStartWorkflowOperation(options.pop("workflow"), options.pop("arg"), **options)
