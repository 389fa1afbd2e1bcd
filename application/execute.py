"""The one way to write: look, fold, decide, append. Everything that was ever recorded came through here."""

from collections.abc import Iterable
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
from workflows.messages import Answer, Outcome

TRIES = 10  # Losing twice is luck; ten times is somebody who never stops.
JUST_NOW = timedelta(minutes=1)  # An import younger than this was received now; an older one states a past receipt.
SKEW = timedelta(minutes=1)  # So far the clocks of two of our machines may be apart.
OURSELVES = frozenset({SourceKind.TIMER, SourceKind.EFFECT})  # Nobody's door: their instants follow from what is recorded.


class Conflict(Exception):
    """Others kept writing to the stream or its cycle while this command was decided. Nothing was stored; send it again."""


class KeyIsTaken(Refused):
    """The command's id belongs to another command, whose answer is nobody else's."""

    zh = "编号 {id} 已用于另一项操作，本次操作未执行。请刷新页面后重新提交。"
    en = "Id {id} belongs to another command, so nothing was done. Reload and submit again."


class ReceivedInTheFuture(Refused):
    """The command says that it will be received, by a door whose clock is ahead."""

    zh = "操作的受理时间 {at} 晚于当前时间 {now}，未执行。请校准受理服务器的时钟后重新提交。"
    en = "The command says it was received at {at}, but it is {now} now, so nothing was done. Set the door's clock and submit again."


class PaperIsNotNamed(Refused):
    """A receipt in the past is stated by a file, and the file is named by its hash."""

    zh = "补录指定了过去的受理时间 {at}，但没有写明依据文件（来源摘要）。请通过导入文件补录，或按现在的时间上报。"
    en = "The import states a past receipt, {at}, but names no file (source digest) that says so. Import the file, or report as of now."


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
    """The facts a command leads to and the state after them, or why it was refused.

    ``fired`` names what was due before the command; of a refused one ``facts`` are those of what was due alone.
    """

    facts: tuple[Fact, ...]
    state: Any
    refused: Refused | None = None
    fired: tuple[str, ...] = ()


async def execute(ledger: Ledger, stream: str, command: Any, asked: Asked, *, now: datetime) -> Outcome:
    """Decide a command against the log and record what follows. Sent again with the same id, it gets the same answer for ever.

    ``now`` (aware) is the caller's clock: by it an import is told from history that is carried in. A refusal is an answer, recorded in
    ``refusal/{stream}`` after what was due before it, which may be its reason. A Wake that does nothing leaves no trace.

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
        if decided.refused is not None and decided.facts:
            # What was due came true whatever becomes of the command: it is recorded by itself, and the command decided after it.
            [verdict] = await ledger.log.append([_append_fired(request, ground, decided)])
            if verdict.status == "appended":
                ledger.advance(stream, ground.version + len(decided.facts), decided.state)
            continue
        if request.is_wake and not decided.facts:
            return _undisturbed(ground, decided.refused, now)
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
        _refuse_a_future_receipt(request)
        _refuse_a_late_carry_in(request, ground.assembled)
    except Refused as said_no:
        return replace(nothing, refused=said_no)
    fired = _fired(ledger, request, nothing, ground.assembled)
    return fired if fired.refused or request.is_wake else _commanded(ledger, request, fired, ground.assembled)


def _fired(ledger: Ledger, request: Request, decided: Decided, assembled: Assembled) -> Decided:
    """Give the facts of what was due before the command, each as of its own instant, up to what cannot be decided itself."""
    decider, known = decider_of(request.stream), assembled.known
    try:
        while due := _first_due(decider, decided.state, assembled, request):
            if due.key in decided.fired:
                raise RuntimeError(f"{due.key} is due again after it fired: {request.stream} would never come to rest.")
            timer = Source(kind=SourceKind.TIMER, place=due.key)
            as_of = Asked(id=derived(request.stream, due.key), by=SYSTEM, at=due.at, source=timer)
            events = decider.fire(due, decided.state, known)
            decided = _with_events(ledger, request, decided, events, asked=as_of, assembled=assembled)
            decided = replace(decided, fired=(*decided.fired, due.key))
    except Refused as said_no:
        return replace(decided, refused=said_no)
    return decided


def _commanded(ledger: Ledger, request: Request, decided: Decided, assembled: Assembled) -> Decided:
    """Add the facts of the command itself, or why it is refused."""
    try:
        events = decider_of(request.stream).decide(request.command, decided.state, assembled.known, request.asked)
    except Refused as said_no:
        return replace(decided, refused=said_no)
    return _with_events(ledger, request, decided, events, asked=request.asked, assembled=assembled)


def _with_events(
    ledger: Ledger, request: Request, decided: Decided, events: Iterable[Any], *, asked: Asked, assembled: Assembled
) -> Decided:
    facts, state, evolve = [*decided.facts], decided.state, decider_of(request.stream).evolve
    for event in events:
        facts.append(ledger.codec.fact(event, asked, assembled.versions))
        state = evolve(state, event, asked)
    return replace(decided, facts=tuple(facts), state=state)


def _first_due(decider: Decider, state: Any, assembled: Assembled, request: Request) -> Due | None:
    """Give what was due strictly before the command (a Wake: up to its instant), if anything was.

    While history is carried in, what a person does today says nothing about what the paper will still say of the past.
    """
    if _is_today_amid_history(request, assembled):
        return None
    first = next(iter(decider.wakes(state, assembled.known)), None)
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


def _is_today_amid_history(request: Request, assembled: Assembled) -> bool:
    by_a_door = request.asked.source.kind not in OURSELVES | {SourceKind.IMPORT}
    in_a_cycle = names.kind(request.stream) in {"task", "order"}
    return in_a_cycle and by_a_door and assembled.cycle is not None and assembled.cycle.carrying_in


def _refuse_a_future_receipt(request: Request) -> None:
    asked = request.asked
    if asked.source.kind not in OURSELVES and asked.at - request.now > SKEW:
        raise ReceivedInTheFuture(at=asked.at.isoformat(), now=request.now.isoformat())


def _refuse_a_late_carry_in(request: Request, assembled: Assembled) -> None:
    cycle, asked = assembled.cycle, request.asked
    if asked.source.kind is not SourceKind.IMPORT or request.now - asked.at <= JUST_NOW:
        return
    if cycle is not None and cycle.opened is not None and not cycle.carrying_in:
        raise CarryInIsClosed
    if not asked.source.digest:
        raise PaperIsNotNamed(at=asked.at.isoformat())


def _append_fired(request: Request, ground: Ground, decided: Decided) -> Append:
    """Give the append of what was due alone. The keys of what is due never come again, so neither does this one."""
    assert ground.assembled is not None
    return Append(
        stream=request.stream,
        expected=ground.version,
        key=derived(request.stream, "fired", *decided.fired),
        digest=digest_of(Wake()),
        facts=decided.facts,
        guards=ground.assembled.guards,
    )


def _undisturbed(ground: Ground, refused: Refused | None, now: datetime) -> Outcome:
    """Answer a Wake that recorded nothing. What stopped it may be put right, so it is not recorded, and can be tried again."""
    if refused is None:
        return outcome_of(ground, at_rest(ground), now)
    return outcome_of(ground, _refused_at_rest(ground, refused), now)


def _refused_at_rest(ground: Ground, refused: Refused) -> Answer:
    return replace(at_rest(ground), status="refused", code=refused.code, zh=refused.sentence("zh"), en=refused.sentence("en"))


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
        return outcome_of(ground, _refused_at_rest(ground, KeyIsTaken(id=request.asked.id)), request.now)
    refused = None
    if seen.receipt.stream == names.refusal(request.stream):
        [recorded] = await ledger.log.read(seen.receipt.stream, after=seen.receipt.version - 1, upto=seen.receipt.position)
        refused = ledger.codec.decode(recorded)
    return outcome_of(ground, answer_of(seen.receipt, refused), request.now)


async def _standing(ledger: Ledger, stream: str, seen: Seen) -> Ground:
    version, state = await ledger.at_least(stream, seen.versions[0])
    assembled = await assemble(ledger, stream, seen.versions, state, Wake()) if version else None
    return Ground(stream=stream, version=version, state=state, assembled=assembled)
