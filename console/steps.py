"""What may be done next in a task, an order or a cycle: what is owed, and what is also possible. ``decide`` has the last word.

``seen`` says what a step depends on, as short text. A form carries it, so that a page opened before somebody else acted is told
so; what does not matter to the step (a reminder, another period) is not in it, and leaves open forms as they are.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from domain.authority import Hands, Parties
from domain.cycle import Cycle, Phase, phase_deadlines
from domain.order import Order
from domain.order import parties as order_parties
from domain.policy import Duty, Relation
from domain.task.state import Task, stage_of
from projections.debts import Debt, of_cycle, of_order, of_task


@dataclass(frozen=True, kw_only=True)
class Step:
    """One command that has its turn. ``subject`` is the period, where there is one; ``relation`` owes it.

    ``rank`` is 0 for what is awaited, 1 for what is possible beside it, 2 for what a person may do in another's place. ``only`` narrows
    who may do it further than the table of rights does.
    """

    command: str
    relation: Relation
    seen: str
    subject: str = ""
    due: datetime | None = None
    rank: int = 0
    duty: Duty | None = None
    hands: Hands = field(default_factory=dict)
    only: Relation | None = None
    parties: Parties = field(default_factory=Parties)


def task_steps(task: Task, cycle: Cycle) -> tuple[Step, ...]:
    """Give the steps of a task, the most urgent first."""
    shared = {deadline.key: deadline.dates.current for deadline in phase_deadlines(cycle)}
    found: list[Step] = []
    for debt in of_task(task):
        if debt.phase in {None, cycle.phase}:
            step = _step(debt, _seen_of_task(task, cycle, debt), _parties(task, debt))
            found += _with_what_is_possible(replace(step, due=step.due or shared.get(debt.deadline_key)))
    return tuple(sorted(found, key=_urgency))


def order_steps(order: Order) -> tuple[Step, ...]:
    """Give the steps of a supervision order. Feedback may be given at any time; what is awaited is that it is put right."""
    seen, whom = f"{order.stage}|{order.returns}", order_parties(order)
    found = [_step(debt, seen, whom) for debt in of_order(order)]
    ranked = (replace(step, rank=int(step.command == "GiveFeedback")) for step in found)
    return tuple(sorted(ranked, key=_urgency))


def cycle_steps(cycle: Cycle, on: date) -> tuple[Step, ...]:
    """Give the steps of a whole cycle on a day. What is not open yet, only the top leader may bring forward."""
    found: list[Step] = []
    for debt in of_cycle(cycle):
        step = _step(debt, f"{cycle.phase}|{cycle.carrying_in}", Parties())
        early = debt.opens is not None and on < debt.opens
        if debt.command != "PlanTasks":  # Plans come from a workbook.
            found.append(replace(step, rank=1, relation=Relation.TOP_LEADER, only=Relation.TOP_LEADER) if early else step)
    if cycle.phase is Phase.RUNNING:
        seen = f"{cycle.phase}|{len(cycle.pre_assessments)}"
        found.append(Step(command="CallPreAssessment", relation=Relation.OFFICE, seen=seen, rank=1))
    return tuple(found)


def _step(debt: Debt, seen: str, parties: Parties) -> Step:
    return Step(
        command=debt.command,
        relation=debt.relation,
        seen=seen,
        subject=debt.period,
        due=debt.deadline.dates.current if debt.deadline else None,
        duty=debt.duty,
        hands=debt.hands,
        parties=parties,
    )


def _with_what_is_possible(step: Step) -> Iterable[Step]:
    yield step
    match step.command:
        case "AcceptReport":
            yield replace(step, command="ReturnReport", rank=1)
        case "SignReport":
            yield replace(step, command="SubmitReport", relation=Relation.PROVIDER, rank=1, duty=None, hands={})
        case _:
            pass


def _seen_of_task(task: Task, cycle: Cycle, debt: Debt) -> str:
    """Say what the step depends on: the report's version and stage, or the task's own."""
    if debt.command == "DeliverContribution":
        return f"{debt.period}|{debt.department}"
    if debt.period:
        report = task.reports[debt.period]
        return f"{debt.period}|{report.version}|{report.stage}"
    return f"{stage_of(task, cycle)}|{task.points}"


def _parties(task: Task, debt: Debt) -> Parties:
    """Give whom the step concerns; a contribution concerns the one department that owes it."""
    whom = task.parties
    if debt.command == "DeliverContribution":
        return Parties(lead=whom.lead, assisting=((debt.department, debt.person),))
    return whom


def _urgency(step: Step) -> tuple[int, bool, float]:
    return step.rank, step.due is None, 0.0 if step.due is None else step.due.timestamp()
