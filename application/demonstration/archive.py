"""The rest of the year in a minute: a running cycle acted to its archive, with limits of seconds, by everybody it needs.

Every step looks at where the cycle and each task are, so a play that was stopped goes on.
"""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

from application.demonstration.play import of_cycle, scene_of
from application.demonstration.player import Player, PlayStopped, now, stopped_at, together
from application.demonstration.script import Act, Scene, chance
from application.known import policies_of
from domain import names
from domain.authority import Hands
from domain.calendar import DeadlineRule
from domain.cycle import AdoptRules, ApproveResults, ArchiveCycle, Cycle, LockData, Phase, Pinned, PubliciseResults
from domain.order import ClaimCompletion, Completion, Order, OrderStage, Quality, SignForOrder, VerifyOrder
from domain.policy import Act as RungAct
from domain.policy import Duty, Ladders, Limits, Policy, Relation, Rung
from domain.reported import Number, Numbers, Reported, Text, Texts
from domain.rule import PublishRule, Rule
from domain.scoring import InputSpec, inputs, judged_inputs
from domain.task.commands import AcceptReport, Consolidate, ReviewScore, SelfScore, SignReport
from domain.task.evaluation import evaluate, full_points, is_by_hand
from domain.task.facts import Adjustment
from domain.task.state import Report, ReportStage, Stage, Task, stage_of

SHARE_JUDGED = Decimal("0.9")  # What a scorer gives where the points are a judgement.
GROUND = "对照考评标准逐条核对（演示）"
DOCUMENT = "演司绩〔演示〕2 号"


async def to_archive(player: Player, *, seconds: int = 40, notice_seconds: int = 15, silent: bool = True) -> None:
    """Act a running cycle to its archive, now.

    ``seconds`` is how long people have for each step of scoring, ``notice_seconds`` how long the public notice lasts. One head says
    nothing if ``silent``, and the computed score stands when the time is up. Raises PlayStopped.
    """
    if (await player.state()).phase in {Phase.NONE, Phase.PLANNED}:
        raise PlayStopped(
            "周期尚未下达，不能演示到归档。请先执行 dukao up 或 dukao demo play。",
            "The cycle is not issued, so it cannot be played to its archive. Run dukao up or dukao demo play first.",
        )
    scene = await scene_of(player, now())
    if (await player.state()).phase is Phase.RUNNING:
        await _finish(player, scene)
        await _shorten(player, scene, seconds, notice_seconds)
        await player.act(of_cycle(player, now(), scene.cast.top_leader(), LockData(), "lock", reason="演示：提前关账"))
    if (await player.state()).phase is Phase.LOCKED:
        await player.called()
        await _score(player, scene, seconds if silent else None)
        approve = ApproveResults(minutes="演司绩委〔演示〕第 1 次会议纪要")
        await player.act(of_cycle(player, now(), scene.cast.top_leader(), approve, "approve"))
    if (await player.state()).phase is Phase.APPROVED:
        notice = PubliciseResults(document="演司绩〔演示〕公示 1 号")
        await player.act(of_cycle(player, now(), scene.cast.office(), notice, "publicise"))
    await player.until(lambda: _is_over(player), "公示期满定分", "the notice ends and the results are final")
    if (await player.state()).phase is Phase.FINAL:
        package = ArchiveCycle(document="演司绩〔演示〕归档 1 号")
        await player.act(of_cycle(player, now(), scene.cast.office(), package, "archive"))
    await player.called()


# What is left to do before the data are locked


async def _finish(player: Player, scene: Scene) -> None:
    """Let everything that was handed in be signed and reviewed, and every order be put right; what never came stays missing."""
    tasks = await player.tasks()
    orders: Mapping[str, Order] = await player.states_of(order for task in tasks.values() for order in task.orders)
    lanes = [_rest_of_reports(stream, task, scene) for stream, task in tasks.items()]
    lanes += [rest_of_order(stream, order, scene) for stream, order in orders.items()]
    await player.lanes(lanes)


def _rest_of_reports(stream: str, task: Task, scene: Scene) -> list[Act]:
    return [act for period, report in task.reports.items() for act in _rest_of_report(stream, task, period, report, scene)]


def _rest_of_report(stream: str, task: Task, period: str, report: Report, scene: Scene) -> list[Act]:
    signer = scene.cast.signer(task.parties)
    reporter = _one(report.hands, Duty.REPORT, "")
    version = f"{period}/{report.version}"
    sign = Act(at=now(), stream=stream, person=signer, command=SignReport(period=period), key=f"finish/sign/{version}")
    reviewer = scene.cast.reviewer(task.parties, reporter, _one(report.hands, Duty.SIGN, signer))
    accept = Act(at=now(), stream=stream, person=reviewer, command=AcceptReport(period=period), key=f"finish/accept/{version}")
    match report.stage:
        case ReportStage.SUBMITTED:
            return [sign, accept]
        case ReportStage.SIGNED:
            return [accept]
        case _:
            return []


def rest_of_order(stream: str, order: Order, scene: Scene) -> list[Act]:
    assert order.registered is not None
    head = scene.cast.head(order.registered.lead)
    supervisor = scene.cast.supervisor(head, _one(order.hands, Duty.RECTIFY, ""))
    done = VerifyOrder(completion=Completion.DONE, quality=Quality.ACCEPTABLE, comment="年末集中核验，同意销号（演示）。")
    steps: list[tuple[OrderStage, str, object, str]] = [
        (OrderStage.ASSIGNED, head, SignForOrder(), "sign-for"),
        (OrderStage.IN_HANDLING, head, ClaimCompletion(summary="整改完成（演示）。"), "claim"),
        (OrderStage.CLAIMED, supervisor, done, "verify"),
    ]
    stages = [stage for stage, *_ in steps]
    if order.stage not in stages:
        return []
    left = steps[stages.index(order.stage) :]
    return [
        Act(at=now(), stream=stream, person=who, command=what, key=f"finish/{key}/{order.returns}") for _, who, what, key in left
    ]


async def _shorten(player: Player, scene: Scene, seconds: int, notice_seconds: int) -> None:
    """Publish limits of seconds for scoring and notice, with the rungs that go with them, and let the cycle run under them."""
    head = scene.cast.office_head()
    rules = (await player.state()).rules
    policies = await policies_of(player.dukao.ledger, rules)
    bodies: dict[str, Policy] = {
        "limits": _short_limits(policies.limits, seconds, notice_seconds),
        "ladders": _short_ladders(policies.ladders),
    }
    adopted = []
    for pinned in rules:
        rule: Rule = await player.state_of(names.rule(pinned.rule))
        body = bodies.get(rule.bodies[pinned.version - 1].kind)
        if body is not None and body not in rule.bodies:
            publish = PublishRule(rule=pinned.rule, body=body, document=DOCUMENT)
            key = f"shorten/{player.cycle}/{pinned.rule}/{seconds}"
            await player.act(Act(at=now(), stream=names.rule(pinned.rule), person=head, command=publish, key=key))
            rule = await player.state_of(names.rule(pinned.rule))
        version = pinned.version if body is None else rule.bodies.index(body) + 1
        adopted.append(Pinned(rule=pinned.rule, version=version))
    adopt = AdoptRules(rules=tuple(adopted), document=DOCUMENT)
    await player.act(of_cycle(player, now(), head, adopt, f"shorten/{seconds}"))
    await player.called()


def _short_limits(limits: Limits, seconds: int, notice_seconds: int) -> Limits:
    step = DeadlineRule(amount=seconds, unit="seconds")
    notice = DeadlineRule(amount=notice_seconds, unit="seconds")
    return replace(limits, self_score=step, review_score=step, consolidate=step, notice=notice)


def _short_ladders(ladders: Ladders) -> Ladders:
    """Keep silence counting as a self-score at the due instant; nobody is chased within seconds."""
    deem = Rung(key="deem", level=2, act=RungAct.DEEM, to=(Relation.LEAD_HEAD,))
    return replace(ladders, self_score=(deem,), review_score=(), consolidate=())


# Scoring


async def _score(player: Player, scene: Scene, silent_for: int | None) -> None:
    """Score every task: by itself, by its reviewers, by the office. One head says nothing, unless that is None."""
    tasks, cycle = await player.tasks(), await player.state()
    silent, lowered, adjusted = _drawn(tasks)
    if silent_for is None:
        silent = ""
    player.expected = player.done + sum(_steps_left(stage_of(task, cycle)) for task in tasks.values())

    async def one(stream: str) -> None:
        await _score_once(player, stream, scene, cycle, lowered=stream == lowered, adjusted=stream == adjusted)

    async def outspoken() -> None:
        for _ in STEPS:  # All of one step before the next: nobody's time runs out while others are two steps ahead.
            await player.in_turn(one, [stream for stream in tasks if stream != silent])

    async def last(within_s: int) -> None:
        async def is_deemed() -> bool:
            task: Task = await player.state_of(silent)
            return task.stage not in UNSCORED

        await player.until(is_deemed, "逾期未自评，按计算分计", "silence counts as a self-score", within_s=within_s + 120)
        for _ in STEPS:
            await one(silent)

    await together([outspoken(), last(silent_for)] if silent and silent_for is not None else [outspoken()])

    async def all_consolidated() -> bool:
        return not await player.unconsolidated()

    await player.until(all_consolidated, "全部任务汇总", "all tasks are consolidated")


def _drawn(tasks: Mapping[str, Task]) -> tuple[str, str, str]:
    """Draw the task whose head says nothing, the one that is scored lower than computed, and the one that is adjusted."""
    drawn = sorted((stream for stream, task in tasks.items() if not is_by_hand(task)), key=chance)
    silent, lowered, adjusted = (*drawn, "", "", "")[:3]
    return silent, lowered, adjusted


def _steps_left(stage: Stage) -> int:
    return len(STEPS) - STEPS.index(stage) if stage in STEPS else 0


STEPS = (Stage.DATA_LOCKED, Stage.SELF_SCORED, Stage.REVIEW_SCORED)
UNSCORED = frozenset({Stage.ISSUED, Stage.ACCEPTED, Stage.IN_EXECUTION, Stage.DATA_LOCKED})


async def _score_once(player: Player, stream: str, scene: Scene, cycle: Cycle, *, lowered: bool, adjusted: bool) -> None:
    """Take one task through the step of scoring that is before it, if one is."""
    task: Task = await player.state_of(stream)
    command: SelfScore | ReviewScore | Consolidate
    match stage_of(task, cycle):
        case Stage.DATA_LOCKED:
            person, command, key = scene.cast.head(task.parties.lead), SelfScore(), "self-score"
        case Stage.SELF_SCORED:
            person = scene.cast.reviewer(task.parties, *_hands(task))
            command, key = _review(task, scene, person, lowered=lowered), "review-score"
        case Stage.REVIEW_SCORED:
            person = scene.cast.office(*_hands(task))
            command, key = _consolidation(task, scene, adjusted=adjusted), "consolidate"
        case _:
            return
    act = Act(at=now(), stream=stream, person=person, command=command, key=key)
    answer = await player.attempt(act)
    if answer.status == "refused":
        moved: Task = await player.state_of(stream)
        if moved.stage is task.stage:  # Else the time was up, and silence has spoken first.
            raise stopped_at(act, answer)


def _review(task: Task, scene: Scene, person: str, *, lowered: bool) -> ReviewScore:
    second = scene.cast.office(person)
    rule = task.the.definition.rule
    if is_by_hand(task):
        judged = tuple(value for spec in inputs(rule) if spec.name in judged_inputs(rule) for value in _judged(spec, second))
        return ReviewScore(values=judged, ground=GROUND, second=second)
    computed = evaluate(task, final=True)
    if computed.points is None:  # A gate or a verdict brings no points; the reviewer says so.
        return ReviewScore(points=Decimal(0), ground="本项只定结论，不计分（演示）", second=second)
    if lowered and computed.points >= 1:
        return ReviewScore(points=computed.points - Decimal("0.50"), ground="佐证一处不完整，酌情扣分（演示）", second=second)
    return ReviewScore()


def _judged(spec: InputSpec, second: str) -> tuple[Reported, ...]:
    """Give what the scorer enters for one input of a rule that is judged by hand."""
    if not spec.required:
        return ()
    low, high = spec.minimum or Decimal(0), spec.maximum if spec.maximum is not None else Decimal(100)
    given = (low + (high - low) * SHARE_JUDGED).quantize(Decimal("0.1"))
    match spec.type:
        case "number" | "count":
            return (Number(name=spec.name, value=given),)
        case "numbers":
            return (Numbers(name=spec.name, value=(given, given, given)),)
        case "choice":
            return (Text(name=spec.name, value=spec.options[0]),)
        case "choices":
            return (Texts(name=spec.name, value=(spec.options[0],) * 3),)
        case _:
            return (Text(name=spec.name, value=second if "second" in spec.name else GROUND),)


def _consolidation(task: Task, scene: Scene, *, adjusted: bool) -> Consolidate:
    before = task.points
    if not adjusted or before is None or before + 1 > full_points(task):
        return Consolidate()
    reason = "上级认定的不可抗力影响予以剔除（演示）"
    second = scene.cast.top_leader()
    return Consolidate(adjustment=Adjustment(before=before, after=before + Decimal("0.50"), reason=reason, second=second))


def _hands(task: Task) -> tuple[str, ...]:
    """Give everybody who had a part in the task's accepted reports or its score so far."""
    return tuple(sorted(person for persons in task.all_hands.values() for person in persons))


def _one(hands: Hands, duty: Duty, otherwise: str) -> str:
    """Give the person who did a duty, where one did."""
    return min(hands.get(duty, frozenset()), default=otherwise)


async def _is_over(player: Player) -> bool:
    return (await player.state()).phase in {Phase.FINAL, Phase.ARCHIVED}
