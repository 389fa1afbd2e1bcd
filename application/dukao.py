"""Where the parts meet: everything a process needs, opened at its door and passed down."""

import contextlib
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from sqlalchemy import make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from temporalio.client import Client

from application.board import unconsolidated_on_board
from application.inbox import Inbox
from application.ledger import Ledger
from application.settings import Settings
from application.temporal import Keeping, connect
from event_store.evidence import EvidenceStore
from event_store.log import Log
from event_store.postgres import PostgresLog


@dataclass(frozen=True, kw_only=True)
class Dukao:
    """One process's parts. ``client`` is None where commands are executed on the spot and nobody waits for dates (trials, set-up).

    ``engine`` is for the schemas ``app`` and ``rm``; the log is spoken to through ``log`` and ``ledger`` only.
    """

    settings: Settings
    log: Log
    engine: AsyncEngine
    ledger: Ledger
    client: Client | None
    evidence: EvidenceStore
    inbox: Inbox
    keeping: Keeping
    in_flight: Counter[str] = field(default_factory=Counter)  # Commands on their way, by stream.

    @property
    def temporal(self) -> Client:
        """Give the client, where there has to be one."""
        assert self.client is not None, "this process was opened without Temporal"
        return self.client


@contextlib.asynccontextmanager
async def open_dukao(settings: Settings, *, temporal: bool = True) -> AsyncIterator[Dukao]:
    """Open everything, and close it in order. Raises what the servers raise that do not answer."""
    dsn = settings.database_url.get_secret_value()
    async with contextlib.AsyncExitStack() as stack:
        log = await stack.enter_async_context(PostgresLog.open(dsn))
        engine = create_async_engine(make_url(dsn).set(drivername="postgresql+asyncpg"), pool_pre_ping=True)
        stack.push_async_callback(engine.dispose)
        inbox = await stack.enter_async_context(Inbox.open(engine))
        yield Dukao(
            settings=settings,
            log=log,
            engine=engine,
            ledger=Ledger(log, unconsolidated=unconsolidated_on_board(engine, log)),
            client=await connect(settings) if temporal else None,
            evidence=EvidenceStore(settings.evidence_dir),
            inbox=inbox,
            keeping=Keeping(task_queue=settings.task_queue),
        )
