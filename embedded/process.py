"""One server process: started apart from us, known again after our own death, stopped by its number.

A server writes its number into a file before it does anything else, so that no crash of ours can lose it. A number alone proves
nothing, since the system gives it again: the process must also have been started with words only we would use.
"""

import contextlib
import os
import pwd
import secrets
import signal
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LOOPBACK = "127.0.0.1"
POLL_S = 0.02


class EmbeddedServerFailed(Exception):
    """An embedded server cannot do what was asked. ``zh`` and ``en`` say what happened, why, and what to do next."""

    def __init__(self, *, zh: str, en: str) -> None:
        """Keep both sentences; the exception prints as the two of them."""
        self.zh = zh
        self.en = en
        super().__init__(f"{zh}\n{en}")


class ServerDied(EmbeddedServerFailed):
    """A server ended while it was starting. The end of its log is in the message."""


@dataclass(frozen=True, kw_only=True)
class Account:
    """The user a server runs as."""

    uid: int
    gid: int
    name: str

    @classmethod
    def named(cls, name: str) -> "Account":
        """Give the account of that name. Raises EmbeddedServerFailed."""
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            raise EmbeddedServerFailed(
                zh=f"本机没有用户 {name}，PostgreSQL 又不能以 root 运行。请用 DUKAO_POSTGRES_USER 指定一个已有的普通用户。",
                en=f"This machine has no user {name}, and PostgreSQL cannot run as root. Name an existing ordinary user in "
                "DUKAO_POSTGRES_USER.",
            ) from None
        return cls(uid=entry.pw_uid, gid=entry.pw_gid, name=name)

    @classmethod
    def owning(cls, path: Path) -> "Account":
        """Give the account that owns ``path``."""
        found = path.stat()
        try:
            name = pwd.getpwuid(found.st_uid).pw_name
        except KeyError:
            name = str(found.st_uid)
        return cls(uid=found.st_uid, gid=found.st_gid, name=name)

    def can_write_in(self, folder: Path) -> bool:
        """Say whether the account reaches ``folder`` and may create files there. Tried, not computed from permission bits."""
        tried = self.run(["/bin/sh", "-c", 'cd "$1" && : >.probe && rm -f .probe', "sh", str(folder)])
        return tried is not None and tried.returncode == 0

    def run(self, command: Sequence[str], *, cwd: str = "/") -> subprocess.CompletedProcess[str] | None:
        """Run a short program as this account and give what came of it; None where the account may not even start it."""
        try:
            return subprocess.run(
                command, cwd=cwd, env=plain_environment(), capture_output=True, text=True, check=False, **self.as_arguments()
            )
        except OSError:
            return None

    def as_arguments(self) -> dict[str, Any]:
        """Give what subprocess needs to become this account; nothing if we already are."""
        if self.uid == os.geteuid():
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}


def plain_environment() -> Mapping[str, str]:
    """Give the few variables a server gets. Ours (PGPORT, TEMPORAL_ADDRESS, ...) would change what it does."""
    kept = ("PATH", "TMPDIR", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
    return {name: os.environ[name] for name in kept if name in os.environ} | {"LC_ALL": "C", "TZ": "UTC"}


@dataclass(frozen=True, kw_only=True)
class ServerProcess:
    """A running server. ``child`` is set if it is ours and must be waited for."""

    pid: int
    child: subprocess.Popen[bytes] | None = None

    def is_alive(self) -> bool:
        """Say whether the process still runs."""
        if self.child is not None:
            return self.child.poll() is None
        return command_of(self.pid) != ""

    def stop(self, first: signal.Signals, *, grace_s: float, then: signal.Signals = signal.SIGKILL) -> None:
        """Ask with ``first``, wait, insist with ``then``; return when the process is gone. Harmless if it is."""
        self._send(first)
        if not self._is_gone_within(grace_s):
            self._send(then)
            if not self._is_gone_within(grace_s):
                self._send(signal.SIGKILL)
                self._is_gone_within(grace_s)

    def _send(self, number: signal.Signals) -> None:
        if self.is_alive():
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def _is_gone_within(self, seconds: float) -> bool:
        end = time.monotonic() + seconds
        while self.is_alive():
            if time.monotonic() > end:
                return False
            time.sleep(POLL_S)
        return True


def spawn(command: Sequence[str], *, log: Path, cwd: Path, account: Account | None = None) -> ServerProcess:
    """Start a server in a session of its own, so that neither our Ctrl-C nor our death reaches it. Its output goes to ``log``."""
    arguments = account.as_arguments() if account else {}
    with log.open("ab") as output:
        child = subprocess.Popen(
            command,
            cwd=cwd,
            env=plain_environment(),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            **arguments,
        )
    return ServerProcess(pid=child.pid, child=child)


def command_of(pid: int) -> str:
    """Give the command line of a running process; empty if there is none, or if it is dead and only waits to be buried."""
    proc = Path("/proc") / str(pid)
    if Path("/proc/self/stat").exists():
        try:
            state = (proc / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[0]
            words = (proc / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            return ""
        return "" if state in "ZX" else words
    listed = subprocess.run(
        ["ps", "-ww", "-o", "stat=,command=", "-p", str(pid)],  # noqa: S607  Where it lies differs between systems.
        capture_output=True,
        text=True,
        check=False,
    )
    state, _, words = listed.stdout.strip().partition(" ")
    return "" if state.startswith("Z") else words


def free_port(wanted: int | None = None) -> int:
    """Give ``wanted`` if nobody listens there, else a port the system knows to be free now."""
    if wanted and is_free(wanted):
        return wanted
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port


def is_free(port: int) -> bool:
    """Say whether nobody listens on ``port`` of this machine."""
    if is_listening(port):
        return False
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
        return True


def is_listening(port: int) -> bool:
    """Say whether something takes connections on ``port``."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((LOOPBACK, port)) == 0


def size_of(log: Path) -> int:
    """Give the length of a log in bytes (0: there is none yet)."""
    return log.stat().st_size if log.exists() else 0


def end_of(log: Path, *, after: int = 0, lines: int = 15) -> str:
    """Give the last lines of what was added to a log after that many bytes, for a message."""
    try:
        with log.open("rb") as file:
            file.seek(max(after, size_of(log) - 64_000))
            return "\n".join(file.read().decode(errors="replace").splitlines()[-lines:])
    except OSError:
        return ""


def write_privately(path: Path, text: str, account: Account | None = None) -> None:
    """Write a file only its owner can read, whole or not at all."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    if account and account.uid != os.geteuid():
        os.chown(draft, account.uid, account.gid)
    draft.replace(path)
