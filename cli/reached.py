"""Whether somebody can sign in and see the board: asked as a browser asks."""

import time
from http.cookiejar import CookieJar
from urllib.error import URLError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, Request, build_opener

from cli.faults import ExitCode, Fault

WITHIN_S = 30.0


def seconds_to_the_board(url: str, login: str, password: str) -> float:
    """Sign in and open the board; give how many seconds that took. Raises a fault if it cannot be done."""
    began = time.monotonic()
    opener = build_opener(HTTPCookieProcessor(CookieJar()))
    form = urlencode({"login": login, "password": password}).encode()
    try:
        opener.open(Request(f"{url}/login", data=form, headers={"Origin": url}), timeout=WITHIN_S).read()  # noqa: S310
        with opener.open(f"{url}/board", timeout=WITHIN_S) as answer:
            landed = answer.geturl()
            answer.read()
    except (URLError, OSError) as failed:
        raise Fault(
            f"控制台已启动，但登录后打不开看板：{failed}。请查看日志。",
            f"The console runs, but the board does not open after signing in: {failed}. See the logs.",
            code=ExitCode.UNAVAILABLE,
        ) from failed
    if not landed.startswith(f"{url}/board"):
        raise Fault(f"登录后被带到 {landed}。", f"Signing in led to {landed}.", code=ExitCode.UNAVAILABLE)
    return time.monotonic() - began
