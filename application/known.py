"""What a decision is given beside its own stream: facts of other streams, each at a version that the meta then names.

What a cycle pins (its calendar, its rules) and what a plan names (an indicator's version) never changes, so it is read once. What
may change (the cycle, the organisation) is looked at for every command.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from domain import names
from domain.calendar import Calendar
from domain.calendars import Calendars
from domain.cycle import AdoptRules, ApproveResults, Cycle, CycleKnown, OpenCycle, Pinned, PlanTasks
from domain.decider import Refused
from domain.indicator import Indicator
from domain.known import Known
from domain.policy import Policies
from domain.rule import RecordKnown, Rule
from domain.task.commands import IssueTask
from event_store.log import Guard

Versions = Mapping[str, int | str]


class CycleIsUnknown(Refused):
    """The stream belongs to a cycle that nobody opened."""

    zh = "周期“{cycle}”尚未启动。请核对周期编号，或先启动该周期。"
    en = "Cycle '{cycle}' was never opened. Check its id, or open it first."


class CalendarIsNotPublished(Refused):
    """A cycle names a version of a calendar that does not exist."""

    zh = "工作日历“{region}”没有第 {version} 版。请先发布该日历，或改用已发布的版本。"
    en = "Calendar '{region}' has no version {version}. Publish it first, or use a version that is."


class RuleIsNotPublished(Refused):
    """A cycle names a version of a rule that does not exist."""

    zh = "制度“{rule}”没有第 {version} 版。请先发布该制度，或改用已发布的版本。"
    en = "Rule '{rule}' has no version {version}. Publish it first, or use a version that is."


@dataclass(frozen=True, kw_only=True)
class Assembled:
    """What a decision is given: ``known`` as the decider takes it, the versions it stands for, and what must not move meanwhile.

    ``cycle`` is the cycle the stream is or belongs to, where there is one.
    """

    known: Any
    versions: Versions
    guards: tuple[Guard, ...] = ()
    cycle: Cycle | None = None


class Folds(Protocol):
    """The folded streams, as the ledger keeps them."""

    async def at_least(self, stream: str, version: int) -> tuple[int, Any]:
        """Give a version of the stream that is ``version`` or newer, and its state."""
        ...

    async def unconsolidated(self, cycle_stream: str, cycle: Cycle) -> tuple[str, ...]:
        """Name the tasks of a cycle that are not consolidated yet."""
        ...


def looked_at(stream: str) -> tuple[str, ...]:
    """Name the streams whose versions a decision on ``stream`` has to see: itself first, then who is who, then its cycle."""
    match names.kind(stream):
        case "task" | "order":
            return (stream, names.ORGANISATION, names.cycle(names.cycle_of(stream)))
        case "organisation":
            return (stream,)
        case _:
            return (stream, names.ORGANISATION)


async def assemble(folds: Folds, stream: str, versions: tuple[int, ...], state: Any, command: object) -> Assembled:
    """Give what a decision on ``stream`` is to know; ``versions`` are those of ``looked_at(stream)``.

    Raises:
        CycleIsUnknown, CalendarIsNotPublished, RuleIsNotPublished.
    """
    match names.kind(stream):
        case "task" | "order":
            return await _in_a_cycle(folds, stream, versions, state, command)
        case "cycle":
            return await _of_a_cycle(folds, stream, versions, state, command)
        case "organisation":
            return Assembled(known=None, versions={})
        case _:
            version, organisation = await folds.at_least(names.ORGANISATION, versions[1])
            guards = (Guard(stream=names.ORGANISATION, version=version),)
            return Assembled(known=RecordKnown(organisation=organisation), versions={names.ORGANISATION: version}, guards=guards)


async def _in_a_cycle(folds: Folds, stream: str, versions: tuple[int, ...], state: Any, command: object) -> Assembled:
    cycle_stream = names.cycle(names.cycle_of(stream))
    cycle_version, cycle = await folds.at_least(cycle_stream, versions[2])
    if cycle.opened is None:
        raise CycleIsUnknown(cycle=names.cycle_of(stream))
    organisation_version, organisation = await folds.at_least(names.ORGANISATION, versions[1])
    known = Known(
        cycle=cycle,
        organisation=organisation,
        calendar=await calendar_of(folds, cycle.opened.calendar, cycle.opened.calendar_version),
        policies=await policies_of(folds, cycle.rules),
        indicator=await _definition(folds, cycle, state, command),
    )
    told = _told(cycle.opened.calendar, cycle.opened.calendar_version, cycle.rules)
    return Assembled(
        known=known,
        versions={**told, names.ORGANISATION: organisation_version, cycle_stream: cycle_version},
        guards=(
            Guard(stream=cycle_stream, version=cycle_version),
            Guard(stream=names.ORGANISATION, version=organisation_version),
        ),
        cycle=cycle,
    )


async def _of_a_cycle(folds: Folds, stream: str, versions: tuple[int, ...], state: Cycle, command: object) -> Assembled:
    opened = state.opened or (command if isinstance(command, OpenCycle) else None)
    if opened is None:
        raise CycleIsUnknown(cycle=names.cycle_of(stream))
    if isinstance(command, AdoptRules):
        await policies_of(folds, command.rules)  # Nobody adopts what was never published.
    rules = state.rules if state.opened else opened.rules
    version, organisation = await folds.at_least(names.ORGANISATION, versions[1])
    known = CycleKnown(
        organisation=organisation,
        calendar=await calendar_of(folds, opened.calendar, opened.calendar_version),
        policies=await policies_of(folds, rules),
        unconsolidated=await folds.unconsolidated(stream, state) if isinstance(command, ApproveResults) else (),
        definitions=await _published(folds, command) if isinstance(command, PlanTasks) else {},
    )
    told = _told(opened.calendar, opened.calendar_version, rules)
    guards = (Guard(stream=names.ORGANISATION, version=version),)
    return Assembled(known=known, versions={**told, names.ORGANISATION: version}, guards=guards, cycle=state)


async def _published(folds: Folds, command: PlanTasks) -> Mapping[str, int]:
    """Say how many versions are published of each indicator a plan names."""
    wanted: dict[str, int] = {}
    for assignment in command.assignments:
        wanted[assignment.indicator] = max(wanted.get(assignment.indicator, 0), assignment.version)
    found: dict[str, int] = {}
    for indicator, version in wanted.items():
        defined: Indicator
        _, defined = await folds.at_least(names.indicator(indicator), version)
        found[indicator] = len(defined.versions)
    return found


async def calendar_of(folds: Folds, region: str, version: int) -> Calendar:
    """Give one version of a region's calendar. Raises CalendarIsNotPublished."""
    calendars: Calendars
    _, calendars = await folds.at_least(names.calendar(region), version)
    if not 1 <= version <= len(calendars.versions):
        raise CalendarIsNotPublished(region=region, version=version)
    return calendars.versions[version - 1]


async def policies_of(folds: Folds, rules: tuple[Pinned, ...]) -> Policies:
    """Give the policies that pinned rules say, the rest as they are by default. Raises RuleIsNotPublished."""
    bodies = []
    for pinned in rules:
        rule: Rule
        _, rule = await folds.at_least(names.rule(pinned.rule), pinned.version)
        if not 1 <= pinned.version <= len(rule.bodies):
            raise RuleIsNotPublished(rule=pinned.rule, version=pinned.version)
        bodies.append(rule.bodies[pinned.version - 1])
    return Policies(**{body.kind: body for body in bodies})  # type: ignore[arg-type]  # A body's kind names its field.


async def _definition(folds: Folds, cycle: Cycle, state: Any, command: object) -> Indicator:
    """Give the definition where it is issued; afterwards the task carries it."""
    if not isinstance(command, IssueTask) or state.issued is not None:
        return Indicator()
    assignment = cycle.plan.get((command.indicator, command.lead))
    wanted = 0 if assignment is None else assignment.version
    indicator: Indicator
    _, indicator = await folds.at_least(names.indicator(command.indicator), wanted)
    return indicator


def _told(calendar: str, calendar_version: int, rules: tuple[Pinned, ...]) -> dict[str, int | str]:
    return {names.calendar(calendar): calendar_version, **{names.rule(pinned.rule): pinned.version for pinned in rules}}
