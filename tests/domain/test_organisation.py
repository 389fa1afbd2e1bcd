"""Who is who, by day; and what follows from it: relations, receivers, authorisations."""

from datetime import date

import pytest

from domain.authority import AuthorisationDoesNotHold, NotEntitled, Parties, entitle, holders, relations
from domain.organisation import (
    AbsenceIsSomebodyElses,
    Appointed,
    AppointmentIsUnknown,
    AuthorisationExists,
    DepartmentEstablished,
    DepartmentIsUnknown,
    DepartmentKind,
    EndAppointment,
    GrantAuthorisation,
    IntervalIsEmpty,
    OnlyTheOfficeChangesTheOrganisation,
    Organisation,
    PersonIdIsReserved,
    PostEstablished,
    PostIsUnknown,
    RecordAbsence,
    Register,
    Role,
    WithdrawAuthorisation,
    decide,
    evolve,
)
from domain.policy import Relation
from tests.domain.story import asked, company, local

TODAY = local(2026, 6, 1)
DAY = TODAY.date()
PARTIES = Parties(
    lead="ops", responsible="ops-clerk", reviewing="safety", providing="sales", assisting=(("sales", "sales-clerk"),)
)


def after(state: Organisation, person: str, *commands: object) -> Organisation:
    by = asked(person, TODAY)
    for command in commands:
        for event in decide(command, state, None, by):  # type: ignore[arg-type]
            state = evolve(state, event, by)
    return state


def successor(since: date) -> Register:
    return Register(appointments=(Appointed(person="newcomer", post="ops-head", since=since),))


def test_the_same_roster_twice_changes_nothing() -> None:
    state = company()
    roster = Register(
        departments=tuple(state.departments.values()),
        posts=tuple(state.posts.values()),
        appointments=state.appointments,
        liaisons=state.liaisons,
        fields=state.fields,
    )

    assert decide(roster, state, None, asked("office-head", TODAY)) == []


def test_a_change_of_head_is_true_from_its_day_and_the_past_stays() -> None:
    state = after(
        company(),
        "office-head",
        EndAppointment(person="ops-head", post="ops-head", until=date(2026, 6, 30)),
        successor(date(2026, 7, 1)),
    )

    assert state.holders(Role.HEAD, date(2026, 6, 30), "ops") == ("ops-head",)
    assert state.holders(Role.HEAD, date(2026, 7, 1), "ops") == ("newcomer",)


def test_the_roster_of_before_does_not_bring_a_leaver_back() -> None:
    state = company()
    gone = after(state, "office-head", EndAppointment(person="ops-head", post="ops-head", until=DAY))

    assert decide(Register(appointments=state.appointments), gone, None, asked("office-head", TODAY)) == []


@pytest.mark.parametrize(
    ("roster", "refusal"),
    [
        (
            Register(
                departments=(DepartmentEstablished(department="x", name="x", kind=DepartmentKind.STATION, parent="nowhere"),)
            ),
            DepartmentIsUnknown,
        ),
        (Register(posts=(PostEstablished(post="x", department="nowhere", title="x", roles=()),)), DepartmentIsUnknown),
        (Register(appointments=(Appointed(person="x", post="nowhere", since=DAY),)), PostIsUnknown),
        (Register(appointments=(Appointed(person="x", post="ops-head", since=DAY, until=date(2020, 1, 1)),)), IntervalIsEmpty),
    ],
)
def test_a_roster_that_contradicts_itself_is_refused(roster: Register, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        decide(roster, company(), None, asked("office-head", TODAY))


def test_only_the_office_changes_the_organisation() -> None:
    with pytest.raises(OnlyTheOfficeChangesTheOrganisation):
        decide(successor(DAY), company(), None, asked("ops-head", TODAY))
    with pytest.raises(AppointmentIsUnknown):
        after(company(), "office-head", EndAppointment(person="nobody", post="ops-head", until=DAY))


def test_relations_follow_from_posts_and_parties() -> None:
    state = company()

    assert relations("ops-head", PARTIES, state, DAY) == {Relation.LEAD_HEAD}
    assert relations("ops-clerk", PARTIES, state, DAY) == {Relation.LEAD_LIAISON, Relation.RESPONSIBLE}
    assert relations("sales-clerk", PARTIES, state, DAY) == {Relation.PROVIDER, Relation.ASSISTING}
    assert relations("sales-head", PARTIES, state, DAY) == {Relation.PROVIDER, Relation.PROVIDER_HEAD}
    assert relations("safety-clerk", PARTIES, state, DAY) == {Relation.REVIEWER}
    assert relations("stranger", PARTIES, state, DAY) == frozenset()


def test_a_deputy_leader_is_one_only_in_their_own_field() -> None:
    state = company()

    assert Relation.DEPUTY_LEADER in relations("deputy", PARTIES, state, DAY)
    assert Relation.DEPUTY_LEADER not in relations("deputy", Parties(lead="safety"), state, DAY)


def test_receivers_are_found_by_relation_on_the_day() -> None:
    state = company()

    assert holders(Relation.PROVIDER, PARTIES, state, DAY) == ("sales-clerk",)
    assert holders(Relation.DEPUTY_LEADER, PARTIES, state, DAY) == ("deputy",)
    assert holders(Relation.OFFICE, PARTIES, state, DAY) == ("office-clerk",)
    assert holders(Relation.LEAD_HEAD, PARTIES, state, date(2024, 1, 1)) == ()


def test_an_authorisation_holds_for_its_days_its_commands_and_its_person() -> None:
    grant = GrantAuthorisation(authorisation="授1", person="ops-clerk", since=DAY, until=DAY, document="x", commands=("Accept",))
    state = after(company(), "ops-head", grant)
    acting = asked("ops-clerk", TODAY, on_behalf_of="ops-head", authorisation="授1", reason="出差")

    entitle("Accept", acting, PARTIES, state, DAY)
    with pytest.raises(AuthorisationDoesNotHold):
        entitle("Accept", acting, PARTIES, state, date(2026, 6, 2))
    with pytest.raises(AuthorisationDoesNotHold):
        entitle("SelfScore", acting, PARTIES, state, DAY)
    with pytest.raises(AuthorisationExists):
        after(state, "sales-head", grant)
    withdrawn = after(state, "ops-head", WithdrawAuthorisation(authorisation="授1", on=date(2026, 5, 31)))
    with pytest.raises(AuthorisationDoesNotHold):
        entitle("Accept", acting, PARTIES, withdrawn, DAY)


def test_acting_for_somebody_gives_no_more_than_they_have() -> None:
    grant = GrantAuthorisation(authorisation="授2", person="sales-clerk", since=DAY, until=DAY, document="x")
    state = after(company(), "safety-head", grant)
    acting = asked("sales-clerk", TODAY, on_behalf_of="safety-head", authorisation="授2", reason="出差")

    with pytest.raises(NotEntitled):
        entitle("Accept", acting, PARTIES, state, DAY)


def test_an_absence_is_known_by_day() -> None:
    state = after(company(), "ops-head", RecordAbsence(person="ops-head", since=DAY, until=DAY, cause="培训"))

    assert state.is_away("ops-head", DAY)
    assert not state.is_away("ops-head", date(2026, 6, 2))


def test_an_absence_is_recorded_by_those_it_concerns() -> None:
    away = RecordAbsence(person="ops-clerk", since=DAY, until=DAY, cause="培训")

    for person in ("ops-clerk", "ops-head", "office-clerk"):
        assert len(decide(away, company(), None, asked(person, TODAY))) == 1
    with pytest.raises(AbsenceIsSomebodyElses):
        decide(away, company(), None, asked("sales-clerk", TODAY))


def test_nobody_is_the_system() -> None:
    reserved = Register(appointments=(Appointed(person="system", post="ops-head", since=DAY),))

    with pytest.raises(PersonIdIsReserved):
        decide(reserved, company(), None, asked("office-head", TODAY))
