"""周期: where the whole cycle stands, and what the office and the leaders do with it."""

from dataclasses import replace

from fastapi import APIRouter
from starlette.exceptions import HTTPException
from starlette.responses import Response

from console.acting import Matter, Rejected, act, offered
from console.door import Page, SignedIn
from console.drawing import address_of
from console.offers import CycleFields, awaited
from console.room import happened
from console.steps import cycle_steps
from console.story import refusals_of, story
from domain import names
from domain.cycle import Cycle, Phase
from projections import board
from projections.board import Filter

router = APIRouter()


@router.get("/cycle/{cycle_id}")
async def show_cycle(page: SignedIn, cycle_id: str) -> Response:
    """Show a cycle."""
    await page.seen_by("board")
    stream = names.cycle(cycle_id)
    return await _show(page, stream, await _cycle(page, stream))


@router.post("/cycle/{cycle_id}")
async def act_on_cycle(page: SignedIn, cycle_id: str) -> Response:
    """Do what one of the cycle's forms asks."""
    stream = names.cycle(cycle_id)
    cycle = await _cycle(page, stream)
    outcome = await act(page, await _matter(page, stream, cycle))
    return await _show(page, stream, cycle, outcome) if isinstance(outcome, Rejected) else outcome


async def _cycle(page: Page, stream: str) -> Cycle:
    cycle: Cycle = await page.dukao.ledger.state_of(stream)
    if cycle.opened is None:
        raise HTTPException(404)
    return cycle


async def _matter(page: Page, stream: str, cycle: Cycle) -> Matter:
    policies = await page.policies(cycle)
    return Matter(
        stream=stream,
        address=address_of(stream),
        steps=cycle_steps(cycle, page.visitor.on),
        fields=CycleFields(cycle=cycle),
        duties=policies.duties,
    )


async def _show(page: Page, stream: str, cycle: Cycle, rejected: Rejected | None = None) -> Response:
    matter = await _matter(page, stream, cycle)
    offers = offered(page, matter)
    if rejected is not None:
        offers = (rejected.offer, *(offer for offer in offers if offer.key != rejected.offer.key))
    counts = []
    if page.visitor.sees_all:
        async with page.dukao.engine.connect() as connection:
            counts = await board.counts(connection, page.now, replace(Filter(), cycle=names.cycle_of(stream)))
    events = happened(page.dukao, await page.dukao.log.read(stream))
    return await page.show(
        "cycle.html",
        status=rejected.status if rejected else 200,
        title=cycle.opened.name if cycle.opened else "",
        cycle=cycle,
        cycle_id=names.cycle_of(stream),
        offers=offers,
        rejected=rejected,
        action=matter.address,
        awaited=awaited(matter.steps, page.visitor, page.words),
        phases=[phase for phase in Phase if phase is not Phase.NONE],
        counts=counts,
        story=story((*events, *await refusals_of(page.dukao, stream, page.visitor)), page.words, await page.names(), scores=True),
    )
