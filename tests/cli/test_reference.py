"""The page about the command line says what the command line can do."""

import subprocess
import sys
from pathlib import Path

from application import settings
from cli import desk
from cli.main import main
from cli.reference import reference, verbs

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "cli.md"


def test_the_page_is_what_the_command_line_says_of_itself() -> None:
    assert PAGE.read_text(encoding="utf-8") == reference(), "python -m cli.reference > docs/cli.md"


def test_every_verb_has_a_help_in_both_languages() -> None:
    for path, command in verbs():
        assert " / " in command.help, path


def test_the_version_is_told(capsys: object) -> None:
    assert main(["--version"]) == 0


def test_the_prefix_of_settings_is_said_twice_and_the_same() -> None:
    assert desk.PREFIX == settings.PREFIX


def test_a_verb_imports_no_more_than_it_needs() -> None:
    asked = "import sys; from cli.main import main; main(['score', 'methods', '--quiet']); print('temporalio' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-P", "-c", asked], capture_output=True, text=True, check=True, env={"PYTHONPATH": str(ROOT)}
    )

    assert done.stdout.splitlines()[-1] == "False"
