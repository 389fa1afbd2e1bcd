"""Pages and forms, asked as a browser asks, on a real database."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import httpx2
import pytest

from application.accounts import create_account, open_session
from console.app import create_app
from console.door import SIGN_INS, Door
from domain import names
from domain.cycle import CallPreAssessment
from domain.organisation import GrantAuthorisation
from domain.task.commands import Accept
from tests.company import year_report
from tests.console.conftest import BROWSER, PASSWORD, Office
from tests.console.reading import Form, forms, offered, words

pytestmark = pytest.mark.asyncio(loop_scope="module")

LOSS, ARREARS, FAULTS = "/i/2025/line-loss/ops", "/i/2025/arrears/sales", "/i/2025/faults/ops"
REPORT = {"value__actual": "11.2", "as_of": "2025-12-31", "data_source": "用电信息采集系统"}


async def send(client: httpx2.AsyncClient, address: str, form: Form, **filled: str) -> httpx2.Response:
    """Send a form of a page, filled in."""
    return await client.post(address, data=form.filled(**filled))


async def act(office: Office, person: str, address: str, offer: str, **filled: str) -> httpx2.Response:
    """Open a page as a person and send one of its forms."""
    async with await office.as_person(person) as client:
        page = await client.get(address)
        assert page.status_code == 200, page.text
        answer = await send(client, address, offered(page.text)[offer], **filled)
    await office.company.settle(datetime.now(UTC))
    return answer


async def test_nobody_sees_anything_before_signing_in(office: Office) -> None:
    async with office.client() as client:
        for address in ("/", "/board", LOSS, "/scoreboard", "/cycle/2025", "/people/me"):
            answer = await client.get(address)

            assert answer.status_code == 303
            assert answer.headers["location"].startswith("/login")
        assert (await client.get(LOSS, headers={"accept": "application/json"})).status_code == 401


async def test_signing_in_leads_to_where_one_wanted_to_go(office: Office) -> None:
    async with office.client() as client:
        page = await client.get(f"/login?next={LOSS}")
        [form] = forms(page.text)
        wrong = await send(client, "/login", form, login="leader", password="wrong password")
        right = await send(client, "/login", form, login="leader", password=PASSWORD)
        room = await client.get(right.headers["location"])

    assert wrong.status_code == 401
    assert "账号或密码不正确" in wrong.text
    assert right.headers["location"] == LOSS
    assert "低压线损率" in room.text
    cookie = right.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "samesite=lax" in cookie.lower()


async def test_a_login_never_leads_to_another_site(office: Office) -> None:
    async with office.client() as client:
        for elsewhere in ("//evil.example", "https://evil.example", "/\\evil.example"):
            data = {"login": "leader", "password": PASSWORD, "next": elsewhere}

            answer = await client.post("/login", data=data)

            assert answer.headers["location"] == "/"


async def test_over_tls_the_cookie_is_tied_to_this_host(office: Office) -> None:
    settings = office.dukao.settings.model_copy(update={"cookie_secure": True})
    app = create_app(replace(office.dukao, settings=settings))
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url="https://console.test", headers=BROWSER) as client:
        answer = await client.post("/login", data={"login": "leader", "password": PASSWORD})
        board = await client.get("/board")

    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-dukao=")
    assert {"Secure", "HttpOnly", "Path=/"} <= {part.strip() for part in cookie.split(";")}
    assert "Domain" not in cookie
    assert answer.headers["strict-transport-security"]
    assert board.status_code == 200


async def test_trying_to_sign_in_again_and_again_is_slowed_down(office: Office) -> None:
    app: Any = create_app(office.dukao)
    door: Door = app._app.state.door
    for _ in range(SIGN_INS.amount):
        await door.sign_ins.hit(SIGN_INS, "sign-in", "127.0.0.1")
    async with httpx2.AsyncClient(
        transport=httpx2.ASGITransport(app=app), base_url="http://console.test", headers=BROWSER
    ) as client:
        answer = await client.post("/login", data={"login": "leader", "password": PASSWORD})

    assert answer.status_code == 429
    assert "set-cookie" not in answer.headers


async def test_a_form_of_another_site_does_nothing(office: Office) -> None:
    async with await office.as_person("ops-head") as client:
        page = await client.get(LOSS)
        form = offered(page.text)["Accept"]
        from_elsewhere = await client.post(LOSS, data=form.values, headers={"sec-fetch-site": "cross-site"})
        without_token = await client.post(LOSS, data={**form.values, "csrf": "guessed"})

    assert (from_elsewhere.status_code, without_token.status_code) == (403, 403)
    assert "TaskAccepted" not in await office.company.types(office.company.task())


async def test_every_answer_carries_the_security_headers(office: Office) -> None:
    async with await office.as_person("ops-head") as client:
        for address in ("/", "/login", "/board", LOSS, "/nowhere", "/livez"):
            headers = (await client.get(address)).headers

            assert "default-src 'self'" in headers["content-security-policy"]
            assert "unsafe" not in headers["content-security-policy"]
            assert headers["x-content-type-options"] == "nosniff"
            assert headers["cache-control"] == "no-store"
            assert headers["x-request-id"]
        page = (await client.get("/")).text
        asset = page.split('rel="stylesheet" href="')[1].split('"')[0]
        assert "immutable" in (await client.get(asset)).headers["cache-control"]


async def test_health_says_what_answers(office: Office) -> None:
    async with office.client() as client:
        assert (await client.get("/livez")).json() == {"status": "ok"}
        ready = await client.get("/readyz")
        assert (await client.get("/healthz")).status_code == ready.status_code

    assert ready.status_code == 200
    assert ready.json()["temporal"] == "none"
    assert ready.json()["read_models"]["board"]["parked"] == 0


async def test_a_report_goes_all_its_way_through_the_forms(office: Office) -> None:
    accepted = await act(office, "sales-head", ARREARS, "Accept", plan="逐户催收")
    submitted = await act(office, "sales-clerk", ARREARS, "SubmitReport.Y1", **REPORT)
    async with await office.as_person("sales-head") as client:
        signer = await client.get(ARREARS)
    signed = await act(office, "sales-head", ARREARS, "SignReport.Y1")
    returned = await act(office, "safety-clerk", ARREARS, "ReturnReport.Y1", code="value-implausible", comment="请核对")
    again = await act(office, "sales-clerk", ARREARS, "SubmitReport.Y1", **{**REPORT, "value__actual": "20"})
    await act(office, "sales-head", ARREARS, "SignReport.Y1")
    reviewed = await act(office, "safety-clerk", ARREARS, "AcceptReport.Y1")
    async with await office.as_person("auditor") as client:
        page = words((await client.get(ARREARS)).text)

    for answer in (accepted, submitted, signed, returned, again, reviewed):
        assert answer.status_code == 303, answer.text
        assert "after=" in answer.headers["location"]
    assert "第1版" in words(signer.text)
    assert "第2版" in page
    assert "数值异常" in page
    assert "姓名-sales-clerk" in page
    assert "审核通过" in page


async def test_what_was_just_done_is_on_the_next_page(office: Office) -> None:
    done = await act(office, "ops-head", FAULTS, "Accept")
    position = done.headers["location"].split("after=")[1]
    async with await office.as_person("ops-head") as client:
        board = await client.get(f"/board?q=跳闸率&after={position}")
        room = await client.get(done.headers["location"])

    assert "已承接" in board.text.split('id="lines"')[1] or "执行中" in board.text.split('id="lines"')[1]
    assert "已记录：承接" in room.text


async def test_a_form_sent_twice_is_one_command_with_one_answer(office: Office) -> None:
    async with await office.as_person("ops-clerk") as client:
        page = await client.get(FAULTS)
        form = offered(page.text)["SubmitReport.Y1"]
        first, second = await asyncio.gather(send(client, FAULTS, form, **REPORT), send(client, FAULTS, form, **REPORT))
        later = await send(client, FAULTS, form, **REPORT)

    locations = {answer.headers["location"] for answer in (first, second, later)}
    assert len(locations) == 1
    assert (await office.company.types(office.company.task("faults"))).count("ReportSubmitted") == 1


async def test_a_page_opened_before_somebody_else_acted_is_told_so(office: Office) -> None:
    company = office.company
    async with await office.as_person("ops-head") as client:
        page = await client.get(FAULTS)
        form = offered(page.text)["SignReport.Y1"]
        await company.does("ops-clerk", company.task("faults"), year_report("11.0"))
        stale = await send(client, FAULTS, form)
        await company.settle(datetime.now(UTC))
        fresh = await send(client, FAULTS, offered((await client.get(FAULTS)).text)["SignReport.Y1"])

    assert stale.status_code == 412
    assert "已有新的进展" in stale.text
    assert fresh.status_code == 303


async def test_what_was_typed_is_given_back_with_a_stale_page(office: Office) -> None:
    company = office.company
    async with await office.as_person("safety-clerk") as client:
        form = offered((await client.get(FAULTS)).text)["ReturnReport.Y1"]
        async with await office.as_person("safety-head") as colleague:
            await send(colleague, FAULTS, offered((await colleague.get(FAULTS)).text)["AcceptReport.Y1"])
        stale = await send(client, FAULTS, form, code="other", comment="差一页盖章")

    assert stale.status_code == 412
    assert "差一页盖章" in stale.text
    assert (await company.types(company.task("faults"))).count("ReportReturned") == 0


async def test_a_form_without_version_or_key_is_refused(office: Office) -> None:
    async with await office.as_person("ops-head") as client:
        form = offered((await client.get(LOSS)).text)["Accept"]
        for missing in ("seen", "key", "offer"):
            answer = await client.post(LOSS, data={name: value for name, value in form.values.items() if name != missing})

            assert answer.status_code == 428


async def test_something_that_does_not_matter_leaves_an_open_form_as_it_is(office: Office) -> None:
    company = office.company
    await company.does("ops-head", company.task(), Accept(plan="分台区治理"))
    await company.settle(datetime.now(UTC))
    async with await office.as_person("ops-clerk") as client:
        form = offered((await client.get(LOSS)).text)["SubmitReport.Y1"]
        before = await company.types(company.task())
        await company.does("office-head", company.cycle, CallPreAssessment(period="trial", label="试算"))
        await company.settle(datetime.now(UTC))
        moved = await company.types(company.task())
        answer = await send(client, LOSS, form, **REPORT)

    assert moved == [*before, "PreAssessmentRun"]
    assert answer.status_code == 303


async def test_a_gap_becomes_an_order_that_is_put_right_and_verified(office: Office) -> None:
    order = "/order/2025/arrears/sales/gap-trial"
    async with await office.as_person("sales-head") as client:
        room = await client.get(ARREARS)
    signed_for = await act(office, "sales-clerk", order, "SignForOrder")
    feedback = await act(office, "sales-clerk", order, "GiveFeedback", measures="逐户催收", progress="已收回一半")
    claimed = await act(office, "sales-head", order, "ClaimCompletion", summary="已全部收回")
    silent = await act(office, "supervisor", order, "VerifyOrder", completion="done", quality="good")
    verified = await act(office, "supervisor", order, "VerifyOrder", completion="done", quality="good", comment="账实相符")
    async with await office.as_person("sales-head") as client:
        page = words((await client.get(order)).text)
    async with await office.as_person("ops-clerk") as client:
        strange = await client.get(order)

    assert f'href="{order}"' in room.text
    for answer in (signed_for, feedback, claimed, verified):
        assert answer.status_code == 303, answer.text
    assert silent.status_code == 422
    assert "账实相符" in page
    assert strange.status_code == 404


async def test_what_cannot_be_read_stands_beside_its_field_and_nothing_is_lost(office: Office) -> None:
    async with await office.as_person("ops-clerk") as client:
        form = offered((await client.get(LOSS)).text)["SubmitReport.Y1"]
        answer = await send(client, LOSS, form, **{**REPORT, "value__actual": "十一", "note": "随附说明"})
        again = offered(answer.text)["SubmitReport.Y1"]

    assert answer.status_code == 422
    assert "应为数字" in answer.text
    assert (again.values["value.actual"], again.values["note"]) == ("十一", "随附说明")
    assert again.values["key"] != form.values["key"]


async def test_a_refusal_says_the_rule_and_keeps_the_form(office: Office) -> None:
    async with await office.as_person("ops-clerk") as client:
        form = offered((await client.get(LOSS)).text)["SubmitReport.Y1"]
        answer = await send(client, LOSS, form, **{**REPORT, "data_source": " ", "note": "随附说明"})
        tomorrow = await send(client, LOSS, form, **{**REPORT, "as_of": "2099-01-01", "note": "随附说明"})
        repeated = await send(client, LOSS, form, **{**REPORT, "as_of": "2099-01-01"})
        again = offered(tomorrow.text)["SubmitReport.Y1"]

    assert answer.status_code == 422
    assert (tomorrow.status_code, repeated.status_code) == (409, 409)
    assert "晚于受理日" in tomorrow.text
    assert "晚于受理日" in repeated.text
    assert again.values["note"] == "随附说明"


async def test_evidence_is_kept_shown_and_handed_out_only_to_those_who_may(office: Office) -> None:
    paper = b"%PDF-1.7 proof"
    async with await office.as_person("ops-clerk") as client:
        form = offered((await client.get(LOSS)).text)["SubmitReport.Y1"]
        files = {"evidence": ("线损统计.pdf", paper, "application/pdf")}
        refused = await client.post(
            LOSS, data=form.filled(**REPORT), files={"evidence": ("x.exe", b"MZ", "application/x-dosexec")}
        )
        form = offered((await client.get(LOSS)).text)["SubmitReport.Y1"]
        done = await client.post(LOSS, data=form.filled(**REPORT), files=files)
        page = (await client.get(LOSS)).text
        address = page.split(f'href="{LOSS}/evidence/')[1].split('"')[0]
        mine = await client.get(f"{LOSS}/evidence/{address}")
        elsewhere = await client.get(f"{FAULTS}/evidence/{address}")
    async with await office.as_person("sales-clerk") as client:
        strange = await client.get(f"{LOSS}/evidence/{address}")

    assert refused.status_code == 409
    assert "不接受" in refused.text
    assert done.status_code == 303, done.text
    assert mine.content == paper
    assert mine.headers["content-disposition"].startswith("attachment")
    assert "sandbox" in mine.headers["content-security-policy"]
    assert (elsewhere.status_code, strange.status_code) == (404, 404)


async def test_people_see_what_concerns_them_and_no_more(office: Office) -> None:
    async with await office.as_person("sales-clerk") as client:
        own, other = await client.get(ARREARS), await client.get(LOSS)
        board = (await client.get("/board")).text
    async with await office.as_person("safety-clerk") as client:
        reviewing = await client.get(LOSS)
    async with await office.as_person("auditor") as client:
        everything = (await client.get("/board")).text
        nothing = offered((await client.get(LOSS)).text)

    assert (own.status_code, other.status_code, reviewing.status_code) == (200, 404, 200)
    assert ("电费欠费率" in board, "低压线损率" in board) == (True, False)
    assert "电费欠费率" in everything
    assert "低压线损率" in everything
    assert nothing == {}


async def test_the_board_is_filtered_by_its_address(office: Office) -> None:
    await office.shown()
    async with await office.as_person("office-clerk") as client:
        by_department = (await client.get("/board?department=sales")).text
        by_text = (await client.get("/board?q=line-loss")).text
        part = (await client.get("/board?q=line-loss", headers={"hx-request": "true"})).text
        nothing = (await client.get("/board?stage=archived")).text

    assert ("电费欠费率" in by_department, "低压线损率" in by_department) == (True, False)
    assert ("电费欠费率" in by_text, "低压线损率" in by_text) == (False, True)
    assert "<html" not in part
    assert "低压线损率" in part
    assert "没有符合条件的指标" in nothing


async def test_each_light_has_its_word(office: Office) -> None:
    async with await office.as_person("office-clerk") as client:
        page = (await client.get("/board")).text

    assert words(page).count("灯") >= 3


async def test_today_says_what_is_owed_with_its_verb(office: Office) -> None:
    await office.shown()
    async with await office.as_person("ops-head") as client:
        page = words((await client.get("/")).text)
    async with await office.as_person("supervisor") as client:
        idle = words((await client.get("/")).text)

    assert "签发" in page
    assert "没有欠账" in idle


async def test_the_office_enters_for_a_department_with_a_reason(office: Office) -> None:
    await act(office, "ops-head", LOSS, "SignReport.Y1")
    await act(office, "safety-head", LOSS, "ReturnReport.Y1", code="evidence-incomplete")
    key = "SubmitReport.Y1.ops-clerk"
    without = await act(office, "office-clerk", LOSS, key, **REPORT)
    entered = await act(office, "office-clerk", LOSS, key, **REPORT, reason="本人外出")
    async with await office.as_person("ops-clerk") as client:
        page = words((await client.get(LOSS)).text)

    assert without.status_code == 422
    assert entered.status_code == 303, entered.text
    assert "代姓名-ops-clerk" in page
    assert "本人外出" in page


async def test_an_authorised_person_acts_in_anothers_place(office: Office) -> None:
    today = datetime.now(UTC).date()
    grant = GrantAuthorisation(
        authorisation="授权-1", person="ops-clerk", since=today, until=today, document="授〔2026〕1号", commands=("SignReport",)
    )
    await office.company.does("ops-head", names.ORGANISATION, grant)
    offer = "SignReport.Y1.ops-head.授权-1"
    for _ in range(2):
        async with await office.as_person("ops-clerk") as client:
            page = await client.get(LOSS)
        if offer in offered(page.text):
            break
        await asyncio.sleep(2)  # Who is who may be two seconds old on a page.

    signed = await act(office, "ops-clerk", LOSS, offer, reason="本人外出")

    assert signed.status_code == 303, signed.text


async def test_scores_are_hidden_from_those_who_may_not_know_yet(office: Office) -> None:
    await act(office, "safety-clerk", LOSS, "AcceptReport.Y1")
    called = await act(office, "office-head", "/cycle/2025", "CallPreAssessment", period="Y1", label="年中预考核")
    await office.settled()
    async with await office.as_person("ops-clerk") as client:
        own = words((await client.get(LOSS)).text)
        board = words((await client.get("/scoreboard")).text)
    async with await office.as_person("safety-clerk") as client:
        reviewer = words((await client.get(LOSS)).text)
    async with await office.as_person("sales-clerk") as client:
        strange = words((await client.get("/scoreboard?department=ops")).text)

    assert called.status_code == 303, called.text
    assert "预考核：5.4分" in own
    assert "另有1个部门的分数在公示前不对您公开" in board
    assert "5.4" not in reviewer
    assert "5.4" not in strange


async def test_scoring_goes_all_its_way_through_the_forms(office: Office) -> None:
    early = await act(office, "leader", "/cycle/2025", "LockData") if datetime.now(UTC).year == 2025 else None
    locked = early or await act(office, "office-head", "/cycle/2025", "LockData")
    await office.settled()
    self_scored = await act(office, "ops-head", LOSS, "SelfScore")
    no_ground = await act(office, "safety-head", LOSS, "ReviewScore", points="5")
    reviewed = await act(office, "safety-head", LOSS, "ReviewScore", points="5", ground="资料不全", second="safety-clerk")
    async with await office.as_person("office-clerk") as client:
        entered_it = await client.get(LOSS)
    taken_over = await act(office, "office-head", LOSS, "Consolidate")
    async with await office.as_person("office-head") as client:
        page = words((await client.get(LOSS)).text)
        board = words((await client.get(f"/scoreboard?after={await office.dukao.log.head()}")).text)

    for answer in (locked, self_scored, reviewed, taken_over):
        assert answer.status_code == 303, answer.text
    assert no_ground.status_code == 409
    assert "必须写明依据" in no_ground.text
    assert "汇总：5分" in page
    assert "考评得分" in board
    assert "按职责分离不能再办理“汇总”" in words(entered_it.text)
    assert offered(entered_it.text) == {}


async def test_what_does_not_exist_and_what_one_may_not_see_look_the_same(office: Office) -> None:
    async with await office.as_person("sales-clerk") as client:
        missing = await client.get("/i/2025/nothing/ops")
        hidden = await client.get(LOSS)
        order = await client.get("/order/2025/line-loss/ops/gap-Y1")

    assert {missing.status_code, hidden.status_code, order.status_code} == {404}
    assert words(missing.text).partition("请求编号")[0] == words(hidden.text).partition("请求编号")[0]


async def test_faults_are_told_as_problems_to_machines(office: Office) -> None:
    async with await office.as_person("sales-clerk") as client:
        answer = await client.get("/i/2025/nothing/ops", headers={"accept": "application/json"})

    assert answer.headers["content-type"].startswith("application/problem+json")
    assert answer.json()["code"] == "Http404"


async def test_english_is_a_choice_that_stays(office: Office) -> None:
    async with await office.as_person("ops-head") as client:
        chosen = await client.get("/language/en?next=/board")
        page = await client.get("/board")

    assert chosen.headers["location"] == "/board"
    assert 'lang="en"' in page.text
    assert "Lead department" in page.text


async def test_there_is_no_switch_of_persons_outside_a_demonstration(office: Office) -> None:
    async with office.client() as client:
        page = await client.get("/login")
        answer = await client.post("/as", data={"person": "leader"})

    assert "演示" not in page.text
    assert answer.status_code == 404
    assert "set-cookie" not in answer.headers


async def test_a_session_that_ended_asks_to_sign_in_again(office: Office) -> None:
    async with await office.as_person("ops-head") as client:
        form = next(form for form in forms((await client.get("/")).text) if form.action == "/logout")
        out = await send(client, "/logout", form)
        client.cookies.set("dukao", uuid4().hex)
        after = await client.get("/board")

    assert out.headers["location"] == "/login"
    assert after.headers["location"].startswith("/login")


async def test_a_one_time_password_must_be_changed_first(office: Office) -> None:
    await create_account(office.dukao.engine, "once", "supervisor", "given only once", True)
    opened = await open_session(office.dukao.engine, "once", now=datetime.now(UTC))
    async with office.client() as client:
        client.cookies.set("dukao", opened.token)
        sent_on = await client.get("/board")
        page = await client.get("/password")
        form = next(form for form in forms(page.text) if form.action == "/password")
        differ = await send(client, "/password", form, old="given only once", new="my own password", again="my own passwort")
        changed = await send(client, "/password", form, old="given only once", new="my own password", again="my own password")
        board = await client.get("/board")

    assert sent_on.headers["location"] == "/password"
    assert differ.status_code == 422
    assert changed.headers["location"] == "/"
    assert board.status_code == 200
