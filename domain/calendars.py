"""A region's working-day calendar and its versions, as published each November and corrected when the company adds its own days."""

from dataclasses import dataclass, replace
from typing import assert_never

from domain.authority import Parties, entitle
from domain.calendar import Calendar
from domain.decider import Asked, Decider
from domain.rule import RecordKnown


@dataclass(frozen=True, kw_only=True)
class CalendarPublished:
    """工作日历发布: the whole calendar, so that one event says all."""

    calendar: Calendar
    document: str


@dataclass(frozen=True, kw_only=True)
class PublishCalendar:
    """Publish a new version. The same days again change nothing; the version number is given here, not by the sender."""

    calendar: Calendar
    document: str = ""


@dataclass(frozen=True, kw_only=True)
class Calendars:
    """All versions; version n is ``versions[n - 1]``."""

    versions: tuple[Calendar, ...] = ()


def decide(command: PublishCalendar, state: Calendars, known: RecordKnown, asked: Asked) -> list[CalendarPublished]:
    """Decide on a new version."""
    entitle("PublishCalendar", asked, Parties(), known.organisation, asked.at.date())
    numbered = replace(command.calendar, version=len(state.versions) + 1)
    if state.versions and replace(numbered, version=state.versions[-1].version) == state.versions[-1]:
        return []
    return [CalendarPublished(calendar=numbered, document=command.document)]


def evolve(state: Calendars, event: CalendarPublished, _asked: Asked) -> Calendars:
    """Fold one event."""
    match event:
        case CalendarPublished():
            return Calendars(versions=(*state.versions, event.calendar))
        case _:
            assert_never(event)


CALENDAR = Decider(
    name="calendar",
    commands=(PublishCalendar,),
    events=(CalendarPublished,),
    initial=Calendars(),
    decide=decide,
    evolve=evolve,
)
