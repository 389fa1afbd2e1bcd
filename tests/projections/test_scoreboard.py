"""The scoreboard: shares, bonuses, gates and vetoes, provisional and final apart, and who may see what."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.indicator import IndicatorKind
from domain.organisation import Organisation
from domain.policy import Visibility
from event_store.postgres import PostgresLog
from projections.scoreboard import SCOREBOARD, Entry, Standing, may_see_provisional, rank, standing, standings
from tests.projections.conftest import folded
from tests.projections.histories import CYCLE, history

ENTRY = Entry(
    stream="task/2026/x/ops",
    indicator="x",
    name="线损率",
    category="经营",
    kind=IndicatorKind.QUANTITATIVE,
    part="lead",
    share=Decimal(100),
    worth=Decimal(60),
    period="",
    points=Decimal(54),
    full=Decimal(60),
    percent=Decimal(90),
    contribution=Decimal(54),
    verdict="",
    self_points=None,
    review_points=None,
    adjusted=False,
    settled=True,
    lines=(),
)
BONUS = replace(ENTRY, name="表彰", category="加减分", kind=IndicatorKind.BONUS, worth=Decimal(0), contribution=Decimal(3))
VETO = replace(ENTRY, name="安全红线", kind=IndicatorKind.VETO, contribution=None, verdict="取消资格", worth=Decimal(0))


def test_a_total_is_the_sum_of_what_the_tasks_bring_and_shows_how() -> None:
    other = replace(ENTRY, category="党建", worth=Decimal(40), contribution=Decimal("38.5"))

    found = standing("ops", "final", [(ENTRY, {}), (other, {}), (BONUS, {})])

    assert (found.total, found.full, found.bonus, found.settled) == (Decimal("95.5"), Decimal(100), Decimal(3), 3)
    assert [(line.label, line.amount) for line in found.working] == [
        ("经营", Decimal(54)),
        ("党建", Decimal("38.5")),
        ("加分", Decimal(3)),
        ("合计", Decimal("95.5")),
    ]


def test_what_is_not_scored_yet_is_not_counted_as_nothing() -> None:
    unscored = replace(ENTRY, contribution=None, points=None, settled=False)

    found = standing("ops", "provisional", [(ENTRY, {}), (unscored, {})])

    assert (found.total, found.full, found.scored, found.settled) == (Decimal(54), Decimal(120), Decimal(60), 1)
    assert found.working[0].note == "1 项尚未评分"


@pytest.mark.parametrize(
    ("limits", "total"),
    [
        ({"取消资格": {"zero": "yes"}}, Decimal(0)),
        ({"取消资格": {"cap": "50"}}, Decimal(50)),
        ({"取消资格": {"cap": "90"}}, Decimal(57)),
        ({"通报": {"cap": "50"}}, Decimal(57)),
        ({}, Decimal(57)),
    ],
)
def test_a_red_line_limits_the_total_as_its_verdict_says(limits: dict[str, dict[str, str]], total: Decimal) -> None:
    found = standing("ops", "final", [(ENTRY, {}), (BONUS, {}), (VETO, limits)])

    assert found.total == found.working[-1].amount == total
    assert found.verdicts == ("安全红线：取消资格",)


def test_equal_totals_share_a_place() -> None:
    def total(department: str, points: int) -> Standing:
        return replace(standing(department, "final", []), total=Decimal(points))

    ranked = rank([total("c", 80), total("a", 90), total("b", 90), total("d", 70)])

    assert [(one.place, one.standing.department) for one in ranked] == [(1, "a"), (1, "b"), (3, "c"), (4, "d")]


async def test_shares_bonus_and_adjustment_count_in_a_whole_year(engine: AsyncEngine, log: PostgresLog, tmp_path: Path) -> None:
    await folded(engine, log, await history(tmp_path), [SCOREBOARD])

    async with engine.connect() as connection:
        final = {one.department: one for one in await standings(connection, CYCLE, "final")}
        [sales] = await standings(connection, CYCLE, "provisional", "sales")
        assert await standings(connection, "1999", "final") == []

    ops = {entry.indicator: entry for entry in final["ops"].entries}
    assert (ops["line-loss"].contribution, ops["line-loss"].worth) == (Decimal("0.56"), Decimal("4.2"))  # 0.8 and 6, times 70 %.
    assert (ops["line-loss"].self_points, ops["line-loss"].review_points, ops["line-loss"].adjusted) == (
        Decimal("5.9"),
        Decimal("0.30"),
        True,
    )
    assert [line.label for line in ops["line-loss"].lines][-2:] == ["自评", "绩效办调整"]
    assert final["ops"].bonus == Decimal(2)
    assert final["ops"].total == Decimal("2.56")
    assert final["sales"].total == Decimal("0.24")  # Its 30 % of the line loss; its own arrears brought nothing.
    assert {(entry.indicator, entry.part, entry.settled) for entry in final["sales"].entries} == {
        ("line-loss", "assisting", True),
        ("arrears", "lead", True),
    }
    assert (sales.which, sales.total, sales.scored) == ("provisional", Decimal("0.09"), Decimal("1.8"))


async def test_before_scoring_there_is_nothing_final(engine: AsyncEngine, log: PostgresLog, tmp_path: Path) -> None:
    await folded(engine, log, await history(tmp_path, "q2"), [SCOREBOARD])

    async with engine.connect() as connection:
        final = await standings(connection, CYCLE, "final", "ops")
        provisional = await standings(connection, CYCLE, "provisional", "ops")

    assert [(one.total, one.scored, one.settled, one.tasks) for one in final] == [(Decimal(0), Decimal(0), 0, 2)]
    assert provisional[0].total == Decimal("2.21")  # 0.3 × 70 % and the bonus of 2.
    assert all(line.formula for entry in provisional[0].entries for line in entry.lines)


@pytest.mark.parametrize(
    ("person", "department", "sees"),
    [
        ("leader", "ops", True),
        ("deputy", "ops", True),
        ("deputy", "safety", False),
        ("office-clerk", "safety", True),
        ("ops-clerk", "ops", True),
        ("ops-clerk", "sales", False),
        ("sales-head", "ops", False),
    ],
)
def test_provisional_scores_are_for_those_the_rules_name(
    organisation: Organisation, person: str, department: str, *, sees: bool
) -> None:
    assert may_see_provisional(person, organisation, Visibility(), department, date(2026, 7, 1)) is sees


def test_a_rule_may_close_provisional_scores_to_the_department_itself(organisation: Organisation) -> None:
    closed = Visibility(provisional=(), own_department=False)

    assert not may_see_provisional("ops-head", organisation, closed, "ops", date(2026, 7, 1))
