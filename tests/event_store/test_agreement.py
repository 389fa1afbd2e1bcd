"""Both logs give the same answers, whatever they are asked and in whatever order."""

import asyncio
from collections.abc import Awaitable
from contextlib import ExitStack
from dataclasses import replace
from typing import TypeVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from embedded.postgres import Postgres
from event_store.log import ANY, Append, Recorded
from event_store.memory import MemoryLog
from event_store.postgres import PostgresLog
from tests.event_store.facts import NOON, key, request, timeless
from tests.stores import fresh_database

T = TypeVar("T")

STREAMS = ("task/1", "task/2", "cycle/1", "refusal/task/1")

streams = st.sampled_from(STREAMS)
requests = st.builds(
    lambda stream, texts, expected, known_as, body, guards, receipt_of: request(
        stream, *texts, expected=expected, known_as=known_as, body=body, guards=guards, receipt_of=receipt_of
    ),
    stream=streams,
    texts=st.lists(st.sampled_from("abc"), max_size=3),
    expected=st.sampled_from((ANY, ANY, 0, 1, 2, 3)),
    known_as=st.sampled_from([f"k{number}" for number in range(8)]),
    body=st.sampled_from(("one", "one", "one", "other")),
    guards=st.lists(st.tuples(streams, st.integers(0, 3)), max_size=2),
    receipt_of=st.sampled_from(("", "", "task/1")),
)
batches = st.lists(requests, max_size=4, unique_by=lambda one: one.stream)


class Agreement(RuleBasedStateMachine):
    """Memory and PostgreSQL side by side. Instants differ; nothing else may."""

    def __init__(self, postgres: Postgres, template: str) -> None:
        """Copy a database for this run."""
        super().__init__()
        self._stack = ExitStack()
        self._dsn = self._stack.enter_context(fresh_database(postgres, template)).app
        self._runner = self._stack.enter_context(asyncio.Runner())
        self.memory = MemoryLog()

    @initialize()
    def open(self) -> None:
        """Open the database's log."""
        self._opened = PostgresLog.open(self._dsn, connections=1)
        self.postgres = self._run(self._opened.__aenter__())

    @rule(batch=batches)
    def append(self, batch: list[Append]) -> None:
        """Append a batch to both."""
        ours, theirs = self._run(self.memory.append(batch)), self._run(self.postgres.append(batch))
        assert list(map(timeless, ours)) == list(map(timeless, theirs))

    @rule(stream=streams, known_as=st.sampled_from(["k0", "k1", "k2"]), names=st.lists(st.sampled_from((*STREAMS, "nobody"))))
    def look(self, stream: str, known_as: str, names: list[str]) -> None:
        """Look at a receipt and versions in both."""
        ours = self._run(self.memory.look(stream, key(known_as), names))
        theirs = self._run(self.postgres.look(stream, key(known_as), names))
        assert (ours.versions, ours.digest) == (theirs.versions, theirs.digest)
        assert (ours.receipt is None) == (theirs.receipt is None)
        if ours.receipt and theirs.receipt:
            assert replace(ours.receipt, recorded_at=NOON) == replace(theirs.receipt, recorded_at=NOON)

    @rule(stream=streams, after=st.integers(0, 4), upto=st.none() | st.integers(-1, 12))
    def read(self, stream: str, after: int, upto: int | None) -> None:
        """Read a stream in both."""
        ours = self._run(self.memory.read(stream, after=after, upto=upto))
        assert timeless_events(ours) == timeless_events(self._run(self.postgres.read(stream, after=after, upto=upto)))

    @rule()
    def open_again(self) -> None:
        """Stop and start: what was answered stays answered."""
        self._run(self._opened.__aexit__(None, None, None))
        self.open()

    @invariant()
    def the_same_is_recorded(self) -> None:
        """Compare the logs from end to end."""
        if hasattr(self, "postgres"):
            assert timeless_events(self._run(self.memory.read_all())) == timeless_events(self._run(self.postgres.read_all()))
            assert self._run(self.memory.streams("")) == self._run(self.postgres.streams(""))

    def teardown(self) -> None:
        """Close and drop."""
        if hasattr(self, "postgres"):
            self._run(self._opened.__aexit__(None, None, None))
        self._stack.close()

    def _run(self, work: Awaitable[T]) -> T:
        async def done() -> T:
            return await work

        return self._runner.run(done())


def timeless_events(events: list[Recorded]) -> list[Recorded]:
    """Events without the instant of their recording."""
    return [replace(event, recorded_at=NOON) for event in events]


def test_memory_and_postgres_agree(postgres: Postgres, migrated_template: str) -> None:
    class Here(Agreement):
        def __init__(self) -> None:
            super().__init__(postgres, migrated_template)

    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=15, stateful_step_count=25, deadline=None, suppress_health_check=[HealthCheck.too_slow], database=None
        ),
    )
