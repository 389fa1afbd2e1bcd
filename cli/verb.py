"""One way to declare a verb: an async function whose first argument is the desk it works at; what all verbs share is added here."""

import asyncio
import inspect
import logging
import signal
import traceback
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
from typing import Annotated, Any

import typer

from application.logs import set_up_logs
from cli.desk import Desk
from cli.faults import ExitCode, Fault, fault_of
from cli.output import Language, Output
from cli.who import ACTING, Who

Body = Callable[..., Awaitable[ExitCode | None]]

SHARED: dict[str, tuple[Any, object]] = {
    "json_": (
        Annotated[bool | None, typer.Option("--json/--table", help="一个 JSON 文档；默认终端上为表格 / one JSON document")],
        None,
    ),
    "quiet": (Annotated[bool, typer.Option("--quiet", "-q", help="只显示错误 / errors only")], False),
    "language": (Annotated[str, typer.Option("--lang", envvar="DUKAO_LANG", help="zh 或 en / zh or en")], "zh"),
    "data": (
        Annotated[
            Path | None, typer.Option("--data", envvar="DUKAO_DATA", help="数据目录 / data folder of the embedded servers")
        ],
        None,
    ),
}


def verb(group: typer.Typer, name: str) -> Callable[[Body], Body]:
    """Register an async function as a verb of a group; its docstring is the help.

    Its first parameter is the desk it works at. A parameter ``who`` makes it a person's act: the options that say who are added.
    """

    def register(body: Body) -> Body:
        group.command(name)(_typed(body))
        return body

    return register


def _typed(body: Body) -> Callable[..., None]:
    """Give the function typer sees: the body's parameters without the desk, and then what all verbs share."""

    def run(*, json_: bool | None, quiet: bool, language: str, data: Path | None, **given: Any) -> None:
        chosen: Language = "en" if language == "en" else "zh"
        desk = Desk(output=Output(as_json=json_, quiet=quiet, language=chosen), data=data)
        if acts:
            given["who"] = Who(person=given.pop("as_"), **{each: given.pop(each) for each in ACTING if each != "as_"})
        raise typer.Exit(_run(desk, lambda: _awaited(body(desk, **given))))

    own = list(inspect.signature(body, eval_str=True).parameters.values())[1:]
    acts = any(parameter.name == "who" for parameter in own)
    own = [parameter for parameter in own if parameter.name != "who"]
    shared = [
        inspect.Parameter(each, inspect.Parameter.KEYWORD_ONLY, annotation=annotation, default=default)
        for each, (annotation, default) in ((ACTING if acts else {}) | SHARED).items()
    ]
    parameters = [parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY) for parameter in own] + shared
    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]  # What typer reads the options from.
    run.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    run.__doc__ = body.__doc__
    run.__name__ = getattr(body, "__name__", "run")
    return run


def _run(desk: Desk, work: Callable[[], Coroutine[Any, Any, ExitCode | None]]) -> int:
    """Run a verb to its end and give its exit code. A fault is told; a bug shows its traceback."""
    set_up_logs("auto", level=logging.WARNING)  # To stderr: stdout is the answer's alone.
    try:
        return int(asyncio.run(_to_its_end(work())) or ExitCode.DONE)
    except KeyboardInterrupt:
        desk.output.error("已中断。", "Interrupted.")
        return 128 + signal.SIGINT
    except BaseException as error:  # noqa: BLE001  The door: every failure becomes an exit code here.
        fault = fault_of(error)
        if fault is None:
            traceback.print_exception(error)
            fault = Fault("程序出错（上面是详情）。请把它交给维护人员。", "A bug in the program; see above, and pass it on.")
        desk.output.error(fault.zh, fault.en)
        return fault.code


async def _to_its_end(work: Coroutine[Any, Any, ExitCode | None]) -> ExitCode | None:
    """Let connections that are being closed finish before the loop goes: temporalio may abort otherwise."""
    try:
        return await work
    finally:
        await asyncio.sleep(0.05)


async def _awaited(work: Awaitable[ExitCode | None]) -> ExitCode | None:
    return await work
