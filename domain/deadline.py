"""Deadlines and their ladders: what is due next and which rung. Pure functions of state and calendar.

A deadline keeps three due instants: the original one, the current one after extensions, and the one that is scored [handbook 3.7].
A rung fires once for each deadline; an extension makes a new number, so its rungs are new ones.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from domain.authority import Parties, holders
from domain.calendar import Calendar
from domain.decider import Due
from domain.organisation import Organisation
from domain.policy import Relation, Rung


@dataclass(frozen=True, kw_only=True)
class DueDates:
    """原定、现行、计分时限: the three due instants, aware."""

    original: datetime
    current: datetime
    scoring: datetime


@dataclass(frozen=True, kw_only=True)
class Deadline:
    """Something that must be done by ``dates.current``. ``key`` names it within its stream, ``number`` counts its extensions.

    ``since`` is when it became somebody's: rungs before that would speak of a time when nobody owed it.
    """

    key: str
    dates: DueDates
    number: int = 1
    since: datetime | None = None


def due_at(instant: datetime) -> DueDates:
    """Give the three dates of a deadline nobody has moved yet."""
    return DueDates(original=instant, current=instant, scoring=instant)


def rung_key(deadline: Deadline, rung: Rung) -> str:
    """Name one rung of one deadline for ever."""
    return f"{deadline.key}/{deadline.number}/{rung.key}"


def rungs_due(
    deadline: Deadline, ladder: Iterable[Rung], calendar: Calendar, fired: frozenset[str], *, after: datetime | None = None
) -> Iterable[Due]:
    """Give the rungs that have not fired yet, each at its instant, earliest first; none from before ``after`` or the deadline's since.

    A rung on the due day falls on the due instant; one on another working day at that day's opening of business.
    """
    for rung in ladder:
        key = rung_key(deadline, rung)
        at = _instant(deadline.dates.current, rung, calendar)
        if key not in fired and not any(earliest and at < earliest for earliest in (deadline.since, after)):
            yield Due(at=at, key=key)


def rung_of(key: str, deadline: Deadline, ladder: Iterable[Rung]) -> Rung | None:
    """Give the rung a key names, if it is one of this deadline's."""
    return next((rung for rung in ladder if rung_key(deadline, rung) == key), None)


def receivers(rung: Rung, parties: Parties, organisation: Organisation, on: date) -> tuple[str, ...]:
    """Give the persons a rung is addressed to, each once, in the order of its relations."""
    return tuple(dict.fromkeys(person for relation in rung.to for person in holders(relation, parties, organisation, on)))


def sender_department(rung: Rung, parties: Parties) -> str:
    """Give the department a rung speaks for (empty: the system)."""
    return parties.lead if rung.sender in {Relation.LEAD_HEAD, Relation.LEAD_LIAISON, Relation.RESPONSIBLE} else ""


def _instant(due: datetime, rung: Rung, calendar: Calendar) -> datetime:
    if rung.seconds or not rung.workdays:
        return due + timedelta(seconds=rung.seconds)
    return calendar.opening(calendar.add_workdays(calendar.local_day(due), rung.workdays))
