"""A supervision order: handled by the department, struck off by the supervisor, told to the task."""

from datetime import datetime, timedelta

import pytest

from domain.authority import NotEntitled
from domain.deadline import due_at
from domain.decider import SYSTEM
from domain.order import (
    ORDER,
    ArchiveOrder,
    ClaimCompletion,
    Colour,
    ColourRaised,
    Completion,
    CompletionClaimed,
    FeedbackIsEmpty,
    GiveFeedback,
    NotPossibleForTheOrder,
    OrderCause,
    OrderStage,
    Quality,
    RegisterOrder,
    ReturnedForRework,
    SignForOrder,
    SupervisionArchived,
    SupervisionClosed,
    VerificationNeedsAComment,
    VerifyOrder,
)
from tests.domain.story import TASK_STREAM, Story, known_at, local

NAME = "order/2026/line-loss/ops/gap-Q1"
APRIL_20 = local(2026, 4, 20)
DUE = local(2026, 5, 8, 17, 30)
DONE = VerifyOrder(completion=Completion.DONE, quality=Quality.GOOD, comment="现场核查，线损已降")


def registered(colour: Colour = Colour.YELLOW) -> Story:
    story = Story(known=known_at(), decider=ORDER)
    command = RegisterOrder(
        order=NAME,
        task=TASK_STREAM,
        cause=OrderCause.PRE_ASSESSMENT_GAP,
        matter="Q1",
        lead="ops",
        responsible="ops-clerk",
        deputy_leader="deputy",
        due=due_at(DUE),
        colour=colour,
    )
    story.when(SYSTEM.person, command, local(2026, 4, 15))
    assert story.when(SYSTEM.person, command, local(2026, 4, 15)) == []
    return story


def claimed(at: datetime = APRIL_20) -> Story:
    story = registered()
    story.when("ops-clerk", SignForOrder(), local(2026, 4, 16))
    story.when("ops-clerk", GiveFeedback(measures="逐台区排查", progress="完成 12 个台区"), local(2026, 4, 17))
    story.when("ops-head", ClaimCompletion(summary="高损台区已治理"), at)
    return story


def test_the_handler_says_done_and_the_supervisor_strikes_it_off() -> None:
    story = claimed()

    with pytest.raises(NotEntitled):
        story.when("ops-head", DONE, local(2026, 4, 21))
    (closed,) = story.when("supervisor", DONE, local(2026, 4, 21))

    assert isinstance(closed, SupervisionClosed)
    assert (closed.late, story.state.stage) == (False, OrderStage.CLOSED)


def test_completion_and_quality_are_two_verdicts_and_poor_quality_goes_back() -> None:
    story = claimed()
    poor = VerifyOrder(completion=Completion.DONE, quality=Quality.POOR, comment="台账未更新")

    (returned,) = story.when("supervisor", poor, local(2026, 4, 21))

    assert returned == ReturnedForRework(completion=Completion.DONE, quality=Quality.POOR, comment="台账未更新")
    assert story.state.stage is OrderStage.IN_HANDLING


def test_empty_feedback_and_a_verdict_without_words_are_refused() -> None:
    story = registered()
    story.when("ops-clerk", SignForOrder(), local(2026, 4, 16))

    with pytest.raises(FeedbackIsEmpty):
        story.when("ops-clerk", GiveFeedback(measures=" ", progress="x"), local(2026, 4, 17))
    with pytest.raises(VerificationNeedsAComment):
        claimed().when(
            "supervisor", VerifyOrder(completion=Completion.DONE, quality=Quality.GOOD, comment=""), local(2026, 4, 21)
        )


def test_nothing_is_claimed_before_it_is_signed_for() -> None:
    with pytest.raises(NotPossibleForTheOrder):
        registered().when("ops-head", ClaimCompletion(summary="x"), local(2026, 4, 16))


def test_a_claim_after_the_scoring_date_is_late_for_ever() -> None:
    story = claimed(DUE + timedelta(seconds=1))
    assert isinstance(story.events[-1], CompletionClaimed)
    story.when("supervisor", DONE, DUE + timedelta(days=1))

    assert story.state.closed.late is True


def test_an_overdue_order_turns_yellow_then_red() -> None:
    story = registered()

    told = story.until(local(2026, 5, 20))

    raised = [event for event in told if isinstance(event, ColourRaised)]
    assert [(event.rung, event.colour) for event in raised] == [("due", Colour.YELLOW), ("red-3", Colour.RED)]
    assert raised[-1].to == ("ops-head", "leader")


def test_an_order_that_began_red_stays_red() -> None:
    told = registered(Colour.RED).until(local(2026, 5, 20))

    assert {event.colour for event in told if isinstance(event, ColourRaised)} == {Colour.RED}


def test_a_closed_order_owes_its_outcome_until_it_is_archived() -> None:
    story = claimed()
    assert ORDER.owes(story.state) == ()
    story.when("supervisor", DONE, local(2026, 4, 21))

    (owed,) = ORDER.owes(story.state)
    assert (owed.stream, owed.command.quality, owed.at) == (TASK_STREAM, Quality.GOOD, local(2026, 4, 21))
    assert story.when(SYSTEM.person, ArchiveOrder(), local(2026, 4, 21)) == [SupervisionArchived()]
    assert ORDER.owes(story.state) == ()
