"""A cycle: planned, issued by the top leader, locked, approved, publicised, final, archived."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from domain.authority import NotEntitled
from domain.calendar import DayUnknown
from domain.cycle import (
    CYCLE,
    AdoptRules,
    ApproveResults,
    ArchiveCycle,
    CallPreAssessment,
    CloseCarryIn,
    CycleEndsBeforeItStarts,
    CycleExists,
    DefinitionIsUnknown,
    DocumentIsMissing,
    HistoryIsStillOpen,
    IssueCycle,
    LiaisonIsMissing,
    LockData,
    NobodyIsResponsible,
    NotPossibleInThisPhase,
    Phase,
    PhaseRungReached,
    Pinned,
    PlanIsEmpty,
    PlanIsFrozen,
    PlanTasks,
    Provider,
    ProviderIsMissing,
    ProviderKind,
    PubliciseResults,
    RecordCall,
    ResultFinalised,
    ReviewerIsAssessed,
    RuleIsDropped,
    SharesDoNotAddUp,
    SomeAreNotConsolidated,
    TasksCalled,
    YearIsNotOver,
)
from domain.decider import SYSTEM
from domain.organisation import GrantAuthorisation, evolve
from domain.organisation import decide as decide_organisation
from tests.domain.story import CALENDAR, Story, asked, assignment, cycle_known, local, open_cycle

ISSUE = IssueCycle(document="演供绩〔2026〕1号", issuer="绩效考核委员会")
FEBRUARY = local(2026, 2, 13)
JANUARY = local(2027, 1, 19)


def opened() -> Story:
    story = Story(known=cycle_known(), decider=CYCLE)
    story.when("office-head", open_cycle(), FEBRUARY)
    return story


def issued() -> Story:
    story = opened()
    story.when("office-clerk", PlanTasks(assignments=(assignment(),)), FEBRUARY)
    story.when("leader", ISSUE, FEBRUARY)
    return story


def locked() -> Story:
    story = issued()
    story.when("office-head", LockData(), JANUARY)
    return story


def test_a_cycle_is_opened_once_and_the_same_again_changes_nothing() -> None:
    story = opened()

    assert story.when("office-head", open_cycle(), FEBRUARY) == []
    with pytest.raises(CycleExists):
        story.when("office-head", open_cycle(scope="stations"), FEBRUARY)
    with pytest.raises(CycleEndsBeforeItStarts):
        story.when("office-head", open_cycle(ends=date(2025, 12, 31)), FEBRUARY)


@pytest.mark.parametrize(
    ("wrong", "refusal"),
    [
        (assignment(responsible=""), NobodyIsResponsible),
        (assignment(share=Decimal("70.1")), SharesDoNotAddUp),
        (assignment(lead="company"), LiaisonIsMissing),
        (assignment(reviewing="ops"), ReviewerIsAssessed),
        (assignment(provider=Provider(kind=ProviderKind.DEPARTMENT)), ProviderIsMissing),
        (assignment(indicator="unheard-of"), DefinitionIsUnknown),
        (assignment(version=2), DefinitionIsUnknown),
    ],
)
def test_an_assignment_nobody_could_answer_for_is_refused(wrong: object, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        opened().when("office-clerk", PlanTasks(assignments=(wrong,)), FEBRUARY)  # type: ignore[arg-type]


def test_only_the_top_leader_issues_and_only_with_a_document() -> None:
    story = opened()
    with pytest.raises(PlanIsEmpty):
        story.when("leader", ISSUE, FEBRUARY)
    story.when("office-clerk", PlanTasks(assignments=(assignment(),)), FEBRUARY)

    with pytest.raises(NotEntitled):
        story.when("office-head", ISSUE, FEBRUARY)
    with pytest.raises(DocumentIsMissing):
        story.when("leader", replace(ISSUE, document=" "), FEBRUARY)
    story.when("leader", ISSUE, FEBRUARY)
    assert (story.state.phase, [call.cause for call in story.state.calls]) == (Phase.RUNNING, ["issued"])


def test_an_authorised_deputy_issues_and_without_authorisation_does_not() -> None:
    story = opened()
    story.when("office-clerk", PlanTasks(assignments=(assignment(),)), FEBRUARY)
    day = date(2026, 2, 1)
    grant = GrantAuthorisation(authorisation="授〔2026〕3号", person="deputy", since=day, until=date(2026, 2, 28), document="x")
    by = asked("leader", FEBRUARY)
    organisation = story.known.organisation
    for event in decide_organisation(grant, organisation, None, by):
        organisation = evolve(organisation, event, by)
    story.known = replace(story.known, organisation=organisation)

    story.when("deputy", ISSUE, FEBRUARY, on_behalf_of="leader", authorisation="授〔2026〕3号", reason="出差")

    assert story.state.phase is Phase.RUNNING


def test_the_plan_is_frozen_at_issue() -> None:
    story = issued()

    assert story.when("office-clerk", PlanTasks(assignments=(assignment(),)), FEBRUARY) == []
    with pytest.raises(PlanIsFrozen):
        story.when("office-clerk", PlanTasks(assignments=(assignment(indicator="other"),)), FEBRUARY)


def test_calls_wait_until_they_have_reached_their_tasks() -> None:
    story = issued()

    assert story.when(SYSTEM.person, RecordCall(cause="issued", tasks=1), FEBRUARY) == [TasksCalled(cause="issued", tasks=1)]
    assert story.state.calls == ()
    assert story.when(SYSTEM.person, RecordCall(cause="issued", tasks=1), FEBRUARY) == []


def test_a_pre_assessment_is_called_once_a_period() -> None:
    story = issued()
    call = CallPreAssessment(period="Q1", label="一季度")

    assert len(story.when("office-clerk", call, local(2026, 4, 15))) == 1
    assert story.when("office-clerk", call, local(2026, 4, 16)) == []


def test_data_are_locked_after_the_year_or_early_by_the_top_leader_with_a_reason() -> None:
    early = local(2026, 11, 20)

    with pytest.raises(YearIsNotOver):
        issued().when("office-head", LockData(), early, reason="收官")
    with pytest.raises(YearIsNotOver):
        issued().when("leader", LockData(), early)
    (closed,) = issued().when("leader", LockData(), early, reason="机构调整")
    assert closed.early is True
    (usual,) = issued().when("office-head", LockData(), JANUARY)
    assert (usual.early, usual.self_score.current) == (False, local(2027, 1, 22, 17, 30))


def test_the_office_waits_until_the_last_reports_are_due() -> None:
    with pytest.raises(YearIsNotOver):
        issued().when("office-head", LockData(), local(2027, 1, 18, 17, 30))
    assert len(issued().when("office-head", LockData(), local(2027, 1, 18, 17, 31))) == 1


def test_phase_rungs_call_those_who_still_owe() -> None:
    story = locked()

    told = story.until(local(2027, 1, 25, 17))

    assert told == [PhaseRungReached(rung="self-score/1/due"), PhaseRungReached(rung="self-score/1/deem")]
    assert [(call.cause, call.owing_only) for call in story.state.calls[-2:]] == [
        ("self-score/1/due", True),
        ("self-score/1/deem", True),
    ]


def test_results_are_approved_when_all_are_consolidated() -> None:
    story = locked()
    story.known = replace(story.known, unconsolidated=("task/2026/line-loss/ops",))

    with pytest.raises(SomeAreNotConsolidated):
        story.when("leader", ApproveResults(minutes="纪要〔2027〕2号"), JANUARY)


def test_the_notice_closes_by_itself_and_then_it_is_archived() -> None:
    story = locked()
    at = local(2027, 1, 29)
    story.when("leader", ApproveResults(minutes="纪要〔2027〕2号"), at)
    (notice,) = story.when("office-clerk", PubliciseResults(document="公示1号"), at)
    assert notice.until == CALENDAR.due(at, 5, count_first_day=True)

    with pytest.raises(NotPossibleInThisPhase):
        story.when("office-clerk", ArchiveCycle(document="档1"), at + timedelta(days=1))
    assert story.until(notice.until)[-1] == ResultFinalised()
    story.when("office-clerk", ArchiveCycle(document="档1"), notice.until + timedelta(hours=1))
    assert story.state.phase is Phase.ARCHIVED


def test_a_history_is_carried_in_until_it_is_closed() -> None:
    story = Story(known=cycle_known(), decider=CYCLE)
    story.when("office-head", open_cycle(carrying_in=True), FEBRUARY)
    story.when("office-clerk", PlanTasks(assignments=(assignment(),)), FEBRUARY)
    story.when("leader", ISSUE, FEBRUARY)

    with pytest.raises(HistoryIsStillOpen):
        story.when("leader", LockData(), local(2026, 11, 23), reason="收官")
    story.when("office-head", CloseCarryIn(), local(2026, 11, 23))

    assert story.state.carrying_in is False
    assert story.when("office-head", CloseCarryIn(), local(2026, 11, 23)) == []


def test_other_versions_of_the_rules_are_adopted_by_document() -> None:
    story = issued()
    rules = (Pinned(rule="limits", version=2),)

    story.when("office-head", AdoptRules(rules=rules, document="办〔2026〕9号"), local(2026, 6, 1))

    assert story.state.rules == rules
    assert story.state.calls[-1].cause.startswith("rules/"), "the tasks arm their timers anew"
    assert story.when("office-head", AdoptRules(rules=rules, document="办〔2026〕9号"), local(2026, 6, 1)) == []


def test_no_rule_is_dropped_or_named_twice_when_others_are_adopted() -> None:
    story = issued()
    at = local(2026, 6, 1)
    story.when(
        "office-head", AdoptRules(rules=(Pinned(rule="limits", version=2), Pinned(rule="ladders", version=1)), document="9号"), at
    )

    for wrong in ((), (Pinned(rule="limits", version=3),), (*story.state.rules, Pinned(rule="limits", version=3))):
        with pytest.raises(RuleIsDropped):
            story.when("office-head", AdoptRules(rules=wrong, document="10号"), at)


def test_a_calendar_that_ends_too_early_is_found_at_the_opening() -> None:
    story = Story(known=cycle_known(calendar=replace(CALENDAR, until=date(2026, 12, 31))), decider=CYCLE)

    with pytest.raises(DayUnknown):
        story.when("office-head", open_cycle(), FEBRUARY)
