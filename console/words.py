"""The words on the pages: written in Chinese where they stand, with English beside it here. Chinese is complete by construction."""

from collections.abc import Mapping

from projections.labels import Language

LANGUAGES = ("zh", "en")
COOKIE = "dukao-language"


class Words:
    """Says things in one language. ``words("已退回 {count} 次", count=2)``; what has no English yet is said in Chinese."""

    def __init__(self, language: str) -> None:
        """Take a language; anything but English is Chinese."""
        self.language: Language = "en" if language == "en" else "zh"

    def __call__(self, zh: str, **values: object) -> str:
        """Say it."""
        said = ENGLISH.get(zh, zh) if self.language == "en" else zh
        return said.format_map(values) if values else said


ENGLISH: Mapping[str, str] = {}
