"""Requests of this process's own clients, handed to the gate without a socket.

They are signed and parsed by botocore as ever, and pass all that a request from outside does:
bounds, signature, policies, faults, rules. Only the connection is left out, with its framing and
its threads.
"""

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.exceptions import EndpointConnectionError

from pocketaws.wire.bodies import Body, BodyFile
from pocketaws.wire.messages import HttpAnswer, Request

_PIECE_BYTES: Final = 256 * 1024
_HOSTS: Final = ("localhost", ".localhost")


class StoppedError(Exception):
    """Nothing listens any more."""


class InProcess:
    """Answers for clients of botocore whose endpoint is a port of this process.

    Args:
        port: that the clients would reach.
        answer: answers a complete request; raises StoppedError where nothing listens.
        bodies_dir: for large bodies; None keeps all in memory.
    """

    def __init__(
        self,
        port: int,
        answer: Callable[[Request], HttpAnswer],
        bodies_dir: Path | None = None,
    ) -> None:
        self._port = port
        self._bodies_dir = bodies_dir
        self._answer = answer

    def attach(self, client: Any) -> None:
        """Have a client's requests to the port answered here."""
        client.meta.events.register("before-send", self.send)

    def send(self, request: AWSPreparedRequest, **_: Any) -> AWSResponse | None:
        """Answer a request; None where it goes elsewhere.

        Raises:
            EndpointConnectionError: as it would be raised if nothing listened at the port.
        """
        url = urlsplit(request.url)
        host = url.hostname or ""
        if url.port != self._port or not host.endswith(_HOSTS):
            return None
        target = f"{url.path or '/'}?{url.query}" if url.query else url.path or "/"
        try:
            answer = self._answer(self._request(request, url.netloc, target))
        except StoppedError as error:
            raise EndpointConnectionError(endpoint_url=request.url) from error
        return _response(request.url, request.method, answer)

    def _request(self, request: AWSPreparedRequest, host: str, target: str) -> Request:
        fields = [("Host", host)]
        fields += [(name, _text(value)) for name, value in request.headers.items()]
        head = Request(
            method=request.method,
            path=target.partition("?")[0],
            headers={name.lower(): value for name, value in fields},
            target=target,
            fields=fields,
            port=self._port,
        )
        return head.with_body(self._body(request.body))

    def _body(self, body: Any) -> bytes | BodyFile:
        """Return a body that is bytes, a text, a file or nothing."""
        if not hasattr(body, "read"):
            return body.encode() if isinstance(body, str) else bytes(body or b"")
        taken = Body(self._bodies_dir)
        while piece := body.read(_PIECE_BYTES):
            taken.add(piece.encode() if isinstance(piece, str) else piece)
        return taken.taken()


class _Body(io.BytesIO):
    """A body as urllib3's responses have it."""

    def stream(self, amount: int = 65536, **_: Any) -> Iterator[bytes]:
        while part := self.read(amount):
            yield part


def _response(url: str, method: str, answer: HttpAnswer) -> AWSResponse:
    headers: dict[str, str] = {}
    for name, value in answer.headers:
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    if answer.content_type:
        headers["Content-Type"] = answer.content_type
    if not any(name.lower() == "content-length" for name in headers):
        headers["Content-Length"] = str(len(answer.body))
    body = b"" if method == "HEAD" else answer.body
    return AWSResponse(url, answer.status, headers, _Body(body))


def _text(value: Any) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)
