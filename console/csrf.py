"""Nobody else's page may act for a person: where a request comes from, and a token of the session in every form.

The browser says where an unsafe request comes from (``Sec-Fetch-Site``; before 2021 ``Origin`` or ``Referer``), and a page elsewhere
cannot make it lie. The token is the second lock, should a proxy strip those headers. SameSite=Lax on the cookie is the third.
"""

from hmac import compare_digest
from urllib.parse import urlsplit

from starlette.datastructures import Headers

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
OUR_OWN = frozenset({"same-origin", "none"})  # ``none``: typed by the person, no page at all.
FIELD = "csrf"


class ComesFromElsewhere(Exception):
    """An unsafe request that was not sent from one of our own pages."""

    zh = "这个请求不是从本系统的页面发出的，没有执行任何操作。请从系统页面重新操作。"
    en = "This request did not come from one of our pages, and nothing was done. Start again from a page of this system."


def check_origin(method: str, headers: Headers) -> None:
    """Refuse an unsafe request from another site. Raises ComesFromElsewhere."""
    if method in SAFE:
        return
    site = headers.get("sec-fetch-site")
    if site is not None:
        if site not in OUR_OWN:
            raise ComesFromElsewhere
        return
    sender = headers.get("origin") or headers.get("referer") or ""
    if urlsplit(sender).netloc != headers.get("host"):
        raise ComesFromElsewhere


def check_token(expected: str, given: object) -> None:
    """Refuse a form that does not carry its session's token. Raises ComesFromElsewhere."""
    if not isinstance(given, str) or not compare_digest(expected.encode(), given.encode()):
        raise ComesFromElsewhere
