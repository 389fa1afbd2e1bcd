"""What a rule gives back: points or a verdict, and the working a reader can follow line by line."""

from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, ROUND_HALF_EVEN, ROUND_HALF_UP, ROUND_UP, Decimal
from typing import Literal

RoundingMode = Literal["half-up", "half-even", "down", "up", "floor", "ceiling"]

MODES: dict[RoundingMode, tuple[str, str]] = {
    "half-up": (ROUND_HALF_UP, "四舍五入"),
    "half-even": (ROUND_HALF_EVEN, "四舍六入五成双"),
    "down": (ROUND_DOWN, "直接舍去"),
    "up": (ROUND_UP, "有余进位"),
    "floor": (ROUND_FLOOR, "向下取整"),
    "ceiling": (ROUND_CEILING, "向上取整"),
}
POWERS_SHOWN = 60  # Beyond this many digits a number is printed with its exponent: it is a slip, and must not fill a page.
PLACES_SHOWN = 12  # An endless fraction is cut here and ends with an ellipsis; everything shorter is printed exactly.


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of the working. ``formula`` has its numbers filled in; ``amount`` is exact, not rounded."""

    label: str
    formula: str
    amount: Decimal | None = None
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Rounding:
    """How the result is rounded, once, at the end [C4]."""

    places: int = 2
    mode: RoundingMode = "half-up"

    def of(self, number: Decimal) -> Decimal:
        """Give ``number`` with ``places`` decimals."""
        return number.quantize(Decimal(1).scaleb(-self.places), MODES[self.mode][0]) + 0

    def words(self) -> str:
        """Name the rounding in Chinese."""
        return f"保留 {self.places} 位小数({MODES[self.mode][1]})"


@dataclass(frozen=True, kw_only=True)
class GradeLine:
    """A grade from ``at_least`` points on, bound included."""

    at_least: Decimal
    name: str


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What one rule found, unrounded. Grades are taken from the rounded total, so they travel to the end with their caps.

    ``points`` is None for a verdict without points (a gate, a class). ``grade_caps`` names the best grades still allowed.
    """

    points: Decimal | None
    lines: tuple[Line, ...]
    verdict: str | None = None
    grades: tuple[GradeLine, ...] = ()
    grade_caps: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Scored:
    """A score. ``points`` is rounded as ``rounding`` says and is the last line's amount; ``exact`` is what was rounded.

    ``full`` is the regular full mark (None: the rule has none); ``verdict`` a grade, a class or 通过/未通过.
    """

    points: Decimal | None
    verdict: str | None
    lines: tuple[Line, ...]
    full: Decimal | None
    exact: Decimal | None
    rounding: Rounding | None


def text(number: Decimal) -> str:
    """Print a number exactly, without idle zeros, nor an exponent up to 60 digits; an endless fraction is cut at 12 places (``…``)."""
    if number.is_finite() and abs(number.adjusted()) > POWERS_SHOWN:
        return str(number)
    exponent = number.as_tuple().exponent
    endless = isinstance(exponent, int) and -exponent > PLACES_SHOWN
    shown = number.quantize(Decimal(1).scaleb(-PLACES_SHOWN), ROUND_DOWN) if endless else number
    plain = format(shown, "f")
    if "." in plain:
        plain = plain.rstrip("0").rstrip(".")
    return ("0" if plain == "-0" else plain) + ("…" if shown != number else "")


def signed(number: Decimal) -> str:
    """Print a number as a term of a sum: ``+ 3`` or ``− 2``."""
    return f"− {text(-number)}" if number < 0 else f"+ {text(number)}"


def kept_within(points: Decimal, floor: Decimal | None, cap: Decimal | None) -> tuple[Decimal, tuple[Line, ...]]:
    """Keep points within floor and cap, with the line that says so where it matters."""
    if floor is not None and points < floor:
        return floor, (Line(label="下限", formula=f"{text(points)} 低于下限 {text(floor)},取 {text(floor)}", amount=floor),)
    if cap is not None and points > cap:
        return cap, (Line(label="封顶", formula=f"{text(points)} 高于上限 {text(cap)},取 {text(cap)}", amount=cap),)
    return points, ()


def limits_in_words(floor: Decimal | None, cap: Decimal | None) -> str:
    """Say floor and cap in Chinese, starting with a comma; nothing if there are none."""
    low = "" if floor is None else (",扣完为止" if floor == 0 else f",最低 {text(floor)} 分")
    return low + ("" if cap is None else f",最高 {text(cap)} 分")
