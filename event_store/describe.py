"""Every event as a page people can read, written from the types themselves: ``python -m event_store.describe`` writes docs/events.md."""

from collections.abc import Iterable, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from enum import Enum
from functools import cache
from inspect import getdoc
from pathlib import Path
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from domain import DECIDERS
from domain.decider import Decider
from event_store.codec import Meta
from event_store.upcast import current_version

PAGE = Path(__file__).parent.parent / "docs" / "events.md"
INTRODUCTION = """\
# Events

Which events are there, and what does each hold?
This page is written from the types by `python -m event_store.describe`; a test compares the two.

An event is stored as canonical JSON (RFC 8785).
Amounts are strings with their scale, instants are UTC with microseconds, days are `2026-06-30`, keys are ASCII, and there is no float.
An event is named by its type alone, keeps its schema version for ever, and is never changed.
What was stored in an older version is read through `event_store/upcast.py`.
Persons stand in it by their ids only.
A field with a default may be missing in what a person sends, never in what is stored.
"""
BESIDE = """\
Beside each event stand its position in the log and its version in its stream, both without a gap, the instants `occurred_at` (when it was
so in the world) and `recorded_at` (when it came into the log), and its meta:
"""
PLAIN: Mapping[Any, str] = {
    "str": "text",
    "int": "integer",
    "bool": "yes or no",
    "Decimal": "decimal",
    "datetime": "instant",
    "date": "day",
    "time": "time of day",
    "timedelta": "duration",
    "UUID": "uuid",
    "NoneType": "nothing",
    "Any": "anything",
}


def page(deciders: Iterable[Decider] = DECIDERS) -> str:
    """Give the whole page, as Markdown."""
    deciders = tuple(deciders)
    parts = [_table(Meta), *(_stream(decider) for decider in deciders)]
    events = [event for decider in deciders for event in decider.events]
    nested = [kind for kind in _reached([Meta, *events]) if kind not in {Meta, *events}]
    records = sorted((kind for kind in nested if is_dataclass(kind)), key=lambda kind: kind.__name__)
    sets = sorted((kind for kind in nested if issubclass(kind, Enum)), key=lambda kind: kind.__name__)
    parts.append("## What events are made of\n\n" + "\n".join(_type(kind) for kind in records))
    parts.append("## Closed sets\n\n" + _sets(sets))
    return "\n".join([INTRODUCTION, "## The meta\n\n" + BESIDE, *parts])


def write() -> None:
    """Write the page where it belongs."""
    PAGE.write_text(page(), encoding="utf-8")


def _stream(decider: Decider) -> str:
    listed = ", ".join(f"[{event.__name__}](#{event.__name__.lower()})" for event in decider.events)
    return f"## Stream `{decider.name}`\n\n{listed}\n\n" + "\n".join(_type(event, is_event=True) for event in decider.events)


def _type(kind: type, *, is_event: bool = False) -> str:
    version = f"\n\nSchema version {current_version(kind.__name__)}." if is_event else ""
    return f"### {kind.__name__}\n\n{_sentences(kind)}{version}\n\n{_table(kind)}"


def _table(kind: type) -> str:
    if not fields(kind):
        return "No fields: that it happened says all.\n"
    hints = _hints(kind)
    rows = [f"| `{field.name}` | {_words(hints[field.name])} | {_default(field)} |" for field in fields(kind)]
    return "\n".join(["| field | type | default |", "|---|---|---|", *rows, ""])


def _sets(kinds: Iterable[type]) -> str:
    rows = [f"| {kind.__name__} | {', '.join(f'`{member.value}`' for member in kind)} |" for kind in kinds]  # type: ignore[attr-defined]
    return "\n".join(["| set | values |", "|---|---|", *rows, ""])


def _sentences(kind: type) -> str:
    """Give the docstring on one line; what dataclasses write themselves, the signature, says nothing new."""
    told = " ".join((getdoc(kind) or "").split())
    return "" if told.startswith(f"{kind.__name__}(") else told


def _words(hint: Any) -> str:
    """Say a type in words."""
    arguments, origin = get_args(hint), get_origin(hint)
    if origin is None:
        return _name(hint)
    if origin in {Union, UnionType}:
        return " or ".join(_words(one) for one in arguments)
    if origin is Literal:
        return " or ".join(f"`{one}`" for one in arguments)
    if origin is tuple and arguments[-1] is not Ellipsis:
        return f"({', '.join(_words(one) for one in arguments)})"
    if issubclass(origin, Mapping):
        return f"{_words(arguments[1])} by {_words(arguments[0])}"
    return f"list of {_words(arguments[0])}"


def _name(hint: Any) -> str:
    name = getattr(hint, "__name__", str(hint))
    return f"[{name}](#{name.lower()})" if is_dataclass(hint) else PLAIN.get(name, name)


def _default(field: Field[Any]) -> str:
    if field.default is not MISSING:
        value = field.default.value if isinstance(field.default, Enum) else field.default
        return "nothing" if value is None else "empty" if value in {"", ()} else f"`{value}`"
    return "" if field.default_factory is MISSING else "empty"


def _reached(kinds: Iterable[type]) -> list[type]:
    """Give every class of ours that values of these types can hold."""
    found: dict[type, None] = {}
    waiting = list(kinds)
    while waiting:
        kind = waiting.pop()
        if kind in found or not isinstance(kind, type):
            continue
        if is_dataclass(kind):
            found[kind] = None
            waiting += [leaf for hint in _hints(kind).values() for leaf in _leaves(hint)]
        elif issubclass(kind, Enum):
            found[kind] = None
    return list(found)


def _leaves(hint: Any) -> Iterable[Any]:
    arguments = get_args(hint)
    if not arguments:
        yield hint
    for argument in arguments:
        yield from _leaves(argument)


@cache
def _hints(kind: type) -> Mapping[str, Any]:
    return get_type_hints(kind)


if __name__ == "__main__":
    write()
