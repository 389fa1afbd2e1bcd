"""The main line of a task: acceptance, reports, review, pre-assessment, supervision, scoring."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from domain.authority import NotEntitled, ReasonIsMissing, TheSameHands
from domain.cycle import CYCLE, LockData, Provider, ProviderKind
from domain.decider import SYSTEM
from domain.indicator import Aggregation, Indicator
from domain.order import Completion, Quality, RecordOrderOutcome, RegisterOrder
from domain.organisation import ORGANISATION, Appointed, GrantAuthorisation, Organisation
from domain.policy import Act, Duties, Duty, SameHands
from domain.reported import Number, Text
from domain.scoring import Rule
from domain.scoring.facts import InputMissing, InputUnknown
from domain.scoring.manual import Manual
from domain.task import TASK
from domain.task.commands import (
    Accept,
    AcceptReport,
    Consolidate,
    DeliverContribution,
    IssueTask,
    LinkOrder,
    ReturnReport,
    ReviewScore,
    SelfScore,
    SignReport,
)
from domain.task.facts import (
    Adjustment,
    DeadlineMet,
    DeadlinePassed,
    EscalationRaised,
    GapRecorded,
    OrderOutcomeRecorded,
    PreAssessmentRun,
    ReminderSent,
    ReportMissing,
    ReportOpened,
    ReportReturned,
    ReportSubmitted,
    ReturnCode,
    ReviewScored,
    SelfScored,
    SupervisionLinked,
    TaskAccepted,
    TaskConsolidated,
    TaskDeemedAccepted,
)
from domain.task.refusals import (
    AlreadyDeemedAccepted,
    DateIsInTheFuture,
    GroundIsMissing,
    NotPossibleAtThisStage,
    PeriodIsUnknown,
    ReportIsElsewhere,
    ReportIsNotOpenYet,
    SecondPersonIsMissing,
)
from domain.task.state import ReportStage, Stage, stage_of
from tests.domain.story import (
    TASK_STREAM,
    Story,
    accepted,
    asked,
    assignment,
    cycle_known,
    issued,
    known_at,
    local,
    report,
    running_cycle,
)

APRIL_2 = local(2026, 4, 2)
DUE_Q1 = local(2026, 4, 8, 17, 30)


def types(events: list[object]) -> list[type]:
    return [type(event) for event in events]


def signed(story: Story | None = None) -> Story:
    story = story or accepted()
    story.when("ops-clerk", report(), APRIL_2)
    story.when("ops-head", SignReport(period="Q1"), APRIL_2 + timedelta(hours=1))
    return story


def locked(story: Story) -> Story:
    """Lock the data on 19 January 2027."""
    at = local(2027, 1, 19)
    running = story.known.cycle
    known = cycle_known(policies=story.known.policies)
    by = asked("office-head", at)
    for event in CYCLE.decide(LockData(), running, known, by):
        running = CYCLE.evolve(running, event, by)
    story.until(at)
    story.known = replace(story.known, cycle=running)
    story.until(at)
    return story


def reviewed() -> Story:
    story = signed()
    story.when("safety-clerk", AcceptReport(period="Q1"), local(2026, 4, 3))
    return story


def test_the_issue_carries_the_definition_the_assignment_and_every_due_date() -> None:
    (event,) = issued().events

    assert (event.definition.name, event.assignment.lead) == ("低压线损率", "ops")
    assert (event.document, event.issuer) == ("演供绩〔2026〕1号", "绩效考核委员会")
    assert [period.key for period in event.periods] == ["Q1", "Q2", "Q3", "Q4"]
    assert event.periods[0].due.current == DUE_Q1


def test_three_working_days_from_13_february_end_after_the_spring_festival() -> None:
    (event,) = issued().events

    assert event.accept.current == local(2026, 2, 25, 17, 30)


def test_the_head_accepts_in_time() -> None:
    story = issued()

    assert story.when("ops-head", Accept(plan="按季分解"), local(2026, 2, 24)) == [
        TaskAccepted(plan="按季分解", after_deemed=False)
    ]
    assert story.state.stage is Stage.ACCEPTED


def test_accepting_twice_changes_nothing() -> None:
    assert accepted().when("ops-head", Accept(), local(2026, 2, 25)) == []


def test_the_liaison_may_not_accept() -> None:
    with pytest.raises(NotEntitled):
        issued().when("ops-clerk", Accept(), local(2026, 2, 24))


def test_silence_is_reminded_then_overdue_then_counts_as_acceptance() -> None:
    story = issued()

    told = story.until(local(2026, 3, 3))

    assert types(told)[:3] == [ReminderSent, DeadlinePassed, TaskDeemedAccepted]
    assert story.state.stage is Stage.ACCEPTED
    assert told[2].to == ("deputy", "ops-head")


def test_an_acceptance_received_in_time_stands_though_the_timer_was_first() -> None:
    story = issued()
    story.until(local(2026, 3, 3))

    assert TASK.decide(Accept(), story.state, story.known, asked("ops-head", local(2026, 2, 25, 17, 30))) == [
        TaskAccepted(plan="", after_deemed=True)
    ]
    with pytest.raises(AlreadyDeemedAccepted):
        TASK.decide(Accept(), story.state, story.known, asked("ops-head", local(2026, 2, 25, 17, 31)))


def test_the_first_open_period_begins_the_execution() -> None:
    story = accepted()

    told = story.until(local(2026, 3, 26))

    assert ReportOpened(period="Q1", due=story.state.reports["Q1"].deadline.dates) in told
    assert story.state.stage is Stage.IN_EXECUTION


def test_a_report_before_its_period_opens_is_refused() -> None:
    with pytest.raises(ReportIsNotOpenYet):
        accepted().when("ops-clerk", report(), local(2026, 3, 2))


def test_the_lead_department_chases_its_assisting_one_first() -> None:
    story = accepted()

    told = story.until(local(2026, 4, 3))

    first = next(event for event in told if isinstance(event, ReminderSent))
    assert (first.rung, first.sender, first.to) == ("assist-5", "ops", ("sales-clerk",))


def test_nobody_is_chased_for_what_was_delivered_or_is_nobodys() -> None:
    delivered = accepted()
    delivered.when("sales-clerk", DeliverContribution(period="Q1", note="台区清单"), local(2026, 3, 27))
    alone = issued(running_cycle(assignment(assisting=(), share=Decimal(100))))
    alone.when("ops-head", Accept(), local(2026, 2, 24))

    for story in (delivered, alone):
        told = story.until(local(2026, 4, 3))
        assert not [event for event in told if isinstance(event, ReminderSent) and event.rung == "assist-5"]


def test_an_assisting_person_delivers_once() -> None:
    story = accepted()
    deliver = DeliverContribution(period="Q1", note="台区清单")

    assert len(story.when("sales-clerk", deliver, APRIL_2)) == 1
    assert story.when("sales-clerk", deliver, APRIL_2) == []


def test_a_value_at_the_due_instant_is_on_time_and_a_second_later_it_is_late() -> None:
    on_time = accepted().when("ops-clerk", report(), DUE_Q1)
    late = accepted().when("ops-clerk", report(), DUE_Q1 + timedelta(seconds=1))

    assert [event.late for event in on_time] == [False]
    assert [event.late for event in late] == [True]


def test_what_was_received_in_time_lifts_the_overdue_the_timer_recorded_first() -> None:
    story = accepted()
    story.until(DUE_Q1)
    assert story.state.overdue == {"report/Q1": 1}

    told = story.when("ops-clerk", report(), DUE_Q1)

    assert types(told) == [ReportSubmitted, DeadlineMet]
    assert story.state.overdue == {}


def test_late_stays_true_after_a_return_and_a_new_version() -> None:
    story = accepted()
    story.when("ops-clerk", report(), DUE_Q1 + timedelta(hours=1))
    story.when("ops-head", SignReport(period="Q1"), DUE_Q1 + timedelta(hours=2))
    story.when("safety-clerk", ReturnReport(period="Q1", code=ReturnCode.VALUE_IMPLAUSIBLE), DUE_Q1 + timedelta(hours=3))

    (again,) = story.when("ops-clerk", report("11.2"), DUE_Q1 + timedelta(hours=4))

    assert (again.version, again.late) == (2, True)


def test_a_report_returned_in_time_has_two_working_days_and_is_not_late() -> None:
    story = signed()
    story.when("safety-clerk", ReturnReport(period="Q1", code=ReturnCode.VALUE_IMPLAUSIBLE), local(2026, 4, 8, 16))

    (again,) = story.when("ops-clerk", report("11.2"), local(2026, 4, 10, 17))

    assert again.late is False
    assert story.state.reports["Q1"].deadline.dates.original == DUE_Q1


def test_the_second_return_is_told_to_the_deputy_leader() -> None:
    story = signed()
    back = ReturnReport(period="Q1", code=ReturnCode.EVIDENCE_INCOMPLETE)
    (first,) = story.when("safety-clerk", back, APRIL_2 + timedelta(hours=2))
    story.when("ops-clerk", report("11.3"), APRIL_2 + timedelta(hours=3))
    story.when("ops-head", SignReport(period="Q1"), APRIL_2 + timedelta(hours=4))

    (second,) = story.when("safety-clerk", back, APRIL_2 + timedelta(hours=5))

    assert isinstance(second, ReportReturned)
    assert (first.to, second.to) == ((), ("deputy",))


def test_returning_one_period_leaves_the_others_alone() -> None:
    story = signed()
    before = {key: one for key, one in story.state.reports.items() if key != "Q1"}

    story.when("safety-clerk", ReturnReport(period="Q1", code=ReturnCode.WRONG_UNIT_OR_PERIOD), APRIL_2 + timedelta(hours=2))

    assert {key: one for key, one in story.state.reports.items() if key != "Q1"} == before


def test_an_accepted_report_cannot_be_returned() -> None:
    with pytest.raises(ReportIsElsewhere):
        reviewed().when("safety-clerk", ReturnReport(period="Q1", code=ReturnCode.WRONG_INDICATOR), local(2026, 4, 7))


def test_values_the_rule_cannot_use_and_dates_to_come_are_refused() -> None:
    story = accepted()

    with pytest.raises(InputMissing):
        story.when("ops-clerk", replace(report(), values=()), APRIL_2)
    with pytest.raises(DateIsInTheFuture):
        story.when("ops-clerk", report(as_of=date(2026, 4, 3)), APRIL_2)
    with pytest.raises(PeriodIsUnknown):
        story.when("ops-clerk", report(period="Q9"), APRIL_2)


def test_the_value_comes_from_whom_the_plan_names_and_from_nobody_else() -> None:
    provided = assignment(provider=Provider(kind=ProviderKind.DEPARTMENT, department="sales"))
    story = issued(running_cycle(provided))
    story.when("ops-head", Accept(), local(2026, 2, 24))

    with pytest.raises(NotEntitled):
        story.when("ops-clerk", report(), APRIL_2)
    assert len(story.when("sales-clerk", report(), APRIL_2)) == 1


def test_the_office_enters_for_a_department_only_with_a_reason_and_it_shows() -> None:
    story = accepted()

    with pytest.raises(ReasonIsMissing):
        story.when("office-clerk", report(), APRIL_2, on_behalf_of="ops-clerk")
    (entered,) = story.when("office-clerk", report(), APRIL_2, on_behalf_of="ops-clerk", reason="系统故障")
    assert entered.on_behalf is True


def provided_and_reviewed_by_safety() -> Story:
    """Tell of a value that safety provides and safety reviews, up to its signature."""
    story = issued(running_cycle(assignment(provider=Provider(kind=ProviderKind.DEPARTMENT, department="safety"))))
    story.when("ops-head", Accept(), local(2026, 2, 24))
    story.when("safety-clerk", report(), APRIL_2)
    story.when("safety-head", SignReport(period="Q1"), APRIL_2)
    return story


def with_duties(story: Story, duties: Duties) -> Story:
    story.known = replace(story.known, policies=replace(story.known.policies, duties=duties))
    return story


def authorised(story: Story, principal: str, person: str) -> dict[str, str]:
    """Let a person act for another on the day of review."""
    day = date(2026, 4, 3)
    grant = GrantAuthorisation(authorisation="授1", person=person, since=day, until=day, document="x")
    by = asked(principal, local(2026, 4, 3, 9))
    organisation = story.known.organisation
    for event in ORGANISATION.decide(grant, organisation, None, by):
        organisation = ORGANISATION.evolve(organisation, event, by)
    story.known = replace(story.known, organisation=organisation)
    return {"on_behalf_of": principal, "authorisation": "授1", "reason": "外出"}


def test_nobody_reviews_what_they_reported() -> None:
    with pytest.raises(TheSameHands):
        provided_and_reviewed_by_safety().when("safety-clerk", AcceptReport(period="Q1"), local(2026, 4, 3))


def test_nobody_lets_a_stand_in_review_what_they_reported() -> None:
    story = provided_and_reviewed_by_safety()
    standing_in = authorised(story, "safety-clerk", "sales-clerk")

    with pytest.raises(TheSameHands):
        story.when("sales-clerk", AcceptReport(period="Q1"), local(2026, 4, 3), **standing_in)


def test_a_small_office_lets_an_authorised_substitute_act_and_lists_it() -> None:
    story = with_duties(provided_and_reviewed_by_safety(), Duties(same_hands=SameHands.SUBSTITUTE))
    standing_in = authorised(story, "safety-clerk", "sales-clerk")

    with pytest.raises(TheSameHands):
        story.when("safety-clerk", AcceptReport(period="Q1"), local(2026, 4, 3))
    (accepted_by,) = story.when("sales-clerk", AcceptReport(period="Q1"), local(2026, 4, 3), **standing_in)
    assert accepted_by.substitute is True


def test_which_duties_are_apart_is_data() -> None:
    story = with_duties(provided_and_reviewed_by_safety(), Duties(apart=((Duty.SIGN, Duty.REVIEW),)))

    (accepted_by,) = story.when("safety-clerk", AcceptReport(period="Q1"), local(2026, 4, 3))
    assert accepted_by.substitute is False


def test_who_reported_any_quarter_does_not_score_the_year() -> None:
    story = reviewed_by_head()
    for period, quarter_end, received in (
        ("Q2", date(2026, 6, 30), local(2026, 7, 2)),
        ("Q3", date(2026, 9, 30), local(2026, 10, 12)),
    ):
        story.when("sales-head", report("11.2", period, quarter_end), received)
        story.when("sales-head", SignReport(period=period), received)
        story.when("safety-head", AcceptReport(period=period), received)
    locked(story)
    story.when("ops-head", SelfScore(), local(2027, 1, 20))
    story.known = replace(story.known, organisation=with_post(story.known.organisation, "sales-clerk", "safety-clerk"))

    with pytest.raises(TheSameHands):
        story.when("sales-clerk", ReviewScore(), local(2027, 1, 20))


def reviewed_by_head() -> Story:
    story = issued(running_cycle(assignment(provider=Provider(kind=ProviderKind.DEPARTMENT, department="sales"))))
    story.when("ops-head", Accept(), local(2026, 2, 24))
    story.when("sales-clerk", report(), APRIL_2)
    story.when("sales-head", SignReport(period="Q1"), APRIL_2)
    story.when("safety-head", AcceptReport(period="Q1"), local(2026, 4, 3))
    return story


def with_post(organisation: Organisation, person: str, post: str) -> Organisation:
    return replace(
        organisation, appointments=(*organisation.appointments, Appointed(person=person, post=post, since=date(2025, 1, 1)))
    )


def test_a_report_never_sent_climbs_the_ladder_to_a_supervision_order() -> None:
    story = accepted()

    told = story.until(local(2026, 4, 20))

    raised = [event for event in told if isinstance(event, EscalationRaised)]
    assert [(event.rung, event.act) for event in raised] == [("chase-2", Act.CHASE), ("order-5", Act.ORDER)]
    (owed,) = TASK.owes(story.state)
    assert isinstance(owed.command, RegisterOrder)
    assert (owed.stream, owed.command.lead) == ("order/2026/line-loss/ops/overdue-report-Q1-1", "ops")


def test_no_rung_fires_twice() -> None:
    story = accepted()
    story.until(local(2026, 4, 20))

    assert story.until(local(2026, 4, 20)) == []


def pre_assessed(value: str) -> list[object]:
    story = accepted()
    story.when("ops-clerk", report(value), APRIL_2)
    story.when("ops-head", SignReport(period="Q1"), APRIL_2)
    story.when("safety-clerk", AcceptReport(period="Q1"), local(2026, 4, 3))
    called = replace(story.known.cycle, pre_assessments=(("Q1", local(2026, 4, 15)),))
    story.known = replace(story.known, cycle=called)
    return story.until(local(2026, 4, 15))


def test_a_pre_assessment_at_the_standard_opens_nothing() -> None:
    (run,) = pre_assessed("11.4")

    assert isinstance(run, PreAssessmentRun)
    assert (run.scored.points, run.percent) == (Decimal("4.80"), Decimal("80.0"))


def test_a_pre_assessment_below_the_standard_records_the_gap_and_owes_an_order() -> None:
    run, gap = pre_assessed("11.7")

    assert isinstance(run, PreAssessmentRun)
    assert isinstance(gap, GapRecorded)
    assert (run.scored.points, gap.lost) == (Decimal("3.90"), Decimal("2.10"))
    assert gap.order == "order/2026/line-loss/ops/gap-Q1"


def test_an_order_is_owed_until_it_is_linked_and_its_outcome_comes_back_once() -> None:
    story = accepted()
    story.until(local(2026, 4, 20))
    (owed,) = TASK.owes(story.state)
    at = local(2026, 4, 20, 11)

    assert story.when(SYSTEM.person, owed.then, at) == [SupervisionLinked(order=owed.stream)]
    assert TASK.owes(story.state) == ()
    assert story.when(SYSTEM.person, LinkOrder(order=owed.stream), at) == []
    outcome = RecordOrderOutcome(order=owed.stream, completion=Completion.DONE, quality=Quality.GOOD, late=False)
    assert types(story.when(SYSTEM.person, outcome, at)) == [OrderOutcomeRecorded]
    assert story.when(SYSTEM.person, outcome, at) == []


def test_the_lock_records_what_is_missing_and_stops_reports() -> None:
    story = locked(reviewed())

    missing = [event.period for event in story.events if isinstance(event, ReportMissing)]
    assert missing == ["Q2", "Q3", "Q4"]
    assert story.state.reports["Q1"].stage is ReportStage.ACCEPTED
    assert stage_of(story.state, story.known.cycle) is Stage.DATA_LOCKED
    with pytest.raises(NotPossibleAtThisStage):
        story.when("ops-clerk", report(period="Q4"), local(2027, 1, 20))


def test_scoring_goes_from_hand_to_hand_and_every_deviation_is_named() -> None:
    story = locked(reviewed())
    at = local(2027, 1, 20)

    with pytest.raises(GroundIsMissing):
        story.when("ops-head", SelfScore(points=Decimal(5)), at)
    (mine,) = story.when("ops-head", SelfScore(), at)
    assert (mine.points, mine.deemed) == (Decimal("3.90"), False)
    for second in ("", "safety-head", "ops-head", "nobody-at-all"):
        with pytest.raises(SecondPersonIsMissing):
            story.when("safety-head", ReviewScore(points=Decimal(4), ground="复测", second=second), at)
    (theirs,) = story.when("safety-head", ReviewScore(points=Decimal(4), ground="复测", second="safety-clerk"), at)
    assert isinstance(theirs, ReviewScored)
    assert (theirs.points, theirs.computed.points) == (Decimal(4), Decimal("3.90"))
    adjustment = Adjustment(before=Decimal(4), after=Decimal("3.90"), reason="按标准", second="office-head")
    (taken,) = story.when("office-clerk", Consolidate(adjustment=adjustment), at)
    assert taken == TaskConsolidated(points=Decimal("3.90"), adjustment=adjustment, substitute=False)


def test_silence_lets_the_computed_self_score_stand() -> None:
    story = locked(reviewed())

    told = story.until(local(2027, 2, 1))

    assert types(told)[:2] == [DeadlinePassed, SelfScored]
    assert story.state.points == Decimal("3.90")


def test_a_year_without_any_accepted_report_scores_nothing() -> None:
    story = locked(accepted())

    (mine,) = story.when("ops-head", SelfScore(), local(2027, 1, 20))

    assert mine.points == 0


def test_a_units_class_is_given_only_to_a_rule_that_asks_for_it() -> None:
    story = issued(running_cycle(assignment(unit_class="B")))
    story.when("ops-head", Accept(), local(2026, 2, 24))

    assert len(story.when("ops-clerk", report(), APRIL_2)) == 1


def test_what_was_due_before_the_lock_is_recorded_though_its_timer_never_fired() -> None:
    story = accepted()
    at = local(2027, 1, 19)
    story.known = replace(story.known, cycle=locked(accepted()).known.cycle)

    story.until(at)

    assert [event.rung for event in story.events if isinstance(event, EscalationRaised)][:2] == ["chase-2", "order-5"]
    last = [type(event) for event in story.events][-4:]
    assert last == [ReportMissing] * 4


def test_what_is_signed_at_the_lock_still_waits_for_its_reviewer() -> None:
    story = locked(signed())
    assert "Q1" not in [event.period for event in story.events if isinstance(event, ReportMissing)]

    story.when("safety-clerk", AcceptReport(period="Q1"), local(2027, 1, 20))
    (mine,) = story.when("ops-head", SelfScore(), local(2027, 1, 20))

    assert mine.points == Decimal("3.90")


def test_a_return_reminds_of_nothing_from_before_it() -> None:
    story = signed()
    before = len([event for event in story.events if isinstance(event, ReminderSent)])
    story.when("safety-clerk", ReturnReport(period="Q1", code=ReturnCode.VALUE_IMPLAUSIBLE), local(2026, 4, 8, 16))

    told = story.until(local(2026, 4, 9, 16))

    assert before
    assert [event for event in told if isinstance(event, ReminderSent)] == []


def test_two_rungs_that_lead_to_an_order_lead_to_one() -> None:
    story = accepted()
    ladder = story.known.policies.ladders
    twice = replace(ladder, report=(*ladder.report, replace(ladder.report[-1], key="order-7", workdays=7)))
    story.known = replace(story.known, policies=replace(story.known.policies, ladders=twice))
    story.until(local(2026, 4, 16))
    (owed,) = TASK.owes(story.state)
    story.when(SYSTEM.person, owed.then, local(2026, 4, 16))

    story.until(local(2026, 4, 20))

    assert TASK.owes(story.state) == ()


def test_a_missing_quarter_counts_nothing_where_each_is_scored_by_itself() -> None:
    each = replace(known_at().indicator.versions[0], aggregation=Aggregation.EACH)
    story = Story(known=known_at(indicator=Indicator(versions=(each,))))
    story.when(SYSTEM.person, IssueTask(task=TASK_STREAM, indicator="line-loss", lead="ops"), local(2026, 2, 13, 15))
    story.when("ops-head", Accept(), local(2026, 2, 24))
    story.when("ops-clerk", report("11.0"), APRIL_2)
    story.when("ops-head", SignReport(period="Q1"), APRIL_2)
    story.when("safety-clerk", AcceptReport(period="Q1"), local(2026, 4, 3))
    locked(story)

    (mine,) = story.when("ops-head", SelfScore(), local(2027, 1, 20))

    assert mine.points == Decimal("1.50")


def with_rule(rule: Rule) -> Story:
    definition = replace(known_at().indicator.versions[0], rule=rule)
    story = Story(known=known_at(indicator=Indicator(versions=(definition,))))
    story.when(SYSTEM.person, IssueTask(task=TASK_STREAM, indicator="line-loss", lead="ops"), local(2026, 2, 13, 15))
    story.when("ops-head", Accept(), local(2026, 2, 24))
    return story


def test_what_a_scorer_judges_is_neither_asked_of_a_report_nor_taken_from_one() -> None:
    by_hand = Manual(hi=Decimal(6))
    story = with_rule(by_hand)
    points = Number(name="points", value=Decimal(6))

    with pytest.raises(InputUnknown):
        story.when("ops-clerk", replace(report(), values=(points,)), APRIL_2)
    assert len(story.when("ops-clerk", replace(report(), values=()), APRIL_2)) == 1


def test_a_judged_score_needs_what_the_rule_asks_of_the_scorer_and_a_second_person() -> None:
    story = with_rule(Manual(hi=Decimal(6)))
    story.when("ops-clerk", replace(report(), values=()), APRIL_2)
    story.when("ops-head", SignReport(period="Q1"), APRIL_2)
    story.when("safety-clerk", AcceptReport(period="Q1"), local(2026, 4, 3))
    locked(story)
    story.when("ops-head", SelfScore(points=Decimal(6), ground="全部完成"), local(2027, 1, 20))
    judged = (
        Number(name="points", value=Decimal(5)),
        Text(name="reason", value="两项迟延"),
        Text(name="second_person", value="safety-clerk"),
    )

    (theirs,) = story.when("safety-head", ReviewScore(values=judged, second="safety-clerk"), local(2027, 1, 20))

    assert (theirs.points, theirs.computed.points) == (Decimal("5.00"), Decimal("5.00"))
