"""What can be wrong with a rule itself, found before it scores anybody."""

from collections.abc import Iterable
from decimal import Decimal

from domain.decider import Refused


class RuleIsEmpty(Refused):
    """A rule lists nothing to score by."""

    zh = "评分规则({kind})的 {field} 为空,无从评分。请至少填写一项。"
    en = "The rule ({kind}) has nothing in {field} to score by. Give at least one."


class NumberMustBePositive(Refused):
    """A step, a denominator or a weight must be above 0."""

    zh = "评分规则({kind})的 {field} 为 {value},必须大于 0。请更正规则。"
    en = "In the rule ({kind}), {field} is {value}; it must be above 0. Correct the rule."


class NameIsUsedTwice(Refused):
    """Two entries of a rule have one name, so an input would not know which one it belongs to."""

    zh = "评分规则({kind})的 {field} 中“{value}”出现了两次。请为每项取不同的名称。"
    en = "In the rule ({kind}), '{value}' appears twice in {field}. Give each its own name."


class NameIsUnknown(Refused):
    """A rule refers to a name it does not define."""

    zh = "评分规则({kind})的 {field} 引用了未定义的“{value}”。请改为已有名称。"
    en = "In the rule ({kind}), {field} refers to '{value}', which is not defined. Use a name that is."


class BoundsAreCrossed(Refused):
    """A lower bound lies above its upper bound."""

    zh = "评分规则({kind})的下限 {low} 高于上限 {high}。请更正规则。"
    en = "In the rule ({kind}), the lower bound {low} is above the upper bound {high}. Correct the rule."


class InputHasTwoTypes(Refused):
    """One input name is used for two types of value."""

    zh = "评分规则把输入“{name}”既当作 {one} 又当作 {other}。请使用两个不同的名称。"
    en = "The rule uses input '{name}' as {one} and as {other}. Use two names."


class FormulaUnreadable(Refused):
    """A formula cannot be read. It may hold numbers, input names, + - * / ^, comparisons, parentheses and the listed functions."""

    zh = "公式“{formula}”第 {place} 个字符处无法读懂:{why_zh}。公式可用数字、输入名称、+ - * / ^、比较、括号及函数 {functions}。"
    en = (
        "Formula '{formula}' cannot be read at character {place}: {why_en}. "
        "It may hold numbers, input names, + - * / ^, comparisons, parentheses and {functions}."
    )


class NotComputable(Refused):
    """The inputs lead to a result that does not exist, such as a division by zero."""

    zh = "无法计算:{why_zh}。请核对输入,或在规则中写明这种情形如何评分。"
    en = "This cannot be computed: {why_en}. Check the inputs, or let the rule say how this case is scored."


def require_some(kind: str, field: str, entries: Iterable[object]) -> None:
    """Refuse an empty list."""
    if not tuple(entries):
        raise RuleIsEmpty(kind=kind, field=field)


def require_positive(kind: str, field: str, value: Decimal | None) -> None:
    """Refuse a number that is there but not above 0."""
    if value is not None and value <= 0:
        raise NumberMustBePositive(kind=kind, field=field, value=value)


def require_distinct(kind: str, field: str, names: Iterable[str]) -> None:
    """Refuse a name that appears twice."""
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise NameIsUsedTwice(kind=kind, field=field, value=name)
        seen.add(name)


def require_order(kind: str, low: Decimal | None, high: Decimal | None) -> None:
    """Refuse bounds that cross."""
    if low is not None and high is not None and low > high:
        raise BoundsAreCrossed(kind=kind, low=low, high=high)
