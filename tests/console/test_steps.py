"""Which steps have their turn, for whom, and what makes an open form stale."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from console.offers import awaited, offers
from console.steps import cycle_steps, order_steps, task_steps
from console.visitor import Visitor
from console.words import Words
from domain.authority import Parties
from domain.cycle import Cycle, CycleOpened, Phase
from domain.deadline import Deadline, due_at
from domain.order import Colour, Order, OrderCause, OrderStage, SupervisionRegistered
from domain.organisation import (
    Appointed,
    AuthorisationGranted,
    DepartmentEstablished,
    DepartmentKind,
    Organisation,
    PostEstablished,
    Role,
)
from domain.policy import Duties, Duty, Relation
from domain.task.state import Task

DUE = datetime(2026, 10, 15, 9, 30, tzinfo=UTC)
ON = date(2026, 10, 10)
WORDS = Words("zh")
POSTS = {
    "leader": ("company", Role.TOP_LEADER),
    "clerk": ("office", Role.OFFICE),
    "head": ("ops", Role.HEAD),
    "staff": ("ops", Role.STAFF),
}
POSTS |= {"supervisor": ("office", Role.SUPERVISION), "auditor": ("audit", Role.AUDITOR), "other": ("sales", Role.HEAD)}
ORGANISATION = Organisation(
    departments={d: DepartmentEstablished(department=d, name=d, kind=DepartmentKind.FUNCTIONAL) for d, _ in POSTS.values()},
    posts={p: PostEstablished(post=p, department=d, title=p, roles=(role,)) for p, (d, role) in POSTS.items()},
    appointments=tuple(Appointed(person=p, post=p, since=date(2020, 1, 1)) for p in POSTS),
)
CYCLE = Cycle(
    phase=Phase.RUNNING,
    opened=CycleOpened(
        name="2026年度",
        year=2026,
        scope="company",
        starts=date(2026, 1, 1),
        ends=date(2026, 12, 31),
        calendar="cn",
        calendar_version=1,
        rules=(),
        carrying_in=False,
        demonstration=False,
    ),
)
ORDER = Order(
    stage=OrderStage.ASSIGNED,
    registered=SupervisionRegistered(
        order="order/1/2/ops/gap-Q1",
        task="task/1/2/ops",
        cause=OrderCause.PRE_ASSESSMENT_GAP,
        matter="Q1",
        lead="ops",
        responsible="staff",
        deputy_leader="",
        due=due_at(DUE),
        colour=Colour.YELLOW,
    ),
    deadline=Deadline(key="order", dates=due_at(DUE)),
)


def visitor(person: str, organisation: Organisation = ORGANISATION) -> Visitor:
    """Give somebody who looks."""
    return Visitor(login=person, person=person, csrf="", must_change=False, organisation=organisation, on=ON)


def commands(person: str, order: Order) -> list[str]:
    """Give what a person may do on an order."""
    return [offer.step.command for offer in offers(order_steps(order), visitor(person), WORDS, Duties())]


@pytest.mark.parametrize(
    ("stage", "by_person"),
    [
        (OrderStage.ASSIGNED, {"staff": ["SignForOrder"], "head": ["SignForOrder"]}),
        (OrderStage.IN_HANDLING, {"staff": ["GiveFeedback"], "head": ["ClaimCompletion", "GiveFeedback"]}),
        (OrderStage.CLAIMED, {"supervisor": ["VerifyOrder"]}),
        (OrderStage.CLOSED, {}),
        (OrderStage.ARCHIVED, {}),
    ],
)
def test_an_order_offers_each_stage_to_whose_turn_it_is(stage: OrderStage, by_person: dict[str, list[str]]) -> None:
    order = replace(ORDER, stage=stage)

    assert {person: found for person in POSTS if (found := commands(person, order))} == by_person


def test_an_auditor_is_offered_nothing() -> None:
    for stage in OrderStage:
        assert commands("auditor", replace(ORDER, stage=stage)) == []
    for phase in Phase:
        assert offers(cycle_steps(replace(CYCLE, phase=phase), ON), visitor("auditor"), WORDS, Duties()) == ()


def test_a_reminder_does_not_make_a_form_stale_but_a_return_does() -> None:
    [before] = order_steps(ORDER)
    [reminded] = order_steps(replace(ORDER, level=2, fired=frozenset({"order/1/due"})))
    [returned] = order_steps(replace(ORDER, returns=1))

    assert reminded.seen == before.seen
    assert returned.seen != before.seen


def test_the_same_hands_are_told_why_they_may_not() -> None:
    organisation = replace(
        ORGANISATION,
        posts={
            **ORGANISATION.posts,
            "supervisor": replace(ORGANISATION.posts["supervisor"], roles=(Role.SUPERVISION, Role.HEAD)),
        },
    )
    claimed = replace(ORDER, stage=OrderStage.CLAIMED, hands={Duty.RECTIFY: frozenset({"supervisor"})})

    [offer] = offers(order_steps(claimed), visitor("supervisor", organisation), WORDS, Duties())

    assert "职责分离" in offer.blocked
    assert "整改" in offer.blocked


def test_an_authorisation_offers_what_its_principal_may_do() -> None:
    granted = AuthorisationGranted(
        authorisation="授-1", principal="head", person="other", commands=("ClaimCompletion",), since=ON, until=ON, document="文-1"
    )
    organisation = replace(ORGANISATION, authorisations={"授-1": granted})
    handling = replace(ORDER, stage=OrderStage.IN_HANDLING)

    [offer] = offers(order_steps(handling), visitor("other", organisation), WORDS, Duties())

    assert (offer.step.command, offer.principal, offer.authorisation) == ("ClaimCompletion", "head", "授-1")
    assert [one.name for one in offer.fields if one.required] == ["reason"]


def test_only_the_top_leader_may_lock_before_the_year_ends() -> None:
    early, late = cycle_steps(CYCLE, ON), cycle_steps(CYCLE, date(2027, 1, 4))

    by_leader = [offer.step.command for offer in offers(early, visitor("leader"), WORDS, Duties())]
    by_office = [offer.step.command for offer in offers(early, visitor("clerk"), WORDS, Duties())]
    by_office_late = [offer.step.command for offer in offers(late, visitor("clerk"), WORDS, Duties())]

    assert by_leader == ["LockData"]
    assert by_office == ["CallPreAssessment"]
    assert sorted(by_office_late) == ["CallPreAssessment", "LockData"]


def test_it_is_said_whom_a_step_waits_for() -> None:
    [one] = awaited(order_steps(replace(ORDER, stage=OrderStage.CLAIMED)), visitor("head"), WORDS)

    assert (one.relation, one.persons) == ("督查人员", ("supervisor",))


def test_a_task_that_was_never_issued_offers_nothing() -> None:
    assert task_steps(Task(), CYCLE) == ()


@pytest.mark.parametrize(
    ("person", "parties", "sees"),
    [
        ("leader", Parties(lead="sales"), True),
        ("auditor", Parties(lead="sales"), True),
        ("head", Parties(lead="ops"), True),
        ("staff", Parties(lead="sales", providing="ops"), True),
        ("staff", Parties(lead="sales", reviewing="ops"), True),
        ("staff", Parties(lead="sales", assisting=(("ops", "head"),)), True),
        ("staff", Parties(lead="sales", responsible="staff"), True),
        ("staff", Parties(lead="sales"), False),
        ("staff", Parties(), False),
        ("nobody", Parties(lead="ops"), False),
    ],
)
def test_people_see_what_they_have_a_part_in(person: str, parties: Parties, sees: bool) -> None:  # noqa: FBT001  A table.
    assert visitor(person).may_see(parties) is sees


def test_every_command_that_is_awaited_has_a_relation() -> None:
    assert {step.relation for step in order_steps(ORDER)} == {Relation.RESPONSIBLE}
