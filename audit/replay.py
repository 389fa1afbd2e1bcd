"""Replay a stream out of the log alone: what happened, who did it in which post, what was in force, and each score computed again.

Nothing is taken from a read model, from Temporal or from a cache. Two senses of "as it was at an instant": what was recorded by then
(what anybody could know), and what had happened by then as we know it now (a late entry counts from the day it was true).
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from domain import DECIDERS, names
from domain.cycle import CYCLE, Cycle
from domain.decider import Decider
from domain.scoring import Scored
from domain.task.evaluation import evaluate
from domain.task.facts import PreAssessmentRun, ReviewScored, SelfScored
from domain.task.state import Stage, Task, stage_of
from event_store.codec import Codec, canonical, versions_of
from event_store.log import Log, Recorded
from projections.folding import Reading
from projections.labels import Label
from projections.model import Happened
from projections.sentences import sentence

Sense = Literal["recorded", "occurred"]

OF_KIND: Mapping[str, Decider] = {decider.name: decider for decider in DECIDERS}
QUIET = frozenset(
    {"TasksPlanned", "TasksCalled", "RulesAdopted", "PhaseRungReached"}
)  # A cycle's events that move no single task.


class StreamUnknown(Exception):
    """There is no such stream in the log, or it began later."""

    def __init__(self, stream: str, upto: int) -> None:
        """Name the stream and the position that was asked for."""
        self.zh = (
            f"截至位置 {upto}，台账中没有“{stream}”。请核对名称，选择更晚的位置或时间；补录的历史请按发生时间（occurred）回放。"
        )
        self.en = (
            f"Up to position {upto} the log has no '{stream}'. Check its name, ask for a later position or instant, "
            "or for history that was carried in, in the sense 'occurred'."
        )
        super().__init__(f"{self.zh} / {self.en}")


@dataclass(frozen=True, kw_only=True)
class Recomputed:
    """One score, as it was stored and as the log gives it again; both are canonical JSON."""

    position: int
    type: str
    period: str
    stored: bytes
    again: bytes

    @property
    def same(self) -> bool:
        """Say whether they agree to the byte."""
        return self.stored == self.again


@dataclass(frozen=True, kw_only=True)
class Step:
    """One event of the replay, and how things stood after it.

    ``stream`` is the stream itself, or its cycle's where an event of the cycle moved it. ``post`` and ``department`` are the actor's
    at that time; ``versions`` name the rules, calendars and other streams the decision knew. ``stage`` is the effective one (a
    task's with its cycle's; empty for other streams). ``state`` is plain JSON of the stream's own state.
    """

    position: int
    stream: str
    version: int
    type: str
    at: datetime
    occurred_at: datetime
    recorded_at: datetime
    person: str
    post: str
    department: str
    on_behalf_of: str
    authorisation: str
    reason: str
    source: str
    place: str
    versions: Mapping[str, int | str]
    sentence: Label
    stage: str
    state: Any


@dataclass(frozen=True, kw_only=True)
class Replay:
    """A stream up to ``upto``: its steps, its state then (plain JSON), its effective stage, and all its scores computed again."""

    stream: str
    upto: int
    version: int
    steps: tuple[Step, ...]
    state: Any
    stage: str
    scores: tuple[Recomputed, ...]

    @property
    def reproduces(self) -> bool:
        """Say whether every score comes out of the log as it was stored, to the byte."""
        return all(score.same for score in self.scores)


async def replay(
    log: Log, codec: Codec, stream: str, *, upto: int | None = None, at: datetime | None = None, sense: Sense = "recorded"
) -> Replay:
    """Replay a stream to a position of the log (inclusive), or to an instant (aware) in one of two senses; without either, to now.

    Raises:
        StreamUnknown: nothing of the stream is there yet.
    """
    if at is not None and sense == "recorded":
        upto = await log.head_at(at)
    upto = await log.head() if upto is None else upto
    reading = Reading(log, codec)
    cycle_stream = names.cycle(names.cycle_of(stream)) if names.kind(stream) == "task" else ""
    own = [reading.happened(event) for event in await log.read(stream, upto=upto)]
    theirs = [reading.happened(event) for event in (await log.read(cycle_stream, upto=upto) if cycle_stream else ())]
    if at is not None and sense == "occurred":
        own, theirs = _by_then(own, at), _by_then(theirs, at)
    if not own:
        raise StreamUnknown(stream, upto)
    return _replayed(stream, upto, own, theirs)


async def recompute(log: Log, codec: Codec, stream: str) -> tuple[Recomputed, ...]:
    """Compute every score of a task's stream again, from the log alone."""
    reading = Reading(log, codec)
    state, scores = Task(), list[Recomputed]()
    for recorded in await log.read(stream):
        happened = reading.happened(recorded)
        scores += _recomputed(happened, state)
        state = OF_KIND["task"].evolve(state, happened.event, happened.asked)
    return tuple(scores)


def _replayed(stream: str, upto: int, own: Sequence[Happened], theirs: Sequence[Happened]) -> Replay:
    decider = OF_KIND[names.kind(stream)]
    state, cycle = decider.initial, CYCLE.initial
    steps: list[Step] = []
    scores: list[Recomputed] = []
    for happened in sorted((*own, *theirs), key=lambda one: one.position):
        if happened.stream != stream:
            before, cycle = stage_of(state, cycle), CYCLE.evolve(cycle, happened.event, happened.asked)
            if happened.recorded.type not in QUIET and (steps or before is not stage_of(state, cycle)):
                steps.append(_step(happened, _stage(state, cycle), state))
            continue
        if isinstance(state, Task):
            scores += _recomputed(happened, state)
        state = decider.evolve(state, happened.event, happened.asked)
        steps.append(_step(happened, _stage(state, cycle), state))
    return Replay(
        stream=stream,
        upto=upto,
        version=own[-1].recorded.version,
        steps=tuple(steps),
        state=_plain(state),
        stage=_stage(state, cycle),
        scores=tuple(scores),
    )


def _by_then(events: Sequence[Happened], at: datetime) -> list[Happened]:
    """Give the events that had occurred by an instant. Without its first event a stream had not begun."""
    if not events or events[0].recorded.occurred_at > at:
        return []
    return [happened for happened in events if happened.recorded.occurred_at <= at]


def _recomputed(happened: Happened, before: Task) -> Iterable[Recomputed]:
    """Compute the score an event holds again, from the state before it."""
    match happened.event:
        case PreAssessmentRun(period=period, scored=stored):
            yield _pair(happened.recorded, period, stored, evaluate(before, final=False))
        case SelfScored(computed=stored):
            yield _pair(happened.recorded, "", stored, evaluate(before, final=True))
        case ReviewScored(computed=stored, values=values):
            yield _pair(happened.recorded, "", stored, evaluate(before, final=True, judged=values))
        case _:
            return  # Holds no computed score.


def _pair(recorded: Recorded, period: str, stored: Scored, again: Scored) -> Recomputed:
    return Recomputed(
        position=recorded.position, type=recorded.type, period=period, stored=canonical(stored), again=canonical(again)
    )


def _step(happened: Happened, stage: str, state: Any) -> Step:
    recorded, asked = happened.recorded, happened.asked
    return Step(
        position=recorded.position,
        stream=recorded.stream,
        version=recorded.version,
        type=recorded.type,
        at=asked.at,
        occurred_at=recorded.occurred_at,
        recorded_at=recorded.recorded_at,
        person=asked.by.person,
        post=asked.by.post,
        department=asked.by.department,
        on_behalf_of=asked.on_behalf_of,
        authorisation=asked.authorisation,
        reason=asked.reason,
        source=asked.source.kind.value,
        place=asked.source.place,
        versions=versions_of(recorded.meta),
        sentence=sentence(happened.event, asked),
        stage=stage,
        state=_plain(state),
    )


def _stage(state: Any, cycle: Cycle) -> str:
    return stage_of(state, cycle).value if isinstance(state, Task) and state.stage is not Stage.NONE else ""


def _plain(state: Any) -> Any:
    """Give a state as plain JSON. A cycle's plan is keyed by pairs, which JSON has no keys for: it is given as a list."""
    if isinstance(state, Cycle):
        plan = list(state.plan.values())
        return {**json.loads(canonical(replace(state, plan={}))), "plan": json.loads(canonical(plan))}
    return json.loads(canonical(state))
