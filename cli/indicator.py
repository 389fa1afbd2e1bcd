"""``dukao indicator``: one indicator in one department's hands, replayed out of the log alone."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Annotated

import typer
from rich.console import Group, RenderableType
from rich.text import Text

from audit.replay import Replay, Step, StreamUnknown, replay
from cli.desk import Desk
from cli.faults import ExitCode, Fault, usage
from cli.output import OFFICE_ZONE, Column, Output, local
from cli.verb import verb
from domain import names
from domain.decider import SYSTEM
from domain.task.state import Stage
from projections import people
from projections.labels import label
from projections.sentences import Names, persons_in, resolve

group = typer.Typer(help="指标：从台账回放 / indicators replayed", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    """Add the group."""
    app.add_typer(group, name="indicator")


class Sense(StrEnum):
    """As it was known, or as it was."""

    RECORDED = "recorded"
    OCCURRED = "occurred"


@verb(group, "replay")
async def replay_(
    desk: Desk,
    *,
    stream: Annotated[str, typer.Argument(help="流，或 周期/指标/部门 / a stream, or CYCLE/INDICATOR/DEPARTMENT")],
    at: Annotated[str, typer.Option("--at", help="时刻，如 2026-07-15T17:30（默认 +08:00） / an instant")] = "",
    position: Annotated[int | None, typer.Option("--position", help="台账位置 / a position of the log")] = None,
    sense: Annotated[
        Sense, typer.Option("--sense", help="recorded：当时能知道的；occurred：按事实时间 / as known then, or as it was then")
    ] = Sense.RECORDED,
) -> ExitCode:
    """回放一个指标（或任何流）到任一时刻：谁以何身份做了什么、依据哪一版制度，并从台账重算每个得分。 / Replay a stream to any instant."""
    if at and position is not None:
        raise usage("--at 和 --position 只能给一个。", "Give --at or --position, not both.")
    named = stream if names.kind(stream) in KINDS else names.task(*_parts(stream))
    async with desk.dukao(temporal=False) as dukao:
        try:
            found = await replay(
                dukao.log, dukao.ledger.codec, named, upto=position, at=instant(at) if at else None, sense=sense.value
            )
        except StreamUnknown as unknown:
            raise Fault(unknown.zh, unknown.en, code=ExitCode.NOT_FOUND) from None
        organisation = await dukao.ledger.state_of(names.ORGANISATION)
        async with dukao.engine.connect() as connection:
            called = await people.names(connection, _persons(found), organisation, desk.output.language)
    desk.output.show(_document(found, called, desk.output), lambda: _picture(found, called, desk.output))
    return ExitCode.DONE if found.reproduces else ExitCode.VERIFICATION_FAILED


KINDS = frozenset({"task", "cycle", "order", "indicator", "rule", "calendar", "organisation", "refusal"})


def instant(text: str) -> datetime:
    """Read an instant; without an offset it is the office's. Raises a fault."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise usage(f"“{text}”不是时刻，应如 2026-07-15T17:30。", f"'{text}' is no instant; write 2026-07-15T17:30.") from None
    return found if found.tzinfo else found.replace(tzinfo=OFFICE_ZONE)


def _parts(stream: str) -> list[str]:
    parts = stream.split("/")
    if len(parts) != len(("cycle", "indicator", "department")):
        raise usage(f"“{stream}”不是流名。应为 周期/指标/部门。", f"'{stream}' is no stream; write CYCLE/INDICATOR/DEPARTMENT.")
    return parts


def _persons(found: Replay) -> set[str]:
    return {person for step in found.steps for person in (step.person, *persons_in(step.sentence.zh))} - {SYSTEM.person}


def _document(found: Replay, called: Names, output: Output) -> dict[str, object]:
    return {
        "stream": found.stream,
        "upto": found.upto,
        "version": found.version,
        "stage": found.stage,
        "reproduces": found.reproduces,
        "scores": [
            {
                "position": each.position,
                "type": each.type,
                "period": each.period,
                "same": each.same,
                "stored": each.stored.decode(),
            }
            for each in found.scores
        ],
        "steps": [
            {"told": resolve(step.sentence.of(output.language), called, output.language), "step": step} for step in found.steps
        ],
        "state": found.state,
    }


def _picture(found: Replay, called: Names, output: Output) -> RenderableType:
    def by(step: Step) -> str:
        if step.person == SYSTEM.person:
            return output.say("系统", "system")
        return f"{called.persons.get(step.person, step.person)} ({step.post})"

    changed = _changes(found)
    columns = (
        Column("位置", "position", lambda step: step.position, right=True),
        Column("受理", "at", lambda step: local(step.at)),
        Column("事实", "occurred", lambda step: local(step.occurred_at)),
        Column("入账", "recorded", lambda step: local(step.recorded_at)),
        Column("谁", "who", by),
        Column("发生了什么", "what happened", lambda step: resolve(step.sentence.of(output.language), called, output.language)),
        Column("之后的阶段", "stage then", lambda step: _stage(step.stage, output)),
        Column("依据版本（有变化时）", "versions where they changed", lambda step: changed[step.position]),
    )
    title = (f"{found.stream} 至位置 {found.upto}", f"{found.stream} up to position {found.upto}")
    same = sum(score.same for score in found.scores)
    said = output.say(
        f"{same} / {len(found.scores)} 个得分从台账重算一致", f"{same} of {len(found.scores)} scores reproduced from the log"
    )
    return Group(output.table(title, found.steps, columns), Text(said, style="green" if found.reproduces else "bold red"))


def _changes(found: Replay) -> dict[int, str]:
    """Give, for each step, the versions it knew that are not those of the step before."""
    told: dict[int, str] = {}
    before: Mapping[str, int | str] = {}
    for step in found.steps:
        told[step.position] = " ".join(
            f"{name}@{version}" for name, version in step.versions.items() if before.get(name) != version
        )
        before = {**before, **step.versions}
    return told


def _stage(stage: str, output: Output) -> str:
    return label(Stage(stage), output.language) if stage in set(Stage) else stage
