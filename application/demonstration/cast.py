"""Who plays which part: for every act of a matter a person who may do it and has not done what must be in other hands."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from domain.authority import Parties
from domain.organisation import Organisation, Role


class NobodyCanPlay(Exception):
    """The organisation has nobody for a part."""

    def __init__(self, part: str, department: str) -> None:
        """Name the part and the department."""
        self.zh = f"演示无法继续：{department or '公司'} 没有可以承担“{part}”的人。请在名册中补充任职后重试。"
        self.en = (
            f"The play cannot go on: {department or 'the company'} has nobody for the part '{part}'. Appoint somebody, try again."
        )
        super().__init__(f"{self.zh} / {self.en}")


@dataclass(frozen=True, kw_only=True)
class Cast:
    """The parts, as the organisation fills them on a day. The same organisation gives the same persons."""

    organisation: Organisation
    on: date

    def head(self, department: str) -> str:
        """Give a department's head."""
        return self._first("部门负责人 / head", department, self.organisation.holders(Role.HEAD, self.on, department))

    def reporter(self, parties: Parties) -> str:
        """Give who reports: the responsible person where the lead department provides the value, else the provider's liaison."""
        providing = parties.providing
        members = self.organisation.members(providing, self.on)
        heads = self.organisation.holders(Role.HEAD, self.on, providing)
        first = (parties.responsible,) if parties.responsible in members else ()
        ordered = (*first, *self.organisation.liaisons_of(providing, self.on), *members)
        return self._first("上报人 / reporter", providing, [p for p in ordered if p in members and p not in heads] or members)

    def signer(self, parties: Parties) -> str:
        """Give who signs: the head of the providing department."""
        return self.head(parties.providing)

    def reviewer(self, parties: Parties, *others: str) -> str:
        """Give somebody of the reviewing department who is none of ``others``."""
        reviewing = parties.reviewing
        members = self.organisation.members(reviewing, self.on)
        ordered = [p for p in (*self.organisation.liaisons_of(reviewing, self.on), *members) if p in members]
        return self._first("考评人 / reviewer", reviewing, [p for p in ordered if p not in others])

    def liaison(self, department: str) -> str:
        """Give a department's liaison officer."""
        return self._first("联络员 / liaison", department, self.organisation.liaisons_of(department, self.on))

    def office(self, *others: str) -> str:
        """Give somebody of the performance office who is none of ``others``."""
        found = (*self._holders(Role.OFFICE), *self._holders(Role.OFFICE_HEAD))
        return self._first("绩效办 / office", "", [p for p in found if p not in others])

    def office_head(self) -> str:
        """Give the head of the performance office."""
        return self._first("绩效办主任 / office head", "", self._holders(Role.OFFICE_HEAD))

    def top_leader(self) -> str:
        """Give the top leader."""
        return self._first("主要负责人 / top leader", "", self._holders(Role.TOP_LEADER))

    def supervisor(self, *others: str) -> str:
        """Give a supervisor who is none of ``others``."""
        return self._first("督查 / supervisor", "", [p for p in self._holders(Role.SUPERVISION) if p not in others])

    def _holders(self, role: Role) -> tuple[str, ...]:
        return self.organisation.holders(role, self.on)

    def _first(self, part: str, department: str, found: Iterable[str]) -> str:
        person = next(iter(found), None)
        if person is None:
            raise NobodyCanPlay(part, department)
        return person
