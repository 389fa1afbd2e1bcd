"""A small play for trials: six tasks in a company of nineteen, acted from issue to archive within a minute, with one planned miss.

Every deadline is minutes away but the one that is to be missed, so what happens does not depend on how fast the machine is, nor on
servers that are stopped and started meanwhile: the same streams come out.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal

from application.demonstration.archive import rest_of_order, to_archive
from application.demonstration.play import of_cycle, scene_of
from application.demonstration.player import Player, now
from application.demonstration.script import Act, Scene, number_of
from application.seeds.policies import SEEDS, hurried, seed_policies
from application.workbook.plan import Contact, CyclePlan, Plan, PlannedIndicator, PlannedPolicy, PlannedTask
from domain.calendar import DeadlineRule
from domain.cycle import Assignment, Assisting, CallPreAssessment, IssueCycle, Phase, Provider, ProviderKind
from domain.indicator import Definition, Frequency
from domain.order import Order, OrderStage
from domain.organisation import (
    Appointed,
    DepartmentEstablished,
    DepartmentKind,
    FieldAssigned,
    LiaisonNamed,
    PostEstablished,
    Register,
    Role,
)
from domain.policy import Act as RungAct
from domain.policy import Ladders, Policies, Relation, Rung
from domain.reported import Number, Reported
from domain.scoring.target_step import TargetStep
from domain.task.commands import Accept, AcceptReport, DeliverContribution, ReturnReport, SignReport, SubmitReport
from domain.task.facts import ReturnCode
from domain.task.state import Task

CYCLE = "small"
MISSED = "planned-miss"  # The indicator whose yearly report never comes in time.
GAP = "line-loss"  # The indicator that falls short of its standard.
RETURNED = "arrears"  # The indicator whose first report goes back once.
LEADS = {GAP: "ops", "outages": "ops", RETURNED: "sales", "complaints": "sales", "patrols": "works", MISSED: "works"}
PERIOD = "H1"

LEADERSHIP: Mapping[str, tuple[str, Role]] = {
    "director": ("lead", Role.TOP_LEADER),
    "deputy": ("lead", Role.DEPUTY_LEADER),
    "office-head": ("office", Role.OFFICE_HEAD),
    "officer-1": ("office", Role.OFFICE),
    "officer-2": ("office", Role.OFFICE),
    "inspector-1": ("inspection", Role.SUPERVISION),
    "inspector-2": ("inspection", Role.SUPERVISION),
}
WORKING = ("ops", "sales", "works", "safety")


def small_plan(year: int, *, minutes: int = 15, miss_seconds: int = 4) -> Plan:
    """Give the plan of a year that is over: limits of ``minutes``, but ``miss_seconds`` for the report that is to be missed.

    Limits run from a period's end or from the issue, whichever is later; so here they all run from the issue.
    """
    policies = _policies(minutes * 60, miss_seconds)
    return Plan(
        cycle=CyclePlan(
            cycle=CYCLE, name="小演习（演示）", year=year, scope="全公司", starts=date(year, 1, 1), ends=date(year, 12, 31)
        ),
        register=_register(date(year - 1, 1, 1)),
        contacts=tuple(Contact(person=person, name=f"{person}（演示）") for person in _people()),
        policies=tuple(PlannedPolicy(rule=kind, body=getattr(policies, kind)) for kind in SEEDS),
        indicators=tuple(
            PlannedIndicator(indicator=each, definition=_definition(each), trial={}, place="small") for each in LEADS
        ),
        tasks=tuple(PlannedTask(assignment=_assignment(each, lead), place="small") for each, lead in LEADS.items()),
    )


async def play_small(player: Player, *, seconds: int = 600) -> None:
    """Act the small cycle, planned already, from its issue to its archive. Raises PlayStopped. Goes on where it stopped."""
    scene = await scene_of(player, now())
    if (await player.state()).phase in {Phase.PLANNED, Phase.RUNNING}:
        await _issue_and_report(player, scene)
        await _miss(player)
        await _pre_assess(player, scene)
        await _put_right(player, scene)
    await to_archive(player, seconds=seconds, notice_seconds=3, silent=False)


async def _issue_and_report(player: Player, scene: Scene) -> None:
    issue = IssueCycle(document="演习 1 号", issuer="公司")
    await player.act(of_cycle(player, now(), scene.cast.top_leader(), issue, "issue"))
    await player.called()
    await player.issued()
    await player.lanes([_acts(stream, task, scene) for stream, task in (await player.tasks()).items()])


def _acts(stream: str, task: Task, scene: Scene) -> list[Act]:
    """Give what is done with one task until its report is good."""
    indicator, parties, cast = task.the.indicator, task.parties, scene.cast

    def act(person: str, command: object, key: str) -> Act:
        return Act(at=now(), stream=stream, person=person, command=command, key=key)

    acts = [act(cast.head(parties.lead), Accept(plan="演习"), "accept")]
    if indicator == MISSED:
        return acts
    reporter, signer = cast.reporter(parties), cast.signer(parties)
    reviewer = cast.reviewer(parties, reporter, signer)
    acts += [act(person, DeliverContribution(period=PERIOD, note="演习"), "contribute") for _, person in parties.assisting]
    if indicator == RETURNED:
        back = ReturnReport(period=PERIOD, code=ReturnCode.EVIDENCE_INCOMPLETE, comment="演习")
        acts += [
            act(reporter, _report(task), "submit/1"),
            act(signer, SignReport(period=PERIOD), "sign/1"),
            act(reviewer, back, "return/1"),
        ]
    return [
        *acts,
        act(reporter, _report(task), "submit/2"),
        act(signer, SignReport(period=PERIOD), "sign/2"),
        act(reviewer, AcceptReport(period=PERIOD), "accept-report"),
    ]


def _report(task: Task) -> SubmitReport:
    period = task.the.periods[0]
    return SubmitReport(period=period.key, values=_values(task.the.indicator), as_of=period.starts, data_source="演习台账")


def _values(indicator: str) -> tuple[Reported, ...]:
    """Give a value: a good one, but for the indicator that falls short."""
    bad = indicator == GAP
    return (Number(name="actual", value=Decimal("12.0") if bad else Decimal(number_of(indicator, 30)) / 10 + 8),)


async def _miss(player: Player) -> None:
    """Wait until the missed deadline has climbed its whole ladder, to the supervision order."""

    async def has_an_order() -> bool:
        [task] = [task for task in (await player.tasks()).values() if task.the.indicator == MISSED]
        return any(order.linked for order in task.orders.values())

    await player.until(has_an_order, "逾期督办立项", "the missed deadline opens its order")


async def _pre_assess(player: Player, scene: Scene) -> None:
    call = CallPreAssessment(period=PERIOD, label="演习预考核")
    await player.act(of_cycle(player, now(), scene.cast.office(), call, "pre-assessment"))
    await player.pre_assessed(PERIOD)


async def _put_right(player: Player, scene: Scene) -> None:
    """Take every supervision order to its end, and wait until its task knows."""
    orders = [order for task in (await player.tasks()).values() for order in task.orders]
    states: Mapping[str, Order] = await player.states_of(orders)
    await player.lanes([rest_of_order(stream, state, scene) for stream, state in states.items()])

    async def all_told() -> bool:
        tasks = (await player.tasks()).values()
        states: Mapping[str, Order] = await player.states_of(orders)
        archived = all(state.stage is OrderStage.ARCHIVED for state in states.values())
        return archived and all(order.closed for task in tasks for order in task.orders.values())

    await player.until(all_told, "督办结果记入任务", "the tasks know their orders' outcomes")


def _policies(limit: int, miss: int) -> Policies:
    """Give the usual policies in seconds: all limits far away, but the yearly report's, whose ladder is climbed in three seconds."""
    far = DeadlineRule(amount=limit, unit="seconds")
    usual = hurried(seed_policies(), day_seconds=limit // 10)
    deadlines = {name: far for name, rule in vars(usual.limits).items() if isinstance(rule, DeadlineRule)}
    missed = DeadlineRule(amount=miss, unit="seconds")
    limits = replace(usual.limits, **(deadlines | {"report_year": missed}))  # type: ignore[arg-type]  # Deadline rules only.
    report = (
        Rung(key="due", level=1, act=RungAct.PROMPT, to=(Relation.PROVIDER, Relation.LEAD_HEAD)),
        Rung(key="chase", level=2, act=RungAct.CHASE, to=(Relation.LEAD_HEAD, Relation.OFFICE), seconds=1),
        Rung(key="order", level=3, act=RungAct.ORDER, to=(Relation.LEAD_HEAD, Relation.SUPERVISOR), seconds=2),
    )
    ladders: Ladders = replace(usual.ladders, report=report)
    return replace(usual, limits=limits, ladders=ladders)


def _definition(indicator: str) -> Definition:
    target = Decimal(11)
    return Definition(
        name=f"演习指标 {indicator}",
        category="演习",
        unit="%",
        direction="lower",
        points=Decimal(6),
        rule=TargetStep(points=Decimal(6), step=Decimal("0.1"), deduct=Decimal("0.3"), target=target, direction="lower"),
        rule_text="以 11% 为标准，每高 0.1 个百分点扣 0.3 分，扣完为止",
        frequency=Frequency.YEAR if indicator == MISSED else Frequency.HALF,
        data_source="演习台账",
    )


def _assignment(indicator: str, lead: str) -> Assignment:
    helps = indicator == "outages"
    return Assignment(
        indicator=indicator,
        version=0,
        lead=lead,
        responsible=f"{lead}-clerk-1",
        reviewing="safety",
        provider=Provider(kind=ProviderKind.SELF),
        deputy_leader="deputy",
        share=Decimal(70) if helps else Decimal(100),
        assisting=(Assisting(department="sales", person="sales-clerk-2", share=Decimal(30)),) if helps else (),
    )


def _people() -> Mapping[str, tuple[str, Role]]:
    working = {
        f"{department}-{part}": (department, Role.HEAD if part == "head" else Role.STAFF)
        for department in WORKING
        for part in ("head", "clerk-1", "clerk-2")
    }
    return {**LEADERSHIP, **working}


def _register(since: date) -> Register:
    people = _people()
    departments = dict.fromkeys(department for department, _ in people.values())
    return Register(
        departments=tuple(DepartmentEstablished(department=d, name=d, kind=DepartmentKind.FUNCTIONAL) for d in departments),
        posts=tuple(PostEstablished(post=p, department=d, title=p, roles=(role,)) for p, (d, role) in people.items()),
        appointments=tuple(Appointed(person=person, post=person, since=since) for person in people),
        liaisons=tuple(LiaisonNamed(department=d, person=f"{d}-clerk-1", deputy=f"{d}-clerk-2", since=since) for d in WORKING),
        fields=(FieldAssigned(leader="deputy", departments=WORKING, since=since),),
    )
