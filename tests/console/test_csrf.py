"""Only our own pages may act for a person."""

import pytest
from starlette.datastructures import Headers

from console.csrf import ComesFromElsewhere, check_origin, check_token

HOST = {"host": "dukao.example"}


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "same-origin"},
        {"sec-fetch-site": "none"},
        {"origin": "https://dukao.example"},
        {"referer": "https://dukao.example/i/1/2/3"},
    ],
)
def test_our_own_pages_may_post(headers: dict[str, str]) -> None:
    check_origin("POST", Headers({**HOST, **headers}))


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "cross-site", "origin": "https://dukao.example"},
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "https://dukao.example.evil.example"},
        {"referer": "https://evil.example/?https://dukao.example"},
        {},
    ],
)
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_other_pages_may_not(method: str, headers: dict[str, str]) -> None:
    with pytest.raises(ComesFromElsewhere):
        check_origin(method, Headers({**HOST, **headers}))


def test_reading_is_free() -> None:
    check_origin("GET", Headers({**HOST, "sec-fetch-site": "cross-site"}))


@pytest.mark.parametrize("given", ["", "wrong", None, 5])
def test_a_form_without_its_sessions_token_is_refused(given: object) -> None:
    check_token("right", "right")

    with pytest.raises(ComesFromElsewhere):
        check_token("right", given)
