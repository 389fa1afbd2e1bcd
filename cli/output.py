"""How answers are shown: a table for people on a terminal, one JSON document otherwise. Errors go to stderr, in both languages."""

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from enum import Enum
from typing import Any, Literal
from uuid import UUID

from rich.console import Console, RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

Language = Literal["zh", "en"]

OFFICE_ZONE = timezone(timedelta(hours=8))  # People read the office's clock; the log keeps UTC.
WIDE = 160  # Columns of a table that goes into a file or a pipe, where no terminal says how wide it is.


@dataclass(frozen=True)
class Column:
    """A column of a table: its heading in both languages and its way from a row to what is shown."""  # Read as a line, so by place.

    zh: str
    en: str
    cell: Callable[[Any], object]
    right: bool = field(default=False, kw_only=True)


@dataclass(frozen=True, kw_only=True)
class Output:
    """Where answers go. ``as_json`` None: a table on a terminal, JSON otherwise."""

    as_json: bool | None = None
    quiet: bool = False
    language: Language = "zh"
    console: Console = field(default_factory=lambda: _console(stderr=False))
    errors: Console = field(default_factory=lambda: _console(stderr=True))

    @property
    def is_json(self) -> bool:
        """Say whether answers are JSON."""
        return not self.console.is_terminal if self.as_json is None else self.as_json

    def say(self, zh: str, en: str) -> str:
        """Give the one of both sentences this person reads."""
        return en if self.language == "en" else zh

    def show(self, document: object, *views: RenderableType | Callable[[], RenderableType]) -> None:
        """Show one answer: the document as JSON, or its views for people."""
        if self.is_json:
            self.console.file.write(json.dumps(plain(document), ensure_ascii=False, indent=2) + "\n")
            return
        if not self.quiet:
            for view in views:
                self.console.print(view() if callable(view) else view)

    def rows(self, title: tuple[str, str], rows: Sequence[Any], columns: Sequence[Column], *, document: object = None) -> None:
        """Show a list of rows: as one JSON list, or as a table that ends with their number."""
        self.show(rows if document is None else document, lambda: self.table(title, rows, columns))

    def table(self, title: tuple[str, str], rows: Iterable[Any], columns: Sequence[Column]) -> Table:
        """Make a table."""
        made = Table(title=self.say(*title), title_justify="left", title_style="bold", header_style="bold", expand=False)
        for column in columns:
            heading = self.say(column.zh, column.en)
            made.add_column(heading, justify="right" if column.right else "left", overflow="fold")
        for row in rows:
            made.add_row(*(as_text(column.cell(row)) for column in columns))
        return made

    def note(self, zh: str, en: str, *, style: str = "") -> None:
        """Tell a person what is going on. It is no part of the answer: nothing is said where JSON is asked for or quiet."""
        if not self.quiet:
            console = self.errors if self.is_json else self.console
            console.print(Text(self.say(zh, en), style=style))

    def error(self, zh: str, en: str) -> None:
        """Tell what went wrong, in both languages."""
        self.errors.print(Text.assemble(("错误：", "bold red"), zh), soft_wrap=True)
        self.errors.print(Text.assemble(("error: ", "bold red"), en), soft_wrap=True)

    @contextmanager
    def progress(self, zh: str, en: str) -> Iterator[Callable[[int, int, str], None]]:
        """Give a function (done, of, what) that moves a bar on stderr while the block runs."""
        bar = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=self.errors,
            disable=self.quiet or not self.errors.is_terminal,
            transient=True,
        )
        with bar:
            shown = bar.add_task(self.say(zh, en), total=None)

            def move(done: int, of: int, what: str = "") -> None:
                bar.update(shown, completed=done, total=of, description=what or self.say(zh, en))

            yield move


def as_text(value: object) -> Text:
    """Give what a cell shows; nothing of it is read as markup."""
    if isinstance(value, Text):
        return value
    if value is None:
        return Text("—", style="dim")
    if isinstance(value, bool):
        return Text("是" if value else "否")
    if isinstance(value, datetime):
        return Text(local(value))
    if isinstance(value, Decimal):
        return Text(f"{value:f}")
    if isinstance(value, Enum):
        return Text(str(value.value))
    return Text(str(value))


def local(instant: datetime | None) -> str:
    """Give an instant as people of the office read it."""
    return instant.astimezone(OFFICE_ZONE).strftime("%Y-%m-%d %H:%M") if instant else "—"


def plain(value: object) -> Any:
    """Give a value as JSON knows it: amounts as strings with their scale, instants as UTC with ``Z``."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, Enum):
        return plain(value.value)
    if isinstance(value, str):
        return str(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, bytes):
        return value.hex()
    if is_dataclass(value) and not isinstance(value, type):
        return {one.name: plain(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, Mapping):
        return {_key(key): plain(item) for key, item in value.items()}
    if isinstance(value, AbstractSet):
        return sorted((plain(item) for item in value), key=str)
    if isinstance(value, Iterable):
        return [plain(item) for item in value]
    return str(value) if isinstance(value, UUID | Text) else repr(value)


def _key(key: object) -> str:
    return "/".join(str(part) for part in key) if isinstance(key, tuple) else str(plain(key))


def _console(*, stderr: bool) -> Console:
    """Make a console. rich itself keeps to NO_COLOR and to what the terminal can do."""
    stream = sys.stderr if stderr else sys.stdout
    return Console(stderr=stderr, highlight=False, width=None if stream.isatty() else WIDE)
