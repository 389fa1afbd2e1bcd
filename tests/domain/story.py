"""A small company and one indicator, told as a story: commands at instants, and what was recorded."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from uuid import uuid4

from application.seeds import seed_calendar
from domain import cycle, organisation
from domain.cycle import Assignment, Assisting, Cycle, IssueCycle, OpenCycle, PlanTasks, Provider, ProviderKind
from domain.decider import SYSTEM, Actor, Asked, Decider, Source, SourceKind
from domain.indicator import Definition, Frequency, Indicator
from domain.known import Known
from domain.organisation import (
    Appointed,
    DepartmentEstablished,
    DepartmentKind,
    FieldAssigned,
    LiaisonNamed,
    Organisation,
    PostEstablished,
    Register,
    Role,
)
from domain.policy import Act, Duties, Ladders, Limits, Policies, Relation, Rung, Standards
from domain.reported import Number
from domain.scoring.target_step import TargetStep
from domain.task import TASK
from domain.task.commands import Accept, IssueTask, SubmitReport

CALENDAR = seed_calendar()
OFFICE = timezone(timedelta(hours=8))
SINCE = date(2025, 1, 1)
R = Relation

PEOPLE = {
    "leader": ("company", Role.TOP_LEADER),
    "deputy": ("company", Role.DEPUTY_LEADER),
    "office-head": ("office", Role.OFFICE_HEAD),
    "office-clerk": ("office", Role.OFFICE),
    "supervisor": ("office", Role.SUPERVISION),
    "ops-head": ("ops", Role.HEAD),
    "ops-clerk": ("ops", Role.STAFF),
    "sales-head": ("sales", Role.HEAD),
    "sales-clerk": ("sales", Role.STAFF),
    "safety-head": ("safety", Role.HEAD),
    "safety-clerk": ("safety", Role.STAFF),
}
LADDERS = Ladders(
    accept=(
        Rung(key="remind-1", level=0, act=Act.REMIND, to=(R.LEAD_HEAD, R.LEAD_LIAISON), workdays=-1),
        Rung(key="due", level=1, act=Act.PROMPT, to=(R.LEAD_HEAD,)),
        Rung(key="deem", level=3, act=Act.DEEM, to=(R.DEPUTY_LEADER, R.LEAD_HEAD), workdays=3),
    ),
    report=(
        Rung(key="assist-5", level=0, act=Act.REMIND, to=(R.ASSISTING,), workdays=-5, sender=R.RESPONSIBLE),
        Rung(key="remind-3", level=0, act=Act.REMIND, to=(R.PROVIDER, R.LEAD_LIAISON), workdays=-3),
        Rung(key="due", level=1, act=Act.PROMPT, to=(R.PROVIDER, R.PROVIDER_HEAD)),
        Rung(key="chase-2", level=2, act=Act.CHASE, to=(R.PROVIDER_HEAD, R.OFFICE), workdays=2),
        Rung(key="order-5", level=3, act=Act.ORDER, to=(R.PROVIDER_HEAD, R.DEPUTY_LEADER), workdays=5),
    ),
    review=(Rung(key="due", level=1, act=Act.PROMPT, to=(R.REVIEWER,)),),
    self_score=(
        Rung(key="due", level=1, act=Act.PROMPT, to=(R.LEAD_HEAD,)),
        Rung(key="deem", level=3, act=Act.DEEM, to=(R.LEAD_HEAD,), workdays=1),
    ),
    review_score=(Rung(key="due", level=1, act=Act.PROMPT, to=(R.REVIEWER, R.OFFICE)),),
    consolidate=(Rung(key="due", level=1, act=Act.PROMPT, to=(R.OFFICE,)),),
    order=(
        Rung(key="due", level=1, act=Act.PROMPT, to=(R.LEAD_HEAD,)),
        Rung(key="red-3", level=3, act=Act.CIRCULAR, to=(R.LEAD_HEAD, R.TOP_LEADER), workdays=3),
    ),
)
POLICIES = Policies(ladders=LADDERS, limits=Limits(), duties=Duties(), standards=Standards())

LINE_LOSS = Definition(
    name="低压线损率",
    category="经济运行",
    unit="%",
    direction="lower",
    points=Decimal(6),
    rule=TargetStep(points=Decimal(6), step=Decimal("0.1"), deduct=Decimal("0.3"), target=Decimal(11), direction="lower"),
    rule_text="以 11% 为标准，每高 0.1 个百分点扣 0.3 分，扣完为止",
    frequency=Frequency.QUARTER,
    data_source="用电信息采集系统",
)
TASK_STREAM = "task/2026/line-loss/ops"


def asked(person: str, at: datetime, **more: Any) -> Asked:
    """Give who asks, in the first post they hold."""
    by = SYSTEM if person == SYSTEM.person else Actor(person=person, post=person, department=PEOPLE[person][0])
    kind = SourceKind.EFFECT if person == SYSTEM.person else SourceKind.PAGE
    return Asked(id=uuid4(), by=by, at=at, source=Source(kind=kind), **more)


def local(year: int, month: int, day: int, hour: int = 10, minute: int = 0) -> datetime:
    """Give an instant on the office's clock (+08:00)."""
    return datetime(year, month, day, hour, minute, tzinfo=OFFICE)


def company() -> Organisation:
    """Give the company."""
    names = dict.fromkeys(department for department, _ in PEOPLE.values())
    roster = Register(
        departments=tuple(DepartmentEstablished(department=d, name=d, kind=DepartmentKind.FUNCTIONAL) for d in names),
        posts=tuple(PostEstablished(post=p, department=d, title=p, roles=(role,)) for p, (d, role) in PEOPLE.items()),
        appointments=tuple(Appointed(person=p, post=p, since=SINCE) for p in PEOPLE),
        liaisons=tuple(
            LiaisonNamed(department=d, person=f"{d}-clerk", deputy="", since=SINCE) for d in ("ops", "sales", "safety", "office")
        ),
        fields=(FieldAssigned(leader="deputy", departments=("ops", "sales"), since=SINCE),),
    )
    state = Organisation()
    by = replace(asked(SYSTEM.person, local(2025, 1, 1)), source=Source(kind=SourceKind.COMMAND_LINE))
    for event in organisation.decide(roster, state, None, by):
        state = organisation.evolve(state, event, by)
    return state


def assignment(**changes: Any) -> Assignment:
    """Give the line loss of operations: its value comes from sales, safety reviews it, sales assists."""
    usual = Assignment(
        indicator="line-loss",
        version=1,
        lead="ops",
        responsible="ops-clerk",
        reviewing="safety",
        provider=Provider(kind=ProviderKind.SELF),
        deputy_leader="deputy",
        share=Decimal(70),
        assisting=(Assisting(department="sales", person="sales-clerk", share=Decimal(30)),),
    )
    return replace(usual, **changes)


def cycle_known(**changes: Any) -> cycle.CycleKnown:
    """Give what decisions on the cycle know."""
    usual = cycle.CycleKnown(organisation=company(), calendar=CALENDAR, policies=POLICIES, definitions={"line-loss": 1})
    return replace(usual, **changes)


def running_cycle(assigned: Assignment | None = None, *, issued_at: datetime | None = None) -> Cycle:
    """Give the cycle of 2026, issued on the afternoon of Friday 13 February unless said otherwise."""
    known = cycle_known()
    issued_at = issued_at or local(2026, 2, 13, 15)
    state = Cycle()
    for person, command in (
        ("office-head", open_cycle()),
        ("office-head", PlanTasks(assignments=(assigned or assignment(),))),
        ("leader", IssueCycle(document="演供绩〔2026〕1号", issuer="绩效考核委员会")),
    ):
        by = asked(person, issued_at)
        for event in cycle.decide(command, state, known, by):
            state = cycle.evolve(state, event, by)
    return state


def open_cycle(**changes: Any) -> OpenCycle:
    """Give the command that opens 2026."""
    usual = OpenCycle(
        name="2026年度",
        year=2026,
        scope="company",
        starts=date(2026, 1, 1),
        ends=date(2026, 12, 31),
        calendar="cn",
        calendar_version=1,
        rules=(),
    )
    return replace(usual, **changes)


def known_at(running: Cycle | None = None, **changes: Any) -> Known:
    """Give what decisions on the task know."""
    usual = Known(
        cycle=running or running_cycle(),
        organisation=company(),
        calendar=CALENDAR,
        policies=POLICIES,
        indicator=Indicator(versions=(LINE_LOSS,)),
    )
    return replace(usual, **changes)


@dataclass
class Story:
    """One stream, told command by command. What was due before a command is recorded before it, as in ``execute``."""

    known: Any
    decider: Decider = TASK
    state: Any = None
    events: list[Any] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Begin before the first event."""
        self.state = self.decider.initial

    def until(self, at: datetime, *, inclusive: bool = True) -> list[Any]:
        """Let time pass: record what is due up to ``at``."""
        told: list[Any] = []
        while True:
            due = next((d for d in self.decider.wakes(self.state, self.known) if d.at < at or (inclusive and d.at == at)), None)
            if due is None:
                return told
            by = Asked(id=uuid4(), by=SYSTEM, at=due.at, source=Source(kind=SourceKind.TIMER, place=due.key))
            fired = self.decider.fire(due, self.state, self.known)
            told += self._fold(fired, by)
            assert due not in self.decider.wakes(self.state, self.known), "what has fired is not due any more"

    def when(self, person: str, command: Any, at: datetime, **more: Any) -> list[Any]:
        """Give a command; answer what it recorded itself. Raises Refused."""
        self.until(at, inclusive=False)
        by = asked(person, at, **more)
        return self._fold(self.decider.decide(command, self.state, self.known, by), by)

    def _fold(self, events: list[Any], by: Asked) -> list[Any]:
        for event in events:
            self.state = self.decider.evolve(self.state, event, by)
        self.events += events
        return events


def issued(running: Cycle | None = None) -> Story:
    """Tell the story up to the issue."""
    story = Story(known=known_at(running))
    at = story.known.cycle.issued_at
    story.when(SYSTEM.person, IssueTask(task=TASK_STREAM, indicator="line-loss", lead="ops"), at)
    return story


def accepted() -> Story:
    """Tell the story up to the head's acceptance, on the next working day (24 February, after the Spring Festival)."""
    story = issued()
    story.when("ops-head", Accept(), local(2026, 2, 24))
    return story


def report(value: str = "11.7", period: str = "Q1", as_of: date = date(2026, 3, 31)) -> SubmitReport:
    """Give a report of the line loss."""
    return SubmitReport(
        period=period, values=(Number(name="actual", value=Decimal(value)),), as_of=as_of, data_source="用电信息采集系统"
    )
