"""Whose eyes there are to look through, sorted by what they do: for the switch of a demonstration."""

from dataclasses import dataclass
from datetime import datetime

from console.times import day_of
from console.words import Words
from domain.organisation import Organisation, Role
from projections.labels import label
from projections.sentences import Names

ORDER = (
    Role.OFFICE_HEAD,
    Role.OFFICE,
    Role.TOP_LEADER,
    Role.DEPUTY_LEADER,
    Role.SUPERVISION,
    Role.AUDITOR,
    Role.COMMITTEE,
    Role.HEAD,
    Role.STAFF,
    Role.ADMINISTRATOR,
)


@dataclass(frozen=True, kw_only=True)
class People:
    """Persons of one role: (id, name with department)."""

    title: str
    persons: tuple[tuple[str, str], ...]


def people_by_role(organisation: Organisation, names: Names, words: Words, now: datetime) -> tuple[People, ...]:
    """Give everybody with a post once, under the first of their roles; liaison officers under their own heading."""
    on = day_of(now)
    liaisons = {p for department in organisation.departments for p in organisation.liaisons_of(department, on)}
    groups: dict[str, list[tuple[str, str]]] = {label(role, words.language): [] for role in ORDER}
    liaison_title = words("绩效联络员")
    groups[liaison_title] = []
    for person in dict.fromkeys(a.person for a in organisation.appointments):
        posts = organisation.posts_of(person, on)
        roles = {role for post in posts for role in post.roles}
        role = next((role for role in ORDER if role in roles), None)
        if role is None:
            continue
        title = liaison_title if role is Role.STAFF and person in liaisons else label(role, words.language)
        shown = f"{names.person(person, words.language)}（{names.department(posts[0].department)}）"
        groups[title].append((person, shown))
    return tuple(People(title=title, persons=tuple(persons)) for title, persons in groups.items() if persons)
