"""A person gives a command from the command line: who they are, what they may say with it, and how the answer is shown."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from rich.text import Text
from sqlalchemy import select

from application.accounts import ACCOUNT, PERSON
from application.dukao import Dukao
from application.ledger import decider_of
from application.mandate import asked_by
from application.submit import submit
from cli.desk import Desk
from cli.faults import ExitCode, code_of_refusal, not_found, usage
from cli.who import Who
from domain import names
from domain.decider import SYSTEM, Source, SourceKind
from domain.evidence import Evidence
from domain.organisation import Organisation
from event_store.evidence import CSV, DOCX, JPEG, PDF, PNG, TEXT, XLSX
from workflows.messages import Answer

MEDIA_TYPES = {
    ".pdf": PDF,
    ".png": PNG,
    ".jpg": JPEG,
    ".jpeg": JPEG,
    ".xlsx": XLSX,
    ".docx": DOCX,
    ".csv": CSV,
    ".txt": TEXT,
}


async def give(desk: Desk, dukao: Dukao, stream: str, command: Any, who: Who) -> ExitCode:
    """Give a command to a stream as a person, show the answer and say by the exit code what it was."""
    if not who.person:
        raise usage(
            "没有说明由谁办理。请用 --as 指定工号、账号或姓名。", "Nobody is named. Say with --as who gives this command."
        )
    asked = await asked_by(
        dukao,
        await person_of(dukao, who.person),
        stream=stream,
        command_key=who.key or uuid4(),
        source=Source(kind=SourceKind.COMMAND_LINE, place=f"dukao {type(command).__name__}"),
        on_behalf_of=await person_of(dukao, who.on_behalf_of) if who.on_behalf_of else "",
        authorisation=who.authorisation,
        reason=who.reason,
    )
    return show(desk, await submit(dukao, stream, command, asked))


def show(desk: Desk, answer: Answer) -> ExitCode:
    """Show an answer; a refusal goes to stderr, too."""
    desk.output.show(answer, lambda: _sentence(desk, answer))
    if answer.status != "refused":
        return ExitCode.DONE
    desk.output.error(f"{answer.zh}（{answer.code}）", f"{answer.en} ({answer.code})")
    return code_of_refusal(answer.code)


async def person_of(dukao: Dukao, named: str) -> str:
    """Give the id of a person who is named by id, login or name. Raises a fault if there is none, or more than one."""
    if named == SYSTEM.person:
        raise usage("系统不能由人扮演。请指定一个人。", "The system is nobody's part. Name a person.")
    organisation: Organisation = await dukao.ledger.state_of(names.ORGANISATION)
    if any(appointment.person == named for appointment in organisation.appointments):
        return named
    query = (
        select(PERSON.c.person_id)
        .outerjoin(ACCOUNT, ACCOUNT.c.person_id == PERSON.c.person_id)
        .where((PERSON.c.name == named) | (PERSON.c.person_id == named) | (ACCOUNT.c.login == named))
        .distinct()
    )
    async with dukao.engine.connect() as connection:
        found = list((await connection.execute(query)).scalars())
    if len(found) == 1:
        return str(found[0])
    if found:
        ids = "、".join(sorted(found))
        raise usage(
            f"有 {len(found)} 个人叫“{named}”：{ids}。请用工号指定。", f"{len(found)} persons are '{named}': {ids}. Use an id."
        )
    raise not_found(
        f"没有工号、账号或姓名为“{named}”的人。用 dukao person list 查看。", f"Nobody is '{named}'. See dukao person list."
    )


async def evidence_of(dukao: Dukao, files: Sequence[Path], fact_at: datetime | None) -> tuple[Evidence, ...]:
    """Keep files in the evidence store and give the references to them."""
    return tuple([await _evidence(dukao, file, fact_at) for file in files])


def task_stream(named: str) -> str:
    """Give a task's stream from ``[task/]CYCLE/INDICATOR/DEPARTMENT``."""
    parts = named.removeprefix("task/").split("/")
    if len(parts) != len(("cycle", "indicator", "department")) or not all(parts):
        raise usage(
            f"“{named}”不是任务名。应为 周期/指标/部门，例如 2026/T01-1/yx。用 dukao task list 查看。",
            f"'{named}' is no task: it should be CYCLE/INDICATOR/DEPARTMENT. See dukao task list.",
        )
    return names.task(*parts)


def order_stream(named: str) -> str:
    """Give an order's stream from its name with or without ``order/``."""
    return f"order/{named.removeprefix('order/')}"


def cycle_id(named: str) -> str:
    """Give a cycle's id from its name with or without ``cycle/``."""
    return named.removeprefix("cycle/")


async def present(dukao: Dukao, stream: str) -> Any:
    """Give a stream's state. Raises a fault if nothing was ever recorded in it."""
    state = await dukao.ledger.state_of(stream)
    if state == decider_of(stream).initial:
        raise not_found(f"没有 {stream}。请核对名称。", f"There is no {stream}. Check the name.")
    return state


async def _evidence(dukao: Dukao, file: Path, fact_at: datetime | None) -> Evidence:
    media_type = MEDIA_TYPES.get(file.suffix.lower())
    if media_type is None:
        known = "、".join(MEDIA_TYPES)
        raise usage(f"不接受 {file.name} 的类型，请用：{known}。", f"Files such as {file.name} are not taken; use {known}.")
    try:
        kept = await asyncio.to_thread(dukao.evidence.put, file, media_type)
    except FileNotFoundError:
        raise not_found(f"没有文件 {file}。", f"There is no file {file}.") from None
    now = datetime.now(UTC)
    return Evidence(
        sha256=kept.sha256,
        title=file.name,
        media_type=kept.media_type,
        size=kept.size,
        fact_at=fact_at or now,
        submitted_at=now,
        received_at=now,
    )


def _sentence(desk: Desk, answer: Answer) -> Text:
    say = desk.output.say
    match answer.status:
        case "done":
            return Text.assemble((say("已办理", "done"), "green"), f"  {answer.stream} v{answer.version} @{answer.position}")
        case "nothing":
            return Text.assemble((say("无需变更", "nothing changed"), "yellow"), f"  {answer.stream} v{answer.version}")
        case _:
            return Text.assemble((say("被拒绝", "refused"), "red"), f"  {answer.code}")
