"""计件加扣分: start points, less what each clause deducts, plus what each clause adds, with caps and a floor [M8, M17, M24, M27]."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from domain.scoring.clause import Effect
from domain.scoring.condition import Condition
from domain.scoring.count_clause import CountClause
from domain.scoring.discretion_clause import DiscretionClause
from domain.scoring.facts import Facts, InputSpec, merged
from domain.scoring.faults import NameIsUnknown, require_distinct, require_not_negative, require_order, require_some
from domain.scoring.flag_clause import FlagClause
from domain.scoring.lookup_clause import LookupClause
from domain.scoring.operand import Operand, check_operands, inputs_of, take, words
from domain.scoring.shortfall_clause import ShortfallClause
from domain.scoring.working import Line, Outcome, kept_within, limits_in_words, text

Clause = CountClause | DiscretionClause | LookupClause | ShortfallClause | FlagClause


@dataclass(frozen=True, kw_only=True)
class GroupCap:
    """A joint cap of the clauses that name ``key`` as their group."""

    key: str
    cap: Decimal
    label: str = ""


@dataclass(frozen=True, kw_only=True)
class Events:
    """``points`` to start with; ``floor`` None lets the item go below 0 (倒扣).

    ``deduct_cap`` and ``add_cap`` limit all clauses of one effect together. Deductions are taken ``multiplier`` times, where
    ``multiplier_when`` is given only if it holds. ``missing`` says what a count, choice or situation that was not given means.
    """

    kind: Literal["events"] = "events"
    points: Operand
    clauses: tuple[Clause, ...]
    groups: tuple[GroupCap, ...] = ()
    deduct_cap: Decimal | None = None
    add_cap: Decimal | None = None
    multiplier: Decimal = Decimal(1)
    multiplier_when: Condition | None = None
    floor: Decimal | None = Decimal(0)
    cap: Decimal | None = None
    missing: Literal["zero", "refuse"] = "zero"

    def inputs(self) -> tuple[InputSpec, ...]:
        """List what the clauses count, and what else they need."""
        condition = self.multiplier_when.inputs() if self.multiplier_when else ()
        return merged((*inputs_of(self.points), *(spec for clause in self.clauses for spec in clause.inputs()), *condition))

    def check(self) -> None:
        """Refuse no clauses, clauses of one key, a group nobody defined, numbers below 0, and whatever a clause refuses."""
        require_some(self.kind, "clauses", self.clauses)
        require_distinct(self.kind, "clauses", (clause.key for clause in self.clauses))
        require_distinct(self.kind, "groups", (group.key for group in self.groups))
        for group in self.groups:
            require_not_negative(self.kind, **{f"groups.{group.key}.cap": group.cap})
        require_not_negative(
            self.kind, points=self.points, deduct_cap=self.deduct_cap, add_cap=self.add_cap, multiplier=self.multiplier
        )
        require_order(self.kind, self.floor, self.cap)
        groups = {group.key for group in self.groups}
        for clause in self.clauses:
            if clause.group and clause.group not in groups:
                raise NameIsUnknown(kind=self.kind, field="clauses.group", value=clause.group)
            clause.check()
        check_operands(self.kind, self.points)
        if self.multiplier_when:
            self.multiplier_when.check()

    def full(self) -> Decimal | None:
        """Give the start points: what is added is a bonus."""
        return self.points if isinstance(self.points, Decimal) else None

    def evaluate(self, facts: Facts) -> Outcome:
        """Price every clause, cap, multiply, and settle."""
        start = take(self.points, facts)
        lines = [*start.lines]
        priced: list[tuple[Clause, Decimal]] = []
        for clause in self.clauses:
            amount = clause.amount(facts, missing_is_zero=self.missing == "zero")
            lines += amount.lines
            priced.append((clause, _capped(amount.points, clause.cap, clause.label_zh, lines)))
        deducted = self._together(priced, "deduct", lines)
        added = self._together(priced, "add", lines)
        times = self._multiplier(facts, lines)
        points = start.value - deducted * times + added
        taken = f" − {text(deducted)}" if times == 1 else f" − {text(deducted)} × {text(times)}"
        given = f" + {text(added)}" if added else ""
        lines.append(Line(label="得分", formula=f"{text(start.value)}{taken}{given} = {text(points)}", amount=points))
        result, kept = kept_within(points, self.floor, self.cap)
        return Outcome(points=result, lines=(*lines, *kept))

    def explain(self) -> str:
        """Say the rule in Chinese."""
        clauses = ";".join(clause.explain() for clause in self.clauses)
        groups = "".join(f";{group.label or group.key}合计最多 {text(group.cap)} 分" for group in self.groups)
        most = "" if self.deduct_cap is None else f";合计最多扣 {text(self.deduct_cap)} 分"
        most += "" if self.add_cap is None else f";合计最多加 {text(self.add_cap)} 分"
        when = f"({self.multiplier_when.explain()}时)" if self.multiplier_when else ""
        times = "" if self.multiplier == 1 else f";扣分按 {text(self.multiplier)} 倍计{when}"
        return f"基本分 {words(self.points)} 分;{clauses}{groups}{most}{times}{limits_in_words(self.floor, self.cap)}。"

    def _together(self, priced: list[tuple[Clause, Decimal]], effect: Effect, lines: list[Line]) -> Decimal:
        mine = [(clause.group, points) for clause, points in priced if clause.effect == effect]
        terms = [points for group, points in mine if not group]
        for group in self.groups:
            members = sum((points for name, points in mine if name == group.key), Decimal(0))
            terms.append(_capped(members, group.cap, f"{group.label or group.key}合计", lines))
        total = sum(terms, Decimal(0))
        shown = [text(points) for points in terms if points]
        if len(shown) > 1:
            word = "扣分合计" if effect == "deduct" else "加分合计"
            lines.append(Line(label=word, formula=f"{' + '.join(shown)} = {text(total)}", amount=total))
        return _capped(total, self.deduct_cap if effect == "deduct" else self.add_cap, "合计", lines)

    def _multiplier(self, facts: Facts, lines: list[Line]) -> Decimal:
        if self.multiplier_when is None:
            return self.multiplier
        held = self.multiplier_when.test(facts)
        lines.append(held.line)
        return self.multiplier if held.holds else Decimal(1)


def _capped(points: Decimal, cap: Decimal | None, label: str, lines: list[Line]) -> Decimal:
    if cap is None or points <= cap:
        return points
    lines.append(Line(label=f"{label}上限", formula=f"{text(points)} 超过 {text(cap)},按 {text(cap)} 计", amount=cap))
    return cap
