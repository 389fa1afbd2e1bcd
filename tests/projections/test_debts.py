"""Who owes what: a debt is owed exactly when a person of its relation may pay it, in every state of a whole year."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from domain import names
from domain.authority import holders
from domain.cycle import CYCLE, Cycle, Phase
from domain.decider import Asked
from domain.order import ORDER, Order, OrderStage
from domain.policy import Relation
from domain.task import TASK
from domain.task.clock import open_deadlines
from domain.task.state import ReportStage, Task
from event_store.codec import asked_of
from projections.debts import Debt, first, of_cycle, of_order, of_task
from tests.domain.story import company, open_cycle
from tests.domain.test_histories import STEPS, told
from tests.projections.histories import CODEC, history


@pytest.fixture
async def states(tmp_path: Path) -> list[tuple[Task, Cycle]]:
    """Every state any task of the year was ever in, with its cycle's then."""
    cycle: Cycle = CYCLE.initial
    tasks: dict[str, Task] = {}
    found: list[tuple[Task, Cycle]] = []
    for stream, event, asked in await _year(tmp_path):
        if names.kind(stream) == "cycle":
            cycle = CYCLE.evolve(cycle, event, asked)
        elif names.kind(stream) == "task":
            tasks[stream] = TASK.evolve(tasks.get(stream, TASK.initial), event, asked)
        found += [(task, cycle) for task in tasks.values()]
    return found


async def test_every_deadline_the_clock_watches_is_a_debt_and_no_other(states: list[tuple[Task, Cycle]]) -> None:
    """The debts of the lead, provider and reviewer are the open deadlines; contributions ride on the report's."""
    for task, cycle in states:
        if cycle.phase not in {Phase.RUNNING, Phase.LOCKED}:
            continue
        watched = {deadline.key for deadline in open_deadlines(task, cycle)}
        owed = {
            debt.deadline_key for debt in of_task(task) if debt.phase is cycle.phase and debt.command != "DeliverContribution"
        }
        assert owed == watched


async def test_every_debt_of_a_task_has_somebody_who_owes_it(states: list[tuple[Task, Cycle]]) -> None:
    organisation = company()
    day = open_cycle().starts
    commands = set()
    for task, _ in states:
        for debt in of_task(task):
            commands.add(debt.command)
            assert debt.person or holders(debt.relation, task.parties, organisation, day)
    assert commands == {
        "Accept",
        "DeliverContribution",
        "SubmitReport",
        "SignReport",
        "AcceptReport",
        "SelfScore",
        "ReviewScore",
        "Consolidate",
    }


async def test_nothing_is_owed_of_a_period_that_has_not_opened(states: list[tuple[Task, Cycle]]) -> None:
    for task, _ in states:
        unopened = {key for key, report in task.reports.items() if report.stage is ReportStage.NOT_OPEN}
        assert not unopened & {debt.period for debt in of_task(task)}


async def test_an_order_is_owed_by_one_after_the_other(tmp_path: Path) -> None:
    order: dict[str, Order] = {}
    seen: dict[OrderStage, set[tuple[str, Relation]]] = {}
    for stream, event, asked in await _year(tmp_path):
        if names.kind(stream) == "order":
            order[stream] = ORDER.evolve(order.get(stream, ORDER.initial), event, asked)
            seen[order[stream].stage] = {(debt.command, debt.relation) for debt in of_order(order[stream])}

    assert seen == {
        OrderStage.ASSIGNED: {("SignForOrder", Relation.RESPONSIBLE)},
        OrderStage.IN_HANDLING: {("GiveFeedback", Relation.RESPONSIBLE), ("ClaimCompletion", Relation.LEAD_HEAD)},
        OrderStage.CLAIMED: {("VerifyOrder", Relation.SUPERVISOR)},
        OrderStage.CLOSED: set(),
        OrderStage.ARCHIVED: set(),
    }


async def test_a_cycle_waits_for_one_act_at_a_time(tmp_path: Path) -> None:
    cycle: Cycle = CYCLE.initial
    seen: list[tuple[str, ...]] = []
    for stream, event, asked in await _year(tmp_path):
        if names.kind(stream) == "cycle":
            cycle = CYCLE.evolve(cycle, event, asked)
            acts = tuple(debt.command for debt in of_cycle(cycle))
            seen += [acts] if not seen or seen[-1] != acts else []

    assert seen == [
        ("PlanTasks",),
        ("IssueCycle",),
        ("LockData",),
        ("ApproveResults",),
        ("PubliciseResults",),
        (),
        ("ArchiveCycle",),
        (),
    ]


def test_what_waits_most_urgently_comes_first() -> None:
    debts = (
        Debt(command="DeliverContribution", relation=Relation.ASSISTING, phase=Phase.RUNNING),
        Debt(command="SelfScore", relation=Relation.LEAD_HEAD, phase=Phase.LOCKED),
    )

    assert first(debts, Phase.RUNNING) is None
    assert first(debts, Phase.LOCKED) == debts[1]


async def _year(folder: Path) -> Iterator[tuple[str, Any, Asked]]:
    return iter([(event.stream, CODEC.decode(event), asked_of(event.meta)) for event in await history(folder)])


@settings(max_examples=40, deadline=None)
@given(STEPS)
def test_in_any_history_the_debts_are_the_deadlines_somebody_has_to_meet(steps: list[tuple[str, Any, str, int]]) -> None:
    story = told(steps)
    cycle: Cycle = story.known.cycle

    owed = {
        debt.deadline_key for debt in of_task(story.state) if debt.phase is cycle.phase and debt.command != "DeliverContribution"
    }

    assert owed == {deadline.key for deadline in open_deadlines(story.state, cycle)}
