"""The one exit: the code that is given, whatever happened, with everything said that was to be said."""

import subprocess
import sys

import pytest

PROGRAM = """
from application.exit import run_and_leave
async def work():
    print("said", end="")
    {body}
run_and_leave(work())
"""


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("return None", 0),
        ("return 3", 3),
        ("raise SystemExit(4)", 4),
        ("raise SystemExit('because')", 1),
        ("raise KeyboardInterrupt", 130),
        ("raise ValueError('a fault')", 1),
    ],
)
def test_a_process_leaves_with_the_code_of_its_work(body: str, code: int) -> None:
    program = PROGRAM.format(body=body)

    left = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False, text=True)

    assert (left.returncode, left.stdout) == (code, "said")
    assert all((words in left.stderr) == (words in body) for words in ("a fault", "because"))
