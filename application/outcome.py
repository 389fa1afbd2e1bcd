"""What a command's sender is told, and what the stream's workflow has to do next."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from application.known import Assembled
from application.ledger import decider_of
from domain.cycle import Cycle, Phase
from domain.decider import Due, Owed, Refused
from domain.order import Order
from domain.refusal import CommandRefused
from domain.task.state import Task, stage_of
from event_store.codec import to_bytes
from event_store.log import Receipt
from workflows.messages import Answer, CallOut, Effect, Outcome


@dataclass(frozen=True, kw_only=True)
class Ground:
    """What a decision stands on: the stream as it was seen, and what is known beside it (None: it is not enough for a decision)."""

    stream: str
    version: int
    state: Any
    assembled: Assembled | None = None


def outcome_of(ground: Ground, answer: Answer, now: datetime) -> Outcome:
    """Give the answer with how the stream stands: its stage, what falls due next, what it owes to others and calls for.

    What was answered stays answered: where the next instant cannot be told (the calendar ends before it), there is none, and
    ``attention`` says why.
    """
    due, attention = None, ""
    try:
        due = _next_due(ground, now)
    except Refused as untold:
        attention = untold.code
    return Outcome(
        answer=answer,
        version=ground.version,
        stage=_stage(ground.state, ground.assembled),
        next_at=due.at if due else None,
        next_key=due.key if due else "",
        owed=tuple(_effect(owed) for owed in decider_of(ground.stream).owes(ground.state)),
        calls=_calls(ground.state),
        attention=attention,
    )


def answer_of(receipt: Receipt, refused: Refused | CommandRefused | None) -> Answer:
    """Give what a receipt says, for ever. A refusal is given as it was raised, or as it was recorded: both say the same."""
    match refused:
        case None:
            code = zh = en = ""
        case CommandRefused():
            code, zh, en = refused.code, refused.zh, refused.en
        case Refused():
            code, zh, en = refused.code, refused.sentence("zh"), refused.sentence("en")
    return Answer(
        status="refused" if code else "done" if receipt.count else "nothing",
        stream=receipt.stream,
        version=receipt.version,
        position=receipt.position,
        recorded_at=receipt.recorded_at,
        code=code,
        zh=zh,
        en=en,
    )


def at_rest(ground: Ground) -> Answer:
    """Say that nothing was done and nothing recorded; the position -1 is of no fact."""
    return Answer(status="nothing", stream=ground.stream, version=ground.version, position=-1, recorded_at=None)


def _stage(state: Any, assembled: Assembled | None) -> str:
    match state:
        case Task() if assembled is not None and assembled.cycle is not None:
            return stage_of(state, assembled.cycle)
        case Cycle():
            return state.phase
        case Order():
            return state.stage
        case _:
            return ""


def _next_due(ground: Ground, now: datetime) -> Due | None:
    """Give what the stream's own workflow has to wait for.

    While history is carried in no clock runs. In scoring the clocks are the cycle's, which calls its tasks at each rung; only what is
    overdue already, because the task came late to its step, is the task's own to do.
    """
    assembled = ground.assembled
    if assembled is None or (assembled.cycle is not None and assembled.cycle.carrying_in):
        return None
    first = next(iter(decider_of(ground.stream).wakes(ground.state, assembled.known)), None)
    if first is None or not isinstance(ground.state, Task) or assembled.cycle is None:
        return first
    return None if assembled.cycle.phase is Phase.LOCKED and first.at > now else first


def _effect(owed: Owed) -> Effect:
    then = owed.then
    return Effect(
        id=owed.id,
        stream=owed.stream,
        at=owed.at,
        type=type(owed.command).__name__,
        body=to_bytes(owed.command).decode(),
        then_type=type(then).__name__ if then is not None else "",
        then_body=to_bytes(then).decode() if then is not None else "",
    )


def _calls(state: Any) -> tuple[CallOut, ...]:
    if not isinstance(state, Cycle):
        return ()
    tasks = len(state.plan)
    return tuple(CallOut(cause=call.cause, at=call.at, owing_only=call.owing_only, tasks=tasks) for call in state.calls)
