"""Scores tried out, without a store."""

import json
from pathlib import Path
from typing import Any

import pytest

from cli.faults import ExitCode
from cli.main import main

RULE = {"kind": "target-step", "points": 6, "target": 11, "step": "0.1", "deduct": "0.3", "direction": "lower"}


def test_a_rule_is_tried_and_its_working_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["score", "try", str(written(tmp_path, {"rule": RULE, "inputs": {"actual": "11.2"}}))])

    scored = json.loads(capsys.readouterr().out)
    assert code == ExitCode.DONE
    assert scored["points"] == "5.40"
    assert scored["lines"][-1]["amount"] == "5.40"


def test_the_working_is_a_table_for_people(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = written(tmp_path, {"rule": RULE, "inputs": {"actual": 11}})

    assert main(["score", "try", str(file), "--table"]) == ExitCode.DONE
    assert "得分 6.00" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ({"rule": RULE | {"kind": "nothing"}, "inputs": {}}, "target-step"),
        ({"rule": RULE, "inputs": {}}, "actual"),
        ({"rule": RULE | {"stepp": 1}, "inputs": {}}, "stepp"),
    ],
)
def test_what_does_not_fit_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str], document: Any, words: str) -> None:
    code = main(["score", "try", str(written(tmp_path, document))])

    assert code == ExitCode.REFUSED
    assert words in capsys.readouterr().err


def test_a_file_that_is_not_there(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["score", "try", "nothing.json"]) == ExitCode.NOT_FOUND
    assert "nothing.json" in capsys.readouterr().err


def test_every_method_is_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["score", "methods"]) == ExitCode.DONE
    kinds = {row["kind"] for row in json.loads(capsys.readouterr().out)}
    assert {"piecewise", "target-step", "two-sided", "manual", "panel", "veto", "gate", "bonus", "composite"} <= kinds


def written(folder: Path, document: Any) -> Path:
    """Write a JSON document."""
    file = folder / "try.json"
    file.write_text(json.dumps(document), encoding="utf-8")
    return file
