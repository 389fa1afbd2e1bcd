"""Checks 部门, 人员, 联络员 and 分管, and makes the roster of them."""

from collections.abc import Sequence
from datetime import date

from application.workbook.checking import Checking, Parsed
from application.workbook.fault import Cell, Code
from application.workbook.plan import Contact
from application.workbook.sheets import DEPARTMENTS, FIELDS, LIAISONS, PEOPLE, ROLES
from domain.organisation import (
    Appointed,
    DepartmentEstablished,
    FieldAssigned,
    LiaisonNamed,
    PostEstablished,
    Register,
    Role,
)


def company_of(checking: Checking, since: date) -> tuple[Register, tuple[Contact, ...]]:
    """Give the roster, and the contacts that are kept apart from it. ``since`` is when what has no date of its own begins."""
    _refer_to_what_is_known(checking)
    checking.refer(checking.registers.departments, DEPARTMENTS, "department", "name")
    checking.refer(checking.registers.persons, PEOPLE, "person", "name")
    if not checking.known.departments:
        for sheet in (DEPARTMENTS, PEOPLE, LIAISONS):
            _must_be_there(checking, sheet.name)
    departments = _departments(checking)
    posts, appointments, contacts = _people(checking, since)
    roster = Register(
        departments=departments,
        posts=posts,
        appointments=appointments,
        liaisons=_liaisons(checking, since),
        fields=_fields(checking, since, appointments, posts),
    )
    return roster, contacts


def _refer_to_what_is_known(checking: Checking) -> None:
    for department in checking.known.departments.values():
        checking.registers.departments.add(department.department, department.name)
    for appointed in checking.known.appointments:
        checking.registers.persons.add(appointed.person)


def _must_be_there(checking: Checking, name: str) -> None:
    read = name in checking.book.rows
    faulty = any(fault.sheet == name for fault in checking.faults.found)
    place = Cell(sheet=name, row=0, column="", header="")
    if not read and not faulty:
        found = "、".join(checking.book.rows) or "无"
        checking.add(Code.SHEET_MISSING, place, f"名为“{name}”的表；首次启用须登记组织机构", found=found)
    elif read and not checking.book.rows[name]:
        checking.add(Code.SHEET_EMPTY, place, "至少一行数据；示例行不算")


def _departments(checking: Checking) -> tuple[DepartmentEstablished, ...]:
    found: list[DepartmentEstablished] = []
    ids: dict[str, int] = {}
    names: dict[str, int] = {}
    rows: dict[str, Parsed] = {}
    for parsed in checking.rows(DEPARTMENTS):
        if parsed["department"] and checking.once(parsed, "department", parsed["department"], ids):
            rows[parsed["department"]] = parsed
        if parsed["name"]:
            checking.once(parsed, "name", parsed["name"], names)
        if not parsed.sound:
            checking.doubtful.add(parsed["department"] or "")
        else:
            found.append(
                DepartmentEstablished(
                    department=parsed["department"], name=parsed["name"], kind=parsed["kind"], parent=parsed["parent"] or ""
                )
            )
    _no_loops(checking, rows)
    return tuple(found)


def _no_loops(checking: Checking, rows: dict[str, Parsed]) -> None:
    told: set[str] = set()
    for start, parsed in rows.items():
        path, above = [start], parsed["parent"]
        while above in rows and above not in path:
            path.append(above)
            above = rows[above]["parent"]
        if above == start and not told & set(path):
            told |= set(path)
            loop = " → ".join((*path, start))
            checking.add(Code.TREE_HAS_A_LOOP, parsed.cell("parent"), "最上一级的部门“上级”留空", loop=loop)


def _people(checking: Checking, since: date) -> tuple[tuple[PostEstablished, ...], tuple[Appointed, ...], tuple[Contact, ...]]:
    posts: dict[str, tuple[PostEstablished, int]] = {}
    contacts: dict[str, tuple[Contact, int]] = {}
    appointments: list[Appointed] = []
    seen: dict[tuple[str, str], int] = {}
    for parsed in checking.rows(PEOPLE):
        _contact(checking, parsed, contacts)
        if not parsed.sound:
            checking.doubtful |= {parsed["person"] or "", parsed["department"] or ""}
            continue
        post = _post(checking, parsed, posts)
        if checking.once(parsed, "person", (parsed["person"], post), seen):
            appointments.append(_appointed(checking, parsed, post, since))
    return tuple(post for post, _ in posts.values()), tuple(appointments), tuple(contact for contact, _ in contacts.values())


def _contact(checking: Checking, parsed: Parsed, contacts: dict[str, tuple[Contact, int]]) -> None:
    person, name = parsed["person"], parsed["name"]
    if not person or not name:
        return
    first, row = contacts.setdefault(
        person,
        (Contact(person=person, name=name, phone=parsed["mobile"] or "", email=parsed["email"] or ""), parsed.row.number),
    )
    if first.name != name:
        checking.add(
            Code.NAMES_DIFFER,
            parsed.cell("name"),
            "同一工号各行姓名一致；不同的人用不同的工号",
            person=person,
            other=row,
            name=first.name,
        )
        parsed.sound = False


def _appointed(checking: Checking, parsed: Parsed, post: str, since: date) -> Appointed:
    """Give the appointment, or the one in force already where the row has no day of its own."""
    appointed = Appointed(person=parsed["person"], post=post, since=parsed["since"] or since)
    in_force = [
        one
        for one in checking.known.appointments
        if (one.person, one.post) == (appointed.person, post) and one.since <= checking.today <= one.until
    ]
    return in_force[0] if in_force and not parsed["since"] else appointed


def _post(checking: Checking, parsed: Parsed, posts: dict[str, tuple[PostEstablished, int]]) -> str:
    """Give the post's id: its department and title, so that the same roster names the same posts for ever."""
    post = f"{parsed['department']}/{parsed['title']}"
    roles = tuple(sorted(parsed["roles"], key=list(ROLES.values()).index))
    established = PostEstablished(post=post, department=parsed["department"], title=parsed["title"], roles=roles)
    first, row = posts.setdefault(post, (established, parsed.row.number))
    if first != established:
        names = "、".join(name for name, role in ROLES.items() if role in first.roles)
        checking.add(
            Code.ROLES_DIFFER, parsed.cell("roles"), f"{names}；角色不同的岗位请用不同的岗位名称", post=parsed["title"], other=row
        )
    return post


def _liaisons(checking: Checking, since: date) -> tuple[LiaisonNamed, ...]:
    found: list[LiaisonNamed] = []
    seen: dict[str, int] = {}
    for parsed in checking.rows(LIAISONS):
        if parsed["department"]:
            checking.once(parsed, "department", parsed["department"], seen)
        if parsed["person"] and parsed["person"] == parsed["deputy"]:
            checking.add(Code.SAME_PERSON, parsed.cell("deputy"), "另一个人，或留空")
            parsed.sound = False
        if not parsed.sound:
            checking.doubtful.add(parsed["department"] or "")
        else:
            named = LiaisonNamed(
                department=parsed["department"], person=parsed["person"], deputy=parsed["deputy"] or "", since=since
            )
            found.append(_as_known(checking, named))
    return tuple(found)


def _as_known(checking: Checking, named: LiaisonNamed) -> LiaisonNamed:
    """Give the naming that is in force already, if it says the same: another day's roster must not name the same people again."""
    in_force = [one for one in checking.known.liaisons if one.department == named.department]
    same = in_force and (in_force[-1].person, in_force[-1].deputy) == (named.person, named.deputy)
    return in_force[-1] if same else named


def _fields(
    checking: Checking, since: date, appointments: Sequence[Appointed], posts: Sequence[PostEstablished]
) -> tuple[FieldAssigned, ...]:
    leading = {post.post for post in (*posts, *checking.known.posts.values()) if Role.DEPUTY_LEADER in post.roles}
    leaders = {one.person for one in (*appointments, *checking.known.appointments) if one.post in leading}
    found: list[FieldAssigned] = []
    seen: dict[str, int] = {}
    for parsed in checking.rows(FIELDS):
        leader = parsed["leader"]
        if leader:
            checking.once(parsed, "leader", leader, seen)
        if leader and leader not in leaders | checking.doubtful and not checking.registers.persons.lenient:
            expected = "“人员”表中角色含“分管领导”的人"
            checking.add(Code.NOT_A_DEPUTY_LEADER, parsed.cell("leader"), expected, person=parsed.cell("leader").shown)
            parsed.sound = False
        if parsed.sound:
            assigned = FieldAssigned(leader=leader, departments=parsed["departments"], since=since)
            known = [one for one in checking.known.fields if one.leader == leader]
            same = known and known[-1].departments == assigned.departments
            found.append(known[-1] if same else assigned)
    return tuple(found)
