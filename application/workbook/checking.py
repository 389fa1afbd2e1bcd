"""What the checks of the sheets share: the book, the faults found so far, and what cells may refer to."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from application.workbook.cells import Register, Registers, meaning
from application.workbook.fault import Cell, Code, Faults, Misfit
from application.workbook.read import Book, Row
from application.workbook.sheets import Sheet
from application.workbook.text import text_of
from domain.organisation import Organisation


@dataclass(kw_only=True)
class Parsed:
    """A row's values by key. A cell with a fault has none, and the row is not ``sound``."""

    sheet: Sheet
    row: Row
    values: dict[str, Any] = field(default_factory=dict)
    sound: bool = True

    def cell(self, key: str) -> Cell:
        """Give a cell, for a fault that comes out only when rows are compared."""
        return self.row.cells[key]

    @property
    def place(self) -> str:
        """Give where the row stands, as the source of its commands."""
        return f"{self.sheet.name}!{self.row.number}"

    def __getitem__(self, key: str) -> Any:
        """Give a value (None: empty, or a fault)."""
        return self.values.get(key)


@dataclass(kw_only=True)
class Checking:
    """One check of one workbook. ``today`` is the office's day; ``known`` the organisation as it is before.

    ``doubtful`` are departments and persons of whom a row has a fault: what follows from their other rows is not held against them.
    """

    book: Book
    faults: Faults
    known: Organisation
    today: date
    registers: Registers = field(default_factory=Registers)
    doubtful: set[str] = field(default_factory=set)

    def rows(self, sheet: Sheet) -> Iterator[Parsed]:
        """Give every row of a sheet as far as it makes sense, noting what does not."""
        for row in self.book.rows.get(sheet.name, ()):
            yield self._parsed(sheet, row)

    def add(self, code: Code, cell: Cell, expected: str, **values: object) -> None:
        """Note a fault."""
        self.faults.add(code, cell, expected, **values)

    def unread(self, sheet: Sheet) -> bool:
        """Say whether a sheet could not be read, so that nothing follows from what is missing in it."""
        return sheet.name not in self.book.rows and any(fault.sheet == sheet.name for fault in self.faults.found)

    def refer(self, register: Register, sheet: Sheet, key: str, name: str) -> None:
        """Let the ids and names of a sheet be referred to, whatever else is wrong with their rows.

        Of a sheet that could not be read nothing is known, so no reference to it is called wrong.
        """
        if sheet.name not in self.book.rows:
            register.lenient = not register.ids
            return
        for row in self.book.rows[sheet.name]:
            its_id, its_name = (text_of(row.cells[column].value) for column in (key, name))
            if its_id:
                register.add(its_id, its_name)

    def once(self, parsed: Parsed, key: str, named: object, seen: dict[Any, int]) -> bool:
        """Note what stands in the sheet twice; say whether it is the first."""
        if named in seen:
            self.add(
                Code.TWICE,
                parsed.cell(key),
                "全表唯一的内容；删去或更正其中一行",
                value=parsed.cell(key).shown,
                other=seen[named],
            )
            parsed.sound = False
            return False
        seen[named] = parsed.row.number
        return True

    def _parsed(self, sheet: Sheet, row: Row) -> Parsed:
        parsed = Parsed(sheet=sheet, row=row)
        for column in sheet.settings or sheet.columns:
            cell = row.cells[column.key]
            try:
                parsed.values[column.key] = meaning(column, cell, self.registers)
            except Misfit as misfit:
                self.faults.misfit(misfit, cell)
                parsed.sound = False
        return parsed
