"""Requests and answers of HTTP, and their limits; sockets are `connections`'."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from http import HTTPStatus

import h11

from pocketaws.wire.bodies import BodyFile


@dataclass(frozen=True, slots=True)
class Request:
    """A request; one whose head alone has come has no body yet.

    Attributes:
        path: without the query.
        headers: by lower-case name; several of one name are joined by commas.
        target: path and query as they came.
        fields: the headers one by one, their names as they came.
        port: that it came to.
        file: holds the body where it is large; `body` is empty then.
    """

    method: str
    path: str
    headers: dict[str, str]
    body: bytes = b""
    target: str = ""
    fields: Sequence[tuple[str, str]] = ()
    port: int = 0
    file: BodyFile | None = None

    @property
    def content(self) -> bytes | BodyFile:
        """The body, wherever it is."""
        return self.body if self.file is None else self.file

    def with_body(self, body: bytes | BodyFile) -> "Request":
        """Return the request with all of its body."""
        if isinstance(body, bytes):
            return replace(self, body=body, file=None)
        return replace(self, body=b"", file=body)

    def in_memory(self) -> "Request":
        """Return the request with its body in memory."""
        return self if self.file is None else self.with_body(self.file.read())


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """What is sent back; `headers` come after Content-Type and Content-Length.

    Attributes:
        content_type: empty where `headers` have it, or there is none.
    """

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
        request_seconds: from the first byte of a request, or the connection, to the last byte; a
            body may take longer that brings `least_bytes_per_second`.
        idle_seconds: how long a connection may wait for its next request.
        drain_seconds: how long requests that have begun may go on after the signal to stop.
        max_connections: of one server; where there are as many, the one that waits for its next
            request the longest is closed for a new one.
        least_bytes_per_second: of a body that takes longer than `request_seconds`; 0 for none.
    """

    max_body_bytes: int = 6 * 1024**2
    request_seconds: float = 60.0
    idle_seconds: float = 75.0
    drain_seconds: float = 30.0
    max_connections: int = 1000  # gunicorn's --worker-connections in the XGBoost container
    least_bytes_per_second: int = 0

    def seconds_for(self, received_bytes: int) -> float:
        """Return how long a request may take of which so much has come."""
        rate = self.least_bytes_per_second
        return self.request_seconds + (received_bytes / rate if rate else 0.0)


def request_of(head: h11.Request, *, port: int) -> Request:
    """Return the request of a head, without its body."""
    headers: dict[str, str] = {}
    fields = []
    for raw_name, raw_value in head.headers.raw_items():
        name, value = raw_name.decode("latin-1"), raw_value.decode("latin-1")
        fields.append((name, value))
        key = name.lower()
        headers[key] = f"{headers[key]},{value}" if key in headers else value
    target = head.target.decode("latin-1")
    method = head.method.decode("latin-1")
    return Request(method, target.partition("?")[0], headers, b"", target, fields, port)


def too_large(limit: int) -> HttpAnswer:
    """Return the answer to a body that is larger than a limit."""
    text = f"the body is larger than {limit} bytes, the limit that MAX_CONTENT_LENGTH sets"
    return refusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, text)


def malformed(error: h11.RemoteProtocolError) -> HttpAnswer:
    """Return nginx's answer to a message that is none: 400, or 501 for an unknown encoding."""
    status = error.error_status_hint
    if status == HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE:
        status = HTTPStatus.BAD_REQUEST  # which is nginx's answer
    return refusal(HTTPStatus(status), f"Bad Request: {error}")


def refusal(status: HTTPStatus, text: str) -> HttpAnswer:
    """Return an answer that says what is wrong."""
    return HttpAnswer(status, text.encode())
