"""The one way to write, on the log in memory: a year from issue to score, and what may come in between."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from application.execute import TRIES, Conflict, execute, look
from application.ledger import OF_KIND, Ledger
from domain import names
from domain.calendar import DayUnknown
from domain.cycle import AdoptRules, ApproveResults, CloseCarryIn, LockData, Pinned
from domain.decider import Due, Source, SourceKind, Wake, derived
from domain.organisation import EndAppointment
from domain.policy import Act, Relation, Rung
from domain.rule import PublishRule
from domain.task import TASK
from domain.task.commands import Accept, SignReport
from domain.task.state import Stage
from event_store.codec import asked_of, versions_of
from event_store.log import Append, Log, Verdict
from event_store.memory import MemoryLog
from tests.company import Company, on_log, quick, year_report
from tests.domain.story import open_cycle

T0 = datetime(2026, 2, 2, 2, 0, tzinfo=UTC)  # Monday, ten o'clock in the office; the cycle is that of 2025.
SECOND = timedelta(seconds=1)
PAPER = Source(kind=SourceKind.IMPORT, place="2025.xlsx", digest="5e" * 32)


@pytest.fixture
async def company(tmp_path: Path) -> Company:
    """The company with a cycle of one task, issued at T0; limits are a minute."""
    company = Company(on_log(MemoryLog(), tmp_path))
    await company.found(received_at=T0)
    await company.open_cycle(["line-loss"], year=2025, received_at=T0)
    await company.issue(received_at=T0)
    await company.settle(T0)
    return company


async def test_a_task_goes_from_issue_to_a_consolidated_score(company: Company) -> None:
    await company.report(received_at=T0 + SECOND)
    await company.lock(received_at=T0 + 2 * SECOND)
    await company.settle(T0 + 2 * SECOND)
    await company.score(received_at=T0 + 3 * SECOND)

    task = await company.state(company.task())
    assert (task.stage, task.points) == (Stage.CONSOLIDATED, Decimal("5.4"))
    assert await company.types(company.task()) == [
        "TaskIssued",
        "TaskAccepted",
        "ReportOpened",
        "ReportSubmitted",
        "ReportSigned",
        "ReportAccepted",
        "SelfScored",
        "ReviewScored",
        "TaskConsolidated",
    ]


async def test_the_same_command_again_changes_nothing_and_gets_the_same_answer(company: Company) -> None:
    first = await company.ask("ops-head", company.task(), Accept(plan="三步"), key="k", received_at=T0 + SECOND)
    before = await company.dukao.log.head()
    await company.does("ops-clerk", company.task(), year_report(), received_at=T0 + 2 * SECOND)

    again = await company.ask("ops-head", company.task(), Accept(plan="三步"), key="k", received_at=T0 + 9 * SECOND)

    assert again == first
    assert first.position <= before
    assert (await company.types(company.task())).count("TaskAccepted") == 1


async def test_a_command_that_changes_nothing_says_so_the_second_time_too(company: Company) -> None:
    await company.does("ops-head", company.task(), Accept(), received_at=T0 + SECOND)
    await company.settle(T0 + SECOND)

    first = await company.ask("ops-head", company.task(), Accept(), key="again", received_at=T0 + 2 * SECOND)
    second = await company.ask("ops-head", company.task(), Accept(), key="again", received_at=T0 + 3 * SECOND)

    assert first.status == "nothing"
    assert second == first


async def test_a_refusal_is_recorded_beside_the_stream_and_repeated_for_ever(company: Company) -> None:
    stream = company.task()

    first = await company.ask("sales-head", stream, Accept(), key="k", received_at=T0 + SECOND)
    again = await company.ask("sales-head", stream, Accept(), key="k", received_at=T0 + 2 * SECOND)

    assert (first.status, first.code) == ("refused", "NotEntitled")
    assert "无权" in first.zh
    assert again == first
    assert await company.types(names.refusal(stream)) == ["CommandRefused"]
    [event] = await company.dukao.log.read(names.refusal(stream))
    assert asked_of(event.meta).by.person == "sales-head"


async def test_nobody_gets_the_answer_of_another_command_by_its_key(company: Company) -> None:
    await company.does("ops-head", company.task(), Accept(), key="k", received_at=T0 + SECOND)

    other = await company.ask("ops-head", company.task(), SignReport(period="Y1"), key="k", received_at=T0 + 2 * SECOND)

    assert (other.status, other.code, other.position) == ("refused", "KeyIsTaken", -1)
    assert await company.types(names.refusal(company.task())) == []


async def test_what_was_due_before_a_command_is_recorded_before_it_as_of_its_own_instant(company: Company) -> None:
    late = T0 + timedelta(seconds=90)  # The limit was a minute; nobody's timer fired.

    answer = await company.ask("ops-head", company.task(), Accept(), received_at=late)

    assert (answer.status, answer.code) == ("refused", "AlreadyDeemedAccepted")
    await company.settle(late)
    events = await company.dukao.log.read(company.task())
    passed = {event.type: event.occurred_at for event in events}
    assert passed["DeadlinePassed"] == T0 + timedelta(seconds=60)
    assert passed["TaskDeemedAccepted"] == T0 + timedelta(seconds=61)


async def test_what_was_due_is_stored_with_the_command_in_one_append(company: Company) -> None:
    await company.does("ops-head", company.task(), Accept(), received_at=T0 + SECOND)

    await company.does("ops-clerk", company.task(), year_report(), received_at=T0 + timedelta(seconds=60, milliseconds=500))

    events = await company.dukao.log.read(company.task())
    assert [event.type for event in events[-2:]] == ["DeadlinePassed", "ReportSubmitted"]
    assert events[-1].recorded_at == events[-2].recorded_at
    assert [asked_of(event.meta).source.kind for event in events[-2:]] == [SourceKind.TIMER, SourceKind.PAGE]


async def test_a_command_received_at_the_due_instant_itself_is_in_time(company: Company) -> None:
    await company.does("ops-head", company.task(), Accept(), received_at=T0 + timedelta(seconds=60))

    assert "DeadlinePassed" not in await company.types(company.task())


async def test_a_wake_records_what_is_due_and_otherwise_leaves_no_trace(company: Company) -> None:
    stream, ledger = company.task(), company.ledger
    asked = await company.asked("system", stream, received_at=T0 + 5 * SECOND)
    head = await company.dukao.log.head()

    early = await execute(ledger, stream, Wake(), asked, now=T0 + 5 * SECOND)
    assert early.answer.status == "nothing"
    assert await company.dukao.log.head() == head

    asked = replace(asked, at=T0 + timedelta(seconds=60))
    due = await execute(ledger, stream, Wake(), asked, now=asked.at)
    assert due.answer.status == "done"
    assert due.next_at == T0 + timedelta(seconds=61)
    assert (await company.types(stream))[-1] == "DeadlinePassed"


async def test_the_outcome_says_stage_next_instant_and_what_is_owed(company: Company) -> None:
    standing = await look(company.ledger, company.task(), now=T0)
    assert (standing.stage, standing.next_at, standing.next_key) == ("issued", T0 + timedelta(seconds=60), "accept/1/due")

    await company.does("ops-head", company.task(), Accept(), received_at=T0 + SECOND)
    asked = await company.asked("system", company.task(), received_at=T0 + timedelta(seconds=61))
    overdue = await execute(company.ledger, company.task(), Wake(), asked, now=asked.at)

    [effect] = overdue.owed
    assert (effect.type, effect.then_type, effect.at) == ("RegisterOrder", "LinkOrder", T0 + timedelta(seconds=61))
    assert effect.stream.startswith("order/2025/line-loss/ops/overdue-")


async def test_an_order_opened_by_an_overdue_report_is_registered_and_linked(company: Company) -> None:
    await company.does("ops-head", company.task(), Accept(), received_at=T0 + SECOND)

    await company.settle(T0 + timedelta(seconds=65))

    [order] = await company.dukao.log.streams("order/")
    assert (await company.types(order))[0] == "SupervisionRegistered"
    assert (await company.types(company.task()))[-1] == "SupervisionLinked"
    assert (await look(company.ledger, company.task(), now=T0)).owed == ()


async def test_the_meta_names_the_versions_the_decision_knew(company: Company) -> None:
    await company.does("ops-head", company.task(), Accept(), received_at=T0 + SECOND)

    event = (await company.dukao.log.read(company.task()))[-1]

    assert versions_of(event.meta) == {
        "calendar/cn": 1,
        "rule/ladders": 1,
        "rule/limits": 1,
        "rule/duties": 1,
        "organisation": len(await company.types("organisation")),
        "cycle/2025": len(await company.types("cycle/2025")),
    }


async def test_a_command_is_decided_again_when_the_cycle_moved_while_it_was_decided(company: Company) -> None:
    log = company.dukao.log
    assert isinstance(log, MemoryLog)
    append = log.append
    seen: list[Append | Verdict] = []

    async def lock_first(requests: Sequence[Append]) -> list[Verdict]:
        if requests[0].stream == company.task() and not seen:
            seen.append(requests[0])
            await company.lock(received_at=T0 + SECOND)
        verdicts = await append(requests)
        seen.extend(verdicts)
        return verdicts

    log.append = lock_first  # type: ignore[method-assign]
    answer = await company.ask("ops-head", company.task(), Accept(), received_at=T0 + 2 * SECOND)

    assert "guard-moved" in [each.status for each in seen if isinstance(each, Verdict)]
    assert (answer.status, answer.code) == ("refused", "NotPossibleAtThisStage")


async def test_what_made_a_command_late_is_in_the_log_before_its_refusal(company: Company) -> None:
    late = T0 + timedelta(seconds=90)

    answer = await company.ask("ops-head", company.task(), Accept(), received_at=late)

    assert answer.code == "AlreadyDeemedAccepted"
    assert (await company.types(company.task()))[1:3] == ["DeadlinePassed", "TaskDeemedAccepted"]
    [refused] = await company.dukao.log.read(names.refusal(company.task()))
    assert refused.position > (await company.dukao.log.read(company.task()))[-1].position
    assert company.ledger.codec.decode(refused).version == len(await company.types(company.task()))


async def test_a_receipt_in_the_future_is_refused_and_one_a_moment_ahead_is_not(company: Company) -> None:
    asked = await company.asked("ops-head", company.task(), received_at=T0 + SECOND)

    ahead = await execute(
        company.ledger, company.task(), Accept(), replace(asked, id=derived("a")), now=T0 - timedelta(minutes=2)
    )
    a_little = await execute(company.ledger, company.task(), Accept(), asked, now=T0 - timedelta(seconds=30))

    assert (ahead.answer.code, a_little.answer.status) == ("ReceivedInTheFuture", "done")


async def test_an_answer_stands_although_the_calendar_ends_before_the_next_instant(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = await company.asked("ops-head", company.task(), received_at=T0 + SECOND)

    def ends(state: Any, known: Any) -> tuple[Due, ...]:
        if state.stage is Stage.ISSUED:
            return TASK.wakes(state, known)
        raise DayUnknown(region="cn", version=1, until="2026-12-31", since="2016-01-01", day="2027-01-01")

    monkeypatch.setitem(OF_KIND, "task", replace(TASK, wakes=ends))
    first = await execute(company.ledger, company.task(), Accept(), asked, now=T0 + SECOND)
    again = await execute(company.ledger, company.task(), Accept(), asked, now=T0 + SECOND)

    assert (first.answer.status, first.next_at, first.attention) == ("done", None, "DayUnknown")
    assert again == first


async def test_a_wake_that_cannot_be_decided_says_so_and_can_be_tried_again(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = await company.asked("system", company.task(), received_at=T0 + timedelta(seconds=60))
    head = await company.dukao.log.head()

    def ends(*_: Any) -> list[Any]:
        raise DayUnknown(region="cn", version=1, until="2026-12-31", since="2016-01-01", day="2027-01-01")

    with monkeypatch.context() as planted:
        planted.setitem(OF_KIND, "task", replace(TASK, fire=ends))
        untold = await execute(company.ledger, company.task(), Wake(), asked, now=asked.at)
    assert (untold.answer.status, untold.answer.code) == ("refused", "DayUnknown")
    assert await company.dukao.log.head() == head

    assert (await execute(company.ledger, company.task(), Wake(), asked, now=asked.at)).answer.status == "done"


async def test_many_at_once_are_decided_one_after_the_other(company: Company) -> None:
    await company.does("ops-head", company.task(), Accept(), received_at=T0 + SECOND)

    answers = await asyncio.gather(
        *(company.ask("ops-clerk", company.task(), year_report(f"11.{n}"), received_at=T0 + 2 * SECOND) for n in range(5))
    )

    assert [answer.status for answer in answers] == ["done"] * 5
    assert (await company.state(company.task())).reports["Y1"].version == 5


async def test_who_always_loses_is_told_so_and_nothing_is_stored(company: Company) -> None:
    log = company.dukao.log
    assert isinstance(log, MemoryLog)
    tried = []

    async def lose(requests: Sequence[Append]) -> list[Verdict]:
        tried.append(requests)
        return [Verdict(status="conflict", actual=99)]

    log.append = lose  # type: ignore[method-assign]
    with pytest.raises(Conflict):
        await company.ask("ops-head", company.task(), Accept(), received_at=T0 + SECOND)

    assert len(tried) == TRIES


async def test_a_fault_in_a_decision_is_raised_and_nothing_is_stored(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    def faulty(*_: Any) -> Any:
        raise ZeroDivisionError

    monkeypatch.setitem(OF_KIND, "task", replace(TASK, decide=faulty))
    head = await company.dukao.log.head()

    with pytest.raises(ZeroDivisionError):
        await company.ask("ops-head", company.task(), Accept(), received_at=T0 + SECOND)

    assert await company.dukao.log.head() == head


async def test_a_timer_that_never_comes_to_rest_is_a_fault_and_not_a_loop(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(OF_KIND, "task", replace(TASK, fire=lambda *_: []))
    asked = await company.asked("system", company.task(), received_at=T0 + timedelta(seconds=60))

    with pytest.raises(RuntimeError, match="due again"):
        await execute(company.ledger, company.task(), Wake(), asked, now=asked.at)


async def test_a_command_for_a_cycle_nobody_opened_is_refused(company: Company) -> None:
    answer = await company.ask("ops-head", "task/1999/line-loss/ops", Accept(), received_at=T0)

    assert (answer.status, answer.code) == ("refused", "CycleIsUnknown")


async def test_a_command_for_another_kind_of_stream_is_refused(company: Company) -> None:
    answer = await company.ask("office-head", company.task(), LockData(), received_at=T0)

    assert (answer.status, answer.code) == ("refused", "NotACommandOfThisKind")
    assert "SubmitReport" in answer.en


async def test_rules_that_are_adopted_move_what_is_due_next(company: Company) -> None:
    await company.report(received_at=T0 + SECOND)
    await company.lock(received_at=T0 + 2 * SECOND)
    await company.settle(T0 + 2 * SECOND)
    before = await look(company.ledger, company.cycle, now=T0)
    rung = Rung(key="early", level=0, act=Act.REMIND, to=(Relation.LEAD_HEAD,), seconds=-30)
    earlier = replace(quick().ladders, self_score=(rung, *quick().ladders.self_score))
    publish = PublishRule(rule="ladders", body=earlier)
    await company.does("system", names.rule("ladders"), publish, received_at=T0 + 3 * SECOND)

    running = await company.ledger.state_of(company.cycle)
    rules = tuple(Pinned(rule=pin.rule, version=2) if pin.rule == "ladders" else pin for pin in running.rules)
    adopt = AdoptRules(rules=rules, document="制度〔2026〕2号")
    asked = await company.asked("office-head", company.cycle, received_at=T0 + 4 * SECOND)
    after = await execute(company.ledger, company.cycle, adopt, asked, now=T0 + 4 * SECOND)

    assert before.next_at is not None
    assert after.next_at == before.next_at - timedelta(seconds=30)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"calendar_version": 7}, "CalendarIsNotPublished"),
        ({"rules": (Pinned(rule="ladders", version=3),)}, "RuleIsNotPublished"),
    ],
)
async def test_a_cycle_pins_only_what_is_published(company: Company, changes: dict[str, Any], code: str) -> None:
    answer = await company.ask("office-head", "cycle/2031", open_cycle(**changes), received_at=T0)

    assert (answer.status, answer.code) == ("refused", code)


async def test_the_mandate_is_that_of_the_moment_the_command_is_decided(company: Company) -> None:
    asked = await company.asked("ops-head", company.task(), received_at=T0 + SECOND)
    ended = EndAppointment(person="ops-head", post="ops-head", until=T0.date() - timedelta(days=1))
    await company.does("office-head", names.ORGANISATION, ended, received_at=T0 + SECOND)

    outcome = await execute(company.ledger, company.task(), Accept(), asked, now=T0 + SECOND)

    assert outcome.answer.code == "NotEntitled"


async def test_where_nothing_moved_a_command_costs_one_round_trip(company: Company) -> None:
    await company.does("ops-head", company.task(), Accept(), received_at=T0 + SECOND)
    asked = await company.asked("ops-clerk", company.task(), received_at=T0 + 2 * SECOND)
    calls = counted(company.dukao.log)

    outcome = await execute(company.ledger, company.task(), year_report(), asked, now=T0 + 2 * SECOND)

    assert (outcome.answer.status, calls) == ("done", ["append"])


async def test_what_another_process_changed_is_known_although_nobody_looked(company: Company) -> None:
    asked = await company.asked("ops-head", company.task(), received_at=T0 + SECOND)
    ended = EndAppointment(person="ops-head", post="ops-head", until=T0.date() - timedelta(days=1))
    office = await company.asked("office-head", names.ORGANISATION, received_at=T0 + SECOND)
    await execute(Ledger(company.dukao.log), names.ORGANISATION, ended, office, now=T0 + SECOND)
    assert company.ledger.last_seen([company.task(), names.ORGANISATION]) is not None

    outcome = await execute(company.ledger, company.task(), Accept(), asked, now=T0 + SECOND)

    assert outcome.answer.code == "NotEntitled"


async def test_what_another_process_answered_is_answered_the_same_although_nobody_looked(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = await company.asked("ops-head", company.task(), received_at=T0 + SECOND)
    first = await execute(Ledger(company.dukao.log), company.task(), Accept(), asked, now=T0 + SECOND)

    again = await execute(company.ledger, company.task(), Accept(), asked, now=T0 + 2 * SECOND)
    monkeypatch.setitem(OF_KIND, "task", replace(TASK, decide=lambda *_: [1 // 0]))
    in_spite_of_a_fault = await execute(company.ledger, company.task(), Accept(), asked, now=T0 + 3 * SECOND)

    assert again.answer == in_spite_of_a_fault.answer == first.answer


def counted(log: Log) -> list[str]:
    """Give a list that grows by the name of each call that asks the log for something."""
    calls: list[str] = []

    def counting(name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def counted_call(*arguments: Any, **more: Any) -> Any:
            calls.append(name)
            return call(*arguments, **more)

        return counted_call

    for name in ("look", "append", "read"):
        setattr(log, name, counting(name, getattr(log, name)))
    return calls


class TestCarriedIn:
    """A history from before the system."""

    @pytest.fixture
    async def carrying(self, tmp_path: Path) -> Company:
        """A cycle that is being carried in: issued in January 2025, entered at T0."""
        company = Company(on_log(MemoryLog(), tmp_path))
        january = datetime(2025, 1, 6, 2, tzinfo=UTC)
        await company.found(received_at=january)
        await company.open_cycle(["line-loss"], year=2025, carrying_in=True, source=PAPER, received_at=january)
        await company.issue(source=PAPER, received_at=january)
        await company.settle(january)
        return company

    async def test_states_when_things_were_received(self, carrying: Company) -> None:
        then = datetime(2025, 1, 6, 2, 0, 30, tzinfo=UTC)

        answer = await carrying.ask("ops-head", carrying.task(), Accept(), source=PAPER, received_at=then)

        assert answer.status == "done"
        assert (await carrying.dukao.log.read(carrying.task()))[-1].occurred_at == then

    async def test_a_past_receipt_is_stated_by_a_file_that_is_named(self, carrying: Company) -> None:
        then = datetime(2025, 1, 6, 2, 0, 30, tzinfo=UTC)

        answer = await carrying.ask("ops-head", carrying.task(), Accept(), source=replace(PAPER, digest=""), received_at=then)

        assert (answer.status, answer.code) == ("refused", "PaperIsNotNamed")

    async def test_what_a_person_does_today_runs_no_clock_over_the_past(self, carrying: Company) -> None:
        await carrying.does("ops-head", carrying.task(), Accept(), received_at=T0)

        assert await carrying.types(carrying.task()) == ["TaskIssued", "TaskAccepted"]

    async def test_runs_no_clock_by_itself(self, carrying: Company) -> None:
        standing = await look(carrying.ledger, carrying.task(), now=T0)

        assert (standing.stage, standing.next_at) == ("issued", None)

    async def test_catches_up_when_the_carrying_in_is_closed(self, carrying: Company) -> None:
        await carrying.does("office-head", carrying.cycle, CloseCarryIn(), received_at=T0)

        await carrying.settle(T0)

        types = await carrying.types(carrying.task())
        assert types[1:4] == ["DeadlinePassed", "TaskDeemedAccepted", "ReportOpened"]

    async def test_states_no_past_receipt_once_it_is_closed(self, carrying: Company) -> None:
        await carrying.does("office-head", carrying.cycle, CloseCarryIn(), received_at=T0)
        then = datetime(2025, 1, 6, 2, 0, 30, tzinfo=UTC)

        answer = await carrying.ask("ops-head", carrying.task(), Accept(), source=PAPER, received_at=then)

        assert (answer.status, answer.code) == ("refused", "CarryInIsClosed")


async def test_in_scoring_the_cycle_keeps_the_clock_and_tasks_do_what_is_overdue(company: Company) -> None:
    await company.report(received_at=T0 + SECOND)
    await company.lock(received_at=T0 + 2 * SECOND)
    await company.settle(T0 + 2 * SECOND)

    before = await look(company.ledger, company.task(), now=T0 + 3 * SECOND)
    overdue = await look(company.ledger, company.task(), now=T0 + timedelta(seconds=70))
    cycle = await look(company.ledger, company.cycle, now=T0 + 3 * SECOND)

    assert before.next_at is None
    assert overdue.next_at == cycle.next_at == T0 + timedelta(seconds=62)


async def test_results_are_approved_only_when_every_task_is_consolidated(company: Company) -> None:
    await company.report(received_at=T0 + SECOND)
    await company.lock(received_at=T0 + 2 * SECOND)
    await company.settle(T0 + 2 * SECOND)

    early = await company.ask("leader", company.cycle, ApproveResults(minutes="纪要"), received_at=T0 + 3 * SECOND)
    await company.score(received_at=T0 + 4 * SECOND)
    late = await company.ask("leader", company.cycle, ApproveResults(minutes="纪要"), received_at=T0 + 5 * SECOND)

    assert (early.code, late.status) == ("SomeAreNotConsolidated", "done")
