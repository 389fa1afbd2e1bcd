"""Where a rule's numbers come from: a constant, an input, a column chosen by an input, or a formula over inputs."""

from dataclasses import dataclass
from decimal import Decimal

from domain.scoring import expression
from domain.scoring.facts import Facts, InputSpec
from domain.scoring.faults import RuleIsEmpty, require_distinct
from domain.scoring.working import Line, text

LABELS = {
    "actual": "实际值",
    "target": "目标值",
    "previous": "上年同期值",
    "rank": "名次",
    "ranks": "各期名次",
    "values": "各单位数值",
    "units": "参评单位数",
    "quota": "限额",
    "total": "总分",
    "class": "类别",
    "points": "评分",
    "ballots": "评分票",
    "achievements": "成果清单",
    "own": "本人工分",
    "all": "全体工分",
    "pool": "总额",
}


@dataclass(frozen=True, kw_only=True)
class Source:
    """A number that is not fixed by the rule. One of three:

    ``input`` alone: the number of that input. ``input`` with ``cases``: the number that stands beside the chosen option, as in a table
    whose column depends on the unit's class. ``formula``: arithmetic over inputs, for which ``labels`` gives their Chinese names.
    ``default`` stands in for an input that is missing; without it a missing input is refused.
    """

    input: str = ""
    label: str = ""
    unit: str = ""
    cases: tuple[tuple[str, Decimal], ...] = ()
    formula: str = ""
    labels: tuple[tuple[str, str], ...] = ()
    default: Decimal | None = None

    @property
    def name_zh(self) -> str:
        """Give the label, or the best there is."""
        name = self.input or self.formula.strip()
        return self.label or dict(self.labels).get(name) or LABELS.get(name) or (name if name.isidentifier() else "计算值")


Operand = Decimal | Source

ACTUAL = Source(input="actual", label="实际值")
TARGET = Source(input="target", label="目标值")
TOTAL = Source(input="total", label="总分")
POOL = Source(input="pool", label="总额")
OWN = Source(input="own", label="本人工分")


@dataclass(frozen=True, kw_only=True)
class Taken:
    """An operand's number, and the lines that show where it came from."""

    value: Decimal
    lines: tuple[Line, ...] = ()


def inputs_of(*operands: Operand | None) -> tuple[InputSpec, ...]:
    """List the inputs the operands need."""
    return tuple(spec for operand in operands if isinstance(operand, Source) for spec in _specs(operand))


def check_operands(kind: str, *operands: Operand | None) -> None:
    """Refuse a source that names nothing, an unreadable formula, or two cases of one name."""
    for operand in operands:
        if isinstance(operand, Source):
            if not operand.input and not operand.formula:
                raise RuleIsEmpty(kind=kind, field="input / formula")
            require_distinct(kind, "cases", (name for name, _ in operand.cases))
            if operand.formula:
                expression.parse(operand.formula)


def take(operand: Operand, facts: Facts) -> Taken:
    """Read an operand, with its line of working unless it is a constant."""
    if isinstance(operand, Decimal):
        return Taken(value=operand)
    if operand.formula:
        return _computed(operand, facts)
    (spec,) = _specs(operand)
    if operand.default is not None and not facts.has(operand.input):
        return Taken(
            value=operand.default,
            lines=(Line(label=operand.name_zh, formula=f"未报,按 {text(operand.default)} 计", amount=operand.default),),
        )
    if operand.cases:
        chosen = facts.text(spec)
        value = dict(operand.cases)[chosen]
        line = Line(label=operand.name_zh, formula=f"{spec.label}“{chosen}”对应 {text(value)}{operand.unit}", amount=value)
        return Taken(value=value, lines=(line,))
    value = facts.number(spec)
    return Taken(value=value, lines=(Line(label=operand.name_zh, formula=f"{text(value)}{operand.unit}", amount=value),))


def words(operand: Operand) -> str:
    """Say an operand in Chinese."""
    if isinstance(operand, Decimal):
        return text(operand)
    if operand.formula:
        return f"{operand.name_zh}({_formula_in_words(operand)})" if operand.label else f"({_formula_in_words(operand)})"
    if operand.cases:
        return operand.name_zh + "(" + "、".join(f"{name} {text(value)}" for name, value in operand.cases) + f"){operand.unit}"
    return operand.name_zh


def _specs(source: Source) -> tuple[InputSpec, ...]:
    required = source.default is None
    if source.formula:
        labels = dict(source.labels)
        return tuple(
            InputSpec(
                name=name.name,
                type="numbers" if name.listed else "number",
                label=labels.get(name.name) or LABELS.get(name.name) or name.name,
                required=required,
            )
            for name in expression.names(expression.parse(source.formula))
        )
    if source.cases:
        options = tuple(name for name, _ in source.cases)
        label = LABELS.get(source.input, source.input)
        return (InputSpec(name=source.input, type="choice", label=label, options=options, required=required),)
    return (InputSpec(name=source.input, type="number", label=source.name_zh, unit=source.unit, required=required),)


def _computed(source: Source, facts: Facts) -> Taken:
    node = expression.parse(source.formula)
    given: dict[str, expression.Given] = {}
    for spec in _specs(source):
        if source.default is not None and not facts.has(spec.name):
            given[spec.name] = source.default
        else:
            given[spec.name] = facts.numbers(spec) if spec.type == "numbers" else _number_or_answer(facts, spec)
    value = expression.compute(node, given)
    filled = expression.show(node, {name: expression.printed(number) for name, number in given.items()})
    steps = dict.fromkeys((_formula_in_words(source), filled, text(value)))  # A step that says the same again is left out.
    formula = " = ".join(list(steps)[-1:] if isinstance(node, expression.Name) else steps) + source.unit
    return Taken(value=value, lines=(Line(label=source.name_zh, formula=formula, amount=value),))


def _number_or_answer(facts: Facts, spec: InputSpec) -> Decimal:
    """Read a number; in a formula, yes counts as 1 and no as 0, as a comparison does."""
    answer = facts.given.get(spec.name)
    return Decimal(answer) if isinstance(answer, bool) else facts.number(spec)


def _formula_in_words(source: Source) -> str:
    labels = dict(source.labels)
    node = expression.parse(source.formula)
    return expression.show(
        node, {name.name: labels.get(name.name) or LABELS.get(name.name) or name.name for name in expression.names(node)}
    )
