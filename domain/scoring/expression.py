"""Safe arithmetic for rules: a formula over named inputs, read by a parser of our own and computed with Decimal.

    comparison  sum (("<" | "<=" | "=" | "!=" | ">=" | ">") sum)?     gives 1 or 0
    sum         product (("+" | "-") product)*
    product     unary (("*" | "/") unary)*
    unary       "-" unary | power
    power       term ("^" "-"* term)?                                 binds before a minus: -2^2 is -(2^2) = -4
    term        number "%"? | name | function "(" comparison ("," comparison)* ")" | "(" comparison ")"

A name that is the only argument of sum, mean, median, stdev, stdevp, count, min or max stands for a list of numbers, and so does
the second argument of rank. × ÷ （ ） ， are read as
* / ( ) ,. Nothing else exists, so a formula cannot reach anything but its inputs.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal, DecimalException
from functools import lru_cache

from domain.scoring.faults import FormulaUnreadable, NotComputable
from domain.scoring.working import text

LENGTH_MAX = 2_000  # A formula longer than a page is a program.
DEPTH_MAX = 50  # Deeper nesting than any real rule; keeps the parser within the interpreter's stack.
POWER_MAX = 64  # Above this a power is a mistake, not a rule.

TOKEN = re.compile(r"\s*(?:(\d+(?:\.\d+)?|\.\d+)|([^\W\d]\w*)|(<=|>=|!=|==|\*\*|[-+*/^(),%<>=]))")
PLAIN = str.maketrans("×÷（），－＋＝＜＞％≤≥≠", "*/(),-+=<>%\x01\x02\x03")
SIGNS = {"\x01": "<=", "\x02": ">=", "\x03": "!="}
LISTS = frozenset({"sum", "mean", "median", "stdev", "stdevp", "count", "min", "max"})
SHOWN = {"-": "−", "*": "×", "/": "÷", "<=": "≤", ">=": "≥", "!=": "≠"}
TIGHTNESS = {"<": 1, "<=": 1, "=": 1, "!=": 1, ">=": 1, ">": 1, "+": 2, "-": 2, "*": 3, "/": 3, "^": 4}


@dataclass(frozen=True, kw_only=True)
class Number:
    """A constant."""

    value: Decimal


@dataclass(frozen=True, kw_only=True)
class Name:
    """An input; ``listed`` if it stands for a list of numbers."""

    name: str
    listed: bool = False


@dataclass(frozen=True, kw_only=True)
class Binary:
    """Two terms and the sign between them."""

    sign: str
    left: "Node"
    right: "Node"


@dataclass(frozen=True, kw_only=True)
class Negated:
    """A term with a minus before it."""

    term: "Node"


@dataclass(frozen=True, kw_only=True)
class Call:
    """A function and its arguments."""

    function: str
    arguments: tuple["Node", ...]


Node = Number | Name | Binary | Negated | Call
Given = Decimal | tuple[Decimal, ...]


@lru_cache(maxsize=1_024)
def parse(formula: str) -> Node:
    """Read a formula. Raises FormulaUnreadable."""
    return _Reader(formula).read()


def names(node: Node) -> tuple[Name, ...]:
    """List the inputs of a formula, each once, in order of appearance."""
    return tuple(dict.fromkeys(_names(node)))


def compute(node: Node, given: Mapping[str, Given]) -> Decimal:
    """Compute a formula. Raises NotComputable where no result exists."""
    try:
        return _compute(node, given)
    except DecimalException as error:
        shown = show(node, {name: printed(value) for name, value in given.items()})
        raise NotComputable(why_zh=f"{shown} 无结果(除数为零或数过大)", why_en=f"{shown} has no result") from error


def show(node: Node, texts: Mapping[str, str], tightness: int = 0) -> str:
    """Print a formula with each name replaced by its text, if there is one."""
    match node:
        case Number():
            return text(node.value)
        case Name():
            return _bracketed(texts.get(node.name, node.name), tightness)
        case Negated():
            return _bracketed(f"−{show(node.term, texts, TIGHTNESS['^'])}", tightness)
        case Call():
            return _call_shown(node, texts)
        case Binary():
            mine = TIGHTNESS[node.sign]
            left, right = show(node.left, texts, mine), show(node.right, texts, mine + 1)
            whole = f"{left} {SHOWN.get(node.sign, node.sign)} {right}"
            return f"({whole})" if mine < tightness else whole


def printed(value: Given) -> str:
    """Print a number, or a list of numbers."""
    return text(value) if isinstance(value, Decimal) else "[" + ", ".join(text(each) for each in value) + "]"


def _bracketed(shown: str, tightness: int) -> str:
    """Put what begins with a minus in parentheses where the sign before or behind it would be read first."""
    return f"({shown})" if shown[:1] in {"-", "−"} and tightness >= TIGHTNESS["^"] else shown


def _call_shown(call: Call, texts: Mapping[str, str]) -> str:
    arguments = [show(each, texts) for each in call.arguments]
    if call.function == "if":
        test, then, otherwise = arguments
        return f"(若 {test} 则 {then} 否则 {otherwise})"
    return f"{FUNCTIONS[call.function].zh}({', '.join(arguments)})"


def _names(node: Node) -> list[Name]:
    match node:
        case Number():
            return []
        case Name():
            return [node]
        case Negated():
            return _names(node.term)
        case Call():
            return [name for each in node.arguments for name in _names(each)]
        case Binary():
            return [*_names(node.left), *_names(node.right)]


def _compute(node: Node, given: Mapping[str, Given]) -> Decimal:
    match node:
        case Number():
            return node.value
        case Name():
            value = given[node.name]
            assert isinstance(value, Decimal), "A list is an argument of a list function only; the parser sees to it."
            return value
        case Negated():
            return -_compute(node.term, given)
        case Call(function="rank"):
            value = _compute(node.arguments[0], given)
            everyone = _arguments(Call(function="", arguments=node.arguments[1:]), given)
            return Decimal(1 + sum(each > value for each in everyone))
        case Call(function="if"):
            test, then, otherwise = node.arguments
            return _compute(then if _compute(test, given) else otherwise, given)
        case Call():
            return FUNCTIONS[node.function].of(*_arguments(node, given))
        case Binary():
            return _binary(node.sign, _compute(node.left, given), _compute(node.right, given))


def _arguments(call: Call, given: Mapping[str, Given]) -> tuple[Decimal, ...]:
    (first, *others) = call.arguments
    if isinstance(first, Name) and first.listed:
        value = given[first.name]
        return value if isinstance(value, tuple) else (value,)
    return tuple(_compute(each, given) for each in (first, *others))


def _binary(sign: str, left: Decimal, right: Decimal) -> Decimal:
    match sign:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return left * right
        case "/":
            return left / right
        case "^":
            if abs(right) > POWER_MAX:
                raise NotComputable(
                    why_zh=f"指数 {text(right)} 超过 {POWER_MAX}", why_en=f"exponent {text(right)} is above {POWER_MAX}"
                )
            return left**right
        case _:
            return Decimal(COMPARISONS[sign](left, right))


COMPARISONS: dict[str, Callable[[Decimal, Decimal], bool]] = {
    "<": lambda left, right: left < right,
    "<=": lambda left, right: left <= right,
    "=": lambda left, right: left == right,
    "!=": lambda left, right: left != right,
    ">=": lambda left, right: left >= right,
    ">": lambda left, right: left > right,
}


@dataclass(frozen=True, kw_only=True)
class _Function:
    zh: str
    least: int
    most: int | None
    of: Callable[..., Decimal]


def _rounded(number: Decimal, places: Decimal = Decimal(0)) -> Decimal:
    return number.quantize(Decimal(1).scaleb(-int(places)), ROUND_HALF_UP)


def _clamped(number: Decimal, low: Decimal, high: Decimal) -> Decimal:
    return max(low, min(high, number))


def _median(*numbers: Decimal) -> Decimal:
    ordered = sorted(numbers)
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


def _sum(*numbers: Decimal) -> Decimal:
    return sum(numbers, Decimal(0))


def _deviation(less: int) -> Callable[..., Decimal]:
    def of(*numbers: Decimal) -> Decimal:
        mean = _sum(*numbers) / len(numbers)
        return (_sum(*((number - mean) ** 2 for number in numbers)) / Decimal(len(numbers) - less)).sqrt()

    return of


FUNCTIONS: dict[str, _Function] = {
    "abs": _Function(zh="绝对值", least=1, most=1, of=abs),
    "and": _Function(zh="且", least=1, most=None, of=lambda *numbers: Decimal(all(numbers))),
    "ceil": _Function(zh="向上取整", least=1, most=1, of=lambda number: number.to_integral_value(ROUND_CEILING)),
    "clamp": _Function(zh="限定", least=3, most=3, of=_clamped),
    "count": _Function(zh="个数", least=1, most=None, of=lambda *numbers: Decimal(len(numbers))),
    "exp": _Function(zh="e 的幂", least=1, most=1, of=lambda number: number.exp()),
    "floor": _Function(zh="向下取整", least=1, most=1, of=lambda number: number.to_integral_value(ROUND_FLOOR)),
    "if": _Function(zh="若", least=3, most=3, of=lambda *_: Decimal(0)),  # Computed apart: only one branch is.
    "ln": _Function(zh="自然对数", least=1, most=1, of=lambda number: number.ln()),
    "max": _Function(zh="最大", least=1, most=None, of=lambda *numbers: max(numbers)),
    "mean": _Function(zh="平均", least=1, most=None, of=lambda *numbers: _sum(*numbers) / len(numbers)),
    "median": _Function(zh="中位数", least=1, most=None, of=_median),
    "min": _Function(zh="最小", least=1, most=None, of=lambda *numbers: min(numbers)),
    "not": _Function(zh="非", least=1, most=1, of=lambda number: Decimal(not number)),
    "or": _Function(zh="或", least=1, most=None, of=lambda *numbers: Decimal(any(numbers))),
    "rank": _Function(zh="名次", least=2, most=2, of=lambda *_: Decimal(0)),  # Computed apart: its second argument is a list.
    "round": _Function(zh="四舍五入", least=1, most=2, of=_rounded),
    "sqrt": _Function(zh="平方根", least=1, most=1, of=lambda number: number.sqrt()),
    "stdev": _Function(zh="样本标准差", least=1, most=None, of=_deviation(1)),
    "stdevp": _Function(zh="总体标准差", least=1, most=None, of=_deviation(0)),
    "sum": _Function(zh="合计", least=1, most=None, of=_sum),
}


class _Reader:
    """Reads one formula by recursive descent."""

    def __init__(self, formula: str) -> None:
        self.formula = formula
        self.tokens = self._tokens()
        self.place = 0
        self.depth = 0

    def read(self) -> Node:
        if not self.formula.strip():
            raise self._unreadable("公式为空", "it is empty")
        node = self._comparison()
        if self.place < len(self.tokens):
            raise self._unreadable(f"多出“{self._peek()}”", f"'{self._peek()}' is too much")
        return node

    def _tokens(self) -> list[tuple[int, str]]:
        plain = self.formula.translate(PLAIN)
        for mark, sign in SIGNS.items():
            plain = plain.replace(mark, sign)
        if len(plain) > LENGTH_MAX:
            raise FormulaUnreadable(
                formula=self.formula[:40] + "…",
                place=LENGTH_MAX,
                why_zh="公式过长",
                why_en="it is too long",
                functions=", ".join(FUNCTIONS),
            )
        found: list[tuple[int, str]] = []
        place = 0
        while plain[place:].strip():
            token = TOKEN.match(plain, place)
            if token is None:
                self.tokens, self.place = [*found, (place, plain[place:].strip()[0])], len(found)
                raise self._unreadable(f"不认识“{self._peek()}”", f"'{self._peek()}' is unknown")
            found.append((token.start(token.lastindex or 0), token.group(token.lastindex or 0)))
            place = token.end()
        return found

    def _comparison(self) -> Node:
        self.depth += 1
        if self.depth > DEPTH_MAX:
            raise self._unreadable("括号嵌套过深", "it is nested too deeply")
        left = self._sum()
        sign = {"==": "="}.get(self._peek(), self._peek())
        if sign in COMPARISONS:
            self.place += 1
            left = Binary(sign=sign, left=left, right=self._sum())
        self.depth -= 1
        return left

    def _sum(self) -> Node:
        left = self._product()
        while self._peek() in {"+", "-"}:
            left = Binary(sign=self._next(), left=left, right=self._product())
        return left

    def _product(self) -> Node:
        left = self._unary()
        while self._peek() in {"*", "/"}:
            left = Binary(sign=self._next(), left=left, right=self._unary())
        return left

    def _unary(self) -> Node:
        return self._signed(self._power)

    def _power(self) -> Node:
        left = self._term()
        if self._peek() in {"^", "**"}:
            self.place += 1
            return Binary(sign="^", left=left, right=self._signed(self._term))
        return left

    def _signed(self, read: Callable[[], Node]) -> Node:
        """Read signs, then what they stand before."""
        minus = 0
        while self._peek() in {"-", "+"}:
            minus += self._next() == "-"
        term = read()
        return Negated(term=term) if minus % 2 else term

    def _term(self) -> Node:
        token = self._peek()
        if token == "(":  # noqa: S105  A token of the formula.
            self.place += 1
            node = self._comparison()
            self._expect(")")
            return node
        if token[:1].isdigit() or token.startswith("."):
            number = Decimal(self._next())
            if self._peek() == "%":
                self.place += 1
                number /= 100
            return Number(value=number)
        if token.isidentifier():
            return self._named(self._next())
        raise self._unreadable("此处应有数字、输入名称或括号", "a number, a name or a parenthesis belongs here")

    def _named(self, name: str) -> Node:
        if self._peek() != "(":
            return Name(name=name)
        if name not in FUNCTIONS:
            raise self._unreadable(f"没有函数“{name}”", f"there is no function '{name}'")
        self.place += 1
        arguments = [self._comparison()]
        while self._peek() == ",":
            self.place += 1
            arguments.append(self._comparison())
        self._expect(")")
        function = FUNCTIONS[name]
        if not function.least <= len(arguments) <= (function.most or len(arguments)):
            raise self._unreadable(f"函数“{name}”的参数个数不对", f"'{name}' takes another number of arguments")
        last = arguments[-1]
        if isinstance(last, Name) and ((name in LISTS and len(arguments) == 1) or name == "rank"):
            arguments[-1] = Name(name=last.name, listed=True)
        return Call(function=name, arguments=tuple(arguments))

    def _expect(self, token: str) -> None:
        if self._peek() != token:
            raise self._unreadable(f"此处应有“{token}”", f"'{token}' belongs here")
        self.place += 1

    def _peek(self) -> str:
        return self.tokens[self.place][1] if self.place < len(self.tokens) else ""

    def _next(self) -> str:
        self.place += 1
        return self.tokens[self.place - 1][1]

    def _unreadable(self, why_zh: str, why_en: str) -> FormulaUnreadable:
        place = self.tokens[self.place][0] if self.place < len(self.tokens) else len(self.formula)
        return FormulaUnreadable(
            formula=self.formula, place=place + 1, why_zh=why_zh, why_en=why_en, functions=", ".join(FUNCTIONS)
        )
