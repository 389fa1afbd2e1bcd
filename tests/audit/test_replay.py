"""A stream is replayed out of the log alone, to any position or instant, and every score comes out as it was stored."""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from audit.replay import StreamUnknown, recompute, replay
from domain import names
from event_store.codec import canonical
from event_store.log import Recorded
from event_store.memory import MemoryLog
from tests.company import Company
from tests.domain.story import local
from tests.projections.histories import ARREARS, CODEC, CYCLE, LINE, MERIT, play


@pytest.fixture
async def company(tmp_path: Path) -> Company:
    """The company at the end of its year."""
    return await play(tmp_path)


async def test_every_score_of_the_year_comes_out_of_the_log_to_the_byte(company: Company) -> None:
    scores = [score for stream in (LINE, ARREARS, MERIT) for score in await recompute(company.dukao.log, CODEC, stream)]

    assert [score.type for score in scores] == ["PreAssessmentRun", "SelfScored", "ReviewScored"] * 3
    assert all(score.same for score in scores)
    assert all(json.loads(score.again)["lines"] for score in scores)


async def test_a_score_that_was_tampered_with_is_told(company: Company) -> None:
    forged = MemoryLogWith(company, "SelfScored", '"exact":"0.3"', '"exact":"0.4"')

    [_, self_scored, review] = (await replay(forged, CODEC, LINE)).scores

    assert not self_scored.same
    assert review.same


async def test_a_replay_to_a_position_ends_in_the_state_the_stream_had_there(company: Company) -> None:
    events = await company.dukao.log.read(LINE)
    middle = events[len(events) // 2]

    replayed = await replay(company.dukao.log, CODEC, LINE, upto=middle.position)

    state = await company.ledger.state_of(LINE, upto=middle.position)
    assert replayed.state == json.loads(canonical(state))
    assert replayed.version == middle.version
    assert replayed.steps[-1].position <= middle.position


async def test_the_cycles_decisions_stand_among_a_tasks_steps(company: Company) -> None:
    replayed = await replay(company.dukao.log, CODEC, LINE)

    of_the_cycle = [step.type for step in replayed.steps if step.stream == names.cycle(CYCLE)]
    assert of_the_cycle == [
        "PreAssessmentCalled",
        "DataLocked",
        "ResultApproved",
        "ResultPublicised",
        "ResultFinalised",
        "CyclePackageArchived",
    ]
    assert replayed.stage == "archived"
    assert [step.position for step in replayed.steps] == sorted(step.position for step in replayed.steps)


async def test_what_was_recorded_by_an_instant_is_not_what_had_happened_by_then(company: Company) -> None:
    first_quarter = local(2026, 4, 3, 20)

    happened = await replay(company.dukao.log, CODEC, LINE, at=first_quarter, sense="occurred")
    with pytest.raises(StreamUnknown) as nothing:  # The test's log was recorded today.
        await replay(company.dukao.log, CODEC, LINE, at=first_quarter)

    assert happened.state["reports"]["Q1"]["stage"] == "accepted"
    assert happened.state["reports"]["Q2"]["stage"] == "not-open"
    assert LINE in nothing.value.zh


async def test_a_replay_to_the_last_recorded_instant_is_the_whole_stream(company: Company) -> None:
    last = (await company.dukao.log.read_all())[-1].recorded_at

    assert await replay(company.dukao.log, CODEC, LINE, at=last) == await replay(company.dukao.log, CODEC, LINE)
    assert (await company.dukao.log.head_at(last - timedelta(days=1))) == -1


async def test_a_step_says_who_in_which_post_under_which_rules(company: Company) -> None:
    steps = {step.type: step for step in (await replay(company.dukao.log, CODEC, LINE)).steps}

    late = steps["ReportSubmitted"]
    assert (late.person, late.post, late.department) == ("office-clerk", "office-clerk", "office")
    assert (late.on_behalf_of, late.reason) == ("ops-clerk", "责任人出差")
    assert {"calendar/cn", "rule/ladders", "rule/limits", "rule/duties", "organisation", "cycle/2026"} <= late.versions.keys()
    assert "代录" in late.sentence.zh
    assert steps["EscalationRaised"].source == "timer"


@pytest.mark.parametrize("stream", ["organisation", "calendar/cn", "rule/ladders", "indicator/line-loss", "cycle/2026"])
async def test_every_kind_of_stream_can_be_replayed(company: Company, stream: str) -> None:
    replayed = await replay(company.dukao.log, CODEC, stream)

    assert len(replayed.steps) == len(await company.dukao.log.read(stream))
    assert json.dumps(replayed.state)


async def test_orders_and_refusals_can_be_replayed_too(company: Company) -> None:
    [order, *_] = await company.dukao.log.streams("order/")

    assert (await replay(company.dukao.log, CODEC, order)).state["stage"] in {"archived", "assigned"}
    assert (await replay(company.dukao.log, CODEC, names.refusal(LINE))).state["count"] == 1


class MemoryLogWith(MemoryLog):
    """A copy of a log in which the payload of one type was changed: what nobody may ever do."""

    def __init__(self, company: Company, kind: str, old: str, new: str) -> None:
        super().__init__()
        self._real = company.dukao.log
        self._kind, self._old, self._new = kind, old.encode(), new.encode()

    async def head(self) -> int:
        return await self._real.head()

    async def read(self, stream: str, *, after: int = 0, upto: int | None = None) -> list[Recorded]:
        events = await self._real.read(stream, after=after, upto=upto)
        assert any(self._old in event.payload for event in events if event.type == self._kind) or not stream.startswith("task/")
        return [
            replace(event, payload=event.payload.replace(self._old, self._new)) if event.type == self._kind else event
            for event in events
        ]
