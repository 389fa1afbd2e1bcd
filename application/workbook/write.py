"""Writes workbooks in the shape that is read: the empty template, a filled one, and what both have on every sheet."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import BinaryIO

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from application.workbook.sheets import (
    EXAMPLE_MARK,
    HELP_MARK,
    SCHEMA_SHEET,
    SCHEMA_VERSION,
    SHEETS,
    Column,
    Kind,
    Sheet,
)

HEADER_ROW, HELP_ROW, FIRST_ROW = 0, 1, 2
LAST_ROW = 5_000  # Down to here cells have their drop-down; longer sheets are read all the same.
LIST_LIMIT = 255  # Characters of a drop-down that is written into the cell.
MADE = datetime(2026, 1, 1, tzinfo=UTC)  # The same content gives the same file.
REFERS = {Kind.DEPARTMENT: ("部门", "B"), Kind.INDICATOR: ("指标", "A"), Kind.PERSON: ("人员", "A")}

Rows = Mapping[str, Sequence[Mapping[str, object]]]
"""By sheet name, the rows; by column key, the values: text, Decimal, day, bool, or None. Settings are one row."""


def write_template(target: Path | BinaryIO) -> None:
    """Write the empty workbook, with drop-downs, a line of help and an example row (示例) on every sheet."""
    write_workbook(target, {}, examples=True)


def write_workbook(target: Path | BinaryIO, rows: Rows, *, examples: bool = False) -> None:
    """Write a workbook with these rows. Deterministic; what is written is read back as the same values."""
    with xlsxwriter.Workbook(target, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as workbook:
        workbook.set_properties({"title": "督考 周期工作簿", "created": MADE.replace(tzinfo=None)})
        formats = Formats(workbook)
        for sheet in SHEETS:
            worksheet = workbook.add_worksheet(sheet.name)
            if sheet.settings:
                _write_settings(worksheet, sheet, rows.get(sheet.name, ()), formats)
            else:
                _write_rows(worksheet, sheet, rows.get(sheet.name, ()), formats, examples=examples)
        sign(workbook)


def sign(workbook: Workbook) -> None:
    """Add the hidden sheet that says which version of the columns this is."""
    hidden = workbook.add_worksheet(SCHEMA_SHEET)
    hidden.write_row(0, 0, ["dukao-workbook", SCHEMA_VERSION])
    hidden.hide()


class Formats:
    """The few formats of all sheets."""

    def __init__(self, workbook: Workbook) -> None:
        """Make them in a workbook."""
        wrapped = {"text_wrap": True, "valign": "top"}
        self.header = workbook.add_format({"bold": True, "bg_color": "#DDEBF7", "border": 1, **wrapped})
        self.required = workbook.add_format({"bold": True, "bg_color": "#BDD7EE", "border": 1, **wrapped})
        self.help = workbook.add_format({"italic": True, "font_color": "#595959", "font_size": 9, **wrapped})
        self.example = workbook.add_format({"font_color": "#7F7F7F", "bg_color": "#F2F2F2", **wrapped})
        self.plain = workbook.add_format(wrapped)
        self.day = workbook.add_format({"num_format": "yyyy-mm-dd", **wrapped})
        self.wrong = workbook.add_format({"bg_color": "#FFC7CE", "font_color": "#9C0006", "border": 1, **wrapped})
        self.wrong_day = workbook.add_format(
            {"bg_color": "#FFC7CE", "font_color": "#9C0006", "border": 1, "num_format": "yyyy-mm-dd", **wrapped}
        )

    def of(self, value: object, *, wrong: bool = False) -> Format:
        """Give the format of a value."""
        if wrong:
            return self.wrong_day if isinstance(value, date) else self.wrong
        return self.day if isinstance(value, date) else self.plain


def write_value(worksheet: Worksheet, row: int, column: int, value: object, style: Format) -> None:
    """Write one value as the spreadsheet knows it. Text is written as text: nothing that was typed becomes a formula."""
    match value:
        case None | "":
            worksheet.write_blank(row, column, None, style)
        case bool():
            worksheet.write_string(row, column, "是" if value else "否", style)
        case Decimal():
            _write_decimal(worksheet, row, column, value, style)
        case int() | float():
            worksheet.write_number(row, column, value, style)
        case datetime():
            worksheet.write_datetime(row, column, value.replace(tzinfo=None), style)
        case date():
            worksheet.write_datetime(row, column, value, style)
        case _:
            worksheet.write_string(row, column, str(value), style)


def set_choices(worksheet: Worksheet, column: Column, index: int, first_row: int) -> None:
    """Give a column its drop-down: its options, or what the sheet it refers to lists. Other entries are left to the check."""
    source: str | list[str] | None = None
    if column.kind in {Kind.CHOICE, Kind.FLAG} and column.options is not None:
        names = list(column.options)
        source = names if len(",".join(names)) <= LIST_LIMIT else None
    elif column.kind in REFERS:
        sheet, letter = REFERS[column.kind]
        source = f"={sheet}!${letter}${FIRST_ROW + 1}:${letter}${LAST_ROW}"
    if source is not None:
        rule = {"validate": "list", "source": source, "error_type": "warning", "error_title": column.header[:32]}
        worksheet.data_validation(first_row, index, LAST_ROW, index, rule)


def _write_rows(
    worksheet: Worksheet, sheet: Sheet, rows: Sequence[Mapping[str, object]], formats: Formats, *, examples: bool
) -> None:
    worksheet.freeze_panes(FIRST_ROW, 1)
    worksheet.set_row(HELP_ROW, 48)
    for index, column in enumerate(sheet.columns):
        worksheet.set_column(index, index, column.width)
        worksheet.write_string(HEADER_ROW, index, column.header + ("*" if column.required else ""), _head(column, formats))
        if column.help:
            worksheet.write_comment(HEADER_ROW, index, column.help, {"x_scale": 2})
        words = f"{HELP_MARK}：{sheet.help}{column.help}" if index == 0 else column.help
        write_value(worksheet, HELP_ROW, index, words, formats.help)
        set_choices(worksheet, column, index, FIRST_ROW)
        if examples:
            marked = f"{EXAMPLE_MARK}：{column.example}" if index == 0 else column.example
            write_value(worksheet, FIRST_ROW, index, marked, formats.example)
    top = FIRST_ROW + 1 if examples else FIRST_ROW
    for number, row in enumerate(rows):
        for index, column in enumerate(sheet.columns):
            value = row.get(column.key)
            if value not in (None, ""):
                write_value(worksheet, top + number, index, value, formats.of(value))


def _write_settings(worksheet: Worksheet, sheet: Sheet, rows: Sequence[Mapping[str, object]], formats: Formats) -> None:
    values = rows[0] if rows else {}
    worksheet.freeze_panes(1, 1)
    for index, column in enumerate(sheet.columns):
        worksheet.set_column(index, index, column.width)
        worksheet.write_string(HEADER_ROW, index, column.header + ("*" if column.required else ""), _head(column, formats))
    for row, setting in enumerate(sheet.settings, start=1):
        worksheet.write_string(row, 0, setting.header, _head(setting, formats))
        value = values.get(setting.key)
        write_value(worksheet, row, 1, value, formats.of(value))
        example = f"例如：{setting.example}" if setting.example else ""
        write_value(worksheet, row, 2, ("必填。" if setting.required else "") + setting.help + example, formats.help)
        if setting.options:
            worksheet.data_validation(row, 1, row, 1, {"validate": "list", "source": list(setting.options)})


def _write_decimal(worksheet: Worksheet, row: int, column: int, value: Decimal, style: Format) -> None:
    """Write a number as a number where the spreadsheet keeps all its digits, else as text."""
    binary = float(value)
    if Decimal(repr(binary)) == value:
        worksheet.write_number(row, column, binary, style)
    else:
        worksheet.write_string(row, column, str(value), style)


def _head(column: Column, formats: Formats) -> Format:
    return formats.required if column.required else formats.header
