"""What a form says is what a command gets, or the field says what is wrong."""

from decimal import Decimal

import pytest
from starlette.datastructures import FormData

from console.forms import Field, kept, read, shown, value_field
from domain.reported import Achievements, Flag, Number, Numbers, Reported, Text, Texts
from domain.scoring import Achievement, InputSpec

RATE = InputSpec(name="rate", type="number", label="合格率", unit="%", minimum=Decimal(0), maximum=Decimal(100))
COUNT = InputSpec(name="count", type="count", label="次数")
MET = InputSpec(name="met", type="yes-no", label="是否达标")
LEVEL = InputSpec(name="level", type="choice", label="等级", options=("A", "B"))
VALUES = InputSpec(name="values", type="numbers", label="各单位数值")
LEVELS = InputSpec(name="levels", type="choices", label="各期等级", options=("A", "B"))
CLASS = InputSpec(name="class", type="text", label="类别", required=False)
DONE = InputSpec(name="done", type="achievements", label="成果")


@pytest.mark.parametrize(
    ("spec", "typed", "value"),
    [
        (RATE, "98.50", Number(name="rate", value=Decimal("98.50"))),
        (RATE, " ９８．５ ", Number(name="rate", value=Decimal("98.5"))),
        (COUNT, "1,200", Number(name="count", value=Decimal(1200))),
        (MET, "是", Flag(name="met", value=True)),
        (MET, "否", Flag(name="met", value=False)),
        (LEVEL, "B", Text(name="level", value="B")),
        (VALUES, "1.5\n2，3", Numbers(name="values", value=(Decimal("1.5"), Decimal(2), Decimal(3)))),
        (CLASS, "甲类", Text(name="class", value="甲类")),
    ],
)
def test_a_field_gives_the_value_its_rule_asks_for(spec: InputSpec, typed: str, value: Reported) -> None:
    filled = read([value_field(spec)], FormData([(f"value.{spec.name}", typed)]))

    assert filled.values == (value,)
    assert filled.faults == {}


@pytest.mark.parametrize(
    ("spec", "typed", "fault"),
    [
        (RATE, "九十八", "应为数字"),
        (RATE, "NaN", "应为数字"),
        (RATE, "1e400000000", "应为数字"),
        (RATE, "101", "不能大于 100"),
        (RATE, "-1", "不能小于 0"),
        (RATE, "", "请填写"),
        (COUNT, "1.5", "整数"),
        (COUNT, "-1", "整数"),
        (MET, "也许", "是或否"),
        (LEVEL, "C", "选项"),
        (VALUES, "1 二", "应为数字"),
    ],
)
def test_a_field_says_what_is_wrong_with_it(spec: InputSpec, typed: str, fault: str) -> None:
    filled = read([value_field(spec)], FormData([(f"value.{spec.name}", typed)]))

    assert fault in filled.faults[f"value.{spec.name}"]
    assert filled.values == ()


def test_several_choices_are_one_value() -> None:
    filled = read([value_field(LEVELS)], FormData([("value.levels", "A"), ("value.levels", "B")]))

    assert filled.values == (Texts(name="levels", value=("A", "B")),)


def test_achievements_come_row_by_row_and_none_is_an_answer() -> None:
    rows = FormData(
        [
            ("value.done.0.item", "科技奖"),
            ("value.done.0.level", "省级"),
            ("value.done.2.item", "专利"),
            ("value.done.2.count", "2"),
        ]
    )

    filled = read([value_field(DONE)], rows)
    nothing = read([value_field(DONE)], FormData([]))

    expected = (Achievement(item="科技奖", level="省级"), Achievement(item="专利", count=Decimal(2)))
    assert filled.values == (Achievements(name="done", value=expected),)
    assert nothing.values == (Achievements(name="done", value=()),)
    assert nothing.faults == {}


def test_what_may_be_left_empty_gives_no_value() -> None:
    filled = read([value_field(CLASS), Field(name="note", label="说明")], FormData([("value.class", ""), ("note", "")]))

    assert (filled.values, filled.faults) == ((), {})


@pytest.mark.parametrize("day", ["2026-02-30", "昨天", "30/09/2026"])
def test_a_day_is_a_day(day: str) -> None:
    filled = read([Field(name="as_of", label="截止日", kind="date", required=True)], FormData([("as_of", day)]))

    assert "日期" in filled.faults["as_of"]


def test_a_required_file_is_asked_for() -> None:
    filled = read([Field(name="evidence", label="佐证", kind="files", required=True)], FormData([]))

    assert filled.faults == {"evidence": "请填写这一项"}


def test_a_rejected_form_keeps_what_was_typed() -> None:
    fields = [value_field(RATE), Field(name="note", label="说明")]
    filled = read(fields, FormData([("value.rate", "abc"), ("note", "见附件")]))

    again = kept(fields, filled, filled.faults)

    assert [(one.value, bool(one.fault)) for one in again] == [("abc", True), ("见附件", False)]


@pytest.mark.parametrize(
    "value",
    [
        Number(name="rate", value=Decimal("98.50")),
        Flag(name="met", value=True),
        Text(name="level", value="B"),
        Numbers(name="values", value=(Decimal("1.5"), Decimal(2))),
    ],
)
def test_a_shown_value_is_read_back_as_it_was(value: Reported) -> None:
    spec = {"rate": RATE, "met": MET, "level": LEVEL, "values": VALUES}[value.name]

    again = read([value_field(spec)], FormData([(f"value.{value.name}", shown(value))]))

    assert again.values == (value,)
