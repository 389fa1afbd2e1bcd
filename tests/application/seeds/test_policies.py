"""The policies a fresh store begins with are what the handbook says, and can be published, stored and hurried."""

from datetime import UTC, date, datetime, timedelta

import pytest

from application.seeds import seed_calendar
from application.seeds.policies import LADDERS, SEEDS, hurried, seed_policies
from domain.deadline import Deadline, due_at, rungs_due
from domain.decider import SYSTEM, Asked, Source, SourceKind, derived
from domain.organisation import Organisation
from domain.policy import Act, Policies, Relation
from domain.rule import PublishRule, RecordKnown, Rule, decide
from event_store.codec import from_bytes, to_bytes

LADDER_NAMES = ("accept", "report", "review", "self_score", "review_score", "consolidate", "order")


@pytest.mark.parametrize("key", SEEDS)
def test_a_seed_can_be_published_and_stored(key: str) -> None:
    asked = Asked(id=derived(key), by=SYSTEM, at=datetime(2026, 1, 5, tzinfo=UTC), source=Source(kind=SourceKind.COMMAND_LINE))

    [published] = decide(PublishRule(rule=key, body=SEEDS[key]), Rule(), RecordKnown(organisation=Organisation()), asked)

    assert from_bytes(type(published), to_bytes(published)) == published
    assert published.body.kind == key


def test_the_lead_department_chases_its_assisting_ones_before_anybody_chases_the_lead() -> None:
    first = LADDERS.report[0]

    assert (first.to, first.sender, first.act) == ((Relation.ASSISTING,), Relation.LEAD_HEAD, Act.REMIND)
    assert all(rung.workdays > first.workdays for rung in LADDERS.report[1:])


def test_a_report_climbs_as_the_handbook_says() -> None:
    calendar = seed_calendar()
    due = calendar.closing(date(2026, 4, 8))
    climbed = {
        each.key.rpartition("/")[2]: calendar.local_day(each.at)
        for each in rungs_due(Deadline(key="report/Q1", dates=due_at(due)), LADDERS.report, calendar, frozenset())
    }

    assert climbed["remind-3"] == date(2026, 4, 2)
    assert climbed["remind-1"] == date(2026, 4, 7)
    assert climbed["due"] == date(2026, 4, 8)
    assert climbed["chase"] == date(2026, 4, 10)
    assert climbed["order"] == date(2026, 4, 15)


def test_silence_is_acceptance_three_working_days_after_the_due_day() -> None:
    [deem] = [rung for rung in LADDERS.accept if rung.act is Act.DEEM]

    assert (deem.workdays, deem.level) == (3, 3)
    assert Relation.DEPUTY_LEADER in deem.to


@pytest.mark.parametrize("name", LADDER_NAMES)
def test_levels_only_rise(name: str) -> None:
    levels = [rung.level for rung in LADDERS.of(name)]

    assert levels
    assert levels == sorted(levels)


def test_hurried_policies_run_in_seconds_and_in_the_same_order() -> None:
    quick = hurried(seed_policies(), day_seconds=4)
    due = datetime(2026, 4, 8, 9, tzinfo=UTC)
    rungs = rungs_due(Deadline(key="report/Q1", dates=due_at(due)), quick.ladders.report, seed_calendar(), frozenset())

    assert [(each.at - due) // timedelta(seconds=1) for each in rungs] == [-16, -12, -8, -4, 0, 8, 20]
    assert (quick.limits.accept.amount, quick.limits.accept.unit) == (12, "seconds")
    assert quick.limits.opens_before_end_days == seed_policies().limits.opens_before_end_days
    assert hurried(quick, day_seconds=9) == quick
    assert isinstance(quick, Policies)
