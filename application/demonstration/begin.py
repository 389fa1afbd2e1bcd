"""How a demonstration begins: the store is marked, the cycle planned from its workbook, everybody given a way to sign in."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from application.accounts import create_accounts
from application.demonstration.cast import Cast
from application.demonstration.plan import demonstration_digest, demonstration_plan
from application.demonstration.play import carry_in
from application.demonstration.player import Player, PlayStopped, Progress
from application.demonstration.values import inputs_for
from application.dukao import Dukao
from application.seeds import seed_calendar
from application.store import mark
from application.workbook.start import start_cycle
from domain import names
from domain.decider import Source, SourceKind
from domain.organisation import Organisation

COMPANY = "演示县供电公司"
PASSWORD = "demonstration"  # noqa: S105  Everything here is invented, and everybody may look at it as anybody.
AHEAD = timedelta(days=7)  # The plan is entered that long before the year begins.


@dataclass(frozen=True, kw_only=True)
class SignIn:
    """A way into the demonstration: ``login`` with the shared password."""

    login: str
    role: str


async def begin(dukao: Dukao, progress: Progress) -> str:
    """Mark the store as a demonstration, plan its cycle and give the cycle's id. Begun again, it goes on where it stopped.

    The year is laid out around the day the store was marked, so that it is the same year whenever the play goes on.

    Raises:
        StoreIsForSomethingElse, DemonstrationIsMissing, PlayStopped.
    """
    marked = await mark(dukao.engine, "demonstration", COMPANY)
    calendar = seed_calendar()
    plan = demonstration_plan(calendar.local_day(marked.since))
    entered_at = calendar.opening(calendar.roll_back(plan.cycle.starts - AHEAD)) + timedelta(hours=1)
    report = await start_cycle(
        dukao,
        plan,
        source_digest=demonstration_digest(),
        door=SourceKind.IMPORT,
        at=entered_at,
        demonstration=True,
        progress=lambda what, done, of: progress(done, of, what),
    )
    if report.refused is not None:
        raise PlayStopped(
            f"演示中断：{report.place}：{report.refused.zh}", f"The play stops: {report.place}: {report.refused.en}"
        )
    people = dict.fromkeys(appointment.person for appointment in plan.register.appointments)
    await create_accounts(dukao.engine, [(person, person) for person in people], PASSWORD)
    return plan.cycle.cycle


async def play(dukao: Dukao, progress: Progress) -> str:
    """Begin the demonstration and play it to the end of its third quarter, where it goes on living; give the cycle's id.

    Raises as ``begin`` does.
    """
    cycle = await begin(dukao, progress)
    marked = await mark(dukao.engine, "demonstration", COMPANY)
    source = Source(kind=SourceKind.IMPORT, place="demonstration", digest=demonstration_digest())
    player = Player(dukao=dukao, cycle=cycle, source=source, progress=progress)
    await carry_in(player, inputs_for, upto=marked.since)
    return cycle


async def sign_ins(dukao: Dukao, at: datetime) -> tuple[SignIn, ...]:
    """Give a few people to sign in as, one of each kind."""
    organisation: Organisation = await dukao.ledger.state_of(names.ORGANISATION)
    cast = Cast(organisation=organisation, on=seed_calendar().local_day(at))
    business = next(d.department for d in organisation.departments.values() if organisation.liaisons_of(d.department, cast.on))
    return (
        SignIn(login=cast.office_head(), role="绩效办主任 / head of the performance office"),
        SignIn(login=cast.office(cast.office_head()), role="绩效办 / performance office"),
        SignIn(login=cast.head(business), role="部门负责人 / department head"),
        SignIn(login=cast.liaison(business), role="联络员 / liaison"),
        SignIn(login=cast.supervisor(), role="督查 / supervisor"),
        SignIn(login=cast.top_leader(), role="主要负责人 / top leader"),
    )
