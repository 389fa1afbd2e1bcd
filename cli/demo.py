"""``dukao demo``: the demonstration, played and looked at."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated

import typer
from rich.console import Group, RenderableType
from rich.text import Text

from application.demonstration.archive import to_archive
from application.demonstration.begin import PASSWORD, play, sign_ins
from application.demonstration.player import Player
from application.dukao import Dukao
from application.store import mark_of
from audit.replay import Recomputed, recompute
from cli.desk import Desk
from cli.faults import ExitCode, not_found
from cli.output import Column
from cli.scoreboard import departments, entries, newest, standings, totals
from cli.servers import working
from cli.verb import verb
from cli.who import Who
from domain import names
from domain.cycle import Cycle, task_streams
from projections import board
from projections.labels import label
from projections.runner import wait_for

group = typer.Typer(help="演示 / the demonstration", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    """Add the group."""
    app.add_typer(group, name="demo")


class To(StrEnum):
    """How far to play."""

    Q3 = "q3"
    ARCHIVE = "archive"


@verb(group, "play")
async def play_(
    desk: Desk,
    *,
    to: Annotated[To, typer.Option("--to", help="演到第三季度末或归档 / how far")] = To.Q3,
    fast: Annotated[
        bool, typer.Option("--fast", help="评分和公示各步的时限更短 / shorter limits for scoring and notice")
    ] = False,
    working_: Annotated[bool, typer.Option("--working/--no-working", help="列出每项算式 / show every score's working")] = True,
) -> ExitCode:
    """由各角色通过公开命令演出全过程；中断后再次执行会接着演。演到归档后列出记分牌和算式，并从台账重算每个得分。 / Play every role."""
    async with working(desk) as dukao:
        with desk.output.progress("演示进行中", "Playing the demonstration") as move:
            cycle = await play(dukao, move)
            if to is To.ARCHIVE:
                seconds, notice = FAST if fast else USUAL
                player = Player(dukao=dukao, cycle=cycle, progress=move)
                await to_archive(player, seconds=seconds, notice_seconds=notice)
        if to is To.Q3:
            await _show_status(desk, dukao, cycle)
            return ExitCode.DONE
        return await _show_results(desk, dukao, cycle, working=working_)


USUAL, FAST = (60, 15), (30, 3)  # Seconds for each step of scoring, and of the public notice.


@verb(group, "status")
async def status(desk: Desk) -> None:
    """演示进行到哪里，以及怎样登录。 / How far the demonstration is, and how to sign in."""
    async with desk.dukao(temporal=False) as dukao:
        mark = await mark_of(dukao.engine)
        if mark is None or mark.kind != "demonstration":
            raise not_found("本库不是演示库。", "This store is no demonstration.")
        await _show_status(desk, dukao, await newest(dukao))


async def _show_status(desk: Desk, dukao: Dukao, cycle: str) -> None:
    await wait_for(dukao.engine, "board", await dukao.log.head(), 10.0)
    state: Cycle = await dukao.ledger.state_of(names.cycle(cycle))
    now = datetime.now(UTC)
    async with dukao.engine.connect() as connection:
        counts = await board.counts(connection, now, board.Filter(cycle=cycle))
    people = await sign_ins(dukao, now)
    stages: dict[str, list[int]] = {}
    for count in counts:
        sums = stages.setdefault(label(count.stage, desk.output.language), [0, 0])
        sums[0], sums[1] = sums[0] + count.tasks, sums[1] + count.overdue
    document = {"cycle": cycle, "phase": state.phase, "carrying_in": state.carrying_in, "stages": stages, "accounts": people}
    columns = (
        Column("阶段", "stage", lambda pair: pair[0]),
        Column("任务", "tasks", lambda pair: pair[1][0], right=True),
        Column("逾期", "overdue", lambda pair: pair[1][1], right=True),
    )
    logins = (Column("账号", "login", lambda each: each.login), Column("身份", "role", lambda each: each.role))
    phase = label(state.phase, desk.output.language)

    def picture() -> RenderableType:
        head = Text.assemble((cycle, "bold"), f"  {phase}  " + desk.output.say(f"密码 {PASSWORD}", f"password {PASSWORD}"))
        title = ("任务", "Tasks")
        return Group(
            head, desk.output.table(title, stages.items(), columns), desk.output.table(("登录", "Sign in"), people, logins)
        )

    desk.output.show(document, picture)


async def _show_results(desk: Desk, dukao: Dukao, cycle: str, *, working: bool) -> ExitCode:
    """Show the scoreboard and each working, then compute every score again from the log alone."""
    await wait_for(dukao.engine, "scoreboard", await dukao.log.head(), 30.0)
    found = await standings(dukao, cycle, "", Who(person=""), provisional=False)
    called = await departments(dukao)
    again = await recomputed(desk, dukao, cycle)
    same = sum(each.same for each in again)
    all_same = same == len(again)
    said = desk.output.say(
        f"从台账回放：{len(again)} 个得分中 {same} 个重算一致。",
        f"Replayed from the log: {same} of {len(again)} scores reproduced.",
    )
    document = {"cycle": cycle, "standings": found, "scores": len(again), "reproduced": same}

    def picture() -> RenderableType:
        parts: list[RenderableType] = [entries(each, called) for each in found] if working else []
        verdict = Text(said, style="bold green" if all_same else "bold red")
        return Group(*parts, totals(found, called, desk.output, ("记分牌", "Scoreboard"), rank=True), verdict)

    desk.output.show(document, picture)
    if all_same:
        return ExitCode.DONE
    differing = ", ".join(f"@{each.position}" for each in again if not each.same)
    desk.output.error(f"有得分与台账重算不一致：{differing}。", f"Some scores differ from what the log gives: {differing}.")
    return ExitCode.VERIFICATION_FAILED


async def recomputed(desk: Desk, dukao: Dukao, cycle: str) -> list[Recomputed]:
    """Compute every score of a cycle again from the log alone."""
    streams = task_streams(cycle, await dukao.ledger.state_of(names.cycle(cycle)))
    found: list[Recomputed] = []
    with desk.output.progress("从台账重算", "Computing again from the log") as move:
        for number, stream in enumerate(streams, start=1):
            found += await recompute(dukao.log, dukao.ledger.codec, stream)
            move(number, len(streams), "")
    return found
