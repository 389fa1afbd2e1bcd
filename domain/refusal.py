"""What was refused: ``refusal/{stream}`` keeps every refused command beside the stream it was asked of. Nothing is decided here."""

from dataclasses import dataclass
from typing import Any, Never

from domain.decider import Asked, Decider


@dataclass(frozen=True, kw_only=True)
class Filled:
    """One value a refusal's sentences were filled with."""

    name: str
    value: str


@dataclass(frozen=True, kw_only=True)
class CommandRefused:
    """操作被拒绝. ``version`` is the stream's when it was refused; the sentences are as the person read them."""

    command: str
    code: str
    zh: str
    en: str
    values: tuple[Filled, ...]
    version: int


@dataclass(frozen=True, kw_only=True)
class Refusals:
    """How many there were."""

    count: int = 0


def decide(command: Never, state: Refusals, known: Any, asked: Asked) -> list[CommandRefused]:
    """Never be asked: a refusal is recorded by the one write path itself."""
    del command, state, known, asked
    return []


def evolve(state: Refusals, _event: CommandRefused, _asked: Asked) -> Refusals:
    """Count."""
    return Refusals(count=state.count + 1)


REFUSAL = Decider(name="refusal", commands=(), events=(CommandRefused,), initial=Refusals(), decide=decide, evolve=evolve)
