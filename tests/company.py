"""A tiny company and a cycle of three tasks, set up and acted through the real write path, on any log and with or without Temporal.

``founded`` publishes calendar, rules, roster and definitions; ``issued`` opens, plans and issues a cycle; ``Company.ask`` is anybody at
any door. Without Temporal, ``settle`` does what the workflows would do. With it, ``until`` waits for what they do, by following the log.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID

from pydantic import SecretStr
from sqlalchemy.ext.asyncio import create_async_engine

from application.dukao import Dukao
from application.execute import execute, look
from application.inbox import Inbox
from application.ledger import Ledger
from application.mandate import asked_by
from application.seeds import seed_calendar
from application.sending import unpacked
from application.settings import Settings
from application.submit import submit
from application.temporal import Keeping
from domain import names
from domain.calendar import DeadlineRule
from domain.calendars import PublishCalendar
from domain.cycle import (
    ApproveResults,
    ArchiveCycle,
    Assignment,
    Cycle,
    IssueCycle,
    LockData,
    OpenCycle,
    Pinned,
    PlanTasks,
    Provider,
    ProviderKind,
    PubliciseResults,
    RecordCall,
    task_streams,
)
from domain.decider import SYSTEM, Asked, Source, SourceKind, Wake, derived
from domain.indicator import Definition, Frequency, PublishIndicator
from domain.organisation import (
    Appointed,
    DepartmentEstablished,
    DepartmentKind,
    FieldAssigned,
    LiaisonNamed,
    PostEstablished,
    Register,
)
from domain.policy import Act, Ladders, Limits, Policies, Relation, Rung
from domain.reported import Number
from domain.rule import PublishRule
from domain.scoring.target_step import TargetStep
from domain.task.commands import Accept, AcceptReport, Consolidate, IssueTask, ReviewScore, SelfScore, SignReport, SubmitReport
from event_store.evidence import EvidenceStore
from event_store.log import Log
from tests.domain.story import PEOPLE
from workflows.messages import Answer, Outcome, Sent

PAGE = Source(kind=SourceKind.PAGE, place="/test")
SHELL = Source(kind=SourceKind.COMMAND_LINE, place="test")
SINCE = date(2010, 1, 1)
R = Relation
_keys = count(1)


def _seconds(amount: int) -> DeadlineRule:
    return DeadlineRule(amount=amount, unit="seconds")


def quick(seconds: int = 60, notice: int = 1) -> Policies:
    """Give policies whose limits are ``seconds`` (a whole year's deadlines in minutes) and whose public notice is ``notice`` seconds."""
    limit = _seconds(seconds)
    limits = Limits(
        accept=limit,
        report_month=limit,
        report_quarter=limit,
        report_half=limit,
        report_year=limit,
        review=limit,
        resubmit=limit,
        self_score=limit,
        review_score=limit,
        consolidate=limit,
        approve=limit,
        notice=_seconds(notice),
        archive=limit,
        sign_for=limit,
        rectify=limit,
    )
    due = Rung(key="due", level=1, act=Act.PROMPT, to=(R.LEAD_HEAD,))
    deem = Rung(key="deem", level=2, act=Act.DEEM, to=(R.LEAD_HEAD,), seconds=1)
    order = Rung(key="order", level=3, act=Act.ORDER, to=(R.LEAD_HEAD, R.SUPERVISOR), seconds=1)
    ladders = Ladders(
        accept=(due, deem),
        report=(due, order),
        review=(due,),
        self_score=(due, deem),
        review_score=(due,),
        consolidate=(due,),
        order=(due,),
    )
    return Policies(ladders=ladders, limits=limits)


def definition(name: str, target: int = 11) -> Definition:
    """Give an indicator that is worth 6 points at ``target`` or below, and 0.3 less for each 0.1 above; reported once a year."""
    return Definition(
        name=name,
        category="经济运行",
        unit="%",
        direction="lower",
        points=Decimal(6),
        rule=TargetStep(points=Decimal(6), step=Decimal("0.1"), deduct=Decimal("0.3"), target=Decimal(target), direction="lower"),
        rule_text=f"以 {target}% 为标准，每高 0.1 个百分点扣 0.3 分，扣完为止",
        frequency=Frequency.YEAR,
        data_source="用电信息采集系统",
    )


INDICATORS = {"line-loss": "低压线损率", "arrears": "电费欠费率", "faults": "跳闸率"}
LEADS = {"line-loss": "ops", "arrears": "sales", "faults": "ops"}


def roster() -> Register:
    """Give the company's people: a leader and a deputy, the office, and three departments with a head and a clerk each."""
    departments = dict.fromkeys(department for department, _ in PEOPLE.values())
    return Register(
        departments=tuple(DepartmentEstablished(department=d, name=d, kind=DepartmentKind.FUNCTIONAL) for d in departments),
        posts=tuple(PostEstablished(post=p, department=d, title=p, roles=(role,)) for p, (d, role) in PEOPLE.items()),
        appointments=tuple(Appointed(person=p, post=p, since=SINCE) for p in PEOPLE),
        liaisons=tuple(
            LiaisonNamed(department=d, person=f"{d}-clerk", deputy="", since=SINCE) for d in ("ops", "sales", "safety", "office")
        ),
        fields=(FieldAssigned(leader="deputy", departments=("ops", "sales"), since=SINCE),),
    )


def assignment(indicator: str, lead: str) -> Assignment:
    """Give an indicator in one department's hands; safety reviews it."""
    return Assignment(
        indicator=indicator,
        version=1,
        lead=lead,
        responsible=f"{lead}-clerk",
        reviewing="safety",
        provider=Provider(kind=ProviderKind.SELF),
        deputy_leader="deputy",
    )


@dataclass(frozen=True)
class Company:
    """The company on one process's parts. Instants default to now; a test on a log in memory gives its own."""

    dukao: Dukao
    cycle_id: str = "2025"

    @property
    def cycle(self) -> str:
        """Name the cycle's stream."""
        return names.cycle(self.cycle_id)

    @property
    def ledger(self) -> Ledger:
        """Give the folded streams."""
        return self.dukao.ledger

    def task(self, indicator: str = "line-loss") -> str:
        """Name a task's stream."""
        return names.task(self.cycle_id, indicator, LEADS[indicator])

    async def asked(self, person: str, stream: str, *, key: str | UUID | None = None, **more: Any) -> Asked:
        """Give who asks; a fresh key each time unless one is given."""
        more.setdefault("source", SHELL if person == SYSTEM.person else PAGE)
        return await asked_by(self.dukao, person, stream=stream, command_key=key or f"key-{next(_keys)}", **more)

    async def ask(self, person: str, stream: str, command: Any, **more: Any) -> Answer:
        """Send a command as a person through the door, and give the answer. ``more`` as for ``asked_by``."""
        return await submit(self.dukao, stream, command, await self.asked(person, stream, **more), patience_s=30)

    async def does(self, person: str, stream: str, command: Any, **more: Any) -> Answer:
        """Send a command that must be done."""
        answer = await self.ask(person, stream, command, **more)
        assert answer.status == "done", f"{person} {command}: {answer}"
        return answer

    async def state(self, stream: str) -> Any:
        """Give a stream's present state."""
        return await self.ledger.state_of(stream)

    async def types(self, stream: str) -> list[str]:
        """Give the types of a stream's events, in order."""
        return [event.type for event in await self.dukao.log.read(stream)]

    async def until(self, holds: Callable[[], Any], *, within_s: float = 60) -> None:
        """Wait until ``holds()`` (awaited) gives true, asking again each time the log has grown."""
        async with asyncio.timeout(within_s):
            async for _page in self.dukao.log.follow(after=await self.dukao.log.head() - 1):
                if await holds():
                    return

    async def found(self, policies: Policies | None = None, **more: Any) -> "Company":
        """Publish the calendar, the rules, the roster and the definitions."""
        system = SYSTEM.person
        await self.does(system, names.calendar("cn"), PublishCalendar(calendar=seed_calendar()), **more)
        chosen = policies or quick()
        for kind in ("ladders", "limits", "duties"):
            await self.does(system, names.rule(kind), PublishRule(rule=kind, body=getattr(chosen, kind)), **more)
        await self.does(system, names.ORGANISATION, roster(), **more)
        for indicator, name in INDICATORS.items():
            await self.does(system, names.indicator(indicator), PublishIndicator(definition=definition(name)), **more)
        return self

    async def open_cycle(
        self, indicators: Sequence[str] = tuple(INDICATORS), *, year: int, carrying_in: bool = False, **more: Any
    ) -> None:
        """Open a cycle over a whole year and plan its tasks."""
        opened = OpenCycle(
            name=f"{year}年度",
            year=year,
            scope="company",
            starts=date(year, 1, 1),
            ends=date(year, 12, 31),
            calendar="cn",
            calendar_version=1,
            rules=tuple(Pinned(rule=kind, version=1) for kind in ("ladders", "limits", "duties")),
            carrying_in=carrying_in,
        )
        await self.does("office-head", self.cycle, opened, **more)
        planned = PlanTasks(assignments=tuple(assignment(one, LEADS[one]) for one in indicators))
        await self.does("office-head", self.cycle, planned, **more)

    async def issue(self, **more: Any) -> None:
        """Issue the cycle."""
        await self.does("leader", self.cycle, IssueCycle(document="演供绩〔2026〕1号", issuer="绩效考核委员会"), **more)

    async def report(self, indicator: str = "line-loss", value: str = "11.2", *, as_of: date | None = None, **more: Any) -> None:
        """Take a task from issue to an accepted report of its year."""
        stream, lead = self.task(indicator), LEADS[indicator]
        await self.does(f"{lead}-head", stream, Accept(), **more)
        await self.does(f"{lead}-clerk", stream, year_report(value, as_of), **more)
        await self.does(f"{lead}-head", stream, SignReport(period="Y1"), **more)
        await self.does("safety-clerk", stream, AcceptReport(period="Y1"), **more)

    async def score(self, indicator: str = "line-loss", **more: Any) -> None:
        """Take a task from the lock to its consolidated score."""
        stream = self.task(indicator)
        await self.does(f"{LEADS[indicator]}-head", stream, SelfScore(), **more)
        await self.does("safety-head", stream, ReviewScore(), **more)
        await self.does("office-clerk", stream, Consolidate(), **more)

    async def lock(self, **more: Any) -> None:
        """Lock the data."""
        await self.does("office-head", self.cycle, LockData(), **more)

    async def publicise(self, **more: Any) -> None:
        """Approve the results and publicise them."""
        await self.does("leader", self.cycle, ApproveResults(minutes="纪要〔2026〕3号"), **more)
        await self.does("office-head", self.cycle, PubliciseResults(document="公示〔2026〕1号"), **more)

    async def archive(self, **more: Any) -> None:
        """Archive the cycle."""
        await self.does("office-clerk", self.cycle, ArchiveCycle(document="归档〔2026〕1号"), **more)

    async def settle(self, at: datetime) -> None:
        """Without Temporal: do what the workflows would do up to ``at``, until nothing is left."""
        while await self._settled_something(at):
            pass

    async def _settled_something(self, at: datetime) -> bool:
        moved = await self._called(at)
        cycle: Cycle = await self.state(self.cycle)
        streams = (
            *(task_streams(self.cycle_id, cycle) if cycle.issued else ()),
            *await self.dukao.log.streams(f"order/{self.cycle_id}/"),
        )
        for stream in (self.cycle, *streams):
            standing = await look(self.ledger, stream, now=at)
            for effect in standing.owed:
                await self._execute(effect.stream, effect.type, effect.body, effect.id, effect.at)
                await self._execute(stream, effect.then_type, effect.then_body, derived(effect.id, "then"), effect.at)
                moved = True
            if standing.next_at is not None and standing.next_at <= at:
                await self._wake(stream, at)
                moved = True
        return moved

    async def _called(self, at: datetime) -> bool:
        calls = (await look(self.ledger, self.cycle, now=at)).calls
        for call in calls:
            cycle: Cycle = await self.state(self.cycle)
            for stream in task_streams(self.cycle_id, cycle):
                if call.cause == "issued":
                    _, _, indicator, lead = stream.split("/")
                    issue = IssueTask(task=stream, indicator=indicator, lead=lead)
                    assert cycle.issued_at is not None
                    await execute(self.ledger, stream, issue, _by_system(derived(stream, "issue"), cycle.issued_at), now=at)
                else:
                    await self._wake(stream, call.at)
            done = RecordCall(cause=call.cause, tasks=len(cycle.plan))
            await execute(self.ledger, self.cycle, done, _by_system(derived(self.cycle, call.cause), call.at), now=at)
        return bool(calls)

    async def _wake(self, stream: str, at: datetime) -> Outcome:
        return await execute(self.ledger, stream, Wake(), _by_system(derived(stream, "wake", at, next(_keys)), at), now=at)

    async def _execute(self, stream: str, kind: str, body: str, command_id: UUID, at: datetime) -> None:
        asked = _by_system(command_id, at)
        command = unpacked(self.ledger.codec, Sent(type=kind, body=body, asked=asked))
        outcome = await execute(self.ledger, stream, command, asked, now=at)
        assert outcome.answer.status != "refused", outcome.answer


def year_report(value: str = "11.2", as_of: date | None = None) -> SubmitReport:
    """Give the report of the year."""
    return SubmitReport(
        period="Y1",
        values=(Number(name="actual", value=Decimal(value)),),
        as_of=as_of or date(2025, 12, 31),
        data_source="用电信息采集系统",
    )


def on_log(log: Log, evidence: Path) -> Dukao:
    """Give the parts of a process without servers: commands are executed on the spot."""
    settings = Settings(
        database_url=SecretStr("postgresql://nobody@127.0.0.1:1/none"), temporal_address="127.0.0.1:1", evidence_dir=evidence
    )
    engine = create_async_engine("postgresql+asyncpg://nobody@127.0.0.1:1/none")  # Never connected.
    return Dukao(
        settings=settings,
        log=log,
        engine=engine,
        ledger=Ledger(log),
        client=None,
        evidence=EvidenceStore(evidence),
        inbox=Inbox(engine),
        keeping=Keeping(task_queue=settings.task_queue),
    )


def _by_system(command_id: UUID, at: datetime) -> Asked:
    return Asked(id=command_id, by=SYSTEM, at=at, source=Source(kind=SourceKind.EFFECT, place="test"))
