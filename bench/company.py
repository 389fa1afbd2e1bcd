"""A company and a cycle of as many tasks as a bench needs, built through the same door as a real one."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal

from application.dukao import Dukao
from application.mandate import asked_by
from application.seeds.policies import hurried, seed_policies
from application.submit import submit
from application.workbook.plan import CyclePlan, Plan, PlannedIndicator, PlannedPolicy, PlannedTask
from application.workbook.start import start_cycle
from domain import names
from domain.cycle import Assignment, Cycle, IssueCycle, Provider, ProviderKind, task_streams
from domain.decider import Actor, Asked, Source, SourceKind, derived
from domain.indicator import Definition, Frequency
from domain.organisation import Appointed, DepartmentEstablished, DepartmentKind, LiaisonNamed, PostEstablished, Register, Role
from domain.reported import Number
from domain.scoring.target_step import TargetStep
from domain.task.commands import Accept, SubmitReport
from workflows.messages import Answer

DEPARTMENTS = 50  # A task is one indicator in one department's hands; more tasks are more indicators.
SINCE = date(2020, 1, 1)
DAY_S = 86_400  # Deadlines in seconds let every period open at once; a day each keeps all of them far away.
SOURCE = Source(kind=SourceKind.COMMAND_LINE, place="bench")
PERIOD = "Q1"
READY_WITHIN_S = 120.0
LOOK_EVERY_S = 0.02


@dataclass(frozen=True, kw_only=True)
class Tasks:
    """A cycle's tasks, by the names of their streams, and the answer to its issue."""

    cycle: str
    streams: tuple[str, ...]


async def planned(dukao: Dukao, cycle_id: str, tasks: int) -> Tasks:
    """Bring the company and a cycle of ``tasks`` tasks into the store; nothing is issued yet."""
    plan = _plan(cycle_id, tasks)
    report = await start_cycle(dukao, plan, source_digest=derived(cycle_id).hex, door=SOURCE.kind)
    assert report.refused is None, report.refused
    stream = names.cycle(cycle_id)
    cycle: Cycle = await dukao.ledger.state_of(stream)
    return Tasks(cycle=stream, streams=task_streams(cycle_id, cycle)[:tasks])


async def issue(dukao: Dukao, tasks: Tasks) -> Answer:
    """Have the leader issue the cycle; its workflow then starts the tasks."""
    command = IssueCycle(document="演〔2026〕1号", issuer="演示考核委员会")
    answer = await submit(dukao, tasks.cycle, command, await _by("leader", dukao, tasks.cycle))
    assert answer.status == "done", answer
    return answer


async def all_issued(dukao: Dukao, tasks: Tasks) -> None:
    """Wait until the first event of every task is stored."""
    prefix = f"task/{names.cycle_of(tasks.cycle)}/"

    async def is_so() -> bool:
        return len(await dukao.log.streams(prefix)) == len(tasks.streams)

    await _until(is_so, len(tasks.streams))


async def all_called(dukao: Dukao, tasks: Tasks) -> None:
    """Wait until the cycle's workflow has recorded that every task's workflow is started."""

    async def is_so() -> bool:
        cycle: Cycle = await dukao.ledger.state_of(tasks.cycle)
        return not cycle.calls

    await _until(is_so, len(tasks.streams))


async def accepted(dukao: Dukao, streams: Sequence[str]) -> None:
    """Have every task accepted by its department's head, after which its periods are open."""
    for stream in streams:
        head = f"{stream.rpartition('/')[2]}-head"
        answer = await submit(dukao, stream, Accept(), await _by(head, dukao, stream))
        assert answer.status == "done", answer


async def report(dukao: Dukao, stream: str, run: str, number: int) -> Answer:
    """Submit a report of the task's first period: a new version each time."""
    department = stream.rpartition("/")[2]
    clerk = f"{department}-clerk"
    asked = Asked(
        id=derived(stream, run, number),
        by=Actor(person=clerk, post=clerk, department=department),
        at=datetime.now(UTC),
        source=SOURCE,
    )
    value = Number(name="actual", value=Decimal(9) + Decimal(number) / 100)
    command = SubmitReport(period=PERIOD, values=(value,), as_of=SINCE, data_source="用电信息采集系统")
    answer = await submit(dukao, stream, command, asked)
    assert answer.status == "done", answer
    return answer


async def _until(is_so: Callable[[], Awaitable[bool]], tasks: int) -> None:
    async with asyncio.timeout(READY_WITHIN_S + tasks):
        while not await is_so():  # noqa: ASYNC110  What is awaited happens in another process.
            await asyncio.sleep(LOOK_EVERY_S)


async def _by(person: str, dukao: Dukao, stream: str) -> Asked:
    return await asked_by(dukao, person, stream=stream, command_key="bench", source=SOURCE)


def _plan(cycle_id: str, tasks: int) -> Plan:
    year = datetime.now(UTC).year
    departments = [f"d{number:02}" for number in range(1, DEPARTMENTS + 1)]
    indicators = [f"i{number:03}" for number in range(1, -(-tasks // DEPARTMENTS) + 1)]
    pairs = [(indicator, department) for indicator in indicators for department in departments][:tasks]
    policies = hurried(seed_policies(), day_seconds=DAY_S)
    return Plan(
        cycle=CyclePlan(
            cycle=cycle_id, name=f"{year}年度", year=year, scope="company", starts=date(year, 1, 1), ends=date(year, 12, 31)
        ),
        register=_register(departments),
        contacts=(),
        policies=(
            PlannedPolicy(rule="ladders", body=policies.ladders),
            PlannedPolicy(rule="limits", body=policies.limits),
        ),
        indicators=tuple(
            PlannedIndicator(indicator=indicator, definition=_definition(indicator), trial={}, place=indicator)
            for indicator in indicators
        ),
        tasks=tuple(PlannedTask(assignment=_assignment(*pair), place="/".join(pair)) for pair in pairs),
    )


def _register(departments: Sequence[str]) -> Register:
    heads = {"leader": ("lead", Role.TOP_LEADER), "office-head": ("office", Role.OFFICE_HEAD)}
    heads |= {f"{department}-head": (department, Role.HEAD) for department in departments}
    people = heads | {f"{department}-clerk": (department, Role.STAFF) for department in departments}
    kinds = {"lead": DepartmentKind.LEADERSHIP, "office": DepartmentKind.FUNCTIONAL}
    return Register(
        departments=tuple(
            DepartmentEstablished(department=each, name=each, kind=kinds.get(each, DepartmentKind.STATION))
            for each in (*kinds, *departments)
        ),
        posts=tuple(
            PostEstablished(post=person, department=department, title=person, roles=(role,))
            for person, (department, role) in people.items()
        ),
        appointments=tuple(Appointed(person=person, post=person, since=SINCE) for person in people),
        liaisons=tuple(
            LiaisonNamed(department=department, person=f"{department}-clerk", deputy="", since=SINCE)
            for department in departments
        ),
    )


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


def _definition(indicator: str) -> Definition:
    return replace(LINE_LOSS, name=f"低压线损率 {indicator}")


def _assignment(indicator: str, department: str) -> Assignment:
    return Assignment(
        indicator=indicator,
        version=0,
        lead=department,
        responsible=f"{department}-clerk",
        reviewing="office",
        provider=Provider(kind=ProviderKind.SELF),
    )
