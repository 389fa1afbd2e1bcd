"""The demonstration's year is laid out so that today lies just after its third quarter, on whatever day it is played."""

from datetime import date, timedelta

import pytest

from application.demonstration.plan import AFTER_DUE, demonstration_digest, demonstration_plan, months_after, starting_day
from application.seeds import seed_calendar
from application.seeds.policies import seed_policies
from domain.indicator import Frequency
from domain.periods import periods

DAYS = [date(2026, 1, 5) + timedelta(days=9 * step) for step in range(80)]


@pytest.mark.parametrize("today", DAYS, ids=str)
def test_the_third_quarters_reports_have_been_due_for_a_few_working_days(today: date) -> None:
    calendar, limits = seed_calendar(), seed_policies().limits
    starts = starting_day(today)
    ends = months_after(starts, 12) - timedelta(days=1)

    third = periods(Frequency.QUARTER, starts, ends, calendar.opening(starts), limits, calendar)[2]

    assert third.ends < today
    assert calendar.workdays_between(calendar.local_day(third.due.current), today) in AFTER_DUE


def test_a_year_begins_on_the_first_of_a_month_where_that_fits() -> None:
    assert starting_day(date(2026, 7, 14)) == date(2025, 10, 1)
    assert starting_day(date(2026, 11, 23)) == date(2026, 2, 10)


@pytest.mark.parametrize("today", [date(2026, 3, 2), date(2026, 11, 23), date(2028, 2, 29)], ids=str)
def test_history_is_carried_in_and_everybody_is_in_post_before_it(today: date) -> None:
    plan = demonstration_plan(today)

    assert plan.cycle.carrying_in
    assert plan.cycle.starts < today < plan.cycle.ends
    assert all(each.since < plan.cycle.starts for each in plan.register.appointments)
    assert all(each.since < plan.cycle.starts for each in plan.register.liaisons)
    assert f"{plan.cycle.starts:%Y年%m月}" in plan.cycle.name
    assert "演示" in plan.cycle.name


def test_the_same_day_gives_the_same_plan() -> None:
    assert demonstration_plan(date(2026, 11, 23)) == demonstration_plan(date(2026, 11, 23))
    assert len(demonstration_digest()) == 64


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2026, 11, 15), -9, date(2026, 2, 15)),
        (date(2026, 11, 15), 12, date(2027, 11, 15)),
        (date(2026, 12, 1), 1, date(2027, 1, 1)),
        (date(2027, 1, 1), -1, date(2026, 12, 1)),
    ],
)
def test_months_are_counted_by_the_calendar(day: date, months: int, expected: date) -> None:
    assert months_after(day, months) == expected
