"""What is stuck: who is awaited since when, what is at risk, and what happens next by itself."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from domain.calendar import Calendar
from domain.deadline import Deadline, DueDates, rung_of, rungs_due
from domain.organisation import Organisation
from domain.policy import Act, Ladders, Relation
from projections.my_work import Work


@dataclass(frozen=True, kw_only=True)
class Stall:
    """One debt somebody waits for.

    ``persons`` are those awaited, ``away`` those of them who are recorded as absent. ``waited_workdays`` counts working days since it
    began; ``late_workdays`` those since it was due (0: not yet). ``points`` is what the line is worth. ``next_act`` and ``next_at``
    say what happens by itself, ``next_rung`` under which key (None and empty: nothing).
    """

    work: Work
    persons: tuple[str, ...]
    away: tuple[str, ...]
    waited_workdays: int
    late_workdays: int
    points: Decimal
    next_act: Act | None
    next_at: datetime | None
    next_rung: str

    @property
    def is_overdue(self) -> bool:
        """Say whether its due instant has passed."""
        return self.late_workdays > 0 or self.work.overdue_level > 0


def stalls(owed: Iterable[Work], organisation: Organisation, calendar: Calendar, ladders: Ladders, now: datetime) -> list[Stall]:
    """Give what is owed (``my_work.everything``) as stalls, the latest and heaviest first. Raises DayUnknown."""
    found = [_stall(work, organisation, calendar, ladders, now) for work in owed]
    return sorted(found, key=lambda stall: (-stall.late_workdays, -stall.waited_workdays, -stall.points, stall.work.stream))


def _stall(work: Work, organisation: Organisation, calendar: Calendar, ladders: Ladders, now: datetime) -> Stall:
    on = calendar.local_day(now)
    persons = work.owners(organisation, on)
    late = work.due is not None and work.due < now
    coming = _next(work, calendar, ladders)
    return Stall(
        work=work,
        persons=persons,
        away=tuple(person for person in persons if organisation.is_away(person, on)),
        waited_workdays=_workdays(calendar, work.since, now),
        late_workdays=max(1, _workdays(calendar, work.due, now)) if late and work.due is not None else 0,
        points=work.points,
        next_act=coming[0] if coming else None,
        next_at=coming[1] if coming else None,
        next_rung=coming[2] if coming else "",
    )


def _next(work: Work, calendar: Calendar, ladders: Ladders) -> tuple[Act, datetime, str] | None:
    if work.due is None or work.deadline_key.partition("/")[0].replace("-", "_") not in Ladders.__dataclass_fields__:
        return None
    dates = DueDates(original=work.due_original or work.due, current=work.due, scoring=work.due_scoring or work.due)
    deadline = Deadline(key=work.deadline_key, dates=dates, number=work.deadline_number, since=work.since)
    # What goes to assisting departments alone is no step towards whom this waits for.
    ladder = tuple(rung for rung in ladders.of(work.deadline_key) if rung.to != (Relation.ASSISTING,))
    due = next(iter(sorted(rungs_due(deadline, ladder, calendar, work.fired), key=lambda due: due.at)), None)
    if due is None:
        return None
    rung = rung_of(due.key, deadline, ladder)
    assert rung is not None, "rungs_due gives rungs of this ladder"
    return rung.act, due.at, rung.key


def _workdays(calendar: Calendar, since: datetime, now: datetime) -> int:
    """Count the working days after the day of ``since`` up to the day of ``now``."""
    return calendar.workdays_between(calendar.local_day(since), calendar.local_day(now))
