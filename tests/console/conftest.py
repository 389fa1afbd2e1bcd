"""A company behind the console: on a real database, without Temporal, for pages that are asked and answered in one process."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx2
import pytest
import pytest_asyncio
from pydantic import SecretStr
from starlette.types import ASGIApp

from application.accounts import account_of, create_account, create_accounts, open_session
from application.dukao import Dukao, open_dukao
from application.settings import Settings
from console.app import create_app
from domain.organisation import Appointed, PostEstablished, Register, Role
from embedded.postgres import Postgres
from projections.people import Person, remember
from projections.runner import follow_all, ready, wait_for
from tests.company import SINCE, Company, quick
from tests.domain.story import PEOPLE
from tests.stores import fresh_database

A_DAY_S = 86_400
PASSWORD = "a password for tests"
MODELS = ("board", "my_work", "timeline", "scoreboard")
BROWSER = {"accept": "text/html", "sec-fetch-site": "same-origin"}


@dataclass(frozen=True)
class Office:
    """The company, the console before it, and its people by their ids."""

    company: Company
    app: ASGIApp

    @property
    def dukao(self) -> Dukao:
        """Give the parts of the process."""
        return self.company.dukao

    def client(self, **headers: str) -> httpx2.AsyncClient:
        """Give a browser that nobody has signed in with."""
        transport = httpx2.ASGITransport(app=self.app)
        return httpx2.AsyncClient(transport=transport, base_url="http://console.test", headers={**BROWSER, **headers})

    async def as_person(self, person: str) -> httpx2.AsyncClient:
        """Give a browser a person is signed in with."""
        account = await account_of(self.dukao.engine, person)
        assert account is not None
        opened = await open_session(self.dukao.engine, account.login, now=datetime.now(UTC))
        client = self.client()
        client.cookies.set("dukao", opened.token)
        return client

    async def shown(self) -> None:
        """Wait until the read models show everything there is."""
        head = await self.dukao.log.head()
        for model in MODELS:
            assert await wait_for(self.dukao.engine, model, head, timeout_s=20)

    async def settled(self) -> None:
        """Do what the workflows would do by now, and wait until it shows."""
        await self.company.settle(datetime.now(UTC))
        await self.shown()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def office(postgres: Postgres, migrated_template: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Office]:
    """A company with a cycle just issued: three tasks, each reported once a year, all open at once."""
    with fresh_database(postgres, migrated_template) as database:
        settings = Settings(
            database_url=SecretStr(database.app),
            temporal_address="127.0.0.1:1",
            evidence_dir=Path(tmp_path_factory.mktemp("evidence")),
            cookie_secure=False,
        )
        async with open_dukao(settings, temporal=False) as dukao:
            await ready(dukao.engine)
            stop = asyncio.Event()
            following = asyncio.create_task(follow_all(dukao.engine, dukao.log, dukao.ledger.codec, stop))
            company = Company(dukao)
            await _founded(company)
            office = Office(company, create_app(dukao))
            await office.settled()
            yield office
            stop.set()
            await following


async def _founded(company: Company) -> None:
    await company.found(quick(A_DAY_S))
    auditor = Register(
        posts=(PostEstablished(post="auditor", department="safety", title="审计专责", roles=(Role.AUDITOR,)),),
        appointments=(Appointed(person="auditor", post="auditor", since=SINCE),),
    )
    await company.does("office-head", "organisation", auditor)
    await company.open_cycle(year=2025)
    await company.issue()
    engine = company.dukao.engine
    people = (*PEOPLE, "auditor")
    async with engine.begin() as connection:
        await remember(connection, *(Person(person=person, name=f"姓名-{person}") for person in people))
    await create_accounts(engine, [(person, person) for person in people if person != "leader"])
    await create_account(engine, "leader", "leader", PASSWORD, False)
