"""Checks 任务 against everything else: who leads, answers, reviews, provides and helps, and whether these people are there."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import cache

from application.workbook.checking import Checking, Parsed
from application.workbook.fault import Cell, Code
from application.workbook.plan import PlannedTask
from application.workbook.sheets import LIAISONS, PEOPLE, PROVIDERS, TASKS
from domain.cycle import Assignment, Assisting, Provider, ProviderKind
from domain.organisation import Organisation, Role

WHOLE = Decimal(100)  # Per cent.


def tasks_of(checking: Checking, organisation: Organisation, on: date) -> tuple[PlannedTask, ...]:
    """Give the assignments, in the order of the sheet. ``organisation`` is what it will be once the roster is in, ``on`` a day of it."""
    if TASKS.name in checking.book.rows and not checking.book.rows[TASKS.name]:
        checking.add(Code.SHEET_EMPTY, Cell(sheet=TASKS.name, row=0, column="", header=""), "至少一行任务；示例行不算")
    _somebody_leads(checking, organisation, on)
    check = _Check(checking, organisation, on)
    found: list[PlannedTask] = []
    seen: dict[tuple[str, str], int] = {}
    for parsed in checking.rows(TASKS):
        if parsed["indicator"] and parsed["lead"]:
            checking.once(parsed, "lead", (parsed["indicator"], parsed["lead"]), seen)
        check.people(parsed)
        provider = check.provider(parsed)
        share = check.shares(parsed)
        if parsed.sound and provider is not None:
            found.append(PlannedTask(assignment=check.assignment(parsed, provider, share), place=parsed.place))
    return tuple(found)


def _somebody_leads(checking: Checking, organisation: Organisation, on: date) -> None:
    """Without these two nothing could ever be issued or consolidated."""
    told = any(fault.sheet == PEOPLE.name for fault in checking.faults.found)
    if told or checking.doubtful:
        return
    needed: Mapping[str, tuple[Role, ...]] = {"主要负责人": (Role.TOP_LEADER,), "绩效办主任": (Role.OFFICE_HEAD, Role.OFFICE)}
    for name, roles in needed.items():
        if not any(organisation.holders(role, on) for role in roles):
            place = Cell(sheet=PEOPLE.name, row=0, column="", header="角色")
            checking.add(Code.OFFICE_MISSING, place, f"至少一人的角色含“{name}”", role=name)


class _Check:
    """The checks of one row, with what they look at."""

    def __init__(self, checking: Checking, organisation: Organisation, on: date) -> None:
        self._checking, self._organisation, self._on = checking, organisation, on
        self._told: set[tuple[Code, str]] = set()
        # A plan of 20,000 tasks asks the same of the same few departments.
        self._members = cache(lambda department: organisation.members(department, on))
        self._heads = cache(lambda department: organisation.holders(Role.HEAD, on, department))
        self._liaisons = cache(lambda department: organisation.liaisons_of(department, on))
        self._in_field = cache(lambda department: organisation.deputy_leader_of(department, on))

    def people(self, parsed: Parsed) -> None:
        """Check that whoever has a part in the task is where the row says."""
        lead, reviewing = parsed["lead"], parsed["reviewing"]
        if lead and lead == reviewing:
            self._fault(parsed, Code.REVIEWS_ITSELF, "reviewing", "牵头部门以外的部门")
        if lead:
            self._has_liaison(parsed, lead)
            self._has_head(parsed, "lead", lead)
            if parsed["responsible"]:
                self._is_member(parsed, "responsible", parsed["responsible"], lead)
        for helper in parsed["assisting"] or ():
            self._is_member(parsed, "assisting", helper.person, helper.department)
        leader = parsed["deputy_leader"]
        if leader and self._is_sure(leader):
            leaders = {*self._holders(Role.DEPUTY_LEADER), *self._holders(Role.TOP_LEADER)}
            if leader not in leaders:
                expected = "“人员”表中角色含“分管领导”的人，或留空"
                self._fault(parsed, Code.NOT_A_DEPUTY_LEADER, "deputy_leader", expected, person=leader)

    def provider(self, parsed: Parsed) -> Provider | None:
        """Give who provides the value, if that can be said."""
        kind, providing, system = parsed["provider"], parsed["providing"], parsed["system"]
        if kind is ProviderKind.OFFICE and not providing:
            providing = self._office()
        needed = {ProviderKind.DEPARTMENT: ("providing", providing), ProviderKind.SYSTEM: ("system", system)}.get(kind)
        if needed is not None and not needed[1] and parsed.sound:
            column = TASKS.column(needed[0])
            said = next(name for name, its in PROVIDERS.items() if its is kind)
            self._fault(parsed, Code.PROVIDER_MISSING, needed[0], column.help, provider=said, needed=column.header)
        if kind is None:
            return None
        if providing:
            self._has_head(parsed, "providing", providing)
        return Provider(kind=kind, department="" if kind is ProviderKind.SELF else providing or "", system=system or "")

    def shares(self, parsed: Parsed) -> Decimal:
        """Give the lead's share; with the assisting ones it makes the whole."""
        assisting = sum((helper.share for helper in parsed["assisting"] or ()), Decimal(0))
        share: Decimal = WHOLE - assisting if parsed["share"] is None else parsed["share"]
        if share < 0 or share + assisting != WHOLE:
            key = "assisting" if parsed["share"] is None else "share"
            self._fault(parsed, Code.SHARES_DO_NOT_ADD_UP, key, "合计 100%", total=max(share, Decimal(0)) + assisting)
        return share

    def assignment(self, parsed: Parsed, provider: Provider, share: Decimal) -> Assignment:
        """Give the assignment of a sound row."""
        in_field = self._in_field(parsed["lead"])
        return Assignment(
            indicator=parsed["indicator"],
            version=0,
            lead=parsed["lead"],
            responsible=parsed["responsible"],
            reviewing=parsed["reviewing"],
            provider=provider,
            deputy_leader=parsed["deputy_leader"] or (in_field[0] if in_field else ""),
            share=share,
            assisting=tuple(
                Assisting(department=helper.department, person=helper.person, share=helper.share)
                for helper in parsed["assisting"] or ()
            ),
            rule=parsed["rule"],
            points=parsed["points"],
            unit_class=parsed["unit_class"] or "",
        )

    def _has_liaison(self, parsed: Parsed, department: str) -> None:
        sure = self._is_sure(department) and not self._checking.unread(LIAISONS)
        if sure and not self._liaisons(department):
            self._once(parsed, Code.LIAISON_MISSING, "lead", department, "在“联络员”表中为该部门任命联络员")

    def _has_head(self, parsed: Parsed, key: str, department: str) -> None:
        if self._is_sure(department) and not self._heads(department):
            self._once(parsed, Code.HEAD_MISSING, key, department, "“人员”表中该部门有一人的角色含“部门负责人”")

    def _is_member(self, parsed: Parsed, key: str, person: str, department: str) -> None:
        if not (self._is_sure(person) and self._is_sure(department)):
            return
        members = self._members(department)
        if person not in members:
            name = self._name(department)
            self._fault(
                parsed, Code.NOT_A_MEMBER, key, f"“{name}”的人员：{'、'.join(members) or '无'}", person=person, department=name
            )

    def _is_sure(self, named: str) -> bool:
        registers = self._checking.registers
        return named not in self._checking.doubtful and not (registers.departments.lenient or registers.persons.lenient)

    def _once(self, parsed: Parsed, code: Code, key: str, department: str, expected: str) -> None:
        """Note what is wrong with a department at its first task only."""
        parsed.sound = False
        if (code, department) not in self._told:
            self._told.add((code, department))
            self._fault(parsed, code, key, expected, value=self._name(department))

    def _fault(self, parsed: Parsed, code: Code, key: str, expected: str, **values: object) -> None:
        parsed.sound = False
        self._checking.add(code, parsed.cell(key), expected, **values)

    def _name(self, department: str) -> str:
        established = self._organisation.departments.get(department)
        return established.name if established else department

    def _office(self) -> str:
        office = [*self._holders(Role.OFFICE_HEAD), *self._holders(Role.OFFICE)]
        posts = self._organisation.posts_of(office[0], self._on) if office else ()
        return next((post.department for post in posts if {Role.OFFICE_HEAD, Role.OFFICE} & set(post.roles)), "")

    def _holders(self, role: Role) -> tuple[str, ...]:
        return self._organisation.holders(role, self._on)
