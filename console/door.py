"""What every page needs: the parts of the process, who is looking, the words, and a template to say it with."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import Annotated, Any
from urllib.parse import quote
from uuid import UUID
from weakref import WeakValueDictionary

from fastapi import Depends, Request
from jinja2 import Environment
from limits import parse
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import MovingWindowRateLimiter
from starlette.datastructures import FormData
from starlette.responses import HTMLResponse, RedirectResponse, Response

from application.accounts import session_of
from application.dukao import Dukao
from application.known import policies_of
from application.store import Mark, mark_of
from console.assets import Asset
from console.csrf import FIELD, check_token
from console.head import Debts, Head, debts_of, head_of
from console.times import day_of
from console.visitor import Visitor
from console.words import COOKIE, Words
from domain import names
from domain.cycle import Cycle
from domain.organisation import Organisation
from domain.policy import Policies
from projections import people
from projections.my_work import Work, for_person
from projections.runner import wait_for
from projections.sentences import Names

RECENT_S = 2.0  # Who is who may be a moment old on a page; the mandate is checked against the log when a command is decided.
FILES_AT_ONCE, FIELDS_AT_ONCE = 20, 400
LARGEST_FORM_BYTES = 220 * 1024 * 1024
SIGN_INS = parse("30/minute")  # From one address, whatever the accounts.
DEMONSTRATION = "demonstration"


@dataclass(kw_only=True)
class Door:
    """The console of one process. ``now`` gives the instant (aware)."""

    dukao: Dukao
    assets: Mapping[str, Asset]
    templates: Environment
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    sign_ins: MovingWindowRateLimiter = field(default_factory=lambda: MovingWindowRateLimiter(MemoryStorage()))
    _turns: WeakValueDictionary[UUID, asyncio.Lock] = field(default_factory=WeakValueDictionary)
    _mark: Mark | None = None

    @property
    def cookie(self) -> str:
        """Name the session's cookie. ``__Host-`` ties it to this host and to TLS; without TLS, on this machine, it cannot be used."""
        return "__Host-dukao" if self.dukao.settings.cookie_secure else "dukao"

    def turn(self, command_id: UUID) -> asyncio.Lock:
        """Give the lock under which a form is sent, so that a double click waits for the first one's answer."""
        lock = self._turns.get(command_id) or asyncio.Lock()
        return self._turns.setdefault(command_id, lock)

    async def mark(self) -> Mark | None:
        """Say what the store is for. Once said it never changes, so it is asked until then."""
        if self._mark is None:
            self._mark = await mark_of(self.dukao.engine)
        return self._mark

    async def is_demonstration(self) -> bool:
        """Say whether all in this store is invented, so that one may look through anybody's eyes."""
        mark = await self.mark()
        return mark is not None and mark.kind == DEMONSTRATION


class SignInFirst(Exception):
    """Nobody is signed in."""


class PasswordIsDue(Exception):
    """The person signed in with a password that is to be used once."""


class FormIsTooLarge(Exception):
    """More bytes than a form may bring."""

    zh = "提交的内容超过 {limit} MB，没有保存。请分几次上传。"
    en = "The form is larger than {limit} MB and nothing was kept. Upload in several parts."


class Page:
    """One request for a page, with everything it is drawn from. Made by FastAPI for each request."""

    def __init__(self, request: Request, visitor: Visitor | None) -> None:
        """Take the request and who sent it."""
        self.request = request
        self.door: Door = request.app.state.door
        self.dukao = self.door.dukao
        self.someone = visitor
        self.words = Words(language_of(request))
        self._head: Head | None = None
        self._debts: Debts | None = None
        self._names: Names | None = None
        self._form: FormData | None = None

    @property
    def visitor(self) -> Visitor:
        """Give who is looking; pages that ask are for people who signed in."""
        if self.someone is None:
            raise SignInFirst
        return self.someone

    @cached_property
    def now(self) -> datetime:
        """Give the instant of this request, the same for all that is on the page."""
        return self.door.now()

    async def seen_by(self, *models: str) -> None:
        """Wait, a second at most, until the read models show what this person has just done (``?after=``)."""
        after = self.request.query_params.get("after", "")
        if after.isdecimal():
            for model in models:
                await wait_for(self.dukao.engine, model, int(after), 1.0)

    async def names(self) -> Names:
        """Give the names of all who hold or held a post, and of all departments."""
        if self._names is None:
            organisation = self.visitor.organisation
            persons = {appointment.person for appointment in organisation.appointments} | {self.visitor.person}
            async with self.dukao.engine.connect() as connection:
                self._names = await people.names(connection, persons, organisation, self.words.language)
        return self._names

    async def head(self) -> Head:
        """Give the head strip."""
        if self._head is None:
            self._head = await head_of(self.dukao.engine, self.dukao.ledger, self.now)
        return self._head

    async def debts(self) -> Debts:
        """Give this person's work."""
        if self._debts is None:
            self._debts = debts_of(await self._work(), self.now)
        return self._debts

    async def policies(self, cycle: Cycle) -> Policies:
        """Give the policies a cycle runs under."""
        return await policies_of(self.dukao.ledger, cycle.rules)

    async def read_form(self) -> FormData:
        """Read the submitted form within bounds. Raises FormIsTooLarge."""
        length = self.request.headers.get("content-length", "")
        if not length.isdecimal() or int(length) > LARGEST_FORM_BYTES:
            raise FormIsTooLarge
        self._form = await self.request.form(max_files=FILES_AT_ONCE, max_fields=FIELDS_AT_ONCE)
        return self._form

    async def form(self) -> FormData:
        """Read the submitted form, once it is sure to be this person's own. Raises ComesFromElsewhere, FormIsTooLarge."""
        form = await self.read_form()
        check_token(self.visitor.csrf, form.get(FIELD))
        return form

    async def aclose(self) -> None:
        """Let go of uploaded files."""
        if self._form is not None:
            await self._form.close()

    async def show(self, template: str, *, status: int = 200, **values: Any) -> Response:
        """Draw a page."""
        mark = await self.door.mark()
        head, debts = (Head(), Debts()) if self.someone is None else (await self.head(), await self.debts())
        drawn = self.door.templates.get_template(template).render(
            page=self,
            visitor=self.someone,
            csrf=self.someone.csrf if self.someone is not None else "",
            _=self.words,
            language=self.words.language,
            now=self.now,
            mark=mark,
            demonstration=mark is not None and mark.kind == DEMONSTRATION,
            head=head,
            debts=debts,
            path=self.request.url.path,
            here=here(self.request),
            did=self.request.query_params.get("did", ""),
            after=self.request.query_params.get("after", ""),
            names=Names() if self.someone is None else await self.names(),
            **values,
        )
        return HTMLResponse(drawn, status_code=status)

    async def _work(self) -> list[Work]:
        head = await self.head()
        if head.cycle is None:
            return []
        cycle: Cycle = await self.dukao.ledger.state_of(head.cycle.stream, within_s=RECENT_S)
        duties = (await self.policies(cycle)).duties
        visitor = self.visitor
        async with self.dukao.engine.connect() as connection:
            return await for_person(connection, visitor.person, visitor.organisation, visitor.on, duties=duties)


async def anybody(request: Request) -> AsyncIterator[Page]:
    """Make a page for whoever looks, signed in or not."""
    async with contextlib.aclosing(Page(request, await _visitor(request))) as page:
        yield page


async def signed_in(request: Request) -> AsyncIterator[Page]:
    """Make a page for a signed-in person. Raises SignInFirst, PasswordIsDue."""
    visitor = await _visitor(request)
    if visitor is None:
        raise SignInFirst
    if visitor.must_change:
        raise PasswordIsDue
    async with contextlib.aclosing(Page(request, visitor)) as page:
        yield page


Anybody = Annotated[Page, Depends(anybody)]
SignedIn = Annotated[Page, Depends(signed_in)]


def language_of(request: Request) -> str:
    """Give the language asked for: in the address, else as chosen before, else Chinese."""
    return request.query_params.get("lang") or request.cookies.get(COOKIE, "zh")


def here(request: Request) -> str:
    """Give the present address without what was only for once."""
    kept = [(name, value) for name, value in request.query_params.multi_items() if name not in {"lang", "did", "after"}]
    asked = "&".join(f"{quote(name)}={quote(value)}" for name, value in kept)
    return request.url.path + (f"?{asked}" if asked else "")


def safe_address(address: str) -> str:
    """Give an address to go on to, if it is one of ours; the front page otherwise."""
    ours = address.startswith("/") and not address.startswith(("//", "/\\")) and "\n" not in address
    return address if ours else "/"


def go(address: str) -> Response:
    """Send the browser on, so that reloading does not submit again."""
    return RedirectResponse(quote(address, safe="/?&=%:#,+;@"), status_code=303)


async def _visitor(request: Request) -> Visitor | None:
    door: Door = request.app.state.door
    token = request.cookies.get(door.cookie, "")
    signed = await session_of(door.dukao.engine, token, now=door.now()) if token else None
    if signed is None:
        return None
    organisation: Organisation = await door.dukao.ledger.state_of(names.ORGANISATION, within_s=RECENT_S)
    return Visitor(
        login=signed.login,
        person=signed.person,
        csrf=signed.csrf,
        must_change=signed.must_change,
        organisation=organisation,
        on=day_of(door.now()),
    )
