"""Everything the pages say in Chinese has its English."""

import re
from pathlib import Path

import pytest

import console
from console.faults import HTTP
from console.forms import NEEDED
from console.pages.board import SORTS
from console.words import ENGLISH, Words

HERE = Path(console.__file__ or "").parent
SAID = [
    *(found for page in sorted(HERE.glob("templates/*.html")) for found in re.findall(r"_\('([^']+)'", page.read_text("utf-8"))),
    *(
        found
        for module in sorted(HERE.rglob("*.py"))
        if module.name != "words.py"
        for found in re.findall(r'(?:\bwords\(\s*|_Fault\(\s*|\btitle=)"([^"{]+[^"]*)"', module.read_text("utf-8"))
        if not found.isascii()
    ),
    *SORTS.values(),
    *(title for title, _, _ in HTTP.values()),
    NEEDED,
]


def test_enough_words_were_found() -> None:
    assert len(set(SAID)) > 200


@pytest.mark.parametrize("zh", sorted(set(SAID)))
def test_each_has_its_english(zh: str) -> None:
    english = ENGLISH[zh]

    assert set(re.findall(r"{(\w+)}", zh)) == set(re.findall(r"{(\w+)}", english))


def test_chinese_is_the_default_and_values_are_filled_in() -> None:
    assert Words("fr")("逾期 {n}", n=3) == "逾期 3"
    assert Words("en")("逾期 {n}", n=3) == "overdue 3"
    assert Words("en")("没有译文") == "没有译文"
