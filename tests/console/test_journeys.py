"""A report's way in a real browser, on real servers: with JavaScript and without, on a wide screen and on a telephone."""

import asyncio
import contextlib
import os
import re
import shutil
import threading
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, StorageState, ViewportSize, expect, sync_playwright
from pydantic import SecretStr

from application.accounts import create_account
from application.dukao import open_dukao
from application.settings import Settings
from application.store import mark
from console.app import serve
from console.assets import LIBRARIES
from embedded.postgres import Postgres
from projections.people import Person, remember
from tests.company import Company, quick
from tests.domain.story import PEOPLE
from tests.stores import fresh_database
from worker import run_worker

T = TypeVar("T")
Found = Callable[[str, Company], Awaitable[None]]

pytestmark = pytest.mark.browser

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
PASSWORD = "a password for tests"
CYCLE = "journey"
WIDE, TELEPHONE = ViewportSize(width=1280, height=900), ViewportSize(width=360, height=740)
PAGES = ("/", "/board", "/scoreboard", "/people/me", f"/cycle/{CYCLE}", f"/i/{CYCLE}/faults/ops", "/login", "/nowhere")


@dataclass
class Stack:
    """Worker and console, running on a loop of their own beside the test."""

    address: str
    company: Company
    loop: asyncio.AbstractEventLoop

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine where the servers' connections live."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(timeout=60)

    def until_recorded(self, stream: str, event: str, times: int = 1) -> None:
        """Wait for what the workflows do by themselves."""

        async def holds() -> bool:
            return (await self.company.types(stream)).count(event) >= times

        self.run(self.company.until(holds))


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium; without one these tests say so, and fail where everything is required."""
    if CHROMIUM is None:
        missing = "没有找到 Chromium，浏览器旅程测试未运行 / no Chromium here: the journeys in a browser were not run"
        if os.environ.get("DUKAO_REQUIRE_ALL") == "1":
            pytest.fail(missing)
        pytest.skip(missing)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def stack(
    postgres: Postgres, migrated_template: str, temporal_server: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stack]:
    """A company in a demonstration store, with a cycle just issued, its worker and its console."""
    with fresh_database(postgres, migrated_template) as database:
        settings = Settings(
            database_url=SecretStr(database.app),
            temporal_address=temporal_server,
            task_queue="journeys",
            evidence_dir=Path(tmp_path_factory.mktemp("evidence")),
            cookie_secure=False,
        )
        with _beside(lambda found: _life(settings, found)) as running:
            yield running


@pytest.fixture(params=[True, False], ids=["with JavaScript", "without JavaScript"])
def scripted(request: pytest.FixtureRequest) -> bool:
    """Whether the browser runs scripts."""
    return bool(request.param)


@pytest.fixture
def context(chromium: Browser, stack: Stack, scripted: bool) -> Iterator[BrowserContext]:  # noqa: FBT001  A fixture.
    """A browser of its own for each journey. It records what the pages' policy had to stop, and that must be nothing."""
    opened = chromium.new_context(base_url=stack.address, java_script_enabled=scripted, viewport=WIDE, locale="zh-CN")
    stopped: list[str] = []
    opened.on("console", lambda message: stopped.append(message.text) if "Content Security Policy" in message.text else None)
    opened.on("weberror", lambda error: stopped.append(str(error.error)))
    yield opened
    opened.close()
    assert stopped == []


@pytest.fixture(scope="module")
def signed_in(chromium: Browser, stack: Stack) -> StorageState:
    """The cookies of a head of department."""
    with chromium.new_context(base_url=stack.address) as context:
        look_as(context.new_page(), "ops-head", "/")
        return context.storage_state()


def test_a_report_goes_its_way(stack: Stack, context: BrowserContext, scripted: bool) -> None:  # noqa: FBT001  A fixture.
    indicator, lead = ("line-loss", "ops") if scripted else ("arrears", "sales")
    stream, room = f"task/{CYCLE}/{indicator}/{lead}", f"/i/{CYCLE}/{indicator}/{lead}"
    page = context.new_page()

    sign_in(page, f"{lead}-head")
    expect(page.get_by_role("heading", name="今日")).to_be_visible()
    page.get_by_role("link", name="承接").first.click()
    page.goto(room)
    page.get_by_label("承接计划").fill("分台区治理")
    page.get_by_role("button", name="承接", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("已记录：承接")
    stack.until_recorded(stream, "ReportOpened")

    look_as(page, f"{lead}-clerk", room)
    page.get_by_label("实际值").fill("11.2")
    page.get_by_label("数据截止日").fill("2025-12-31")
    page.get_by_label("佐证材料").set_input_files({"name": "统计表.csv", "mimeType": "text/csv", "buffer": "项目,值\n".encode()})
    page.get_by_role("button", name="上报").first.click()
    expect(page.get_by_role("status")).to_contain_text("已记录：上报")
    expect(page.get_by_role("link", name="统计表.csv").first).to_be_visible()

    look_as(page, f"{lead}-head", room)
    page.get_by_role("button", name="签发").click()
    look_as(page, "safety-clerk", room)
    page.get_by_role("button", name="审核通过").click()
    expect(page.get_by_role("status")).to_contain_text("已记录：审核")
    story = page.get_by_role("region", name="经过")
    expect(story).to_contain_text("姓名-safety-clerk")
    expect(story).to_contain_text("(+08:00)")
    assert [kind for kind in stack.run(stack.company.types(stream)) if kind.startswith("Report")] == [
        "ReportOpened",
        "ReportSubmitted",
        "ReportSigned",
        "ReportAccepted",
    ]


def test_the_board_is_filtered(stack: Stack, context: BrowserContext, scripted: bool) -> None:  # noqa: FBT001  A fixture.
    page = context.new_page()
    look_as(page, "office-clerk", "/board")
    expect(page.get_by_role("link", name="电费欠费率")).to_be_visible()

    page.get_by_label("部门", exact=True).select_option("ops")
    if not scripted:
        page.get_by_role("button", name="筛选").click()

    expect(page.get_by_role("link", name="电费欠费率")).to_have_count(0)
    expect(page.get_by_role("link", name="低压线损率")).to_be_visible()
    expect(page).to_have_url(re.compile("department=ops"))


def test_a_double_click_is_one_act_even_without_javascript(stack: Stack, chromium: Browser) -> None:
    stream, room = f"task/{CYCLE}/faults/ops", f"/i/{CYCLE}/faults/ops"
    with chromium.new_context(base_url=stack.address, java_script_enabled=False) as context:
        page = context.new_page()
        look_as(page, "ops-head", room)

        page.get_by_role("button", name="承接", exact=True).dblclick()

        expect(page.get_by_role("status")).to_contain_text("已记录：承接")
    assert stack.run(stack.company.types(stream)).count("TaskAccepted") == 1


def test_a_password_signs_in(stack: Stack, context: BrowserContext) -> None:
    page = context.new_page()
    page.goto("/login?next=/board")
    page.get_by_label("账号").fill("wang")
    page.get_by_label("密码").fill("wrong password")
    page.get_by_role("button", name="登录", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("账号或密码不正确")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录", exact=True).click()
    expect(page.get_by_role("heading", name="看板")).to_be_visible()

    page.get_by_role("button", name="退出").click()

    expect(page.get_by_role("heading", name="登录督考")).to_be_visible()


@pytest.mark.parametrize("address", PAGES)
def test_no_page_scrolls_sideways_on_a_telephone(chromium: Browser, stack: Stack, signed_in: StorageState, address: str) -> None:
    with chromium.new_context(base_url=stack.address, viewport=TELEPHONE, storage_state=signed_in) as context:
        page = context.new_page()
        page.goto(address)

        width = page.evaluate("document.documentElement.scrollWidth")

    assert width <= TELEPHONE["width"]


@pytest.mark.parametrize("address", PAGES)
def test_everybody_can_read_every_page(chromium: Browser, stack: Stack, signed_in: StorageState, address: str) -> None:
    with chromium.new_context(base_url=stack.address, viewport=WIDE, storage_state=signed_in) as context:
        page = context.new_page()
        page.goto(address)
        page.evaluate((LIBRARIES / "axe-core/axe.min.js").read_text(encoding="utf-8"))

        found = page.evaluate("axe.run({resultTypes: ['violations']})")

    serious = [
        (violation["id"], [node["html"] for node in violation["nodes"]][:3])
        for violation in found["violations"]
        if violation["impact"] in {"serious", "critical"}
    ]
    assert serious == []


def sign_in(page: Page, person: str) -> None:
    """Sign in as anybody, by the demonstration's switch."""
    look_as(page, person, "/")


def look_as(page: Page, person: str, address: str) -> None:
    """Become somebody else, by the demonstration's switch, and go to a page."""
    page.goto("/login")
    page.get_by_role("button", name=f"姓名-{person}（").click()
    page.wait_for_load_state()
    page.goto(address)


async def _life(settings: Settings, found: Found) -> None:
    """Found the company and keep its worker and console running until cancelled."""
    async with open_dukao(settings) as dukao:
        stop = asyncio.Event()
        company = Company(dukao, cycle_id=CYCLE)
        serving = asyncio.get_running_loop().create_future()
        async with asyncio.TaskGroup() as group:
            group.create_task(run_worker(dukao, stop=stop))
            group.create_task(serve(dukao, "127.0.0.1", 0, on_started=serving.set_result))
            await _founded(company)
            await found(await serving, company)
            stop.set()
            raise asyncio.CancelledError


async def _founded(company: Company) -> None:
    engine = company.dukao.engine
    await mark(engine, "demonstration", "测试县供电公司")
    await company.found(quick(86_400))
    async with engine.begin() as connection:
        await remember(connection, *(Person(person=person, name=f"姓名-{person}") for person in PEOPLE))
    await create_account(engine, "wang", "office-clerk", PASSWORD, False)
    await company.open_cycle(year=2025)
    await company.issue()

    async def issued() -> bool:
        streams = await company.dukao.log.streams(f"task/{CYCLE}/")
        return len(streams) == len(("line-loss", "arrears", "faults"))

    await company.until(issued)


@contextlib.contextmanager
def _beside(life: Callable[[Found], Coroutine[Any, Any, None]]) -> Iterator[Stack]:
    """Run a life on a thread of its own for as long as the block lasts."""
    started: Future[tuple[Stack, asyncio.Event]] = Future()

    async def found(address: str, company: Company) -> None:
        over = asyncio.Event()
        started.set_result((Stack(address, company, asyncio.get_running_loop()), over))
        await over.wait()

    def run() -> None:
        try:
            asyncio.run(life(found))
        except BaseException as failed:  # noqa: BLE001  Told to the test's thread.
            if not started.done():
                started.set_exception(failed)

    thread = threading.Thread(target=run, name="stack")
    thread.start()
    stack, over = started.result(timeout=90)
    try:
        yield stack
    finally:
        stack.loop.call_soon_threadsafe(over.set)
        thread.join(timeout=60)
