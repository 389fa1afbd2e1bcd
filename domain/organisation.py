"""The organisation: departments in a tree, posts, who holds them from when to when, liaisons, leaders' fields, authorisations, absences.

One stream, ``organisation``. Everything personal is an id; names and contacts live in an erasable table. Nothing is overwritten: an
appointment ends, another begins, and whoever asks what was true on a day gets the answer of that day.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import assert_never

from domain.decider import SYSTEM, Asked, Decider, Refused, SourceKind

FOR_EVER = date.max


class DepartmentKind(StrEnum):
    """What kind of unit a department is [handbook 6.1]."""

    LEADERSHIP = "leadership"
    FUNCTIONAL = "functional"
    BUSINESS = "business"
    STATION = "station"


class Role(StrEnum):
    """What a post carries. Rights follow from roles and relations, see ``authority``."""

    TOP_LEADER = "top-leader"
    DEPUTY_LEADER = "deputy-leader"
    COMMITTEE = "committee"
    OFFICE_HEAD = "office-head"
    OFFICE = "office"
    SUPERVISION = "supervision"
    HEAD = "head"
    STAFF = "staff"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


# Events


@dataclass(frozen=True, kw_only=True)
class DepartmentEstablished:
    """部门设立"""

    department: str
    name: str
    kind: DepartmentKind
    parent: str = ""


@dataclass(frozen=True, kw_only=True)
class PostEstablished:
    """岗位设立"""

    post: str
    department: str
    title: str
    roles: tuple[Role, ...]


@dataclass(frozen=True, kw_only=True)
class Appointed:
    """任职"""

    person: str
    post: str
    since: date
    until: date = FOR_EVER


@dataclass(frozen=True, kw_only=True)
class AppointmentEnded:
    """离任"""

    person: str
    post: str
    until: date


@dataclass(frozen=True, kw_only=True)
class LiaisonNamed:
    """绩效联络员任命 [R25]"""

    department: str
    person: str
    deputy: str
    since: date
    until: date = FOR_EVER


@dataclass(frozen=True, kw_only=True)
class FieldAssigned:
    """分管范围确定: the departments in a deputy leader's field [R8]."""

    leader: str
    departments: tuple[str, ...]
    since: date


@dataclass(frozen=True, kw_only=True)
class AuthorisationGranted:
    """授权: ``person`` may give ``commands`` (empty: all) in the place of ``principal``."""

    authorisation: str
    principal: str
    person: str
    commands: tuple[str, ...]
    since: date
    until: date
    document: str


@dataclass(frozen=True, kw_only=True)
class AuthorisationWithdrawn:
    """授权收回"""

    authorisation: str
    on: date


@dataclass(frozen=True, kw_only=True)
class AbsenceRecorded:
    """外出登记: leave or business travel; what awaits the person goes on awaiting them, and everybody sees why."""

    person: str
    since: date
    until: date
    cause: str


# Commands


@dataclass(frozen=True, kw_only=True)
class Register:
    """Bring the organisation to what a roster says. Only what differs becomes an event; the same roster twice changes nothing."""

    departments: tuple[DepartmentEstablished, ...] = ()
    posts: tuple[PostEstablished, ...] = ()
    appointments: tuple[Appointed, ...] = ()
    liaisons: tuple[LiaisonNamed, ...] = ()
    fields: tuple[FieldAssigned, ...] = ()


@dataclass(frozen=True, kw_only=True)
class EndAppointment:
    """End a person's appointment to a post on a day."""

    person: str
    post: str
    until: date


@dataclass(frozen=True, kw_only=True)
class GrantAuthorisation:
    """Let a person act in the asking person's place for a while."""

    authorisation: str
    person: str
    since: date
    until: date
    document: str
    commands: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class WithdrawAuthorisation:
    """Take an authorisation back."""

    authorisation: str
    on: date


@dataclass(frozen=True, kw_only=True)
class RecordAbsence:
    """Record that a person is away."""

    person: str
    since: date
    until: date
    cause: str


Event = (
    DepartmentEstablished
    | PostEstablished
    | Appointed
    | AppointmentEnded
    | LiaisonNamed
    | FieldAssigned
    | AuthorisationGranted
    | AuthorisationWithdrawn
    | AbsenceRecorded
)
Command = Register | EndAppointment | GrantAuthorisation | WithdrawAuthorisation | RecordAbsence


# Refusals


class OnlyTheOfficeChangesTheOrganisation(Refused):
    """Somebody outside the performance office tries to change the organisation."""

    zh = "组织机构和任职只能由绩效办或主要负责人变更。请把变更内容交绩效办登记。"
    en = "Only the performance office or the top leader may change the organisation. Hand the change to the office."


class AbsenceIsSomebodyElses(Refused):
    """Somebody records the absence of a person they have nothing to do with."""

    zh = "外出登记只能由本人、所在部门负责人或绩效办办理。请转给他们登记 {person} 的外出。"
    en = "An absence is recorded by the person, the head of their department or the office. Let one of them record it for {person}."


class PersonIdIsReserved(Refused):
    """The id stands for the system and can be nobody's."""

    zh = "人员编号“{person}”为系统保留，不能分配给人员。请换一个编号。"
    en = "Person id '{person}' is the system's own and can be nobody's. Choose another."


class DepartmentIsUnknown(Refused):
    """A roster names a department it does not establish."""

    zh = "部门“{department}”不存在。请先在名册的“部门”表中登记该部门，再重新提交。"
    en = "Department '{department}' does not exist. Register it in the roster's department sheet first, then submit again."


class PostIsUnknown(Refused):
    """A roster appoints to a post it does not establish."""

    zh = "岗位“{post}”不存在。请先登记该岗位及其所属部门。"
    en = "Post '{post}' does not exist. Register the post and its department first."


class AppointmentIsUnknown(Refused):
    """There is no such appointment to end."""

    zh = "{person} 目前没有担任岗位“{post}”，无法办理离任。请核对任职记录。"
    en = "{person} does not hold post '{post}', so no appointment can end. Check the register of appointments."


class IntervalIsEmpty(Refused):
    """Something ends before it begins."""

    zh = "起始日 {since} 晚于终止日 {until}。请更正日期。"
    en = "It begins on {since}, after it ends on {until}. Correct the dates."


class AuthorisationIsUnknown(Refused):
    """There is no such authorisation."""

    zh = "授权“{authorisation}”不存在或已收回。请核对授权编号。"
    en = "Authorisation '{authorisation}' does not exist or was withdrawn. Check its number."


class AuthorisationExists(Refused):
    """The number is taken."""

    zh = "授权编号“{authorisation}”已被使用。请换一个编号。"
    en = "Authorisation number '{authorisation}' is taken. Choose another."


# State


@dataclass(frozen=True, kw_only=True)
class Organisation:
    """Who is who, by day. All maps are by id."""

    departments: Mapping[str, DepartmentEstablished] = field(default_factory=dict)
    posts: Mapping[str, PostEstablished] = field(default_factory=dict)
    appointments: tuple[Appointed, ...] = ()
    liaisons: tuple[LiaisonNamed, ...] = ()
    fields: tuple[FieldAssigned, ...] = ()
    authorisations: Mapping[str, AuthorisationGranted] = field(default_factory=dict)
    absences: tuple[AbsenceRecorded, ...] = ()

    def posts_of(self, person: str, on: date) -> tuple[PostEstablished, ...]:
        """Give the posts a person holds on a day."""
        return tuple(self.posts[a.post] for a in self.appointments if a.person == person and a.since <= on <= a.until)

    def holders(self, role: Role, on: date, department: str = "") -> tuple[str, ...]:
        """Give the persons who hold a role on a day, of one department or of all."""
        found = (
            a.person
            for a in self.appointments
            if a.since <= on <= a.until and role in self.posts[a.post].roles and department in {"", self.posts[a.post].department}
        )
        return tuple(dict.fromkeys(found))

    def members(self, department: str, on: date) -> tuple[str, ...]:
        """Give everybody with a post in a department on a day."""
        return tuple(
            dict.fromkeys(
                a.person for a in self.appointments if a.since <= on <= a.until and self.posts[a.post].department == department
            )
        )

    def liaisons_of(self, department: str, on: date) -> tuple[str, ...]:
        """Give the liaison officer and the deputy of a department on a day (empty: vacant)."""
        for named in reversed(self.liaisons):
            if named.department == department and named.since <= on <= named.until:
                return tuple(p for p in (named.person, named.deputy) if p)
        return ()

    def deputy_leader_of(self, department: str, on: date) -> tuple[str, ...]:
        """Give the deputy leaders in whose field a department is on a day."""
        latest = {f.leader: f for f in self.fields if f.since <= on}
        return tuple(leader for leader, its in latest.items() if department in its.departments)

    def is_away(self, person: str, on: date) -> bool:
        """Say whether a person is recorded as absent on a day."""
        return any(a.person == person and a.since <= on <= a.until for a in self.absences)

    def may_act_for(self, person: str, principal: str, authorisation: str, command: str, on: date) -> bool:
        """Say whether an authorisation lets ``person`` give ``command`` in the place of ``principal`` on a day."""
        granted = self.authorisations.get(authorisation)
        return (
            granted is not None
            and (granted.person, granted.principal) == (person, principal)
            and granted.since <= on <= granted.until
            and (not granted.commands or command in granted.commands)
        )


# Functions


def decide(command: Command, state: Organisation, known: object, asked: Asked) -> list[Event]:
    """Decide on a change of the organisation. The first roster ever may come from the system's administrator."""
    del known
    match command:
        case Register():
            _office_only(state, asked)
            return _register(command, state)
        case EndAppointment():
            _office_only(state, asked)
            return _end(command, state)
        case RecordAbsence():
            _concerned_only(state, asked, command.person)
            if command.until < command.since:
                raise IntervalIsEmpty(since=command.since, until=command.until)
            absence = AbsenceRecorded(person=command.person, since=command.since, until=command.until, cause=command.cause)
            return [] if absence in state.absences else [absence]
        case GrantAuthorisation():
            return _grant(command, state, asked)
        case WithdrawAuthorisation():
            granted = state.authorisations.get(command.authorisation)
            if granted is None:
                raise AuthorisationIsUnknown(authorisation=command.authorisation)
            if asked.by.person != granted.principal:
                _office_only(state, asked)
            return (
                [AuthorisationWithdrawn(authorisation=command.authorisation, on=command.on)]
                if granted.until >= command.on
                else []
            )
        case _:
            assert_never(command)


def evolve(state: Organisation, event: Event, _asked: Asked) -> Organisation:
    """Fold one event."""
    match event:
        case DepartmentEstablished():
            return replace(state, departments={**state.departments, event.department: event})
        case PostEstablished():
            return replace(state, posts={**state.posts, event.post: event})
        case Appointed():
            return replace(state, appointments=(*state.appointments, event))
        case AppointmentEnded():
            ended = tuple(
                replace(a, until=min(a.until, event.until)) if (a.person, a.post) == (event.person, event.post) else a
                for a in state.appointments
            )
            return replace(state, appointments=ended)
        case LiaisonNamed():
            return replace(state, liaisons=(*state.liaisons, event))
        case FieldAssigned():
            return replace(state, fields=(*state.fields, event))
        case AuthorisationGranted():
            return replace(state, authorisations={**state.authorisations, event.authorisation: event})
        case AuthorisationWithdrawn():
            granted = state.authorisations[event.authorisation]
            shortened = replace(granted, until=min(granted.until, event.on))
            return replace(state, authorisations={**state.authorisations, event.authorisation: shortened})
        case AbsenceRecorded():
            return replace(state, absences=(*state.absences, event))
        case _:
            assert_never(event)


ORGANISATION = Decider(
    name="organisation",
    commands=(Register, EndAppointment, GrantAuthorisation, WithdrawAuthorisation, RecordAbsence),
    events=(
        DepartmentEstablished,
        PostEstablished,
        Appointed,
        AppointmentEnded,
        LiaisonNamed,
        FieldAssigned,
        AuthorisationGranted,
        AuthorisationWithdrawn,
        AbsenceRecorded,
    ),
    initial=Organisation(),
    decide=decide,
    evolve=evolve,
)


def _office_only(state: Organisation, asked: Asked) -> None:
    if asked.by == SYSTEM and asked.source.kind in {SourceKind.COMMAND_LINE, SourceKind.IMPORT}:
        return  # Whoever may run commands on the server sets the company up.
    on = asked.at.date()
    roles = {role for post in state.posts_of(asked.by.person, on) for role in post.roles}
    if not roles & {Role.OFFICE, Role.OFFICE_HEAD, Role.TOP_LEADER}:
        raise OnlyTheOfficeChangesTheOrganisation


def _concerned_only(state: Organisation, asked: Asked, person: str) -> None:
    by, on = asked.by.person, asked.at.date()
    departments = {post.department for post in state.posts_of(person, on)}
    if by != person and not any(by in state.holders(Role.HEAD, on, department) for department in departments):
        try:
            _office_only(state, asked)
        except OnlyTheOfficeChangesTheOrganisation:
            raise AbsenceIsSomebodyElses(person=person) from None


def _register(command: Register, state: Organisation) -> list[Event]:
    departments = {**state.departments, **{d.department: d for d in command.departments}}
    posts = {**state.posts, **{p.post: p for p in command.posts}}
    for department in command.departments:
        if department.parent and department.parent not in departments:
            raise DepartmentIsUnknown(department=department.parent)
    for post in command.posts:
        if post.department not in departments:
            raise DepartmentIsUnknown(department=post.department)
    for appointment in command.appointments:
        if appointment.person == SYSTEM.person:
            raise PersonIdIsReserved(person=appointment.person)
        if appointment.post not in posts:
            raise PostIsUnknown(post=appointment.post)
        if appointment.until < appointment.since:
            raise IntervalIsEmpty(since=appointment.since, until=appointment.until)
    appointed = {(a.person, a.post, a.since) for a in state.appointments}
    return [
        *(d for d in command.departments if state.departments.get(d.department) != d),
        *(p for p in command.posts if state.posts.get(p.post) != p),
        *(a for a in command.appointments if (a.person, a.post, a.since) not in appointed),
        *(named for named in command.liaisons if named not in state.liaisons),
        *(f for f in command.fields if f not in state.fields),
    ]


def _end(command: EndAppointment, state: Organisation) -> list[Event]:
    held = [a for a in state.appointments if (a.person, a.post) == (command.person, command.post)]
    if not held:
        raise AppointmentIsUnknown(person=command.person, post=command.post)
    if all(a.until <= command.until for a in held):
        return []
    return [AppointmentEnded(person=command.person, post=command.post, until=command.until)]


def _grant(command: GrantAuthorisation, state: Organisation, asked: Asked) -> list[Event]:
    if command.until < command.since:
        raise IntervalIsEmpty(since=command.since, until=command.until)
    granted = AuthorisationGranted(
        authorisation=command.authorisation,
        principal=asked.by.person,
        person=command.person,
        commands=command.commands,
        since=command.since,
        until=command.until,
        document=command.document,
    )
    known = state.authorisations.get(command.authorisation)
    if known == granted:
        return []
    if known is not None:
        raise AuthorisationExists(authorisation=command.authorisation)
    return [granted]
