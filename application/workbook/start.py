"""Starts a cycle from a plan: the same commands a person could give one by one, through the same door, in the order they need.

If we stop anywhere, starting again goes on where we stopped: what is there already is passed over by the deciders themselves.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from application.dukao import Dukao
from application.mandate import asked_by
from application.seeds import seed_calendar
from application.submit import submit
from application.workbook.contacts import keep_contacts
from application.workbook.plan import Plan
from domain import names
from domain.calendars import Calendars, PublishCalendar
from domain.cycle import Assignment, Cycle, OpenCycle, Pinned, PlanTasks
from domain.decider import SYSTEM, Source, SourceKind
from domain.indicator import Indicator, PublishIndicator
from domain.organisation import Organisation
from domain.rule import PublishRule, Rule
from workflows.messages import Answer

CHUNK = 200  # Assignments in one event; the cycle takes at most 500.

Progress = Callable[[str, int, int], None]
"""Told what is being done, how much of it is done, and how much there is."""


@dataclass(frozen=True, kw_only=True)
class StartReport:
    """What a start came to. ``planned`` counts the workbook, ``created`` what was not there before; by the same keys.

    ``refused`` is the answer that stopped it (None: nothing did) and ``place`` the row that asked for it.
    """

    cycle: str
    planned: Mapping[str, int]
    created: Mapping[str, int]
    dry_run: bool = False
    refused: Answer | None = None
    place: str = ""


async def start_cycle(
    dukao: Dukao,
    plan: Plan,
    person: str = SYSTEM.person,
    *,
    source_digest: str,
    door: SourceKind = SourceKind.COMMAND_LINE,
    at: datetime | None = None,
    demonstration: bool = False,
    dry_run: bool = False,
    progress: Progress | None = None,
) -> StartReport:
    """Bring a plan into the store: roster, contacts, policies, calendar, indicators, the cycle and its tasks. Nothing is issued yet.

    The same plan twice creates nothing the second time. ``source_digest`` is the SHA-256 (hex) of the workbook; ``person`` asks
    (``system``: whoever may run commands on the server); ``at`` (aware) is the receipt of a start that is carried in (door IMPORT).
    It stops at the first refusal, which the report gives; what was created before it stays and is passed over next time.

    Raises:
        TooBusy, Pending, CommandFailed: as ``submit`` does.
    """
    if dry_run:
        nothing = dict.fromkeys(plan.counts(), 0)
        return StartReport(cycle=names.cycle(plan.cycle.cycle), planned=plan.counts(), created=nothing, dry_run=True)
    start = _Start(
        dukao=dukao,
        plan=plan,
        person=person,
        digest=source_digest,
        door=door,
        at=at or datetime.now(UTC),
        demonstration=demonstration,
        progress=progress or _quiet,
    )
    try:
        await start.run()
    except _Stopped as stopped:
        return start.report(stopped.answer, stopped.place)
    return start.report()


class _Stopped(Exception):
    """A command of the start was refused."""

    def __init__(self, answer: Answer, place: str) -> None:
        super().__init__(answer.en)
        self.answer, self.place = answer, place


def _quiet(_what: str, _done: int, _total: int) -> None:
    """Tell nobody."""


@dataclass(kw_only=True)
class _Start:
    """One start on its way."""

    dukao: Dukao
    plan: Plan
    person: str
    digest: str
    door: SourceKind
    at: datetime
    demonstration: bool
    progress: Progress
    created: dict[str, int] = field(default_factory=dict)

    async def run(self) -> None:
        """Go through the parts; each needs those before it."""
        self.created = dict.fromkeys(self.plan.counts(), 0)
        await self._organisation()
        rules = await self._policies()
        calendar = await self._calendar()
        versions = await self._indicators()
        await self._cycle(rules, calendar)
        await self._tasks(versions)

    def report(self, refused: Answer | None = None, place: str = "") -> StartReport:
        """Say what came of it."""
        cycle = names.cycle(self.plan.cycle.cycle)
        return StartReport(cycle=cycle, planned=self.plan.counts(), created=self.created, refused=refused, place=place)

    async def _organisation(self) -> None:
        self.progress("组织机构", 0, 1)
        before: Organisation = await self._state(names.ORGANISATION)
        self.created["people"] = await keep_contacts(self.dukao.engine, self.plan.contacts)
        await self._give(names.ORGANISATION, self.plan.register, "部门")
        after: Organisation = await self._state(names.ORGANISATION)
        self.created["departments"] = len(after.departments) - len(before.departments)
        self.created["liaisons"] = len(after.liaisons) - len(before.liaisons)
        self.progress("组织机构", 1, 1)

    async def _policies(self) -> tuple[Pinned, ...]:
        """Publish what the workbook states, and of what comes with the program only what the store has nothing of yet."""
        pinned: list[Pinned] = []
        for number, policy in enumerate(self.plan.policies, start=1):
            stream = names.rule(policy.rule)
            state: Rule = await self._state(stream)
            stands = state.bodies and (policy.seed or state.bodies[-1] == policy.body)
            if not stands:
                command = PublishRule(rule=policy.rule, body=policy.body, document=policy.document)
                self.created["policies"] += await self._give(stream, command, "制度")
                state = await self._state(stream)
            pinned.append(Pinned(rule=policy.rule, version=len(state.bodies)))
            self.progress("制度", number, len(self.plan.policies))
        return tuple(pinned)

    async def _calendar(self) -> int:
        """Publish the national calendar where there is none; one with the company's own days is never overwritten."""
        region = self.plan.cycle.calendar
        stream = names.calendar(region)
        state: Calendars = await self._state(stream)
        if not state.versions:
            await self._give(stream, PublishCalendar(calendar=replace(seed_calendar(), region=region)), "周期")
            state = await self._state(stream)
        return len(state.versions)

    async def _indicators(self) -> Mapping[str, int]:
        versions: dict[str, int] = {}
        for number, planned in enumerate(self.plan.indicators, start=1):
            stream = names.indicator(planned.indicator)
            command = PublishIndicator(definition=planned.definition)
            self.created["indicators"] += await self._give(stream, command, planned.place)
            published: Indicator = await self._state(stream)
            versions[planned.indicator] = len(published.versions)
            self.progress("指标", number, len(self.plan.indicators))
        return versions

    async def _cycle(self, rules: tuple[Pinned, ...], calendar_version: int) -> None:
        its = self.plan.cycle
        stream = names.cycle(its.cycle)
        there: Cycle = await self._state(stream)
        command = OpenCycle(
            name=its.name,
            year=its.year,
            scope=its.scope,
            starts=its.starts,
            ends=its.ends,
            calendar=its.calendar,
            calendar_version=calendar_version,
            rules=rules,
            carrying_in=its.carrying_in,
            demonstration=self.demonstration,
        )
        if there.opened is not None and _same_cycle(there, command):
            return  # It keeps the versions it was opened with, though newer ones may be published by now.
        await self._give(stream, command, "周期")

    async def _tasks(self, versions: Mapping[str, int]) -> None:
        stream = names.cycle(self.plan.cycle.cycle)
        before: Cycle = await self._state(stream)
        wanted = tuple(replace(task.assignment, version=versions[task.assignment.indicator]) for task in self.plan.tasks)
        for number, chunk in enumerate(_chunks(wanted)):
            await self._give(stream, PlanTasks(assignments=chunk), "任务", f"/{number}")
            self.progress("任务", min((number + 1) * CHUNK, len(wanted)), len(wanted))
        after: Cycle = await self._state(stream)
        self.created["tasks"] = len(after.plan) - len(before.plan)

    async def _give(self, stream: str, command: Any, place: str, part: str = "") -> bool:
        """Give one command and say whether it changed anything."""
        key = f"{self.digest}/{type(command).__name__}{part}/{self.at.isoformat()}"
        source = Source(kind=self.door, place=place, digest=self.digest)
        asked = await asked_by(self.dukao, self.person, stream=stream, command_key=key, source=source, received_at=self.at)
        answer = await submit(self.dukao, stream, command, asked)
        if answer.status == "refused":
            raise _Stopped(answer, place)
        return answer.status == "done"

    async def _state(self, stream: str) -> Any:
        return await self.dukao.ledger.state_of(stream)


def _same_cycle(cycle: Cycle, command: OpenCycle) -> bool:
    opened = cycle.opened
    assert opened is not None
    same = ("name", "year", "scope", "starts", "ends", "calendar", "carrying_in", "demonstration")
    return all(getattr(opened, name) == getattr(command, name) for name in same)


def _chunks(assignments: tuple[Assignment, ...]) -> tuple[tuple[Assignment, ...], ...]:
    return tuple(assignments[first : first + CHUNK] for first in range(0, len(assignments), CHUNK))
