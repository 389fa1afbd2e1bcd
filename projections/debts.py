"""Who owes which command now: pure functions of the states the deciders fold, so there is no second truth about it.

A debt says which command would pay it, in which phase of the cycle it is owed at all, and who owes it: a relation, with the
department and the person where they are fixed. Whom that is today is asked of the organisation when somebody looks.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta

from domain.authority import Hands, Parties
from domain.cycle import CONSOLIDATE, REVIEW_SCORE, SELF_SCORE, Cycle, Phase
from domain.deadline import Deadline
from domain.order import Order, OrderStage
from domain.order import parties as order_parties
from domain.policy import Duty, Relation
from domain.task.state import Report, ReportStage, Stage, Task

ONE_DAY = timedelta(days=1)
LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Debt:
    """One command somebody owes. ``phase`` is the cycle's while it is owed (None: in any).

    ``deadline`` None: the phase's own, named ``deadline_key``, or none at all. ``opens`` is the first day it can be paid (None: now).
    ``duty`` and ``hands`` say which part in the making of a score it is, and who did the others. ``department`` and ``person`` are
    those of ``relation`` and empty where the relation alone says who.
    """

    command: str
    relation: Relation
    period: str = ""
    phase: Phase | None = None
    department: str = ""
    person: str = ""
    deadline: Deadline | None = None
    deadline_key: str = ""
    opens: date | None = None
    duty: Duty | None = None
    hands: Hands = field(default_factory=dict)

    @property
    def key(self) -> tuple[str, str, str]:
        """Name the debt within its stream."""
        return (self.command, self.period, self.department)


def of_task(task: Task) -> tuple[Debt, ...]:
    """Give what is owed on a task: while the cycle runs, and what scoring will ask as soon as its data are locked."""
    if task.issued is None:
        return ()
    return (*_running(task), *_scoring(task))


def of_order(order: Order) -> tuple[Debt, ...]:
    """Give what is owed on a supervision order."""
    whom = order_parties(order)
    match order.stage:
        case OrderStage.ASSIGNED:
            return (_on_order(order, "SignForOrder", Relation.RESPONSIBLE, department=whom.lead, person=whom.responsible),)
        case OrderStage.IN_HANDLING:
            return (
                _on_order(order, "GiveFeedback", Relation.RESPONSIBLE, department=whom.lead, person=whom.responsible),
                _on_order(order, "ClaimCompletion", Relation.LEAD_HEAD, department=whom.lead),
            )
        case OrderStage.CLAIMED:
            # The date was the handler's; whoever verifies has none of their own.
            return (
                replace(_on_order(order, "VerifyOrder", Relation.SUPERVISOR, duty=Duty.VERIFY), deadline=None, deadline_key=""),
            )
        case _:
            return ()  # Not opened yet, or struck off.


def of_cycle(cycle: Cycle) -> tuple[Debt, ...]:
    """Give the acts of the office and the top leader a cycle waits for. Approval is owed once all tasks are consolidated."""
    match cycle.phase:
        case Phase.PLANNED if cycle.plan:
            return (Debt(command="IssueCycle", relation=Relation.TOP_LEADER),)
        case Phase.PLANNED:
            return (Debt(command="PlanTasks", relation=Relation.OFFICE),)
        case Phase.RUNNING if cycle.carrying_in:
            return (Debt(command="CloseCarryIn", relation=Relation.OFFICE),)
        case Phase.RUNNING:
            assert cycle.opened is not None
            return (Debt(command="LockData", relation=Relation.OFFICE, opens=cycle.opened.ends + ONE_DAY),)
        case Phase.LOCKED:
            return (Debt(command="ApproveResults", relation=Relation.TOP_LEADER),)
        case Phase.APPROVED:
            return (Debt(command="PubliciseResults", relation=Relation.OFFICE),)
        case Phase.FINAL:
            return (Debt(command="ArchiveCycle", relation=Relation.OFFICE),)
        case _:
            return ()  # The notice ends by itself, and what is archived is done.


def first(debts: tuple[Debt, ...], phase: Phase) -> Debt | None:
    """Give the debt a matter waits for most urgently in a phase, the lead's own before what others contribute."""
    owed = [debt for debt in debts if debt.phase in {None, phase} and debt.command != "DeliverContribution"]
    return min(owed, key=lambda debt: debt.deadline.dates.current if debt.deadline else LONG_AGO, default=None)


def _running(task: Task) -> Iterator[Debt]:
    whom = task.parties
    if task.stage is Stage.ISSUED:
        yield Debt(
            command="Accept",
            relation=Relation.LEAD_HEAD,
            phase=Phase.RUNNING,
            department=whom.lead,
            deadline=task.accept,
            deadline_key="accept",
        )
    for period, report in task.reports.items():
        yield from _on_report(period, report, whom)


def _on_report(period: str, report: Report, whom: Parties) -> Iterator[Debt]:
    match report.stage:
        case ReportStage.OPEN | ReportStage.RETURNED:
            person = whom.responsible if whom.providing == whom.lead else ""
            yield _of_report(
                period, report, "SubmitReport", Relation.PROVIDER, department=whom.providing, person=person, duty=Duty.REPORT
            )
        case ReportStage.SUBMITTED:
            yield _of_report(period, report, "SignReport", Relation.PROVIDER_HEAD, department=whom.providing, duty=Duty.SIGN)
        case ReportStage.SIGNED:
            yield _of_report(period, report, "AcceptReport", Relation.REVIEWER, department=whom.reviewing, duty=Duty.REVIEW)
            return
        case _:
            return  # Not open yet, accepted, or missing for good.
    for department, person in whom.assisting:
        if department not in report.contributed:
            yield _of_report(period, report, "DeliverContribution", Relation.ASSISTING, department=department, person=person)


def _of_report(
    period: str, report: Report, command: str, relation: Relation, *, department: str, person: str = "", duty: Duty | None = None
) -> Debt:
    deadline = report.review if duty is Duty.REVIEW and report.review is not None else report.deadline
    return Debt(
        command=command,
        relation=relation,
        period=period,
        phase=Phase.RUNNING,
        department=department,
        person=person,
        deadline=deadline,
        deadline_key=deadline.key,
        duty=duty,
        hands=report.hands if duty is not Duty.REPORT else {},
    )


def _scoring(task: Task) -> Iterator[Debt]:
    whom = task.parties
    match task.stage:
        case Stage.ISSUED | Stage.ACCEPTED | Stage.IN_EXECUTION:
            command, relation, department, key, duty = "SelfScore", Relation.LEAD_HEAD, whom.lead, SELF_SCORE, Duty.SELF_SCORE
        case Stage.SELF_SCORED:
            command, relation, department, key, duty = (
                "ReviewScore",
                Relation.REVIEWER,
                whom.reviewing,
                REVIEW_SCORE,
                Duty.REVIEW_SCORE,
            )
        case Stage.REVIEW_SCORED:
            command, relation, department, key, duty = "Consolidate", Relation.OFFICE, "", CONSOLIDATE, Duty.CONSOLIDATE
        case _:
            return  # Consolidated: the cycle's turn.
    yield Debt(
        command=command,
        relation=relation,
        phase=Phase.LOCKED,
        department=department,
        deadline_key=key,
        duty=duty,
        hands=task.all_hands,
    )


def _on_order(
    order: Order, command: str, relation: Relation, *, department: str = "", person: str = "", duty: Duty | None = None
) -> Debt:
    return Debt(
        command=command,
        relation=relation,
        department=department,
        person=person,
        deadline=order.deadline,
        deadline_key="order",
        duty=duty,
        hands=order.hands,
    )
