"""The page about the command line says what the command line can do."""

from pathlib import Path

from cli.main import main
from cli.reference import reference, verbs

PAGE = Path(__file__).parents[2] / "docs" / "cli.md"


def test_the_page_is_what_the_command_line_says_of_itself() -> None:
    assert PAGE.read_text(encoding="utf-8") == reference(), "python -m cli.reference > docs/cli.md"


def test_every_verb_has_a_help_in_both_languages() -> None:
    for path, command in verbs():
        assert " / " in command.help, path


def test_the_version_is_told(capsys: object) -> None:
    assert main(["--version"]) == 0
