"""A copy of a workbook with its faults: red cells, each with its comment, and a first sheet that lists them all."""

from collections.abc import Iterable, Sequence
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

import xlsxwriter
from python_calamine import CalamineWorkbook
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from application.workbook.fault import Fault
from application.workbook.read import LIMIT_ROWS, letter
from application.workbook.sheets import SCHEMA_SHEET, SHEETS
from application.workbook.write import Formats, set_choices, sign, write_value

LIST = "错误清单"
COLUMNS = (("位置", 34), ("内容", 24), ("问题", 60), ("应为", 50), ("Problem", 60))


def write_marked(source: Path | bytes, faults: Sequence[Fault], target: Path | BinaryIO) -> None:
    """Write the copy. It can be put right and read again as it is: the list is passed over.

    The source must have been readable; a file that is no workbook gives only the list.
    """
    with xlsxwriter.Workbook(target, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as workbook:
        formats = Formats(workbook)
        _write_list(workbook.add_worksheet(LIST), faults, formats)
        for name, lines in _contents(source):
            if name not in {LIST, SCHEMA_SHEET}:
                _write_copy(workbook, name, lines, [fault for fault in faults if fault.sheet == name], formats)
        sign(workbook)


def _contents(source: Path | bytes) -> Iterable[tuple[str, list[list[object]]]]:
    content = source.read_bytes() if isinstance(source, Path) else source
    try:
        workbook = CalamineWorkbook.from_filelike(BytesIO(content))
    except Exception:  # noqa: BLE001  Whatever the reader says of a broken file, the list of faults says it already.
        return
    with workbook:
        for name in workbook.sheet_names:
            lines = workbook.get_sheet_by_name(name).to_python(skip_empty_area=False, nrows=LIMIT_ROWS)
            yield name, [list(line) for line in lines]


def _write_list(worksheet: Worksheet, faults: Sequence[Fault], formats: Formats) -> None:
    worksheet.freeze_panes(1, 0)
    for index, (header, width) in enumerate(COLUMNS):
        worksheet.set_column(index, index, width)
        worksheet.write_string(0, index, header, formats.header)
    for row, fault in enumerate(faults, start=1):
        if fault.row and fault.column:
            worksheet.write_url(row, 0, f"internal:'{fault.sheet}'!{fault.column}{fault.row}", string=fault.place)
        else:
            worksheet.write_string(row, 0, fault.place, formats.plain)
        for index, words in enumerate((fault.value, fault.zh, fault.expected, fault.en), start=1):
            worksheet.write_string(row, index, words, formats.plain)


def _write_copy(
    workbook: Workbook, name: str, lines: Sequence[Sequence[object]], faults: Sequence[Fault], formats: Formats
) -> None:
    worksheet = workbook.add_worksheet(name)
    _give_choices(worksheet, name, lines)
    said = _by_cell(faults)
    for row, line in enumerate(lines):
        for column, value in enumerate(line):
            wrong = said.pop((row + 1, letter(column)), None)
            if wrong or value != "":
                write_value(worksheet, row, column, value, formats.of(value, wrong=bool(wrong)))
            if wrong:
                worksheet.write_comment(row, column, wrong, {"x_scale": 3, "y_scale": 1.5})
    for (row, _), words in said.items():  # Whole rows and sheets, and cells beyond what is filled.
        worksheet.write_comment(max(row - 1, 0), 0, words, {"x_scale": 3, "y_scale": 1.5})


def _give_choices(worksheet: Worksheet, name: str, lines: Sequence[Sequence[object]]) -> None:
    """Give the columns their drop-downs again, as the template has them. A hand-made sheet with titles above stays as it is."""
    sheet = next((sheet for sheet in SHEETS if sheet.name == name and not sheet.settings), None)
    if sheet is None or not lines:
        return
    headers = [str(value).rstrip("*") for value in lines[0]]
    for index, column in enumerate(sheet.columns):
        worksheet.set_column(index, index, column.width)
        if column.header in headers:
            set_choices(worksheet, column, headers.index(column.header), 1)


def _by_cell(faults: Sequence[Fault]) -> dict[tuple[int, str], str]:
    said: dict[tuple[int, str], str] = {}
    for fault in faults:
        words = f"{fault.zh}。应为：{fault.expected}"
        place = (fault.row, fault.column)
        said[place] = f"{said[place]}\n{words}" if place in said else words
    return said
