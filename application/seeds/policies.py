"""The policies a fresh store begins with: ladders, limits, duties, standards, visibility. An office changes them by publishing its own."""

from collections.abc import Mapping
from dataclasses import fields, replace

from domain.calendar import DeadlineRule
from domain.policy import Act, Duties, Ladders, Limits, Policies, Policy, Relation, Rung, Standards, Visibility

R = Relation

ACCEPT = (
    Rung(key="remind", level=0, act=Act.REMIND, to=(R.LEAD_HEAD, R.LEAD_LIAISON), workdays=-1),
    Rung(key="due", level=1, act=Act.PROMPT, to=(R.LEAD_HEAD, R.LEAD_LIAISON, R.RESPONSIBLE)),
    Rung(key="chase", level=2, act=Act.CHASE, to=(R.LEAD_HEAD, R.OFFICE), workdays=1),
    Rung(key="deem", level=3, act=Act.DEEM, to=(R.LEAD_HEAD, R.DEPUTY_LEADER, R.OFFICE), workdays=3),
)
REPORT = (
    # 一级监控一级: the lead department chases its assisting ones before anybody chases the lead [R19].
    Rung(key="assisting", level=0, act=Act.REMIND, to=(R.ASSISTING,), workdays=-4, sender=R.LEAD_HEAD),
    Rung(key="remind-3", level=0, act=Act.REMIND, to=(R.PROVIDER, R.LEAD_LIAISON), workdays=-3),
    Rung(key="assisting-again", level=0, act=Act.REMIND, to=(R.ASSISTING,), workdays=-2, sender=R.LEAD_HEAD),
    Rung(key="remind-1", level=0, act=Act.REMIND, to=(R.PROVIDER, R.LEAD_LIAISON), workdays=-1),
    Rung(key="due", level=1, act=Act.PROMPT, to=(R.PROVIDER, R.PROVIDER_HEAD, R.LEAD_HEAD)),
    Rung(key="chase", level=2, act=Act.CHASE, to=(R.PROVIDER_HEAD, R.LEAD_HEAD, R.LEAD_LIAISON, R.OFFICE), workdays=2),
    Rung(key="order", level=3, act=Act.ORDER, to=(R.LEAD_HEAD, R.RESPONSIBLE, R.DEPUTY_LEADER, R.SUPERVISOR), workdays=5),
)
REVIEW = (
    Rung(key="remind", level=0, act=Act.REMIND, to=(R.REVIEWER,), workdays=-1),
    Rung(key="due", level=1, act=Act.PROMPT, to=(R.REVIEWER,)),
    Rung(key="chase", level=2, act=Act.CHASE, to=(R.REVIEWER, R.OFFICE), workdays=2),
    Rung(key="leader", level=3, act=Act.CHASE, to=(R.REVIEWER, R.OFFICE_HEAD, R.DEPUTY_LEADER), workdays=5),
)
SELF_SCORE = (
    Rung(key="remind", level=0, act=Act.REMIND, to=(R.LEAD_HEAD, R.LEAD_LIAISON), workdays=-1),
    Rung(key="due", level=1, act=Act.PROMPT, to=(R.LEAD_HEAD, R.LEAD_LIAISON)),
    Rung(key="deem", level=2, act=Act.DEEM, to=(R.LEAD_HEAD, R.OFFICE), workdays=1),  # The computed score stands.
)
REVIEW_SCORE = (
    Rung(key="remind", level=0, act=Act.REMIND, to=(R.REVIEWER,), workdays=-1),
    Rung(key="due", level=1, act=Act.PROMPT, to=(R.REVIEWER, R.OFFICE)),
    Rung(key="chase", level=2, act=Act.CHASE, to=(R.REVIEWER, R.OFFICE_HEAD), workdays=2),
    Rung(key="leader", level=3, act=Act.CHASE, to=(R.REVIEWER, R.OFFICE_HEAD, R.DEPUTY_LEADER), workdays=5),
)
CONSOLIDATE = (
    Rung(key="remind", level=0, act=Act.REMIND, to=(R.OFFICE,), workdays=-1),
    Rung(key="due", level=1, act=Act.PROMPT, to=(R.OFFICE, R.OFFICE_HEAD)),
    Rung(key="chase", level=2, act=Act.CHASE, to=(R.OFFICE_HEAD, R.TOP_LEADER), workdays=2),
)
ORDER = (
    Rung(key="remind-3", level=0, act=Act.REMIND, to=(R.RESPONSIBLE, R.LEAD_LIAISON), workdays=-3),
    Rung(key="remind-1", level=1, act=Act.REMIND, to=(R.RESPONSIBLE, R.LEAD_HEAD), workdays=-1),
    Rung(key="due", level=3, act=Act.PROMPT, to=(R.RESPONSIBLE, R.LEAD_HEAD, R.SUPERVISOR)),
    Rung(key="circular", level=4, act=Act.CIRCULAR, to=(R.LEAD_HEAD, R.DEPUTY_LEADER, R.SUPERVISOR, R.TOP_LEADER), workdays=2),
)
LADDERS = Ladders(
    accept=ACCEPT,
    report=REPORT,
    review=REVIEW,
    self_score=SELF_SCORE,
    review_score=REVIEW_SCORE,
    consolidate=CONSOLIDATE,
    order=ORDER,
)

SEEDS: Mapping[str, Policy] = {
    "ladders": LADDERS,
    "limits": Limits(),
    "duties": Duties(),
    "standards": Standards(),
    "visibility": Visibility(),
}
"""Every policy by the id of its rule's stream."""


def seed_policies() -> Policies:
    """Give the policies of a fresh store, as one decision takes them [handbook 3.3-3.5]."""
    return Policies(ladders=LADDERS)


def hurried(policies: Policies, *, day_seconds: int) -> Policies:
    """Give the same policies with every working day as ``day_seconds``: a trial that runs through a year's deadlines in minutes.

    Deadlines in calendar days count alike; what is in seconds already stays.
    """
    ladders = {
        field.name: _rungs_in_seconds(policies.ladders.of(field.name), day_seconds)
        for field in fields(policies.ladders)
        if field.name != "kind"
    }
    limits = {
        field.name: _in_seconds(rule, day_seconds)
        for field in fields(policies.limits)
        if isinstance(rule := getattr(policies.limits, field.name), DeadlineRule)
    }
    return replace(
        policies,
        ladders=replace(policies.ladders, **ladders),  # type: ignore[arg-type]  # Its ladders only, see above.
        limits=replace(policies.limits, **limits),  # type: ignore[arg-type]  # Its deadline rules only, see above.
    )


def _rungs_in_seconds(rungs: tuple[Rung, ...], day_seconds: int) -> tuple[Rung, ...]:
    return tuple(replace(rung, workdays=0, seconds=rung.seconds + rung.workdays * day_seconds) for rung in rungs)


def _in_seconds(rule: DeadlineRule, day_seconds: int) -> DeadlineRule:
    return rule if rule.unit == "seconds" else DeadlineRule(amount=rule.amount * day_seconds, unit="seconds")
