"""Who asks: the post that concerns the matter, and an id that follows from person, stream and key."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from domain import names
from domain.cycle import IssueCycle
from domain.decider import SYSTEM, Actor
from domain.organisation import Appointed, PostEstablished, Register, Role
from event_store.memory import MemoryLog
from tests.company import SINCE, Company, on_log

T0 = datetime(2026, 2, 2, 2, 0, tzinfo=UTC)


@pytest.fixture
async def company(tmp_path: Path) -> Company:
    """The company with one issued task; the clerk of sales also has a post in operations."""
    company = Company(on_log(MemoryLog(), tmp_path))
    await company.found(received_at=T0)
    second = PostEstablished(post="ops-second", department="ops", title="兼职", roles=(Role.STAFF,))
    register = Register(posts=(second,), appointments=(Appointed(person="sales-clerk", post="ops-second", since=SINCE),))
    await company.does("system", names.ORGANISATION, register, received_at=T0)
    await company.open_cycle(["line-loss"], year=2025, received_at=T0)
    await company.issue(received_at=T0)
    await company.settle(T0)
    return company


async def test_the_post_that_concerns_the_matter_is_the_one_that_acts(company: Company) -> None:
    asked = await company.asked("sales-clerk", company.task(), received_at=T0)

    assert asked.by == Actor(person="sales-clerk", post="ops-second", department="ops")


async def test_elsewhere_the_first_post_acts(company: Company) -> None:
    asked = await company.asked("sales-clerk", company.cycle, received_at=T0)

    assert asked.by == Actor(person="sales-clerk", post="sales-clerk", department="sales")


async def test_somebody_without_a_post_is_nobody_but_themselves(company: Company) -> None:
    assert (await company.asked("stranger", company.task(), received_at=T0)).by == Actor(person="stranger")


async def test_the_system_has_no_post(company: Company) -> None:
    assert (await company.asked("system", company.task(), received_at=T0)).by == SYSTEM


async def test_the_same_person_stream_and_key_are_the_same_command(company: Company) -> None:
    first = await company.asked("ops-head", company.task(), key="k", received_at=T0)
    again = await company.asked("ops-head", company.task(), key="k")
    others = [
        await company.asked("ops-clerk", company.task(), key="k"),
        await company.asked("ops-head", company.cycle, key="k"),
        await company.asked("ops-head", company.task(), key="l"),
    ]

    assert first.id == again.id
    assert len({first.id, *(other.id for other in others)}) == 4


async def test_without_a_stated_receipt_it_is_received_now(company: Company) -> None:
    before = datetime.now(UTC)

    asked = await company.asked("leader", company.cycle)

    assert before <= asked.at <= datetime.now(UTC)
    assert (await company.ask("leader", company.cycle, IssueCycle(document="", issuer="x"))).code == "DocumentIsMissing"
