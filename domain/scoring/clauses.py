"""Clauses of an event rule: what is counted, chosen or looked up, and how many points each takes or gives [M8, M24, M25, M27]."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from domain.scoring.facts import Facts, InputMissing, InputSpec
from domain.scoring.faults import require_distinct, require_order, require_positive, require_some
from domain.scoring.operand import ACTUAL, TARGET, Operand, check_operands, inputs_of, take, words
from domain.scoring.steps import (
    MODES_ZH,
    Direction,
    Measure,
    StepMode,
    distance,
    distance_shown,
    step_in_words,
    steps,
    steps_shown,
)
from domain.scoring.working import Line, text

Effect = Literal["deduct", "add"]
ONCE = (Decimal(1),)  # The multipliers of an event that costs the same every time.
NONE = "无"  # The situation in which nothing is deducted.


@dataclass(frozen=True, kw_only=True)
class Amount:
    """What one clause takes or gives, never negative, and the line that shows it."""

    points: Decimal
    lines: tuple[Line, ...]


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
            required=False,
        )
        counted = (own,) if self.count is None else inputs_of(self.count)
        return (*counted, *inputs_of(self.quota, self.earlier))

    def check(self) -> None:
        """Refuse events per nothing and unfit operands."""
        require_positive(self.kind, "per", self.per)
        require_some(self.kind, "repeat", self.repeat)
        check_operands(self.kind, self.count, self.quota, self.earlier)

    def amount(self, facts: Facts, *, missing_is_zero: bool) -> Amount:
        """Count the events above the quota and price them."""
        counted, opening = self._counted(facts, missing_is_zero=missing_is_zero)
        quota = take(self.quota, facts)
        over = max(counted - quota.value, Decimal(0))
        count = steps(over, self.per, self.steps)
        factors, priced = self._priced(count, take(self.earlier, facts).value)
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
        return f"{self.label_zh}{quota}{each}{_verb(self.effect)} {text(self.deduct)} 分{mode}{growth}{_cap(self.cap)}"

    def _counted(self, facts: Facts, *, missing_is_zero: bool) -> tuple[Decimal, tuple[Line, ...]]:
        if self.count is not None:
            taken = take(self.count, facts)
            return taken.value, taken.lines
        (spec, *_) = self.inputs()
        count = Decimal(0) if missing_is_zero and not facts.has(self.key) else facts.number(spec)
        return count, (
            Line(label=f"{self.label_zh}(发生数)", formula=f"{text(count)}{self.unit}", amount=count),
        ) if count else ()

    def _priced(self, count: Decimal, earlier: Decimal) -> tuple[Decimal, Decimal]:
        if len(self.repeat) == 1:
            factors = count * self.repeat[0]
        else:
            whole = int(count)
            start = int(earlier)
            factors = sum((self._factor(start + number) for number in range(whole)), Decimal(0))
            factors += (count - whole) * self._factor(start + whole)
        return factors, factors * self.deduct

    def _factor(self, number: int) -> Decimal:
        return self.repeat[min(number, len(self.repeat) - 1)]


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
                label=f"{self.label_zh}(逐起{_verb(self.effect)}分)",
                unit="分",
                minimum=self.least,
                maximum=self.most,
                required=False,
            ),
            InputSpec(name=f"{self.key}_reason", type="text", label=f"{self.label_zh}(理由)", required=False),
        )

    def check(self) -> None:
        """Refuse bounds that cross."""
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
        return f"{self.label_zh}每起酌情{_verb(self.effect)} {text(self.least)}~{text(self.most)} 分(须写明理由){_cap(self.cap)}"


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
        """Refuse an empty table and a cell that is there twice."""
        require_some(self.kind, "situations", self.situations)
        require_distinct(self.kind, "situations", (f"{situation.name} {situation.of}".strip() for situation in self.situations))

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
        line = Line(label=self.label_zh, formula=f"{where}{_verb(self.effect)} {text(points)}", amount=points)
        return Amount(points=points, lines=(line,))

    def explain(self) -> str:
        """Say the clause in Chinese."""
        cells = "、".join(
            f"{cell.name}{f'({self.class_label} {cell.of})' if cell.of else ''}{_verb(self.effect)} {text(cell.deduct)} 分"
            for cell in self.situations
        )
        return f"{self.label_zh}:{cells}{_cap(self.cap)}"


@dataclass(frozen=True, kw_only=True)
class ShortfallClause:
    """Points for every ``step`` by which a value falls short of its target; with effect ``add``, for every step beyond it."""

    kind: Literal["shortfall"] = "shortfall"
    key: str
    step: Decimal
    deduct: Decimal
    label: str = ""
    value: Operand = ACTUAL
    target: Operand = TARGET
    direction: Direction = "higher"
    measure: Measure = "absolute"
    steps: StepMode = "proportional"
    tolerance: Decimal = Decimal(0)
    cap: Decimal | None = None
    group: str = ""
    effect: Effect = "deduct"

    @property
    def label_zh(self) -> str:
        """Give the label, or the key."""
        return self.label or self.key

    def inputs(self) -> tuple[InputSpec, ...]:
        """List the inputs of value and target."""
        return inputs_of(self.value, self.target)

    def check(self) -> None:
        """Refuse a step of nothing and unfit operands."""
        require_positive(self.kind, "step", self.step)
        check_operands(self.kind, self.value, self.target)

    def amount(self, facts: Facts, *, missing_is_zero: bool) -> Amount:  # noqa: ARG002  A value is never 0 for being missing.
        """Measure the shortfall and price it."""
        value, target = take(self.value, facts), take(self.target, facts)
        upward = (self.direction == "higher") == (self.effect == "deduct")
        ends = (value.value, target.value) if upward else (target.value, value.value)
        gap = distance(*ends, self.measure, target.value)
        counted = max(gap - self.tolerance, Decimal(0))
        opening = (*value.lines, *target.lines)
        if not counted:
            nothing = Line(
                label=self.label_zh,
                formula=f"{text(value.value)} 对 {text(target.value)},不{_verb(self.effect)}分",
                amount=counted,
            )
            return Amount(points=Decimal(0), lines=(*opening, nothing))
        count = steps(counted, self.step, self.steps)
        points = count * self.deduct
        formula = f"{distance_shown(*ends, self.measure, target.value)};{steps_shown(counted, self.step, self.steps)};"
        formula += f"{text(count)} × {text(self.deduct)} = {text(points)}"
        return Amount(points=points, lines=(*opening, Line(label=self.label_zh, formula=formula, amount=points)))

    def explain(self) -> str:
        """Say the clause in Chinese."""
        side = "低" if (self.direction == "higher") == (self.effect == "deduct") else "高"
        step = step_in_words(self.step, self.measure)
        free = f"(差距 {step_in_words(self.tolerance, self.measure)} 以内不计)" if self.tolerance else ""
        return (
            f"{self.label_zh}:{words(self.value)}每{side}于{words(self.target)} {step} {_verb(self.effect)} {text(self.deduct)} 分"
            f"{free}({MODES_ZH[self.steps]}){_cap(self.cap)}"
        )


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
        """Nothing can be wrong."""

    def amount(self, facts: Facts, *, missing_is_zero: bool) -> Amount:  # noqa: ARG002  Neither answer may be guessed.
        """Ask."""
        (spec,) = self.inputs()
        answer = facts.yes(spec)
        points = self.deduct if answer == self.when else Decimal(0)
        formula = f"{'是' if answer else '否'},{_verb(self.effect)} {text(points)}"
        return Amount(points=points, lines=(Line(label=self.label_zh, formula=formula, amount=points),))

    def explain(self) -> str:
        """Say the clause in Chinese."""
        return f"{self.label_zh}为“{'是' if self.when else '否'}”{_verb(self.effect)} {text(self.deduct)} 分{_cap(self.cap)}"


Clause = CountClause | DiscretionClause | LookupClause | ShortfallClause | FlagClause


def _verb(effect: Effect) -> str:
    return "扣" if effect == "deduct" else "加"


def _cap(cap: Decimal | None) -> str:
    return "" if cap is None else f"(本项最多 {text(cap)} 分)"
