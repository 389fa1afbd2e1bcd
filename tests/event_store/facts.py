"""Facts and requests in few words, for the tests of the log."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from uuid import UUID, uuid5

from event_store.log import ANY, Append, Fact, Guard, Log, Receipt, Recorded, Verdict

SPACE = UUID("00000000-0000-0000-0000-00000000d0ca")
NOON = datetime(2026, 3, 31, 4, 0, tzinfo=UTC)


def fact(text: str = "x") -> Fact:
    """A fact that says ``text``; its payload is not even JSON, which the log must not mind."""
    return Fact(type="Said", schema_version=1, payload=text.encode(), meta=b'{"by":"p1"}', occurred_at=NOON)


def key(name: str) -> UUID:
    """The command id that goes by a name."""
    return uuid5(SPACE, name)


def request(
    stream: str,
    *texts: str,
    expected: int = ANY,
    known_as: str = "",
    body: str = "",
    guards: Sequence[tuple[str, int]] = (),
    receipt_of: str = "",
) -> Append:
    """A request to store facts that say ``texts``. Its key and digest follow from its content where none is named."""
    return Append(
        stream=stream,
        expected=expected,
        key=key(known_as or f"{stream}:{texts}"),
        digest=sha256((body or repr(texts)).encode()).digest(),
        facts=tuple(fact(text) for text in texts),
        guards=tuple(Guard(stream=name, version=version) for name, version in guards),
        receipt_of=receipt_of,
    )


async def store(log: Log, one: Append) -> Verdict:
    """Append one request."""
    [verdict] = await log.append([one])
    return verdict


async def receipt(log: Log, one: Append) -> Receipt:
    """Append one request and give its receipt."""
    given = (await store(log, one)).receipt
    assert given is not None
    return given


def said(events: Sequence[Recorded]) -> list[str]:
    """What the facts say, in their order."""
    return [event.payload.decode() for event in events]


def timeless(verdict: Verdict) -> Verdict:
    """A verdict without the instant of its receipt, which two logs never share."""
    return replace(verdict, receipt=verdict.receipt and replace(verdict.receipt, recorded_at=NOON))
