"""The strip at the head of every page: which cycle, how far it is, what I owe, and what comes next."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncEngine

from application.known import calendar_of
from application.ledger import Ledger
from console.times import day_of
from domain.cycle import Phase
from projections import board
from projections.board import BoardCycle
from projections.my_work import Work


@dataclass(frozen=True, kw_only=True)
class Debts:
    """A person's own work by deadline, each piece once. ``week`` runs to the coming Sunday; ``whenever`` has no deadline."""

    overdue: tuple[Work, ...] = ()
    today: tuple[Work, ...] = ()
    week: tuple[Work, ...] = ()
    later: tuple[Work, ...] = ()
    whenever: tuple[Work, ...] = ()
    possible: tuple[Work, ...] = ()  # Not theirs, but they may.

    @property
    def mine(self) -> int:
        """Count what is theirs."""
        return len(self.overdue) + len(self.today) + len(self.week) + len(self.later) + len(self.whenever)

    @property
    def coming(self) -> Work | None:
        """Give what is due next."""
        return next(iter((*self.today, *self.week, *self.later)), None)


@dataclass(frozen=True, kw_only=True)
class Head:
    """What the strip shows. ``workday`` of ``workdays`` of the cycle is today's (0: outside it, or the calendar does not say)."""

    cycle: BoardCycle | None = None
    workday: int = 0
    workdays: int = 0


async def head_of(engine: AsyncEngine, ledger: Ledger, now: datetime) -> Head:
    """Give the strip of the cycle that is on: the newest that is not archived, else the newest."""
    async with engine.connect() as connection:
        cycles = await board.cycles(connection)
    shown = next((cycle for cycle in cycles if cycle.phase is not Phase.ARCHIVED), next(iter(cycles), None))
    if shown is None:
        return Head()
    calendar = await calendar_of(ledger, shown.calendar, shown.calendar_version)
    day, before = day_of(now), shown.starts - timedelta(days=1)
    if not (calendar.since <= before and shown.ends <= calendar.until and shown.starts <= day <= shown.ends):
        return Head(cycle=shown)
    return Head(
        cycle=shown, workday=calendar.workdays_between(before, day), workdays=calendar.workdays_between(before, shown.ends)
    )


def debts_of(work: Iterable[Work], now: datetime) -> Debts:
    """Sort a person's work by deadline."""
    today = day_of(now)
    sunday = today + timedelta(days=6 - today.weekday())
    groups: dict[str, list[Work]] = {}
    for one in work:
        groups.setdefault(_group(one, now, sunday), []).append(one)
    return Debts(**{name: tuple(its) for name, its in groups.items()})


def _group(one: Work, now: datetime, sunday: date) -> str:
    if not one.mine:
        return "possible"
    if one.due is None:
        return "whenever"
    if one.due < now:
        return "overdue"
    day = day_of(one.due)
    if day == day_of(now):
        return "today"
    return "week" if day <= sunday else "later"
