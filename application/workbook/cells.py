"""What a cell means: its content as the column's kind says, or a Misfit that says what would be right."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from application.workbook.documents import rule_of, values_of
from application.workbook.fault import Cell, Code, Misfit
from application.workbook.sheets import Column, Kind
from application.workbook.text import text_of

LIMIT_TEXT = 32_767  # Characters, as many as a spreadsheet's cell holds.
ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
ID_EXPECTED = "1-40 个字母、数字、点、下划线或短横线，以字母或数字开头"
SEPARATORS = re.compile(r"[、;；,，\n]+")
PARTS = re.compile(r"[:：]")
DAY = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?")
DAY_SHORT = re.compile(r"(\d{4})(\d{2})(\d{2})")
BROKEN = re.compile(r"#(REF|VALUE|N/A|NAME|DIV/0|NULL|NUM)[!?]?")
SHOWN = 8  # Choices a fault lists before it says how many more there are.


@dataclass(kw_only=True)
class Register:
    """Ids and names one may refer to: departments, persons or indicators. ``lenient``: what there is could not be read."""

    unknown: Code
    expected: str
    ids: set[str] = field(default_factory=set)
    names: dict[str, set[str]] = field(default_factory=dict)
    lenient: bool = False

    def add(self, its_id: str, name: str = "") -> None:
        """Let an id be referred to, and its name where it has one."""
        self.ids.add(its_id)
        if name:
            self.names.setdefault(name, set()).add(its_id)

    def find(self, said: str) -> str:
        """Give the id of an id or of a name that stands for one thing only. Raises Misfit."""
        if said in self.ids or self.lenient:
            return said
        found = self.names.get(said, set())
        if len(found) == 1:
            return next(iter(found))
        if found:
            raise Misfit(Code.NAME_AMBIGUOUS, "编号，以免混淆", value=said, found="、".join(sorted(found)))
        raise Misfit(self.unknown, self._near(said), value=said)

    def _near(self, said: str) -> str:
        close = [name for name in (*self.names, *sorted(self.ids)) if said in name or name in said][:SHOWN]
        return self.expected + (f"，例如：{'、'.join(close)}" if close else "")


@dataclass(frozen=True, kw_only=True)
class Helper:
    """协办 as written: a department, a person of it, and the share in per cent."""

    department: str
    person: str
    share: Decimal


@dataclass(kw_only=True)
class Registers:
    """Everything a workbook's cells may refer to."""

    departments: Register = field(
        default_factory=lambda: Register(unknown=Code.DEPARTMENT_UNKNOWN, expected="“部门”表中的编号或名称")
    )
    persons: Register = field(
        default_factory=lambda: Register(unknown=Code.PERSON_UNKNOWN, expected="“人员”表中的工号，或不重名的姓名")
    )
    indicators: Register = field(
        default_factory=lambda: Register(unknown=Code.INDICATOR_UNKNOWN, expected="“指标”表中的编号，或不重名的名称")
    )


def meaning(column: Column, cell: Cell, registers: Registers) -> Any:
    """Give what a cell means; None for an empty one that may be empty. Raises Misfit."""
    text = text_of(cell.value)
    if not text:
        if column.required:
            raise Misfit(Code.CELL_MISSING, _what(column))
        return None
    if BROKEN.fullmatch(text):
        raise Misfit(Code.CELL_BROKEN, f"更正公式，或直接填写{_what(column)}", value=text)
    if len(text) > LIMIT_TEXT:
        raise Misfit(Code.TEXT_TOO_LONG, f"不超过 {LIMIT_TEXT} 个字", limit=LIMIT_TEXT)
    return READERS[column.kind](column, cell, text, registers)


def _text(_column: Column, _cell: Cell, text: str, _registers: Registers) -> str:
    return text


def _id(_column: Column, _cell: Cell, text: str, _registers: Registers) -> str:
    if not ID.fullmatch(text):
        raise Misfit(Code.NOT_AN_ID, ID_EXPECTED)
    return text


def _number(column: Column, cell: Cell, text: str, _registers: Registers) -> Decimal:
    if isinstance(cell.value, bool):
        raise Misfit(Code.NOT_A_NUMBER, _what(column))
    try:
        found = Decimal(text.replace(",", "").replace("，", "").rstrip("%％分"))
    except InvalidOperation:
        raise Misfit(Code.NOT_A_NUMBER, _what(column)) from None
    if not found.is_finite():
        raise Misfit(Code.NOT_A_NUMBER, _what(column))
    if found < 0 and column.key != "trial_points":
        raise Misfit(Code.OUT_OF_BOUNDS, "不小于 0 的数")
    return found


def _date(_column: Column, cell: Cell, text: str, _registers: Registers) -> date:
    if isinstance(cell.value, datetime):
        return cell.value.date()
    if isinstance(cell.value, date):
        return cell.value
    written = DAY.fullmatch(text) or DAY_SHORT.fullmatch(text)
    try:
        if written:
            return date(*(int(part) for part in written.groups()))
    except ValueError:
        pass  # 2 月 30 日: told below, like all else that is no day.
    raise Misfit(Code.NOT_A_DATE, "日期，例如 2026-01-01")


def _choice(column: Column, _cell: Cell, text: str, _registers: Registers) -> object:
    options = column.options or {}
    if text in options:
        return options[text]
    raise Misfit(Code.NOT_AN_OPTION, "、".join(options), value=text)


def _choices(column: Column, cell: Cell, text: str, registers: Registers) -> tuple[object, ...]:
    return tuple(dict.fromkeys(_choice(column, cell, part, registers) for part in split(text)))


def _rule(_column: Column, _cell: Cell, text: str, _registers: Registers) -> object:
    return rule_of(text)


def _values(_column: Column, _cell: Cell, text: str, _registers: Registers) -> Mapping[str, object]:
    return values_of(text)


def _department(_column: Column, _cell: Cell, text: str, registers: Registers) -> str:
    return registers.departments.find(text)


def _departments(_column: Column, _cell: Cell, text: str, registers: Registers) -> tuple[str, ...]:
    return tuple(dict.fromkeys(registers.departments.find(part) for part in split(text)))


def _person(_column: Column, _cell: Cell, text: str, registers: Registers) -> str:
    return registers.persons.find(text)


def _indicator(_column: Column, _cell: Cell, text: str, registers: Registers) -> str:
    return registers.indicators.find(text)


def _list(_column: Column, _cell: Cell, text: str, _registers: Registers) -> tuple[str, ...]:
    return tuple(dict.fromkeys(split(text)))


def _assisting(_column: Column, _cell: Cell, text: str, registers: Registers) -> tuple[Helper, ...]:
    return tuple(_helper(part, registers) for part in split(text))


def _helper(said: str, registers: Registers) -> Helper:
    expected = "部门:人:比例，例如 营销部:P0703:20，多个用分号隔开"
    parts = [part.strip() for part in PARTS.split(said)]
    try:
        department, person, share = parts
        percent = Decimal(share.rstrip("%％"))
    except (ValueError, InvalidOperation):
        raise Misfit(Code.ASSISTING_UNFIT, expected, value=said) from None
    if not (percent.is_finite() and 0 <= percent <= 100):  # noqa: PLR2004  Per cent.
        raise Misfit(Code.ASSISTING_UNFIT, expected, value=said)
    return Helper(department=registers.departments.find(department), person=registers.persons.find(person), share=percent)


def split(text: str) -> Sequence[str]:
    """Give the entries of a cell that holds several."""
    return tuple(part for each in SEPARATORS.split(text) if (part := each.strip()))


def _what(column: Column) -> str:
    match column.kind:
        case Kind.NUMBER:
            return "数字，例如 15 或 99.9"
        case Kind.DATE:
            return "日期，例如 2026-01-01"
        case Kind.ID:
            return ID_EXPECTED
        case Kind.CHOICE | Kind.CHOICES | Kind.FLAG:
            return "、".join(column.options or {})
        case _:
            return column.help or column.header


READERS: Mapping[Kind, Callable[[Column, Cell, str, Registers], Any]] = {
    Kind.TEXT: _text,
    Kind.ID: _id,
    Kind.NUMBER: _number,
    Kind.DATE: _date,
    Kind.CHOICE: _choice,
    Kind.CHOICES: _choices,
    Kind.FLAG: _choice,
    Kind.RULE: _rule,
    Kind.POLICY: _text,  # Read with its row's key, see ``check``.
    Kind.VALUES: _values,
    Kind.DEPARTMENT: _department,
    Kind.DEPARTMENTS: _departments,
    Kind.PERSON: _person,
    Kind.INDICATOR: _indicator,
    Kind.LIST: _list,
    Kind.ASSISTING: _assisting,
}
