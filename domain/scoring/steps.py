"""每…扣…: how many steps a distance makes. Chinese rules rarely say whether a part of a step counts, so a rule must [C3, M5]."""

from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from typing import Literal

from domain.scoring.faults import NotComputable
from domain.scoring.working import text

StepMode = Literal["proportional", "floor", "ceil", "half-up"]
Measure = Literal["absolute", "relative"]
Direction = Literal["higher", "lower"]

ROUNDINGS = {"floor": ROUND_FLOOR, "ceil": ROUND_CEILING, "half-up": ROUND_HALF_UP}
MODES_ZH: dict[StepMode, str] = {
    "proportional": "不足一步按比例",
    "floor": "不足一步不计",
    "ceil": "不足一步按一步",
    "half-up": "步数四舍五入",
}


def steps(distance: Decimal, step: Decimal, mode: StepMode) -> Decimal:
    """Count the steps of size ``step`` in ``distance``."""
    count = distance / step
    return count if mode == "proportional" else count.to_integral_value(ROUNDINGS[mode])


def steps_shown(distance: Decimal, step: Decimal, mode: StepMode) -> str:
    """Print the count with its numbers filled in."""
    exact, counted = distance / step, steps(distance, step, mode)
    return f"{text(distance)} ÷ {text(step)} = {text(exact)}" + (
        "" if counted == exact else f",{MODES_ZH[mode]},计 {text(counted)}"
    )


def distance(start: Decimal, end: Decimal, measure: Measure, reference: Decimal) -> Decimal:
    """Measure from ``start`` to ``end``: in the value's own unit (百分点), or in per cent of ``reference`` (百分比)."""
    if measure == "absolute":
        return end - start
    if reference == 0:
        raise NotComputable(why_zh="参照值为 0,无法计算百分比", why_en="the reference is 0, so a percentage does not exist")
    return (end - start) / abs(reference) * 100


def distance_shown(start: Decimal, end: Decimal, measure: Measure, reference: Decimal) -> str:
    """Print the measurement with its numbers filled in."""
    result = text(distance(start, end, measure, reference))
    gap = f"{text(end)} − {_bracketed(start)}"
    return f"{gap} = {result}" if measure == "absolute" else f"({gap}) ÷ {text(abs(reference))} × 100 = {result}%"


def step_in_words(step: Decimal, measure: Measure, unit: str = "") -> str:
    """Say the size of a step: 1%, or 0.1 in the value's own unit."""
    return f"{text(step)}%" if measure == "relative" else f"{text(step)}{unit}"


def _bracketed(number: Decimal) -> str:
    return f"({text(number)})" if number < 0 else text(number)
