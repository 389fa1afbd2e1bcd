"""Timings, what is made of them, and the lines a script reads."""

import asyncio
import math
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from statistics import median
from time import perf_counter

Call = Callable[[int, int], Awaitable[object]]
"""One call to be timed: given its caller's number and its number among that caller's calls."""


@dataclass(frozen=True, kw_only=True)
class Timing:
    """What some calls took, each (``seconds``, ascending) and all together."""

    seconds: tuple[float, ...]
    elapsed: float

    @property
    def rate(self) -> float:
        """Calls a second."""
        return len(self.seconds) / self.elapsed

    def percentile_ms(self, percent: int) -> float:
        """Give the time within which ``percent`` of the calls were answered, in milliseconds."""
        place = math.ceil(len(self.seconds) * percent / 100) - 1
        return self.seconds[max(place, 0)] * 1000

    def __str__(self) -> str:
        """Say it on one line."""
        return f"{self.rate:7.1f}/s   p50 {self.percentile_ms(50):7.2f} ms   p95 {self.percentile_ms(95):7.2f} ms"


async def timed(call: Call, *, callers: int, each: int) -> Timing:
    """Time ``callers`` side by side, each making ``each`` calls one after the other."""
    taken: list[float] = []

    async def caller(number: int) -> None:
        for turn in range(each):
            began = perf_counter()
            await call(number, turn)
            taken.append(perf_counter() - began)

    began = perf_counter()
    async with asyncio.TaskGroup() as group:
        for number in range(callers):
            group.create_task(caller(number))
    return Timing(seconds=tuple(sorted(taken)), elapsed=perf_counter() - began)


def tell_ms(what: str, *milliseconds: float) -> None:
    """Print one line of a table."""
    print(f"  {what:56}" + "".join(f"{each:9.2f} ms" for each in milliseconds))


def ratio(name: str, values: Sequence[float], aim: float, *, digits: int = 2) -> str:
    """Give the line of one figure: the median of its values, and what it should be."""
    return f"ratio {name} {median(values):.{digits}f} aim {aim:g}"
