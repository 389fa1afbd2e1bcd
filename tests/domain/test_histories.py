"""What holds for any sequence of commands and times."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from domain import DECIDERS
from domain.authority import MAY
from domain.decider import Refused
from domain.policy import Duty
from domain.task import TASK
from domain.task.commands import Accept, AcceptReport, DeliverContribution, ReturnReport, SelfScore, SignReport
from domain.task.facts import ReportSubmitted, ReturnCode
from domain.task.state import ReportStage
from tests.domain.story import PEOPLE, Story, issued, local, report

PERIODS = ("Q1", "Q2", "Q3", "Q4")
COMMANDS: tuple[Callable[[str], Any], ...] = (
    lambda _: Accept(),
    lambda period: DeliverContribution(period=period, note="x"),
    lambda period: report("11.5", period, date(2026, 3, 31)),
    lambda period: SignReport(period=period),
    lambda period: AcceptReport(period=period),
    lambda period: ReturnReport(period=period, code=ReturnCode.VALUE_IMPLAUSIBLE),
    lambda _: SelfScore(points=Decimal(3), ground="x"),
)
STEPS = st.lists(
    st.tuples(
        st.sampled_from(sorted(PEOPLE)),
        st.sampled_from(COMMANDS),
        st.sampled_from(PERIODS),
        st.integers(min_value=0, max_value=30 * 24),
    ),
    max_size=25,
)


def told(steps: list[tuple[str, Callable[[str], Any], str, int]]) -> Story:
    """Tell a random story; what is refused changes nothing."""
    story, at = issued(), local(2026, 2, 13, 15)
    for person, make, period, hours in steps:
        at += timedelta(hours=hours)
        story.until(at, inclusive=False)
        before = story.state
        try:
            story.when(person, make(period), at)
        except Refused:
            assert story.state == before
    return story


@settings(max_examples=80, deadline=None)
@given(STEPS)
def test_any_history_keeps_its_promises(steps: list[tuple[str, Callable[[str], Any], str, int]]) -> None:
    story = told(steps)

    submitted = [event for event in story.events if isinstance(event, ReportSubmitted)]
    for period in PERIODS:
        of_period = [event for event in submitted if event.period == period]
        assert [event.version for event in of_period] == list(range(1, len(of_period) + 1))
        lates = [event.late for event in of_period]
        assert lates == sorted(lates), "a late flag is never lifted"
    for one in story.state.reports.values():
        if one.stage is ReportStage.ACCEPTED:
            assert one.version > 0
            assert Duty.SIGN in one.hands
    rungs = [(e.deadline, e.number, e.rung) for e in story.events if hasattr(e, "rung") and hasattr(e, "deadline")]
    assert len(rungs) == len(set(rungs)), "a rung fires once"


@settings(max_examples=40, deadline=None)
@given(STEPS)
def test_what_falls_due_comes_in_order_and_passes(steps: list[tuple[str, Callable[[str], Any], str, int]]) -> None:
    story = told(steps)

    dues = TASK.wakes(story.state, story.known)
    assert [due.at for due in dues] == sorted(due.at for due in dues)
    assert len({due.key for due in dues}) == len(dues)


def test_every_command_of_every_stream_that_asks_for_rights_is_in_the_table() -> None:

    commands = {command.__name__ for decider in DECIDERS if decider.name != "organisation" for command in decider.commands}
    assert commands <= MAY.keys()
    assert MAY.keys() - commands == {"Wake"}
