"""The domain computes with Decimal only: no float by name, by literal or by true division of integers [C4]."""

import ast
from pathlib import Path

import pytest

DOMAIN = Path(__file__).parents[2] / "domain"
MODULES = sorted(DOMAIN.rglob("*.py"))


@pytest.mark.parametrize("module", MODULES, ids=lambda module: str(module.relative_to(DOMAIN)))
def test_no_module_of_the_domain_knows_a_float(module: Path) -> None:
    tree = ast.parse(module.read_text(encoding="utf-8"))

    names = [node.lineno for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id in {"float", "complex"}]
    literals = [node.lineno for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, float)]
    imports = [node.lineno for node in ast.walk(tree) if isinstance(node, ast.ImportFrom | ast.Import) and _math(node)]

    assert (names, literals, imports) == ([], [], [])


def test_the_whole_domain_was_looked_at() -> None:
    assert len(MODULES) > 30


def _math(node: ast.Import | ast.ImportFrom) -> bool:
    named = {node.module} if isinstance(node, ast.ImportFrom) else {alias.name for alias in node.names}
    return bool({"math", "cmath", "statistics"} & {str(name) for name in named})
