"""What docker-compose.yml says is what the program reads, and what the embedded servers get too."""

import asyncio
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import asyncpg
import pytest
import yaml
from temporalio.api.operatorservice.v1 import ListSearchAttributesRequest
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client

from application.settings import PREFIX, Settings, variables
from embedded.postgres import SUPERUSER, Postgres
from embedded.process import LOOPBACK
from embedded.temporal import NAMESPACE, RETENTION, SEARCH_ATTRIBUTES, SPELLING, find_temporal
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


async def test_the_namespace_script_prepares_a_real_server_and_does_so_again(temporal_server: str) -> None:
    surroundings = {
        "PATH": f"{find_temporal().parent}:/usr/bin:/bin",
        "TEMPORAL_ADDRESS": temporal_server,
        "TEMPORAL_NAMESPACE": "scripted",
    }
    for _ in range(2):
        said = await asyncio.to_thread(run, [ROOT / "deploy" / "temporal" / "setup-namespace.sh"], surroundings)
        assert said.returncode == 0, said.stderr

    client = await Client.connect(temporal_server, namespace="scripted")
    listed = await client.operator_service.list_search_attributes(ListSearchAttributesRequest(namespace="scripted"))
    described = await client.workflow_service.describe_namespace(DescribeNamespaceRequest(namespace="scripted"))
    assert {name: listed.custom_attributes[name] for name in SEARCH_ATTRIBUTES} == SEARCH_ATTRIBUTES
    assert described.config.workflow_execution_retention_ttl.ToTimedelta() == RETENTION


async def test_temporals_role_makes_its_databases_and_cannot_enter_ours(postgres: Postgres, database: str) -> None:
    ours = database.rpartition("/")[2]
    surroundings = {
        "PATH": f"{postgres.programs.folder}:/usr/bin:/bin",
        "PGHOST": LOOPBACK,
        "PGPORT": str(postgres.port),
        "PGPASSWORD": postgres.password,
        "POSTGRES_USER": SUPERUSER,
        "POSTGRES_DB": ours,
        "TEMPORAL_DB_PASSWORD": "it's quoted",
    }
    said = await asyncio.to_thread(run, [ROOT / "deploy" / "postgres" / "10-temporal-role.sh"], surroundings)
    assert said.returncode == 0, said.stderr

    sign_in: dict[str, Any] = {"host": LOOPBACK, "port": postgres.port, "user": "temporal", "password": "it's quoted"}
    theirs = await asyncpg.connect(database="postgres", **sign_in)
    await theirs.execute("CREATE DATABASE temporal_visibility")
    await theirs.execute("DROP DATABASE temporal_visibility")
    await theirs.close()
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await asyncpg.connect(database=ours, **sign_in)

    owner = await asyncpg.connect(postgres.dsn())
    await owner.execute("DROP ROLE temporal")
    await owner.close()


def run(command: list[Path], surroundings: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, env=surroundings, capture_output=True, text=True, check=False)


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
