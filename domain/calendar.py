"""Working days: which days an office works, and when what was handed to it falls due.

A calendar is data with a version: the published holidays and exchanged working days (调休), the company's own days, the hours
of the office and the offset of its clock. Everything here is a function of that data, so a due instant can be computed again
years later from the version it names.

A year whose holidays are not published yet is reckoned by the weekday rule and is ``provisional``; a day beyond the calendar's
bounds is refused.
"""

from bisect import bisect_left
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from enum import StrEnum
from typing import Literal

from domain.decider import Refused

ONE_DAY = timedelta(days=1)
SATURDAY = 5  # As ``date.weekday()`` counts.


class DayKind(StrEnum):
    """Why a day is not what its weekday says. The company's own days go before the published ones."""

    HOLIDAY = "holiday"
    MAKEUP_WORKDAY = "makeup-workday"
    COMPANY_REST = "company-rest"
    COMPANY_WORKDAY = "company-workday"


WORKED = frozenset({DayKind.MAKEUP_WORKDAY, DayKind.COMPANY_WORKDAY})


@dataclass(frozen=True, kw_only=True)
class SpecialDay:
    """One day that differs from its weekday, with the name people know it by."""

    day: date
    kind: DayKind
    name: str = ""


Unit = Literal["workdays", "days", "seconds"]
Roll = Literal["forward", "back", "none"]


@dataclass(frozen=True, kw_only=True)
class DeadlineRule:
    """How long somebody has. Data of a cycle, so a demonstration may count seconds where an office counts working days.

    ``workdays`` and ``days`` fall due at close of business of the last day; ``seconds`` run from the instant itself. The day of
    delivery is day 0 unless ``count_first_day`` [handbook 6.2]. A last calendar day that is no working day moves by ``roll``.
    """

    amount: int
    unit: Unit = "workdays"
    count_first_day: bool = False
    roll: Roll = "forward"


class DayUnknown(Refused):
    """The calendar says nothing about this day. Issue a version that covers its year."""

    zh = "{region} 工作日历第 {version} 版只到 {until}(自 {since} 起),不含 {day},不作猜测。请先发布含该年度的日历版本。"
    en = (
        "Version {version} of calendar {region} covers {since} to {until}, not {day}; nothing is guessed. "
        "Issue a version for that year."
    )


@dataclass(frozen=True, kw_only=True)
class Calendar:
    """One version of one region's calendar.

    ``days`` is sorted by day, each at most once. ``official_years`` (one at least) are those whose holidays are published. Days
    from ``since`` to ``until`` in other years are provisional; days beyond raise DayUnknown. ``opens`` and ``closes`` are local.
    """

    region: str
    version: int
    days: tuple[SpecialDay, ...]
    official_years: tuple[int, ...]
    since: date
    until: date
    opens: time
    closes: time
    utc_offset_minutes: int
    source: str = ""

    def is_workday(self, day: date) -> bool:
        """Say whether the office works on ``day``. Raises DayUnknown."""
        special = self.special(day)
        if special is not None:
            return special.kind in WORKED
        if not self.since <= day <= self.until:
            raise DayUnknown(region=self.region, version=self.version, since=self.since, until=self.until, day=day)
        return day.weekday() < SATURDAY

    def special(self, day: date) -> SpecialDay | None:
        """Give what makes ``day`` differ from its weekday, if anything does."""
        place = bisect_left(self.days, day, key=lambda special: special.day)
        found = self.days[place] if place < len(self.days) else None
        return found if found is not None and found.day == day else None

    def provisional(self, day: date) -> bool:
        """Say whether ``day`` is reckoned by the weekday rule because its year's holidays are not published."""
        return day.year not in self.official_years

    @property
    def official_through(self) -> date:
        """Give the last day of the last published year."""
        return date(max(self.official_years), 12, 31)

    def add_workdays(self, day: date, count: int, *, count_first_day: bool = False) -> date:
        """Give the working day ``count`` working days after ``day`` (before it, if negative); 0 gives ``roll_forward(day)``.

        With ``count_first_day`` a ``day`` that is worked is itself the first. Raises DayUnknown.
        """
        step = ONE_DAY if count >= 0 else -ONE_DAY
        left = abs(count)
        if count_first_day and left and self.is_workday(day):
            left -= 1
        found = day
        while left:
            found += step
            left -= self.is_workday(found)
        return found if self.is_workday(found) else self._roll(found, step)

    def roll_forward(self, day: date) -> date:
        """Give ``day``, or the next working day. Raises DayUnknown."""
        return self._roll(day, ONE_DAY)

    def roll_back(self, day: date) -> date:
        """Give ``day``, or the working day before it. Raises DayUnknown."""
        return self._roll(day, -ONE_DAY)

    def workdays_between(self, first: date, last: date) -> int:
        """Count the working days after ``first`` up to ``last``: what ``add_workdays`` added. Negative if ``last`` is earlier."""
        if last < first:
            return -sum(self.is_workday(last + ONE_DAY * days) for days in range((first - last).days))
        return sum(self.is_workday(first + ONE_DAY * days) for days in range(1, (last - first).days + 1))

    def local_day(self, instant: datetime) -> date:
        """Give the office's date at ``instant`` (aware)."""
        return instant.astimezone(self._zone).date()

    def opening(self, day: date) -> datetime:
        """Give the start of business of ``day``, in UTC."""
        return datetime.combine(day, self.opens, self._zone).astimezone(UTC)

    def closing(self, day: date) -> datetime:
        """Give the close of business of ``day``, in UTC."""
        return datetime.combine(day, self.closes, self._zone).astimezone(UTC)

    def due(self, instant: datetime, workdays: int, *, count_first_day: bool = False) -> datetime:
        """Give the close of business (UTC) ``workdays`` after the local day of ``instant``. Raises DayUnknown."""
        return self.closing(self.add_workdays(self.local_day(instant), workdays, count_first_day=count_first_day))

    def due_by(self, instant: datetime, rule: DeadlineRule) -> datetime:
        """Give the instant (UTC) at which what was delivered at ``instant`` falls due under ``rule``. Raises DayUnknown."""
        match rule.unit:
            case "workdays":
                return self.due(instant, rule.amount, count_first_day=rule.count_first_day)
            case "days":
                return self.closing(self._rolled(self._last_day(self.local_day(instant), rule), rule))
            case "seconds":
                return instant.astimezone(UTC) + timedelta(seconds=rule.amount)

    def _last_day(self, day: date, rule: DeadlineRule) -> date:
        return day + ONE_DAY * (rule.amount - 1 if rule.count_first_day and rule.amount else rule.amount)

    def _rolled(self, day: date, rule: DeadlineRule) -> date:
        match rule.roll:
            case "forward":
                return self.roll_forward(day)
            case "back":
                return self.roll_back(day)
            case "none":
                return day

    def _roll(self, day: date, step: timedelta) -> date:
        while not self.is_workday(day):
            day += step
        return day

    @property
    def _zone(self) -> timezone:
        return timezone(timedelta(minutes=self.utc_offset_minutes))
