"""Forms: what a command asks of a person, as fields; and the way back from a submitted form to the command.

The same fields draw the form and read it, so a field that is shown is a field that is read. What the rule behind a value says of it
(a whole number, one of these options) is checked here first, beside the field; everything else is the domain's to judge.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Literal

from starlette.datastructures import FormData, UploadFile

from domain.reported import Achievements, Flag, Number, Numbers, Reported, Text, Texts
from domain.scoring import Achievement, InputSpec

FieldKind = Literal["text", "area", "number", "date", "select", "yes-no", "files", "list", "choices", "achievements"]

ROWS_OF_ACHIEVEMENTS = 3  # Empty rows to fill in; who has more submits a list by workbook.
ACHIEVEMENT_PARTS = ("project", "item", "level", "prize", "count", "document")
PLAIN = re.compile(r"[+-]?[0-9]{1,18}(\.[0-9]{1,12})?")
VALUE = "value."  # Before the names of a rule's inputs, so that none collides with a field of ours.


@dataclass(frozen=True, kw_only=True)
class Field:
    """One field. ``value`` is what stands in it, ``beside`` what was given last time, ``fault`` what is wrong with it."""

    name: str
    label: str
    kind: FieldKind = "text"
    required: bool = False
    value: str = ""
    unit: str = ""
    hint: str = ""
    beside: str = ""
    options: tuple[tuple[str, str], ...] = ()
    phrases: tuple[str, ...] = ()
    latest: str = ""
    fault: str = ""
    spec: InputSpec | None = None


@dataclass(frozen=True, kw_only=True)
class Filled:
    """A submitted form. ``faults`` say by field what cannot be read; then no command is made."""

    texts: Mapping[str, str]
    values: tuple[Reported, ...]
    files: tuple[UploadFile, ...]
    faults: Mapping[str, str] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """Give a field's text, without the space around it (empty: none)."""
        return self.texts.get(name, "").strip()

    def number(self, name: str) -> Decimal | None:
        """Give a field's number (None: left empty)."""
        return Decimal(self.text(name)) if self.text(name) else None

    def day(self, name: str) -> date:
        """Give a field's day; it was checked when the form was read."""
        return date.fromisoformat(self.text(name))


def value_field(spec: InputSpec, *, beside: str = "", value: str = "") -> Field:
    """Make the field of a rule's input."""
    kinds: dict[str, FieldKind] = {
        "number": "number",
        "count": "number",
        "yes-no": "yes-no",
        "choice": "select",
        "text": "text",
        "numbers": "list",
        "choices": "choices",
        "achievements": "achievements",
    }
    return Field(
        name=VALUE + spec.name,
        label=spec.label,
        kind=kinds[spec.type],
        required=spec.required and spec.type != "achievements",
        unit=spec.unit,
        options=tuple((option, option) for option in spec.options),
        beside=beside,
        value=value,
        spec=spec,
    )


def read(fields: Iterable[Field], form: FormData) -> Filled:
    """Read a submitted form by its fields."""
    texts: dict[str, str] = {}
    faults: dict[str, str] = {}
    values: list[Reported] = []
    files: list[UploadFile] = []
    for one in fields:
        if one.kind == "files":
            files += [file for file in form.getlist(one.name) if isinstance(file, UploadFile) and file.filename]
            continue
        texts[one.name] = _text(form, one)
        try:
            value = _value(one, texts[one.name], form)
        except _Fault as fault:
            faults[one.name] = str(fault)
        else:
            values += [] if value is None else [value]
    if any(one.kind == "files" and one.required for one in fields) and not files:
        faults |= {one.name: NEEDED for one in fields if one.kind == "files"}
    return Filled(texts=texts, values=tuple(values), files=tuple(files), faults=faults)


def kept(fields: Iterable[Field], filled: Filled, faults: Mapping[str, str]) -> tuple[Field, ...]:
    """Give the fields again with what was filled in, so that nobody types twice, and what is wrong beside each."""
    return tuple(replace(one, value=filled.texts.get(one.name, one.value), fault=faults.get(one.name, "")) for one in fields)


def shown(value: Reported) -> str:
    """Print a reported value as a form would take it back."""
    match value:
        case Number():
            return format(value.value, "f")
        case Flag():
            return YES if value.value else NO
        case Text():
            return value.value
        case Numbers():
            return "\n".join(format(number, "f") for number in value.value)
        case Texts():
            return "\n".join(value.value)
        case Achievements():
            return "；".join(
                " ".join(part for part in (one.project, one.item, one.level, one.prize, f"×{one.count}") if part)
                for one in value.value
            )


YES, NO = "是", "否"
NEEDED = "请填写这一项"


class _Fault(Exception):
    """What is wrong with a field, in a few words."""


def _text(form: FormData, one: Field) -> str:
    if one.kind == "choices":
        return "\n".join(value for value in form.getlist(one.name) if isinstance(value, str))
    value = form.get(one.name)
    return value if isinstance(value, str) else ""


def _value(one: Field, text: str, form: FormData) -> Reported | None:
    """Check one field; give the reported value where it is a rule's input."""
    if one.kind == "achievements":
        assert one.spec is not None
        return Achievements(name=one.spec.name, value=tuple(_achievements(one.name, form)))
    if not text.strip():
        if one.required:
            raise _Fault(NEEDED)
        return None
    if one.kind == "date":
        _day(text.strip())
    if one.kind == "select" and one.options and text not in {value for value, _ in one.options}:
        raise _Fault("请选择所列选项之一")
    if one.spec is None:
        if one.kind == "number":
            _number(text)
        return None
    return _READ[one.kind](one.spec, text.strip())


def _of_number(spec: InputSpec, text: str) -> Reported:
    number = _number(text)
    if spec.type == "count" and (number < 0 or number != number.to_integral_value()):
        raise _Fault("应为不小于 0 的整数")
    if spec.minimum is not None and number < spec.minimum:
        raise _Fault(f"不能小于 {spec.minimum:f}")
    if spec.maximum is not None and number > spec.maximum:
        raise _Fault(f"不能大于 {spec.maximum:f}")
    return Number(name=spec.name, value=number)


def _of_flag(spec: InputSpec, text: str) -> Reported:
    if text not in {YES, NO}:
        raise _Fault("请选择是或否")
    return Flag(name=spec.name, value=text == YES)


def _of_list(spec: InputSpec, text: str) -> Reported:
    numbers = tuple(_number(part) for part in text.replace("，", "\n").replace(",", "\n").split())
    return Numbers(name=spec.name, value=numbers)


def _of_choices(spec: InputSpec, text: str) -> Reported:
    chosen = tuple(part.strip() for part in text.splitlines() if part.strip())
    if spec.options and not set(chosen) <= set(spec.options):
        raise _Fault("请选择所列选项")
    return Texts(name=spec.name, value=chosen)


def _of_text(spec: InputSpec, text: str) -> Reported:
    return Text(name=spec.name, value=text)


_READ: Mapping[str, Callable[[InputSpec, str], Reported]] = {
    "number": _of_number,
    "yes-no": _of_flag,
    "list": _of_list,
    "choices": _of_choices,
    "select": _of_text,
    "text": _of_text,
}


def _achievements(name: str, form: FormData) -> Iterable[Achievement]:
    for row in range(ROWS_OF_ACHIEVEMENTS):
        parts = {part: str(form.get(f"{name}.{row}.{part}") or "").strip() for part in ACHIEVEMENT_PARTS}
        count = parts.pop("count")
        if any(parts.values()) or count:
            yield Achievement(**parts, count=_number(count) if count else Decimal(1))


def _number(text: str) -> Decimal:
    """Read a plain number. Exponents are no way to write an amount, and a huge one would fill the memory when it is printed."""
    plain = text.strip().replace("，", "").replace(",", "").translate(_FULL_WIDTH)
    if not PLAIN.fullmatch(plain):
        raise _Fault("应为数字，例如 98.5")
    return Decimal(plain)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise _Fault("应为日期，例如 2026-09-30") from None


_FULL_WIDTH = str.maketrans("０１２３４５６７８９．－", "0123456789.-")
