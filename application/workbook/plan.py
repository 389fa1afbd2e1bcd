"""What a workbook without faults comes to: everything a cycle starts with, as the commands' parts, in the order of the workbook."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from domain.cycle import Assignment
from domain.indicator import Definition
from domain.organisation import Register
from domain.policy import Policy


@dataclass(frozen=True, kw_only=True)
class Contact:
    """A person's name and how to reach them. Goes to the erasable table and never into the log."""

    person: str
    name: str
    phone: str = ""
    email: str = ""


@dataclass(frozen=True, kw_only=True)
class PlannedPolicy:
    """A policy and the id of its rule's stream. ``seed``: it comes with the program and never replaces what an office has published."""

    rule: str
    body: Policy
    document: str = ""
    seed: bool = False


@dataclass(frozen=True, kw_only=True)
class PlannedIndicator:
    """An indicator's id, its definition, and the trial values of its row (empty: none), as the rule reads them."""

    indicator: str
    definition: Definition
    trial: Mapping[str, object]
    place: str


@dataclass(frozen=True, kw_only=True)
class PlannedTask:
    """An assignment whose ``version`` is still open (0): it is the definition's version once that is published."""

    assignment: Assignment
    place: str


@dataclass(frozen=True, kw_only=True)
class CyclePlan:
    """The cycle's own settings. ``calendar`` is a region."""

    cycle: str
    name: str
    year: int
    scope: str
    starts: date
    ends: date
    calendar: str = "cn"
    carrying_in: bool = False


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A whole workbook. ``register`` is empty where the workbook has no organisation of its own."""

    cycle: CyclePlan
    register: Register
    contacts: tuple[Contact, ...]
    policies: tuple[PlannedPolicy, ...]
    indicators: tuple[PlannedIndicator, ...]
    tasks: tuple[PlannedTask, ...]

    def counts(self) -> Mapping[str, int]:
        """Count what the plan would create in an empty store."""
        return {
            "departments": len(self.register.departments),
            "people": len(self.contacts),
            "liaisons": len(self.register.liaisons),
            "policies": len(self.policies),
            "indicators": len(self.indicators),
            "tasks": len(self.tasks),
        }
