"""Coming and going: sign in, sign out, a new password, another language; and in a demonstration, somebody else's eyes."""

from fastapi import APIRouter, Request
from limits.aio.strategies import MovingWindowRateLimiter
from starlette.exceptions import HTTPException
from starlette.responses import Response

from application.accounts import (
    SHORTEST_PASSWORD,
    account_of,
    authenticate,
    change_password,
    close_session,
    create_accounts,
    open_session,
)
from console.csrf import FIELD, check_token
from console.door import SIGN_INS, Anybody, Door, Page, go, safe_address
from console.roles import People, people_by_role
from console.words import COOKIE, LANGUAGES
from domain import names
from domain.decider import Refused
from domain.organisation import Organisation
from projections import people

A_YEAR_S = 365 * 24 * 3600

router = APIRouter()


@router.get("/login")
async def login_page(page: Anybody) -> Response:
    """Ask who is there; in a demonstration, offer everybody."""
    return await _login(page, next_address=safe_address(page.request.query_params.get("next", "/")))


@router.post("/login")
async def login(page: Anybody) -> Response:
    """Sign in with account and password. 401 if they are wrong, 429 if somebody tries too often."""
    door = page.door
    form = await page.read_form()
    login_name, password = str(form.get("login") or "").strip(), str(form.get("password") or "")
    next_address = safe_address(str(form.get("next") or "/"))
    if not await _may_try(door.sign_ins, page.request):
        raise HTTPException(429)
    try:
        account = await authenticate(door.dukao.engine, login_name, password, now=page.now)
    except Refused as refused:
        return await _login(
            page, next_address=next_address, login_name=login_name, fault=refused.sentence(page.words.language), status=401
        )
    return await _open(page, account.login, "/password" if account.must_change else next_address)


@router.post("/logout")
async def logout(page: Anybody) -> Response:
    """Sign out: the session ends on the server, whatever becomes of the cookie."""
    form = await page.read_form()
    check_token(page.visitor.csrf, form.get(FIELD))
    await close_session(page.dukao.engine, page.request.cookies.get(page.door.cookie, ""))
    answer = go("/login")
    answer.delete_cookie(page.door.cookie, path="/", secure=page.dukao.settings.cookie_secure, httponly=True, samesite="lax")
    return answer


@router.get("/password")
async def password_page(page: Anybody) -> Response:
    """Ask for a new password."""
    return await page.show("password.html", must=page.visitor.must_change, fault="", shortest=SHORTEST_PASSWORD)


@router.post("/password")
async def password(page: Anybody) -> Response:
    """Change the password; all sessions end and a new one begins here."""
    visitor, form = page.visitor, await page.form()
    old, new, again = (str(form.get(name) or "") for name in ("old", "new", "again"))
    fault = "" if new == again else page.words("两次输入的新密码不一致，请重新输入。")
    if not fault:
        try:
            await change_password(page.dukao.engine, visitor.login, old, new, now=page.now)
        except Refused as refused:
            fault = refused.sentence(page.words.language)
    if fault:
        return await page.show("password.html", status=422, must=visitor.must_change, fault=fault, shortest=SHORTEST_PASSWORD)
    return await _open(page, visitor.login, "/")


@router.post("/as")
async def look_as(page: Anybody) -> Response:
    """Sign in as anybody with one click: in a demonstration only, where all is invented. Elsewhere there is no such page."""
    if not await page.door.is_demonstration():
        raise HTTPException(404)
    form = await page.read_form()
    if page.someone is not None:
        check_token(page.someone.csrf, form.get(FIELD))
    person = str(form.get("person") or "")
    organisation: Organisation = await page.dukao.ledger.state_of(names.ORGANISATION)
    if person not in {appointment.person for appointment in organisation.appointments}:
        raise HTTPException(404)
    account = await account_of(page.dukao.engine, person)
    if account is None:
        await create_accounts(page.dukao.engine, [(f"demo-{person}", person)])
        account = await account_of(page.dukao.engine, person)
    if account is None:
        raise HTTPException(404)
    return await _open(page, account.login, safe_address(str(form.get("next") or "/")))


@router.get("/language/{language}")
async def choose_language(language: str, request: Request) -> Response:
    """Keep the language chosen, and go back to where the person was."""
    answer = go(safe_address(request.query_params.get("next", "/")))
    door: Door = request.app.state.door
    if language in LANGUAGES:
        answer.set_cookie(
            COOKIE, language, max_age=A_YEAR_S, path="/", secure=door.dukao.settings.cookie_secure, samesite="lax", httponly=True
        )
    return answer


async def demonstration_people(page: Page) -> tuple[People, ...]:
    """Give everybody one may look as, by role; nobody outside a demonstration."""
    if not await page.door.is_demonstration():
        return ()
    organisation: Organisation = await page.dukao.ledger.state_of(names.ORGANISATION, within_s=2.0)
    persons = {appointment.person for appointment in organisation.appointments}
    async with page.dukao.engine.connect() as connection:
        named = await people.names(connection, persons, organisation, page.words.language)
    return people_by_role(organisation, named, page.words, page.now)


async def _login(page: Page, *, next_address: str, login_name: str = "", fault: str = "", status: int = 200) -> Response:
    everybody = await demonstration_people(page)
    return await page.show(
        "login.html", status=status, next_address=next_address, login_name=login_name, fault=fault, everybody=everybody
    )


async def _may_try(limiter: MovingWindowRateLimiter, request: Request) -> bool:
    client = request.client.host if request.client else ""
    return await limiter.hit(SIGN_INS, "sign-in", client)


async def _open(page: Page, login_name: str, address: str) -> Response:
    """Open a session with a new token in place of the one there may be, and go on."""
    door = page.door
    client = page.request.headers.get("user-agent", "")
    before = page.request.cookies.get(door.cookie)
    opened = await open_session(door.dukao.engine, login_name, now=page.now, client=client, instead_of=before)
    answer = go(address)
    secure = door.dukao.settings.cookie_secure
    answer.set_cookie(door.cookie, opened.token, path="/", secure=secure, httponly=True, samesite="lax")
    return answer
