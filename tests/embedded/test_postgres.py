"""The supervised PostgreSQL keeps what it was given, whatever is killed, and touches nothing that is not ours."""

import os
import shutil
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from embedded.postgres import (
    DataAreForeign,
    DataAreOfAnotherVersion,
    Postgres,
    Programs,
    ProgramsMissing,
    choose_place,
    find_programs,
    running_postgres,
    running_server,
)
from embedded.process import LOOPBACK, Account, ServerDied
from tests.conftest import reachable_folder

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root: 需要 root 才能换用户")


@pytest.fixture
def folder() -> Iterator[Path]:
    with reachable_folder() as made:
        yield made


async def one_value(dsn: str, question: str) -> object:
    connection = await asyncpg.connect(dsn)
    try:
        return await connection.fetchval(question)
    finally:
        await connection.close()


async def test_a_wrong_password_is_refused(postgres: Postgres) -> None:
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(postgres.dsn().replace(postgres.password, "wrong"))


async def test_the_server_is_as_careful_as_one_in_production(postgres: Postgres) -> None:
    settings = {
        name: await one_value(postgres.dsn(), f"SHOW {name}") for name in ("fsync", "synchronous_commit", "data_checksums")
    }

    assert settings == {"fsync": "on", "synchronous_commit": "on", "data_checksums": "on"}


def test_only_the_owner_can_read_the_password(postgres: Postgres) -> None:
    assert (postgres.place / "password").stat().st_mode & 0o777 == 0o600
    assert postgres.place.stat().st_mode & 0o777 == 0o700


async def test_a_restart_keeps_the_rows(folder: Path) -> None:
    with running_postgres(folder / "postgres") as server:
        await one_value(server.dsn(), "CREATE TABLE kept AS SELECT 42 AS answer")

    with running_postgres(folder / "postgres") as server:
        assert await one_value(server.dsn(), "SELECT answer FROM kept") == 42


async def test_a_killed_server_recovers(folder: Path) -> None:
    with running_postgres(folder / "postgres") as server:
        await one_value(server.dsn(), "CREATE TABLE kept AS SELECT 42 AS answer")
        os.kill(server.pid, signal.SIGKILL)
        while server.is_alive():
            pass

        server.start(server.port)

        assert await one_value(server.dsn(), "SELECT answer FROM kept") == 42


def test_a_server_that_runs_is_taken_over_and_then_stopped(folder: Path) -> None:
    with running_postgres(folder / "postgres") as first:
        second = Postgres(first.place, account=first.account)
        second.start()

        assert (second.pid, second.port) == (first.pid, first.port)

        second.stop()
        assert not first.is_alive()
        assert running_server(first.place) is None


def test_a_taken_port_leads_to_another(folder: Path) -> None:
    with socket.socket() as taken:
        taken.bind((LOOPBACK, 0))
        taken.listen()
        port = taken.getsockname()[1]

        with running_postgres(folder / "postgres", port=port) as server:
            assert server.port != port


def test_foreign_files_are_named_and_kept(folder: Path) -> None:
    place, account = choose_place(folder / "postgres")
    data = place / "data"
    data.mkdir()
    (data / "letter.txt").write_text("not ours", encoding="utf-8")

    with pytest.raises(DataAreForeign) as raised:
        Postgres(place, account=account).start()

    assert str(data) in raised.value.zh
    assert "DUKAO_DATA" in raised.value.en
    assert (data / "letter.txt").read_text(encoding="utf-8") == "not ours"


@pytest.mark.parametrize(("theirs", "word"), [("17", "newer"), ("99", "older")])
def test_a_cluster_of_another_version_is_named_with_the_way_out(folder: Path, theirs: str, word: str) -> None:
    place, account = choose_place(folder / "postgres")
    (place / "data").mkdir()
    (place / "data" / "PG_VERSION").write_text(f"{theirs}\n", encoding="ascii")
    (place / "password").write_text("secret", encoding="ascii")

    with pytest.raises(DataAreOfAnotherVersion) as raised:
        Postgres(place, account=account).start()

    assert theirs in raised.value.zh
    assert word in raised.value.en
    assert "pg_dumpall" in raised.value.zh


def test_an_attempt_that_was_cut_short_leaves_no_half_made_cluster(folder: Path) -> None:
    place, account = choose_place(folder / "postgres")
    (place / "data.new").mkdir()
    (place / "data.new" / "PG_VERSION").write_text("18\n", encoding="ascii")

    server = Postgres(place, account=account)
    server.start()
    try:
        assert not (place / "data.new").exists()
        assert (place / "data" / "postmaster.pid").exists()
    finally:
        server.stop()


def test_a_server_that_cannot_start_says_why(folder: Path) -> None:
    with running_postgres(folder / "postgres") as server:
        pass
    (server.data / "global" / "pg_control").unlink()

    with pytest.raises(ServerDied, match="pg_control"):
        server.start()


def test_programs_are_looked_for_where_one_is_told_and_nowhere_else(tmp_path: Path) -> None:
    with pytest.raises(ProgramsMissing, match="DUKAO_POSTGRES_BIN"):
        find_programs(tmp_path)

    installed = find_programs()
    assert find_programs(installed.folder).major == installed.major


@as_root
def test_as_root_the_server_is_another_user_and_no_foreign_permission_changes(folder: Path) -> None:
    before = {path: path.stat().st_mode for path in (folder, *folder.parents)}

    with running_postgres(folder / "postgres") as server:
        assert Account.owning(server.data).name == "nobody"
        assert (Path("/proc") / str(server.pid)).stat().st_uid == server.account.uid

    assert {path: path.stat().st_mode for path in before} == before


@as_root
def test_as_root_a_folder_nobody_can_enter_is_left_alone_and_another_is_remembered(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)

    place, account = choose_place(closed / "postgres")
    try:
        assert account.can_write_in(place)
        assert closed not in place.parents
        assert closed.stat().st_mode & 0o777 == 0o700
        assert choose_place(closed / "postgres") == (place, account)
    finally:
        shutil.rmtree(place)


@as_root
def test_as_root_programs_the_user_cannot_reach_are_copied(folder: Path, tmp_path: Path) -> None:
    installed = find_programs()
    assert installed.tree is not None
    hidden = tmp_path / "hidden" / installed.tree.name
    hidden.parent.mkdir(mode=0o700)
    hidden.symlink_to(installed.tree)
    hidden.with_name(f"{hidden.name}.libs").symlink_to(installed.tree.with_name(f"{hidden.name}.libs"))
    programs = Programs(folder=hidden / installed.folder.relative_to(installed.tree), major=installed.major, tree=hidden)
    place, account = choose_place(folder / "postgres")

    server = Postgres(place, account=account, programs=programs)
    server.start()
    try:
        assert place in server.programs.folder.parents
        assert Account.owning(server.programs.folder) == account
    finally:
        server.stop()
