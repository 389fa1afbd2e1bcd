"""Reading pages as a browser would: forms with what stands in them, and the words between the tags."""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any


@dataclass
class Form:
    """One form: where it goes and what it would send."""

    action: str = ""
    values: dict[str, str] = field(default_factory=dict)
    names: list[str] = field(default_factory=list)

    def filled(self, **more: str) -> dict[str, str]:
        """Give what is sent when some fields are filled in; ``__`` in a name stands for a dot."""
        return {**self.values, **{name.replace("__", "."): value for name, value in more.items()}}


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._inside = False
        self._area = ""
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        its: dict[str, Any] = dict(attrs)
        if tag == "form":
            self.forms.append(Form(action=its.get("action", "")))
            self._inside = True
        if not self._inside or (not its.get("name") and tag != "option"):
            return
        form = self.forms[-1]
        if tag == "option" and self._select:
            if "selected" in its:
                form.values[self._select] = its.get("value", "")
            return
        name = its.get("name", "")
        form.names.append(name)
        if tag == "textarea":
            self._area = name
            form.values[name] = ""
        elif tag == "select":
            self._select = name
        elif tag == "input" and its.get("type") not in {"file", "radio", "checkbox"}:
            form.values[name] = its.get("value", "")

    def handle_data(self, data: str) -> None:
        if self._area:
            self.forms[-1].values[self._area] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False
        if tag == "textarea":
            self._area = ""
        if tag == "select":
            self._select = ""


def forms(page: str) -> list[Form]:
    """Give all forms of a page."""
    parser = _Forms()
    parser.feed(page)
    return parser.forms


def offered(page: str) -> dict[str, Form]:
    """Give the forms of commands by their offer's key, such as ``SubmitReport.Q1``."""
    return {form.values["offer"]: form for form in forms(page) if "offer" in form.values}


def words(page: str) -> str:
    """Give what a page says, without tags and without any space, which Chinese does not need."""
    return re.sub(r"\s+", "", re.sub(r"<[^>]+>", " ", page))
