"""Every kind of fault is found, at its cell, with what would be right; a sound workbook becomes a plan."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from application.workbook.check import plan_of
from application.workbook.fault import Code
from application.workbook.plan import Plan
from application.workbook.sheets import SHEETS
from domain import indicator, organisation
from domain.cycle import Assisting, Provider, ProviderKind
from domain.decider import SYSTEM, Asked, Source, SourceKind, derived
from domain.indicator import Aggregation, Frequency
from domain.organisation import DepartmentKind, Organisation, Role
from domain.policy import Standards
from domain.scoring.target_step import TargetStep
from tests.application.workbook.books import (
    RULE,
    SOUND,
    TODAY,
    Book,
    Spoil,
    add,
    drop,
    faults_of,
    filled,
    put,
    sound,
    spoilt,
)

# A sound workbook


def test_a_sound_workbook_becomes_a_plan() -> None:
    plan = sound(filled(SOUND))

    assert plan.counts() == {"departments": 4, "people": 8, "liaisons": 3, "policies": 5, "indicators": 2, "tasks": 2}
    assert (plan.cycle.cycle, plan.cycle.year, plan.cycle.calendar) == ("2026", 2026, "cn")
    assert (plan.cycle.starts, plan.cycle.ends) == (date(2026, 1, 1), date(2026, 12, 31))


def test_departments_and_posts_keep_their_kinds_and_roles() -> None:
    roster = sound(filled(SOUND)).register

    assert [(d.department, d.kind, d.parent) for d in roster.departments][-1] == ("D03", DepartmentKind.STATION, "D02")
    [office] = [post for post in roster.posts if Role.OFFICE_HEAD in post.roles]
    assert (office.post, office.roles) == ("D01/主任", (Role.HEAD, Role.OFFICE_HEAD))
    assert roster.liaisons[1].deputy == "P021"
    assert roster.fields[0].departments == ("D02", "D03")


def test_names_and_phones_are_contacts_and_in_nothing_that_is_recorded() -> None:
    plan = sound(filled(SOUND))

    assert ("P022", "己", "000") in [(each.person, each.name, each.phone) for each in plan.contacts]
    assert "己" not in repr(plan.register)
    assert "己" not in repr(plan.tasks)


def test_an_indicator_has_what_its_row_says() -> None:
    first, second = (planned.definition for planned in sound(filled(SOUND)).indicators)

    assert first.rule == TargetStep(points=Decimal(15), target=Decimal("99.9"), step=Decimal("0.1"), deduct=Decimal(1))
    assert (first.points, first.frequency, first.evidence_required) == (Decimal(15), Frequency.QUARTER, True)
    assert first.source_rows == ("T03/rel", "T02/1.8")
    assert (second.points, second.scale, second.aggregation) == (Decimal("7.5"), Decimal(100), Aggregation.MEAN)


def test_a_task_has_shares_provider_and_the_leader_of_its_field() -> None:
    first, second = (planned.assignment for planned in sound(filled(SOUND)).tasks)

    assert (first.share, first.assisting) == (
        Decimal(70),
        (Assisting(department="D03", person="P032", share=Decimal(30)),),
    )
    assert first.provider == Provider(kind=ProviderKind.SYSTEM, system="供电可靠性系统")
    assert first.deputy_leader == "P002"
    assert second.provider == Provider(kind=ProviderKind.DEPARTMENT, department="D02")
    assert (second.points, second.unit_class) == (Decimal(8), "A")


def test_a_stated_policy_replaces_the_seed_and_the_others_stay() -> None:
    policies = {each.rule: each for each in sound(filled(SOUND)).policies}

    assert policies["standards"].body == Standards(percent=Decimal(85))
    assert (policies["standards"].seed, policies["standards"].document) == (False, "人资〔2026〕3号")
    assert policies["ladders"].seed


def test_the_office_provides_what_says_so() -> None:
    plan = sound(spoilt(put("任务", 0, provider="绩效办提供", system="")))

    assert plan.tasks[0].assignment.provider == Provider(kind=ProviderKind.OFFICE, department="D01")


def test_an_appointment_begins_with_the_cycle_or_today_whichever_is_first() -> None:
    early = plan_of(filled(SOUND), today=date(2025, 12, 1))
    assert isinstance(early, Plan)

    assert {each.since for each in sound(filled(SOUND)).register.appointments} == {date(2026, 1, 1)}
    assert {each.since for each in early.register.appointments} == {date(2025, 12, 1)}


def test_a_second_workbook_may_refer_to_the_organisation_that_is_known() -> None:
    known = Organisation()
    asked = Asked(id=derived("test"), by=SYSTEM, at=_noon(), source=Source(kind=SourceKind.COMMAND_LINE, place="test"))
    for event in organisation.decide(sound(filled(SOUND)).register, known, None, asked):
        known = organisation.evolve(known, event, asked)

    def only_indicators(book: Book) -> None:
        for sheet in ("部门", "人员", "联络员", "分管"):
            book[sheet] = []
        book["任务"][0]["assisting"] = "城关供电所:P032:30"

    plan = plan_of(spoilt(only_indicators), today=TODAY, known=known)
    same = plan_of(filled(SOUND), today=date(2026, 6, 1), known=known)

    assert isinstance(plan, Plan)
    assert len(plan.tasks) == 2
    assert isinstance(same, Plan)
    assert organisation.decide(same.register, known, None, asked) == []


# Faults

ONE_FAULT: Sequence[tuple[str, tuple[Spoil, ...], tuple[Code, str, str, str]]] = (
    (
        "a required cell",
        (put("部门", 1, name=""), put("任务", 0, reviewing="D01")),
        (Code.CELL_MISSING, "部门!B4（名称）", "", "部门全称"),
    ),
    (
        "a broken formula",
        (put("部门", 1, name="#REF!"), put("任务", 0, reviewing="D01")),
        (Code.CELL_BROKEN, "部门!B4（名称）", "#REF!", "更正公式"),
    ),
    (
        "an id with a blank",
        (put("指标", 0, indicator="ZB 01"), put("任务", 0, indicator="供电可靠率")),
        (Code.NOT_AN_ID, "指标!A3（编号）", "ZB 01", "字母、数字"),
    ),
    ("a number", (put("指标", 0, points="十五"),), (Code.NOT_A_NUMBER, "指标!F3（分值）", "十五", "数字")),
    ("a negative number", (put("指标", 0, points=Decimal(-1)),), (Code.OUT_OF_BOUNDS, "指标!F3（分值）", "-1", "不小于 0")),
    ("a year", (put("周期", 0, year=Decimal(26)),), (Code.OUT_OF_BOUNDS, "周期!B4（年度）", "26", "1990 到 2099")),
    ("a date", (put("周期", 0, starts="2026-02-30"),), (Code.NOT_A_DATE, "周期!B6（开始）", "2026-02-30", "2026-01-01")),
    (
        "dates reversed",
        (put("周期", 0, ends=date(2025, 12, 31)),),
        (Code.DATES_REVERSED, "周期!B7（结束）", "2025-12-31", "晚于 2026-01-01"),
    ),
    ("an option", (put("部门", 0, kind="班子"),), (Code.NOT_AN_OPTION, "部门!C3（类型）", "班子", "领导班子")),
    (
        "one of several options",
        (put("人员", 2, roles="部门负责人、绩效主任"),),
        (Code.NOT_AN_OPTION, "人员!G5（角色）", "部门负责人、绩效主任", "绩效办主任"),
    ),
    ("yes or no", (put("指标", 0, evidence="要"),), (Code.NOT_AN_OPTION, "指标!P3（需佐证）", "要", "是、否")),
    ("no JSON", (put("指标", 0, rule="{kind: 1}"),), (Code.NOT_JSON, "指标!L3（规则(JSON)）", "{kind: 1}", "半角引号")),
    (
        "no such rule",
        (put("指标", 0, rule='{"kind": "guess"}'),),
        (Code.RULE_UNFIT, "指标!L3（规则(JSON)）", '{"kind": "guess"}', "docs/scoring.md"),
    ),
    (
        "a rule's field",
        (put("指标", 0, rule=RULE.replace('"step"', '"stp"')),),
        (Code.RULE_UNFIT, "指标!L3（规则(JSON)）", RULE.replace('"step"', '"stp"')[:60] + "…", "docs/scoring.md"),
    ),
    ("a task's own rule", (put("任务", 0, rule="[]"),), (Code.RULE_UNFIT, "任务!L3（规则(JSON)）", "[]", "docs/scoring.md")),
    (
        "a policy's field",
        (put("制度", 0, body='{"percent": "八十"}'),),
        (Code.POLICY_UNFIT, "制度!B3（内容(JSON)）", '{"percent": "八十"}', "percent"),
    ),
    (
        "a policy of another kind",
        (put("制度", 0, body='{"kind": "limits"}'),),
        (Code.POLICY_UNFIT, "制度!B3（内容(JSON)）", '{"kind": "limits"}', "standards"),
    ),
    (
        "trial values",
        (put("指标", 0, trial='{"value": "99.8"}'),),
        (Code.TRIAL_FAILS, "指标!S3（试算数据(JSON)）", '{"value": "99.8"}', "actual"),
    ),
    ("trial points", (put("指标", 0, trial_points=Decimal(13)),), (Code.TRIAL_DIFFERS, "指标!T3（试算得分）", "13", "14.00")),
    (
        "an unknown department",
        (put("任务", 0, reviewing="人资部"),),
        (Code.DEPARTMENT_UNKNOWN, "任务!E3（考评部门）", "人资部", "“部门”表"),
    ),
    ("an unknown parent", (put("部门", 3, parent="D09"),), (Code.DEPARTMENT_UNKNOWN, "部门!D6（上级）", "D09", "“部门”表")),
    ("an unknown person", (put("任务", 0, responsible="P099"),), (Code.PERSON_UNKNOWN, "任务!C3（责任人）", "P099", "“人员”表")),
    (
        "an unknown indicator",
        (put("任务", 0, indicator="ZB-09"),),
        (Code.INDICATOR_UNKNOWN, "任务!A3（指标）", "ZB-09", "“指标”表"),
    ),
    ("an ambiguous name", (put("人员", 0, name="辛"),), (Code.NAME_AMBIGUOUS, "任务!J3（协办）", "城关供电所:辛:30", "编号")),
    (
        "assisting without share",
        (put("任务", 0, assisting="城关供电所:辛"),),
        (Code.ASSISTING_UNFIT, "任务!J3（协办）", "城关供电所:辛", "部门:人:比例"),
    ),
    (
        "assisting of 130 %",
        (put("任务", 0, assisting="城关供电所:辛:130"),),
        (Code.ASSISTING_UNFIT, "任务!J3（协办）", "城关供电所:辛:130", "部门:人:比例"),
    ),
    (
        "a department twice",
        (
            put("部门", 2, name="人力资源部"),
            put("部门", 3, parent="D02"),
            put("分管", 0, departments="D02"),
            put("任务", 0, lead="D02", reviewing="D01"),
        ),
        (Code.TWICE, "部门!B5（名称）", "人力资源部", "唯一"),
    ),
    ("a task twice", (add("任务", **{**SOUND["任务"][0], "lead": "D02"}),), (Code.TWICE, "任务!B5（牵头部门）", "D02", "唯一")),
    (
        "one id with two names",
        (add("人员", person="P032", name="壬", department="D02", title="兼职", roles="职员"),),
        (Code.NAMES_DIFFER, "人员!B11（姓名）", "壬", "姓名一致"),
    ),
    (
        "one post with two roles",
        (add("人员", person="P033", name="癸", department="D03", title="综合班员", roles="部门负责人"),),
        (Code.ROLES_DIFFER, "人员!G11（角色）", "部门负责人", "职员"),
    ),
    ("a loop of departments", (put("部门", 0, parent="D03"),), (Code.TREE_HAS_A_LOOP, "部门!D3（上级）", "D03", "留空")),
    (
        "a responsible of elsewhere",
        (put("任务", 0, responsible="P032"),),
        (Code.NOT_A_MEMBER, "任务!C3（责任人）", "P032", "P021、P022"),
    ),
    (
        "an assisting person of elsewhere",
        (put("任务", 0, assisting="D03:P012:30"),),
        (Code.NOT_A_MEMBER, "任务!J3（协办）", "D03:P012:30", "P031、P032"),
    ),
    ("a leader of a field", (put("分管", 0, leader="P021"),), (Code.NOT_A_DEPUTY_LEADER, "分管!A3（领导）", "P021", "分管领导")),
    (
        "a leader of a task",
        (put("任务", 0, deputy_leader="P012"),),
        (Code.NOT_A_DEPUTY_LEADER, "任务!D3（分管领导）", "P012", "分管领导"),
    ),
    ("a liaison twice", (put("联络员", 1, deputy="P022"),), (Code.SAME_PERSON, "联络员!C4（副联络员）", "P022", "另一个人")),
    ("no liaison", (drop("联络员", 1),), (Code.LIAISON_MISSING, "任务!B3（牵头部门）", "运维检修部", "联络员")),
    ("no head", (put("人员", 6, roles="职员"),), (Code.HEAD_MISSING, "任务!B4（牵头部门）", "D03", "部门负责人")),
    ("no top leader", (put("人员", 0, roles="考评委"),), (Code.OFFICE_MISSING, "人员（角色）", "", "主要负责人")),
    ("its own reviewer", (put("任务", 0, reviewing="D02"),), (Code.REVIEWS_ITSELF, "任务!E3（考评部门）", "D02", "牵头部门以外")),
    ("no provider", (put("任务", 1, providing=""),), (Code.PROVIDER_MISSING, "任务!G4（提供部门）", "", "归口")),
    ("no system", (put("任务", 0, system=""),), (Code.PROVIDER_MISSING, "任务!H3（来源系统）", "", "系统")),
    ("shares of 90 %", (put("任务", 0, share=Decimal(60)),), (Code.SHARES_DO_NOT_ADD_UP, "任务!I3（牵头比例）", "60", "100%")),
    (
        "assisting shares of 110 %",
        (put("任务", 0, assisting="D03:P031:60; D03:P032:50"),),
        (Code.SHARES_DO_NOT_ADD_UP, "任务!J3（协办）", "D03:P031:60; D03:P032:50", "100%"),
    ),
)


@pytest.mark.parametrize(("spoils", "expected"), [(row[1], row[2]) for row in ONE_FAULT], ids=[row[0] for row in ONE_FAULT])
def test_a_fault_is_found_at_its_cell(spoils: tuple[Spoil, ...], expected: tuple[Code, str, str, str]) -> None:
    [fault] = faults_of(spoilt(*spoils))

    code, place, value, right = expected
    assert (fault.code, fault.place, fault.value) == (code, place, value)
    assert right in fault.expected
    assert fault.sentence("zh").startswith(f"{place}：")
    assert fault.sentence("en").startswith(f"{place}: ")


def test_every_kind_of_fault_is_tested() -> None:
    here = {row[2][0] for row in ONE_FAULT}

    assert set(Code) - here == ELSEWHERE


ELSEWHERE = {  # In this module below, and in test_read.py.
    Code.NOT_A_WORKBOOK,
    Code.TOO_LARGE,
    Code.TOO_MANY_ROWS,
    Code.NEWER_TEMPLATE,
    Code.SHEET_MISSING,
    Code.SHEET_EMPTY,
    Code.COLUMN_MISSING,
    Code.COLUMN_TWICE,
    Code.COLUMN_UNKNOWN,
    Code.SETTING_UNKNOWN,
    Code.TEXT_TOO_LONG,
    Code.REFUSED,  # The last resort, should a decider refuse what no check foresaw; see the test of it.
}


def test_empty_sheets_are_told() -> None:
    def empty(book: Book) -> None:
        for sheet in ("部门", "人员", "联络员", "分管", "指标", "任务"):
            book[sheet] = []

    found = faults_of(spoilt(empty))

    assert [(fault.code, fault.sheet) for fault in found if fault.code is Code.SHEET_EMPTY] == [
        (Code.SHEET_EMPTY, sheet) for sheet in ("部门", "人员", "联络员", "指标", "任务")
    ]


def test_what_only_the_domain_refuses_is_a_fault_of_its_row(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: object) -> list[object]:
        raise indicator.NameIsMissing

    monkeypatch.setattr(indicator, "decide", refuse)
    found = faults_of(filled(SOUND))

    assert [(fault.code, fault.place) for fault in found] == [(Code.REFUSED, "指标!3"), (Code.REFUSED, "指标!4")]
    assert "名称" in found[0].zh


def test_several_faults_of_several_rows_are_all_found_in_order() -> None:
    found = faults_of(
        spoilt(
            put("任务", 1, responsible="P099"),
            put("任务", 0, reviewing="人资部", share="七成"),
            put("指标", 1, points=""),
            put("部门", 0, kind="?"),
        )
    )

    assert [fault.place for fault in found] == [
        "部门!C3（类型）",
        "指标!F4（分值）",
        "任务!E3（考评部门）",
        "任务!I3（牵头比例）",
        "任务!C4（责任人）",
    ]


def test_a_workbook_of_60_rows_lists_exactly_its_planted_faults() -> None:
    def sixty(book: Book) -> None:
        first = book["指标"][1]
        book["指标"] += [{**first, "indicator": f"ZB-{n:02}", "name": f"指标{n}"} for n in range(3, 33)]
        book["任务"] += [{**book["任务"][1], "indicator": f"ZB-{n:02}"} for n in range(3, 33)]

    planted = (
        put("指标", 10, rule="?"),
        put("指标", 25, direction="高"),
        put("任务", 12, lead="城东所"),
        put("任务", 31, share=Decimal(99)),
    )
    rows = spoilt(sixty)
    found = faults_of(spoilt(sixty, *planted))

    assert len(sound(rows).indicators) + len(sound(rows).tasks) == 64
    assert [fault.place for fault in found] == [
        "指标!L13（规则(JSON)）",
        "指标!E28（方向）",
        "任务!B15（牵头部门）",
        "任务!I34（牵头比例）",
    ]


def test_a_fault_hides_no_fault_and_makes_none() -> None:
    """A department whose row is wrong is still a department one may refer to; its people are still its people."""
    found = faults_of(spoilt(put("部门", 2, kind="部"), put("人员", 5, roles="专责"), put("人员", 1, roles="副总")))

    assert [fault.place for fault in found] == ["部门!C5（类型）", "人员!G4（角色）", "人员!G8（角色）"]


ODD: Sequence[object] = (
    *(
        "",
        "x",
        "是",
        "1e999",
        "NaN",
        "-1",
        "{",
        "[]",
        "{}",
        "#N/A",
        "示例",
        "=1",
        "2026-13-01",
        "D01、D02",
        ":::",
        "D02:P022:NaN",
    ),
    *(Decimal("1e30"), date(1900, 1, 1), True, "长" * 500),
    *(
        '{"kind":"composite","parts":[]}',
        '{"kind":"formula","formula":"1/0"}',
        '{"percent":"NaN"}',
        '{"a":' * 200 + "1" + "}" * 200,
    ),
)
CELLS = [(sheet.name, column.key) for sheet in SHEETS for column in sheet.settings or sheet.columns]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(CELLS), st.integers(0, 9), st.sampled_from(ODD)), min_size=1, max_size=4))
def test_whatever_stands_in_the_cells_comes_to_a_plan_or_to_faults(
    typed: list[tuple[tuple[str, str], int, object]],
) -> None:
    def spoil(book: Book) -> None:
        for (sheet, key), row, value in typed:
            book[sheet][row % len(book[sheet])][key] = value

    found = plan_of(spoilt(spoil), today=TODAY)

    assert isinstance(found, Plan) or (found and all(fault.sentence("zh") and fault.sentence("en") for fault in found))


def _noon() -> datetime:
    return datetime(2026, 3, 2, 4, tzinfo=UTC)
