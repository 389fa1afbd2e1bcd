"""Who asks: the person at the door, as the one they are today."""

from datetime import UTC, date, datetime
from uuid import UUID

from application.dukao import Dukao
from application.known import calendar_of
from domain import names
from domain.authority import Parties, actor
from domain.cycle import Cycle
from domain.decider import SYSTEM, Asked, Source, derived
from domain.order import parties as parties_of_order
from domain.organisation import Organisation

RECENT_S = 2.0  # Posts a moment old will do here: the mandate itself is checked against the log when the command is decided.


async def asked_by(
    dukao: Dukao,
    person: str,
    *,
    stream: str,
    command_key: str | UUID,
    source: Source,
    on_behalf_of: str = "",
    authorisation: str = "",
    reason: str = "",
    fact_at: datetime | None = None,
    received_at: datetime | None = None,
    batch: UUID | None = None,
) -> Asked:
    """Give what is recorded of who asks: the person with the post that concerns the stream's matter.

    The command's id follows from person, stream and ``command_key``: the same three, the same command. ``received_at`` is the receipt
    at the door (None: now); only history that is carried in states another.
    """
    at = received_at or datetime.now(UTC)
    by = SYSTEM
    if person != SYSTEM.person:
        organisation: Organisation = await dukao.ledger.state_of(names.ORGANISATION, within_s=RECENT_S)
        by = actor(person, await parties(dukao, stream), organisation, await _local_day(dukao, stream, at))
    return Asked(
        id=derived(person, stream, command_key),
        by=by,
        at=at,
        source=source,
        on_behalf_of=on_behalf_of,
        authorisation=authorisation,
        reason=reason,
        fact_at=fact_at,
        batch=batch,
    )


async def parties(dukao: Dukao, stream: str) -> Parties:
    """Give whom a stream's matter concerns; nobody in particular for a cycle or a record."""
    match names.kind(stream):
        case "task":
            task_parties: Parties = (await dukao.ledger.state_of(stream, within_s=RECENT_S)).parties
            return task_parties
        case "order":
            return parties_of_order(await dukao.ledger.state_of(stream, within_s=RECENT_S))
        case _:
            return Parties()


async def _local_day(dukao: Dukao, stream: str, at: datetime) -> date:
    """Give the office's day, by the calendar of the stream's cycle; the day in UTC for what belongs to none."""
    cycle_id = names.cycle_of(stream)
    if not cycle_id:
        return at.date()
    cycle: Cycle = await dukao.ledger.state_of(names.cycle(cycle_id), within_s=RECENT_S)
    if cycle.opened is None:
        return at.date()
    calendar = await calendar_of(dukao.ledger, cycle.opened.calendar, cycle.opened.calendar_version)
    return calendar.local_day(at)
