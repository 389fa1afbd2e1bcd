"""The demonstration played: a year carried in up to its third quarter, and then alive.

A play goes on where it stopped, whoever stopped it: everything it does has an id of its own, and what was done answers again.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from application.demonstration.cast import Cast
from application.demonstration.player import Player, now
from application.demonstration.script import (
    Act,
    Scene,
    Stories,
    Values,
    absent_head,
    acts_of_order,
    acts_of_task,
    moment,
    stories,
)
from application.known import calendar_of, policies_of
from domain import names
from domain.cycle import CallPreAssessment, CloseCarryIn, Cycle, IssueCycle, Phase
from domain.indicator import Frequency
from domain.organisation import RecordAbsence
from domain.periods import Period, periods
from domain.task.state import OrderAsked, Task

PRE_ASSESSED_AFTER = 10  # Working days after a quarter's end [handbook 3.3].
LABELS = {"Q1": "第一季度预考核", "Q2": "第二季度预考核", "Q3": "第三季度预考核", "Q4": "第四季度预考核"}


async def carry_in(player: Player, values: Values, *, upto: datetime) -> None:
    """Carry a planned cycle's history in up to an instant, and let the clocks run from then on.

    ``player`` acts as of the acts' own instants. Raises PlayStopped.
    """
    scene = await scene_of(player, upto)
    cycle = await player.state()
    if cycle.phase is not Phase.PLANNED and not cycle.carrying_in:
        return  # All this has happened.
    await _issue(player, scene, cycle)
    tasks = await player.tasks()
    told = stories(tasks, scene.cast)
    done_until = datetime.min.replace(tzinfo=upto.tzinfo)
    for period in _quarters(await player.state(), scene):
        called_at = moment(scene.calendar.closing(period.ends), PRE_ASSESSED_AFTER, player.stream, scene.calendar)
        if called_at > upto:
            break
        await player.lanes(await _lanes(player, scene, told, values, between=(done_until, called_at)))
        call = CallPreAssessment(period=period.key, label=LABELS[period.key])
        await player.act(of_cycle(player, called_at, scene.cast.office(), call, f"pre-assessment/{period.key}"))
        await player.pre_assessed(period.key)
        done_until = called_at
    await player.lanes(await _lanes(player, scene, told, values, between=(done_until, upto)))
    await _absence(player, scene, tasks)
    await _close_carry_in(player, scene)


async def scene_of(player: Player, upto: datetime) -> Scene:
    """Give where a play of the player's cycle acts."""
    ledger = player.dukao.ledger
    cycle = await player.state()
    assert cycle.opened is not None, "a play acts in a cycle that was opened"
    calendar = await calendar_of(ledger, cycle.opened.calendar, cycle.opened.calendar_version)
    policies = await policies_of(ledger, cycle.rules)
    cast = Cast(organisation=await player.state_of(names.ORGANISATION), on=calendar.local_day(upto))
    return Scene(cast=cast, calendar=calendar, limits=policies.limits, upto=upto)


def of_cycle(player: Player, at: datetime, person: str, command: object, key: str, *, reason: str = "") -> Act:
    """Give something done to the whole cycle."""
    return Act(at=at, stream=player.stream, person=person, command=command, key=key, reason=reason)


async def _issue(player: Player, scene: Scene, cycle: Cycle) -> None:
    assert cycle.opened is not None
    issued_at = moment(scene.calendar.closing(cycle.opened.starts), 2, player.stream, scene.calendar)
    issue = IssueCycle(document="演司绩〔演示〕1 号", issuer="公司绩效管理委员会", minutes="演示会议纪要 1 号")
    await player.act(of_cycle(player, issued_at, scene.cast.top_leader(), issue, "issue"))
    await player.called()
    await player.issued()


async def _lanes(
    player: Player, scene: Scene, told: Stories, values: Values, *, between: tuple[datetime, datetime]
) -> list[list[Act]]:
    """Give each task's acts of one stretch of time, those on its supervision orders among them, in order of time."""
    cycle = await player.state()
    lanes = []
    for stream, task in (await player.tasks()).items():
        acts = list(acts_of_task(stream, task, told[stream], scene, values))
        for asked in task.orders.values():
            acts += acts_of_order(asked, _registered_at(asked, cycle, scene), task, scene)
        lanes.append(sorted((act for act in acts if between[0] <= act.at < between[1]), key=lambda act: act.at))
    return lanes


def _registered_at(asked: OrderAsked, cycle: Cycle, scene: Scene) -> datetime:
    """Give when an order was opened: with its pre-assessment, else the working days of its limit before its due date."""
    called = dict(cycle.pre_assessments).get(asked.matter)
    if called is not None:
        return called
    due = scene.calendar.local_day(asked.due.original)
    return scene.calendar.opening(scene.calendar.add_workdays(due, -scene.limits.rectify.amount))


def _quarters(cycle: Cycle, scene: Scene) -> tuple[Period, ...]:
    assert cycle.opened is not None
    assert cycle.issued_at is not None
    opened = cycle.opened
    return periods(Frequency.QUARTER, opened.starts, opened.ends, cycle.issued_at, scene.limits, scene.calendar)


async def _absence(player: Player, scene: Scene, tasks: Mapping[str, Task]) -> None:
    away = absent_head(tasks, scene.cast)
    since = scene.calendar.local_day(scene.upto) - timedelta(days=2)
    command = RecordAbsence(person=away, since=since, until=since + timedelta(days=9), cause="外出培训（演示）")
    at = scene.calendar.opening(scene.calendar.roll_back(since))
    await player.act(Act(at=at, stream=names.ORGANISATION, person=away, command=command, key=f"absence/{player.cycle}"))


async def _close_carry_in(player: Player, scene: Scene) -> None:
    live = replace(player, source=None)
    await live.act(of_cycle(player, now(), scene.cast.office_head(), CloseCarryIn(), "close-carry-in"))
    player.done = live.done
    await player.called()
    await player.linked()
