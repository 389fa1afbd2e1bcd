"""The main job on real input, as somebody with a fresh checkout sees it: ``dukao up``, the play to the archive, and the proofs.

The tests are one story and run in this order, on one stack of real servers.
"""

import json
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import pytest

from embedded.stack import Stack
from tests.conftest import reachable_folder

pytestmark = [pytest.mark.timeout(300)]

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, kw_only=True)
class Up:
    """``dukao up`` running, and what it said when it was ready."""

    folder: Path
    process: subprocess.Popen[str]
    said: Any

    def dukao(self, *arguments: str, code: int = 0) -> Any:
        """Run another command line beside it and give its JSON document."""
        done = subprocess.run(
            command(*arguments, "--json", "--data", str(self.folder)),
            capture_output=True,
            text=True,
            check=False,
            env=environment(),
            timeout=240,
        )
        assert done.returncode == code, done.stderr
        return json.loads(done.stdout)


@pytest.fixture(scope="module")
def up() -> Iterator[Up]:
    """The demonstration, played to the end of its third quarter."""
    with reachable_folder() as folder, (folder / "up.log").open("w", encoding="utf-8") as log:
        process = subprocess.Popen(
            command("up", "--json", "--port", "0", "--data", str(folder)),
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            env=environment(),
        )
        assert process.stdout is not None
        try:
            yield Up(folder=folder, process=process, said=first_document(process.stdout))
        finally:
            process.kill()
            process.wait()
            process.stdout.close()


def test_everybody_can_sign_in_when_it_is_ready(up: Up) -> None:
    assert up.said["url"].startswith("http://127.0.0.1:")
    assert up.said["seconds"] < 240
    assert len(up.said["accounts"]) == 6


def test_at_the_end_of_the_third_quarter_every_desk_has_something_to_do(up: Up) -> None:
    status = up.dukao("demo", "status")
    board = up.dukao("board")
    stuck = up.dukao("stuck")
    orders = up.dukao("order", "list", "--open")

    assert status["phase"] == "running"
    assert not status["carrying_in"]
    assert len({row["task"]["indicator"] for row in board}) >= 40
    assert {row["light"] for row in board} == {"green", "yellow", "red"}
    waiting = Counter(stall["work"]["command"] for stall in stuck)
    assert {"SubmitReport", "SignReport", "AcceptReport"} <= set(waiting)
    away = [stall for stall in stuck if stall["work"]["command"] == "SignReport" and stall["away"]]
    assert away, "the absent head's signatures are waited for"
    assert "red" in {row["order"]["colour"] for row in orders}


def test_the_past_tells_what_went_wrong_and_how_it_was_put_right(up: Up) -> None:
    lines = [each["line"] for each in up.dukao("timeline", "--limit", "100000")]
    types = Counter(line["type"] for line in lines)

    for each in (
        "TaskDeemedAccepted",
        "ContributionDelivered",
        "ReportReturned",
        "GapRecorded",
        "SupervisionClosed",
        "ReturnedForRework",
    ):
        assert types[each] >= 1, each
    assert [line for line in lines if line["type"] == "ReportSubmitted" and line["on_behalf_of"] and line["reason"]]
    assert [line for line in lines if line["type"] == "ReportSubmitted" and line["occurred_at"] < line["at"]], (
        "a late entry keeps its fact time"
    )
    assert not [line for line in lines if line["refused"]]
    assert max(line["at"] for line in lines) > max(line["at"] for line in lines if line["source"] == "import")


def test_the_play_goes_on_to_the_archive_and_every_score_is_reproduced(up: Up) -> None:
    played = up.dukao("demo", "play", "--to", "archive", "--fast")

    assert played["reproduced"] == played["scores"] > 400
    assert all(standing["settled"] == standing["tasks"] for standing in played["standings"])
    assert up.dukao("demo", "status")["phase"] == "archived"


def test_playing_again_changes_nothing(up: Up) -> None:
    before = up.dukao("projection", "list")["head"]

    up.dukao("demo", "play", "--to", "archive", "--fast")

    assert up.dukao("projection", "list")["head"] == before


def test_an_indicator_is_replayed_to_any_instant(up: Up) -> None:
    scored = up.dukao("board", "--sort", "department")[0]["task"]
    stream = scored["stream"].removeprefix("task/")
    then = scored["entered_at"]

    whole = up.dukao("indicator", "replay", stream)
    known_before = up.dukao("indicator", "replay", stream, "--at", then, "--sense", "occurred")

    assert whole["stage"] == "archived"
    assert whole["reproduces"]
    assert len(known_before["steps"]) <= len(whole["steps"])


def test_read_models_built_anew_are_the_same(up: Up) -> None:
    assert [each["same"] for each in up.dukao("projection", "check")] == [True] * 4


def test_it_stops_when_it_is_told_to_and_leaves_no_server_behind(up: Up) -> None:
    up.process.send_signal(signal.SIGINT)

    assert up.process.wait(timeout=60) == 0
    assert Stack.find(up.folder) is None


def command(*arguments: str) -> list[str]:
    """Give a command line of this checkout."""
    return [sys.executable, "-P", "-c", "from cli.main import run; run()", *arguments]


def environment() -> dict[str, str]:
    """Give an environment that finds this checkout and names no other servers."""
    return {name: value for name, value in os.environ.items() if not name.startswith("DUKAO_")} | {"PYTHONPATH": str(ROOT)}


def first_document(stdout: IO[str]) -> Any:
    """Read the first JSON document somebody writes."""
    lines: list[str] = []
    for line in stdout:
        lines.append(line)
        if line.startswith("}"):
            return json.loads("".join(lines))
    raise AssertionError(f"it ended first: {''.join(lines)}")
