"""Both embedded servers together: started, watched, found by other processes, stopped in order.

What lies in the data folder::

    lock             held by the process that watches the servers; inside, its number and when it began
    stack.json       where the servers are and how to sign in, mode 0600, for other processes of the same user
    secrets/         passwords made here, one a file, mode 0600
    postgres/        see embedded/postgres.py (or postgres.place, which names the folder)
    temporal/        see embedded/temporal.py

The watching process may be killed: the servers live on, the kernel drops the lock, and the next start takes the servers over.
"""

import asyncio
import contextlib
import fcntl
import json
import os
import re
import secrets
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg
import structlog

from embedded.postgres import SUPERUSER, USUAL_PORT, Postgres, choose_place, find_programs, known_place
from embedded.postgres import running_server as running_postgres_server
from embedded.process import EmbeddedServerFailed, write_privately
from embedded.temporal import (
    NAMESPACE,
    USUAL_UI_PORT,
    Temporal,
    find_temporal,
    prepare_namespace,
)
from embedded.temporal import USUAL_PORT as USUAL_TEMPORAL_PORT
from embedded.temporal import running_server as running_temporal_server

DATABASE = "dukao"
WATCH_EVERY_S = 0.5
RETRY_AFTER_S = 5.0  # A server that does not come up again is not helped by haste.

logger = structlog.get_logger()


class StackIsRunning(EmbeddedServerFailed):
    """Another process watches the servers of this data folder."""


@dataclass(frozen=True, kw_only=True)
class Stack:
    """Where the embedded servers of one data folder are. Made by ``start`` and ``find`` only."""

    data_dir: Path
    postgres_dsn: str  # Of the owner, a superuser, for asyncpg.
    temporal_address: str  # Empty: started without Temporal.
    temporal_ui: str = ""
    namespace: str = NAMESPACE

    @classmethod
    @contextlib.asynccontextmanager
    async def start(cls, data_dir: Path | None = None, *, temporal: bool = True, watch: bool = True) -> AsyncIterator["Stack"]:
        """Run both servers for as long as the block lasts; a server that dies meanwhile is started again on the same port.

        Servers that a killed predecessor left behind are taken over. Raises StackIsRunning and what the servers raise.
        """
        folder = make_data_dir(data_dir)
        with _lock(folder):
            before = _read(folder)
            postgres = _postgres_in(folder)
            servers: list[Postgres | Temporal] = [postgres]
            try:
                await _to_its_end(postgres.start, _port_in(before.postgres_dsn) if before else USUAL_PORT)
                await _create_database_if_missing(postgres.dsn())
                stack = cls(data_dir=folder, postgres_dsn=postgres.dsn(DATABASE), temporal_address="")
                if temporal:
                    other = Temporal(folder / "temporal", program=find_temporal(_configured("DUKAO_TEMPORAL_BIN")))
                    servers.append(other)
                    await _to_its_end(other.start, *_temporal_ports(before))
                    await prepare_namespace(other.address)
                    stack = replace(stack, temporal_address=other.address, temporal_ui=other.ui_url)
                _write(stack)
                async with _watched(servers) if watch else contextlib.nullcontext():
                    yield stack
            finally:
                await _to_its_end(_stop, servers)

    @classmethod
    def find(cls, data_dir: Path | None = None) -> "Stack | None":
        """Give the stack whose servers run now in this data folder, whoever watches them; None if there is none."""
        folder = (data_dir or default_data_dir()).absolute()
        stack = _read(folder)
        if stack is None or not stack.postgres_pid() or (stack.temporal_address and not stack.temporal_pid()):
            return None
        return stack

    def postgres_pid(self) -> int:
        """Give the number of the PostgreSQL server that runs now (0: none)."""
        running = running_postgres_server(known_place(self.data_dir / "postgres"))
        return running[0] if running else 0

    def temporal_pid(self) -> int:
        """Give the number of the Temporal server that runs now (0: none)."""
        running = running_temporal_server(self.data_dir / "temporal")
        return running.pid if running else 0

    def dsn_as(self, role: str, password: str) -> str:
        """Give the address of the same database for another role. The password must not need quoting; ours do not."""
        return self.postgres_dsn.replace(f"//{SUPERUSER}:{_password_in(self.postgres_dsn)}@", f"//{role}:{password}@", 1)

    def secret(self, name: str) -> str:
        """Give the secret of that name, made when it is first asked for and the same ever after. Safe in a URL."""
        path = self.data_dir / "secrets" / name
        if not path.exists():
            path.parent.mkdir(mode=0o700, exist_ok=True)
            write_privately(path, secrets.token_urlsafe(32))
        return path.read_text(encoding="utf-8")


def default_data_dir() -> Path:
    """Give the folder ``DUKAO_DATA`` names, else ``var`` in this checkout."""
    return _configured("DUKAO_DATA") or Path(__file__).resolve().parent.parent / "var"


def make_data_dir(data_dir: Path | None = None) -> Path:
    """Give the data folder, absolute; create it if it is not there. One that was there keeps its permissions."""
    folder = (data_dir or default_data_dir()).absolute()
    if not folder.exists():
        folder.mkdir(parents=True)
        # Started by root, the database's user must be able to pass through; nobody else can list it.
        folder.chmod(0o711 if os.geteuid() == 0 else 0o700)
    if not os.access(folder, os.W_OK | os.X_OK):
        raise EmbeddedServerFailed(
            zh=f"当前用户不能写入 {folder}。请换用拥有它的用户，或用 DUKAO_DATA 指定别的目录。",
            en=f"The present user cannot write in {folder}. Run as its owner, or name another folder in DUKAO_DATA.",
        )
    return folder


def _configured(variable: str) -> Path | None:
    value = os.environ.get(variable)
    return Path(value).absolute() if value else None


@contextlib.contextmanager
def _lock(folder: Path) -> Iterator[None]:
    """Hold the data folder. The kernel lets go when we die, however we die."""
    descriptor = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    with os.fdopen(descriptor, "r+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise _is_running(folder, file.read().strip()) from None
        file.truncate(0)
        file.write(f"pid {os.getpid()} since {datetime.now(UTC).isoformat(timespec='seconds')}\n")
        file.flush()
        yield
        file.truncate(0)


def _is_running(folder: Path, owner: str) -> StackIsRunning:
    return StackIsRunning(
        zh=f"{folder} 的服务已由另一个进程（{owner}）运行。请直接使用它，或先结束那个进程，或用 DUKAO_DATA 指定别的目录。",
        en=f"The servers of {folder} are already run by another process ({owner}). Use them, or end that process first, or name "
        "another folder in DUKAO_DATA.",
    )


def _postgres_in(folder: Path) -> Postgres:
    before = known_place(folder / "postgres")
    place, account = choose_place(folder / "postgres", user=os.environ.get("DUKAO_POSTGRES_USER", "nobody"))
    if place != before:
        logger.warning("postgres.placed", place=str(place), because=f"{account.name} cannot enter {folder}")
    return Postgres(place, account=account, programs=find_programs(_configured("DUKAO_POSTGRES_BIN")))


def _temporal_ports(before: Stack | None) -> tuple[int | None, int | None]:
    if before and before.temporal_address:
        return _port_in(before.temporal_address), _port_in(before.temporal_ui)
    return USUAL_TEMPORAL_PORT, USUAL_UI_PORT


def _stop(servers: list[Postgres | Temporal]) -> None:
    """Stop the last started first, all of them in one call: a second Ctrl-C must not stop only one."""
    for server in reversed(servers):
        server.stop()


async def _to_its_end(work: Callable[..., None], *arguments: Any) -> None:
    """Run blocking work in a thread and wait for it even when we are cancelled: a stop must never overtake a start."""
    working = asyncio.create_task(asyncio.to_thread(work, *arguments))
    try:
        await asyncio.shield(working)
    except asyncio.CancelledError:
        await asyncio.wait([working])
        raise


async def _create_database_if_missing(dsn: str) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        if not await connection.fetchval("SELECT true FROM pg_database WHERE datname = $1", DATABASE):
            await connection.execute(f'CREATE DATABASE "{DATABASE}"')
    finally:
        await connection.close()


@contextlib.asynccontextmanager
async def _watched(servers: list[Postgres | Temporal]) -> AsyncIterator[None]:
    watching = [asyncio.create_task(_keep_alive(server)) for server in servers]
    try:
        yield
    finally:
        for task in watching:
            task.cancel()
        await asyncio.gather(*watching, return_exceptions=True)


async def _keep_alive(server: Postgres | Temporal) -> None:
    """Start a server again when it died, for as long as we are not cancelled."""
    name = type(server).__name__.lower()
    while True:
        await asyncio.sleep(WATCH_EVERY_S)
        if server.is_alive():
            continue
        logger.warning("server.died", server=name, port=server.port)
        try:
            await _to_its_end(_start_again, server)
        except EmbeddedServerFailed as failed:
            logger.exception("server.stays_down", server=name, because=failed.en)
            await asyncio.sleep(RETRY_AFTER_S)
        else:
            logger.info("server.restarted", server=name, port=server.port)


def _start_again(server: Postgres | Temporal) -> None:
    if isinstance(server, Temporal):
        server.start(server.port, server.ui_port or None)
    else:
        server.start(server.port)


def _write(stack: Stack) -> None:
    known = asdict(stack) | {"data_dir": str(stack.data_dir)}
    write_privately(stack.data_dir / "stack.json", json.dumps(known, indent=2) + "\n")


def _read(folder: Path) -> Stack | None:
    try:
        known = json.loads((folder / "stack.json").read_text(encoding="utf-8"))
        return Stack(**(known | {"data_dir": folder}))
    except (OSError, ValueError, TypeError):  # Missing, cut short or of another version: it is written anew at the next start.
        return None


def _port_in(address: str) -> int | None:
    found = re.search(r":(\d+)(/|$)", address)
    return int(found.group(1)) if found else None


def _password_in(dsn: str) -> str:
    found = re.match(r"postgresql://[^:]+:([^@]+)@", dsn)
    assert found, "a DSN of ours has a password"
    return found.group(1)
