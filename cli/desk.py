"""Where a verb works: how it shows its answer, and how it reaches the store. Clients are imported late: many verbs need none."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cli.faults import ExitCode, Fault
from cli.output import Output

if TYPE_CHECKING:
    from application.dukao import Dukao
    from application.settings import Settings
    from embedded.stack import Stack

PREFIX = "DUKAO_"  # As application.settings has it; a test compares.
ROLE = "dukao_app"  # What the program signs in as; the owner only migrates.


class NothingIsRunning(Fault):
    """No settings name a server, and none runs in the data folder."""

    def __init__(self, folder: Path) -> None:
        """Name the folder that was looked at."""
        super().__init__(
            f"{folder} 中没有正在运行的服务。请先执行 dukao up，或用 --data 指定数据目录，或用 {PREFIX}* 变量指定服务地址。",
            f"No servers run in {folder}. Run dukao up first, name the folder with --data, or name the servers in {PREFIX}* variables.",
            code=ExitCode.UNAVAILABLE,
        )


@dataclass(frozen=True, kw_only=True)
class Desk:
    """One verb's surroundings. ``data`` is the folder of the embedded servers (None: the usual one)."""

    output: Output
    data: Path | None = None

    def settings(self) -> "Settings":
        """Give the settings of the environment, else those of the embedded servers. Raises NothingIsRunning, SettingsAreWrong."""
        from application.settings import Settings
        from embedded.stack import Stack, default_data_dir

        if names_servers():
            return Settings.from_env()
        stack = Stack.find(self.data)
        if stack is None:
            raise NothingIsRunning(self.data or default_data_dir())
        return settings_of(stack)

    @asynccontextmanager
    async def dukao(self, *, temporal: bool = True) -> AsyncIterator["Dukao"]:
        """Open the store that is running. Reading needs no Temporal."""
        from application.dukao import open_dukao

        async with open_dukao(self.settings(), temporal=temporal) as dukao:
            yield dukao


def names_servers() -> bool:
    """Say whether the environment names a database, and thus all servers."""
    return any(f"{PREFIX}DATABASE_URL{ending}" in os.environ for ending in ("", "_FILE"))


def settings_of(stack: "Stack", **others: object) -> "Settings":
    """Give the settings of a process that works with embedded servers. The console is served on this machine, without TLS."""
    from pydantic import SecretStr

    from application.settings import Settings

    given: dict[str, object] = {
        "database_url": SecretStr(stack.dsn_as(ROLE, stack.secret("application-role"))),
        "database_owner_url": SecretStr(stack.postgres_dsn),
        "temporal_address": stack.temporal_address,
        "temporal_namespace": stack.namespace,
        "evidence_dir": stack.data_dir / "evidence",
        "cookie_secure": False,
    }
    return Settings.model_validate(given | others)
