"""Workbooks looked at without a store."""

import json
from pathlib import Path

import pytest

from cli.faults import ExitCode
from cli.main import main

WORKBOOK = Path(__file__).parents[2] / "examples" / "demonstration.xlsx"


def test_a_real_workbook_has_no_faults_and_is_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["cycle", "check", str(WORKBOOK), "--data", str(tmp_path)])

    counted = json.loads(capsys.readouterr().out)
    assert code == ExitCode.DONE
    assert counted["faults"] == []
    assert counted["counts"]["indicators"] >= 40
    assert counted["counts"]["tasks"] >= counted["counts"]["indicators"]


def test_what_needs_a_store_says_that_none_runs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["cycle", "list", "--data", str(tmp_path)])

    assert code == ExitCode.UNAVAILABLE
    assert "dukao up" in capsys.readouterr().err
