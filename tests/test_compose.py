"""What docker-compose.yml says is what the program reads, and what the embedded servers get too."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from application.settings import PREFIX, Settings, variables
from embedded.temporal import NAMESPACE, RETENTION, SEARCH_ATTRIBUTES, SPELLING
from tests.conftest import skip_or_fail

ROOT = Path(__file__).resolve().parent.parent
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES: dict[str, Any] = COMPOSE["services"]
OURS = ("migrate", "console", "worker")


def environment(service: str) -> dict[str, str]:
    return {name: value for name, value in SERVICES[service].get("environment", {}).items() if name.startswith(PREFIX)}


def test_every_variable_is_one_the_program_reads() -> None:
    unknown = {service: sorted(environment(service).keys() - variables().keys()) for service in SERVICES}

    assert {service: names for service, names in unknown.items() if names} == {}


@pytest.mark.parametrize("service", OURS)
def test_every_process_is_told_what_it_needs(service: str) -> None:
    told = {name.removesuffix("_FILE") for name in environment(service)}
    needed = {PREFIX + name.upper() for name, field in Settings.model_fields.items() if field.is_required()}

    assert needed <= told


@pytest.mark.parametrize("service", OURS)
def test_what_a_process_is_told_makes_settings(service: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in variables():
        monkeypatch.delenv(name, raising=False)
    for name, value in environment(service).items():
        monkeypatch.setenv(name, value.replace("/run/secrets", str(tmp_path)))
    for secret in SERVICES[service]["secrets"]:
        (tmp_path / secret).write_text(f"postgresql://{secret}@db:5432/dukao", encoding="utf-8")

    settings = Settings.from_env()

    assert settings.temporal_namespace == NAMESPACE
    assert settings.cookie_secure


def test_only_the_migration_has_the_owners_password() -> None:
    given = {service for service in SERVICES if "database_owner_url" in SERVICES[service].get("secrets", ())}

    assert given == {"migrate"}


def test_every_secret_that_is_named_is_given_and_comes_from_a_file() -> None:
    for service in OURS:
        named = {value.rpartition("/")[2] for name, value in environment(service).items() if name.endswith("_FILE")}
        assert named == set(SERVICES[service]["secrets"])
    for secret in COMPOSE["secrets"].values():
        assert secret["file"].startswith("./deploy/secrets/")


@pytest.mark.parametrize(("service", "variable"), [("console", "DUKAO_CONSOLE_PORT"), ("worker", "DUKAO_WORKER_HEALTH_PORT")])
def test_health_is_asked_where_it_is_answered(service: str, variable: str) -> None:
    asked = SERVICES[service]["healthcheck"]["test"][-1]

    assert asked == f"http://127.0.0.1:{environment(service)[variable]}/readyz"


@pytest.mark.parametrize("service", ["console", "worker"])
def test_what_scales_out_has_no_name_and_no_port_of_its_own(service: str) -> None:
    assert SERVICES[service].keys().isdisjoint({"container_name", "ports"})
    assert SERVICES[service]["volumes"] == SERVICES["console"]["volumes"]  # All see the same evidence.


def test_every_image_is_pinned() -> None:
    for service, described in SERVICES.items():
        assert re.search(r":\d[\w.]*$", described["image"]), service


def test_the_namespace_script_asks_for_what_the_embedded_server_has() -> None:
    script = (ROOT / "deploy" / "temporal" / "setup-namespace.sh").read_text(encoding="utf-8")

    asked = dict(re.findall(r"\b([A-Z]\w+):(\w+)\b", script))

    assert asked == {name: SPELLING[kind] for name, kind in SEARCH_ATTRIBUTES.items()}
    assert f"--retention {RETENTION.days}d" in script


def test_the_image_gets_every_package() -> None:
    dockerfile = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    admitted = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    packages = [path.parent.name for path in ROOT.glob("*/__init__.py") if path.parent.name not in {"tests", "bench"}]

    for package in packages:
        assert f"COPY {package} {package}" in dockerfile
        assert f"!{package}" in admitted


def test_docker_compose_accepts_the_file() -> None:
    program = shutil.which("docker-compose")
    if program is None:
        skip_or_fail("docker-compose is missing: 本机没有 docker-compose")

    said = subprocess.run(
        [program, "--profile", "ops", "config"],
        cwd=ROOT,
        env={"TEMPORAL_DB_PASSWORD": "only-to-be-read", "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert said.returncode == 0, said.stderr


def test_secrets_are_made_once_and_kept(tmp_path: Path) -> None:
    (tmp_path / "deploy").mkdir()
    script = tmp_path / "deploy" / "make-secrets.sh"
    shutil.copy(ROOT / "deploy" / "make-secrets.sh", script)

    subprocess.run([script], check=True)
    made = {path.name: path.read_text(encoding="utf-8") for path in (tmp_path / "deploy" / "secrets").iterdir()}
    subprocess.run([script], check=True)

    assert made.keys() == COMPOSE["secrets"].keys()
    assert made["database_owner_password"] in made["database_owner_url"]
    assert made == {path.name: path.read_text(encoding="utf-8") for path in (tmp_path / "deploy" / "secrets").iterdir()}
    assert (tmp_path / "deploy" / "secrets").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / ".env").read_text(encoding="utf-8").count("TEMPORAL_DB_PASSWORD=") == 1
