"""督办单: a matter to be put right, and the step that is due now."""

from fastapi import APIRouter
from starlette.exceptions import HTTPException
from starlette.responses import Response

from console.acting import Matter, Rejected, act, offered
from console.door import Page, SignedIn
from console.drawing import address_of
from console.offers import OrderFields, awaited
from console.room import happened
from console.steps import order_steps
from console.story import refusals_of, story
from domain import names
from domain.cycle import Cycle
from domain.order import Order, OrderStage, parties
from domain.task.state import Task

router = APIRouter()


@router.get("/order/{cycle}/{indicator}/{department}/{cause:path}")
async def show_order(page: SignedIn, cycle: str, indicator: str, department: str, cause: str) -> Response:
    """Show an order."""
    stream = names.order(names.task(cycle, indicator, department), cause)
    return await _show(page, stream, await _order(page, stream))


@router.post("/order/{cycle}/{indicator}/{department}/{cause:path}")
async def act_on_order(page: SignedIn, cycle: str, indicator: str, department: str, cause: str) -> Response:
    """Do what one of the order's forms asks."""
    stream = names.order(names.task(cycle, indicator, department), cause)
    order = await _order(page, stream)
    outcome = await act(page, await _matter(page, stream, order))
    return await _show(page, stream, order, outcome) if isinstance(outcome, Rejected) else outcome


async def _order(page: Page, stream: str) -> Order:
    order: Order = await page.dukao.ledger.state_of(stream)
    if order.registered is None or not page.visitor.may_see(parties(order)):
        task = await _task(page, order)
        if task is None or not page.visitor.may_see(task.parties):
            raise HTTPException(404)
    return order


async def _task(page: Page, order: Order) -> Task | None:
    if order.registered is None:
        return None
    task: Task = await page.dukao.ledger.state_of(order.registered.task)
    return task if task.issued is not None else None


async def _cycle(page: Page, stream: str) -> Cycle:
    cycle: Cycle = await page.dukao.ledger.state_of(names.cycle(names.cycle_of(stream)))
    return cycle


async def _matter(page: Page, stream: str, order: Order) -> Matter:
    policies = await page.policies(await _cycle(page, stream))
    return Matter(
        stream=stream, address=address_of(stream), steps=order_steps(order), fields=OrderFields(), duties=policies.duties
    )


async def _show(page: Page, stream: str, order: Order, rejected: Rejected | None = None) -> Response:
    matter = await _matter(page, stream, order)
    task = await _task(page, order)
    assert order.registered is not None
    cycle = await _cycle(page, stream)
    policies = await page.policies(cycle)
    events = happened(page.dukao, await page.dukao.log.read(stream))
    offers = offered(page, matter)
    if rejected is not None:
        offers = (rejected.offer, *(offer for offer in offers if offer.key != rejected.offer.key))
    return await page.show(
        "order.html",
        status=rejected.status if rejected else 200,
        title=page.words("督办单"),
        order=order,
        registered=order.registered,
        task=task,
        offers=offers,
        rejected=rejected,
        action=matter.address,
        awaited=awaited(matter.steps, page.visitor, page.words),
        stages=[stage for stage in OrderStage if stage is not OrderStage.NONE],
        scores=page.visitor.may_see_scores(order.registered.lead, cycle, policies.visibility),
        story=story((*events, *await refusals_of(page.dukao, stream, page.visitor)), page.words, await page.names(), scores=True),
    )
