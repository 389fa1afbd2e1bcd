"""docs/scoring.md: every example scores as it says, and every kind and every field has its place on the page."""

import re
from dataclasses import fields
from pathlib import Path
from typing import get_args, get_type_hints

import pytest

from application.trial import try_score
from domain.scoring import Rule

PAGE = (Path(__file__).parents[2] / "docs" / "scoring.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```json\n(.*?)\n```\n\n(Score|Verdict): (\S+)\n", PAGE, re.DOTALL)
KINDS = {str(get_args(get_type_hints(rule)["kind"])[0]): rule for rule in get_args(Rule)}


@pytest.mark.parametrize(("document", "what", "expected"), EXAMPLES)
def test_an_example_scores_as_the_page_says(document: str, what: str, expected: str) -> None:
    scored = try_score(document.encode())

    assert str(scored.points if what == "Score" else scored.verdict) == expected


def test_every_example_has_its_result() -> None:
    assert len(EXAMPLES) == PAGE.count("```json")


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_has_its_section_an_example_and_all_its_fields(kind: str) -> None:
    section = _section(kind)

    assert f'"kind": "{kind}"' in section
    missing = [field.name for field in fields(KINDS[kind]) if not _mentions(section, field.name)]
    assert set(missing) <= {"kind", "value", "target"}  # The page says of all kinds at once what these are.


def _section(kind: str) -> str:
    (section,) = re.findall(rf"^### {kind} .*?(?=^##)", PAGE, re.DOTALL | re.MULTILINE)
    return str(section)


def _mentions(section: str, name: str) -> bool:
    return f"`{name}`" in section or f'"{name}"' in section
