"""Workbooks as offices make them: titles above, merged cells, numbers for ids, other formats; and files that are none."""

import zipfile
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from xml.sax.saxutils import escape

import pytest
import xlsxwriter
from openpyxl import load_workbook

from application.workbook import read as reading
from application.workbook.cells import Registers, meaning
from application.workbook.check import plan_of
from application.workbook.fault import Cell, Code, Fault, Misfit
from application.workbook.plan import Plan
from application.workbook.read import letter
from application.workbook.sheets import INDICATORS, SCHEMA_SHEET
from application.workbook.text import number_of, text_of
from tests.application.workbook.books import RULE, SOUND, TODAY, add, faults_of, filled, put, sound, spoilt

Lines = dict[str, Sequence[Sequence[object]]]


def book_of(lines: Lines, merged: Sequence[tuple[str, str]] = ()) -> bytes:
    """Give a workbook as somebody made it by hand."""
    target = BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True, "default_date_format": "yyyy-mm-dd"}) as workbook:
        for name, rows in lines.items():
            worksheet = workbook.add_worksheet(name)
            for number, row in enumerate(rows):
                worksheet.write_row(number, 0, list(row))
            for sheet, cells in merged:
                if sheet == name:
                    first, *_ = (row[column] for row, column in [_cell(cells, rows)])
                    worksheet.merge_range(cells, first)
    return target.getvalue()


def _cell(cells: str, rows: Sequence[Sequence[object]]) -> tuple[Sequence[object], int]:
    first = cells.partition(":")[0]
    return rows[int(first[1:]) - 1], ord(first[0]) - ord("A")


BY_HAND: Lines = {
    "周期": [
        ["项目", "内容"],
        ["编号", "2026"],
        ["名称", "2026年度"],
        ["年度", 2026],
        ["范围", "全公司"],
        ["开始", date(2026, 1, 1)],
        ["结束", "2026年12月31日"],
    ],
    "部门": [["编号", "名称", "类型"], [1, "人力资源部", "职能部门"], [2, "运维检修部", "职能部门"]],
    "人员": [
        ["演示县供电公司花名册"],
        [],
        ["工号*", "姓名", "部门", "岗位", "角色", "_备注"],
        [10021, "甲", 1, "总经理", "主要负责人", "x"],
        [10022, "乙", 1, "主任", "部门负责人，绩效办主任", ""],
        [10023, "丙", "运维检修部", "主任", "部门负责人", ""],
        [10024, "丁", "", "专责", "职员", ""],
    ],
    "联络员": [["部门", "联络员"], [2, 10024]],
    "指标": [
        ["编号", "名称", "类别", "方向", "分值", "周期频次", "考评标准原文", "规则（JSON）"],
        ["Z1", "可靠率", "供电", "越高越好", "15分", "季", "按规则", RULE],
        [None, None, None],
    ],
    "任务": [["指标", "牵头部门", "责任人", "考评部门", "数据提供方式"], ["可靠率", 2, 10024.0, "人力资源部", "本部门自报"]],
    "备忘": [["这张表不读"]],
}


def test_a_sheet_made_by_hand_is_read_with_titles_numbers_and_merged_cells() -> None:
    plan = sound(book_of(BY_HAND, merged=[("人员", "C6:C7")]))

    assert plan.counts()["people"] == 4
    assert plan.tasks[0].assignment.responsible == "10024"
    assert plan.indicators[0].definition.points == Decimal(15)
    assert plan.cycle.ends == date(2026, 12, 31)


@pytest.mark.parametrize(
    ("written", "expected"),
    [(99.9986, "99.9986"), (0.1 + 0.2, "0.3"), (10023.0, "10023"), (1e5, "100000"), (0.0001, "0.0001"), (-3.5, "-3.5")],
)
def test_a_number_is_read_as_it_was_typed(written: float, expected: str) -> None:
    assert str(number_of(written)) == expected
    assert text_of(written) == expected


@pytest.mark.parametrize("written", ["2026-01-01", "2026/1/1", "2026.1.1", "2026年1月1日", "20260101"])
def test_days_are_read_as_people_write_them(written: str) -> None:
    assert sound(spoilt(put("周期", 0, starts=written))).cycle.starts == date(2026, 1, 1)


def test_columns_have_letters_as_the_spreadsheet_shows_them() -> None:
    assert [letter(index) for index in (0, 25, 26, 51, 52, 701, 702)] == ["A", "Z", "AA", "AZ", "BA", "ZZ", "AAA"]


def test_an_open_document_is_read_as_well() -> None:
    merged = [list(row) for row in BY_HAND["人员"]]
    merged[6][2] = "运维检修部"

    plan = sound(ods_of({**BY_HAND, "人员": merged}))

    assert plan.counts()["people"] == 4
    assert plan.cycle.starts == date(2026, 1, 1)


def ods_of(lines: Lines) -> bytes:
    """Give an .ods, as LibreOffice would store it without its ornaments."""
    tables = "".join(
        f'<table:table table:name="{name}">{"".join(_ods_row(row) for row in rows)}</table:table>' for name, rows in lines.items()
    )
    kind = "urn:oasis:names:tc:opendocument:xmlns"
    content = (
        f'<office:document-content xmlns:office="{kind}:office:1.0" xmlns:table="{kind}:table:1.0" xmlns:text="{kind}:text:1.0">'
        f"<office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body></office:document-content>"
    )
    target = BytesIO()
    with zipfile.ZipFile(target, "w") as packed:
        packed.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        packed.writestr("META-INF/manifest.xml", f'<manifest:manifest xmlns:manifest="{kind}:manifest:1.0"/>')
        packed.writestr("content.xml", content)
    return target.getvalue()


def _ods_row(row: Sequence[object]) -> str:
    return f"<table:table-row>{''.join(_ods_cell(value) for value in row) or '<table:table-cell/>'}</table:table-row>"


def _ods_cell(value: object) -> str:
    match value:
        case None | "":
            return "<table:table-cell/>"
        case int() | float():
            return f'<table:table-cell office:value-type="float" office:value="{value}"/>'
        case date():
            return f'<table:table-cell office:value-type="date" office:date-value="{value.isoformat()}"/>'
        case _:
            return f'<table:table-cell office:value-type="string"><text:p>{escape(str(value))}</text:p></table:table-cell>'


def test_example_and_help_rows_are_passed_over() -> None:
    plan = sound(spoilt(add("部门", department="示例：D09", name="某部", kind="某类")))

    assert len(plan.register.departments) == 4


# Faults of the whole


def only(content: bytes) -> Fault:
    """Give the one fault of a workbook."""
    [fault] = faults_of(content)
    return fault


def without(sheet: str, lines: Lines = BY_HAND) -> Lines:
    """Leave a sheet out."""
    return {name: rows for name, rows in lines.items() if name != sheet}


def test_a_file_that_is_no_workbook_is_told() -> None:
    fault = only(b"PK\x03\x04 nothing of the kind")

    assert fault.code is Code.NOT_A_WORKBOOK
    assert ".xlsx" in fault.expected


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    found = plan_of(tmp_path / "plan.xlsx", today=TODAY)

    assert isinstance(found, list)
    assert [(fault.code, fault.sheet) for fault in found] == [(Code.NOT_A_WORKBOOK, "plan.xlsx")]


def test_a_file_that_is_too_large_is_not_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "LIMIT_BYTES", 1000)

    assert only(filled(SOUND)).code is Code.TOO_LARGE


def test_a_file_that_unpacks_to_too_much_is_not_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "LIMIT_UNPACKED_BYTES", 1000)

    fault = only(filled(SOUND))

    assert (fault.code, "解压后" in fault.zh) == (Code.TOO_LARGE, True)


def test_too_many_rows_are_told_of_their_sheet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "LIMIT_ROWS", 9)

    assert [(fault.code, fault.sheet) for fault in faults_of(filled(SOUND))] == [
        (Code.TOO_MANY_ROWS, "周期"),
        (Code.TOO_MANY_ROWS, "人员"),
    ]


def test_a_newer_template_is_not_guessed_at() -> None:
    workbook = load_workbook(BytesIO(filled(SOUND)))
    workbook[SCHEMA_SHEET]["B1"] = 2
    newer = BytesIO()
    workbook.save(newer)

    assert only(newer.getvalue()).code is Code.NEWER_TEMPLATE


@pytest.mark.parametrize("sheet", ["周期", "指标", "任务"])
def test_a_missing_sheet_is_one_fault_and_not_one_a_reference(sheet: str) -> None:
    fault = only(book_of(without(sheet), merged=[("人员", "C6:C7")]))

    assert (fault.code, fault.sheet) == (Code.SHEET_MISSING, sheet)
    assert f"“{sheet}”" in fault.expected


def test_a_first_workbook_needs_its_organisation() -> None:
    fault = only(book_of(without("部门"), merged=[("人员", "C6:C7")]))

    assert (fault.code, fault.place) == (Code.SHEET_MISSING, "部门")


def test_a_missing_column_is_told_at_the_header() -> None:
    lines: Lines = {**BY_HAND, "联络员": [["部门"], [2]]}
    fault = only(book_of(lines, merged=[("人员", "C6:C7")]))

    assert (fault.code, fault.place) == (Code.COLUMN_MISSING, "联络员!1")
    assert "联络员" in fault.expected


def test_a_column_twice_and_an_unknown_one_are_told_at_their_letters() -> None:
    lines: Lines = {**BY_HAND, "联络员": [["部门", "联络员", "联络员", "副手"], [2, 10024, 10024, ""]]}
    found = faults_of(book_of(lines, merged=[("人员", "C6:C7")]))

    assert [(fault.code, fault.place) for fault in found] == [
        (Code.COLUMN_TWICE, "联络员!C1（联络员）"),
        (Code.COLUMN_UNKNOWN, "联络员!D1（副手）"),
    ]


def test_an_unknown_setting_and_one_that_is_twice_are_told() -> None:
    lines = {**BY_HAND, "周期": [*BY_HAND["周期"], ["截止", "2026"], ["编号", "2027"]]}
    found = faults_of(book_of(lines, merged=[("人员", "C6:C7")]))

    assert [(fault.code, fault.place) for fault in found] == [
        (Code.SETTING_UNKNOWN, "周期!A8（项目）"),
        (Code.TWICE, "周期!A9（项目）"),
    ]


def test_a_text_longer_than_a_cell_can_hold_is_told() -> None:
    """A spreadsheet cuts it, other programs do not."""
    cell = Cell(sheet="指标", row=3, column="K", header="考评标准原文", value="长" * 40_000)

    with pytest.raises(Misfit) as misfit:
        meaning(INDICATORS.column("rule_text"), cell, Registers())

    assert misfit.value.code is Code.TEXT_TOO_LONG


def test_what_was_read_is_what_was_written() -> None:
    again = sound(filled(SOUND))

    assert isinstance(again, Plan)
    assert again == sound(filled(SOUND))
