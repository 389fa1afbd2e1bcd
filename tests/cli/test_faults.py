"""Which failure leads to which exit code, and in which words."""

import errno
from pathlib import Path

import pytest

from application.settings import SettingsAreWrong
from cli.desk import NothingIsRunning
from cli.faults import MEANING, ExitCode, Fault, code_of_refusal, fault_of
from cli.main import EXIT_CODES
from domain.authority import NotEntitled
from domain.rule import KindMayNotChange


def test_exit_codes_never_change_their_meaning() -> None:
    assert {code.name: code.value for code in ExitCode} == {
        "DONE": 0,
        "FAILURE": 1,
        "USAGE": 2,
        "VERIFICATION_FAILED": 3,
        "NOT_FOUND": 4,
        "REFUSED": 5,
        "UNAVAILABLE": 69,
        "NO_PERMISSION": 77,
    }
    assert set(MEANING) == set(ExitCode)


def test_help_tells_every_exit_code_in_both_languages() -> None:
    for code, (zh, en) in MEANING.items():
        assert f"{code.value} {zh} {en}" in EXIT_CODES


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (NotEntitled(person="p", command="c", needed="n", held="h"), ExitCode.NO_PERMISSION),
        (KindMayNotChange(rule="r", kind="k", other="o"), ExitCode.REFUSED),
        (SettingsAreWrong([("DUKAO_DATABASE_URL", "missing")]), ExitCode.USAGE),
        (NothingIsRunning(Path("var")), ExitCode.UNAVAILABLE),
        (ConnectionRefusedError(errno.ECONNREFUSED, "refused"), ExitCode.UNAVAILABLE),
        (ExceptionGroup("both", [Fault("零", "zero", code=ExitCode.NOT_FOUND)]), ExitCode.NOT_FOUND),
    ],
)
def test_a_failure_has_its_exit_code_and_both_sentences(error: Exception, code: ExitCode) -> None:
    fault = fault_of(error)

    assert fault is not None
    assert fault.code is code
    assert fault.zh
    assert fault.en


def test_a_bug_is_no_fault() -> None:
    assert fault_of(KeyError("x")) is None
    assert fault_of(ExceptionGroup("both", [Fault("零", "zero"), KeyError("x")])) is None


def test_lacking_a_right_is_told_apart_from_other_refusals() -> None:
    assert code_of_refusal("TheSameHands") is ExitCode.NO_PERMISSION
    assert code_of_refusal("ReportIsNotOpenYet") is ExitCode.REFUSED
