"""Histories of our workflows: replayed as they are, and kept as a record that later code must still be able to replay.

``DUKAO_RECORD=1 ./dev test tests/workflows/test_year.py`` records them anew. Do that only after a change of the loop that stands behind
``workflow.patched``: what is recorded here stands for every workflow that runs somewhere for a year.
"""

import os
import re
from collections.abc import Iterable
from pathlib import Path

from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer

from application.temporal import Plugin
from tests.company import Company
from workflows import WORKFLOWS

RECORDED = Path(__file__).parent / "recorded"
OF_THIS_MACHINE = re.compile(r'"(identity|workerId|binaryChecksum)": "[^"]*"')
STICKY = re.compile(r'"name": "[^"]*-[0-9a-f]{32}"')
RECORD = "DUKAO_RECORD"


def replayer(*workflows: type) -> Replayer:
    """Give a replayer of our workflows, or of others in their place."""
    return Replayer(workflows=workflows or WORKFLOWS, plugins=[Plugin()])


async def replays(company: Company, story: str, streams: Iterable[str]) -> bool:
    """Replay what the workflows of these streams did; record it as ``story`` if the environment asks for that."""
    for stream in streams:
        history = await company.dukao.temporal.get_workflow_handle(stream).fetch_history()
        await replayer().replay_workflow(history)
        if os.environ.get(RECORD):
            RECORDED.mkdir(exist_ok=True)
            _file(story, stream).write_text(_without_this_machine(history.to_json()), encoding="utf-8")
    return True


def recorded() -> list[Path]:
    """List the recorded histories."""
    return sorted(RECORDED.glob("*.json"))


def history_in(file: Path) -> WorkflowHistory:
    """Read a recorded history. Its workflow's id is not in it and does not matter."""
    return WorkflowHistory.from_json(file.stem, file.read_text(encoding="utf-8"))


def _file(story: str, stream: str) -> Path:
    kind, _, _ = stream.partition("/")
    return RECORDED / f"{story}.{kind}.json"


def _without_this_machine(history: str) -> str:
    return STICKY.sub('"name": "sticky"', OF_THIS_MACHINE.sub(r'"\1": "recorded"', history)) + "\n"
