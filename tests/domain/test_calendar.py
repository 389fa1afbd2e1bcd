"""The working-day calendar: the handbook's vectors, an independent library, and what must hold for every day."""

import csv
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from application.seeds import seed_calendar
from domain.calendar import DayUnknown, DeadlineRule, Roll

CN = seed_calendar()
VECTORS = list(csv.DictReader((Path(__file__).parent / "vectors" / "deadlines.csv").read_text(encoding="utf-8").splitlines()))
DAYS = st.dates(date(2025, 1, 1), date(2026, 12, 31))
FRIDAY_BEFORE_SPRING_FESTIVAL = datetime(2026, 2, 13, 1, 0, tzinfo=UTC)


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: f"{vector['trigger_date']}+{vector['workdays']}")
def test_the_handbooks_deadlines_are_met(vector: dict[str, str]) -> None:
    due = CN.add_workdays(date.fromisoformat(vector["trigger_date"]), int(vector["workdays"]))

    assert due.isoformat() == vector["due_date"]


@pytest.mark.parametrize("year", [2025, 2026])
def test_a_published_year_has_248_working_days(year: int) -> None:
    assert CN.workdays_between(date(year - 1, 12, 31), date(year, 12, 31)) == 248


@pytest.mark.parametrize("year", [2025, 2026])
def test_an_independent_library_agrees_on_every_day(year: int) -> None:
    import chinese_calendar

    days = [date(year, 1, 1) + timedelta(days=number) for number in range(365)]

    assert [CN.is_workday(day) for day in days] == [chinese_calendar.is_workday(day) for day in days]


def test_a_duty_falls_due_at_close_of_business_of_the_last_day() -> None:
    assert CN.due(FRIDAY_BEFORE_SPRING_FESTIVAL, 3) == datetime(2026, 2, 25, 9, 30, tzinfo=UTC)


def test_the_day_of_delivery_is_the_offices_own_day() -> None:
    just_after_midnight_in_the_office = datetime(2026, 4, 29, 16, 5, tzinfo=UTC)

    assert CN.due(just_after_midnight_in_the_office, 3) == CN.closing(date(2026, 5, 8))


def test_a_notice_that_counts_its_first_day_ends_a_day_earlier() -> None:
    rule = DeadlineRule(amount=5, count_first_day=True)

    assert CN.due_by(CN.opening(date(2026, 5, 9)), rule) == CN.closing(date(2026, 5, 14))  # 9 May is an exchanged Saturday.


@pytest.mark.parametrize(
    ("roll", "day"), [("forward", date(2026, 10, 8)), ("back", date(2026, 9, 30)), ("none", date(2026, 10, 3))]
)
def test_a_calendar_day_deadline_on_a_rest_day_moves_as_its_rule_says(roll: Roll, day: date) -> None:
    rule = DeadlineRule(amount=10, unit="days", roll=roll)

    assert CN.due_by(CN.opening(date(2026, 9, 23)), rule) == CN.closing(day)


def test_a_demonstration_may_count_seconds() -> None:
    assert CN.due_by(
        FRIDAY_BEFORE_SPRING_FESTIVAL, DeadlineRule(amount=20, unit="seconds")
    ) == FRIDAY_BEFORE_SPRING_FESTIVAL + timedelta(seconds=20)


def test_three_working_days_before_due_skips_the_festival() -> None:
    assert CN.add_workdays(date(2026, 2, 25), -3) == date(2026, 2, 13)


def test_an_unpublished_year_is_provisional_and_says_so() -> None:
    assert CN.provisional(date(2027, 1, 4))
    assert CN.is_workday(date(2027, 1, 4))
    assert not CN.provisional(CN.official_through)


def test_a_day_beyond_the_calendar_is_refused_in_both_languages() -> None:
    with pytest.raises(DayUnknown) as refusal:
        CN.add_workdays(date(2040, 12, 28), 5)

    assert "不作猜测" in refusal.value.sentence("zh")
    assert "nothing is guessed" in refusal.value.sentence("en")


@given(DAYS, st.integers(-30, 30))
def test_subtracting_undoes_adding(day: date, count: int) -> None:
    worked = CN.roll_forward(day)

    assert CN.add_workdays(CN.add_workdays(worked, count), -count) == worked


@given(DAYS, st.integers(0, 30))
def test_the_distance_is_what_was_added(day: date, count: int) -> None:
    worked = CN.roll_forward(day)

    assert CN.workdays_between(worked, CN.add_workdays(worked, count)) == count
    assert CN.workdays_between(worked, CN.add_workdays(worked, -count)) == -count


@given(DAYS, DAYS, st.integers(0, 30))
def test_what_is_delivered_later_is_never_due_earlier(one: date, other: date, count: int) -> None:
    first, second = sorted((one, other))

    assert CN.add_workdays(first, count) <= CN.add_workdays(second, count)


@given(DAYS, st.integers(-30, 30))
def test_every_due_day_is_a_working_day(day: date, count: int) -> None:
    assert CN.is_workday(CN.add_workdays(day, count))
