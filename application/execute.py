"""The one way to write: look, fold, decide, append. Everything that was ever recorded came through here."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from application.known import Assembled, assemble, looked_at
from application.ledger import NOBODY, Ledger, decider_of
from application.outcome import Ground, answer_of, at_rest, outcome_of
from domain import names
from domain.cycle import CarryInIsClosed, Cycle
from domain.decider import SYSTEM, Asked, Decider, Due, Refused, Source, SourceKind, Wake, derived
from domain.refusal import CommandRefused, Filled
from event_store.codec import digest_of
from event_store.log import ANY, Append, Fact, Guard, Seen
from workflows.messages import Outcome

TRIES = 10  # Losing twice is luck; ten times is somebody who never stops.
JUST_NOW = timedelta(minutes=1)  # An import younger than this was received now; an older one states a past receipt.


class Conflict(Exception):
    """Others kept writing to the stream or its cycle while this command was decided. Nothing was stored; send it again."""


class KeyIsTaken(Refused):
    """The command's id belongs to another command, whose answer is nobody else's."""

    zh = "编号 {id} 已用于另一项操作，本次操作未执行。请刷新页面后重新提交。"
    en = "Id {id} belongs to another command, so nothing was done. Reload and submit again."


class NotACommandOfThisKind(Refused):
    """The command belongs to another kind of stream."""

    zh = "“{command}”不是“{stream}”能执行的操作。可用的操作：{known}。请核对操作名称和对象。"
    en = "'{command}' is no command of '{stream}'. It takes: {known}. Check the command and what it is for."


@dataclass(frozen=True, kw_only=True)
class Request:
    """One command at the door of one stream. ``digest`` tells it from another command under the same id."""

    stream: str
    command: Any
    asked: Asked
    now: datetime
    digest: bytes

    @property
    def is_wake(self) -> bool:
        """Say whether it only asks for what is due."""
        return isinstance(self.command, Wake)


@dataclass(frozen=True, kw_only=True)
class Decided:
    """The facts a command leads to and the state after them, or why it was refused."""

    facts: tuple[Fact, ...]
    state: Any
    refused: Refused | None = None


async def execute(ledger: Ledger, stream: str, command: Any, asked: Asked, *, now: datetime) -> Outcome:
    """Decide a command against the log and record what follows. Sent again with the same id, it gets the same answer for ever.

    ``now`` (aware) is the caller's clock: by it an import is told from history that is carried in. A refusal is an answer, recorded in
    ``refusal/{stream}``. A Wake with nothing due leaves no trace.

    Raises:
        Conflict: others were first, time after time; nothing was stored.
    """
    request = Request(stream=stream, command=command, asked=asked, now=now, digest=digest_of(command))
    for attempt in range(TRIES):
        # 1 Look: was this answered before, and where does everything stand that it depends on? The first time what was seen last will
        #   do: the append finds out whether all of it still stands there, and whether the command was answered before.
        assumed = None if attempt or request.is_wake else ledger.last_seen(looked_at(stream))
        seen = assumed or await ledger.log.look(stream, asked.id, looked_at(stream))
        if seen.receipt is not None:
            return await _answered(ledger, request, seen)
        try:
            # 2 Fold what was added since, and gather what the decision is given.
            ground, refused = await _ground(ledger, request, seen)
            # 3 Decide: first what was due before, then the command.
            decided = _decide(ledger, request, ground, refused)
        except Exception:
            if assumed is None:
                raise
            continue  # A fault on what was only assumed says nothing: it may have been answered long ago.
        if request.is_wake and not decided.facts:
            return outcome_of(ground, at_rest(ground), now)
        # 4 Append, if nothing moved meanwhile. If we stop here, the next sending finds the receipt or decides anew.
        [verdict] = await ledger.log.append([_append(ledger, request, ground, decided)])
        if verdict.status == "appended":
            assert verdict.receipt is not None
            after = await _after(ledger, ground, decided)
            # 5 Answer.
            return outcome_of(after, answer_of(verdict.receipt, decided.refused), now)
    raise Conflict(
        f"{stream} 一直有其他写入，本次操作没有记录，请重新提交。"
        f" / Others kept writing to {stream}; nothing was recorded. Send the command again."
    )


async def look(ledger: Ledger, stream: str, *, now: datetime) -> Outcome:
    """Say how a stream stands, writing nothing: what its workflow asks first."""
    ground = await _standing(ledger, stream, await ledger.log.look(stream, NOBODY, looked_at(stream)))
    return outcome_of(ground, at_rest(ground), now)


async def _ground(ledger: Ledger, request: Request, seen: Seen) -> tuple[Ground, Refused | None]:
    version, state = await ledger.at_least(request.stream, seen.versions[0])
    bare = Ground(stream=request.stream, version=version, state=state)
    try:
        assembled = await assemble(ledger, request.stream, seen.versions, state, request.command)
    except Refused as refused:
        return bare, refused
    return replace(bare, assembled=assembled), None


def _decide(ledger: Ledger, request: Request, ground: Ground, refused: Refused | None) -> Decided:
    nothing = Decided(facts=(), state=ground.state, refused=refused)
    if ground.assembled is None:
        return nothing
    try:
        _refuse_what_belongs_elsewhere(request)
        _refuse_a_late_carry_in(request, ground.assembled)
        return _facts(ledger, request, ground, ground.assembled)
    except Refused as said_no:
        return replace(nothing, refused=said_no)


def _facts(ledger: Ledger, request: Request, ground: Ground, assembled: Assembled) -> Decided:
    """Give the facts of what was due before the command, each as of its own instant, and then the command's."""
    decider, known, state = decider_of(request.stream), assembled.known, ground.state
    facts: list[Fact] = []
    fired: set[str] = set()
    while due := _first_due(decider, state, known, request):
        if due.key in fired:
            raise RuntimeError(f"{due.key} is due again after it fired: {request.stream} would never come to rest.")
        fired.add(due.key)
        timer = Source(kind=SourceKind.TIMER, place=due.key)
        as_of = Asked(id=derived(request.stream, due.key), by=SYSTEM, at=due.at, source=timer)
        for event in decider.fire(due, state, known):
            facts.append(ledger.codec.fact(event, as_of, assembled.versions))
            state = decider.evolve(state, event, as_of)
    asked = request.asked
    for event in () if request.is_wake else decider.decide(request.command, state, known, asked):
        facts.append(ledger.codec.fact(event, asked, assembled.versions))
        state = decider.evolve(state, event, asked)
    return Decided(facts=tuple(facts), state=state)


def _first_due(decider: Decider, state: Any, known: Any, request: Request) -> Due | None:
    """Give what was due strictly before the command (a Wake: up to its instant), if anything was."""
    first = next(iter(decider.wakes(state, known)), None)
    at = request.asked.at
    if first is None or first.at > at or (first.at == at and not request.is_wake):
        return None
    return first


def _refuse_what_belongs_elsewhere(request: Request) -> None:
    known, command = decider_of(request.stream).commands, type(request.command)
    if not request.is_wake and command not in known:
        raise NotACommandOfThisKind(
            command=command.__name__, stream=request.stream, known=", ".join(each.__name__ for each in known)
        )


def _refuse_a_late_carry_in(request: Request, assembled: Assembled) -> None:
    cycle, asked = assembled.cycle, request.asked
    past = asked.source.kind is SourceKind.IMPORT and request.now - asked.at > JUST_NOW
    if past and cycle is not None and cycle.opened is not None and not cycle.carrying_in:
        raise CarryInIsClosed


def _append(ledger: Ledger, request: Request, ground: Ground, decided: Decided) -> Append:
    stream, key, digest, refused = request.stream, request.asked.id, request.digest, decided.refused
    versions, guards = (ground.assembled.versions, ground.assembled.guards) if ground.assembled else ({}, ())
    if refused is None:
        return Append(stream=stream, expected=ground.version, key=key, digest=digest, facts=decided.facts, guards=guards)
    event = CommandRefused(
        command=type(request.command).__name__,
        code=refused.code,
        zh=refused.sentence("zh"),
        en=refused.sentence("en"),
        values=tuple(Filled(name=name, value=value) for name, value in refused.values.items()),
        version=ground.version,
    )
    fact = ledger.codec.fact(event, request.asked, versions)
    unmoved = (Guard(stream=stream, version=ground.version), *guards)  # What moved meanwhile might allow it.
    return Append(
        stream=names.refusal(stream), expected=ANY, key=key, digest=digest, facts=(fact,), guards=unmoved, receipt_of=stream
    )


async def _after(ledger: Ledger, ground: Ground, decided: Decided) -> Ground:
    """Give how the stream stands once the facts are stored. A cycle's own facts are part of what is known of it."""
    if decided.refused is not None:
        return ground
    version, assembled = ground.version + len(decided.facts), ground.assembled
    ledger.advance(ground.stream, version, decided.state)
    if isinstance(decided.state, Cycle) and decided.state.opened is not None:
        assembled = await assemble(ledger, ground.stream, (version, 0), decided.state, Wake())
    return replace(ground, version=version, state=decided.state, assembled=assembled)


async def _answered(ledger: Ledger, request: Request, seen: Seen) -> Outcome:
    """Give the first sending's answer, with how the stream stands now."""
    assert seen.receipt is not None
    ground = await _standing(ledger, request.stream, seen)
    if seen.digest != request.digest:
        taken = KeyIsTaken(id=request.asked.id)
        told = replace(at_rest(ground), status="refused", code=taken.code, zh=taken.sentence("zh"), en=taken.sentence("en"))
        return outcome_of(ground, told, request.now)
    refused = None
    if seen.receipt.stream == names.refusal(request.stream):
        [recorded] = await ledger.log.read(seen.receipt.stream, after=seen.receipt.version - 1, upto=seen.receipt.position)
        refused = ledger.codec.decode(recorded)
    return outcome_of(ground, answer_of(seen.receipt, refused), request.now)


async def _standing(ledger: Ledger, stream: str, seen: Seen) -> Ground:
    version, state = await ledger.at_least(stream, seen.versions[0])
    assembled = await assemble(ledger, stream, seen.versions, state, Wake()) if version else None
    return Ground(stream=stream, version=version, state=state, assembled=assembled)
