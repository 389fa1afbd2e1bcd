"""For machines: does the console live, and can it do its work?"""

import asyncio
from collections.abc import Awaitable
from datetime import datetime, timedelta

from fastapi import APIRouter, Request
from sqlalchemy import text
from starlette.responses import JSONResponse, Response

from application.dukao import Dukao
from console.door import Door
from projections.runner import lags

PATIENCE_S = 2.0
LATE = timedelta(minutes=1)  # A follower that has not been heard of for so long is not following.

router = APIRouter()


@router.get("/livez")
async def livez() -> Response:
    """Say that this process answers."""
    return _said({"status": "ok"}, 200)


@router.get("/healthz")
@router.get("/readyz")
async def readyz(request: Request) -> Response:
    """Say whether database, workflow service and read models answer. 503 without the first two; read models may lag."""
    door: Door = request.app.state.door
    database, temporal = await asyncio.gather(_within(_database(door.dukao)), _within(_temporal(door.dukao)))
    models = await _within(_models(door.dukao, door.now())) if database == "ok" else {}
    ready = database == "ok" and temporal in {"ok", "none"}
    body = {"status": "ok" if ready else "unavailable", "database": database, "temporal": temporal, "read_models": models}
    return _said(body, 200 if ready else 503)


async def _database(dukao: Dukao) -> str:
    async with dukao.engine.connect() as connection:
        await connection.execute(text("SELECT 1"))
    return "ok"


async def _temporal(dukao: Dukao) -> str:
    if dukao.client is None:
        return "none"
    return "ok" if await dukao.client.service_client.check_health() else "not serving"


async def _models(dukao: Dukao, now: datetime) -> dict[str, object]:
    head = await dukao.log.head()
    return {
        lag.name: {"behind": head - lag.position, "parked": lag.parked, "followed": now - lag.heartbeat_at < LATE}
        for lag in await lags(dukao.engine)
    }


async def _within(asked: Awaitable[object]) -> object:
    """Wait a moment for an answer; what goes wrong is the answer."""
    try:
        async with asyncio.timeout(PATIENCE_S):
            return await asked
    except Exception as error:  # noqa: BLE001  Whatever it is, it is what was asked for.
        return f"{type(error).__name__}"


def _said(body: dict[str, object], status: int) -> Response:
    return JSONResponse(body, status_code=status, headers={"Cache-Control": "no-store"})
