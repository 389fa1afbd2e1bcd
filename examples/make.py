"""Makes ``examples/demonstration.xlsx``: the demonstration county company and a year's plan from six real indicator tables.

    python -m examples.make

The rules and their texts come from ``examples/rules/*.json``, row by row as the tables have them. The company, its people and who
does what are invented here, and every row of the workbook says in its column 演示说明 what of it is. Deterministic.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from application.trial import rule_from
from application.workbook.sheets import FREQUENCIES
from application.workbook.write import write_workbook
from domain.scoring import inputs, score

HERE = Path(__file__).parent
TABLES = ("T01", "T02", "T03", "T06", "T13", "T16")
TARGET = HERE / "demonstration.xlsx"

Row = dict[str, object]

# The company

DEPARTMENTS: Sequence[tuple[str, str, str, str]] = (
    ("D00", "公司领导", "领导班子", ""),
    ("D01", "综合管理部", "职能部门", "D00"),
    ("D02", "人力资源部", "职能部门", "D00"),
    ("D03", "财务资产部", "职能部门", "D00"),
    ("D04", "发展建设部", "职能部门", "D00"),
    ("D05", "安全监察部", "职能部门", "D00"),
    ("D06", "运维检修部", "职能部门", "D00"),
    ("D07", "营销部", "职能部门", "D00"),
    ("D08", "纪检审计部", "职能部门", "D00"),
    ("S01", "城关供电所", "供电所", "D07"),
    ("S02", "河东供电所", "供电所", "D07"),
    ("S03", "河西供电所", "供电所", "D07"),
    ("S04", "南岭供电所", "供电所", "D07"),
    ("S05", "北塬供电所", "供电所", "D07"),
    ("S06", "东湖供电所", "供电所", "D07"),
)
STATIONS = tuple(department for department, _, kind, _ in DEPARTMENTS if kind == "供电所")
STATION_CLASSES = {"S01": "A", "S02": "A", "S03": "B", "S04": "B", "S05": "B", "S06": "A"}

POSTS: Mapping[str, Sequence[tuple[str, str]]] = {
    "D00": (
        ("总经理", "主要负责人、考评委"),
        ("副总经理（生产）", "分管领导、考评委"),
        ("副总经理（营销）", "分管领导、考评委"),
        ("副总经理（经营）", "分管领导、考评委"),
        ("党委副书记", "分管领导、考评委"),
        ("工会主席", "考评委"),
    ),
    "D01": (
        ("主任", "部门负责人"),
        ("督查专责", "督查"),
        ("督查干事", "督查"),
        ("文秘专责", "职员"),
        ("信息专责", "职员、系统管理员"),
    ),
    "D02": (
        ("主任", "部门负责人、绩效办主任"),
        ("绩效专责", "绩效办"),
        ("绩效干事", "绩效办"),
        ("组织专责", "职员"),
        ("培训专责", "职员"),
    ),
    "D03": (("主任", "部门负责人"), ("预算专责", "职员"), ("核算专责", "职员"), ("电价专责", "职员")),
    "D04": (("主任", "部门负责人"), ("规划专责", "职员"), ("线损专责", "职员"), ("项目专责", "职员")),
    "D05": (("主任", "部门负责人"), ("安全专责", "职员"), ("应急专责", "职员"), ("质量监督专责", "职员")),
    "D06": (
        ("主任", "部门负责人"),
        ("可靠性专责", "职员"),
        ("配电专责", "职员"),
        ("变电修试班长", "职员"),
        ("配电运检班长", "职员"),
        ("调控专责", "职员"),
    ),
    "D07": (
        ("主任", "部门负责人"),
        ("采集专责", "职员"),
        ("电费专责", "职员"),
        ("客服专责", "职员"),
        ("计量专责", "职员"),
    ),
    "D08": (("主任", "部门负责人"), ("审计专责", "审计"), ("审计干事", "审计"), ("纪检专责", "职员")),
    **dict.fromkeys(STATIONS, (("所长", "部门负责人"), ("综合班员", "职员"), ("台区经理", "职员"))),
}
FIELDS = (
    ("副总经理（生产）", "安全监察部、运维检修部"),
    ("副总经理（营销）", "营销部、" + "、".join(name for _, name, kind, _ in DEPARTMENTS if kind == "供电所")),
    ("副总经理（经营）", "财务资产部、发展建设部"),
    ("党委副书记", "综合管理部、人力资源部、纪检审计部"),
)
SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜康"
)
GIVEN = (
    "建国", "志远", "海燕", "立新", "文静", "国强", "晓东", "丽华", "振宇", "春梅", "永昌", "雪琴",
    "德胜", "秀兰", "明哲", "玉珍", "宏伟", "淑芬", "俊杰", "桂英", "思源", "佳宁", "庆丰", "慧敏",
    "长河", "雨桐", "向阳", "若琳", "守正", "欣怡", "开泰", "映红", "致远", "怀瑾", "清源", "书涵",
    "景行", "知秋", "维新", "乐康", "凤山", "亦凡", "伯安", "晓岚", "希望", "子衿", "家和", "月明",
    "正平", "小满", "青松", "大勇", "雅琪", "克勤", "新民", "同庆", "成林", "芳菲", "江涛", "敬之",
    "学文", "守拙",
)  # fmt: skip
NAMED = "姓名、联系方式虚构（演示）"

# Who does what: lead department, reviewing department, how the value comes (providing department or system), by indicator

Part = tuple[str, str, str, str]  # lead, reviewing, providing department, system

T01: Mapping[str, Part] = {
    "T01-1": ("D06", "D02", "D05", ""),
    "T01-2": ("D07", "D02", "D03", ""),
    "T01-3": ("D03", "D08", "", ""),
    "T01-4": ("D01", "D08", "D03", ""),
    "T01-5": ("D07", "D02", "D03", ""),
    "T01-6": ("D03", "D08", "", ""),
}
T03: Mapping[str, Part] = {
    "T03-csat": ("D07", "D02", "D01", ""),
    "T03-rel": ("D06", "D05", "D04", "供电可靠性系统"),
    "T03-trip": ("D06", "D05", "", "OMS故障跳闸记录"),
    "T03-fast": ("D06", "D05", "D07", ""),
    "T03-duty": ("D05", "D02", "D08", ""),
    "T03-outage": ("D06", "D05", "D04", "供电可靠性系统"),
    "T03-tripT": ("D06", "D04", "", "OMS故障跳闸记录"),
    "T03-drop": ("D06", "D05", "D04", ""),
    "T03-proc": ("D05", "D02", "", ""),
    "T03-t1": ("D06", "D05", "", ""),
    "T03-t2": ("D04", "D02", "D06", ""),
    "T03-t3": ("D06", "D04", "", ""),
    "T03-e1": ("D01", "D02", "D08", ""),
    "T03-e2": ("D04", "D02", "D01", ""),
    "T03-e3": ("D01", "D02", "D08", ""),
    "T03-adj": ("D07", "D02", "绩效办", ""),
    "T03-red": ("D05", "D08", "绩效办", ""),
}
T13: Mapping[str, Part] = {
    "T13-1.1": ("D04", "D02", "D07", ""),
    "T13-1.2": ("D07", "D04", "", ""),
    "T13-1.3": ("D06", "D04", "D07", ""),
    "T13-1.4": ("D07", "D04", "D06", ""),
    "T13-1.5": ("D06", "D04", "", ""),
}
EVERYWHERE = ("T02-1.8", "T02-2.5", "T16-1", "T16-5", "T16-9", "T16-11", "T16-13", "T16-14")  # At all six stations.
ASSISTING: Mapping[str, Sequence[tuple[str, int]]] = {
    "T01-1": (("D07", 10),),
    "T01-5": (("D03", 20),),
    "T03-csat": (("D06", 20), ("S01", 10)),
    "T03-rel": (("D07", 20), ("D04", 10)),
    "T03-fast": (("D07", 30),),
    "T03-t2": (("D06", 40),),
    "T13-1.1": (("D07", 20), ("D06", 20)),
    "T13-1.3": (("D07", 30),),
    "T13-1.5": (("D07", 20), ("S02", 10)),
}
MONTHLY = ("T03-outage", "T13-1.5", "T16-4")
YEARLY = ("T02-E1", "T02-G1", "T02-2.7", "T03-adj", "T03-red", "T06-S12", "T06-D12", "T06-TOTAL")
HALF_YEARLY = ("T03-duty", "T06-S9", "T06-D9")
EVIDENCE = ("T01-1", "T02-1.1", "T02-2.1", "T02-3.1", "T03-csat", "T03-e1", "T03-e2", "T06-S7", "T06-S10", "T06-S11", "T13-1.1")
SUMMED = ("T06-S10", "T06-S11", "T06-D10")
KINDS = {"quantitative": "定量", "qualitative": "定性", "bonus": "加分", "gate": "门槛", "veto": "红线"}
DIRECTIONS = {"higher": "越高越好", "lower": "越低越好", "range": "区间", "none": "无方向"}


def main() -> None:
    """Make the workbook and say what is in it."""
    rows = contents()
    write_workbook(TARGET, rows)
    print(f"{TARGET.name}: " + ", ".join(f"{sheet} {len(found)}" for sheet, found in rows.items()))  # noqa: T201


def contents() -> dict[str, list[Row]]:
    """Give every sheet's rows."""
    lines = [line for table in TABLES for line in _table(table)]
    people = list(_people())
    return {
        "周期": [_cycle()],
        "部门": [
            {"department": its_id, "name": name, "kind": kind, "parent": parent, "invented": "部门为演示公司设定"}
            for its_id, name, kind, parent in DEPARTMENTS
        ],
        "人员": people,
        "联络员": list(_liaisons(people)),
        "分管": [
            {"leader": _holder(people, "D00", title), "departments": departments, "invented": "分管范围虚构（演示）"}
            for title, departments in FIELDS
        ],
        "指标": [_indicator(line) for line in lines],
        "任务": [task for number, line in enumerate(lines) for task in _tasks(line, number, people)],
    }


def _cycle() -> Row:
    return {
        "cycle": "demo-county",
        "name": "演示县供电公司年度绩效考核",
        "year": Decimal(2026),
        "scope": "演示县供电公司各部门、供电所",
        "starts": "2026-01-01",
        "ends": "2026-12-31",
        "calendar": "cn",
        "carrying_in": "是",
        "invented": "演示公司虚构；起止日期为占位，演示时按当天推算，使今天正好在第三季度之后",
    }


def _people() -> Iterator[Row]:
    number = 0
    for department, name, *_ in DEPARTMENTS:
        for place, (title, roles) in enumerate(POSTS[department], start=1):
            yield {
                "person": f"P{department}{place}",
                "name": SURNAMES[number] + GIVEN[number],
                "email": f"p{department.lower()}{place}@yanshi.example",
                "department": name,
                "title": title,
                "roles": roles,
                "invented": NAMED,
            }
            number += 1


def _liaisons(people: Sequence[Row]) -> Iterator[Row]:
    for _, name, *_rest in DEPARTMENTS[1:]:
        liaison, deputy = [row["person"] for row in people if row["department"] == name][-2:]
        yield {"department": name, "person": liaison, "deputy": deputy, "invented": "任命虚构（演示）"}


def _table(table: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((HERE / "rules" / f"{table}.json").read_text(encoding="utf-8"))
    return [{**line, "table": table} for line in found]


def _indicator(line: Mapping[str, Any]) -> Row:
    code, rule = line["code"], rule_from(line["rule"])
    points = score(rule, line["sample_input"]).points
    frequency = _frequency(line)
    invented = [line["demo_zh"].removeprefix("演示:")] if line["demo_zh"] else []
    if frequency != _own_frequency(line):
        invented.append(f"原表周期为{line['period']}，改为{frequency}")
    bonus = line["kind"] == "bonus"
    if bonus:
        invented.append("加分项不设预考核标准")
    return {
        "indicator": code,
        "name": line["name_zh"],
        "category": line["category"],
        "unit": line["unit"] or "",
        "direction": DIRECTIONS[line["direction"]],
        "points": Decimal(str(line["points"])),
        "scale": None if line["scale"] is None else Decimal(str(line["scale"])),
        "frequency": frequency,
        "aggregation": "逐期评分" if line["table"] == "T16" else "合计" if code in SUMMED else "最近值",
        "kind": KINDS[line["kind"]],
        "rule_text": line["rule_text_zh"],
        "rule": json.dumps(line["rule"], ensure_ascii=False),
        "data_source": line["provider"],
        "standard": Decimal(0) if bonus else None,
        "source_rows": "、".join(f"{line['table']}/{row}" for row in line["row_codes"]),
        "evidence": "是" if code in EVIDENCE else "否",
        "trial": json.dumps(line["sample_input"], ensure_ascii=False),
        "trial_points": points,
        "invented": "演示：" + "；".join([*invented, "试算数据虚构"]),
    }


def _own_frequency(line: Mapping[str, Any]) -> str:
    return str(line["period"]).partition("/")[0]


def _frequency(line: Mapping[str, Any]) -> str:
    code = line["code"]
    chosen = {**dict.fromkeys(MONTHLY, "月"), **dict.fromkeys(HALF_YEARLY, "半年"), **dict.fromkeys(YEARLY, "年")}
    frequency = chosen.get(code, "季")
    assert frequency in FREQUENCIES
    return frequency


def _tasks(line: Mapping[str, Any], number: int, people: Sequence[Row]) -> Iterator[Row]:
    code = line["code"]
    for lead, reviewing, providing, system in _parts(line, number):
        assisting = ASSISTING.get(code, ())
        helpers = "; ".join(f"{_name(helper)}:{_worker(people, helper, number)}:{share}" for helper, share in assisting)
        yield {
            "indicator": code,
            "lead": _name(lead),
            "responsible": _worker(people, lead, number),
            "reviewing": _name(reviewing),
            "provider": _provider(providing, system),
            "providing": "" if providing in ("", "绩效办") else _name(providing),
            "system": system,
            "share": Decimal(100 - sum(share for _, share in assisting)),
            "assisting": helpers,
            "unit_class": _class(line, lead),
            "invented": "牵头、考评、提供、责任人、比例均为演示",
        }


def _parts(line: Mapping[str, Any], number: int) -> Iterator[Part]:
    code, table = line["code"], line["table"]
    stations = STATIONS if code in EVERYWHERE else (STATIONS[number % len(STATIONS)],)
    match table:
        case "T01" | "T03" | "T13":
            yield {**T01, **T03, **T13}[code]
        case "T02":
            # The township's grid is the station's; the department in charge provides the figure, another one reviews it.
            charge = {"发展建设部": "D04", "运维检修部": "D06", "安全监察部": "D05", "营销部": "D07", "综合管理部": "D01"}
            provider = charge[line["department"]]
            reviewing = {"D04": "D06", "D06": "D05", "D05": "D02", "D07": "D04", "D01": "D02"}[provider]
            for station in stations:
                yield station, reviewing, provider, ""
        case "T06":
            lead = "D06"
            own = str(line["provider"]).startswith("自主举证")
            assessor = {"组织部": "D02", "工会": "D01", "企管部": "D02", "绩效办": "D02"}.get(line["department"], "D05")
            yield lead, assessor, "" if own else "绩效办" if line["department"] == "绩效办" else "D04", ""
        case _:
            for station in stations:
                yield station, "D02", "D07", "采集/营销系统"


def _provider(providing: str, system: str) -> str:
    if system:
        return "系统取数"
    return {"": "本部门自报", "绩效办": "绩效办提供"}.get(providing, "归口部门提供")


def _class(line: Mapping[str, Any], lead: str) -> str:
    asked = {spec.name for spec in inputs(rule_from(line["rule"]))}
    return STATION_CLASSES[lead] if "class" in asked else ""


def _name(department: str) -> str:
    return next(name for its_id, name, *_ in DEPARTMENTS if its_id == department)


def _holder(people: Sequence[Row], department: str, title: str) -> object:
    return next(row["person"] for row in people if (row["department"], row["title"]) == (_name(department), title))


def _worker(people: Sequence[Row], department: str, number: int) -> object:
    """Give one of a department's people below its head, in turn."""
    below = [row["person"] for row in people if row["department"] == _name(department)][1:]
    return below[number % len(below)]


if __name__ == "__main__":
    main()
