"""A rule: one policy and its versions. A cycle pins the version it runs under; a new version never changes what was decided."""

from dataclasses import dataclass
from typing import assert_never

from domain.authority import Parties, entitle
from domain.calendar import Calendar
from domain.decider import Asked, Decider, Refused
from domain.organisation import Organisation
from domain.policy import Ladders, Policy


@dataclass(frozen=True, kw_only=True)
class RulePublished:
    """制度发布"""

    version: int
    body: Policy
    document: str


@dataclass(frozen=True, kw_only=True)
class PublishRule:
    """Publish a new version of a rule. The same body again changes nothing."""

    rule: str
    body: Policy
    document: str = ""


class RungsAreOutOfOrder(Refused):
    """A ladder's rungs must come in order of time, each with a key of its own."""

    zh = "催办阶梯“{ladder}”的各级必须按时间先后排列且编号不重复。请调整后重新发布。"
    en = "The rungs of ladder '{ladder}' must be in order of time, each with its own key. Reorder them and publish again."


class KindMayNotChange(Refused):
    """A rule keeps its kind through all versions."""

    zh = "制度“{rule}”是“{kind}”类，不能改为“{other}”类。请为新类别另立制度。"
    en = "Rule '{rule}' is of kind '{kind}' and cannot become '{other}'. Publish the other kind under a name of its own."


@dataclass(frozen=True, kw_only=True)
class Rule:
    """All versions; version n is ``bodies[n - 1]``."""

    bodies: tuple[Policy, ...] = ()


@dataclass(frozen=True, kw_only=True)
class RecordKnown:
    """What a decision on a record needs: who is who, and the day."""

    organisation: Organisation
    calendar: Calendar | None = None


def decide(command: PublishRule, state: Rule, known: RecordKnown, asked: Asked) -> list[RulePublished]:
    """Decide on a new version."""
    entitle("PublishRule", asked, Parties(), known.organisation, asked.at.date())
    if state.bodies and state.bodies[-1] == command.body:
        return []
    if state.bodies and state.bodies[-1].kind != command.body.kind:
        raise KindMayNotChange(rule=command.rule, kind=state.bodies[-1].kind, other=command.body.kind)
    match command.body:
        case Ladders() as ladders:
            _in_order(ladders)
        case _:
            pass  # The other policies have no order to keep; their types say the rest.
    return [RulePublished(version=len(state.bodies) + 1, body=command.body, document=command.document)]


def evolve(state: Rule, event: RulePublished, _asked: Asked) -> Rule:
    """Fold one event."""
    match event:
        case RulePublished():
            return Rule(bodies=(*state.bodies, event.body))
        case _:
            assert_never(event)


RULE = Decider(name="rule", commands=(PublishRule,), events=(RulePublished,), initial=Rule(), decide=decide, evolve=evolve)


def _in_order(ladders: Ladders) -> None:
    for name in ("accept", "report", "review", "self_score", "review_score", "consolidate", "order"):
        rungs = getattr(ladders, name)
        times = [(rung.workdays, rung.seconds) for rung in rungs]
        if times != sorted(times) or len({rung.key for rung in rungs}) != len(rungs):
            raise RungsAreOutOfOrder(ladder=name)
