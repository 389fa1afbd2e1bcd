"""What a rule is given: named inputs, declared by the rule, so that a form, a workbook and a report can be made from them.

Values are read by the type their rule declares: a number may come as Decimal, int or digits, yes and no as 是/否. So the same
inputs score the same whether they come from a page, from a workbook or back from the log.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from decimal import Decimal, InvalidOperation
from typing import Literal

from domain.decider import Refused

InputType = Literal["number", "count", "yes-no", "choice", "text", "numbers", "choices", "achievements"]

MAGNITUDE = 30  # Powers of ten. No office counts further, and a number printed whole must not fill a machine.
COUNT_MAX = Decimal(1_000_000)  # Nobody counts more events, units or prizes in a year; a larger count is a slip of the pen.
YES = frozenset({"是", "有", "达标", "yes", "true", "y"})
NO = frozenset({"否", "无", "不达标", "no", "false", "n"})
TYPES: dict[InputType, tuple[str, str]] = {
    "number": ("一个数", "a number"),
    "count": ("不小于 0 的整数", "a whole number, 0 or more"),
    "yes-no": ("是或否", "yes or no (true or false)"),
    "choice": ("所列选项之一", "one of the options"),
    "text": ("文字", "text"),
    "numbers": ("一组数", "a list of numbers"),
    "choices": ("一组选项", "a list of options"),
    "achievements": ("成果清单", "a list of achievements (project, item, level, prize, count, document)"),
}


@dataclass(frozen=True, kw_only=True)
class Achievement:
    """One thing done that may bring points. ``item`` names the bonus item (empty: the only one); ``document`` its proof (文号).

    Achievements of one ``project`` count once, at the highest; an empty project stands for itself alone.
    """

    project: str = ""
    item: str = ""
    level: str = ""
    prize: str = ""
    count: Decimal = Decimal(1)
    document: str = ""


Value = Decimal | bool | str | tuple[Decimal, ...] | tuple[str, ...] | tuple[Achievement, ...]


@dataclass(frozen=True, kw_only=True)
class InputSpec:
    """One input a rule asks for. ``unit`` is a hint; inputs that only some cases need are not ``required``."""

    name: str
    type: InputType
    label: str
    unit: str = ""
    options: tuple[str, ...] = ()
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    required: bool = True


class InputMissing(Refused):
    """The rule asks for an input that was not given. Give it, or let the rule say what a missing value means."""

    zh = "缺少输入“{label}”({name}),无法评分。请补报该数据;允许缺项的,请在评分规则中写明缺项如何处理。"
    en = "Input '{name}' ({label}) is missing, so nothing can be scored. Give it, or let the rule say what a missing value means."


class InputUnfit(Refused):
    """An input is not what the rule can use. Correct it and score again."""

    zh = "输入“{label}”({name})为 {value},应为{expected_zh}。请更正后重新评分。"
    en = "Input '{name}' ({label}) is {value}; it should be {expected_en}. Correct it and score again."


class InputUnknown(Refused):
    """An input is named that the rule does not have; most often a slip of the pen. Use the names the rule declares."""

    zh = "评分规则没有名为“{names}”的输入,它的输入有:{expected}。请按规则的输入名称填写。"
    en = "The rule has no input named '{names}'; it has: {expected}. Use the names the rule declares."


@dataclass(frozen=True, kw_only=True)
class Facts:
    """The given inputs, read by type. Every reader raises InputMissing or InputUnfit."""

    given: Mapping[str, object]

    def has(self, name: str) -> bool:
        """Say whether the input was given (an empty or blank text was not)."""
        raw = self.given.get(name)
        return raw is not None and not (isinstance(raw, str) and not raw.strip())

    def number(self, spec: InputSpec) -> Decimal:
        """Read a number within the spec's bounds."""
        return _number(spec, self._raw(spec))

    def yes(self, spec: InputSpec) -> bool:
        """Read yes or no."""
        raw = self._raw(spec)
        if isinstance(raw, bool):
            return raw
        word = str(raw).strip().lower()
        if word in YES or word in NO:
            return word in YES
        raise _unfit(spec, raw)

    def text(self, spec: InputSpec) -> str:
        """Read a text, or one of the spec's options."""
        return _option(spec, self._raw(spec))

    def numbers(self, spec: InputSpec) -> tuple[Decimal, ...]:
        """Read a list of numbers, at least one."""
        found = tuple(_number(spec, each) for each in self._list(spec))
        if not found:
            raise InputMissing(name=spec.name, label=spec.label)
        return found

    def texts(self, spec: InputSpec) -> tuple[str, ...]:
        """Read a list of options, at least one."""
        found = tuple(_option(spec, each) for each in self._list(spec))
        if not found:
            raise InputMissing(name=spec.name, label=spec.label)
        return found

    def achievements(self, spec: InputSpec) -> tuple[Achievement, ...]:
        """Read a list of achievements; it may be empty, and missing is empty."""
        if not self.has(spec.name):
            return ()
        return tuple(_achievement(spec, each) for each in self._list(spec))

    def _raw(self, spec: InputSpec) -> object:
        if not self.has(spec.name):
            raise InputMissing(name=spec.name, label=spec.label)
        return self.given[spec.name]

    def _list(self, spec: InputSpec) -> Sequence[object]:
        raw = self._raw(spec)
        if isinstance(raw, str | Mapping) or not isinstance(raw, Sequence):
            raise _unfit(spec, raw)
        return raw


def merged(specs: Sequence[InputSpec]) -> tuple[InputSpec, ...]:
    """Give each input once, by name, in order; required if one of its uses requires it."""
    found: dict[str, InputSpec] = {}
    for spec in specs:
        known = found.get(spec.name)
        if known is None or (spec.required and not known.required):
            found[spec.name] = spec
    return tuple(found.values())


def _number(spec: InputSpec, raw: object) -> Decimal:
    number = _decimal(raw)
    if number is None or not number.is_finite() or abs(number.adjusted()) > MAGNITUDE:
        raise _unfit(spec, raw)
    if spec.type == "count" and (number < 0 or number != number.to_integral_value()):
        raise _unfit(spec, raw)
    most = COUNT_MAX if spec.type == "count" and spec.maximum is None else spec.maximum
    if (spec.minimum is not None and number < spec.minimum) or (most is not None and number > most):
        told = (
            most if most is not None and number > most else spec.maximum
        )  # The limit of all counts is news to those beyond it only.
        raise _unfit(spec, raw, *_bounds_in_words(spec, told))
    return number


def _bounds_in_words(spec: InputSpec, most: Decimal | None) -> tuple[str, str]:
    whole_zh, whole_en = ("整数", "whole number") if spec.type == "count" else ("数", "number")
    least = Decimal(0) if spec.type == "count" and spec.minimum is None else spec.minimum
    low, high = ("" if bound is None else format(bound, "f") for bound in (least, most))
    if low and high:
        return f"介于 {low} 与 {high} 之间的{whole_zh}", f"a {whole_en} within {low}..{high}"
    return (
        (f"不小于 {low} 的{whole_zh}", f"a {whole_en} from {low} on")
        if low
        else (
            f"不大于 {high} 的{whole_zh}",
            f"a {whole_en} up to {high}",
        )
    )


def _decimal(raw: object) -> Decimal | None:
    if isinstance(raw, bool) or not isinstance(raw, Decimal | int | str):
        return None
    try:
        return Decimal(raw.strip() if isinstance(raw, str) else raw)
    except InvalidOperation:
        return None


def _option(spec: InputSpec, raw: object) -> str:
    if not isinstance(raw, str) or (spec.options and raw.strip() not in spec.options):
        raise _unfit(spec, raw)
    return raw.strip()


def _achievement(spec: InputSpec, raw: object) -> Achievement:
    given = {field.name: getattr(raw, field.name) for field in fields(raw)} if isinstance(raw, Achievement) else raw
    if not isinstance(given, Mapping) or not set(given) <= set(Achievement.__dataclass_fields__):
        raise _unfit(spec, raw)
    count = _decimal(given.get("count", 1))
    if count is None or not count.is_finite() or not 0 <= count <= COUNT_MAX:
        raise _unfit(
            spec, raw, f"数量(count)介于 0 与 {COUNT_MAX} 之间的成果", f"achievements with a count within 0..{COUNT_MAX}"
        )
    words = {name: _word(spec, raw, each) for name, each in given.items() if name != "count"}
    return Achievement(count=count, **words)


def _word(spec: InputSpec, raw: object, word: object) -> str:
    """Read one field of an achievement; null and blank are empty."""
    if isinstance(word, bool) or not isinstance(word, str | int | Decimal | None):
        raise _unfit(spec, raw)
    return "" if word is None else str(word).strip()


def _unfit(spec: InputSpec, raw: object, expected_zh: str = "", expected_en: str = "") -> InputUnfit:
    zh, en = TYPES[spec.type]
    if spec.options:
        listed = "、".join(spec.options)
        zh, en = f"{zh}({listed})", f"{en} ({listed})"
    return InputUnfit(name=spec.name, label=spec.label, value=raw, expected_zh=expected_zh or zh, expected_en=expected_en or en)
