"""The worker as a process: it says when it is well, does its work, and leaves when told to."""

import asyncio
import os
import signal
import sys
import urllib.error
import urllib.request
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import SecretStr

from application.dukao import open_dukao
from application.settings import Settings
from application.submit import Pending, submit
from embedded.process import free_port
from tests.company import Company
from tests.domain.story import open_cycle
from tests.stores import LogDatabase

HERE = Path(__file__).parent.parent


@pytest.fixture
def settings(log_database: LogDatabase, temporal_server: str, tmp_path: Path) -> Settings:
    """The settings of the worker and of ours."""
    return Settings(
        database_url=SecretStr(log_database.app),
        temporal_address=temporal_server,
        task_queue="test-worker",
        evidence_dir=tmp_path,
        worker_health_port=free_port(),
    )


async def test_a_worker_issues_tasks_follows_the_log_and_leaves_when_told(settings: Settings) -> None:
    async with running(settings) as worker, open_dukao(settings) as dukao:
        company = Company(dukao, cycle_id="c-worker")
        await company.found()
        await company.open_cycle(["line-loss"], year=datetime.now(UTC).year - 1)
        await company.issue()
        await company.until(lambda: company.types(company.task()))

        worker.send_signal(signal.SIGTERM)

        async with asyncio.timeout(30):
            assert await worker.wait() == 0


async def test_a_worker_that_is_to_follow_only_does_not_run_workflows(settings: Settings) -> None:
    async with running(settings, "--only", "projections") as worker, open_dukao(settings) as dukao:
        company = Company(dukao, cycle_id="c-nobody")
        await company.found()

        with pytest.raises(Pending):
            await submit(dukao, company.cycle, open_cycle(), await company.asked("office-head", company.cycle), patience_s=1)

        worker.send_signal(signal.SIGINT)
        async with asyncio.timeout(30):
            assert await worker.wait() == 0


async def test_a_worker_without_settings_says_what_is_missing(tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("DUKAO_")}
    worker = await asyncio.create_subprocess_exec(
        sys.executable, "worker.py", cwd=HERE, env=environment, stderr=asyncio.subprocess.PIPE
    )
    _, told = await worker.communicate()

    assert worker.returncode == 2
    assert b"DUKAO_DATABASE_URL" in told
    assert b"Traceback" not in told


@asynccontextmanager
async def running(settings: Settings, *arguments: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run a worker process and wait until it says that it is well."""
    environment = {
        **os.environ,
        "DUKAO_DATABASE_URL": settings.database_url.get_secret_value(),
        "DUKAO_TEMPORAL_ADDRESS": settings.temporal_address,
        "DUKAO_TASK_QUEUE": settings.task_queue,
        "DUKAO_EVIDENCE_DIR": str(settings.evidence_dir),
        "DUKAO_WORKER_HEALTH_PORT": str(settings.worker_health_port),
    }
    worker = await asyncio.create_subprocess_exec(sys.executable, "worker.py", *arguments, cwd=HERE, env=environment)
    try:
        async with asyncio.timeout(60):
            while not await asyncio.to_thread(is_well, settings.worker_health_port):
                assert worker.returncode is None, "the worker ended by itself"
                await asyncio.sleep(0.1)
        yield worker
    finally:
        if worker.returncode is None:
            worker.kill()
        await worker.wait()


def is_well(port: int) -> bool:
    """Ask for the worker's health."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False
