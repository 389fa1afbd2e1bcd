"""The demonstration workbook is what its program makes, has no fault, and every row of the six tables is in it and scores."""

import csv
from collections import Counter
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path

import openpyxl
import pytest

from application.workbook.check import plan_of
from application.workbook.fault import Faults
from application.workbook.plan import Plan
from application.workbook.read import Book, read
from application.workbook.sheets import CYCLE, INDICATORS, PEOPLE, SHEETS, TASKS
from application.workbook.write import write_workbook
from domain.cycle import ProviderKind
from domain.indicator import Frequency
from domain.organisation import DepartmentKind, Role
from domain.scoring import explain, score
from examples.make import TABLES, TARGET, contents

ROOT = Path(__file__).parents[2]


@cache
def demonstration() -> Plan:
    """Give the plan of the workbook as it is committed."""
    plan = plan_of(TARGET, today=date(2026, 6, 30))
    assert isinstance(plan, Plan), "\n".join(fault.sentence() for fault in plan)
    return plan


def cells_of(book: Book) -> dict[str, list[list[object]]]:
    """Give the contents of every cell of data."""
    return {name: [[cell.value for cell in row.cells.values()] for row in rows] for name, rows in book.rows.items()}


def test_making_it_again_gives_the_same_cells(tmp_path: Path) -> None:
    write_workbook(tmp_path / "again.xlsx", contents())
    faults = Faults()

    committed, again = read(TARGET, faults), read(tmp_path / "again.xlsx", faults)

    assert faults.found == []
    assert cells_of(committed) == cells_of(again), "run python -m examples.make and commit the workbook"


def test_its_plan_counts_what_its_sheets_hold() -> None:
    workbook = openpyxl.load_workbook(TARGET, read_only=True)
    rows = {
        name: sum(1 for row in workbook[name].iter_rows(min_row=3, max_col=1, values_only=True) if row[0])
        for name in ("部门", "人员", "联络员", "指标", "任务")
    }
    workbook.close()

    plan = demonstration()
    assert {"departments": rows["部门"], "people": rows["人员"], "liaisons": rows["联络员"]}.items() <= plan.counts().items()
    assert {"indicators": rows["指标"], "tasks": rows["任务"]}.items() <= plan.counts().items()


def test_it_is_a_county_company_of_the_size_that_was_asked_for() -> None:
    plan = demonstration()
    kinds = Counter(department.kind for department in plan.register.departments)

    assert kinds == {DepartmentKind.LEADERSHIP: 1, DepartmentKind.FUNCTIONAL: 8, DepartmentKind.STATION: 6}
    assert 55 <= len(plan.contacts) <= 65
    assert len(plan.indicators) >= 40
    assert 100 <= len(plan.tasks) <= 140


@pytest.mark.parametrize("table", TABLES)
def test_every_row_of_a_table_is_an_indicator_in_some_departments_hands(table: str) -> None:
    [file] = (ROOT / "tests" / "domain" / "tables").glob(f"{table}_*.csv")
    with file.open(encoding="utf-8", newline="") as lines:
        wanted = {f"{table}/{row['row_code']}" for row in csv.DictReader(lines)}

    of_table = [each for each in demonstration().indicators if each.indicator.startswith(f"{table}-")]
    led = {task.assignment.indicator for task in demonstration().tasks}

    assert {row for each in of_table for row in each.definition.source_rows} == wanted
    assert {each.indicator for each in of_table} <= led


def test_every_indicator_scores_its_trial_and_says_its_rule() -> None:
    for planned in demonstration().indicators:
        scored = score(planned.definition.rule, planned.trial)
        assert scored.points is not None or scored.verdict, planned.indicator
        assert scored.lines
        assert explain(planned.definition.rule)
        assert len(planned.definition.rule_text) > 10


def test_most_values_come_from_somebody_else_than_the_department_that_is_assessed() -> None:
    own = [
        task
        for task in demonstration().tasks
        if task.assignment.provider.kind is ProviderKind.SELF or task.assignment.provider.department == task.assignment.lead
    ]

    assert len(own) < len(demonstration().tasks) / 4


def test_it_is_mostly_quarterly_with_some_of_every_other_frequency() -> None:
    frequency = {each.indicator: each.definition.frequency for each in demonstration().indicators}
    tasks = Counter(frequency[task.assignment.indicator] for task in demonstration().tasks)

    assert tasks[Frequency.QUARTER] > len(demonstration().tasks) * 3 / 4
    assert set(tasks) == set(Frequency)


def test_several_tasks_have_assisting_departments_with_shares() -> None:
    helped = [task.assignment for task in demonstration().tasks if task.assignment.assisting]

    assert len(helped) >= 8
    assert all(a.share + sum((h.share for h in a.assisting), Decimal(0)) == 100 for a in helped)


def test_every_department_has_enough_hands_to_keep_duties_apart() -> None:
    """Reporting, signing and reviewing, reviewing scores: four people where a department may do all of it for one task."""
    register = demonstration().register
    people = Counter(post.department for post in register.posts for a in register.appointments if a.post == post.post)

    for task in demonstration().tasks:
        its = task.assignment
        providing = its.provider.department or its.lead
        assert people[its.reviewing] >= (4 if providing == its.reviewing else 3), task.place


def test_leaders_office_supervision_and_audit_are_there() -> None:
    posts = demonstration().register.posts
    roles = {role for post in posts for role in post.roles}

    assert roles == set(Role)
    assert len(demonstration().register.fields) == 4


def test_everything_invented_says_so() -> None:
    faults = Faults()
    book = read(TARGET, faults)

    for sheet in SHEETS:
        for row in book.rows.get(sheet.name, ()):
            assert row.cells["invented"].value, f"{sheet.name}!{row.number}"
    for sheet in (CYCLE, PEOPLE, INDICATORS, TASKS):
        assert all("演示" in str(row.cells["invented"].value) for row in book.rows[sheet.name])


def test_names_are_all_different() -> None:
    names = [contact.name for contact in demonstration().contacts]

    assert len(set(names)) == len(names)
