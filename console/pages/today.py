"""今日: everything I owe, by deadline, each line with its own verb."""

from fastapi import APIRouter
from starlette.responses import Response

from console.door import SignedIn

router = APIRouter()


@router.get("/")
async def today(page: SignedIn) -> Response:
    """Show my work."""
    await page.seen_by("my_work", "board")
    return await page.show("today.html", title=page.words("今日"))
