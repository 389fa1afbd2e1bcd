"""Every refusal says what happened and what to do, in both languages, from the same values."""

import re

import pytest

import domain
from domain.decider import Refused

assert domain.DECIDERS  # All streams' modules are loaded, so all their refusals are known.


def all_of(refusal: type[Refused]) -> list[type[Refused]]:
    return [each for sub in refusal.__subclasses__() for each in (sub, *all_of(sub))]


def placeholders(sentence: str) -> set[str]:
    return set(re.findall(r"{(\w+)}", sentence))


@pytest.mark.parametrize("refusal", [each for each in all_of(Refused) if each.__module__.startswith("domain.")])
def test_both_sentences_are_whole(refusal: type[Refused]) -> None:
    assert re.search(r"[一-鿿].*[。；:：]", refusal.zh)
    assert refusal.en.endswith((".", "}"))

    named = placeholders(refusal.zh) | placeholders(refusal.en)
    filled = refusal(**dict.fromkeys(named, "x"))
    assert "{" not in filled.sentence("zh") + filled.sentence("en")
