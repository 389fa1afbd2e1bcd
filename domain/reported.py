"""Values as people report them: named, typed, and tagged so that what is stored decodes to what was meant."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, assert_never

from domain.scoring.facts import Achievement, Value


@dataclass(frozen=True, kw_only=True)
class Number:
    """A number in the definition's unit."""

    kind: Literal["number"] = "number"
    name: str
    value: Decimal


@dataclass(frozen=True, kw_only=True)
class Flag:
    """A yes or no."""

    kind: Literal["flag"] = "flag"
    name: str
    value: bool


@dataclass(frozen=True, kw_only=True)
class Text:
    """A word, such as a class or a level."""

    kind: Literal["text"] = "text"
    name: str
    value: str


@dataclass(frozen=True, kw_only=True)
class Numbers:
    """Several numbers, such as the values of all units."""

    kind: Literal["numbers"] = "numbers"
    name: str
    value: tuple[Decimal, ...]


@dataclass(frozen=True, kw_only=True)
class Texts:
    """Several words, such as the levels of all periods."""

    kind: Literal["texts"] = "texts"
    name: str
    value: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Achievements:
    """Things done that may bring points; an empty list says there were none."""

    kind: Literal["achievements"] = "achievements"
    name: str
    value: tuple[Achievement, ...]


Reported = Number | Flag | Text | Numbers | Texts | Achievements


def values_of(reported: Iterable[Reported]) -> Mapping[str, Value]:
    """Give the values by name, as a rule takes them."""
    return {one.name: one.value for one in reported}


def reported(values: Mapping[str, Value]) -> tuple[Reported, ...]:
    """Tag plain values."""
    return tuple(_tag(name, value) for name, value in values.items())


def summed(periods: Sequence[Sequence[Reported]]) -> tuple[Reported, ...]:
    """Add up numbers and achievements of all periods by name; of anything else the last period's stands."""
    return _merged(periods, lambda numbers: sum(numbers, Decimal(0)))


def averaged(periods: Sequence[Sequence[Reported]]) -> tuple[Reported, ...]:
    """Average the numbers of all periods by name, gather the achievements; of anything else the last period's stands."""
    return _merged(periods, lambda numbers: sum(numbers, Decimal(0)) / len(numbers))


def _merged(periods: Sequence[Sequence[Reported]], merge: Callable[[Sequence[Decimal]], Decimal]) -> tuple[Reported, ...]:
    last = {one.name: one for period in periods for one in period}
    return tuple(
        _merge(one, [each for period in periods for each in period if each.name == one.name], merge) for one in last.values()
    )


def _merge(last: Reported, all_of_them: Sequence[Reported], merge: Callable[[Sequence[Decimal]], Decimal]) -> Reported:
    match last:
        case Number():
            return Number(name=last.name, value=merge([one.value for one in all_of_them if isinstance(one, Number)]))
        case Achievements():
            done = tuple(each for one in all_of_them if isinstance(one, Achievements) for each in one.value)
            return Achievements(name=last.name, value=done)
        case _:
            return last


def _tag(name: str, value: Value) -> Reported:
    match value:
        case bool():
            return Flag(name=name, value=value)
        case Decimal():
            return Number(name=name, value=value)
        case str():
            return Text(name=name, value=value)
        case tuple():
            return _tag_several(name, value)
        case _:
            assert_never(value)


def _tag_several(name: str, value: tuple[Decimal, ...] | tuple[str, ...] | tuple[Achievement, ...]) -> Reported:
    numbers = tuple(one for one in value if isinstance(one, Decimal))
    texts = tuple(one for one in value if isinstance(one, str))
    if numbers:
        return Numbers(name=name, value=numbers)
    if texts:
        return Texts(name=name, value=texts)
    return Achievements(name=name, value=tuple(one for one in value if isinstance(one, Achievement)))
