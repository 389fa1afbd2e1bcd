"""What a process is told from outside: addresses, secrets, ports. Policies are not settings: they are facts in the log."""

import os
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import Field, SecretStr, ValidationError
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

PREFIX = "DUKAO_"


class SettingsAreWrong(Exception):
    """The environment lacks a setting or holds a wrong one. ``zh`` and ``en`` name each; values, perhaps secret, are not told."""

    def __init__(self, faults: list[tuple[str, str]]) -> None:
        """Take the faults as pairs of a variable's name and what is wrong with it."""
        named = "\n".join(f"  {name}: {what}" for name, what in faults)
        self.zh = f"环境变量有误，程序没有启动。请更正后重试：\n{named}"
        self.en = f"The environment is wrong and nothing was started. Correct it and try again:\n{named}"
        super().__init__(f"{self.zh}\n{self.en}")


class Settings(BaseSettings):
    """The settings of one process, frozen. Secrets and addresses have no default.

    Each is the variable ``DUKAO_`` + its name in capitals; a secret may stand in a file that ``DUKAO_{NAME}_FILE`` names.
    """

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="forbid")

    database_url: SecretStr = Field(description="postgresql://… as the application's role, which may append but not change")
    database_owner_url: SecretStr | None = Field(
        default=None, description="postgresql://… as the owner's role; only processes that migrate are given it"
    )
    temporal_address: str = Field(description="host:port of Temporal's front end")
    temporal_namespace: str = "dukao"
    task_queue: str = "dukao"
    evidence_dir: Path = Field(description="folder of the evidence files; the same one for all processes")
    console_host: str = "127.0.0.1"
    console_port: int = Field(default=8080, ge=0, le=65535, description="0: any free port")
    cookie_secure: bool = Field(default=True, description="false only where the console is served without TLS on this machine")
    worker_health_port: int = Field(default=0, ge=0, le=65535, description="0: the worker answers no health questions")
    log_format: Literal["auto", "json", "console"] = Field(default="auto", description="auto: JSON unless on a terminal")

    @classmethod
    def from_env(cls) -> Self:
        """Read the environment. Raises SettingsAreWrong, naming every fault at once."""
        try:
            return cls()  # type: ignore[call-arg]  # The environment gives them.
        except ValidationError as wrong:
            raise SettingsAreWrong([_fault(error["loc"], error["msg"]) for error in wrong.errors()]) from None

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Look at arguments, then at the environment, then at the files it names. No ``.env``: it would be read by surprise."""
        del dotenv_settings, file_secret_settings
        return (init_settings, env_settings, _NamedFiles(settings_cls))


def variables() -> dict[str, FieldInfo]:
    """Give every variable the environment may set, ``*_FILE`` ones included, with the field it fills."""
    names: dict[str, FieldInfo] = {}
    for name, field in Settings.model_fields.items():
        names[PREFIX + name.upper()] = field
        if _is_secret(field):
            names[f"{PREFIX}{name.upper()}_FILE"] = field
    return names


class _NamedFiles(PydanticBaseSettingsSource):
    """Secrets out of the files that ``DUKAO_{NAME}_FILE`` names; a trailing line end is not part of the secret."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        variable = f"{PREFIX}{field_name.upper()}_FILE"
        if not _is_secret(field) or variable not in os.environ:
            return None, field_name, False
        try:
            return Path(os.environ[variable]).read_text(encoding="utf-8").rstrip("\r\n"), field_name, False
        except OSError as failed:
            raise SettingsAreWrong([(variable, f"{failed.strerror}: {os.environ[variable]}")]) from None

    def __call__(self) -> dict[str, Any]:
        found = {name: self.get_field_value(field, name)[0] for name, field in self.settings_cls.model_fields.items()}
        return {name: value for name, value in found.items() if value is not None}


def _is_secret(field: FieldInfo) -> bool:
    return field.annotation in (SecretStr, SecretStr | None)


def _fault(location: tuple[int | str, ...], message: str) -> tuple[str, str]:
    name = str(location[0])
    variable = PREFIX + name.upper()
    if message == "Field required":
        either = f"（或 / or {variable}_FILE）" if _is_secret(Settings.model_fields[name]) else ""
        return variable, f"没有设置{either} / is not set"
    return variable, message
