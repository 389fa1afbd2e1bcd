"""``dukao up``, ``serve``, ``worker``: the long-running processes."""

import asyncio
import contextlib
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from application.demonstration.begin import PASSWORD, SignIn, play, sign_ins
from application.dukao import Dukao, open_dukao
from application.logs import set_up_logs
from application.settings import PREFIX
from application.store import mark_of
from cli.desk import ROLE, Desk, names_servers, settings_of
from cli.faults import usage
from cli.reached import seconds_to_the_board
from cli.verb import verb
from console.app import serve
from embedded.process import free_port
from embedded.stack import Stack
from event_store.migrate import application_role, upgrade
from projections.runner import ready
from worker import PARTS, Part, run_worker

BEGAN = f"{PREFIX}BEGAN"  # When ./dev began, in seconds since 1970: it sets up before we are here.
USUAL_PORT = 8080


def add_to(app: typer.Typer) -> None:
    """Add the verbs."""
    verb(app, "up")(up)
    verb(app, "serve")(serve_)
    verb(app, "worker")(worker)


async def up(
    desk: Desk,
    *,
    demo: Annotated[
        bool, typer.Option("--demo/--no-demo", help="空库时启动演示 / start the demonstration in an empty store")
    ] = True,
    port: Annotated[int | None, typer.Option("--port", help="控制台端口 / the console's port")] = None,
) -> None:
    """在本机启动全部服务；空库时启动演示并演到第三季度末，然后继续运行，直到 Ctrl-C。 / Run everything on this machine."""
    began = _began()
    set_up_logs("auto", level=_level(desk))
    with _told_to_stop() as stop:
        desk.output.note("正在启动数据库和工作流服务…", "Starting the servers…")
        async with Stack.start(desk.data) as stack:
            await prepare(stack)
            chosen = port if port is not None else _port()
            settings = settings_of(stack, console_port=chosen)
            async with open_dukao(settings) as dukao:
                await _run(desk, dukao, stop, began, demo=demo)
        desk.output.note("已停止。", "Stopped.")


async def serve_(
    desk: Desk,
    *,
    host: Annotated[str, typer.Option("--host", help="监听地址 / address")] = "",
    port: Annotated[int | None, typer.Option("--port", help="端口 / port")] = None,
) -> None:
    """只运行控制台。 / Serve the console alone."""
    settings = desk.settings()
    set_up_logs(settings.log_format)
    async with open_dukao(settings) as dukao:
        await ready(dukao.engine)
        with _told_to_stop() as stop:
            at = settings.console_port if port is None else port
            serving = asyncio.create_task(
                serve(
                    dukao,
                    host or settings.console_host,
                    at,
                    on_started=lambda url: desk.output.note(f"控制台：{url}", f"Console: {url}"),
                )
            )
            await _first(stop, serving)


async def worker(
    desk: Desk,
    *,
    only: Annotated[list[str] | None, typer.Option("--only", help=f"只运行其中一部分 / only: {', '.join(PARTS)}")] = None,
    health: Annotated[int | None, typer.Option("--health", help="健康检查端口 / port that answers health questions")] = None,
) -> None:
    """只运行后台：工作流、读模型、补发。 / Run the worker alone."""
    parts = [_part(each) for each in only or PARTS]
    settings = desk.settings()
    if health is not None:
        settings = settings.model_copy(update={"worker_health_port": health})
    set_up_logs(settings.log_format)
    async with open_dukao(settings) as dukao:
        with _told_to_stop() as stop:
            await run_worker(dukao, parts, stop)


async def prepare(stack: Stack) -> None:
    """Bring the embedded database to the newest schema, and let the program sign in to it."""
    await upgrade(stack.postgres_dsn)
    await application_role(stack.postgres_dsn, ROLE, stack.secret("application-role"))


@contextlib.asynccontextmanager
async def working(desk: Desk) -> AsyncIterator[Dukao]:
    """Give the store that runs; where none does, start the servers and a worker for as long as the block lasts."""
    if names_servers() or Stack.find(desk.data) is not None:
        async with desk.dukao() as dukao:
            yield dukao
        return
    desk.output.note("没有正在运行的服务，临时启动…", "No servers run; starting them for now…")
    set_up_logs("auto", level=_level(desk))
    async with Stack.start(desk.data) as stack:
        await prepare(stack)
        async with open_dukao(settings_of(stack)) as dukao:
            stop = asyncio.Event()
            running = asyncio.create_task(run_worker(dukao, stop=stop))
            try:
                yield dukao
            finally:
                stop.set()
                await running


async def _run(desk: Desk, dukao: Dukao, stop: asyncio.Event, began: float, *, demo: bool) -> None:
    """Run worker and console until told to stop; meanwhile play the demonstration, if the store is for it."""
    await ready(dukao.engine)
    address: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    host, port = dukao.settings.console_host, dukao.settings.console_port
    work = asyncio.create_task(run_worker(dukao, stop=stop))
    serving = asyncio.create_task(serve(dukao, host, port, on_started=address.set_result))
    main = asyncio.create_task(_play(desk, dukao, address, began, demo=demo))
    try:
        await _first(stop, work, serving, main, forever={main})
    finally:
        desk.output.note("正在停止…", "Stopping…")
        stop.set()
        main.cancel()
        await asyncio.gather(main, return_exceptions=True)
        serving.cancel()
        await asyncio.gather(serving, work, return_exceptions=True)


async def _play(desk: Desk, dukao: Dukao, address: asyncio.Future[str], began: float, *, demo: bool) -> None:
    """Say where the console is, and before that play the demonstration where the store is empty or its play was cut short."""
    url = await address
    mark = await mark_of(dukao.engine)
    if mark is None and demo and await dukao.log.head() < 0:
        desk.output.note(f"空库：启动演示（控制台已开：{url}）", f"An empty store: starting the demonstration (console: {url})")
    elif mark is None or mark.kind != "demonstration":
        _show_own(desk, url, is_marked=mark is not None)
        return
    with desk.output.progress("演示进行中", "Playing the demonstration") as move:
        await play(dukao, move)
    people = await sign_ins(dukao, datetime.now(UTC))
    await asyncio.to_thread(seconds_to_the_board, url, people[0].login, PASSWORD)
    _show_demonstration(desk, url, people, time.time() - began)


async def _first(stop: asyncio.Event, *works: "asyncio.Task[None]", forever: "set[asyncio.Task[None]] | None" = None) -> None:
    """Wait until we are told to stop, or a work fails or ends that should go on. Those in ``forever`` may end well."""
    stopping = asyncio.create_task(stop.wait())
    waiting: set[asyncio.Task[object]] = {stopping, *works}
    try:
        while True:
            done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            for each in done:
                each.result()  # A failure is ours, too.
            if stopping in done or done - (forever or set()):
                return
    finally:
        stopping.cancel()
        for each in works if forever is None else ():
            each.cancel()
            await asyncio.gather(each, return_exceptions=True)


@contextlib.contextmanager
def _told_to_stop() -> Iterator[asyncio.Event]:
    """Give an event that is set when somebody presses Ctrl-C or ends the process kindly; a second time it ends at once."""
    stop, loop = asyncio.Event(), asyncio.get_running_loop()

    def told() -> None:
        stop.set()
        for each in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(each)

    for each in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(each, told)
    try:
        yield stop
    finally:
        for each in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(each)


def _show_demonstration(desk: Desk, url: str, people: tuple[SignIn, ...], seconds: float) -> None:
    say = desk.output.say
    logins = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    for each in people:
        logins.add_row(Text(each.login, style="bold"), Text(each.role))
    took = say(f"从启动到登录后看到看板：{seconds:.1f} 秒", f"From the start to the signed-in board: {seconds:.1f} s")
    more = say("Ctrl-C 停止，数据保留。接着演到归档：", "Ctrl-C stops, data stay. To play on to the archive: ")
    lines = Table.grid()
    lines.add_row(Text.assemble((say("控制台  ", "Console  "), "bold"), (url, "cyan underline")))
    lines.add_row(Text(say(f"任一账号，密码 {PASSWORD}：", f"Any of these accounts, password {PASSWORD}:")))
    lines.add_row(logins)
    lines.add_row(Text(took, style="green"))
    lines.add_row(Text(f"{more}dukao demo play --to archive"))
    document = {"url": url, "password": PASSWORD, "accounts": people, "seconds": round(seconds, 1)}
    desk.output.show(document, Panel(lines, title="督考 Dukao（演示）", expand=False))
    sys.stdout.flush()


def _show_own(desk: Desk, url: str, *, is_marked: bool) -> None:
    hint = "" if is_marked else desk.output.say("本库尚未登记单位：dukao init", "This store belongs to nobody yet: dukao init")
    desk.output.show({"url": url}, Panel(Text(f"{url}\n{hint}".strip()), title="督考 Dukao", expand=False))
    sys.stdout.flush()


def _began() -> float:
    try:
        return float(os.environ.get(BEGAN, ""))
    except ValueError:
        return time.time()


def _port() -> int:
    wanted = os.environ.get(f"{PREFIX}CONSOLE_PORT", "")
    if wanted and not (wanted.isdigit() and int(wanted) < 1 << 16):
        raise usage(
            f"{PREFIX}CONSOLE_PORT 应为端口号，而不是“{wanted}”。", f"{PREFIX}CONSOLE_PORT should be a port, not '{wanted}'."
        )
    return int(wanted) if wanted else free_port(USUAL_PORT)


def _part(name: str) -> Part:
    for part in PARTS:
        if part == name:
            return part
    raise usage(f"没有“{name}”这一部分。可选：{'、'.join(PARTS)}。", f"There is no part '{name}'; there are: {', '.join(PARTS)}.")


def _level(desk: Desk) -> int:
    """Say warnings only where somebody looks at a progress bar."""
    import logging

    return logging.WARNING if desk.output.errors.is_terminal or desk.output.quiet else logging.INFO
