"""A year of a small company, played once on a log in memory, and a way to lay the same history into PostgreSQL."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from uuid import uuid5

from domain import DECIDERS, names
from domain.cycle import (
    ApproveResults,
    ArchiveCycle,
    CallPreAssessment,
    IssueCycle,
    LockData,
    Pinned,
    PlanTasks,
    PubliciseResults,
)
from domain.decider import NAMESPACE, SYSTEM
from domain.indicator import IndicatorKind, PublishIndicator
from domain.order import ClaimCompletion, Completion, GiveFeedback, Quality, SignForOrder, VerifyOrder
from domain.organisation import RecordAbsence
from domain.reported import Achievements, Number
from domain.scoring import Achievement
from domain.scoring.bonus import Bonus, BonusItem
from domain.task.commands import (
    Accept,
    AcceptReport,
    Consolidate,
    DeliverContribution,
    ReturnReport,
    ReviewScore,
    SelfScore,
    SignReport,
    SubmitReport,
)
from domain.task.facts import Adjustment, ReturnCode
from event_store.codec import Codec
from event_store.log import ANY, Append, Fact, Log, Recorded
from event_store.memory import MemoryLog
from tests.company import Company, on_log
from tests.domain.story import LINE_LOSS, POLICIES, assignment, local, open_cycle

CODEC = Codec(DECIDERS)
CYCLE = "2026"
LINE, ARREARS, MERIT = (
    names.task(CYCLE, one, lead) for one, lead in (("line-loss", "ops"), ("arrears", "sales"), ("merit", "ops"))
)
MERITS = replace(
    LINE_LOSS,
    name="先进事迹加分",
    category="加减分",
    kind=IndicatorKind.BONUS,
    points=Decimal(0),
    rule=Bonus(items=(BonusItem(key="省级", levels=(("省级", Decimal(2)),)),), cap=Decimal(3)),
)


async def play(folder: Path, until: str = "archived") -> Company:
    """Play the year up to a part of it.

    ``issued``, ``q1`` (returned once, then accepted), ``q2`` (missed: an order), ``locked``, ``archived``.
    """
    company = Company(on_log(MemoryLog(), folder), cycle_id=CYCLE)
    for part, act in PARTS.items():
        await act(company)
        if part == until:
            break
    return company


async def _issued(company: Company) -> None:
    at = local(2026, 2, 2)
    await company.found(POLICIES, received_at=at)
    for indicator, definition in (
        ("line-loss", LINE_LOSS),
        ("arrears", replace(LINE_LOSS, name="电费欠费率")),
        ("merit", MERITS),
    ):
        await company.does(SYSTEM.person, names.indicator(indicator), PublishIndicator(definition=definition), received_at=at)
    rules = tuple(Pinned(rule=kind, version=1) for kind in ("ladders", "limits", "duties"))
    await company.does("office-head", company.cycle, open_cycle(rules=rules), received_at=at)
    planned = (
        assignment(version=2),
        assignment(indicator="arrears", version=2, lead="sales", responsible="sales-clerk", share=Decimal(100), assisting=()),
        assignment(indicator="merit", share=Decimal(100), assisting=()),
    )
    await company.does("office-head", company.cycle, PlanTasks(assignments=planned), received_at=at)
    issue = IssueCycle(document="演供绩〔2026〕1号", issuer="绩效考核委员会")
    await company.does("leader", company.cycle, issue, received_at=local(2026, 2, 13, 15))
    await company.settle(local(2026, 2, 13, 15))


async def _q1(company: Company) -> None:
    await company.does("ops-head", LINE, Accept(plan="分线分台区治理"), received_at=local(2026, 2, 24))
    await company.does("ops-head", MERIT, Accept(), received_at=local(2026, 2, 24))
    await company.settle(local(2026, 3, 30))  # Nobody answered for the arrears: deemed accepted. The quarter opens.
    await company.does("sales-clerk", LINE, DeliverContribution(period="Q1", note="用户侧已排查"), received_at=local(2026, 4, 1))
    await company.does("ops-clerk", LINE, reported("11.2", "Q1"), received_at=local(2026, 4, 1, 11))
    await company.does("ops-head", LINE, SignReport(period="Q1"), received_at=local(2026, 4, 1, 15))
    refused = await company.ask("sales-head", LINE, AcceptReport(period="Q1"), received_at=local(2026, 4, 1, 16))
    assert refused.status == "refused"
    wrong = ReturnReport(period="Q1", code=ReturnCode.VALUE_IMPLAUSIBLE, comment="与采集系统不一致")
    await company.does("safety-clerk", LINE, wrong, received_at=local(2026, 4, 2))
    await company.does("ops-clerk", LINE, reported("11.4", "Q1"), received_at=local(2026, 4, 3))
    await company.does("ops-head", LINE, SignReport(period="Q1"), received_at=local(2026, 4, 3, 11))
    await company.does("safety-clerk", LINE, AcceptReport(period="Q1"), received_at=local(2026, 4, 3, 15))
    await company.settle(local(2026, 4, 3, 16))


async def _q2(company: Company) -> None:
    await company.settle(local(2026, 7, 20))  # The second quarter was due on 8 July: overdue, level by level, up to an order.
    [order, *_] = await company.dukao.log.streams(f"order/{CYCLE}/line-loss/ops/")
    await company.does("ops-clerk", order, SignForOrder(), received_at=local(2026, 7, 21))
    await company.does(
        "ops-clerk", order, GiveFeedback(measures="逐台区核查", progress="完成一半"), received_at=local(2026, 7, 22)
    )
    late = reported("12.9", "Q2", note="迟报")
    office = {"on_behalf_of": "ops-clerk", "reason": "责任人出差"}
    await company.does("office-clerk", LINE, late, received_at=local(2026, 7, 23), **office)
    await company.does("ops-head", LINE, SignReport(period="Q2"), received_at=local(2026, 7, 23, 11))
    await company.does("safety-clerk", LINE, AcceptReport(period="Q2"), received_at=local(2026, 7, 23, 15))
    await company.does("ops-head", order, ClaimCompletion(summary="已补报"), received_at=local(2026, 7, 24))
    poor = VerifyOrder(completion=Completion.PARTLY, quality=Quality.ACCEPTABLE, comment="现场仍有缺漏")
    await company.does("supervisor", order, poor, received_at=local(2026, 7, 24, 11))
    await company.does("ops-head", order, ClaimCompletion(summary="全部整改"), received_at=local(2026, 7, 27))
    good = VerifyOrder(completion=Completion.DONE, quality=Quality.GOOD, comment="现场核验属实")
    await company.does("supervisor", order, good, received_at=local(2026, 7, 27, 11))
    won = Achievements(name="achievements", value=(Achievement(item="省级", level="省级", project="抢修"),))
    prize = SubmitReport(period="Q2", values=(won,), as_of=local(2026, 6, 30).date(), data_source="表彰文件")
    await company.does("ops-clerk", MERIT, prize, received_at=local(2026, 7, 27, 12))
    await company.does("ops-head", MERIT, SignReport(period="Q2"), received_at=local(2026, 7, 27, 13))
    await company.does("safety-clerk", MERIT, AcceptReport(period="Q2"), received_at=local(2026, 7, 27, 14))
    call = CallPreAssessment(period="Q2", label="上半年预考核")
    await company.does("office-head", company.cycle, call, received_at=local(2026, 7, 28))
    away = RecordAbsence(person="sales-head", since=local(2026, 7, 28).date(), until=local(2026, 8, 3).date(), cause="培训")
    await company.does("office-head", names.ORGANISATION, away, received_at=local(2026, 7, 28))
    await company.settle(local(2026, 7, 28, 12))


async def _locked(company: Company) -> None:
    early = {"reason": "机构调整，提前结束考核"}
    await company.does("leader", company.cycle, LockData(), received_at=local(2026, 8, 3), **early)
    await company.settle(local(2026, 8, 3, 12))


async def _archived(company: Company) -> None:
    await company.does("ops-head", LINE, SelfScore(points=Decimal("5.9"), ground="计量更正"), received_at=local(2026, 8, 4))
    await company.does("ops-head", MERIT, SelfScore(), received_at=local(2026, 8, 4))
    await company.settle(local(2026, 8, 12))  # The arrears: nobody scored, the computed score stands.
    for stream in (LINE, ARREARS, MERIT):
        await company.does("safety-head", stream, ReviewScore(), received_at=local(2026, 8, 12, 11))
    before = (await company.state(LINE)).points
    change = Adjustment(before=before, after=before + Decimal("0.5"), reason="台账核对", second="office-clerk")
    await company.does("office-head", LINE, Consolidate(adjustment=change), received_at=local(2026, 8, 13))
    for stream in (ARREARS, MERIT):
        await company.does("office-clerk", stream, Consolidate(), received_at=local(2026, 8, 13))
    await company.does("leader", company.cycle, ApproveResults(minutes="纪要〔2026〕3号"), received_at=local(2026, 8, 14))
    publicise = PubliciseResults(document="公示〔2026〕1号")
    await company.does("office-head", company.cycle, publicise, received_at=local(2026, 8, 14, 15))
    await company.settle(local(2026, 8, 24))
    await company.does("office-clerk", company.cycle, ArchiveCycle(document="归档〔2026〕1号"), received_at=local(2026, 8, 25))
    await company.settle(local(2026, 8, 25))


PARTS = {"issued": _issued, "q1": _q1, "q2": _q2, "locked": _locked, "archived": _archived}


def reported(value: str, period: str, note: str = "") -> SubmitReport:
    """A report of the line loss on the last day of its quarter."""
    ends = {"Q1": local(2026, 3, 31), "Q2": local(2026, 6, 30)}[period].date()
    values = (Number(name="actual", value=Decimal(value)),)
    return SubmitReport(period=period, values=values, as_of=ends, data_source="用电信息采集系统", note=note)


async def history(folder: Path, until: str = "archived") -> list[Recorded]:
    """Give the events of the year, in order."""
    log = (await play(folder, until)).dukao.log
    events: list[Recorded] = []
    while page := await log.read_all(after=len(events) - 1):
        events += page
    return events


async def lay(log: Log, events: Sequence[Recorded]) -> None:
    """Store events as they are, in their order, as many at once as one batch may hold."""
    batch: list[Append] = []
    for event in events:
        if any(request.stream == event.stream for request in batch):
            await _append(log, batch)
            batch = []
        fact = Fact(
            type=event.type,
            schema_version=event.schema_version,
            payload=event.payload,
            meta=event.meta,
            occurred_at=event.occurred_at,
        )
        key = uuid5(NAMESPACE, f"{event.stream} {event.version}")
        batch.append(Append(stream=event.stream, expected=ANY, key=key, digest=bytes(32), facts=(fact,)))
    await _append(log, batch)


async def _append(log: Log, batch: list[Append]) -> None:
    if batch:
        assert {verdict.status for verdict in await log.append(batch)} <= {"appended", "duplicate"}


NOW = datetime(2026, 7, 28, 8, 0, tzinfo=UTC)
