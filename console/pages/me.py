"""个人: my posts, my authorisations, and what was last done in my name."""

from fastapi import APIRouter
from starlette.responses import Response

from console.door import SignedIn
from console.visitor import principals
from projections.timeline import Wanted, lines

router = APIRouter()


@router.get("/people/me")
async def me(page: SignedIn) -> Response:
    """Show what the system knows of me."""
    await page.seen_by("timeline")
    visitor = page.visitor
    async with page.dukao.engine.connect() as connection:
        mine = await lines(connection, Wanted(person=visitor.person), limit=20)
    known = await page.names()
    return await page.show(
        "me.html",
        title=page.words("个人"),
        principals=tuple(principals(visitor)),
        recent=[(line, line.told(known, page.words.language)) for line in mine if line.person == visitor.person],
        absent=visitor.organisation.is_away(visitor.person, visitor.on),
    )
