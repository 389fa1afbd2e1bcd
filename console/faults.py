"""What a person is told when it did not go as they wished: a page for browsers, problem+json for everybody else."""

from dataclasses import dataclass
from urllib.parse import quote

import structlog
from asyncpg import PostgresError
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import DBAPIError
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, JSONResponse, Response
from temporalio.service import RPCError

from application.submit import CommandFailed, Pending, TooBusy
from console.csrf import ComesFromElsewhere
from console.door import LARGEST_FORM_BYTES, Door, FormIsTooLarge, PasswordIsDue, SignInFirst, go, here, language_of
from console.words import Words
from domain.decider import Refused

logger = structlog.get_logger()


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One fault: its HTTP status, a stable code, what happened and what to do, in both languages."""

    status: int
    code: str
    title: str
    zh: str
    en: str
    retry_after_s: int = 0


class FormIsStale(Exception):
    """Somebody was faster: what the form was about has moved on."""

    zh = "您打开页面之后，这件事已有新的进展，所以没有执行您的操作。请返回最新页面核对后再办理。"
    en = "This matter moved on after you opened the page, so nothing was done. Go back to the newest page, check, and submit again."

    def __init__(self, address: str, typed: dict[str, str]) -> None:
        """Take where to go on, and what was typed, which is given back."""
        self.address, self.typed = address, typed
        super().__init__(self.en)


class FormIsIncomplete(Exception):
    """The form lacks the version its sender saw, or its key."""

    zh = "表单缺少版本信息（If-Match），无法判断您看到的是不是最新情况，没有执行任何操作。请重新打开页面办理。"
    en = "The form does not say which version you saw (If-Match), so nothing was done. Open the page again and submit from there."


def answer_faults(app: FastAPI) -> None:
    """Register what is said for each kind of fault."""
    app.add_exception_handler(SignInFirst, _sign_in_first)
    app.add_exception_handler(PasswordIsDue, _password_is_due)
    for kind in (
        FormIsStale,
        FormIsIncomplete,
        FormIsTooLarge,
        ComesFromElsewhere,
        Refused,
        Pending,
        CommandFailed,
        HTTPException,
        RequestValidationError,
        OSError,
        DBAPIError,
        PostgresError,
        RPCError,
        Exception,
    ):
        app.add_exception_handler(kind, _told)


def fault_of(error: Exception) -> Fault:
    """Give what is said of an error."""
    match error:
        case FormIsStale():
            return Fault(status=412, code="FormIsStale", title="页面已过时", zh=error.zh, en=error.en)
        case FormIsIncomplete():
            return Fault(status=428, code="FormIsIncomplete", title="缺少版本信息", zh=error.zh, en=error.en)
        case FormIsTooLarge():
            limit = LARGEST_FORM_BYTES // 1024 // 1024
            zh, en = error.zh.format(limit=limit), error.en.format(limit=limit)
            return Fault(status=413, code="FormIsTooLarge", title="内容过大", zh=zh, en=en)
        case ComesFromElsewhere():
            return Fault(status=403, code="ComesFromElsewhere", title="请求来源不明", zh=error.zh, en=error.en)
        case TooBusy():
            return Fault(
                status=503, code=error.code, title="请稍候", zh=error.sentence(), en=error.sentence("en"), retry_after_s=3
            )
        case Refused():
            return Fault(status=409, code=error.code, title="不能办理", zh=error.sentence(), en=error.sentence("en"))
        case Pending():
            return Fault(status=202, code="Pending", title="已受理，正在处理", zh=error.zh, en=error.en, retry_after_s=3)
        case CommandFailed():
            return Fault(status=500, code="CommandFailed", title="程序出错", zh=error.zh, en=error.en)
        case HTTPException():
            return _of_http(error.status_code)
        case RequestValidationError():
            return _of_http(422)
        case OSError() | DBAPIError() | PostgresError() | RPCError():
            return Fault(
                status=503,
                code="Unavailable",
                title="服务暂时不可用",
                zh="数据库或流程服务没有应答，没有执行任何操作。请稍后刷新重试；持续出现请联系系统管理员。",
                en="The database or the workflow service does not answer; nothing was done. Reload in a moment, or tell the administrator.",
                retry_after_s=5,
            )
        case _:
            return Fault(
                status=500,
                code="Bug",
                title="程序出错",
                zh="程序出错，请把下面的请求编号告诉系统管理员。",
                en="This is a fault of the program. Tell the administrator the request id below.",
            )


async def _told(request: Request, error: Exception) -> Response:
    fault = fault_of(error)
    if fault.status == 500:  # noqa: PLR2004
        logger.error("request.failed", path=request.url.path, exc_info=error)
    headers = {"Retry-After": str(fault.retry_after_s)} if fault.retry_after_s else {}
    if not _wants_a_page(request):
        body = {
            "type": "about:blank",
            "title": fault.title,
            "status": fault.status,
            "code": fault.code,
            "detail": fault.zh,
            "detail_en": fault.en,
        }
        return JSONResponse(body, status_code=fault.status, headers=headers, media_type="application/problem+json")
    door: Door = request.app.state.door
    words = Words(language_of(request))
    drawn = door.templates.get_template("fault.html").render(
        _=words,
        language=words.language,
        fault=fault,
        sentence=fault.en if words.language == "en" else fault.zh,
        request_id=getattr(request.state, "request_id", ""),
        back=error.address if isinstance(error, FormIsStale) else "",
        typed=error.typed if isinstance(error, FormIsStale) else {},
        visitor=None,
        here=here(request),
        path=request.url.path,
    )
    return HTMLResponse(drawn, status_code=fault.status, headers=headers)


async def _sign_in_first(request: Request, _error: Exception) -> Response:
    wanted = here(request)
    login = "/login" if wanted == "/" else f"/login?next={quote(wanted, safe='')}"
    if "hx-request" in request.headers:
        return Response(status_code=401, headers={"HX-Redirect": login})  # Part of a page cannot ask for a password.
    if request.method == "GET" and _wants_a_page(request):
        return go(login)
    return await _told(request, HTTPException(401))


async def _password_is_due(request: Request, _error: Exception) -> Response:
    return go("/password") if _wants_a_page(request) else await _told(request, HTTPException(403))


def _wants_a_page(request: Request) -> bool:
    return "text/html" in request.headers.get("accept", "")


def _of_http(status: int) -> Fault:
    title, zh, en = HTTP.get(status, ("不能办理", "请求无法处理。", "The request cannot be answered."))
    return Fault(status=status, code=f"Http{status}", title=title, zh=zh, en=en)


HTTP = {
    401: ("请先登录", "请先登录后再办理。", "Sign in first."),
    403: (
        "无权查看",
        "您无权查看此页。如工作需要，请联系绩效办。",
        "You may not see this page. If your work needs it, ask the office.",
    ),
    404: (
        "没有找到",
        "没有这个页面，或者您无权查看。请从“今日”或“看板”重新进入。",
        "There is no such page, or you may not see it. Start again from Today or the board.",
    ),
    405: (
        "不能这样访问",
        "这个地址不能这样访问。请从页面上的按钮进入。",
        "This address is not used this way. Use the page's buttons.",
    ),
    422: ("地址有误", "地址中的参数有误。请从页面上的链接进入。", "The address has a wrong parameter. Use the page's links."),
    429: ("登录过于频繁", "登录尝试过于频繁，请一分钟后再试。", "Too many attempts to sign in. Try again in a minute."),
}
