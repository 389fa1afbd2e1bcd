"""Our top-level names are generic, so each must mean the folder in this checkout and nothing that is installed."""

import ast
import importlib.util
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
NAMES = [*PROJECT["tool"]["importlinter"]["root_packages"], "worker"]


@pytest.mark.parametrize("name", NAMES)
def test_a_generic_name_means_this_checkout(name: str) -> None:
    found = importlib.util.find_spec(name)

    assert found is not None
    assert found.origin in {str(ROOT / name / "__init__.py"), str(ROOT / f"{name}.py")}


def test_the_names_hold_from_any_folder(tmp_path: Path) -> None:
    (tmp_path / "domain").mkdir()
    (tmp_path / "domain" / "__init__.py").write_text("raise SystemExit('the wrong domain')\n", encoding="utf-8")

    said = subprocess.run(
        [sys.executable, "-P", "-c", "import domain; print(domain.__file__)"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert said.stdout.strip() == str(ROOT / "domain" / "__init__.py"), said.stderr


def test_every_package_of_ours_is_under_the_import_rules_and_in_the_wheel() -> None:
    # What only makers and checkers use is neither shipped nor layered.
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests", "bench", "examples"}

    assert packages <= set(NAMES)
    assert packages <= set(PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["only-include"])


def test_the_worker_stands_beside_the_console_and_knows_no_door() -> None:
    tree = ast.parse((ROOT / "worker.py").read_text(encoding="utf-8"))
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module}

    assert {name.partition(".")[0] for name in imported}.isdisjoint({"cli", "console", "embedded"})


def test_the_package_cannot_be_uploaded_by_mistake() -> None:
    assert "Private :: Do Not Upload" in PROJECT["project"]["classifiers"]
