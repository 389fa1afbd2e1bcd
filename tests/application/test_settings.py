"""What the environment says, and how a wrong one is named."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from application.settings import Settings, SettingsAreWrong, variables


@pytest.fixture(autouse=True)
def empty_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in variables():
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DUKAO_DATABASE_URL", "postgresql://app:s3cret@db/dukao")
    monkeypatch.setenv("DUKAO_TEMPORAL_ADDRESS", "temporal:7233")
    monkeypatch.setenv("DUKAO_EVIDENCE_DIR", "/srv/evidence")


@pytest.mark.usefixtures("needed")
def test_what_is_needed_suffices() -> None:
    settings = Settings.from_env()

    assert settings.database_url.get_secret_value() == "postgresql://app:s3cret@db/dukao"
    assert settings.evidence_dir == Path("/srv/evidence")
    assert settings.database_owner_url is None


def test_everything_that_is_missing_is_named_at_once() -> None:
    with pytest.raises(SettingsAreWrong) as raised:
        Settings.from_env()

    said = str(raised.value)
    assert "DUKAO_DATABASE_URL" in said
    assert "DUKAO_DATABASE_URL_FILE" in said
    assert "DUKAO_TEMPORAL_ADDRESS" in said
    assert "DUKAO_EVIDENCE_DIR" in said


@pytest.mark.usefixtures("needed")
def test_a_secret_may_stand_in_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "owner").write_text("postgresql://owner:t0p@db/dukao\n", encoding="utf-8")
    monkeypatch.setenv("DUKAO_DATABASE_OWNER_URL_FILE", str(tmp_path / "owner"))

    owner = Settings.from_env().database_owner_url

    assert owner is not None
    assert owner.get_secret_value() == "postgresql://owner:t0p@db/dukao"


@pytest.mark.usefixtures("needed")
def test_a_file_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DUKAO_DATABASE_OWNER_URL_FILE", str(tmp_path / "nothing"))

    with pytest.raises(SettingsAreWrong, match="DUKAO_DATABASE_OWNER_URL_FILE"):
        Settings.from_env()


@pytest.mark.usefixtures("needed")
def test_a_wrong_value_is_named_and_no_secret_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DUKAO_CONSOLE_PORT", "70000")

    with pytest.raises(SettingsAreWrong, match="DUKAO_CONSOLE_PORT") as raised:
        Settings.from_env()

    assert "s3cret" not in str(raised.value)


@pytest.mark.usefixtures("needed")
def test_settings_are_frozen_and_show_no_secret() -> None:
    settings = Settings.from_env()

    with pytest.raises(ValidationError):
        settings.console_port = 1
    assert "s3cret" not in repr(settings)


@pytest.mark.usefixtures("needed")
def test_arguments_come_before_the_environment() -> None:
    assert Settings(temporal_address="127.0.0.1:1").temporal_address == "127.0.0.1:1"  # type: ignore[call-arg]
