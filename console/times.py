"""Instants as an office reads them: its own clock, with the offset said."""

from datetime import UTC, date, datetime, time, timedelta

from projections.labels import BEIJING, Language


def day_of(instant: datetime) -> date:
    """Give the office's day of an instant."""
    return instant.astimezone(BEIJING).date()


def end_of_day(day: date) -> datetime:
    """Give the last instant of an office's day."""
    return datetime.combine(day, time.max, BEIJING).astimezone(UTC)


def short(instant: datetime) -> str:
    """Give ``07-15 17:30``, where the year is clear."""
    return instant.astimezone(BEIJING).strftime("%m-%d %H:%M")


def machine(instant: datetime) -> str:
    """Give the instant for ``<time datetime>``."""
    return instant.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def left(due: datetime, now: datetime, language: Language) -> str:
    """Say how long there is until, or since, a due instant, in the largest unit that says something."""
    past, span = due < now, abs(due - now)
    for unit, zh, en in UNITS:
        if span >= unit:
            amount = span // unit
            if language == "en":
                return f"{amount} {en} {'overdue' if past else 'left'}"
            return f"{'已逾期' if past else '还剩'} {amount} {zh}"
    if language == "en":
        return "just overdue" if past else "due now"
    return "刚刚逾期" if past else "即将到期"


UNITS = ((timedelta(days=1), "天", "d"), (timedelta(hours=1), "小时", "h"), (timedelta(minutes=1), "分钟", "min"))
