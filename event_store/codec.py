"""From dataclasses to stored bytes and back: the one codec, for events, commands and what is known of who asked.

The bytes are canonical JSON (RFC 8785), made from the values themselves: a Decimal is a string with its scale, an instant is UTC
with microseconds and ``Z``, a day is ``2026-06-30``, a duration is ``PT90.000000S``, a set is sorted, keys are ASCII, and a float
does not exist. So the same fact gives the same bytes, on every machine, for ever.

What is written is read back at once and compared: bytes that would not give the same event again never reach the log. What is
read must fit its class exactly; an old shape is upcast first, an unknown field is an error and never left out.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, fields, is_dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from functools import cache
from hashlib import sha256
from typing import Any, TypeVar
from uuid import UUID

from pydantic import ConfigDict, TypeAdapter
from typing_extensions import TypeAliasType

from domain.decider import Asked, Decider
from domain.evidence import Evidence
from event_store.log import Fact, Recorded
from event_store.upcast import UPCASTERS, Upcasters, current_version, upcast

T = TypeVar("T")

EXACT_INTEGER = 2**53 - 1
EVIDENCE_FIELDS = frozenset(field.name for field in fields(Evidence))
TIMES_OF_EVIDENCE = frozenset({"fact_at", "submitted_at", "received_at"})
EXACT = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)


class Unfit(Exception):
    """A value has no canonical bytes, or its bytes would not give it back. A fault of the program, not of who asked."""


@dataclass(frozen=True, kw_only=True)
class Meta:
    """What stands beside a fact: who asked, and which versions of rules, calendars and so on the decision knew, by stream."""

    asked: Asked
    versions: Mapping[str, int | str]


class Codec:
    """Writes and reads the facts and commands of a set of deciders. Made once; holds no state that changes."""

    def __init__(self, deciders: Iterable[Decider], upcasters: Upcasters = UPCASTERS) -> None:
        """Learn the types. Two of one name, in one stream or in two, are a fault: the log knows a type by its name alone."""
        deciders = tuple(deciders)
        self.events: Mapping[str, type] = _by_name(event for decider in deciders for event in decider.events)
        self.commands: Mapping[str, type] = _by_name(command for decider in deciders for command in decider.commands)
        self._upcasters = upcasters
        if unknown := {name for name, _version in upcasters} - self.events.keys():
            raise Unfit(f"Upcasters for events that no stream has: {', '.join(sorted(unknown))}.")

    def fact(self, event: object, asked: Asked, versions: Mapping[str, int | str] | None = None) -> Fact:
        """Give an event as it is stored: occurred when the fact was true, where that is said, else when it was received.

        ``versions`` as for ``meta_of``. Raises Unfit.
        """
        name = type(event).__name__
        if self.events.get(name) is not type(event):
            raise Unfit(f"{name} is no event of any stream; list it in its decider's events.")
        return Fact(
            type=name,
            schema_version=current_version(name, self._upcasters),
            payload=to_bytes(event),
            meta=meta_of(asked, versions),
            occurred_at=asked.fact_at or asked.at,
        )

    def decode(self, recorded: Recorded | Fact) -> Any:
        """Give the event of a stored fact, whatever version it was written in.

        Raises Unfit for a type nobody has, VersionUnknown, or pydantic's ValidationError for bytes that do not fit.
        """
        event_type = self.events.get(recorded.type)
        if event_type is None:
            raise Unfit(f"{recorded.type} is no event this program knows; use the program that wrote it or a newer one.")
        payload = recorded.payload
        if recorded.schema_version != current_version(recorded.type, self._upcasters):
            old = json.loads(payload, parse_float=_refuse_float)
            payload = canonical(upcast(recorded.type, recorded.schema_version, old, self._upcasters))
        return from_bytes(event_type, payload)

    def command(self, name: str, body: bytes | str) -> Any:
        """Give a command from its type's name and its JSON. Raises Unfit for a name nobody has, else ValidationError."""
        if name not in self.commands:
            raise Unfit(f"{name} is no command of any stream.")
        return from_bytes(self.commands[name], body)


def to_bytes(value: object) -> bytes:
    """Give the canonical bytes of a dataclass, sure to be read back as the same value. Raises Unfit."""
    stored = canonical(value)
    try:
        again = from_bytes(type(value), stored)
    except ValueError as error:
        raise Unfit(f"{type(value).__name__} does not hold what its fields say: {error}") from error
    if again != value or canonical(again) != stored:  # 1 equals Decimal(1), yet is stored in other bytes.
        raise Unfit(f"{type(value).__name__} would be read back as another value: {again!r} for {value!r}.")
    return stored


def from_bytes(kind: type[T], stored: bytes | str) -> T:
    """Give the dataclass of stored bytes. Raises pydantic's ValidationError, with the path of every misfit."""
    value: T = _adapter(kind).validate_json(stored)  # type: ignore[arg-type]  # mypy doubts that a class can be hashed.
    return value


def canonical(value: object) -> bytes:
    """Give the canonical JSON of dataclasses, mappings, sequences, sets and plain values. Raises Unfit."""
    try:
        return _written(_plain(value))
    except UnicodeEncodeError as error:  # Half of a surrogate pair.
        raise Unfit(f"{value!r} has no canonical JSON: {error}") from error


def digest_of(command: object) -> bytes:
    """Give the SHA-256 of a command, its name included: what makes two sendings of one id the same command.

    When a piece of evidence was handed in says nothing about which command it is: the same file handed in again has other times.
    """
    return sha256(canonical([type(command).__name__, _timeless(_plain(command))])).digest()


def meta_of(asked: Asked, versions: Mapping[str, int | str] | None = None) -> bytes:
    """Give the meta of the facts a command leads to. ``versions``: what the decision knew, e.g. ``{"calendar/cn": 3}``."""
    return to_bytes(Meta(asked=asked, versions=dict(versions or {})))


def asked_of(meta: bytes) -> Asked:
    """Give back who asked, when and by which right."""
    return from_bytes(Meta, meta).asked


def versions_of(meta: bytes) -> Mapping[str, int | str]:
    """Give back the versions the decision knew."""
    return from_bytes(Meta, meta).versions


def schema_of(kind: type) -> dict[str, Any]:
    """Give the JSON Schema of an event or a command as it is stored."""
    return _adapter(kind).json_schema(mode="serialization")


@cache
def _adapter(kind: type) -> TypeAdapter[Any]:
    """Make the reader of a class. The alias carries the strictness to nested dataclasses, without a word of it in the domain."""
    return TypeAdapter(TypeAliasType("Stored", kind), config=EXACT)  # type: ignore[arg-type]


def _by_name(types: Iterable[type]) -> dict[str, type]:
    named: dict[str, type] = {}
    for kind in types:
        if named.setdefault(kind.__name__, kind) is not kind:
            raise Unfit(
                f"{kind.__name__} is the name of two types, in {named[kind.__name__].__module__} and {kind.__module__};"
                " the log knows a type by its name, so rename one of them."
            )
    return named


def _written(plain: Any) -> bytes:
    """Write what ``_plain`` made as RFC 8785 wants it. Python's own writer does, six times as fast as one in Python would.

    It escapes the same characters in the same way; the keys are ASCII, so that to sort by characters is to sort by UTF-16; there are
    no floats, and no integers a float could not hold. A property test compares both writers.
    """
    return json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _plain(value: object) -> Any:
    """Give a value as JSON knows it. The commonest types come first."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, Enum):
        return _plain(value.value)
    if isinstance(value, str):
        return str(value)
    if isinstance(value, int):
        return _integer(value)
    for kind, write in WRITTEN:
        if isinstance(value, kind):
            return write(value)
    if is_dataclass(value) and not isinstance(value, type):
        return {name: _plain(getattr(value, name)) for name in _field_names(type(value))}
    if isinstance(value, Mapping):
        return {_key(key): _plain(item) for key, item in value.items()}
    if isinstance(value, AbstractSet):
        return sorted((_plain(item) for item in value), key=_written)
    if isinstance(value, Sequence) and not isinstance(value, bytes | bytearray | memoryview):
        return [_plain(item) for item in value]
    raise Unfit(f"{type(value).__name__} cannot be stored: {value!r}. Amounts are Decimal, bytes are named by their hash.")


@cache
def _field_names(kind: type) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))


def _timeless(plain: Any) -> Any:
    """Leave out the three times of every piece of evidence."""
    if isinstance(plain, dict):
        left_out = TIMES_OF_EVIDENCE if plain.keys() == EVIDENCE_FIELDS else frozenset()
        return {name: _timeless(item) for name, item in plain.items() if name not in left_out}
    return [_timeless(item) for item in plain] if isinstance(plain, list) else plain


def _integer(value: int) -> int:
    if not -EXACT_INTEGER <= value <= EXACT_INTEGER:
        raise Unfit(f"{value} has no canonical JSON: other programs read numbers as floats, which end being exact at 2^53.")
    return int(value)


def _key(key: object) -> str:
    plain = _plain(key)
    if not isinstance(plain, str) or not plain.isascii():
        raise Unfit(f"A key in a stored fact is ASCII text, not {key!r}: other keys sort differently in other programs.")
    return plain


def _decimal(value: Decimal) -> str:
    if not value.is_finite():
        raise Unfit(f"{value} is no amount.")
    return str(value)


def _instant(value: datetime) -> str:
    if value.utcoffset() is None:
        raise Unfit(f"{value.isoformat()} has no time zone; instants are aware.")
    return value.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def _duration(value: timedelta) -> str:
    microseconds = value // timedelta(microseconds=1)
    seconds, rest = divmod(abs(microseconds), 1_000_000)
    return f"{'-' if microseconds < 0 else ''}PT{seconds}.{rest:06}S"


def _refuse_float(text: str) -> Any:
    raise Unfit(f"A stored fact holds the number {text}; amounts are stored as strings.")


WRITTEN: tuple[tuple[type, Callable[[Any], str]], ...] = (
    (Decimal, _decimal),
    (datetime, _instant),  # Before date: each instant is a date, too.
    (date, date.isoformat),
    (UUID, str),
    (timedelta, _duration),
    (time, time.isoformat),
)
