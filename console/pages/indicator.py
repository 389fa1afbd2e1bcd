"""指标室: one indicator in one department's hands, and the one thing that is due now for whoever looks."""

import asyncio
from collections.abc import AsyncIterator
from typing import BinaryIO
from urllib.parse import quote

from fastapi import APIRouter
from starlette.exceptions import HTTPException
from starlette.responses import Response, StreamingResponse

from console.acting import Matter, Rejected, act, offered
from console.door import Page, SignedIn
from console.drawing import address_of
from console.offers import Offer, TaskFields, awaited
from console.room import Room, outcomes, room_of
from console.steps import task_steps
from console.story import refusals_of, story
from domain import names
from domain.scoring import explain, inputs
from domain.task.evaluation import full_points

router = APIRouter()


@router.get("/i/{cycle}/{indicator}/{department}")
async def show_room(page: SignedIn, cycle: str, indicator: str, department: str) -> Response:
    """Show the room."""
    room = await _room(page, names.task(cycle, indicator, department))
    return await _show(page, room, await _matter(page, room))


@router.post("/i/{cycle}/{indicator}/{department}")
async def act_in_room(page: SignedIn, cycle: str, indicator: str, department: str) -> Response:
    """Do what one of the room's forms asks."""
    room = await _room(page, names.task(cycle, indicator, department))
    matter = await _matter(page, room)
    outcome = await act(page, matter)
    return await _show(page, room, matter, outcome) if isinstance(outcome, Rejected) else outcome


@router.get("/i/{cycle}/{indicator}/{department}/evidence/{sha256}")
async def evidence(page: SignedIn, cycle: str, indicator: str, department: str, sha256: str) -> Response:
    """Hand out a piece of evidence of this task, as it was handed in."""
    room = await _room(page, names.task(cycle, indicator, department))
    piece = room.evidence(sha256)
    if piece is None:
        raise HTTPException(404)
    file = await asyncio.to_thread(page.dukao.evidence.open, sha256)
    headers = {
        "Content-Length": str(piece.size),
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(piece.title, safe='')}",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cache-Control": "private, no-store",
    }
    return StreamingResponse(_chunks(file), media_type=piece.media_type, headers=headers)


async def _room(page: Page, stream: str) -> Room:
    """Read a room this person may enter. What does not exist and what they may not see look the same."""
    room = await room_of(page.dukao, stream)
    if room is None or not page.visitor.may_see(room.task.parties):
        raise HTTPException(404)
    return room


async def _matter(page: Page, room: Room) -> Matter:
    known = await page.names()
    policies = await page.policies(room.cycle)
    return Matter(
        stream=room.stream,
        address=address_of(room.stream),
        steps=task_steps(room.task, room.cycle),
        fields=TaskFields(task=room.task, names=known.persons),
        duties=policies.duties,
    )


async def _show(page: Page, room: Room, matter: Matter, rejected: Rejected | None = None) -> Response:
    policies = await page.policies(room.cycle)
    known = await page.names()
    scores = page.visitor.may_see_scores(room.task.parties.lead, room.cycle, policies.visibility)
    refused = await refusals_of(page.dukao, room.stream, page.visitor)
    offers = _with_rejected(offered(page, matter), rejected)
    return await page.show(
        "indicator.html",
        status=rejected.status if rejected else 200,
        title=room.task.the.definition.name,
        room=room,
        task=room.task,
        issued=room.task.the,
        definition=room.task.the.definition,
        rule_in_words=explain(room.task.the.definition.rule),
        input_labels={spec.name: spec.label for spec in inputs(room.task.the.definition.rule)},
        full=full_points(room.task),
        offers=offers,
        rejected=rejected,
        action=matter.address,
        awaited=awaited(matter.steps, page.visitor, page.words),
        scores=scores,
        outcomes=outcomes(room),
        story=story((*room.events, *refused), page.words, known, scores=scores),
    )


def _with_rejected(offers: tuple[Offer, ...], rejected: Rejected | None) -> tuple[Offer, ...]:
    """Put the form that was sent first, as it was filled in."""
    if rejected is None:
        return offers
    return (rejected.offer, *(offer for offer in offers if offer.key != rejected.offer.key))


async def _chunks(file: BinaryIO) -> AsyncIterator[bytes]:
    try:
        while chunk := await asyncio.to_thread(file.read, 256 * 1024):
            yield chunk
    finally:
        await asyncio.to_thread(file.close)
