"""The benches run from beginning to end on a tiny size, and end with lines a script can read."""

import asyncio
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
LINE = re.compile(r"ratio (?P<name>[a-z0-9._]+) (?P<value>-?\d+(\.\d+)?) aim (?P<aim>\d+(\.\d+)?)")


async def bench(*arguments: str) -> list[dict[str, str]]:
    """Run a bench as ``./dev bench`` does, and give what its last lines say."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-P", "-m", *arguments, cwd=ROOT, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    out, err = await process.communicate()
    assert process.returncode == 0, err.decode()
    return [figure(line) for line in out.decode().rstrip().rpartition("\n\n")[2].splitlines()]


def figure(line: str) -> dict[str, str]:
    """Read a line as a script would."""
    found = LINE.fullmatch(line)
    assert found, f"no figure: {line}"
    return found.groupdict()


async def test_each_bench_ends_with_its_figures() -> None:
    commands = await bench("bench.commands", "--pairs", "1", "--alone", "3", "--crowd", "1", "--callers", "3")
    starts = await bench("bench.start", "--tasks", "4", "--pairs", "2")

    assert [(one["name"], one["aim"]) for one in commands] == [("commands.p50.1", "0.95"), ("commands.rate.3", "0.85")]
    assert [(one["name"], one["aim"]) for one in starts] == [("start.accepted", "0.8"), ("start.memory_kib", "100")]
    assert all(float(one["value"]) > 0 for one in (*commands, starts[0]))
