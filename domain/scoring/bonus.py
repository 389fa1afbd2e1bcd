"""加分项: achievements by level and prize, the highest of a project only, within item caps and a total cap [M20, R34]."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from domain.scoring.facts import Achievement, Facts, InputSpec, InputUnfit
from domain.scoring.faults import require_distinct, require_not_negative, require_order, require_some
from domain.scoring.operand import LABELS
from domain.scoring.working import Line, Outcome, kept_within, limits_in_words, text


@dataclass(frozen=True, kw_only=True)
class BonusItem:
    """One part of the catalogue: points by level (级别), times the prize's coefficient (奖次) where ``prizes`` are listed.

    Points may be negative: a criticised unit loses as an honoured one wins. An achievement without a prize has coefficient 1.
    """

    key: str
    levels: tuple[tuple[str, Decimal], ...]
    label: str = ""
    prizes: tuple[tuple[str, Decimal], ...] = ()
    cap: Decimal | None = None

    @property
    def label_zh(self) -> str:
        """Give the label, or the key."""
        return self.label or self.key


@dataclass(frozen=True, kw_only=True)
class Bonus:
    """The sum of the achievements. ``highest_of_project``: within the ``rule`` (default), within each ``item``, or ``none``.

    ``points`` to start with; without a document nothing counts where ``document_required``. ``floor`` and ``cap`` clamp the total.
    """

    kind: Literal["bonus"] = "bonus"
    items: tuple[BonusItem, ...]
    input: str = "achievements"
    label: str = ""
    points: Decimal = Decimal(0)
    highest_of_project: Literal["rule", "item", "none"] = "rule"
    document_required: bool = False
    floor: Decimal | None = Decimal(0)
    cap: Decimal | None = None

    def inputs(self) -> tuple[InputSpec, ...]:
        """List the achievements; none is a legal answer."""
        options = tuple(item.key for item in self.items)
        label = self.label or LABELS.get(self.input, self.input)
        return (InputSpec(name=self.input, type="achievements", label=label, options=options, required=False),)

    def check(self) -> None:
        """Refuse an empty catalogue, names that are there twice, caps and coefficients below 0 and limits that cross."""
        require_some(self.kind, "items", self.items)
        require_distinct(self.kind, "items", (item.key for item in self.items))
        for item in self.items:
            require_some(self.kind, f"items.{item.key}.levels", item.levels)
            require_distinct(self.kind, f"items.{item.key}.levels", (name for name, _ in item.levels))
            require_distinct(self.kind, f"items.{item.key}.prizes", (name for name, _ in item.prizes))
            require_not_negative(self.kind, **{f"items.{item.key}.cap": item.cap})
            require_not_negative(self.kind, **{f"items.{item.key}.prizes.{name}": rate for name, rate in item.prizes})
        require_order(self.kind, self.floor, self.cap)

    def full(self) -> Decimal | None:
        """Give 0: a bonus is outside the regular points."""
        return Decimal(0)

    def evaluate(self, facts: Facts) -> Outcome:
        """Price each achievement, keep the highest of a project, cap and add."""
        (spec,) = self.inputs()
        priced = [self._priced(spec, each) for each in facts.achievements(spec)]
        kept = self._highest(priced)
        lines = [self._line(each, kept=each in kept) for each in priced]
        total = self.points
        for item in self.items:
            mine = [each.points for each in kept if each.item == item]
            subtotal = sum(mine, Decimal(0))
            counted = subtotal if item.cap is None else min(subtotal, item.cap)
            if mine:
                note = "" if counted == subtotal else f"按本项上限 {text(counted)} 计"
                formula = _sum(mine) + (f" = {text(subtotal)}" if len(mine) > 1 else "")
                lines.append(Line(label=f"{item.label_zh}小计", formula=formula, amount=counted, note=note))
            total += counted
        lines.append(
            Line(label="加分合计", formula=f"合计 {text(total)}" if priced else f"无加分事项,{text(total)}", amount=total)
        )
        points, limited = kept_within(total, self.floor, self.cap)
        return Outcome(points=points, lines=(*lines, *limited))

    def explain(self) -> str:
        """Say the rule in Chinese."""
        listed = ";".join(_item_in_words(item) for item in self.items)
        once = {"rule": "同一项目按最高一项计,不重复加分", "item": "同一项目在同一类中按最高一项计", "none": "逐项累计"}
        proof = ",无文号依据不计" if self.document_required else ""
        start = f"起点 {text(self.points)} 分;" if self.points else ""
        floor = self.floor if self.floor != 0 else None
        return f"加分:{start}{listed};{once[self.highest_of_project]}{proof}{limits_in_words(floor, self.cap)}。"

    def _priced(self, spec: InputSpec, achievement: Achievement) -> "_Priced":
        item = next((each for each in self.items if each.key == achievement.item), None)
        if item is None and not achievement.item and len(self.items) == 1:
            item = self.items[0]
        if item is None:
            raise _unlisted(spec, "item", achievement.item, (each.key for each in self.items))
        levels, prizes = dict(item.levels), dict(item.prizes)
        if achievement.level not in levels:
            raise _unlisted(spec, "level", achievement.level, levels)
        if achievement.prize and achievement.prize not in prizes:
            raise _unlisted(spec, "prize", achievement.prize, prizes)
        proved = bool(achievement.document.strip()) or not self.document_required
        rate = prizes.get(achievement.prize, Decimal(1))
        points = levels[achievement.level] * rate * achievement.count if proved else Decimal(0)
        return _Priced(
            achievement=achievement, item=item, points=points, base=levels[achievement.level], rate=rate, proved=proved
        )

    def _highest(self, priced: list["_Priced"]) -> list["_Priced"]:
        best: dict[tuple[str, str], _Priced] = {}
        for number, each in enumerate(priced):
            project = each.achievement.project
            alone = not project or self.highest_of_project == "none"
            key = (f"#{number}", "") if alone else (project, each.item.key if self.highest_of_project == "item" else "")
            if key not in best or each.points > best[key].points:
                best[key] = each
        return list(best.values())

    def _line(self, each: "_Priced", *, kept: bool) -> Line:
        done = each.achievement
        name = " ".join(part for part in (done.project, each.item.label_zh, done.level, done.prize) if part)
        if not each.proved:
            return Line(label=name, formula="无文号依据,不计", amount=Decimal(0))
        factors = [text(each.base)]
        factors += [text(each.rate)] if done.prize else []
        factors += [text(done.count)] if done.count != 1 else []
        formula = " × ".join(factors) + (f" = {text(each.points)}" if len(factors) > 1 else "")
        if not kept:
            return Line(label=name, formula=formula, amount=Decimal(0), note="同一项目按最高一项计,本项不计")
        return Line(label=name, formula=formula, amount=each.points, note=f"依据:{done.document}" if done.document else "")


@dataclass(frozen=True, kw_only=True, eq=False)
class _Priced:
    """One achievement with its price. Compared by identity: two equal achievements are two."""

    achievement: Achievement
    item: BonusItem
    points: Decimal
    base: Decimal
    rate: Decimal
    proved: bool


def _sum(points: list[Decimal]) -> str:
    return " + ".join(text(each) for each in points)


def _item_in_words(item: BonusItem) -> str:
    levels = "、".join(f"{name} {text(points)} 分" for name, points in item.levels)
    prizes = "(" + "、".join(f"{name} ×{text(rate)}" for name, rate in item.prizes) + ")" if item.prizes else ""
    cap = "" if item.cap is None else f",最多 {text(item.cap)} 分"
    return f"{item.label_zh}:{levels}{prizes}{cap}"


def _unlisted(spec: InputSpec, field: str, value: str, listed: Iterable[str]) -> InputUnfit:
    names = "、".join(listed)
    return InputUnfit(
        name=f"{spec.name}.{field}",
        label=spec.label,
        value=value or "空",
        expected_zh=f"规则所列之一({names})",
        expected_en=f"one of those listed ({names})",
    )
