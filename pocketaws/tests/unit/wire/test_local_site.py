"""A site on loopback answers its user, and no page or name of somebody else's."""

import http.client
from collections.abc import Iterable, Iterator
from typing import Any

import pytest

from pocketaws import local_site

MAX_BODY_BYTES = 100


@pytest.fixture
def port() -> Iterator[int]:
    def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        length = len(environ["wsgi.input"].read())
        start_response("200 OK", [("Content-Type", "text/plain"), ("X-Own", "yes")])
        return [f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']} {length}".encode()]

    with local_site(application, max_body_bytes=MAX_BODY_BYTES) as number:
        yield number


def ask(port: int, method: str = "GET", body: bytes = b"", **headers: str) -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request(method, "/a%20b?c", body, {"Host": f"localhost:{port}", **named})
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer.status, text


def test_its_own_user_is_answered(port: int) -> None:
    assert ask(port) == (200, "GET /a b 0")
    own = f"http://localhost:{port}"
    assert ask(port, "POST", b"four", Origin=own, Sec_Fetch_Site="same-origin")[0] == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "rebound.example"},
        {"Origin": "https://page.example"},
        {"Referer": "https://page.example/"},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
    ],
)
def test_others_are_refused(port: int, headers: dict[str, str]) -> None:
    status, text = ask(port, "POST", b"four", **headers)

    assert status == 403
    assert text.startswith("Forbidden: ")


def test_a_body_has_its_bound(port: int) -> None:
    assert ask(port, "POST", b"x" * MAX_BODY_BYTES)[0] == 200
    assert ask(port, "POST", b"x" * (MAX_BODY_BYTES + 1))[0] == 413


def test_its_port_is_closed_with_the_context() -> None:
    with local_site(lambda *_: [b""]) as number:
        pass

    with pytest.raises(OSError, match="refused"):
        ask(number)
