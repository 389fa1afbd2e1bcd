"""Asking the board in place of the log: it answers the same, and never before it has caught up."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from application import ledger
from application.board import BoardIsBehind, unconsolidated_on_board
from application.dukao import Dukao, open_dukao
from application.settings import Settings
from domain.cycle import ApproveResults
from tests.company import Company
from tests.stores import LogDatabase
from worker import run_worker

T0 = datetime(2026, 2, 2, 2, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


async def test_results_of_a_very_large_cycle_are_approved_by_what_the_board_knows(
    log_database: LogDatabase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(database_url=SecretStr(log_database.app), temporal_address="127.0.0.1:1", evidence_dir=tmp_path)
    async with open_dukao(settings, temporal=False) as dukao:
        company = await scoring(dukao)
        asking = unconsolidated_on_board(dukao.engine, dukao.log, within_s=0.1)
        with pytest.raises(BoardIsBehind):
            await asking(company.cycle, await company.state(company.cycle))

        monkeypatch.setattr(ledger, "MANY", 0)
        stop = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            group.create_task(run_worker(dukao, ["projections"], stop))
            early = await company.ask("leader", company.cycle, ApproveResults(minutes="纪要"), received_at=T0 + 4 * SECOND)
            await company.score("arrears", received_at=T0 + 5 * SECOND)
            late = await company.ask("leader", company.cycle, ApproveResults(minutes="纪要"), received_at=T0 + 6 * SECOND)
            stop.set()

    assert (early.code, late.status) == ("SomeAreNotConsolidated", "done")
    assert "arrears" in early.zh


async def scoring(dukao: Dukao) -> Company:
    """Bring a cycle of two tasks to where one of them is consolidated."""
    company = Company(dukao)
    await company.found(received_at=T0)
    await company.open_cycle(["line-loss", "arrears"], year=2025, received_at=T0)
    await company.issue(received_at=T0)
    await company.settle(T0)
    for indicator in ("line-loss", "arrears"):
        await company.report(indicator, received_at=T0 + SECOND)
    await company.lock(received_at=T0 + 2 * SECOND)
    await company.settle(T0 + 2 * SECOND)
    await company.score("line-loss", received_at=T0 + 3 * SECOND)
    return company
