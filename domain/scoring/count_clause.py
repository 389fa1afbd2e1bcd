"""按件计: points for every so many events above a quota, dearer when repeated [M8, M25]."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from domain.scoring.clause import Amount, Effect, cap_in_words, verb
from domain.scoring.facts import COUNT_MAX, Facts, InputSpec, InputUnfit
from domain.scoring.faults import require_not_negative, require_positive, require_some
from domain.scoring.operand import Operand, check_operands, inputs_of, take, words
from domain.scoring.steps import MODES_ZH, StepMode, steps, steps_shown
from domain.scoring.working import Line, text

ONCE = (Decimal(1),)  # The multipliers of an event that costs the same every time.


@dataclass(frozen=True, kw_only=True)
class CountClause:
    """``deduct`` for every ``per`` events above ``quota``. ``count`` defaults to the input named ``key``.

    ``repeat`` makes repetition dearer: (1, 2) counts the second and every later event twice; ``earlier`` events of the period come
    before these. ``cap`` limits the clause, ``group`` names a joint cap of the rule.
    """

    kind: Literal["count"] = "count"
    key: str
    deduct: Decimal
    label: str = ""
    unit: str = "次"
    count: Operand | None = None
    per: Decimal = Decimal(1)
    quota: Operand = Decimal(0)
    steps: StepMode = "proportional"
    repeat: tuple[Decimal, ...] = ONCE
    earlier: Operand = Decimal(0)
    cap: Decimal | None = None
    group: str = ""
    effect: Effect = "deduct"

    @property
    def label_zh(self) -> str:
        """Give the label, or the key."""
        return self.label or self.key

    def inputs(self) -> tuple[InputSpec, ...]:
        """List the count and what quota and earlier events need. A count that is not given is 0, unless the rule refuses that."""
        whole = self.per == self.per.to_integral_value()
        own = InputSpec(
            name=self.key,
            type="count" if whole else "number",
            label=self.label_zh,
            unit=self.unit,
            minimum=Decimal(0),
            maximum=self._most,
            required=False,
        )
        counted = (own,) if self.count is None else inputs_of(self.count)
        return (*counted, *inputs_of(self.quota, self.earlier))

    def check(self) -> None:
        """Refuse events per nothing, numbers below 0 and unfit operands."""
        require_positive(self.kind, "per", self.per)
        require_some(self.kind, "repeat", self.repeat)
        for factor in self.repeat:
            require_not_negative(self.kind, repeat=factor)
        require_not_negative(
            self.kind, deduct=self.deduct, count=self.count, quota=self.quota, earlier=self.earlier, cap=self.cap
        )
        check_operands(self.kind, self.count, self.quota, self.earlier)

    def amount(self, facts: Facts, *, missing_is_zero: bool) -> Amount:
        """Count the events above the quota and price them."""
        counted, opening = self._counted(facts, missing_is_zero=missing_is_zero)
        quota = take(self.quota, facts)
        self._within(f"{self.key}.quota", quota.value)
        earlier = self._within(f"{self.key}.earlier", take(self.earlier, facts).value)
        over = max(counted - quota.value, Decimal(0))
        count = steps(over, self.per, self.steps)
        factors, priced = self._priced(count, earlier)
        above = "" if self.quota == 0 else f"超过限额部分 max({text(counted)} − {text(quota.value)}, 0) = {text(over)};"
        per = "" if self.per == 1 else f"{steps_shown(over, self.per, self.steps)};"
        formula = f"{above}{per}{text(factors)} × {text(self.deduct)} = {text(priced)}"
        note = "" if self.repeat == ONCE else "重复发生加重"
        return Amount(
            points=priced, lines=(*opening, *quota.lines, Line(label=self.label_zh, formula=formula, amount=priced, note=note))
        )

    def explain(self) -> str:
        """Say the clause in Chinese."""
        each = f"每{text(self.per) if self.per != 1 else ''}{self.unit}"
        quota = "" if self.quota == 0 else f"超过限额 {words(self.quota)} 后"
        growth = "" if self.repeat == ONCE else ",重复发生依次按 " + "、".join(text(factor) for factor in self.repeat) + " 倍"
        mode = "" if self.per == 1 else f"({MODES_ZH[self.steps]})"
        return f"{self.label_zh}{quota}{each}{verb(self.effect)} {text(self.deduct)} 分{mode}{growth}{cap_in_words(self.cap)}"

    def _counted(self, facts: Facts, *, missing_is_zero: bool) -> tuple[Decimal, tuple[Line, ...]]:
        if self.count is not None:
            taken = take(self.count, facts)
            return self._within(self.key, max(taken.value, Decimal(0))), taken.lines
        (spec, *_) = self.inputs()
        count = Decimal(0) if missing_is_zero and not facts.has(self.key) else facts.number(spec)
        return count, (
            Line(label=f"{self.label_zh}(发生数)", formula=f"{text(count)}{self.unit}", amount=count),
        ) if count else ()

    def _priced(self, count: Decimal, earlier: Decimal) -> tuple[Decimal, Decimal]:
        factors = self._weighed(earlier + count) - self._weighed(earlier)
        return factors, factors * self.deduct

    def _weighed(self, count: Decimal) -> Decimal:
        """Add up the multipliers of the first ``count`` events: one by one those listed, then all others at the last."""
        *listed, last = self.repeat
        single = sum(
            (factor * min(max(count - place, Decimal(0)), Decimal(1)) for place, factor in enumerate(listed)), Decimal(0)
        )
        return single + last * max(count - len(listed), Decimal(0))

    @property
    def _most(self) -> Decimal:
        """Give the largest count that is believed: sums of money are counted by the thousand and more."""
        return COUNT_MAX * max(self.per, Decimal(1))

    def _within(self, name: str, counted: Decimal) -> Decimal:
        """Refuse a count that nobody means, wherever it comes from."""
        if not 0 <= counted <= self._most:
            raise InputUnfit(
                name=name,
                label=self.label_zh,
                value=text(counted),
                expected_zh=f"介于 0 与 {text(self._most)} 之间的数",
                expected_en=f"a number within 0..{text(self._most)}",
            )
        return counted
