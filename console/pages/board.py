"""看板: every task this person may see, filtered by what stands in the address."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from fastapi import APIRouter
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.responses import Response

from console.door import RECENT_S, Page, SignedIn
from domain import names
from domain.authority import Parties
from domain.cycle import Cycle
from domain.task.state import Stage
from projections import board
from projections.board import BoardTask, Filter, Light, Sort

LINES = 50
READ_AT_ONCE = 500  # Lines read for those who may not see all, until a page of theirs is full.

router = APIRouter()


@dataclass(frozen=True, kw_only=True)
class Choices:
    """What stands in the address, and what may stand there."""

    chosen: Mapping[str, str]
    departments: tuple[str, ...]
    categories: tuple[str, ...]
    counts: Mapping[Stage, tuple[int, int]]  # Tasks and overdue ones by stage.


@router.get("/board")
async def show_board(page: SignedIn) -> Response:
    """Show the board of the cycle that is on, or of the one named."""
    await page.seen_by("board")
    head = await page.head()
    chosen = {name: page.request.query_params.get(name, "").strip() for name in NAMES}
    cycle_id = chosen["cycle"] or (head.cycle.cycle if head.cycle else "")
    now = page.now
    cycle: Cycle = await page.dukao.ledger.state_of(names.cycle(cycle_id or "-"), within_s=RECENT_S)
    seen = page.visitor.tasks_seen(cycle_id, cycle)
    async with page.dukao.engine.connect() as connection:
        shown = _filter(chosen, cycle_id)
        lines, after = await _lines(connection, page, shown, sort=_sort(chosen["sort"]), after=chosen["from"])
        counts = await _counts(connection, now, replace(shown, stages=()), seen)
    choices = Choices(
        chosen=chosen,
        departments=_departments(cycle, seen, cycle_id),
        categories=await _categories(page, cycle_id, seen),
        counts=counts,
    )
    lights = {line.stream: line.light(now) for line in lines}
    template = "board_table.html" if page.request.headers.get("hx-request") else "board.html"
    return await page.show(
        template,
        title=page.words("看板"),
        lines=lines,
        next_from=after,
        choices=choices,
        lights=lights,
        red=Light.RED,
        stages=[stage for stage in Stage if stage is not Stage.NONE],
        sorts=SORTS,
    )


NAMES = ("cycle", "department", "stage", "overdue", "category", "q", "sort", "from")
SORTS = {
    Sort.DUE: "按时限",
    Sort.OVERDUE: "按逾期级别",
    Sort.STAGE: "按阶段",
    Sort.DEPARTMENT: "按部门",
    Sort.CATEGORY: "按类别",
    Sort.NAME: "按名称",
}


def _filter(chosen: Mapping[str, str], cycle_id: str) -> Filter:
    stages = tuple(stage for stage in Stage if stage == chosen["stage"])
    return Filter(
        cycle=cycle_id,
        departments=(chosen["department"],) if chosen["department"] else (),
        stages=stages,
        categories=(chosen["category"],) if chosen["category"] else (),
        overdue=True if chosen["overdue"] else None,
        text=chosen["q"],
    )


def _sort(name: str) -> Sort:
    return next((sort for sort in Sort if sort == name), Sort.DUE)


async def _lines(
    connection: AsyncConnection, page: Page, shown: Filter, *, sort: Sort, after: str
) -> tuple[tuple[BoardTask, ...], str]:
    """Give one page of the lines this person may see, and where the next one begins (empty: there is none)."""
    if page.visitor.sees_all:
        whole = await board.tasks(connection, page.now, shown, sort=sort, after=after, limit=LINES)
        return whole.tasks, whole.after
    found: list[BoardTask] = []
    while True:
        part = await board.tasks(connection, page.now, shown, sort=sort, after=after, limit=READ_AT_ONCE)
        found += (line for line in part.tasks if page.visitor.may_see(_parties(line)))
        after = part.after
        if len(found) > LINES:
            return tuple(found[:LINES]), found[LINES - 1].stream
        if not after:
            return tuple(found), ""


def _parties(line: BoardTask) -> Parties:
    return Parties(
        lead=line.department,
        responsible=line.responsible,
        deputy_leader=line.deputy_leader,
        reviewing=line.reviewing,
        providing=line.providing,
        assisting=tuple((department, "") for department in line.assisting),
    )


async def _counts(
    connection: AsyncConnection, now: datetime, shown: Filter, seen: frozenset[str] | None
) -> dict[Stage, tuple[int, int]]:
    """Count by stage; only for those who see all, for a count would tell the others what they may not see."""
    if seen is not None:
        return {}
    found: dict[Stage, tuple[int, int]] = {}
    for count in await board.counts(connection, now, shown):
        tasks, overdue = found.get(count.stage, (0, 0))
        found[count.stage] = (tasks + count.tasks, overdue + count.overdue)
    return found


def _departments(cycle: Cycle, seen: frozenset[str] | None, cycle_id: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(lead for indicator, lead in cycle.plan if _is_seen(seen, cycle_id, indicator, lead)))


async def _categories(page: Page, cycle_id: str, seen: frozenset[str] | None) -> tuple[str, ...]:
    async with page.dukao.engine.connect() as connection:
        found = await board.tasks(connection, page.now, Filter(cycle=cycle_id), sort=Sort.CATEGORY, limit=READ_AT_ONCE)
    return tuple(_once(line.category for line in found.tasks if seen is None or line.stream in seen))


def _is_seen(seen: frozenset[str] | None, cycle_id: str, indicator: str, lead: str) -> bool:
    return seen is None or names.task(cycle_id, indicator, lead) in seen


def _once(found: Iterable[str]) -> Iterable[str]:
    return dict.fromkeys(one for one in found if one)
