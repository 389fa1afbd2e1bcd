"""One indicator in one department's hands, as its page shows it: told from the task's own events, so it is never behind the log."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from application.dukao import Dukao
from domain import names
from domain.cycle import Cycle, DataLocked, ResultApproved, ResultFinalised, ResultPublicised
from domain.cycle import CyclePackageArchived as Archived
from domain.decider import Asked
from domain.evidence import Evidence
from domain.scoring import Scored
from domain.task.facts import (
    ContributionDelivered,
    OrderOutcomeRecorded,
    PreAssessmentRun,
    ReportAccepted,
    ReportOpened,
    ReportReturned,
    ReportSigned,
    ReportSubmitted,
    ReviewScored,
    SelfScored,
    TaskAccepted,
    TaskConsolidated,
    TaskDeemedAccepted,
    TaskIssued,
)
from domain.task.state import Stage, Task, stage_of
from event_store.codec import asked_of
from event_store.log import Recorded
from projections.model import Happened


@dataclass(frozen=True, kw_only=True)
class Version:
    """One version of a period's report: who handed it in, and what became of it."""

    submitted: ReportSubmitted
    by: Asked
    signed: Asked | None = None
    accepted: Asked | None = None
    returned: ReportReturned | None = None
    returned_by: Asked | None = None


@dataclass(frozen=True, kw_only=True)
class PeriodShown:
    """A period's report with all its versions, the last one first, and what assisting departments contributed."""

    key: str
    versions: tuple[Version, ...] = ()
    contributions: tuple[tuple[ContributionDelivered, Asked], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Working:
    """A score with its working. ``points`` are those given, which may differ from the computed ones with a ground."""

    title: str
    scored: Scored | None
    points: Decimal | None
    at: datetime
    by: str = ""
    provisional: bool = True
    ground: str = ""
    second: str = ""
    percent: Decimal | None = None
    deemed: bool = False


@dataclass(frozen=True, kw_only=True)
class StageReached:
    """One stage of the way: reached at an instant by somebody, or still to come (None)."""

    stage: Stage
    at: datetime | None = None
    by: str = ""
    current: bool = False


@dataclass(frozen=True, kw_only=True)
class Room:
    """Everything the page of a task shows."""

    stream: str
    task: Task
    cycle: Cycle
    events: tuple[Happened, ...]
    stage: Stage
    stepper: tuple[StageReached, ...]
    periods: tuple[PeriodShown, ...]
    workings: tuple[Working, ...]

    def evidence(self, sha256: str) -> Evidence | None:
        """Give a piece of evidence of this task by its hash (None: it is none of this task's)."""
        found = (one for happened in self.events for one in evidence_in(happened.event) if one.sha256 == sha256)
        return next(found, None)


async def room_of(dukao: Dukao, stream: str) -> Room | None:
    """Read a task from the log (None: there is no such task)."""
    task: Task = await dukao.ledger.state_of(stream)
    if task.issued is None:
        return None
    cycle_stream = names.cycle(names.cycle_of(stream))
    cycle: Cycle = await dukao.ledger.state_of(cycle_stream)
    events = happened(dukao, await dukao.log.read(stream))
    of_cycle = happened(dukao, await dukao.log.read(cycle_stream))
    stage = stage_of(task, cycle)
    return Room(
        stream=stream,
        task=task,
        cycle=cycle,
        events=events,
        stage=stage,
        stepper=_stepper(stage, (*events, *of_cycle)),
        periods=_periods(task, events),
        workings=_workings(events),
    )


def happened(dukao: Dukao, events: Iterable[Recorded]) -> tuple[Happened, ...]:
    """Decode events."""
    codec = dukao.ledger.codec
    return tuple(Happened(recorded=one, event=codec.decode(one), asked=asked_of(one.meta)) for one in events)


def evidence_in(event: Any) -> tuple[Evidence, ...]:
    """Give the evidence an event refers to."""
    adjustment = getattr(event, "adjustment", None)
    if adjustment is not None:
        return tuple(adjustment.evidence)
    return tuple(getattr(event, "evidence", ()))


@dataclass
class _Told:
    """What the versions of one period's report were told so far."""

    versions: list[Version] = field(default_factory=list)
    contributions: list[tuple[ContributionDelivered, Asked]] = field(default_factory=list)

    def now(self, **changes: Any) -> None:
        self.versions[-1] = replace(self.versions[-1], **changes)


def _periods(task: Task, events: Sequence[Happened]) -> tuple[PeriodShown, ...]:
    told = {key: _Told() for key in task.reports}
    for one in events:
        match one.event:
            case ReportSubmitted(period=period):
                told[period].versions.append(Version(submitted=one.event, by=one.asked))
            case ReportSigned(period=period):
                told[period].now(signed=one.asked)
            case ReportAccepted(period=period):
                told[period].now(accepted=one.asked)
            case ReportReturned(period=period):
                told[period].now(returned=one.event, returned_by=one.asked)
            case ContributionDelivered(period=period):
                told[period].contributions.append((one.event, one.asked))
            case _:
                pass  # Not about a report.
    return tuple(
        PeriodShown(key=key, versions=tuple(reversed(its.versions)), contributions=tuple(its.contributions))
        for key, its in told.items()
    )


def _workings(events: Sequence[Happened]) -> tuple[Working, ...]:
    """Give the last pre-assessment and every step of scoring, the newest first."""
    found: dict[str, Working] = {}
    computed: Scored | None = None
    for one in events:
        match one.event:
            case PreAssessmentRun(scored=scored):
                found["pre"] = Working(title="预考核", scored=scored, points=scored.points, at=one.at, percent=one.event.percent)
            case SelfScored(computed=computed):
                found["self"] = Working(
                    title="自评",
                    scored=computed,
                    points=one.event.points,
                    at=one.at,
                    by=one.asked.by.person,
                    ground=one.event.ground,
                    deemed=one.event.deemed,
                )
            case ReviewScored(computed=computed):
                found["review"] = Working(
                    title="考评",
                    scored=computed,
                    points=one.event.points,
                    at=one.at,
                    by=one.asked.by.person,
                    ground=one.event.ground,
                    second=one.event.second,
                )
            case TaskConsolidated(adjustment=adjustment):
                found["final"] = Working(
                    title="汇总",
                    scored=computed,
                    points=one.event.points,
                    at=one.at,
                    by=one.asked.by.person,
                    ground=adjustment.reason if adjustment else "",
                    second=adjustment.second if adjustment else "",
                )
            case _:
                pass  # No score.
    return tuple(reversed(found.values()))


_REACHED = {
    TaskIssued: Stage.ISSUED,
    TaskAccepted: Stage.ACCEPTED,
    TaskDeemedAccepted: Stage.ACCEPTED,
    ReportOpened: Stage.IN_EXECUTION,
    DataLocked: Stage.DATA_LOCKED,
    SelfScored: Stage.SELF_SCORED,
    ReviewScored: Stage.REVIEW_SCORED,
    TaskConsolidated: Stage.CONSOLIDATED,
    ResultApproved: Stage.APPROVED,
    ResultPublicised: Stage.PUBLICISED,
    ResultFinalised: Stage.FINAL,
    Archived: Stage.ARCHIVED,
}


def _stepper(current: Stage, events: Iterable[Happened]) -> tuple[StageReached, ...]:
    reached: dict[Stage, Happened] = {}
    for one in events:
        stage = _REACHED.get(type(one.event))
        if stage is not None:
            reached.setdefault(stage, one)
    stages: list[Stage] = [stage for stage in Stage if stage is not Stage.NONE]
    at = stages.index(current)
    return tuple(
        StageReached(
            stage=stage,
            at=reached[stage].at if stage in reached and number <= at else None,
            by=reached[stage].asked.by.person if stage in reached and number <= at else "",
            current=stage is current,
        )
        for number, stage in enumerate(stages)
    )


def outcomes(room: Room) -> dict[str, OrderOutcomeRecorded]:
    """Give how the task's closed orders ended."""
    return {one.event.order: one.event for one in room.events if isinstance(one.event, OrderOutcomeRecorded)}
