"""Temporal's database is lost: from the log alone everything goes on."""

from pathlib import Path

import pytest

from application.dukao import open_dukao
from application.recover import recover
from application.settings import Settings
from domain.cycle import Phase
from embedded.temporal import prepare_namespace, running_temporal
from tests.company import Company, quick
from tests.workflows.test_commands import with_one_task
from tests.workflows.test_year import company_has, cycle_is
from worker import workflow_worker


@pytest.mark.timeout(180)
async def test_a_cycle_goes_on_after_temporals_database_was_deleted(settings: Settings, server_folder: Path) -> None:
    with running_temporal(server_folder / "first") as first:
        await prepare_namespace(first.address)
        async with open_dukao(settings.model_copy(update={"temporal_address": first.address})) as dukao, workflow_worker(dukao):
            company = await with_one_task(Company(dukao))
            await company.report()
            before = await company.types(company.task())

    with running_temporal(server_folder / "second") as second:
        await prepare_namespace(second.address)
        async with open_dukao(settings.model_copy(update={"temporal_address": second.address})) as dukao, workflow_worker(dukao):
            company = Company(dukao)
            told: list[tuple[int, int]] = []
            assert await recover(dukao, lambda done, of: told.append((done, of))) == 2
            assert await recover(dukao) == 2
            assert told == [(2, 2)]
            assert await company.types(company.task()) == before
            await company.lock()
            await company.score()
            await company.publicise()
            await company.until(lambda: cycle_is(company, Phase.FINAL))

            assert (await company.types(company.task()))[: len(before)] == before


@pytest.mark.timeout(180)
async def test_what_fell_due_while_temporal_was_lost_is_made_up_for_as_of_its_own_instant(
    settings: Settings, server_folder: Path
) -> None:
    with running_temporal(server_folder / "third") as third:
        await prepare_namespace(third.address)
        async with open_dukao(settings.model_copy(update={"temporal_address": third.address})) as dukao, workflow_worker(dukao):
            company = Company(dukao)
            await company.found(quick(seconds=3))
            await company.open_cycle(["line-loss"], year=2025)
            await company.issue()
            await company.until(lambda: company_has(company, company.task(), "TaskIssued"))
            [issued] = await dukao.log.read(company.task())

    with running_temporal(server_folder / "fourth") as fourth:
        await prepare_namespace(fourth.address)
        async with open_dukao(settings.model_copy(update={"temporal_address": fourth.address})) as dukao, workflow_worker(dukao):
            company = Company(dukao)
            await recover(dukao)
            await company.until(lambda: company_has(company, company.task(), "SupervisionLinked"))

            passed = {event.type: event.occurred_at - issued.occurred_at for event in await dukao.log.read(company.task())}
            assert passed["DeadlinePassed"].total_seconds() == 3
            assert passed["TaskDeemedAccepted"].total_seconds() == 4
