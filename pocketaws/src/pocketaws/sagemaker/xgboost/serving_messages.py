"""Requests and answers of the serving container, and their limits; sockets are `_http`'s."""

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus

import h11


@dataclass(frozen=True, slots=True)
class Request:
    """A complete request.

    Attributes:
        path: without the query.
        headers: by lower-case name; several of one name are joined by commas.
    """

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """What is sent back; `headers` come after Content-Type and Content-Length."""

    status: int
    body: bytes = b""
    # Flask's, and nginx's: of what has no type of its own, errors and empty answers among them.
    content_type: str = "text/html; charset=utf-8"
    headers: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True)
class Limits:
    """How much and how long.

    Attributes:
        max_body_bytes: a larger body is answered with 413.
        request_seconds: from the first byte of a request, or the connection, to the last byte.
        idle_seconds: how long a connection may wait for its next request.
        drain_seconds: how long requests that have begun may go on after the signal to stop.
    """

    max_body_bytes: int = 6 * 1024**2
    request_seconds: float = 60.0
    idle_seconds: float = 75.0
    drain_seconds: float = 30.0


def request_of(head: h11.Request, body: bytes) -> Request:
    """Return a request that is complete."""
    headers: dict[str, str] = {}
    for raw_name, raw_value in head.headers:
        name, value = raw_name.decode("latin-1"), raw_value.decode("latin-1")
        headers[name] = f"{headers[name]},{value}" if name in headers else value
    target = head.target.decode("latin-1")
    return Request(head.method.decode("latin-1"), target.partition("?")[0], headers, body)


def malformed(error: h11.RemoteProtocolError) -> Answer:
    """Return nginx's answer to a message that is none: 400, or 501 for an unknown encoding."""
    status = error.error_status_hint
    if status == HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE:
        status = HTTPStatus.BAD_REQUEST  # which is nginx's answer
    return refusal(HTTPStatus(status), f"Bad Request: {error}")


def refusal(status: HTTPStatus, text: str) -> Answer:
    """Return an answer that says what is wrong."""
    return Answer(status, text.encode())
