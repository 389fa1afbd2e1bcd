"""Who may ask what: one table, role × command × relation, and the separation of duties.

A person's relations to a matter follow from the posts they hold on the day (``organisation``) and the matter's parties. Nobody has a
right by name. What the table does not list is refused.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from domain.decider import SYSTEM, Actor, Asked, Refused
from domain.organisation import Organisation, Role
from domain.policy import Duties, Duty, Relation, SameHands

R = Relation

MAY: Mapping[str, frozenset[Relation]] = {
    # The cycle
    "OpenCycle": frozenset({R.OFFICE, R.OFFICE_HEAD, R.SYSTEM}),
    "PlanTasks": frozenset({R.OFFICE, R.OFFICE_HEAD, R.SYSTEM}),
    "IssueCycle": frozenset({R.TOP_LEADER}),
    "AdoptRules": frozenset({R.OFFICE_HEAD, R.TOP_LEADER}),
    "CloseCarryIn": frozenset({R.OFFICE, R.OFFICE_HEAD}),
    "CallPreAssessment": frozenset({R.OFFICE, R.OFFICE_HEAD}),
    "LockData": frozenset({R.OFFICE, R.OFFICE_HEAD, R.TOP_LEADER}),
    "ApproveResults": frozenset({R.TOP_LEADER}),
    "PubliciseResults": frozenset({R.OFFICE, R.OFFICE_HEAD}),
    "ArchiveCycle": frozenset({R.OFFICE, R.OFFICE_HEAD}),
    # The indicator and the rules
    "PublishIndicator": frozenset({R.OFFICE, R.OFFICE_HEAD, R.SYSTEM}),
    "PublishRule": frozenset({R.OFFICE_HEAD, R.TOP_LEADER, R.SYSTEM}),
    "PublishCalendar": frozenset({R.OFFICE, R.OFFICE_HEAD, R.ADMINISTRATOR, R.SYSTEM}),
    # The task
    "IssueTask": frozenset({R.SYSTEM}),
    "Accept": frozenset({R.LEAD_HEAD}),
    "DeliverContribution": frozenset({R.ASSISTING}),
    "SubmitReport": frozenset({R.PROVIDER}),
    "SignReport": frozenset({R.PROVIDER_HEAD}),
    "AcceptReport": frozenset({R.REVIEWER}),
    "ReturnReport": frozenset({R.REVIEWER}),
    "SelfScore": frozenset({R.LEAD_HEAD}),
    "ReviewScore": frozenset({R.REVIEWER}),
    "Consolidate": frozenset({R.OFFICE, R.OFFICE_HEAD}),
    "LinkOrder": frozenset({R.SYSTEM}),
    "RecordOrderOutcome": frozenset({R.SYSTEM}),
    "Wake": frozenset({R.SYSTEM}),
    "RecordCall": frozenset({R.SYSTEM}),
    # The supervision order
    "RegisterOrder": frozenset({R.SYSTEM}),  # The loop opens it; by hand it comes with the desks.
    "SignForOrder": frozenset({R.RESPONSIBLE, R.LEAD_HEAD, R.LEAD_LIAISON}),
    "GiveFeedback": frozenset({R.RESPONSIBLE, R.LEAD_HEAD}),
    "ClaimCompletion": frozenset({R.LEAD_HEAD}),
    "VerifyOrder": frozenset({R.SUPERVISOR}),
    "ArchiveOrder": frozenset({R.SYSTEM}),
}

ON_BEHALF: Mapping[str, frozenset[Relation]] = {
    # 代录: without an authorisation, only these may enter for others, and only with a reason [R20].
    "SubmitReport": frozenset({R.OFFICE, R.OFFICE_HEAD}),
}


# Refusals


class NotEntitled(Refused):
    """The person's relations to the matter do not include one that may give this command."""

    zh = "{person} 无权对此事项执行“{command}”。需要的身份：{needed}；目前的身份：{held}。请转给有权的人，或先办理授权。"
    en = "{person} may not give '{command}' here. It needs one of: {needed}; held: {held}. Pass it on, or record an authorisation first."


class AuthorisationDoesNotHold(Refused):
    """The authorisation named does not let this person act for that one, for this command, on this day."""

    zh = "授权“{authorisation}”不允许 {person} 在 {on} 代 {principal} 执行“{command}”。请核对授权范围和有效期。"
    en = "Authorisation '{authorisation}' does not let {person} give '{command}' for {principal} on {on}. Check its scope and dates."


class ReasonIsMissing(Refused):
    """Acting for somebody without a reason."""

    zh = "代他人办理必须写明原因。请填写原因后重新提交。"
    en = "Acting for somebody needs a reason. Give one and submit again."


class TheSameHands(Refused):
    """One person would hold two duties on one matter that must be apart."""

    zh = "{person} 已承担本事项的“{held}”，不能再承担“{duty}”（职责分离）。请由另一位有权的人办理，或按规定授权替代人。"
    en = "{person} did '{held}' here and may not also do '{duty}'. Let another entitled person do it, or authorise a substitute."


# Functions


@dataclass(frozen=True, kw_only=True)
class Parties:
    """Whom a matter concerns: departments and persons by their part. Empty where there is none."""

    lead: str = ""
    responsible: str = ""
    deputy_leader: str = ""
    reviewing: str = ""
    providing: str = ""
    assisting: tuple[tuple[str, str], ...] = ()  # (department, person)


def relations(person: str, parties: Parties, organisation: Organisation, on: date) -> frozenset[Relation]:
    """Give every relation a person has to a matter on a day."""
    if person == SYSTEM.person:
        return frozenset({R.SYSTEM})
    found: set[Relation] = set()
    for post in organisation.posts_of(person, on):
        roles = set(post.roles)
        found |= {_OF_ROLE[role] for role in roles if role in _OF_ROLE}
        if Role.HEAD in roles and post.department == parties.lead:
            found.add(R.LEAD_HEAD)
        if Role.HEAD in roles and post.department == parties.providing:
            found.add(R.PROVIDER_HEAD)
        if parties.providing and post.department == parties.providing:
            found.add(R.PROVIDER)
        if parties.reviewing and post.department == parties.reviewing:
            found.add(R.REVIEWER)
    if parties.lead and person in organisation.liaisons_of(parties.lead, on):
        found.add(R.LEAD_LIAISON)
    if person == parties.responsible:
        found.add(R.RESPONSIBLE)
    if person in {helper for _, helper in parties.assisting}:
        found.add(R.ASSISTING)
    if parties.lead and person != parties.deputy_leader and person not in organisation.deputy_leader_of(parties.lead, on):
        found.discard(R.DEPUTY_LEADER)  # Of another field.
    return frozenset(found)


def holders(relation: Relation, parties: Parties, organisation: Organisation, on: date) -> tuple[str, ...]:
    """Give the persons who stand in a relation to a matter on a day: whom a reminder goes to."""
    match relation:
        case R.RESPONSIBLE:
            return tuple(p for p in (parties.responsible,) if p)
        case R.ASSISTING:
            return tuple(person for _, person in parties.assisting)
        case R.LEAD_LIAISON:
            return organisation.liaisons_of(parties.lead, on)
        case R.LEAD_HEAD:
            return organisation.holders(Role.HEAD, on, parties.lead)
        case R.PROVIDER:
            if parties.providing == parties.lead and parties.responsible:
                return (parties.responsible,)
            return organisation.liaisons_of(parties.providing, on) or organisation.members(parties.providing, on)
        case R.PROVIDER_HEAD:
            return organisation.holders(Role.HEAD, on, parties.providing)
        case R.REVIEWER:
            return organisation.liaisons_of(parties.reviewing, on) or organisation.holders(Role.HEAD, on, parties.reviewing)
        case R.DEPUTY_LEADER:
            named = tuple(p for p in (parties.deputy_leader,) if p)
            return named or organisation.deputy_leader_of(parties.lead, on)
        case R.SYSTEM:
            return ()
        case _:
            role = next((role for role, its in _OF_ROLE.items() if its == relation), None)
            return organisation.holders(role, on) if role else ()


def entitle(command: str, asked: Asked, parties: Parties, organisation: Organisation, on: date) -> None:
    """Refuse unless the asking person, or the one they validly act for, may give the command.

    Raises:
        NotEntitled, AuthorisationDoesNotHold, ReasonIsMissing.
    """
    allowed = MAY.get(command, frozenset())
    held = relations(asked.by.person, parties, organisation, on)
    principal = asked.on_behalf_of
    if not principal:
        if not held & allowed:
            raise NotEntitled(person=asked.by.person, command=command, needed=_list(allowed), held=_list(held))
        return
    if not asked.reason:
        raise ReasonIsMissing
    if asked.authorisation:
        if not organisation.may_act_for(asked.by.person, principal, asked.authorisation, command, on):
            raise AuthorisationDoesNotHold(
                authorisation=asked.authorisation, person=asked.by.person, principal=principal, command=command, on=on
            )
    elif not held & ON_BEHALF.get(command, frozenset()):
        needed = ON_BEHALF.get(command, frozenset())
        raise NotEntitled(person=asked.by.person, command=command, needed=_list(needed), held=_list(held))
    theirs = relations(principal, parties, organisation, on)
    if not theirs & allowed:
        raise NotEntitled(person=principal, command=command, needed=_list(allowed), held=_list(theirs))


Hands = Mapping[Duty, frozenset[str]]  # Who did which duty on a matter: the person, and the one they acted for.


def keep_apart(duty: Duty, person: str, principal: str, hands: Hands, rule: Duties) -> bool:
    """Refuse where ``person``, or the ``principal`` they act for, did a duty that must be apart from ``duty``.

    Where the rule lets substitutes act (small offices), an authorised substitute passes in the place of a principal who did the other
    duty, and True says that the case is to be listed. The very person who did it never passes.

    Raises:
        TheSameHands.
    """
    listed = False
    for one, other in rule.apart:
        held = other if duty == one else one if duty == other else None
        if held is None:
            continue
        done_by = hands.get(held, frozenset())
        if person in done_by:
            raise TheSameHands(person=person, held=held, duty=duty)
        if principal and principal in done_by:
            if rule.same_hands is SameHands.REFUSE:
                raise TheSameHands(person=principal, held=held, duty=duty)
            listed = True
    return listed


def hands_of(asked: Asked) -> frozenset[str]:
    """Give the persons whose hands a command comes from."""
    return frozenset(person for person in (asked.by.person, asked.on_behalf_of) if person)


def actor(person: str, parties: Parties, organisation: Organisation, on: date) -> Actor:
    """Give the actor a person is on a day: the post that concerns the matter, else their first one."""
    posts = organisation.posts_of(person, on)
    concerned = {parties.lead, parties.providing, parties.reviewing}
    chosen = next((p for p in posts if p.department in concerned), posts[0] if posts else None)
    return Actor(person=person, post=chosen.post, department=chosen.department) if chosen else Actor(person=person)


_OF_ROLE = {
    Role.TOP_LEADER: R.TOP_LEADER,
    Role.DEPUTY_LEADER: R.DEPUTY_LEADER,
    Role.COMMITTEE: R.COMMITTEE,
    Role.OFFICE_HEAD: R.OFFICE_HEAD,
    Role.OFFICE: R.OFFICE,
    Role.SUPERVISION: R.SUPERVISOR,
    Role.AUDITOR: R.AUDITOR,
    Role.ADMINISTRATOR: R.ADMINISTRATOR,
}


def _list(found: frozenset[Relation]) -> str:
    return ", ".join(sorted(found)) or "-"
