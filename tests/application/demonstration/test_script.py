"""What is played in the demonstration: the same acts each time, in order, by people who may, with something for every desk."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from pydantic import SecretStr

from application.demonstration.cast import Cast
from application.demonstration.plan import demonstration_digest, demonstration_plan
from application.demonstration.play import of_cycle, scene_of
from application.demonstration.player import Player
from application.demonstration.script import Act, Scene, Story, absent_head, acts_of_task, stories
from application.demonstration.values import inputs_for
from application.dukao import open_dukao
from application.execute import execute
from application.settings import Settings
from application.workbook.start import start_cycle
from domain.cycle import IssueCycle, task_streams
from domain.decider import SYSTEM, Asked, Source, SourceKind, derived
from domain.task.commands import AcceptReport, IssueTask, SignReport, SubmitReport
from domain.task.state import Task
from tests.conftest import run_apart
from tests.stores import fresh_database

pytestmark = pytest.mark.timeout(180)

TODAY = datetime(2026, 11, 23, 2, tzinfo=UTC)
Issued = tuple[Scene, Mapping[str, Task]]


@pytest.fixture(scope="module")
def issued(postgres: object, migrated_template: str, tmp_path_factory: pytest.TempPathFactory) -> Issued:
    """The demonstration's tasks, issued, and the scene they are played in."""
    with fresh_database(postgres, migrated_template) as database:  # type: ignore[arg-type]
        settings = Settings(
            database_url=SecretStr(database.app), temporal_address="nowhere:1", evidence_dir=tmp_path_factory.mktemp("evidence")
        )
        return run_apart(_issued(settings))


def test_the_same_plan_gives_the_same_acts(issued: Issued) -> None:
    assert _acts(issued) == _acts(issued)


def test_every_story_is_told(issued: Issued) -> None:
    scene, tasks = issued

    told = [story for its in stories(tasks, scene.cast).values() for story in its]
    assert set(told) == set(Story)


def test_every_act_has_a_name_of_its_own_and_comes_after_the_one_before(issued: Issued) -> None:
    for stream, acts in _acts(issued).items():
        names = [(act.person, act.key) for act in acts]
        assert len(set(names)) == len(names), stream
        assert all(one.at <= other.at for one, other in pairwise(acts)), stream


def test_a_report_its_signature_and_its_review_are_in_different_hands(issued: Issued) -> None:
    for stream, acts in _acts(issued).items():
        hands = [
            {act.person for act in acts if isinstance(act.command, kind) and not act.on_behalf_of}
            for kind in (SubmitReport, SignReport, AcceptReport)
        ]
        assert not hands[2] & (hands[0] | hands[1]), stream


def test_values_are_never_of_a_day_that_has_not_come(issued: Issued) -> None:
    scene, _ = issued

    for acts in _acts(issued).values():
        for act in acts:
            if isinstance(act.command, SubmitReport):
                assert act.command.as_of <= scene.calendar.local_day(act.at)


def test_the_absent_head_has_signatures_waiting(issued: Issued) -> None:
    scene, tasks = issued
    told = stories(tasks, scene.cast)

    away = absent_head(tasks, scene.cast)
    unsigned = [stream for stream, its in told.items() if Story.UNSIGNED in its]
    assert unsigned
    assert {scene.cast.signer(tasks[stream].parties) for stream in unsigned} == {away}


def test_a_part_nobody_can_play_is_named(issued: Issued) -> None:
    scene, _ = issued
    empty = Cast(organisation=scene.cast.organisation, on=scene.cast.on - timedelta(days=3_650))

    with pytest.raises(Exception, match="top leader") as raised:
        empty.top_leader()
    assert "主要负责人" in str(raised.value)


def _acts(issued: Issued) -> Mapping[str, list[Act]]:
    scene, tasks = issued
    told = stories(tasks, scene.cast)
    return {stream: list(acts_of_task(stream, task, told[stream], scene, inputs_for)) for stream, task in tasks.items()}


async def _issued(settings: Settings) -> Issued:
    """Plan the demonstration and issue its tasks through the one write path, without Temporal."""
    plan = demonstration_plan(TODAY.date())
    async with open_dukao(settings, temporal=False) as dukao:
        entered = datetime.combine(plan.cycle.starts, datetime.min.time(), UTC)
        digest = demonstration_digest()
        report = await start_cycle(dukao, plan, source_digest=digest, door=SourceKind.IMPORT, at=entered, demonstration=True)
        assert report.refused is None, report.refused
        source = Source(kind=SourceKind.IMPORT, digest=digest)
        player = Player(dukao=dukao, cycle=plan.cycle.cycle, source=source)
        scene = await scene_of(player, TODAY)
        issue = IssueCycle(document="1", issuer="公司")
        await player.act(of_cycle(player, entered + timedelta(hours=3), scene.cast.top_leader(), issue, "issue"))
        for stream in task_streams(player.cycle, await player.state()):
            _, _, indicator, lead = stream.split("/")
            asked = Asked(
                id=derived(stream, "issue"), by=SYSTEM, at=entered + timedelta(hours=3), source=Source(kind=SourceKind.EFFECT)
            )
            command = IssueTask(task=stream, indicator=indicator, lead=lead)
            await execute(dukao.ledger, stream, command, asked, now=datetime.now(UTC))
        return scene, await player.tasks()
