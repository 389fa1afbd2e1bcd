"""A small sound workbook for the tests, and what it takes to spoil it."""

from collections.abc import Callable, Sequence
from copy import deepcopy
from datetime import date
from decimal import Decimal
from io import BytesIO

from application.workbook.check import plan_of
from application.workbook.fault import Fault
from application.workbook.plan import Plan
from application.workbook.write import write_workbook

TODAY = date(2026, 3, 2)

RULE = '{"kind": "target-step", "points": "15", "target": "99.9", "step": "0.1", "deduct": "1"}'

Book = dict[str, list[dict[str, object]]]

SOUND: Book = {
    "周期": [
        {
            "cycle": "2026",
            "name": "2026年度绩效考核",
            "year": Decimal(2026),
            "scope": "全公司",
            "starts": date(2026, 1, 1),
            "ends": date(2026, 12, 31),
        }
    ],
    "部门": [
        {"department": "D00", "name": "公司领导", "kind": "领导班子"},
        {"department": "D01", "name": "人力资源部", "kind": "职能部门", "parent": "D00"},
        {"department": "D02", "name": "运维检修部", "kind": "职能部门", "parent": "公司领导"},
        {"department": "D03", "name": "城关供电所", "kind": "供电所", "parent": "运维检修部"},
    ],
    "人员": [
        {"person": "P001", "name": "甲", "department": "D00", "title": "总经理", "roles": "主要负责人"},
        {"person": "P002", "name": "乙", "department": "D00", "title": "副总经理", "roles": "分管领导"},
        {"person": "P011", "name": "丙", "department": "D01", "title": "主任", "roles": "部门负责人、绩效办主任"},
        {"person": "P012", "name": "丁", "department": "D01", "title": "绩效专责", "roles": "绩效办"},
        {"person": "P021", "name": "戊", "department": "D02", "title": "主任", "roles": "部门负责人"},
        {"person": "P022", "name": "己", "department": "D02", "title": "可靠性专责", "roles": "职员", "mobile": "000"},
        {"person": "P031", "name": "庚", "department": "D03", "title": "所长", "roles": "部门负责人"},
        {"person": "P032", "name": "辛", "department": "D03", "title": "综合班员", "roles": "职员"},
    ],
    "联络员": [
        {"department": "D01", "person": "P012"},
        {"department": "D02", "person": "P022", "deputy": "戊"},
        {"department": "D03", "person": "P032", "deputy": "P031"},
    ],
    "分管": [{"leader": "乙", "departments": "运维检修部、城关供电所"}],
    "指标": [
        {
            "indicator": "ZB-01",
            "name": "供电可靠率",
            "category": "供电可靠",
            "unit": "%",
            "direction": "越高越好",
            "points": Decimal(15),
            "frequency": "季",
            "rule_text": "达到99.9%得满分，每低0.1个百分点扣1分。",
            "rule": RULE,
            "source_rows": "T03/rel、T02/1.8",
            "evidence": "是",
            "trial": '{"actual": "99.8"}',
            "trial_points": Decimal(14),
        },
        {
            "indicator": "ZB-02",
            "name": "低压线损率",
            "category": "线损",
            "direction": "越低越好",
            "points": Decimal("7.5"),
            "scale": Decimal(100),
            "frequency": "月",
            "aggregation": "平均",
            "rule_text": "每高0.1个百分点扣1分。",
            "rule": '{"kind": "target-step", "points": 100, "target": 4, "step": 0.1, "deduct": 1, "direction": "lower"}',
        },
    ],
    "任务": [
        {
            "indicator": "ZB-01",
            "lead": "运维检修部",
            "responsible": "P022",
            "reviewing": "人力资源部",
            "provider": "系统取数",
            "system": "供电可靠性系统",
            "assisting": "城关供电所:辛:30",
        },
        {
            "indicator": "低压线损率",
            "lead": "D03",
            "responsible": "P032",
            "reviewing": "D02",
            "provider": "归口部门提供",
            "providing": "D02",
            "points": Decimal(8),
            "unit_class": "A",
        },
    ],
    "制度": [{"policy": "预考核标准", "body": '{"percent": "85"}', "document": "人资〔2026〕3号"}],
}

Spoil = Callable[[Book], None]


def filled(book: Book) -> bytes:
    """Give the workbook as a file."""
    target = BytesIO()
    write_workbook(target, book)
    return target.getvalue()


def spoilt(*spoils: Spoil) -> bytes:
    """Give the sound workbook after it was spoilt."""
    book = deepcopy(SOUND)
    for spoil in spoils:
        spoil(book)
    return filled(book)


def put(sheet: str, row: int, **values: object) -> Spoil:
    """Put values into a row of data (0 is the first)."""

    def spoil(book: Book) -> None:
        book[sheet][row].update(values)

    return spoil


def add(sheet: str, **values: object) -> Spoil:
    """Add a row."""

    def spoil(book: Book) -> None:
        book[sheet].append(values)

    return spoil


def drop(sheet: str, row: int) -> Spoil:
    """Leave a row out."""

    def spoil(book: Book) -> None:
        del book[sheet][row]

    return spoil


def faults_of(content: bytes) -> Sequence[Fault]:
    """Give the faults of a workbook that has some."""
    found = plan_of(content, today=TODAY)
    assert isinstance(found, list), "the workbook was expected to have faults"
    return found


def sound(content: bytes) -> Plan:
    """Give the plan of a workbook that has no faults."""
    found = plan_of(content, today=TODAY)
    assert isinstance(found, Plan), "\n".join(fault.sentence() for fault in found)
    return found
