"""The template imports once it is filled, and the copy with the faults shows each of them where it is."""

from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import Any

import openpyxl
import pytest

from application.workbook.fault import Code
from application.workbook.marked import LIST, write_marked
from application.workbook.sheets import SCHEMA_SHEET, SHEETS
from application.workbook.write import write_template
from tests.application.workbook.books import SOUND, Book, drop, faults_of, filled, put, sound, spoilt

RED = "FFFFC7CE"


def template() -> bytes:
    """Give the template."""
    target = BytesIO()
    write_template(target)
    return target.getvalue()


def opened(content: bytes) -> Any:
    """Open a workbook as a spreadsheet program would."""
    return openpyxl.load_workbook(BytesIO(content))


def saved(workbook: Any) -> bytes:
    """Give a workbook as a spreadsheet program stores it."""
    target = BytesIO()
    workbook.save(target)
    return target.getvalue()


def fill(workbook: Any, book: Book) -> None:
    """Type a book's rows under what the template has."""
    for sheet in SHEETS:
        worksheet = workbook[sheet.name]
        for number, row in enumerate(book[sheet.name]):
            for index, column in enumerate(sheet.settings or sheet.columns):
                place = (index + 2, 2) if sheet.settings else (4 + number, index + 1)
                worksheet.cell(*place, value=row.get(column.key))


def test_the_template_filled_gives_the_same_plan() -> None:
    workbook = opened(template())
    fill(workbook, SOUND)

    plan = sound(saved(workbook))

    assert plan.cycle == sound(filled(SOUND)).cycle
    assert plan.register == sound(filled(SOUND)).register
    assert [each.assignment for each in plan.tasks] == [each.assignment for each in sound(filled(SOUND)).tasks]


def test_the_empty_template_asks_for_everything_it_needs() -> None:
    found = faults_of(template())

    assert {fault.code for fault in found} == {Code.CELL_MISSING, Code.SHEET_EMPTY}
    assert {fault.sheet for fault in found} == {"周期", "部门", "人员", "联络员", "指标", "任务"}


def test_the_template_has_help_an_example_and_a_hidden_version_on_every_sheet() -> None:
    workbook = opened(template())

    assert workbook[SCHEMA_SHEET].sheet_state == "hidden"
    for sheet in SHEETS:
        if not sheet.settings:
            cells = [workbook[sheet.name].cell(row, 1).value for row in (1, 2, 3)]
            assert cells[0] == f"{sheet.columns[0].header}*"
            assert cells[1].startswith("填写说明：")
            assert cells[2].startswith("示例：")


@pytest.mark.parametrize(
    ("sheet", "column", "source"),
    [
        ("部门", "C", '"领导班子,职能部门,业务机构,供电所"'),
        ("任务", "B", "部门!$B$3:$B$5000"),
        ("任务", "A", "指标!$A$3:$A$5000"),
        ("指标", "H", '"月,季,半年,年"'),
    ],
)
def test_choices_and_references_have_drop_downs(sheet: str, column: str, source: str) -> None:
    rules = opened(template())[sheet].data_validations.dataValidation

    assert [rule.formula1 for rule in rules if f"{column}3" in rule.sqref] == [source]


def test_every_kind_of_column_has_an_example_that_would_be_right() -> None:
    for sheet in SHEETS:
        for column in (*sheet.columns, *sheet.settings):
            if column.options and column.example:
                assert set(column.example.split("、")) <= set(column.options), column.header


def test_text_that_looks_like_a_formula_stays_text() -> None:
    workbook = opened(spoilt(put("部门", 1, name="=1+1")))

    assert workbook["部门"]["B4"].data_type == "s"


def test_numbers_come_back_with_all_their_digits() -> None:
    plan = sound(spoilt(put("指标", 1, points=Decimal("99.99832")), put("任务", 1, points=Decimal("0.1234567890123456789"))))

    assert plan.indicators[1].definition.points == Decimal("99.99832")
    assert plan.tasks[1].assignment.points == Decimal("0.1234567890123456789")


def test_the_same_rows_give_the_same_bytes() -> None:
    first, second = filled(SOUND), filled(SOUND)

    assert first == second


# The copy with the faults

SPOILS = (
    put("任务", 0, reviewing="人资部"),
    put("指标", 1, points="?"),
    put("周期", 0, ends=date(2025, 1, 1)),
    drop("联络员", 2),
)


def marked() -> Any:
    """Give the copy of a workbook with four faults."""
    target = BytesIO()
    write_marked(spoilt(*SPOILS), faults_of(spoilt(*SPOILS)), target)
    return opened(target.getvalue())


def test_the_copy_lists_every_fault_first() -> None:
    workbook = marked()

    assert workbook.sheetnames[0] == LIST
    listed = [row[0] for row in workbook[LIST].iter_rows(min_row=2, values_only=True)]
    assert listed == ["周期!B7（结束）", "指标!F4（分值）", "任务!E3（考评部门）", "任务!B4（牵头部门）"]


@pytest.mark.parametrize(("sheet", "cell", "words"), [("任务", "E3", "人资部"), ("指标", "F4", "数字"), ("周期", "B7", "晚于")])
def test_a_faulty_cell_is_red_and_says_why(sheet: str, cell: str, words: str) -> None:
    found = marked()[sheet][cell]

    assert found.fill.fgColor.rgb == RED
    assert found.comment is not None
    assert words in found.comment.text


def test_a_sound_cell_is_not_red() -> None:
    assert marked()["任务"]["C3"].fill.fgColor.rgb != RED


def test_the_copy_has_the_same_faults_and_none_once_they_are_put_right() -> None:
    workbook = marked()

    assert [fault.place for fault in faults_of(saved(workbook))] == [fault.place for fault in faults_of(spoilt(*SPOILS))]
    workbook["任务"]["E3"] = "人力资源部"
    workbook["指标"]["F4"] = 7.5
    workbook["周期"]["B7"] = date(2026, 12, 31)
    workbook["联络员"].append(["D03", "P032"])
    assert sound(saved(workbook)).cycle.ends == date(2026, 12, 31)


def test_of_a_file_that_is_no_workbook_only_the_list_is_written() -> None:
    target = BytesIO()
    write_marked(b"nothing", faults_of(b"nothing"), target)

    assert opened(target.getvalue()).sheetnames == [LIST, SCHEMA_SHEET]
