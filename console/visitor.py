"""Who is looking: the person behind the session, with the posts they hold today, and what they may see.

Data rule: leaders, the performance office, supervision and auditors see all; everybody else sees what their departments have a part
in, and what they are named in. The rule decides about whole tasks and orders; scores before publication have a rule of their own
(``Visibility``), which is data of the cycle.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from domain import names
from domain.authority import Parties
from domain.cycle import Assignment, Cycle, Phase
from domain.organisation import Organisation, PostEstablished, Role
from domain.policy import Visibility
from projections.scoreboard import may_see_provisional

SEES_ALL = frozenset(
    {
        Role.TOP_LEADER,
        Role.DEPUTY_LEADER,
        Role.COMMITTEE,
        Role.OFFICE_HEAD,
        Role.OFFICE,
        Role.SUPERVISION,
        Role.AUDITOR,
    }
)
PUBLISHED = frozenset({Phase.PUBLICISED, Phase.FINAL, Phase.ARCHIVED})


@dataclass(frozen=True, kw_only=True)
class Visitor:
    """A signed-in person on a day. ``csrf`` is their session's token."""

    login: str
    person: str
    csrf: str
    must_change: bool
    organisation: Organisation
    on: date

    @property
    def posts(self) -> tuple[PostEstablished, ...]:
        """Give the posts the person holds."""
        return self.organisation.posts_of(self.person, self.on)

    @property
    def departments(self) -> frozenset[str]:
        """Give the departments the person belongs to or is liaison officer of."""
        liaising = {d for d in self.organisation.departments if self.person in self.organisation.liaisons_of(d, self.on)}
        return frozenset({post.department for post in self.posts} | liaising)

    @property
    def roles(self) -> frozenset[Role]:
        """Give the roles of the person's posts."""
        return frozenset(role for post in self.posts for role in post.roles)

    @property
    def sees_all(self) -> bool:
        """Say whether the person may see every task."""
        return bool(self.roles & SEES_ALL)

    def may_see(self, parties: Parties) -> bool:
        """Say whether the person may see a matter of these parties."""
        departments = {parties.lead, parties.providing, parties.reviewing, *(department for department, _ in parties.assisting)}
        persons = {parties.responsible, parties.deputy_leader, *(person for _, person in parties.assisting)}
        return self.sees_all or bool(self.departments & (departments - {""})) or self.person in persons

    def tasks_seen(self, cycle_id: str, cycle: Cycle) -> frozenset[str] | None:
        """Give the streams of the tasks the person may see (None: all)."""
        if self.sees_all:
            return None
        return frozenset(names.task(cycle_id, a.indicator, a.lead) for a in cycle.plan.values() if self.may_see(parties_of(a)))

    def may_see_scores(self, department: str, cycle: Cycle, policy: Visibility) -> bool:
        """Say whether the person may see a department's scores: everybody once they are published, before it whom the rule names."""
        if cycle.phase in PUBLISHED:
            return True
        return may_see_provisional(self.person, self.organisation, policy, department, self.on)


def parties_of(assignment: Assignment) -> Parties:
    """Say whom a planned task concerns, whether it is issued or not."""
    return Parties(
        lead=assignment.lead,
        responsible=assignment.responsible,
        deputy_leader=assignment.deputy_leader,
        reviewing=assignment.reviewing,
        providing=assignment.provider.department or assignment.lead,
        assisting=tuple((helper.department, helper.person) for helper in assignment.assisting),
    )


def principals(visitor: Visitor) -> Iterable[tuple[str, str, tuple[str, ...]]]:
    """Give for whom the person may act today: (principal, authorisation, commands; no commands: all)."""
    for granted in visitor.organisation.authorisations.values():
        if granted.person == visitor.person and granted.since <= visitor.on <= granted.until:
            yield granted.principal, granted.authorisation, granted.commands
