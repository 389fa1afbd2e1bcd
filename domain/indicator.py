"""An indicator's definition and its versions. What is issued carries the whole definition, so later versions change no running task.

An indicator is a line with its own points; clauses that share points are clauses of one indicator.
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Literal, assert_never

from domain.authority import Parties, entitle
from domain.decider import Asked, Decider, Refused
from domain.rule import RecordKnown
from domain.scoring import Rule


class Frequency(StrEnum):
    """How often a value is reported."""

    MONTH = "month"
    QUARTER = "quarter"
    HALF = "half"
    YEAR = "year"


class Aggregation(StrEnum):
    """How the values of the periods become the value that is scored."""

    LATEST = "latest"  # 累计值: the last period's value stands for all.
    SUM = "sum"
    MEAN = "mean"
    EACH = "each"  # Each period is scored by itself, the score is their mean.


class IndicatorKind(StrEnum):
    """What part an indicator plays in the total."""

    QUANTITATIVE = "quantitative"
    QUALITATIVE = "qualitative"
    BONUS = "bonus"
    GATE = "gate"
    VETO = "veto"


@dataclass(frozen=True, kw_only=True)
class Definition:
    """指标定义. ``points`` (分值) is what the line is worth in the total.

    ``scale`` is the score's full mark where the rule scores on a scale of its own (CSG letters: 100); the contribution is then
    score × points ÷ scale. Without it the score is in points. ``floor`` and ``cap`` bound what
    a person may give by hand (no cap: the full mark). ``standard_percent`` overrides the pre-assessment standard of the rules.
    ``source_rows`` names the rows of the table it was made from; ``demonstration`` lists what was invented (演示).
    """

    name: str
    category: str
    unit: str
    direction: Literal["higher", "lower", "range", "none"]
    points: Decimal
    rule: Rule
    rule_text: str
    frequency: Frequency
    aggregation: Aggregation = Aggregation.LATEST
    kind: IndicatorKind = IndicatorKind.QUANTITATIVE
    scale: Decimal | None = None
    floor: Decimal = Decimal(0)
    cap: Decimal | None = None
    standard_percent: Decimal | None = None
    data_source: str = ""
    evidence_required: bool = False
    key_works: tuple[str, ...] = ()
    superior: str = ""
    source_rows: tuple[str, ...] = ()
    demonstration: str = ""


@dataclass(frozen=True, kw_only=True)
class IndicatorPublished:
    """指标发布"""

    version: int
    definition: Definition
    document: str


@dataclass(frozen=True, kw_only=True)
class PublishIndicator:
    """Publish a version of a definition. The same definition again changes nothing."""

    definition: Definition
    document: str = ""


class PointsAreNegative(Refused):
    """An indicator cannot be worth less than nothing; deductions belong in its rule."""

    zh = "指标“{name}”的分值 {points} 小于 0。请填写不小于 0 的分值，扣分写在评分标准里。"
    en = "Indicator '{name}' is worth {points} points, below 0. Give 0 or more; deductions belong in its rule."


class NameIsMissing(Refused):
    """An indicator without a name."""

    zh = "指标没有名称。请填写指标名称。"
    en = "The indicator has no name. Give it one."


@dataclass(frozen=True, kw_only=True)
class Indicator:
    """All versions; version n is ``versions[n - 1]``."""

    versions: tuple[Definition, ...] = ()


def decide(command: PublishIndicator, state: Indicator, known: RecordKnown, asked: Asked) -> list[IndicatorPublished]:
    """Decide on a new version."""
    entitle("PublishIndicator", asked, Parties(), known.organisation, asked.at.date())
    definition = command.definition
    if not definition.name.strip():
        raise NameIsMissing
    if definition.points < 0:
        raise PointsAreNegative(name=definition.name, points=definition.points)
    if state.versions and state.versions[-1] == definition:
        return []
    return [IndicatorPublished(version=len(state.versions) + 1, definition=definition, document=command.document)]


def evolve(state: Indicator, event: IndicatorPublished, _asked: Asked) -> Indicator:
    """Fold one event."""
    match event:
        case IndicatorPublished():
            return Indicator(versions=(*state.versions, event.definition))
        case _:
            assert_never(event)


INDICATOR = Decider(
    name="indicator",
    commands=(PublishIndicator,),
    events=(IndicatorPublished,),
    initial=Indicator(),
    decide=decide,
    evolve=evolve,
)
