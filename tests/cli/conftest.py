"""The command line on real servers: a small company whose cycle is issued, and a worker beside. Made once for all tests here."""

import asyncio
import contextlib
import json
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from pydantic import SecretStr

from application.demonstration.play import of_cycle, scene_of
from application.demonstration.player import Player, now
from application.demonstration.small import CYCLE, small_plan
from application.dukao import open_dukao
from application.settings import Settings
from application.workbook.start import start_cycle
from cli.main import main
from domain.cycle import IssueCycle
from embedded.postgres import Postgres
from tests.conftest import run_apart
from tests.stores import fresh_database
from worker import run_worker

YEAR = 2025


class Said(NamedTuple):
    """What a command line came to."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """The one JSON document on stdout."""
        return json.loads(self.out)


Dukao = Callable[..., Said]


@pytest.fixture(scope="module")
def company(
    postgres: Postgres, migrated_template: str, temporal_server: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Settings]:
    """A database with the small company's cycle issued, and a worker in a thread of its own."""
    with fresh_database(postgres, migrated_template) as database:
        settings = Settings(
            database_url=SecretStr(database.app),
            temporal_address=temporal_server,
            task_queue="test-cli",
            evidence_dir=tmp_path_factory.mktemp("evidence"),
        )
        with worker_beside(settings):
            run_apart(issued(settings))
            yield settings


@pytest.fixture
def dukao(company: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Dukao:
    """Runs a command line against the company; its output is no terminal's, so answers are JSON."""
    monkeypatch.setenv("DUKAO_DATABASE_URL", company.database_url.get_secret_value())
    monkeypatch.setenv("DUKAO_TEMPORAL_ADDRESS", company.temporal_address)
    monkeypatch.setenv("DUKAO_TASK_QUEUE", company.task_queue)
    monkeypatch.setenv("DUKAO_EVIDENCE_DIR", str(company.evidence_dir))

    def run(*arguments: str | Path) -> Said:
        code = main([str(each) for each in arguments])
        said = capsys.readouterr()
        return Said(code, said.out, said.err)

    return run


@contextlib.contextmanager
def worker_beside(settings: Settings) -> Iterator[None]:
    """Run a worker on a loop of its own while the block lasts."""
    ready, stop, loop = threading.Event(), asyncio.Event(), asyncio.new_event_loop()

    async def work() -> None:
        async with open_dukao(settings) as opened:
            ready.set()
            await run_worker(opened, stop=stop)

    thread = threading.Thread(target=loop.run_until_complete, args=(work(),))
    thread.start()
    try:
        assert ready.wait(30)
        yield
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
        loop.close()


async def issued(settings: Settings) -> None:
    """Plan and issue the small cycle."""
    async with open_dukao(settings) as opened:
        entered = datetime(2026, 1, 5, 1, tzinfo=UTC)
        report = await start_cycle(opened, small_plan(YEAR, miss_seconds=900), source_digest="", at=entered)
        assert report.refused is None
        player = Player(dukao=opened, cycle=CYCLE)
        scene = await scene_of(player, now())
        issue = IssueCycle(document="演习 1 号", issuer="公司")
        await player.act(of_cycle(player, now(), scene.cast.top_leader(), issue, "issue"))
        await player.called()
        await player.issued()
