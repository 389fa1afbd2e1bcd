"""Reads a workbook (.xlsx, .xls, .ods): bounded in size and rows, cell by cell, with the place of every value.

Nothing is judged here but the shape: which sheets there are and which columns they have. What the cells mean is ``check``'s part.
"""

import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError, XmlError, ZipError

from application.workbook.fault import Cell, Code, Faults
from application.workbook.sheets import EXAMPLE_MARK, HELP_MARK, SCHEMA_SHEET, SCHEMA_VERSION, SHEETS, Column, Sheet

LIMIT_BYTES = 20 * 1024 * 1024  # A plan of 20,000 tasks has 3 MB.
LIMIT_UNPACKED_BYTES = 400 * 1024 * 1024  # A small file that unpacks to more is an attack.
LIMIT_ROWS = 50_000
HEADER_WITHIN = 10  # Titles may stand above the header row, but not a whole page.


@dataclass(frozen=True, kw_only=True)
class Row:
    """One row of data: its number in the sheet and its cells by column key. Every known column has a cell."""

    number: int
    cells: Mapping[str, Cell]


@dataclass(frozen=True, kw_only=True)
class Book:
    """A workbook as read: the rows of every known sheet. A ``settings`` sheet is one row whose cells lie in different rows."""

    rows: Mapping[str, tuple[Row, ...]]
    headers: Mapping[str, Row]

    def has(self, sheet: Sheet) -> bool:
        """Say whether the sheet was there with all it needs."""
        return sheet.name in self.rows


def read(source: Path | bytes, faults: Faults) -> Book:
    """Read a workbook. What is wrong with its shape goes to ``faults``; a sheet with such a fault is left out."""
    name = source.name if isinstance(source, Path) else "workbook"
    whole = Cell(sheet=name, row=0, column="", header="")
    try:
        content = _content(source, whole, faults)
        if content is None:
            return Book(rows={}, headers={})
        with CalamineWorkbook.from_filelike(BytesIO(content)) as workbook:
            return _read(workbook, faults)
    except PasswordError:
        faults.add(Code.NOT_A_WORKBOOK, whole, "没有密码保护的工作簿", why="文件有密码 / it is protected by a password")
    except (CalamineError, ZipError, XmlError, OSError, ValueError) as error:
        faults.add(
            Code.NOT_A_WORKBOOK,
            whole,
            "用 Excel 或 WPS 能打开的 .xlsx、.xls 或 .ods 文件",
            why=str(error) or type(error).__name__,
        )
    return Book(rows={}, headers={})


def letter(index: int) -> str:
    """Give a column's letter: 0 is A, 26 is AA."""
    name = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        name = chr(ord("A") + rest) + name
    return name


def _content(source: Path | bytes, whole: Cell, faults: Faults) -> bytes | None:
    size = source.stat().st_size if isinstance(source, Path) else len(source)
    expected = f"不超过 {LIMIT_BYTES // 1024 // 1024} MB 的工作簿；删去图片和无关的表"
    if size > LIMIT_BYTES:
        faults.add(Code.TOO_LARGE, whole, expected, size=f"{size / 1024 / 1024:.1f} MB")
        return None
    content = source.read_bytes() if isinstance(source, Path) else source
    try:
        with zipfile.ZipFile(BytesIO(content)) as packed:
            unpacked = sum(part.file_size for part in packed.infolist())
    except zipfile.BadZipFile:
        unpacked = 0  # An .xls is no ZIP; the reader judges it.
    if unpacked > LIMIT_UNPACKED_BYTES:
        faults.add(Code.TOO_LARGE, whole, expected, size=f"解压后 {unpacked / 1024 / 1024:.0f} MB")
        return None
    return content


def _read(workbook: CalamineWorkbook, faults: Faults) -> Book:
    rows: dict[str, tuple[Row, ...]] = {}
    headers: dict[str, Row] = {}
    present = {name.strip(): name for name in workbook.sheet_names}
    if not _known_version(workbook, present, faults):
        return Book(rows={}, headers={})
    for sheet in SHEETS:
        if sheet.name not in present:
            if sheet.required:
                found = "、".join(name for name in present if not name.startswith("_")) or "无"
                place = Cell(sheet=sheet.name, row=0, column="", header="")
                faults.add(Code.SHEET_MISSING, place, f"名为“{sheet.name}”的表；可从模板复制", found=found)
            continue
        lines = _lines(workbook.get_sheet_by_name(present[sheet.name]))
        if len(lines) > LIMIT_ROWS:
            place = Cell(sheet=sheet.name, row=LIMIT_ROWS, column="", header="")
            faults.add(Code.TOO_MANY_ROWS, place, f"不超过 {LIMIT_ROWS} 行", limit=LIMIT_ROWS)
            continue
        found_rows = _settings(sheet, lines, faults) if sheet.settings else _rows(sheet, lines, faults)
        if found_rows is not None:
            headers[sheet.name], rows[sheet.name] = found_rows
    return Book(rows=rows, headers=headers)


def _known_version(workbook: CalamineWorkbook, present: Mapping[str, str], faults: Faults) -> bool:
    """A workbook without a version was made by hand and is judged by its columns alone."""
    if SCHEMA_SHEET not in present:
        return True
    lines = _lines(workbook.get_sheet_by_name(present[SCHEMA_SHEET]))
    version = lines[0][1] if lines and len(lines[0]) > 1 else SCHEMA_VERSION
    if isinstance(version, int | float) and version <= SCHEMA_VERSION:
        return True
    place = Cell(sheet=SCHEMA_SHEET, row=1, column="B", header="版本", value=version)
    expected = f"版本 {SCHEMA_VERSION} 的模板；用 dukao cycle template 重新导出，或升级程序"
    faults.add(Code.NEWER_TEMPLATE, place, expected, found=version)
    return False


def _lines(sheet: CalamineSheet) -> list[list[object]]:
    """Give all cells from A1 on. Of merged cells every one has the value of the first: one entry for several rows means each of them."""
    lines: list[list[object]] = [list(line) for line in sheet.to_python(skip_empty_area=False, nrows=LIMIT_ROWS + 1)]
    for (top, left), (bottom, right) in sheet.merged_cell_ranges or ():
        for row in range(top, min(bottom, len(lines) - 1) + 1):
            for column in range(left, min(right, len(lines[row]) - 1) + 1):
                lines[row][column] = lines[top][left]
    return lines


def _rows(sheet: Sheet, lines: Sequence[Sequence[object]], faults: Faults) -> tuple[Row, tuple[Row, ...]] | None:
    top = _header_row(lines, {column.header for column in sheet.columns})
    place = Cell(sheet=sheet.name, row=top + 1, column="", header="")
    columns = _columns(sheet, lines[top] if top < len(lines) else (), place, faults)
    if columns is None:
        return None
    header = Row(number=top + 1, cells=_cells(sheet, columns, top, lines[top]))
    data = (
        Row(number=number + 1, cells=_cells(sheet, columns, number, line))
        for number, line in enumerate(lines)
        if number > top and not _is_passed_over(line)
    )
    return header, tuple(data)


def _settings(sheet: Sheet, lines: Sequence[Sequence[object]], faults: Faults) -> tuple[Row, tuple[Row, ...]] | None:
    listed = _rows(sheet, lines, faults)
    if listed is None:
        return None
    header, rows = listed
    known = {column.header: column for column in sheet.settings}
    cells: dict[str, Cell] = {}
    for row in rows:
        named, content = row.cells["setting"], row.cells["content"]
        name = str(named.value or "").strip()
        if name not in known:
            faults.add(Code.SETTING_UNKNOWN, named, "、".join(known))
        elif known[name].key in cells:
            faults.add(Code.TWICE, named, "每个项目一行", other=cells[known[name].key].row)
        else:
            cells[known[name].key] = Cell(
                sheet=sheet.name, row=row.number, column=content.column, header=name, value=content.value
            )
    for column in sheet.settings:
        cells.setdefault(column.key, Cell(sheet=sheet.name, row=header.number, column="B", header=column.header))
    return header, (Row(number=header.number, cells=cells),)


def _header_row(lines: Sequence[Sequence[object]], headers: Iterable[str]) -> int:
    """Give the index of the row that names most of the columns; titles may stand above it."""
    wanted = set(headers)
    scores = [len(wanted & {_header(value) for value in line}) for line in lines[:HEADER_WITHIN]]
    return scores.index(max(scores)) if scores else 0


def _columns(sheet: Sheet, line: Sequence[object], place: Cell, faults: Faults) -> Mapping[str, int] | None:
    by_header = {column.header: column for column in sheet.columns}
    found: dict[str, int] = {}
    sound = True
    for index, value in enumerate(line):
        header = _header(value)
        here = Cell(sheet=sheet.name, row=place.row, column=letter(index), header=header, value=value)
        if header in by_header and by_header[header].key in found:
            faults.add(Code.COLUMN_TWICE, here, "每列只出现一次；删去多余的一列")
            sound = False
        elif header in by_header:
            found[by_header[header].key] = index
        elif header and not header.startswith("_"):
            unused = "、".join(name for name, column in by_header.items() if column.key not in found)
            faults.add(Code.COLUMN_UNKNOWN, here, f"模板中的列名（如：{unused}）；自用的列名请以下划线开头")
    for column in sheet.columns:
        if column.required and column.key not in found:
            faults.add(Code.COLUMN_MISSING, place, f"表头中有“{column.header}”列", header=column.header)
            sound = False
    return found if sound else None


def _cells(sheet: Sheet, columns: Mapping[str, int], row: int, line: Sequence[object]) -> Mapping[str, Cell]:
    return {column.key: _cell(sheet, column, columns.get(column.key), row, line) for column in sheet.columns}


def _cell(sheet: Sheet, column: Column, index: int | None, row: int, line: Sequence[object]) -> Cell:
    value = line[index] if index is not None and index < len(line) else None
    place = letter(index) if index is not None else ""
    return Cell(sheet=sheet.name, row=row + 1, column=place, header=column.header, value=None if value == "" else value)


def _is_passed_over(line: Sequence[object]) -> bool:
    """Say whether a row is empty, the help or the example."""
    filled: Iterator[object] = (value for value in line if value not in ("", None))
    first = next(filled, None)
    return first is None or str(first).strip().startswith((EXAMPLE_MARK, HELP_MARK))


def _header(value: object) -> str:
    return str(value or "").strip().rstrip("*＊").strip().replace("（", "(").replace("）", ")")
