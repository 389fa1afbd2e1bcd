"""Commands on their way: sent twice, across a new run, into a fault of the program, before anybody is there to take them."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.client import WorkflowExecutionStatus

from application.dukao import Dukao
from application.ledger import OF_KIND
from application.sending import TextIsUnreadable, sent
from application.submit import CommandFailed, Pending, Setbacks, TooBusy, resend_once, submit
from domain import names
from domain.calendar import DayUnknown
from domain.order import ORDER
from domain.policy import Act
from domain.task import TASK
from domain.task.commands import Accept, SignReport
from domain.task.state import Stage
from tests.company import Company, quick, year_report
from tests.workflows.test_year import YEAR, company_has
from worker import workflow_worker

SOON = timedelta(seconds=1)

NUDGES = 40  # Each leaves at least one event, so a run of 30 ends among them.


@pytest.fixture
async def issued(company: Company) -> Company:
    """A cycle with one task that is issued."""
    return await with_one_task(company)


@pytest.fixture
async def restless(dukao: Dukao) -> AsyncIterator[Company]:
    """A company whose workflows go on in a new run after 30 history events."""
    restless = replace(dukao, keeping=replace(dukao.keeping, history_limit=30))
    async with workflow_worker(restless):
        yield Company(restless, cycle_id=f"c-{dukao.settings.task_queue}")


async def with_one_task(company: Company) -> Company:
    """Issue one task and wait until it is there."""
    await company.found()
    await company.open_cycle(["line-loss"], year=YEAR)
    await company.issue()
    await company.until(lambda: is_issued(company))
    return company


async def is_issued(company: Company) -> bool:
    """Say whether the task is issued."""
    return bool(await company.types(company.task()))


async def test_one_id_gives_one_event_and_one_answer_before_and_after_a_new_run(restless: Company) -> None:
    company = await with_one_task(restless)
    handle = restless.dukao.temporal.get_workflow_handle(company.task())
    first_run = (await handle.describe()).run_id
    first = await company.ask("ops-head", company.task(), Accept(), key="k")
    twice = await company.ask("ops-head", company.task(), Accept(), key="k")

    for n in range(10):  # Long enough for a new run.
        await company.does("ops-clerk", company.task(), year_report(f"11.{n}"))
    later = await company.ask("ops-head", company.task(), Accept(), key="k")

    assert (await handle.describe()).run_id != first_run
    assert first == twice == later
    assert (await company.types(company.task())).count("TaskAccepted") == 1
    assert (await company.state(company.task())).reports["Y1"].version == 10


async def test_many_people_at_one_task_while_it_goes_on_in_new_runs(restless: Company) -> None:
    company = await with_one_task(restless)
    await company.does("ops-head", company.task(), Accept())

    async def clerk(number: int) -> None:
        for n in range(8):
            await company.does("ops-clerk", company.task(), year_report(f"11.{number}{n}"))

    await asyncio.gather(*(clerk(number) for number in range(4)))

    assert (await company.state(company.task())).reports["Y1"].version == 32


async def test_a_fault_in_a_decision_fails_the_command_and_not_the_workflow(
    issued: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    def faulty(*_: Any) -> Any:
        raise ZeroDivisionError("planted")

    with monkeypatch.context() as planted:
        planted.setitem(OF_KIND, "task", replace(TASK, decide=faulty))
        with pytest.raises(CommandFailed, match="planted"):
            await issued.ask("ops-head", issued.task(), Accept())

    await issued.does("ops-head", issued.task(), Accept())
    described = await issued.dukao.temporal.get_workflow_handle(issued.task()).describe()
    assert described.status is WorkflowExecutionStatus.RUNNING


async def test_a_fault_in_what_is_due_asks_for_attention_and_is_made_good_by_the_next_command(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = company.task()

    def faulty(*_: Any) -> Any:
        raise ZeroDivisionError("planted")

    monkeypatch.setitem(OF_KIND, "task", replace(TASK, wakes=faulty))
    await company.found()
    await company.open_cycle(["line-loss"], year=YEAR)
    await company.issue()
    await company.until(lambda: calls_are_done(company))
    handle = company.dukao.temporal.get_workflow_handle(task)
    await asks_for_attention(handle, "step-failed:look")
    monkeypatch.undo()

    await company.does("ops-head", task, Accept())

    await asks_for_attention(handle, None)
    assert (await company.state(task)).stage in {Stage.ACCEPTED, Stage.IN_EXECUTION}


async def calls_are_done(company: Company) -> bool:
    """Say whether the cycle's calls have reached its tasks."""
    return "TasksCalled" in await company.types(company.cycle)


async def asks_for_attention(handle: Any, why: str | None) -> None:
    """Wait until the workflow asks for attention for this reason (None: not at all)."""
    async with asyncio.timeout(20):
        while True:
            described = await handle.describe()
            if described.search_attributes.get("Attention", [None])[0] == why:
                return


async def test_what_is_received_while_no_worker_runs_is_executed_when_one_does(dukao: Dukao) -> None:
    company = Company(dukao, cycle_id=f"c-{dukao.settings.task_queue}")
    async with workflow_worker(dukao):
        await with_one_task(company)
    asked = await company.asked("ops-head", company.task())

    with pytest.raises(Pending):
        await submit(dukao, company.task(), Accept(), asked, patience_s=0.5)
    async with workflow_worker(dukao):
        answered = await resend_once(dukao, before=datetime.now(UTC) + SOON)

    assert answered == 1
    events = await dukao.log.read(company.task())
    [accepted] = [event for event in events if event.type == "TaskAccepted"]
    assert accepted.occurred_at == asked.at
    assert await all_settled(dukao)


async def all_settled(dukao: Dukao) -> bool:
    """Wait until every command has its answer noted."""
    async with asyncio.timeout(10):
        while await dukao.inbox.unsettled(datetime.now(UTC) + SOON):  # noqa: ASYNC110  There is no event of another process.
            await asyncio.sleep(0.05)
    return True


async def test_the_sixth_command_at_once_to_one_stream_is_not_taken(issued: Company) -> None:
    await issued.does("ops-head", issued.task(), Accept())

    answers = await asyncio.gather(
        *(issued.ask("ops-clerk", issued.task(), year_report(f"11.{n}")) for n in range(8)), return_exceptions=True
    )

    refused = [answer for answer in answers if isinstance(answer, TooBusy)]
    assert len(refused) == 3
    assert (await issued.state(issued.task())).reports["Y1"].version == 5


async def test_a_mistyped_stream_gets_a_refusal_and_no_workflow(issued: Company) -> None:
    stream = names.task(issued.cycle_id, "line-lost", "ops")

    answer = await issued.ask("ops-head", stream, SignReport(period="Y1"))

    assert (answer.status, answer.code) == ("refused", "NotEntitled")
    assert not [run async for run in issued.dukao.temporal.list_workflows(f"WorkflowId = '{stream}'")]


async def test_a_command_received_in_time_stays_in_time_when_it_is_sent_again_late(dukao: Dukao) -> None:
    company = Company(dukao, cycle_id=f"c-{dukao.settings.task_queue}")
    async with workflow_worker(dukao):
        await with_one_task(company)
    in_time = await company.asked("ops-head", company.task(), key="k")
    too_late = await company.asked("ops-head", company.task(), key="k", received_at=in_time.at + timedelta(minutes=2))

    with pytest.raises(Pending):
        await submit(dukao, company.task(), Accept(plan="三步"), in_time, patience_s=0.5)
    other = await submit(dukao, company.task(), Accept(plan="四步"), too_late)
    async with workflow_worker(dukao):
        answer = await submit(dukao, company.task(), Accept(plan="三步"), too_late)

    assert (other.status, other.code) == ("refused", "KeyIsTaken")
    assert answer.status == "done"
    [accepted] = [event for event in await dukao.log.read(company.task()) if event.type == "TaskAccepted"]
    assert accepted.occurred_at == in_time.at


async def test_one_command_that_cannot_be_sent_again_stands_in_no_others_way(
    issued: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    dukao, lost = issued.dukao, names.task(issued.cycle_id, "line-lost", "ops")
    bad, good = await issued.asked("ops-head", lost), await issued.asked("ops-head", issued.task())
    await dukao.inbox.note(lost, sent(Accept(), bad), bad.at)
    await dukao.inbox.note(issued.task(), sent(Accept(), good), good.at)

    async def faulty(*_: Any, **__: Any) -> Any:
        raise RuntimeError("planted")

    monkeypatch.setattr("application.submit.execute", faulty)  # A stream without a workflow is executed here.
    setbacks = Setbacks()
    await resend_once(dukao, before=datetime.now(UTC) + SOON, setbacks=setbacks)

    assert setbacks.passing(datetime.now(UTC)) == [bad.id]
    assert "TaskAccepted" in await issued.types(issued.task())


async def test_a_text_with_control_characters_is_not_taken_in(issued: Company) -> None:
    with pytest.raises(TextIsUnreadable):
        await issued.ask("ops-head", issued.task(), Accept(plan="三\0步"))

    assert (await issued.ask("ops-head", issued.task(), Accept(plan="三步"))).status == "done"


async def test_an_effect_that_cannot_be_done_stops_no_clock_and_is_done_once_it_can(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    policies = quick(seconds=2)
    second = replace(policies.ladders.report[-1], key="second", seconds=5, act=Act.PROMPT)
    ladders = replace(policies.ladders, report=(*policies.ladders.report, second))
    await company.found(replace(policies, ladders=ladders))
    await company.open_cycle(["line-loss"], year=YEAR)
    task = company.task()

    def faulty(*_: Any) -> Any:
        raise ZeroDivisionError("planted")

    with monkeypatch.context() as planted:
        planted.setitem(OF_KIND, "order", replace(ORDER, decide=faulty))
        await company.issue()
        await company.until(lambda: rung_is_reached(company, "second"))
        handle = company.dukao.temporal.get_workflow_handle(task)
        await asks_for_attention(handle, "step-failed:deliver")
        failed = await failures(handle)
        await handle.signal("nudge", datetime.now(UTC))
        await until_failed(handle, failed + 1)
    assert "SupervisionLinked" not in await company.types(task)

    await handle.signal("nudge", datetime.now(UTC))

    await company.until(lambda: company_has(company, task, "SupervisionLinked"))
    await asks_for_attention(handle, None)
    assert await failures(handle) == failed + 1  # One attempt a nudge.


async def test_what_is_due_and_cannot_be_decided_is_asked_for_once_and_not_in_a_loop(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    await company.found(quick(seconds=2))
    await company.open_cycle(["line-loss"], year=YEAR)
    handle = company.dukao.temporal.get_workflow_handle(company.task())

    def too_short(*_: Any) -> Any:
        raise DayUnknown(region="cn", version=1, since="2016-01-01", until="2026-12-31", day="2027-01-01")

    with monkeypatch.context() as planted:
        planted.setitem(OF_KIND, "task", replace(TASK, fire=too_short))
        await company.issue()
        await company.until(lambda: is_issued(company))
        await asks_for_attention(handle, "step-failed:DayUnknown")
        length = (await handle.describe()).history_length
        assert (await company.ask("ops-clerk", company.task(), SignReport(period="Y1"))).code == "DayUnknown"
        assert (await handle.describe()).history_length <= length + 40  # The command and one more attempt.

    await handle.signal("nudge", datetime.now(UTC))

    await company.until(lambda: company_has(company, company.task(), "DeadlinePassed"))
    await asks_for_attention(handle, None)


async def test_a_nudge_that_comes_as_a_run_ends_is_heard_by_the_next(restless: Company) -> None:
    company = await with_one_task(restless)
    handle = restless.dukao.temporal.get_workflow_handle(company.task())
    first_run = (await handle.describe()).run_id
    before = await executed(handle, company)

    for _ in range(NUDGES):
        await handle.signal("nudge", datetime.now(UTC))

    await until_executed(handle, company, before + NUDGES)
    assert (await handle.describe()).run_id != first_run


async def until_executed(handle: Any, company: Company, often: int) -> None:
    """Wait until a workflow has done ``execute`` so often, over all its runs."""
    async with asyncio.timeout(30):
        while await executed(handle, company) < often:  # noqa: ASYNC110  There is no event of another process.
            await asyncio.sleep(0.2)


async def executed(handle: Any, company: Company) -> int:
    """Count how often a workflow did ``execute``, over all its runs: at once, for nothing stood in the way."""
    runs = company.dukao.temporal.list_workflows(f"WorkflowId = '{handle.id}'")
    histories = [
        await company.dukao.temporal.get_workflow_handle(handle.id, run_id=run.run_id).fetch_history() async for run in runs
    ]
    return sum(
        b'"activity_type":"execute"' in payload.data
        for history in histories
        for event in history.events
        for payload in event.marker_recorded_event_attributes.details["data"].payloads
        if event.marker_recorded_event_attributes.marker_name
    )


async def rung_is_reached(company: Company, rung: str) -> bool:
    """Say whether the task has prompted at a rung."""
    return any(rung in event.payload.decode() for event in await company.dukao.log.read(company.task()))


async def failures(handle: Any) -> int:
    """Count the steps of a workflow that failed."""
    events = (await handle.fetch_history()).events
    return sum(event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_FAILED for event in events)


async def until_failed(handle: Any, often: int) -> None:
    """Wait until so many steps of a workflow have failed."""
    async with asyncio.timeout(20):
        while await failures(handle) < often:  # noqa: ASYNC110  There is no event of another process.
            await asyncio.sleep(0.05)
