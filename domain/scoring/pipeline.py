"""The fixed order in which a rule becomes a score: check, read, compute in full precision, round once, then grade.

Grades come last because an office compares what it prints: a total of 89.995 that is shown as 90.00 is graded as 90.00.
"""

from collections.abc import Mapping
from decimal import Context, Decimal, DecimalException, DivisionByZero, InvalidOperation, Overflow, localcontext

from domain import scoring
from domain.scoring.facts import Facts, InputSpec, InputUnknown
from domain.scoring.faults import InputHasTwoTypes, NotComputable
from domain.scoring.nesting import require_shallow
from domain.scoring.working import Line, Outcome, Rounding, Scored, text

PRECISION = 50  # Digits kept inside; four times what any table declares.
EXPONENT_MAX = 200  # A larger number is a mistake; printed out it would only fill pages.


def score_by(rule: "scoring.Rule", inputs: Mapping[str, object], rounding: Rounding | None) -> Scored:
    """Score; see ``domain.scoring.score``."""
    with localcontext(
        Context(prec=PRECISION, Emax=EXPONENT_MAX, Emin=-EXPONENT_MAX, traps=[DivisionByZero, InvalidOperation, Overflow])
    ):
        check_rule(rule)
        _refuse_unknown(rule.inputs(), inputs)
        try:
            outcome = rule.evaluate(Facts(given=inputs))
            return _settled(outcome, rule.full(), rounding)
        except DecimalException as error:
            raise NotComputable(why_zh="数值过大或无结果", why_en="a number is too large or does not exist") from error


def check_rule(rule: "scoring.Rule") -> None:
    """Check a rule; see ``domain.scoring.check``."""
    require_shallow(rule)
    rule.check()
    types: dict[str, str] = {}
    for spec in rule.inputs():
        if types.setdefault(spec.name, spec.type) != spec.type:
            raise InputHasTwoTypes(name=spec.name, one=types[spec.name], other=spec.type)


def _refuse_unknown(specs: tuple[InputSpec, ...], inputs: Mapping[str, object]) -> None:
    names = [spec.name for spec in specs]
    unknown = [str(name) for name in inputs if name not in names]
    if unknown:
        raise InputUnknown(names="、".join(unknown), expected="、".join(f"{spec.name}({spec.label})" for spec in specs))


def _settled(outcome: Outcome, full: Decimal | None, rounding: Rounding | None) -> Scored:
    exact = outcome.points
    points = exact if exact is None or rounding is None else rounding.of(exact)
    lines = list(outcome.lines)
    verdict = _graded(outcome, points, lines)
    if exact is not None and points is not None:
        how = rounding.words() if rounding else "不取整"
        lines.append(Line(label="最终得分", formula=f"{text(exact)} {how} → {points}", amount=points, note=verdict or ""))
    elif verdict:
        lines.append(Line(label="结论", formula=verdict))
    return Scored(points=points, verdict=verdict, lines=tuple(lines), full=full, exact=exact, rounding=rounding)


def _graded(outcome: Outcome, points: Decimal | None, lines: list[Line]) -> str | None:
    if not outcome.grades or points is None:
        return outcome.verdict
    grades = sorted(outcome.grades, key=lambda grade: grade.at_least, reverse=True)
    names = [grade.name for grade in grades]
    found = next((place for place, grade in enumerate(grades) if points >= grade.at_least), None)
    if found is None:
        return outcome.verdict
    lines.append(Line(label="等级", formula=f"{points} ≥ {text(grades[found].at_least)},{names[found]}"))
    capped = max([found, *(names.index(cap) for cap in outcome.grade_caps)])
    if capped != found:
        lines.append(Line(label="等级上限", formula=f"红线限定,{names[found]} 降为 {names[capped]}"))
    return outcome.verdict or names[capped]
