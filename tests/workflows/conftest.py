"""A company on real servers: PostgreSQL, Temporal and a worker in this process. Each test has a database and a task queue of its own.

The Temporal server is shared by the tests of a process, so a cycle's id is as unique as its task queue.
"""

from collections.abc import AsyncIterator
from itertools import count
from pathlib import Path

import pytest
from pydantic import SecretStr

from application.dukao import Dukao, open_dukao
from application.settings import Settings
from tests.company import Company
from tests.stores import LogDatabase
from worker import workflow_worker

_numbers = count(1)


@pytest.fixture
def settings(log_database: LogDatabase, temporal_server: str, tmp_path: Path) -> Settings:
    """The settings of a process on the test servers."""
    return Settings(
        database_url=SecretStr(log_database.app),
        temporal_address=temporal_server,
        temporal_namespace="dukao",
        task_queue=f"test-{next(_numbers)}",
        evidence_dir=tmp_path,
    )


@pytest.fixture
async def dukao(settings: Settings) -> AsyncIterator[Dukao]:
    """A process's parts; no worker runs yet."""
    async with open_dukao(settings) as opened:
        yield opened


@pytest.fixture
async def worked(dukao: Dukao) -> AsyncIterator[Dukao]:
    """The same, with a worker."""
    async with workflow_worker(dukao):
        yield dukao


@pytest.fixture
def company(worked: Dukao) -> Company:
    """A company of which nothing is published yet, with a worker."""
    return Company(worked, cycle_id=f"c-{worked.settings.task_queue}")
