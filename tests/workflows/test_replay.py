"""What Temporal replays: recorded histories through the code as it is; and a reordered workflow, which must be found out."""

import asyncio
from pathlib import Path

import pytest
from temporalio import workflow

from tests.workflows.histories import history_in, recorded, replayer
from workflows.keeper import Keeper
from workflows.messages import Start


@pytest.mark.parametrize("file", recorded(), ids=lambda file: file.stem)
async def test_what_ran_once_still_replays(file: Path) -> None:
    await replayer().replay_workflow(history_in(file))


async def test_a_reordered_workflow_is_found_out() -> None:
    file = next(file for file in recorded() if file.stem.endswith(".task"))

    with pytest.raises(workflow.NondeterminismError):
        await replayer(Reordered).replay_workflow(history_in(file))


def test_every_kind_of_workflow_is_recorded() -> None:
    assert {file.suffixes[0] for file in recorded()} == {".cycle", ".task", ".order"}


@workflow.defn(name="task")
class Reordered(Keeper):
    """A task that waits a moment before it looks."""

    @workflow.init
    def __init__(self, start: Start) -> None:
        """As the real one."""
        super().__init__(start)

    @workflow.run
    async def run(self, start: Start) -> None:
        """Wait, then do as the real one does."""
        del start
        await asyncio.sleep(1)
        await self.keep()
