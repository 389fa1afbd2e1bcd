"""What running processes use of the machine, each with the processes it started."""

import os
import subprocess
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TypeVar

from bench.timing import tell_ms

T = TypeVar("T")

PROC = Path("/proc")
TICKS = os.sysconf("SC_CLK_TCK")
PAGE_KIB = os.sysconf("SC_PAGE_SIZE") // 1024
PPID, USER_TICKS, SYSTEM_TICKS, RESIDENT_PAGES = 1, 11, 12, 21  # In ``stat``, counted from the state, after the command's name.


@dataclass(frozen=True, kw_only=True)
class Usage:
    """Processor time since the start, in seconds, and resident memory; shared pages count in each process that has them."""

    cpu_s: float
    resident_kib: int


@dataclass(frozen=True, kw_only=True)
class _Process:
    parent: int
    usage: Usage


def usage(pid: int, *, alone: bool = False) -> Usage:
    """Give what a process and (unless ``alone``) all its descendants use."""
    processes = _linux() if PROC.is_dir() else _elsewhere()
    family = {pid}
    while not alone and (grown := {each for each, process in processes.items() if process.parent in family} - family):
        family |= grown
    members = [processes[each].usage for each in family if each in processes]
    return Usage(cpu_s=sum(each.cpu_s for each in members), resident_kib=sum(each.resident_kib for each in members))


async def used(work: Callable[[], Awaitable[T]], processes: Mapping[str, int], times: int) -> tuple[T, Mapping[str, float]]:
    """Do some work, and give with its result the milliseconds of processor time it took by process, for one of ``times`` parts."""

    def cpu_s() -> Mapping[str, float]:
        return {name: usage(pid, alone=pid == os.getpid()).cpu_s for name, pid in processes.items()}

    before = cpu_s()
    result = await work()
    after = cpu_s()
    return result, {name: (after[name] - before[name]) * 1000 / times for name in processes}


def tell_cpu(pairs: Sequence[tuple[Mapping[str, float], Mapping[str, float]]], part: str) -> None:
    """Print the processor time of one part by process, ours and bare: the median of some pairs."""
    print(f"\nprocessor time by process for each {part}, ours and bare")
    for name in pairs[0][0]:
        tell_ms(name, *(median(pair[side][name] for pair in pairs) for side in (0, 1)))
    tell_ms("all", *(median(sum(pair[side].values()) for pair in pairs) for side in (0, 1)))


def _linux() -> dict[int, _Process]:
    found: dict[int, _Process] = {}
    for folder in PROC.glob("[0-9]*"):
        try:
            words = (folder / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        except OSError:  # It has just ended.
            continue
        cpu_s = (int(words[USER_TICKS]) + int(words[SYSTEM_TICKS])) / TICKS
        resident_kib = int(words[RESIDENT_PAGES]) * PAGE_KIB
        found[int(folder.name)] = _Process(parent=int(words[PPID]), usage=Usage(cpu_s=cpu_s, resident_kib=resident_kib))
    return found


def _elsewhere() -> dict[int, _Process]:
    listed = subprocess.run(["ps", "-A", "-o", "pid=,ppid=,rss=,time="], capture_output=True, text=True, check=True)  # noqa: S607
    found: dict[int, _Process] = {}
    for line in listed.stdout.splitlines():
        pid, parent, resident, time = line.split()
        cpu_s = sum(float(part) * 60**place for place, part in enumerate(reversed(time.split(":"))))
        found[int(pid)] = _Process(parent=int(parent), usage=Usage(cpu_s=cpu_s, resident_kib=int(resident)))
    return found
