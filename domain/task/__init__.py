"""One indicator in one department's hands, from issue to archive.

    ISSUED ──► ACCEPTED ──► IN_EXECUTION ──► DATA_LOCKED ──► SELF_SCORED ──► REVIEW_SCORED ──► CONSOLIDATED ──► APPROVED …
       accept, or silence    a period opens    the cycle's                                                   the cycle's

Within IN_EXECUTION each period has a report of its own:

    NOT_OPEN ──► OPEN ──► SUBMITTED ──► SIGNED ──► ACCEPTED          MISSING: not accepted when the data were locked
                  ▲                        │
               RETURNED ◄──────────────────┘

Overdue levels, open orders and late flags are attributes and never stages.
"""

from typing import get_args

from domain.decider import Decider, Owed, derived
from domain.order import Colour, OrderCause, RegisterOrder
from domain.task.clock import fire, wakes
from domain.task.commands import Command, LinkOrder
from domain.task.decide import decide
from domain.task.facts import Event
from domain.task.state import Task, evolve


def owes(state: Task) -> tuple[Owed, ...]:
    """Owe every supervision order that was asked for and is not known to be open."""
    return tuple(
        Owed(
            id=derived(asked.order, "register"),
            stream=asked.order,
            command=RegisterOrder(
                order=asked.order,
                task=state.the.task,
                cause=asked.cause,
                matter=asked.matter,
                lead=state.the.assignment.lead,
                responsible=state.the.assignment.responsible,
                deputy_leader=state.the.assignment.deputy_leader,
                due=asked.due,
                colour=Colour.RED if asked.cause == OrderCause.OVERDUE else Colour.YELLOW,
            ),
            at=asked.at,
            then=LinkOrder(order=asked.order),
        )
        for asked in state.orders.values()
        if not asked.linked
    )


TASK = Decider(
    name="task",
    commands=get_args(Command),
    events=get_args(Event),
    initial=Task(),
    decide=decide,
    evolve=evolve,
    wakes=wakes,
    fire=fire,
    owes=owes,
)
