"""计分表: what the indicators bring to the departments' totals, provisional before the notice to those who may know."""

from typing import Literal

from fastapi import APIRouter
from starlette.responses import Response

from console.door import RECENT_S, SignedIn
from domain import names
from domain.cycle import Cycle, Phase
from projections.scoreboard import Which, rank, standings

router = APIRouter()

SCORED = frozenset({Phase.LOCKED, Phase.APPROVED, Phase.PUBLICISED, Phase.FINAL, Phase.ARCHIVED})


@router.get("/scoreboard")
async def show_scoreboard(
    page: SignedIn,
    cycle: str = "",
    department: str = "",
    which: Literal["", "provisional", "final"] = "",
    ranked: bool = False,  # noqa: FBT001, FBT002  FastAPI gives it by name.
) -> Response:
    """Show totals and their working; ranks of departments when asked for, of persons never."""
    await page.seen_by("scoreboard")
    head = await page.head()
    cycle_id = cycle or (head.cycle.cycle if head.cycle else "-")
    state: Cycle = await page.dukao.ledger.state_of(names.cycle(cycle_id), within_s=RECENT_S)
    kind: Which = which or ("final" if state.phase in SCORED else "provisional")
    policy = (await page.policies(state)).visibility
    async with page.dukao.engine.connect() as connection:
        found = await standings(connection, cycle_id, kind, department)
    seen = [one for one in found if page.visitor.may_see_scores(one.department, state, policy)]
    places = {one.standing.department: one.place for one in rank(seen)} if ranked else {}
    if ranked:
        seen.sort(key=lambda one: places[one.department])
    return await page.show(
        "scoreboard.html",
        title=page.words("计分表"),
        standings=seen,
        hidden=len(found) - len(seen),
        places=places,
        ranked=ranked,
        which=kind,
        department=department,
        cycle_id=cycle_id,
        provisional=kind == "provisional",
    )
