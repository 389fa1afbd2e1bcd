"""Stored bytes: the same for the same fact, readable for ever, and never anything but what was meant."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from enum import StrEnum
from typing import Any, Literal
from uuid import UUID

import pytest
import rfc8785
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from domain import DECIDERS
from domain.decider import Actor, Asked, Decider, Source, SourceKind
from event_store.codec import (
    Codec,
    Unfit,
    asked_of,
    canonical,
    digest_of,
    from_bytes,
    meta_of,
    schema_of,
    to_bytes,
    versions_of,
)
from event_store.log import Fact
from event_store.upcast import VersionUnknown

CODEC = Codec(DECIDERS)
ASKED = Asked(
    id=UUID("00000000-0000-4000-8000-000000000001"),
    by=Actor(person="p1", post="liaison", department="d1"),
    at=datetime(2026, 3, 31, 9, 30, tzinfo=UTC),
    source=Source(kind=SourceKind.PAGE, place="/task/1"),
)


class Colour(StrEnum):
    RED = "red"


@dataclass(frozen=True, kw_only=True)
class Full:
    points: Decimal
    kind: Literal["full"] = "full"


@dataclass(frozen=True, kw_only=True)
class Step:
    points: Decimal
    kind: Literal["step"] = "step"


@dataclass(frozen=True, kw_only=True)
class Scored:
    """An event with everything a fact may hold."""

    value: Decimal
    rule: Full | Step
    at: datetime
    day: date
    span: timedelta = timedelta()
    opens: time = time(9)
    colour: Colour = Colour.RED
    evidence: tuple[UUID, ...] = ()
    tags: frozenset[str] = frozenset()
    weights: Mapping[str, Decimal] | None = None
    note: str = ""
    count: int = 0
    late: bool = False


@dataclass(frozen=True, kw_only=True)
class Score:
    value: Decimal


def toy(name: str, *events: type) -> Decider:
    """A decider that decides nothing."""
    return Decider(name=name, commands=(Score,), events=events, initial=None, decide=lambda *_: [], evolve=lambda *_: None)


TOY = Codec([toy("toy", Scored)])
SCORED = Scored(
    value=Decimal("1.50"),
    rule=Step(points=Decimal(5)),
    at=datetime(2026, 3, 31, 17, 30, tzinfo=timezone(timedelta(hours=8))),
    day=date(2026, 3, 31),
    span=timedelta(days=1, microseconds=1),
    tags=frozenset({"乙", "甲", "a"}),
    weights={"b": Decimal("0.40"), "a": Decimal("0.6")},
    note="完成",
)
STORED = (
    '{"at":"2026-03-31T09:30:00.000000Z","colour":"red","count":0,"day":"2026-03-31","evidence":[],"late":false,"note":"完成",'
    '"opens":"09:00:00","rule":{"kind":"step","points":"5"},"span":"PT86400.000001S","tags":["a","乙","甲"],"value":"1.50",'
    '"weights":{"a":"0.6","b":"0.40"}}'
).encode()


# Bytes


def test_a_fact_is_stored_in_these_bytes_and_no_others() -> None:
    assert to_bytes(SCORED) == STORED


def test_what_is_stored_is_read_back_the_same() -> None:
    assert from_bytes(Scored, STORED) == SCORED
    assert str(from_bytes(Scored, STORED).value) == "1.50"


@given(st.from_type(Scored).map(lambda event: replace(event, weights=None)))
def test_canonical_bytes_are_canonical_json(event: Scored) -> None:
    stored = to_bytes(event)

    assert rfc8785.dumps(json.loads(stored)) == stored
    assert to_bytes(from_bytes(Scored, stored)) == stored


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(1 - 2**53, 2**53 - 1) | st.text(st.characters(exclude_categories=["Cs"])),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(max_codepoint=127)), inner),
    )
)
@example('\x00\b\t\n\f\r\x1f "\\/\x7f\u2028€😀')
@example({"b": 1, "B": 2, "_": 3, "a/1": 4, "": 5})
def test_our_writer_writes_what_an_independent_one_does(value: Any) -> None:
    assert canonical(value) == rfc8785.dumps(value)


@pytest.mark.parametrize("event_type", CODEC.events.values(), ids=CODEC.events)
@settings(max_examples=8, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_every_event_survives_the_codec(event_type: type, data: st.DataObject) -> None:
    event = data.draw(st.from_type(event_type))

    fact = CODEC.fact(event, ASKED)

    assert CODEC.decode(fact) == event
    assert rfc8785.dumps(json.loads(fact.payload, parse_float=no_float)) == fact.payload


@pytest.mark.parametrize("command_type", CODEC.commands.values(), ids=CODEC.commands)
@settings(max_examples=5, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_every_command_survives_the_codec(command_type: type, data: st.DataObject) -> None:
    command = data.draw(st.from_type(command_type))

    assert CODEC.command(command_type.__name__, to_bytes(command)) == command


def no_float(text: str) -> Any:
    raise AssertionError(text)


@given(st.decimals(allow_nan=False, allow_infinity=False))
def test_an_amount_keeps_its_scale(value: Decimal) -> None:
    again = from_bytes(Score, to_bytes(Score(value=value)))

    assert again.value.as_tuple() == value.as_tuple()


# What cannot be stored


@pytest.mark.parametrize(
    "value",
    [
        1.5,
        {"value": 0.1},
        [float("nan")],
        Decimal("NaN"),
        Decimal("Infinity"),
        Decimal("sNaN"),
        datetime(2026, 3, 31, 9, 30),  # noqa: DTZ001  Naive is the point.
        b"bytes",
        2**53,
        -(2**53),
        "\ud800",
        {"键": 1},
        {1: "one"},
        complex(1, 2),
        Score,
    ],
    ids=repr,
)
def test_what_has_no_canonical_bytes_is_refused(value: object) -> None:
    with pytest.raises(Unfit):
        canonical(value)


@pytest.mark.parametrize(
    "event",
    [
        replace(SCORED, value=1),  # type: ignore[arg-type]
        replace(SCORED, value="1.50"),  # type: ignore[arg-type]
        replace(SCORED, rule=Score(value=Decimal(1))),  # type: ignore[arg-type]
        replace(SCORED, colour="blue"),  # type: ignore[arg-type]
        replace(SCORED, late=None),  # type: ignore[arg-type]
        replace(SCORED, evidence=("no id",)),  # type: ignore[arg-type]
        replace(SCORED, day="2026-02-30"),  # type: ignore[arg-type]
    ],
)
def test_a_fact_that_does_not_hold_what_its_fields_say_never_reaches_the_log(event: Scored) -> None:
    with pytest.raises(Unfit, match="Scored"):
        TOY.fact(event, ASKED)


def test_an_event_no_stream_lists_is_refused() -> None:
    with pytest.raises(Unfit, match="Score is no event"):
        TOY.fact(Score(value=Decimal(1)), ASKED)


# What cannot be read


@pytest.mark.parametrize(
    "stored",
    [
        b'{"value":"1","more":1}',
        b"{}",
        b'{"value":"NaN"}',
        b'{"value":"Infinity"}',
        b'{"value":true}',
        b'{"value":"1"',
        b"[]",
    ],
)
def test_bytes_that_do_not_fit_are_refused_and_no_field_is_left_out(stored: bytes) -> None:
    with pytest.raises(ValidationError):
        from_bytes(Score, stored)


def test_an_unknown_field_within_is_refused_too() -> None:
    with pytest.raises(ValidationError, match="rule"):
        from_bytes(Scored, STORED.replace(b'"kind":"step"', b'"extra":1,"kind":"step"'))


def test_a_type_nobody_knows_is_refused() -> None:
    fact = TOY.fact(SCORED, ASKED)

    with pytest.raises(Unfit, match="Forgotten"):
        TOY.decode(replace(fact, type="Forgotten"))


# Types by name


def test_two_types_of_one_name_are_told_apart_by_nobody_and_so_refused() -> None:
    other = type("Scored", (), {})

    with pytest.raises(Unfit, match="two types"):
        Codec([toy("one", Scored), toy("two", other)])


def test_a_command_is_read_by_its_name() -> None:
    assert TOY.command("Score", b'{"value":"2.0"}') == Score(value=Decimal("2.0"))
    with pytest.raises(Unfit, match="Nothing"):
        TOY.command("Nothing", b"{}")


def test_the_digest_of_a_command_says_which_command_it_is() -> None:
    assert digest_of(Full(points=Decimal(1))) == digest_of(Full(points=Decimal(1)))
    assert digest_of(Full(points=Decimal(1))) != digest_of(Full(points=Decimal("1.0")))
    assert digest_of(Full(points=Decimal(1), kind="full")) != digest_of(Step(points=Decimal(1)))
    assert len(digest_of(Full(points=Decimal(1)))) == 32


# Meta


def test_a_fact_says_who_asked_and_what_was_known() -> None:
    fact = TOY.fact(SCORED, ASKED, {"calendar/cn": 3, "rule/T01-1": 2})

    assert asked_of(fact.meta) == ASKED
    assert versions_of(fact.meta) == {"calendar/cn": 3, "rule/T01-1": 2}
    assert fact.meta == meta_of(ASKED, {"rule/T01-1": 2, "calendar/cn": 3})


def test_a_fact_occurred_when_it_was_true_else_when_it_was_received() -> None:
    earlier = ASKED.at - timedelta(days=90)

    assert TOY.fact(SCORED, ASKED).occurred_at == ASKED.at
    assert TOY.fact(SCORED, replace(ASKED, fact_at=earlier)).occurred_at == earlier


@given(st.from_type(Asked))
def test_everything_about_who_asked_survives(asked: Asked) -> None:
    assert asked_of(meta_of(asked)) == asked


# Schemas


def test_every_event_and_command_has_a_schema_without_a_float() -> None:
    for kind in (*CODEC.events.values(), *CODEC.commands.values()):
        assert '"type": "number"' not in json.dumps(schema_of(kind)), kind


def test_a_schema_says_what_is_stored() -> None:
    schema = schema_of(Scored)

    assert schema["properties"]["value"]["type"] == "string"
    assert schema["properties"]["at"]["format"] == "date-time"
    assert schema["additionalProperties"] is False


# Old versions


def test_an_old_fact_is_taken_step_by_step_to_todays_shape() -> None:
    codec = Codec(
        [toy("toy", Full)],
        upcasters={
            ("Full", 1): lambda old: {"points": old["marks"]},
            ("Full", 2): lambda old: {**old, "kind": "full"},
        },
    )
    today = codec.fact(Full(points=Decimal("2.50")), ASKED)
    first = Fact(type="Full", schema_version=1, payload=b'{"marks":"2.50"}', meta=today.meta, occurred_at=ASKED.at)
    second = replace(first, schema_version=2, payload=b'{"points":"2.50"}')

    assert today.schema_version == 3
    assert codec.decode(first) == codec.decode(second) == codec.decode(today) == Full(points=Decimal("2.50"))


def test_a_version_of_a_newer_program_is_refused() -> None:
    fact = TOY.fact(SCORED, ASKED)

    with pytest.raises(VersionUnknown, match="版"):
        TOY.decode(replace(fact, schema_version=2))


def test_an_upcaster_for_an_event_no_stream_has_is_a_fault() -> None:
    with pytest.raises(Unfit, match="Gone"):
        Codec([toy("toy", Scored)], upcasters={("Gone", 1): lambda old: old})


def test_a_number_with_a_point_in_an_old_fact_is_not_taken_for_an_amount() -> None:
    codec = Codec([toy("toy", Score)], upcasters={("Score", 1): lambda old: old})
    old = Fact(type="Score", schema_version=1, payload=b'{"value":2.5}', meta=b"{}", occurred_at=ASKED.at)

    with pytest.raises(Unfit, match=r"2\.5"):
        codec.decode(old)
