"""The forms of scoring: what a scorer has to judge, and the second person who checked it."""

from dataclasses import replace
from decimal import Decimal

from starlette.datastructures import FormData

from console.forms import read
from console.offers import TaskFields
from console.steps import Step
from console.words import Words
from domain.cycle import Assignment, Provider, ProviderKind
from domain.deadline import due_at
from domain.policy import Relation
from domain.reported import Number, Text
from domain.scoring.manual import Manual
from domain.task.commands import Consolidate, ReviewScore
from domain.task.facts import TaskIssued
from domain.task.state import Stage, Task
from tests.company import definition
from tests.console.test_steps import DUE, visitor

ISSUED = TaskIssued(
    task="task/1/2/ops",
    indicator="2",
    definition_version=1,
    definition=definition("低压线损率"),
    assignment=Assignment(
        indicator="2", version=1, lead="ops", responsible="staff", reviewing="ops", provider=Provider(kind=ProviderKind.SELF)
    ),
    document="文-1",
    issuer="委员会",
    accept=due_at(DUE),
    periods=(),
)
COMPUTED = Task(stage=Stage.SELF_SCORED, issued=ISSUED, points=Decimal("5.4"))
BY_HAND = replace(
    COMPUTED, issued=replace(ISSUED, definition=replace(ISSUED.definition, rule=Manual(hi=Decimal(6), standard="看台账")))
)
REVIEW = Step(command="ReviewScore", relation=Relation.REVIEWER, seen="self-scored")
WORDS = Words("zh")


def test_a_manual_score_asks_for_points_reason_and_a_colleague() -> None:
    form = TaskFields(task=BY_HAND, names={"staff": "张三"})
    fields, note = form.of(REVIEW, visitor("head"), WORDS)
    typed = FormData(
        [("value.points", "5"), ("value.reason", "台账齐全"), ("value.second_person", "staff"), ("ground", "台账齐全")]
    )

    command = form.command(REVIEW, read(fields, typed), ())

    second = next(one for one in fields if one.name == "value.second_person")
    assert second.options == (("staff", "张三"),)
    assert "人工评分" in note
    assert command == ReviewScore(
        values=(
            Number(name="points", value=Decimal(5)),
            Text(name="reason", value="台账齐全"),
            Text(name="second_person", value="staff"),
        ),
        ground="台账齐全",
        second="staff",
    )


def test_points_beyond_the_bounds_of_a_manual_rule_are_said_beside_the_field() -> None:
    fields, _ = TaskFields(task=BY_HAND, names={}).of(REVIEW, visitor("head"), WORDS)

    filled = read(fields, FormData([("value.points", "7"), ("value.reason", "好"), ("value.second_person", "staff")]))

    assert filled.faults == {"value.points": "不能大于 6"}


def test_nobody_is_their_own_second_person() -> None:
    fields, _ = TaskFields(task=COMPUTED, names={}).of(REVIEW, visitor("head"), WORDS)

    second = next(one for one in fields if one.name == "second")

    assert "head" not in dict(second.options)


def test_a_consolidation_without_a_new_score_adjusts_nothing() -> None:
    form, step = TaskFields(task=COMPUTED, names={}), replace(REVIEW, command="Consolidate")
    fields, note = form.of(step, visitor("clerk"), WORDS)

    plain = form.command(step, read(fields, FormData([])), ())
    adjusted = form.command(step, read(fields, FormData([("after", "5"), ("ground", "扣减"), ("second", "supervisor")])), ())

    assert "5.4" in note
    assert plain == Consolidate()
    assert adjusted.adjustment is not None
    assert (adjusted.adjustment.before, adjusted.adjustment.after) == (Decimal("5.4"), Decimal(5))
    assert (adjusted.adjustment.reason, adjusted.adjustment.second) == ("扣减", "supervisor")
