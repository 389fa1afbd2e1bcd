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


class NumberMustNotBeNegative(Refused):
    """A number of points, a quota or a cap must be 0 or more: what it does is said by its field, not by its sign."""

    zh = "评分规则({kind})的 {field} 为 {value},不能小于 0。请填写不小于 0 的数;扣分或加分由字段本身表示。"
    en = "In the rule ({kind}), {field} is {value}; it must not be below 0. Whether it deducts or adds is said by the field itself."


class NumberIsOutOfReach(Refused):
    """A number that more or fewer than all there are could reach, so the rule would always or never hold."""

    zh = "评分规则({kind})的 {field} 为 {value},应不小于 {low} 且不大于 {high}。请更正规则。"
    en = "In the rule ({kind}), {field} is {value}; it should be within {low} and {high}. Correct the rule."


class BoundIsUsedTwice(Refused):
    """Two entries of a table begin at one number, so nobody can say which of them applies there."""

    zh = "评分规则({kind})的 {field} 中界限 {value} 出现了两次,无法判断适用哪一项。请只保留一项。"
    en = "In the rule ({kind}), {field} has two entries at {value}, so nobody can say which applies. Keep one."


class RuleIsTooDeep(Refused):
    """A rule holds rules within rules, deeper than any table of an office."""

    zh = "评分规则(或其输入)嵌套过深,无法可靠计算:规则与条件最多 {most} 层。请减少嵌套层次,或拆成几个指标。"
    en = (
        "The rule (or its input) is nested too deeply to be computed reliably: rules and conditions may go {most} levels deep. "
        "Nest less, or make several indicators of it."
    )


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


def require_not_negative(kind: str, **fields: object) -> None:
    """Refuse numbers that are there and below 0. What is no constant is known only when it is taken."""
    for field, value in fields.items():
        if isinstance(value, Decimal | int) and value < 0:
            raise NumberMustNotBeNegative(kind=kind, field=field, value=value)


def require_within(kind: str, field: str, value: int, low: int, high: int) -> None:
    """Refuse a number outside ``low`` to ``high``, both included."""
    if not low <= value <= high:
        raise NumberIsOutOfReach(kind=kind, field=field, value=value, low=low, high=high)


def require_apart(kind: str, field: str, bounds: Iterable[object]) -> None:
    """Refuse two constants that are the same number (90 and 90.0 are). What is no constant is known only when it is taken."""
    seen: set[Decimal] = set()
    for bound in bounds:
        if isinstance(bound, Decimal):
            if bound in seen:
                raise BoundIsUsedTwice(kind=kind, field=field, value=bound)
            seen.add(bound)


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
