"""Every group of verbs, on a small company: what a person does, what is refused, and what the exit code says."""

import json
from pathlib import Path

import pytest

from cli.faults import ExitCode
from tests.cli.conftest import Dukao

pytestmark = pytest.mark.timeout(180)

TASK = "small/complaints/sales"


def test_a_task_is_taken_from_acceptance_to_an_accepted_report(dukao: Dukao, tmp_path: Path) -> None:
    proof = tmp_path / "proof.txt"
    proof.write_text("ledger", encoding="utf-8")

    accepted = dukao("task", "accept", TASK, "--as", "sales-head", "--plan", "by month")
    reported = dukao(
        *("task", "report", TASK, "--as", "sales-clerk-1", "--period", "H1", "--value", "actual=10.4"),
        *("--as-of", "2025-06-30", "--source", "ledger", "--evidence", proof),
    )
    signed = dukao("task", "sign", TASK, "--as", "sales-head", "--period", "H1")
    taken = dukao("task", "accept-report", TASK, "--as", "safety-clerk-1", "--period", "H1")

    assert [each.document["status"] for each in (accepted, reported, signed, taken)] == ["done"] * 4
    shown = dukao("task", "show", TASK).document
    report = shown["task"]["reports"]["H1"]
    assert report["stage"] == "accepted"
    assert report["values"] == [{"kind": "number", "name": "actual", "value": "10.4"}]


def test_a_report_is_returned_with_a_reason_code(dukao: Dukao) -> None:
    task = "small/patrols/works"
    given = ("--period", "H1", "--value", "actual=9.1", "--as-of", "2025-06-30")

    assert dukao("task", "accept", task, "--as", "works-head").code == ExitCode.DONE
    assert dukao("task", "report", task, "--as", "works-clerk-1", *given).code == ExitCode.DONE
    assert dukao("task", "sign", task, "--as", "works-head", "--period", "H1").code == ExitCode.DONE
    said = dukao("task", "return", task, "--as", "safety-clerk-1", "--period", "H1", "--code", "value-implausible")

    assert said.code == ExitCode.DONE
    assert dukao("task", "show", task).document["task"]["reports"]["H1"]["stage"] == "returned"


def test_one_key_is_done_once_and_answered_the_same(dukao: Dukao) -> None:
    command = ("task", "accept", "small/arrears/sales", "--as", "sales-head", "--key", "morning")

    first, second = dukao(*command), dukao(*command)

    assert first.document == second.document
    assert first.document["status"] == "done"


def test_who_may_not_is_told_so_in_both_languages_and_by_the_exit_code(dukao: Dukao) -> None:
    said = dukao("task", "accept", "small/outages/ops", "--as", "sales-clerk-2")

    assert said.code == ExitCode.NO_PERMISSION
    assert said.document["code"] == "NotEntitled"
    assert "无权" in said.err
    assert "may not give" in said.err


def test_what_is_too_early_is_refused(dukao: Dukao) -> None:
    said = dukao("task", "self-score", "small/outages/ops", "--as", "ops-head")

    assert said.code == ExitCode.REFUSED
    assert said.document["code"] == "NotPossibleAtThisStage"


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("task", "accept", "small/outages/ops"), ExitCode.USAGE, "--as"),
        (("task", "accept", "small/outages/ops", "--as", "nobody-here"), ExitCode.NOT_FOUND, "nobody-here"),
        (("task", "show", "small/outages"), ExitCode.USAGE, "CYCLE/INDICATOR/DEPARTMENT"),
        (("task", "show", "small/outages/sales"), ExitCode.NOT_FOUND, "task/small/outages/sales"),
        (
            ("task", "report", "small/outages/ops", "--as", "ops-clerk-1", "--period", "H1", "--value", "wrong=1"),
            ExitCode.USAGE,
            "actual",
        ),
        (("cycle", "show", "nothing"), ExitCode.NOT_FOUND, "cycle/nothing"),
        (("cycle", "check", "nothing.xlsx"), ExitCode.NOT_FOUND, "nothing.xlsx"),
        (("rule", "show", "limits", "--version", "9"), ExitCode.NOT_FOUND, "9"),
        (("command", "cycle/small", "Acept", "{}", "--as", "director"), ExitCode.USAGE, "Accept"),
        (("command", "cycle/small", "LockData", '{"x": 1}', "--as", "director"), ExitCode.USAGE, "x"),
        (("projection", "check", "nothing"), ExitCode.USAGE, "board"),
        (("indicator", "replay", "small/outages/ops", "--at", "soon"), ExitCode.USAGE, "soon"),
        (("indicator", "replay", "small/outages/nobody"), ExitCode.NOT_FOUND, "nobody"),
        (("board", "--sort", "colour"), ExitCode.USAGE, "colour"),
        (("no-such-verb",), ExitCode.USAGE, "no-such-verb"),
    ],
)
def test_a_slip_is_named_and_has_its_exit_code(dukao: Dukao, arguments: tuple[str, ...], code: ExitCode, words: str) -> None:
    said = dukao(*arguments)

    assert said.code == code
    assert words in said.err


def test_any_command_can_be_given_raw(dukao: Dukao) -> None:
    said = dukao(
        "command",
        f"task/{TASK}".replace("complaints", "line-loss").replace("sales", "ops"),
        "Accept",
        '{"plan": "raw"}',
        "--as",
        "ops-head",
    )

    assert said.code == ExitCode.DONE
    lines = dukao("timeline", "task/small/line-loss/ops").document
    assert "TaskAccepted" in [each["line"]["type"] for each in lines]
    assert all(each["told"] for each in lines)


def test_the_board_shows_every_task_and_filters(dukao: Dukao) -> None:
    everything = dukao("board", "--cycle", "small").document
    of_ops = dukao("board", "--cycle", "small", "--department", "ops").document

    assert len(everything) == 6
    assert {row["task"]["department"] for row in of_ops} == {"ops"}
    assert {row["light"] for row in everything} <= {"green", "yellow", "red"}


def test_stuck_says_who_is_waited_for(dukao: Dukao) -> None:
    found = dukao("stuck", "--cycle", "small", "--json").document

    waiting = {(stall["work"]["stream"], stall["work"]["command"]): stall["persons"] for stall in found}
    assert waiting[("task/small/planned-miss/works", "Accept")] == ["works-head"]


def test_a_table_is_for_people_and_json_for_programs(dukao: Dukao) -> None:
    table = dukao("cycle", "list", "--table")
    english = dukao("cycle", "list", "--table", "--lang", "en")

    assert "小演习" in table.out
    assert "Cycles" in english.out
    assert json.loads(dukao("cycle", "list", "--json").out)[0]["cycle"] == "small"
    assert dukao("cycle", "list", "--table", "--quiet").out == ""


def test_lists_and_pictures(dukao: Dukao) -> None:
    assert dukao("cycle", "show", "small").document["state"]["phase"] == "running"
    assert len(dukao("task", "list").document) == 6
    assert dukao("order", "list").document == []
    assert {row["rule"] for row in dukao("rule", "list").document} >= {"limits", "ladders"}
    assert dukao("rule", "show", "limits").document["body"]["report_year"]["unit"] == "seconds"
    assert "director" in [row["person"] for row in dukao("person", "list").document]
    assert dukao("person", "work", "works-head").code == ExitCode.DONE
    assert "**********" in dukao("config", "show").document["DUKAO_DATABASE_URL"]
    for each in (("task", "show", TASK), ("cycle", "show", "small"), ("task", "list"), ("stuck",), ("timeline",), ("board",)):
        assert dukao(*each, "--table").code == ExitCode.DONE


def test_read_models_are_the_same_when_built_anew(dukao: Dukao) -> None:
    checked = dukao("projection", "check", "board")
    rebuilt = dukao("projection", "rebuild", "timeline")

    assert checked.code == ExitCode.DONE
    assert checked.document[0]["same"]
    assert rebuilt.code == ExitCode.DONE


def test_an_indicator_is_replayed_to_a_position(dukao: Dukao) -> None:
    whole = dukao("indicator", "replay", "small/planned-miss/works").document
    first = whole["steps"][0]["step"]["position"]
    then = dukao("indicator", "replay", "small/planned-miss/works", "--position", str(first)).document

    assert whole["reproduces"]
    assert [each["step"]["type"] for each in then["steps"]] == ["TaskIssued"]
    assert then["stage"] == "issued"


def test_provisional_scores_are_only_for_those_who_may_see_them(dukao: Dukao) -> None:
    assert dukao("scoreboard", "--provisional").code == ExitCode.USAGE
    assert dukao("scoreboard", "--provisional", "--as", "director").code == ExitCode.DONE
    assert dukao("scoreboard", "--provisional", "--department", "ops", "--as", "sales-clerk-1").code == ExitCode.NO_PERMISSION


def test_a_demonstration_is_only_for_a_store_that_is_one(dukao: Dukao) -> None:
    assert dukao("demo", "status").code == ExitCode.NOT_FOUND


def test_the_first_administrator_has_a_password_that_is_told_once(dukao: Dukao) -> None:
    made = dukao("init", "--company", "某县供电公司", "--person", "admin-1")
    again = dukao("init", "--company", "某县供电公司", "--person", "admin-1")

    assert made.code == ExitCode.DONE
    assert len(made.document["password"]) >= 16
    assert again.code == ExitCode.REFUSED


def test_recovery_finds_everything_running(dukao: Dukao) -> None:
    assert dukao("recover").document["streams"] == 7


def test_a_template_is_checked_like_any_workbook(dukao: Dukao, tmp_path: Path) -> None:
    file = tmp_path / "plan.xlsx"

    assert dukao("cycle", "template", file).code == ExitCode.DONE
    assert dukao("cycle", "template", file).code == ExitCode.REFUSED
    checked = dukao("cycle", "check", file)
    assert checked.code == ExitCode.FAILURE
    assert checked.document["faults"]
