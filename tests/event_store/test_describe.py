"""docs/events.md says what the types say."""

from domain import DECIDERS
from event_store.describe import PAGE, page


def test_the_page_is_the_one_the_types_give() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run: python -m event_store.describe"


def test_every_event_is_on_the_page_with_its_label() -> None:
    told = page()

    for decider in DECIDERS:
        for event in decider.events:
            assert f"### {event.__name__}\n\n{(event.__doc__ or '').split()[0]}" in told


def test_what_events_are_made_of_is_on_the_page() -> None:
    told = page()

    assert all(
        f"### {name}\n" in told for name in ("Asked", "Actor", "Evidence", "Scored", "Line", "DueDates", "Calendar", "TargetStep")
    )
    assert "| ReturnCode | `evidence-incomplete`" in told
    assert "object at" not in told
    assert "typing." not in told
