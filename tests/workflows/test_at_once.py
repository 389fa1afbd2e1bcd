"""A command is done at once, within the workflow's own task; where that is not possible it becomes an ordinary step."""

from collections.abc import Sequence
from typing import Any

import asyncpg
import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.client import WorkflowHandle

from domain.task.commands import Accept
from event_store.log import Append, Verdict
from tests.company import Company
from tests.workflows.test_commands import with_one_task

MARKER = EventType.EVENT_TYPE_MARKER_RECORDED
SCHEDULED = EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED
STARTED = EventType.EVENT_TYPE_WORKFLOW_TASK_STARTED


@pytest.fixture
async def issued(company: Company) -> Company:
    return await with_one_task(company)


async def test_a_command_takes_one_task_of_its_workflow_and_no_ordinary_step(issued: Company) -> None:
    handle = issued.dukao.temporal.get_workflow_handle(issued.task())
    before = len(await events(handle))

    await issued.does("ops-head", issued.task(), Accept())

    of_the_command = (await events(handle))[before:]
    until_answered = of_the_command[: of_the_command.index(EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_COMPLETED)]
    assert until_answered.count(MARKER) == 1
    assert until_answered.count(STARTED) == 1
    assert SCHEDULED not in of_the_command


async def test_a_command_that_finds_the_log_away_is_done_by_an_ordinary_step_once_it_is_back(
    issued: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    handle = issued.dukao.temporal.get_workflow_handle(issued.task())
    log, append, away = issued.dukao.log, issued.dukao.log.append, iter([True, True])

    async def away_at_first(requests: Sequence[Append]) -> list[Verdict]:
        if next(away, False):
            raise asyncpg.ConnectionDoesNotExistError("away")
        return await append(requests)

    monkeypatch.setattr(log, "append", away_at_first)
    answer = await issued.ask("ops-head", issued.task(), Accept())

    assert answer.status == "done"
    assert SCHEDULED in await events(handle)
    assert (await issued.types(issued.task())).count("TaskAccepted") == 1


async def events(handle: WorkflowHandle[Any, Any]) -> list[int]:
    """List the types of a history's events, in order."""
    return [event.event_type async for event in handle.fetch_history_events()]
