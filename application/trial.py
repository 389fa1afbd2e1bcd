"""A rule and inputs as JSON, scored without storing anything: what ``dukao score try`` and the rule desk call.

    {"rule": {"kind": "ratio", "points": 15}, "inputs": {"actual": 92, "target": 100}, "rounding": {"places": 2}}

The schema is the rules' own dataclasses (docs/scoring.md). Numbers may be JSON numbers or strings and never pass through a float.
Short forms are spelled out before validation: a name or a formula where a number is expected, a row where an entry is expected, an
object where pairs are expected. Unknown fields are refused, because a misspelt parameter would otherwise score silently.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from decimal import Decimal, InvalidOperation
from functools import cache
from types import UnionType
from typing import Any, Literal, NoReturn, Union, get_args, get_origin, get_type_hints

from pydantic import TypeAdapter, ValidationError

from domain.decider import Refused
from domain.scoring import ROUNDED, Rounding, Rule, Scored, check, score
from domain.scoring.faults import RuleIsTooDeep
from domain.scoring.nesting import DEPTH_MAX
from domain.scoring.operand import Source

PAIR = 2
JSON_DEPTH_MAX = 4 * DEPTH_MAX  # A rule within a rule takes three levels of JSON (parts, its entry, rule), a leaf some more.
WHY: dict[str, tuple[str, str]] = {
    "missing": ("缺少必填字段", "it is required and missing"),
    "literal_error": ("应为 {expected}", "it should be {expected}"),
    "decimal_parsing": ("应为一个数", "it should be a number"),
    "decimal_type": ("应为一个数", "it should be a number"),
    "finite_number": ("应为有限的数", "it should be a finite number"),
    "string_type": ("应为文字", "it should be text"),
    "bool_parsing": ("应为 true 或 false", "it should be true or false"),
    "bool_type": ("应为 true 或 false", "it should be true or false"),
    "int_parsing": ("应为整数", "it should be a whole number"),
    "int_type": ("应为整数", "it should be a whole number"),
    "int_from_float": ("应为整数", "it should be a whole number"),
    "tuple_type": ("应为列表", "it should be a list"),
}


class NotJson(Refused):
    """The document is not JSON."""

    zh = "输入不是有效的 JSON(第 {line} 行第 {column} 列:{why})。请检查引号、逗号和括号。"
    en = "The input is not valid JSON (line {line}, column {column}: {why}). Check quotes, commas and brackets."


class NameGivenTwice(Refused):
    """A JSON object has one name twice, and readers differ in which of the two they take."""

    zh = "同一个 JSON 对象中“{name}”出现了两次,无法判断以哪个为准。请只保留一个。"
    en = "One JSON object has '{name}' twice, so nobody can say which one counts. Keep one."


class FieldUnknown(Refused):
    """A field that the rule's kind does not have; most often a slip of the pen."""

    zh = "{path} 没有字段“{field}”,可用字段:{fields}。请更正字段名(各方法的写法见 docs/scoring.md)。"
    en = "{path} has no field '{field}'; it has: {fields}. Correct the name (docs/scoring.md shows every method)."


class KindUnknown(Refused):
    """A ``kind`` that does not exist, or none at all."""

    zh = "{path} 的 kind 为 {found},应为以下之一:{kinds}。请更正 kind(各方法的写法见 docs/scoring.md)。"
    en = "The kind of {path} is {found}; it should be one of: {kinds}. Correct it (docs/scoring.md shows every method)."


class FieldUnfit(Refused):
    """A field whose value cannot be used."""

    zh = "{path} 不合要求:{why_zh}(现为 {found})。请更正后重试。"
    en = "{path} is unfit: {why_en} (it is {found}). Correct it and try again."


def try_score(document: bytes) -> Scored:
    """Score a JSON document's ``inputs`` under its ``rule``, rounded as its ``rounding`` says (null: not at all).

    Pure and idempotent. Raises the refusals above, and all that ``domain.scoring.score`` raises.
    """
    whole = _loaded(document)
    _require_shallow(whole)
    if not isinstance(whole, dict):
        _unfit("document", "应为 JSON 对象", "it should be a JSON object", whole)
    for name in whole:
        if name not in {"rule", "inputs", "rounding"}:
            raise FieldUnknown(path="document", field=name, fields="rule, inputs, rounding")
    given = whole.get("inputs", {})
    if not isinstance(given, dict):
        _unfit("inputs", "应为 JSON 对象", "it should be a JSON object", given)
    rounding = whole.get("rounding", ROUNDED)
    return score(
        rule_from(whole.get("rule")),
        given,
        rounding if rounding is None or isinstance(rounding, Rounding) else _read(Rounding, rounding, "rounding"),
    )


def rule_from(body: object) -> Rule:
    """Make a rule from its JSON (as Python objects, without floats), check it, and give it. Raises as ``try_score`` does."""
    _require_shallow(body)
    rule: Rule = _read(Rule, body, "rule")
    check(rule)
    return rule


def rule_json(text: str | bytes) -> Rule:
    """Make a rule from its JSON text. Raises as ``try_score`` does."""
    return rule_from(_loaded(text))


def as_json(rule: Rule) -> Any:
    """Give a rule as JSON objects, decimals as strings, nothing left to defaults: what ``rule_from`` reads back unchanged."""
    cls: Any = type(rule)
    return _adapter(cls).dump_python(rule, mode="json")


def _loaded(document: str | bytes) -> Any:
    try:
        return json.loads(document, parse_float=Decimal, parse_constant=Decimal, object_pairs_hook=_object)
    except json.JSONDecodeError as error:
        raise NotJson(line=error.lineno, column=error.colno, why=error.msg) from error
    except UnicodeDecodeError as error:
        raise NotJson(line=1, column=error.start + 1, why="not UTF-8") from error
    except RecursionError as error:
        raise NotJson(line=1, column=1, why="nested too deeply") from error


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise NameGivenTwice(name=name)
        found[name] = value
    return found


def _require_shallow(document: object) -> None:
    """Refuse a document nested deeper than any rule may be, before anything descends into it. Does not recurse itself."""
    waiting: list[tuple[object, int]] = [(document, 1)]
    while waiting:
        entry, depth = waiting.pop()
        if depth > JSON_DEPTH_MAX:
            raise RuleIsTooDeep(most=DEPTH_MAX)
        inside = entry.values() if isinstance(entry, dict) else entry if isinstance(entry, list) else ()
        waiting += [(each, depth + 1) for each in inside]


def _read(hint: Any, body: object, path: str) -> Any:
    spelled = _spelled(hint, body, path)
    cls = _chosen(hint, spelled, path) if isinstance(spelled, dict) else None
    if cls is None:
        _unfit(path, "应为 JSON 对象", "it should be a JSON object", body)
    try:
        return _adapter(cls).validate_python(spelled)
    except ValidationError as error:
        _first(error, spelled, path)


@cache
def _adapter(cls: Any) -> TypeAdapter[Any]:
    return TypeAdapter(cls)


@cache
def _hints(cls: type) -> Mapping[str, Any]:
    return get_type_hints(cls)


def _spelled(hint: Any, body: object, path: str) -> object:
    """Give ``body`` with its short forms spelled out and its field names checked, down to the leaves."""
    if _is_operand(hint) and isinstance(body, str) and not _is_number(body):
        return {"input": body} if body.isidentifier() else {"formula": body}
    if isinstance(body, dict):
        pairs = _pairs(hint)
        if pairs is not None:
            return [[key, _spelled(pairs, value, f"{path}.{key}")] for key, value in body.items()]
        cls = _chosen(hint, body, path)
        return body if cls is None else _spelled_fields(cls, body, path)
    if isinstance(body, list):
        each = _entry(hint)
        if each is not None:
            return [_spelled(each, value, f"{path}[{number}]") for number, value in enumerate(body)]
        return _spelled_row(hint, body, path)
    return body


def _spelled_fields(cls: type, body: Mapping[str, object], path: str) -> dict[str, object]:
    hints = _hints(cls)
    for name in body:
        if name not in hints:
            raise FieldUnknown(path=path, field=name, fields=", ".join(hints))
    return {name: _spelled(hints[name], value, f"{path}.{name}") for name, value in body.items()}


def _spelled_row(hint: Any, body: list[object], path: str) -> object:
    """Read a row such as [99.5, 80] as the fields of the one class that can stand here, in order."""
    classes = _classes(hint)
    if len(classes) != 1 or _is_operand(hint):
        return body
    names = [field.name for field in fields(classes[0]) if field.name != "kind"]
    if len(body) > len(names):
        _unfit(
            path,
            f"一行最多 {len(names)} 项({', '.join(names)})",
            f"a row has at most {len(names)} entries ({', '.join(names)})",
            body,
        )
    return _spelled_fields(classes[0], dict(zip(names, body, strict=False)), path)


def _chosen(hint: Any, body: Mapping[str, object], path: str) -> type | None:
    """Give the dataclass a JSON object stands for: the only one, or the one of its kind."""
    classes = _classes(hint)
    if len(classes) < PAIR:
        return classes[0] if classes else None
    by_kind = {_kind(cls): cls for cls in classes}
    kind = body.get("kind")
    if not isinstance(kind, str) or kind not in by_kind:
        raise KindUnknown(path=path, found=repr(kind), kinds=", ".join(by_kind))
    return by_kind[kind]


def _classes(hint: Any) -> list[type]:
    return [each for each in _alternatives(hint) if isinstance(each, type) and is_dataclass(each)]


def _alternatives(hint: Any) -> Iterable[Any]:
    return get_args(hint) if get_origin(hint) in {Union, UnionType} else (hint,)


def _kind(cls: type) -> str:
    (kind,) = get_args(_hints(cls)["kind"])
    return str(kind)


def _is_operand(hint: Any) -> bool:
    return Source in _alternatives(hint)


def _is_number(text: str) -> bool:
    try:
        return Decimal(text.strip()).is_finite()
    except InvalidOperation:
        return False


def _entry(hint: Any) -> Any:
    """Give what a list of this type lists; None if it is no list."""
    for each in _alternatives(hint):
        if get_origin(each) is tuple and get_args(each)[-1] is Ellipsis:
            return get_args(each)[0]
    return None


def _pairs(hint: Any) -> Any:
    """Give the type of the values, if the type is a list of pairs (name, value)."""
    entry = _entry(hint)
    arguments = get_args(entry)
    named = get_origin(entry) is tuple and len(arguments) == PAIR and arguments[0] is str
    return arguments[1] if named else None


def _first(error: ValidationError, body: object, path: str) -> NoReturn:
    """Refuse with the first fault that pydantic found, in our words."""
    fault = next((each for each in error.errors() if _fits(each["loc"], body)), error.errors()[0])
    zh, en = WHY.get(fault["type"], (fault["msg"], fault["msg"]))
    expected = str(fault.get("ctx", {}).get("expected", ""))
    where = _where(fault["loc"], body, path)
    found = "—" if fault["type"] == "missing" else repr(fault["input"])
    _unfit(where, zh.format(expected=expected), en.format(expected=expected), found, shown=True)


def _fits(place: tuple[int | str, ...], body: object) -> bool:
    """Say whether a fault lies in the branch of the union that the body's kind names."""
    at: Any = body
    for step in place:
        listed = isinstance(at, list) and isinstance(step, int) and step < len(at)
        if listed or (isinstance(at, dict) and step in at):
            at = at[step]
        elif isinstance(step, str) and isinstance(at, dict) and step in CLASS_KINDS and at.get("kind") != CLASS_KINDS[step]:
            return False
    return True


def _where(place: tuple[int | str, ...], body: object, path: str) -> str:
    at: object = body
    for number, step in enumerate(place):
        last = number == len(place) - 1
        if isinstance(at, dict) and (step in at or (last and step not in CLASS_KINDS)):
            path, at = f"{path}.{step}", at.get(step)
        elif isinstance(at, list | tuple) and isinstance(step, int):
            path, at = f"{path}[{step}]", at[step] if step < len(at) else None
    return path


def _unfit(path: str, why_zh: str, why_en: str, found: object, *, shown: bool = False) -> NoReturn:
    raise FieldUnfit(
        path=path, why_zh=why_zh, why_en=why_en, found=found if shown else json.dumps(found, default=str, ensure_ascii=False)
    )


def _kinds_by_class(*hints: Any) -> dict[str, str]:
    """List the kind of every dataclass a rule may hold, by class name, as pydantic names the branches of a union."""
    found: dict[str, str] = {}
    waiting = [cls for hint in hints for cls in _classes(hint)]
    while waiting:
        cls = waiting.pop()
        if cls.__name__ in found:
            continue
        hints_of = _hints(cls)
        found[cls.__name__] = _kind(cls) if get_origin(hints_of.get("kind")) is Literal else ""
        waiting += [each for hint in hints_of.values() for each in _reachable(hint)]
    return found


def _reachable(hint: Any) -> list[type]:
    inside = [each for argument in get_args(hint) for each in _reachable(argument)]
    return [*_classes(hint), *inside]


CLASS_KINDS: Mapping[str, str] = _kinds_by_class(Rule)
