"""人工评分: a person's score within bounds, with the reason and a second person [R48, R52].

For rules that live in another document, were lost, or cannot be put in numbers: no real row is ever refused for its method.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from domain.scoring.facts import Facts, InputSpec
from domain.scoring.faults import require_order
from domain.scoring.working import Line, Outcome, text


@dataclass(frozen=True, kw_only=True)
class Manual:
    """Points from ``lo`` to ``hi``. Inputs: ``points``, ``reason``, and ``second_person`` unless ``alone``.

    ``standard`` tells the assessor what to look at; ``document`` names the document that holds the rule. Several manual rules in one
    composite need a ``prefix`` each, which their input names then begin with.
    """

    kind: Literal["manual"] = "manual"
    hi: Decimal
    lo: Decimal = Decimal(0)
    standard: str = ""
    document: str = ""
    alone: bool = False
    prefix: str = ""

    def inputs(self) -> tuple[InputSpec, ...]:
        """List points, reason and second person."""
        points = InputSpec(
            name=f"{self.prefix}points", type="number", label="人工评分", unit="分", minimum=self.lo, maximum=self.hi
        )
        reason = InputSpec(name=f"{self.prefix}reason", type="text", label="评分理由")
        second = InputSpec(name=f"{self.prefix}second_person", type="text", label="复核人")
        return (points, reason) if self.alone else (points, reason, second)

    def check(self) -> None:
        """Refuse bounds that cross."""
        require_order(self.kind, self.lo, self.hi)

    def full(self) -> Decimal | None:
        """Give the upper bound."""
        return self.hi

    def evaluate(self, facts: Facts) -> Outcome:
        """Take the person's score, with its reason."""
        points_spec, reason_spec, *second = self.inputs()
        points, reason = facts.number(points_spec), facts.text(reason_spec)
        witness = f";复核人:{facts.text(second[0])}" if second else ""
        formula = f"在 {text(self.lo)}~{text(self.hi)} 分内评 {text(points)} 分"
        return Outcome(
            points=points, lines=(Line(label="人工评分", formula=formula, amount=points, note=f"理由:{reason}{witness}"),)
        )

    def explain(self) -> str:
        """Say the rule in Chinese."""
        by = f"(依据{self.document})" if self.document else ""
        standard = f":{self.standard.rstrip('。')}" if self.standard else ""
        second = "须写明理由" if self.alone else "须写明理由并由第二人复核"
        return f"人工评分{by} {text(self.lo)}~{text(self.hi)} 分{standard},{second}。"
