"""What a cycle calls for reaches its tasks and orders: rungs of scoring, other rules, the end of carrying in."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from temporalio.testing import ActivityEnvironment

from activities import Activities
from domain import names
from domain.cycle import AdoptRules, Cycle, Pinned
from domain.policy import Act, Relation, Rung
from domain.rule import PublishRule
from tests.company import Company, quick
from tests.workflows.test_year import YEAR, company_has
from workflows.messages import CallOut, CallTasks, Tasks


async def test_a_clock_that_lags_behind_the_servers_loses_no_rung_of_scoring(company: Company) -> None:
    await company.found()
    await company.open_cycle(["line-loss"], year=YEAR)
    await company.issue()
    await company.until(lambda: company_has(company, company.task(), "TaskIssued"))
    await company.report()
    await company.lock()
    cycle: Cycle = await company.state(company.cycle)
    assert cycle.locked is not None
    rung = cycle.locked.self_score.current  # A minute ahead of our clock; the server's says it is reached.

    assert await called(company, "self-score/1/due", rung - timedelta(seconds=1), owing_only=True) == 0
    assert await called(company, "self-score/1/due", rung, owing_only=True) == 1


async def test_other_rules_move_the_timers_that_run_already(company: Company) -> None:
    policies = quick()
    await company.found(policies)
    await company.open_cycle(["line-loss"], year=YEAR)
    await company.issue()
    await company.until(lambda: company_has(company, company.task(), "TaskIssued"))
    early = Rung(key="early", level=0, act=Act.REMIND, to=(Relation.LEAD_HEAD,), seconds=-55)  # Of sixty.
    ladders = replace(policies.ladders, accept=(early, *policies.ladders.accept))
    await company.does("system", names.rule("ladders"), PublishRule(rule="ladders", body=ladders))

    cycle: Cycle = await company.state(company.cycle)
    adopted = tuple(Pinned(rule=one.rule, version=2 if one.rule == "ladders" else one.version) for one in cycle.rules)
    await company.does("office-head", company.cycle, AdoptRules(rules=adopted, document="制度〔2026〕2号"))

    await company.until(lambda: company_has(company, company.task(), "ReminderSent"), within_s=40)


async def test_other_rules_reach_the_open_orders_too(company: Company) -> None:
    await company.found(quick(seconds=2))
    await company.open_cycle(["line-loss"], year=YEAR)
    await company.issue()
    await company.until(lambda: company_has(company, company.task(), "SupervisionLinked"))
    at = datetime.now(UTC)

    assert await called(company, "pre-assessment/2026Q1", at) == 1
    assert await called(company, "rules/2026", at) == await called(company, "carry-in-closed", at) == 2


async def called(company: Company, cause: str, at: datetime, *, owing_only: bool = False) -> int:
    """Call the cycle's tasks as its workflow would, and give how many were nudged."""
    call = CallOut(cause=cause, at=at, owing_only=owing_only, tasks=1)
    tasks = Tasks(cycle=company.cycle, first=0, limit=100)
    return await ActivityEnvironment().run(Activities(company.dukao).wake_tasks, CallTasks(tasks=tasks, call=call))
