"""The console as an ASGI application, and as a server."""

import asyncio
import contextlib
import socket
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import uvicorn
from fastapi import Depends, FastAPI, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import ASGIApp

from application.dukao import Dukao
from console.assets import read_assets
from console.csrf import check_origin
from console.door import Door
from console.drawing import templates
from console.faults import answer_faults
from console.headers import Headed
from console.pages import board, cycle, health, indicator, me, order, scoreboard, sign_in, today


def create_app(dukao: Dukao, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> ASGIApp:
    """Make the console of one process. ``dukao`` is opened and closed by the caller.

    Pages are not compressed: they hold a secret (the form's token) beside what others may have typed.
    """
    assets = read_assets()
    app = FastAPI(title="督考", openapi_url=None, docs_url=None, redoc_url=None, dependencies=[Depends(_from_our_pages)])
    app.state.door = Door(dukao=dukao, assets=assets, templates=templates(assets), now=now)
    by_address = {asset.address: asset for asset in assets.values()}

    @app.get("/assets/{name}")
    async def asset(name: str, request: Request) -> Response:
        """Hand out one file for browsers."""
        found = by_address.get(f"/assets/{name}")
        if found is None:
            raise HTTPException(404)
        return found.response(request.headers.get("accept-encoding", ""))

    for module in (health, sign_in, today, board, indicator, order, cycle, scoreboard, me):
        app.include_router(module.router)
    answer_faults(app)
    return Headed(app, secure=dukao.settings.cookie_secure)


async def serve(dukao: Dukao, host: str, port: int, *, on_started: Callable[[str], None] | None = None) -> None:
    """Serve the console until cancelled, then let open requests end. ``on_started`` is told the address, port 0 being any free one."""
    config = uvicorn.Config(
        create_app(dukao), log_config=None, access_log=False, server_header=False, timeout_graceful_shutdown=GRACE_S
    )
    listening = socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET, backlog=2048)
    server = _Server(config)
    serving = asyncio.ensure_future(server.serve(sockets=[listening]))
    try:
        if on_started is not None:
            on_started(f"http://{host}:{listening.getsockname()[1]}")
        await asyncio.shield(serving)
    except asyncio.CancelledError:
        server.should_exit = True
        await serving
        raise
    finally:
        listening.close()


GRACE_S = 5  # For requests that are under way when the console stops.


def _from_our_pages(request: Request) -> None:
    check_origin(request.method, request.headers)


class _Server(uvicorn.Server):
    """A server that leaves signals to the program it is part of."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield
