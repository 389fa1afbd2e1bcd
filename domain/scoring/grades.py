"""Grades and ranks of a whole group: score lines, quotas, ties and how they are broken [handbook 4]."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from typing import Literal

from domain.decider import Refused
from domain.scoring.rank import Ties, rank_of
from domain.scoring.working import GradeLine, Line, text

QuotaRounding = Literal["floor", "ceil", "half-up"]

ROUNDINGS = {"floor": ROUND_FLOOR, "ceil": ROUND_CEILING, "half-up": ROUND_HALF_UP}
ROUNDINGS_ZH = {"floor": "向下取整", "ceil": "向上取整", "half-up": "四舍五入"}


@dataclass(frozen=True, kw_only=True)
class Quota:
    """How many of a group may (or must) have a grade: ``percent`` of the heads, rounded, within ``least`` and ``most``."""

    grade: str
    percent: Decimal
    rounding: QuotaRounding = "floor"
    least: int = 0
    most: int | None = None


@dataclass(frozen=True, kw_only=True)
class TieBreak:
    """One link of the chain that breaks ties: the figure named ``key``; ``fewest`` puts the smaller first. ``label`` is for people."""

    key: str
    fewest: bool = False
    label: str = ""


@dataclass(frozen=True, kw_only=True)
class Standing:
    """One unit's place. ``tied_with`` lists those whom no link of the chain could part: somebody must decide, and record it."""

    unit: str
    place: int
    decided_by: str
    tied_with: tuple[str, ...] = ()


class FigureMissing(Refused):
    """The chain asks for a figure that a unit does not have."""

    zh = "单位“{unit}”缺少用于排序的“{key}”。请补充该项数据或调整同分处理顺序。"
    en = "Unit '{unit}' has no '{key}', which the order asks for. Give it, or change the tie-break chain."


def quota_of(quota: Quota, heads: int) -> tuple[int, Line]:
    """Give the number of places a group of ``heads`` has, and the line that shows it."""
    exact = quota.percent * heads / 100
    places = int(exact.to_integral_value(ROUNDINGS[quota.rounding]))
    bounded = max(quota.least, places if quota.most is None else min(places, quota.most))
    formula = f"{heads} × {text(quota.percent)}% = {text(exact)},{ROUNDINGS_ZH[quota.rounding]} {places}"
    note = "" if bounded == places else f"按限额取 {bounded}"
    return min(bounded, heads), Line(label=f"{quota.grade}名额", formula=formula, amount=Decimal(min(bounded, heads)), note=note)


def grade_by_line(points: Decimal, lines: Sequence[GradeLine]) -> str | None:
    """Give the best grade whose line ``points`` reaches; None below all of them."""
    reached = [line for line in lines if points >= line.at_least]
    return max(reached, key=lambda line: line.at_least).name if reached else None


def ranked(totals: Mapping[str, Decimal], ties: Ties = "competition") -> dict[str, Decimal]:
    """Give every unit's rank by total, 1 being the highest."""
    everyone = tuple(totals.values())
    return {unit: rank_of(total, everyone, ties=ties) for unit, total in totals.items()}


def order(figures: Mapping[str, Mapping[str, Decimal]], chain: Sequence[TieBreak]) -> tuple[Standing, ...]:
    """Order the units by the chain's links, the total being the first; who stays tied shares a place. Raises FigureMissing."""
    keys = {unit: tuple(_figure(unit, mine, link) for link in chain) for unit, mine in figures.items()}
    best_first = sorted(keys, key=lambda unit: keys[unit], reverse=True)
    standings: list[Standing] = []
    for unit in best_first:
        place = 1 + sum(other > keys[unit] for other in keys.values())
        tied = tuple(other for other in best_first if other != unit and keys[other] == keys[unit])
        standings.append(Standing(unit=unit, place=place, decided_by=_decided_by(keys, unit, chain), tied_with=tied))
    return tuple(standings)


def graded(standings: Sequence[Standing], quotas: Sequence[Quota], rest: str) -> dict[str, str]:
    """Hand out grades from the top, quota by quota, and ``rest`` to those who are left.

    A tie across the last place of a quota gets the lower grade for all: no tie that nobody decided exceeds a quota. The places it
    leaves unused go to the next grade.
    """
    grades = dict.fromkeys((standing.unit for standing in standings), rest)
    waiting, left = list(standings), 0
    for quota in quotas:
        left += quota_of(quota, len(standings))[0]
        while waiting and (together := len(waiting[0].tied_with) + 1) <= left:
            for standing in waiting[:together]:
                grades[standing.unit] = quota.grade
            waiting, left = waiting[together:], left - together
    return grades


def _figure(unit: str, figures: Mapping[str, Decimal], link: TieBreak) -> Decimal:
    if link.key not in figures:
        raise FigureMissing(unit=unit, key=link.label or link.key)
    return -figures[link.key] if link.fewest else figures[link.key]


def _decided_by(keys: Mapping[str, tuple[Decimal, ...]], unit: str, chain: Sequence[TieBreak]) -> str:
    """Name the deepest link that parted this unit from one it was level with so far."""
    depths = [
        next(depth for depth, (mine, other) in enumerate(zip(keys[unit], keys[rival], strict=True)) if mine != other)
        for rival in keys
        if rival != unit and keys[rival] != keys[unit]
    ]
    return chain[max(depths)].label or chain[max(depths)].key if depths else ""
