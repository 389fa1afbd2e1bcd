"""是否扣分: points once, if something is so."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from domain.scoring.clause import Amount, Effect, cap_in_words, verb
from domain.scoring.facts import Facts, InputSpec
from domain.scoring.faults import require_not_negative
from domain.scoring.working import Line, text


@dataclass(frozen=True, kw_only=True)
class FlagClause:
    """Points once, if a yes-or-no input is ``when``."""

    kind: Literal["flag"] = "flag"
    key: str
    deduct: Decimal
    label: str = ""
    when: bool = True
    cap: Decimal | None = None
    group: str = ""
    effect: Effect = "deduct"

    @property
    def label_zh(self) -> str:
        """Give the label, or the key."""
        return self.label or self.key

    def inputs(self) -> tuple[InputSpec, ...]:
        """List the one input. It is required: neither yes nor no may be guessed."""
        return (InputSpec(name=self.key, type="yes-no", label=self.label_zh),)

    def check(self) -> None:
        """Refuse numbers below 0."""
        require_not_negative(self.kind, deduct=self.deduct, cap=self.cap)

    def amount(self, facts: Facts, *, missing_is_zero: bool) -> Amount:  # noqa: ARG002  Neither answer may be guessed.
        """Ask."""
        (spec,) = self.inputs()
        answer = facts.yes(spec)
        points = self.deduct if answer == self.when else Decimal(0)
        formula = f"{'是' if answer else '否'},{verb(self.effect)} {text(points)}"
        return Amount(points=points, lines=(Line(label=self.label_zh, formula=formula, amount=points),))

    def explain(self) -> str:
        """Say the clause in Chinese."""
        return (
            f"{self.label_zh}为“{'是' if self.when else '否'}”{verb(self.effect)} {text(self.deduct)} 分{cap_in_words(self.cap)}"
        )
