"""From a workbook to a plan, or to every fault in it. Nothing is created here, and nothing is created of a workbook with one fault."""

from datetime import UTC, date, datetime, time
from pathlib import Path
from uuid import UUID

from application.seeds.policies import SEEDS
from application.workbook.checking import Checking, Parsed
from application.workbook.company import company_of
from application.workbook.documents import policy_of
from application.workbook.fault import Cell, Code, Fault, Faults, Misfit
from application.workbook.indicators import indicators_of
from application.workbook.plan import CyclePlan, Plan, PlannedPolicy
from application.workbook.read import read
from application.workbook.sheets import CYCLE, DEPARTMENTS, POLICIES
from application.workbook.tasks import tasks_of
from domain import indicator, organisation, rule
from domain.decider import SYSTEM, Asked, Refused, Source, SourceKind
from domain.indicator import Indicator, PublishIndicator
from domain.organisation import Organisation, Register
from domain.rule import PublishRule, RecordKnown, Rule
from event_store.codec import to_bytes

YEARS = range(1990, 2100)


def plan_of(source: Path | bytes, *, today: date, known: Organisation | None = None) -> Plan | list[Fault]:
    """Give the plan a workbook holds, or all its faults.

    ``today`` is the office's day: who must be in place is judged on it, or on the cycle's first day if that is later. ``known`` is the
    organisation so far: a workbook may refer to it, and needs none of its own then. Pure but for reading the file; idempotent.
    """
    faults = Faults()
    book = read(source, faults)
    if not book.rows:
        return faults.sorted()
    checking = Checking(book=book, faults=faults, known=known or Organisation(), today=today)
    cycle = _cycle(checking)
    since = min(cycle.starts, today) if cycle else today
    roster, contacts = company_of(checking, since)
    after = _registered(checking, roster)
    indicators = indicators_of(checking)
    on = min(max(today, cycle.starts), cycle.ends) if cycle else today
    tasks = tasks_of(checking, after, on)
    policies = _policies(checking)
    if cycle is None or faults.found:
        return faults.sorted()
    plan = Plan(cycle=cycle, register=roster, contacts=contacts, policies=policies, indicators=indicators, tasks=tasks)
    _rehearse(checking, plan, after)
    return faults.sorted() or plan


def _cycle(checking: Checking) -> CyclePlan | None:
    for parsed in checking.rows(CYCLE):
        year, starts, ends = parsed["year"], parsed["starts"], parsed["ends"]
        if starts and ends and ends <= starts:
            checking.add(Code.DATES_REVERSED, parsed.cell("ends"), f"晚于 {starts} 的日期", starts=starts, ends=ends)
            parsed.sound = False
        if year is not None and year not in YEARS:
            checking.add(Code.OUT_OF_BOUNDS, parsed.cell("year"), f"{YEARS.start} 到 {YEARS.stop - 1} 之间的年份")
            parsed.sound = False
        if parsed.sound:
            return CyclePlan(
                cycle=parsed["cycle"],
                name=parsed["name"],
                year=int(year),
                scope=parsed["scope"],
                starts=starts,
                ends=ends,
                calendar=parsed["calendar"] or "cn",
                carrying_in=bool(parsed["carrying_in"]),
            )
    return None


def _registered(checking: Checking, roster: Register) -> Organisation:
    """Give the organisation as it will be, as far as the roster makes sense."""
    state, asked = checking.known, _asked(checking.today)
    events: tuple[organisation.Event, ...] = (
        *roster.departments,
        *roster.posts,
        *roster.appointments,
        *roster.liaisons,
        *roster.fields,
    )
    for event in events:
        state = organisation.evolve(state, event, asked)
    return state


def _policies(checking: Checking) -> tuple[PlannedPolicy, ...]:
    stated: dict[str, PlannedPolicy] = {}
    seen: dict[str, int] = {}
    for parsed in checking.rows(POLICIES):
        if parsed["policy"] and checking.once(parsed, "policy", parsed["policy"], seen) and parsed["body"]:
            policy = _policy(checking, parsed)
            if policy is not None:
                stated[policy.rule] = policy
    return tuple(stated.get(key) or PlannedPolicy(rule=key, body=body, seed=True) for key, body in SEEDS.items())


def _policy(checking: Checking, parsed: Parsed) -> PlannedPolicy | None:
    key = parsed["policy"]
    try:
        body = policy_of(key, parsed["body"])
        rule.decide(PublishRule(rule=key, body=body), Rule(), RecordKnown(organisation=Organisation()), _asked(checking.today))
    except Misfit as misfit:
        checking.faults.misfit(misfit, parsed.cell("body"))
    except Refused as refusal:
        zh, en = refusal.sentence("zh"), refusal.sentence("en")
        checking.add(Code.POLICY_UNFIT, parsed.cell("body"), "按时间先后排列的阶梯", why_zh=zh, why_en=en)
    else:
        return PlannedPolicy(rule=key, body=body, document=parsed["document"] or "")
    return None


def _rehearse(checking: Checking, plan: Plan, after: Organisation) -> None:
    """Decide everything once in memory and write it as it would be stored, so that the real start meets no surprise."""
    asked, known = _asked(checking.today), RecordKnown(organisation=after)
    try:
        organisation.decide(plan.register, checking.known, None, asked)
    except Refused as refusal:
        _refused(checking, refusal, DEPARTMENTS.name, 0)
    for planned in plan.indicators:
        sheet, _, row = planned.place.partition("!")
        try:
            for event in indicator.decide(PublishIndicator(definition=planned.definition), Indicator(), known, asked):
                to_bytes(event)
        except Refused as refusal:
            _refused(checking, refusal, sheet, int(row))


def _refused(checking: Checking, refusal: Refused, sheet: str, row: int) -> None:
    place = Cell(sheet=sheet, row=row, column="", header="")
    checking.add(Code.REFUSED, place, "见上句", zh=refusal.sentence("zh"), en=refusal.sentence("en"))


def _asked(today: date) -> Asked:
    """Give who asks in a rehearsal: nobody, and nothing of it is kept."""
    at = datetime.combine(today, time(12), UTC)
    return Asked(id=UUID(int=0), by=SYSTEM, at=at, source=Source(kind=SourceKind.COMMAND_LINE))
