"""docs/life-of-a-fact.md speaks of code that exists."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "docs" / "life-of-a-fact.md").read_text(encoding="utf-8")
NAMED = sorted(set(re.findall(r"`([\w/]+\.py):([\w.]+)`", PAGE)))
FILES = sorted(set(re.findall(r"`([\w/]+/[\w.]+\.\w+)`", PAGE)))


@pytest.mark.parametrize(("file", "name"), NAMED, ids=[":".join(each) for each in NAMED])
def test_each_function_it_names_exists(file: str, name: str) -> None:
    body = ast.parse((ROOT / file).read_text(encoding="utf-8")).body

    for part in name.split("."):
        body = inside(body, part)


@pytest.mark.parametrize("file", FILES)
def test_each_file_it_names_exists(file: str) -> None:
    assert (ROOT / file).is_file()


def test_it_names_something_at_every_step() -> None:
    steps = re.split(r"^## \d+\. ", PAGE, flags=re.MULTILINE)[1:]

    assert len(steps) == 10
    assert all(re.search(r"`[\w/]+\.py:", step) for step in steps)
    assert all("**If we stop" in step for step in steps)


def inside(body: list[ast.stmt], name: str) -> list[ast.stmt]:
    """Give what stands in the class or function of that name."""
    found = [one for one in body if isinstance(one, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and one.name == name]
    assert found, f"there is no {name}"
    return found[0].body
