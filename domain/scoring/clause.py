"""What all clauses of an event rule have in common: an effect, an amount, a cap in words."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from domain.scoring.working import Line, text

Effect = Literal["deduct", "add"]


@dataclass(frozen=True, kw_only=True)
class Amount:
    """What one clause takes or gives, never negative, and the line that shows it."""

    points: Decimal
    lines: tuple[Line, ...]


def verb(effect: Effect) -> str:
    """Say the effect in Chinese."""
    return "扣" if effect == "deduct" else "加"


def cap_in_words(cap: Decimal | None) -> str:
    """Say the cap in Chinese, in parentheses; nothing if there is none."""
    return "" if cap is None else f"(本项最多 {text(cap)} 分)"
