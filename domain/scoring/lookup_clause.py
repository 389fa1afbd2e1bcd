"""查表: points by situation, and by class where the table has a column for each."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from domain.scoring.clause import Amount, Effect, cap_in_words, verb
from domain.scoring.facts import Facts, InputMissing, InputSpec
from domain.scoring.faults import require_distinct, require_not_negative, require_some
from domain.scoring.working import Line, text

NONE = "无"  # The situation in which nothing is deducted.


@dataclass(frozen=True, kw_only=True)
class Situation:
    """One cell of a table: in situation ``name``, for class ``of`` (empty: any), these points."""

    name: str
    deduct: Decimal
    of: str = ""


@dataclass(frozen=True, kw_only=True)
class LookupClause:
    """Points by situation, and by class where ``class_input`` is named. The situation 无 takes nothing, and so does a missing one."""

    kind: Literal["lookup"] = "lookup"
    key: str
    situations: tuple[Situation, ...]
    label: str = ""
    class_input: str = ""
    class_label: str = "类别"
    cap: Decimal | None = None
    group: str = ""
    effect: Effect = "deduct"

    @property
    def label_zh(self) -> str:
        """Give the label, or the key."""
        return self.label or self.key

    def inputs(self) -> tuple[InputSpec, ...]:
        """List the situation and the class."""
        names = tuple(dict.fromkeys((NONE, *(situation.name for situation in self.situations))))
        classes = tuple(dict.fromkeys(situation.of for situation in self.situations if situation.of))
        situation = InputSpec(name=self.key, type="choice", label=self.label_zh, options=names, required=False)
        if not self.class_input:
            return (situation,)
        return (situation, InputSpec(name=self.class_input, type="choice", label=self.class_label, options=classes))

    def check(self) -> None:
        """Refuse an empty table, a cell that is there twice and numbers below 0."""
        require_some(self.kind, "situations", self.situations)
        require_distinct(self.kind, "situations", (f"{situation.name} {situation.of}".strip() for situation in self.situations))
        for each in self.situations:
            require_not_negative(self.kind, **{f"situations.{each.name}": each.deduct})
        require_not_negative(self.kind, cap=self.cap)

    def amount(self, facts: Facts, *, missing_is_zero: bool) -> Amount:
        """Look up the cell."""
        (spec, *classes) = self.inputs()
        name = NONE if missing_is_zero and not facts.has(self.key) else facts.text(spec)
        of = facts.text(classes[0]) if classes and name != NONE else ""
        cell = next((each for each in self.situations if each.name == name and each.of in {of, ""}), None)
        if cell is None and name != NONE:
            raise InputMissing(name=f"{name} × {of}", label=self.label_zh)
        points = Decimal(0) if cell is None else cell.deduct
        where = f"“{name}”" + (f"({self.class_label} {of})" if of else "")
        line = Line(label=self.label_zh, formula=f"{where}{verb(self.effect)} {text(points)}", amount=points)
        return Amount(points=points, lines=(line,))

    def explain(self) -> str:
        """Say the clause in Chinese."""
        cells = "、".join(
            f"{cell.name}{f'({self.class_label} {cell.of})' if cell.of else ''}{verb(self.effect)} {text(cell.deduct)} 分"
            for cell in self.situations
        )
        return f"{self.label_zh}:{cells}{cap_in_words(self.cap)}"
