"""The stack survives the death of its keeper and of its servers, and stops cleanly in the end."""

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import asyncpg
import pytest

from embedded.postgres import running_server
from embedded.process import EmbeddedServerFailed, command_of, is_listening
from embedded.stack import Stack, StackIsRunning, make_data_dir
from tests.conftest import reachable_folder

KEEPER = """
import asyncio, pathlib, sys
from embedded.stack import Stack

async def keep():
    async with Stack.start(pathlib.Path(sys.argv[1]), temporal=sys.argv[2] == "both"):
        print("up", flush=True)
        await asyncio.sleep(3600)

asyncio.run(keep())
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    with reachable_folder() as made:
        yield made / "data"


def killed_keeper(folder: Path, servers: str) -> None:
    """Start a stack in another process and kill that process without warning."""
    with subprocess.Popen([sys.executable, "-c", KEEPER, str(folder), servers], stdout=subprocess.PIPE, text=True) as keeper:
        assert keeper.stdout is not None
        said = keeper.stdout.readline()
        keeper.kill()
    assert said == "up\n"


def killed(pid: int) -> None:
    """Kill a server and return when it is dead."""
    os.kill(pid, signal.SIGKILL)
    while command_of(pid):
        time.sleep(0.01)


def becomes_true(question: Callable[[], object]) -> None:
    """Return when the answer is yes; the test's time limit is the limit."""
    while not question():
        time.sleep(0.01)


async def asked(dsn: str, question: str) -> object:
    connection = await asyncpg.connect(dsn)
    try:
        return await connection.fetchval(question)
    finally:
        await connection.close()


async def answered(dsn: str, question: str) -> object:
    """Ask until the server has recovered."""
    while True:
        with contextlib.suppress(OSError, asyncpg.CannotConnectNowError):
            return await asked(dsn, question)
        await asyncio.sleep(0.01)


async def test_a_running_stack_is_found_and_a_stopped_one_is_not(folder: Path) -> None:
    assert Stack.find(folder) is None

    async with Stack.start(folder) as stack:
        found = Stack.find(folder)
        assert found == stack
        assert await asked(found.postgres_dsn, "SELECT current_database()") == "dukao"
        assert is_listening(int(found.temporal_address.rpartition(":")[2]))
        pids = (stack.postgres_pid(), stack.temporal_pid())

    assert Stack.find(folder) is None
    assert [command_of(pid) for pid in pids] == ["", ""]


async def test_what_signs_in_is_readable_by_the_owner_only(folder: Path) -> None:
    async with Stack.start(folder, temporal=False) as stack:
        secret = stack.secret("application")

        assert stack.secret("application") == secret
        assert stack.secret("other") != secret
        files = [folder / "stack.json", folder / "lock", folder / "secrets" / "application"]
        assert [file.stat().st_mode & 0o777 for file in files] == [0o600] * 3
        await asked(stack.postgres_dsn, f"CREATE ROLE visitor LOGIN PASSWORD '{secret}'")
        assert await asked(stack.dsn_as("visitor", secret), "SELECT current_user") == "visitor"


async def test_a_second_keeper_is_told_who_is_first(folder: Path) -> None:
    async with Stack.start(folder, temporal=False):
        with pytest.raises(StackIsRunning, match=f"pid {os.getpid()} "):
            async with Stack.start(folder, temporal=False):
                pass


async def test_servers_of_a_killed_keeper_are_taken_over_and_later_stopped(folder: Path) -> None:
    await asyncio.to_thread(killed_keeper, folder, "both")
    left = Stack.find(folder)
    assert left is not None
    pids = (left.postgres_pid(), left.temporal_pid())

    async with Stack.start(folder) as stack:
        assert stack == left
        assert (stack.postgres_pid(), stack.temporal_pid()) == pids

    assert [command_of(pid) for pid in pids] == ["", ""]


async def test_after_the_keeper_and_the_servers_were_killed_the_rows_are_there(folder: Path) -> None:
    await asyncio.to_thread(killed_keeper, folder, "postgres")
    left = Stack.find(folder)
    assert left is not None
    await asked(left.postgres_dsn, "CREATE TABLE kept AS SELECT 42 AS answer")
    os.kill(left.postgres_pid(), signal.SIGKILL)

    async with Stack.start(folder, temporal=False) as stack:
        assert await asked(stack.postgres_dsn, "SELECT answer FROM kept") == 42


async def test_a_server_that_dies_is_started_again_on_its_port(folder: Path) -> None:
    async with Stack.start(folder) as stack:
        await asked(stack.postgres_dsn, "CREATE TABLE kept AS SELECT 42 AS answer")

        await asyncio.to_thread(killed, stack.postgres_pid())
        await asyncio.to_thread(killed, stack.temporal_pid())
        await asyncio.to_thread(becomes_true, stack.postgres_pid)
        await asyncio.to_thread(becomes_true, stack.temporal_pid)

        assert await answered(stack.postgres_dsn, "SELECT answer FROM kept") == 42
        await asyncio.to_thread(becomes_true, lambda: is_listening(int(stack.temporal_address.rpartition(":")[2])))


async def test_ports_stay_the_same_over_a_restart(folder: Path) -> None:
    async with Stack.start(folder) as first:
        pass

    async with Stack.start(folder) as second:
        assert (second.postgres_dsn, second.temporal_address) == (first.postgres_dsn, first.temporal_address)


async def test_a_damaged_state_file_is_written_anew(folder: Path) -> None:
    async with Stack.start(folder, temporal=False):
        pass
    (folder / "stack.json").write_text("{", encoding="utf-8")

    async with Stack.start(folder, temporal=False) as stack:
        assert json.loads((folder / "stack.json").read_text(encoding="utf-8"))["postgres_dsn"] == stack.postgres_dsn


async def test_a_cancelled_start_leaves_no_server(folder: Path) -> None:
    async def start() -> None:
        async with Stack.start(folder, temporal=False):
            await asyncio.Event().wait()

    starting = asyncio.create_task(start())
    await asyncio.to_thread(becomes_true, lambda: running_server(folder / "postgres"))
    running = running_server(folder / "postgres")
    assert running is not None
    starting.cancel()
    await asyncio.wait([starting])

    assert command_of(running[0]) == ""


def test_a_folder_that_was_there_keeps_its_permissions(tmp_path: Path) -> None:
    there = tmp_path / "there"
    there.mkdir(mode=0o750)

    make_data_dir(there)

    assert there.stat().st_mode & 0o777 == 0o750


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere: root 无处不可写")
def test_a_folder_one_cannot_write_in_is_named(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o500)

    with pytest.raises(EmbeddedServerFailed, match="DUKAO_DATA"):
        make_data_dir(closed)
