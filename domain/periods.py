"""The periods of a cycle an indicator is reported in, and when each opens and falls due."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from domain.calendar import Calendar
from domain.deadline import DueDates, due_at
from domain.indicator import Frequency
from domain.policy import Limits

MONTHS = {Frequency.MONTH: 1, Frequency.QUARTER: 3, Frequency.HALF: 6, Frequency.YEAR: 12}
LETTERS = {Frequency.MONTH: "M", Frequency.QUARTER: "Q", Frequency.HALF: "H", Frequency.YEAR: "Y"}


@dataclass(frozen=True, kw_only=True)
class Period:
    """One reporting period: its key (M01, Q1, H1, Y1), its days, when it opens and when its report is due."""

    key: str
    starts: date
    ends: date
    opens: datetime
    due: DueDates


def periods(  # noqa: PLR0917  The cycle's two days and what they are cut with.
    frequency: Frequency, starts: date, ends: date, issued_at: datetime, limits: Limits, calendar: Calendar
) -> tuple[Period, ...]:
    """Cut a cycle into periods. None opens before the issue; a last one that would pass the cycle's end is cut there."""
    months = MONTHS[frequency]
    found: list[Period] = []
    first = starts
    while first <= ends:
        number = len(found) + 1
        last = min(_plus_months(starts, months * number) - timedelta(days=1), ends)
        key = f"{LETTERS[frequency]}{number:02}" if frequency is Frequency.MONTH else f"{LETTERS[frequency]}{number}"
        opens = max(calendar.opening(last - timedelta(days=limits.opens_before_end_days)), issued_at)
        rule = getattr(limits, f"report_{frequency}")
        due = calendar.due_by(max(calendar.closing(last), issued_at), rule)
        if rule.unit == "seconds":
            opens = issued_at  # A trial runs in minutes: everything opens at once.
        found.append(Period(key=key, starts=first, ends=last, opens=opens, due=due_at(due)))
        first = last + timedelta(days=1)
    return tuple(found)


def _plus_months(day: date, months: int) -> date:
    year, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + year, month + 1
    last = (date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)).day
    return date(year, month, min(day.day, last))
