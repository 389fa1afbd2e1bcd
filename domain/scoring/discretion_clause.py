"""酌情: points that an assessor chooses within a range, event by event, with the reason [M8, handbook 4]."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from domain.scoring.clause import Amount, Effect, cap_in_words, verb
from domain.scoring.facts import Facts, InputSpec
from domain.scoring.faults import require_not_negative, require_order
from domain.scoring.working import Line, text


@dataclass(frozen=True, kw_only=True)
class DiscretionClause:
    """酌情: for each event the assessor chooses between ``least`` and ``most`` points and gives the reason.

    Inputs: ``key`` lists the chosen points, one an event; ``{key}_reason`` says why.
    """

    kind: Literal["discretion"] = "discretion"
    key: str
    least: Decimal
    most: Decimal
    label: str = ""
    cap: Decimal | None = None
    group: str = ""
    effect: Effect = "deduct"

    @property
    def label_zh(self) -> str:
        """Give the label, or the key."""
        return self.label or self.key

    def inputs(self) -> tuple[InputSpec, ...]:
        """List the chosen points and the reason."""
        return (
            InputSpec(
                name=self.key,
                type="numbers",
                label=f"{self.label_zh}(逐起{verb(self.effect)}分)",
                unit="分",
                minimum=self.least,
                maximum=self.most,
                required=False,
            ),
            InputSpec(name=f"{self.key}_reason", type="text", label=f"{self.label_zh}(理由)", required=False),
        )

    def check(self) -> None:
        """Refuse bounds that cross, and numbers below 0."""
        require_not_negative(self.kind, least=self.least, most=self.most, cap=self.cap)
        require_order(self.kind, self.least, self.most)

    def amount(self, facts: Facts, *, missing_is_zero: bool) -> Amount:
        """Add up the chosen points."""
        chosen_spec, reason_spec = self.inputs()
        if not facts.given.get(self.key) and (missing_is_zero or facts.has(self.key)):
            return Amount(points=Decimal(0), lines=(Line(label=self.label_zh, formula="未发生,0", amount=Decimal(0)),))
        chosen = facts.numbers(chosen_spec)
        reason = facts.text(reason_spec)
        total = sum(chosen, Decimal(0))
        formula = f"{' + '.join(text(each) for each in chosen)} = {text(total)}"
        return Amount(points=total, lines=(Line(label=self.label_zh, formula=formula, amount=total, note=f"酌情理由:{reason}"),))

    def explain(self) -> str:
        """Say the clause in Chinese."""
        return f"{self.label_zh}每起酌情{verb(self.effect)} {text(self.least)}~{text(self.most)} 分(须写明理由){cap_in_words(self.cap)}"
