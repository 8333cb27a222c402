"""Sizes, times and numbers are bounded, on harmless examples."""

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack
from urllib.parse import urlsplit

import psutil
import pytest
from botocore.credentials import Credentials

from emulated.signing import Ask, own_credentials, send, signed, target
from pocketaws.runtime import LocalRuntime
from pocketaws.wire.hosting import Hosting
from pocketaws.wire.http_server import HttpServer
from pocketaws.wire.messages import HttpAnswer, Limits, Request

MEGABYTE = 1024**2
GIGABYTE = 1024**3
SECONDS = 10
MOST_MEGABYTES = 50


@pytest.fixture
def port() -> Iterator[int]:
    """A server with narrow limits, of the kind that all ports have."""

    def echo(request: Request) -> HttpAnswer:
        return HttpAnswer(200, str(len(request.body)).encode())

    limits = Limits(
        max_body_bytes=MEGABYTE,
        request_seconds=0.5,
        idle_seconds=0.5,
        drain_seconds=0.0,
        max_connections=8,
        least_bytes_per_second=64 * 1024,
    )
    hosting = Hosting()
    opened = hosting.open(HttpServer(echo, limits))
    yield opened.number
    opened.close()
    hosting.end()


def connect(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=SECONDS)


def all_of(connection: socket.socket) -> bytes:
    parts = []
    while part := connection.recv(65536):
        parts.append(part)
    return b"".join(parts)


def test_an_announced_size_takes_no_memory(runtime: LocalRuntime) -> None:
    port = urlsplit(runtime.endpoint_url).port
    assert port is not None
    process = psutil.Process()
    before = process.memory_info().rss
    head = (
        f"PUT /bucket/key HTTP/1.1\r\nHost: localhost:{port}\r\n"
        f"Content-Length: {64 * GIGABYTE}\r\n\r\nbegun"
    )
    with ExitStack() as connections:
        opened = [connections.enter_context(connect(port)) for _ in range(20)]
        for connection in opened:
            connection.sendall(head.encode())
        time.sleep(0.5)
        grown = process.memory_info().rss - before

    assert grown < MOST_MEGABYTES * MEGABYTE
    assert runtime.client("sts").get_caller_identity()["Account"] == "123456789012"


@pytest.mark.parametrize("who", ["nobody", "a wrong secret", "an unknown key"])
def test_bodies_that_never_end_take_little_memory(runtime: LocalRuntime, who: str) -> None:
    port = urlsplit(runtime.endpoint_url).port
    assert port is not None
    head = _head_of_endless_body(runtime.endpoint_url, who, f"localhost:{port}")
    part = b"x" * (300 * 1024)
    process = psutil.Process()
    before = process.memory_info().rss
    with ExitStack() as connections:
        for _ in range(200):
            connection = connections.enter_context(connect(port))
            connection.sendall(head)
            connection.sendall(part)
        # What has been sent last is read before this is answered.
        assert runtime.client("sts").get_caller_identity()["Account"] == "123456789012"
        grown = process.memory_info().rss - before

    assert grown < MOST_MEGABYTES * MEGABYTE


def _head_of_endless_body(endpoint_url: str, who: str, host: str) -> bytes:
    own = own_credentials()
    credentials = {
        "a wrong secret": Credentials(own.access_key, "wrong"),
        "an unknown key": Credentials("AKIAIOSFODNN7EXAMPLE", own.secret_key),
    }
    headers = {"Host": host}
    if who in credentials:
        headers |= signed(endpoint_url, Ask("s3", "PUT", "/bucket/key"), credentials[who])[1]
    headers["Content-Length"] = str(GIGABYTE)
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"PUT /bucket/key HTTP/1.1\r\n{lines}\r\n".encode()


def test_what_comes_unsigned_is_thrown_away(runtime: LocalRuntime) -> None:
    process = psutil.Process()
    before = process.memory_info().rss
    body = b"x" * (8 * MEGABYTE)

    told = send(f"{runtime.endpoint_url}/bucket/key", Ask("s3", "PUT", body=body))

    assert (told.status, told.code) == (403, "AccessDenied")
    assert process.memory_info().rss - before < MOST_MEGABYTES * MEGABYTE


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        (target("states", "StartExecution", input="x" * MEGABYTE), "RequestEntityTooLarge"),
        (
            Ask("lambda", "POST", "/2015-03-31/functions/f/invocations", b"x" * 6291457),
            "RequestEntityTooLarge",
        ),
    ],
)
def test_each_service_has_the_limit_that_aws_publishes(
    runtime: LocalRuntime, asked: Ask, code: str
) -> None:
    url, headers = signed(runtime.endpoint_url, asked, own_credentials())

    told = send(url, asked, headers)

    assert told.status == 413
    assert told.code.startswith(code)


def test_a_head_that_is_too_large_is_refused(port: int) -> None:
    with connect(port) as connection:
        connection.sendall(
            f"GET / HTTP/1.1\r\nHost: localhost:{port}\r\nX: {'x' * 40000}\r\n\r\n".encode()
        )

        assert all_of(connection).startswith(b"HTTP/1.1 400 ")


def test_a_body_that_comes_too_slowly_is_given_up(port: int) -> None:
    begun = time.monotonic()
    with connect(port) as connection:
        connection.sendall(
            f"POST / HTTP/1.1\r\nHost: localhost:{port}\r\nContent-Length: 1000\r\n\r\n".encode()
        )
        try:
            while time.monotonic() - begun < SECONDS:
                connection.sendall(b"x")
                time.sleep(0.1)
        except OSError:
            pass

    assert time.monotonic() - begun < SECONDS / 2


def test_a_body_that_keeps_coming_has_its_time(port: int) -> None:
    with connect(port) as connection:
        head = (
            f"POST / HTTP/1.1\r\nHost: localhost:{port}\r\nContent-Length: {MEGABYTE // 2}\r\n\r\n"
        )
        connection.sendall(head.encode())
        for _ in range(16):
            connection.sendall(b"x" * (MEGABYTE // 32))
            time.sleep(0.06)

        assert str(MEGABYTE // 2).encode() in connection.recv(65536)


def test_a_connection_that_sends_nothing_is_closed(port: int) -> None:
    with connect(port) as connection:
        assert all_of(connection) == b""


def test_connections_that_wait_make_room_for_a_new_one(port: int) -> None:
    with ExitStack() as connections:
        for _ in range(20):
            connections.enter_context(connect(port))
        asking = connections.enter_context(connect(port))
        asking.sendall(f"GET / HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n".encode())

        assert asking.recv(65536).startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize(
    ("host", "is_own"),
    [
        ("localhost:{}", True),
        ("LOCALHOST:{}", True),
        ("localhost", False),
        ("127.0.0.1", False),
        ("my.bucket.localhost", False),
        ("127.0.0.1:{}", True),
        ("127.8.9.1:{}", True),
        ("[::1]:{}", True),
        ("my.bucket.localhost:{}", True),
        ("sync-localhost:{}", True),
        ("localhost:1", False),
        ("localhost.:{}", False),
        ("evil-localhost:{}", False),
        ("localhost.example:{}", False),
        ("rebound.example:{}", False),
        ("127.0.0.1.example:{}", False),
        ("169.254.169.254:{}", False),
        ("user@localhost:{}", False),
        ("", False),
    ],
)
def test_a_host_is_one_of_loopbacks_names(port: int, host: str, is_own: bool) -> None:
    with connect(port) as connection:
        head = f"GET / HTTP/1.1\r\nHost: {host.format(port)}\r\nConnection: close\r\n\r\n"
        connection.sendall(head.encode())

        assert all_of(connection).startswith(b"HTTP/1.1 200 " if is_own else b"HTTP/1.1 403 ")


@pytest.mark.parametrize(
    ("headers", "is_own"),
    [
        ("", True),
        ("Origin: http://localhost:{}\r\n", True),
        ("Sec-Fetch-Site: none\r\n", True),
        ("Sec-Fetch-Site: same-origin\r\nOrigin: null\r\n", True),
        ("Referer: http://localhost:{}/page\r\n", True),
        ("Origin: null\r\n", False),
        ("Origin: http://localhost:1\r\n", False),
        ("Origin: https://localhost:{}\r\n", False),
        ("Origin: http://127.0.0.1:{}\r\n", False),
        ("Sec-Fetch-Site: cross-site\r\n", False),
        ("Sec-Fetch-Site: same-site\r\n", False),
        ("Referer: http://rebound.example/\r\n", False),
        ("Referer: http://[\r\n", False),
    ],
)
def test_a_page_is_known_by_what_it_cannot_choose(port: int, headers: str, is_own: bool) -> None:
    with connect(port) as connection:
        head = f"GET / HTTP/1.1\r\nHost: localhost:{port}\r\n{headers.format(port)}"
        connection.sendall(f"{head}Connection: close\r\n\r\n".encode())
        told = all_of(connection)

    assert told.startswith(b"HTTP/1.1 200 " if is_own else b"HTTP/1.1 403 ")
    assert b"access-control" not in told.lower()
