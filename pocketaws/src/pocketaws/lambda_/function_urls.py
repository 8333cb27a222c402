"""Lambda function URLs: an HTTP server each, on loopback, as on AWS each has a host of its own.

https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
"""

import socket
import threading
import uuid
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError
from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler
from werkzeug.wrappers import Request, Response

from pocketaws.lambda_ import url_payload
from pocketaws.lambda_.invoker import Invoker

# Of a request's body: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
MAX_BODY_BYTES: Final = 6 * 1024 * 1024
# How much of a body that is too large is read, so that its sender hears the answer.
_MAX_DRAINED_BYTES: Final = 8 * MAX_BODY_BYTES
_CHUNK_BYTES: Final = 64 * 1024
_READ_TIMEOUT_SECONDS: Final = 30
_POLL_SECONDS: Final = 0.05
_FORBIDDEN: Final = (
    '{"Message":"Forbidden. For troubleshooting Function URL authorization issues, see: '
    'https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html"}'
)
_TOO_LARGE: Final = (
    '{"Message":"Request must be smaller than 6291456 bytes for the InvokeFunction operation"}'
)
_THROTTLED: Final = ("TooManyRequestsException", "ThrottlingException")
_JSON: Final = "application/json"


@dataclass(frozen=True)
class FunctionUrl:
    """A URL and whom it lets in.

    Attributes:
        function_arn: with the alias, if it has one.
        account_id: of the function.
        signed_only: AuthType is AWS_IAM. The emulator checks no signature, only that there is one.
        is_public: tells whether the function's policy lets anybody use it; asked at each request.
    """

    function_arn: str
    account_id: str
    signed_only: bool
    is_public: Callable[[], bool]


class FunctionUrls:
    """The servers of all function URLs.

    Args:
        invoker: reaches the emulator.
    """

    def __init__(self, invoker: Invoker) -> None:
        self._invoker = invoker
        self._servers: dict[str, _Server] = {}
        self._lock = threading.Lock()

    def open(self, function_url: FunctionUrl) -> str:
        """Start a server on a free port and return its URL, which ends in a slash."""
        server = _Server(_Application(function_url, self._invoker))
        url = f"http://localhost:{server.server_port}/"
        with self._lock:
            self._servers[url] = server
        return url

    def close(self, url: str) -> None:
        """Stop the server of a URL."""
        with self._lock:
            server = self._servers.pop(url, None)
        if server is not None:
            server.end()

    def close_all(self) -> None:
        """Stop every server."""
        for url in list(self._servers):
            self.close(url)


class _Handler(WSGIRequestHandler):
    # A client that sends nothing must not keep its thread for ever.
    timeout = _READ_TIMEOUT_SECONDS

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 - the name is given
        """Log nothing: a URL can be a secret."""


class _Server(ThreadedWSGIServer):
    """Listens on a free port of loopback, and can end with connections still open."""

    def __init__(self, application: Callable[..., Any]) -> None:
        super().__init__("127.0.0.1", 0, application, handler=_Handler)
        self._connections: dict[socket.socket, None] = {}
        self._thread = threading.Thread(
            target=self.serve_forever, args=(_POLL_SECONDS,), name="function URL", daemon=True
        )
        self._thread.start()

    def process_request(self, request: Any, client_address: Any) -> None:
        """Answer a connection in a thread of its own."""
        self._connections[request] = None
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Close a connection that has been answered."""
        self._connections.pop(request, None)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of a client that went away."""

    def end(self) -> None:
        """Close the port and every connection."""
        self.shutdown()
        self._thread.join()
        self.server_close()
        for connection in list(self._connections):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


class _Application:
    """Turns a request into a call of the function, and its answer into a response."""

    def __init__(self, function_url: FunctionUrl, invoker: Invoker) -> None:
        self._url = function_url
        self._invoker = invoker
        self._url_id = uuid.uuid4().hex

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        request = Request(environ)
        body = _body(request)
        return self._response(request, body)(environ, start_response)

    def _response(self, request: Request, body: bytes | None) -> Response:
        if body is None:
            return Response(_TOO_LARGE, 413, mimetype=_JSON)
        if not self._lets_in(request):
            return Response(_FORBIDDEN, 403, mimetype=_JSON)
        event = url_payload.event_of(
            request, body, account_id=self._url.account_id, url_id=self._url_id
        )
        try:
            answer = self._invoker.invoke(self._url.function_arn, event)
        except ClientError as error:
            throttled = error.response["Error"]["Code"] in _THROTTLED
            return _failed(429, "Too Many Requests") if throttled else _failed()
        except BotoCoreError:
            return _failed()
        found = None if answer.failed else url_payload.response_of(answer.payload)
        return found or _failed()

    def _lets_in(self, request: Request) -> bool:
        if self._url.signed_only:
            return request.headers.get("Authorization", "").startswith("AWS4-HMAC-SHA256 ")
        return self._url.is_public()


def _failed(status: int = 502, text: str = "Internal Server Error") -> Response:
    return Response(text, status, mimetype=_JSON)


def _body(request: Request) -> bytes | None:
    """Read a request's body, or so much of it that its end is seen, and None if it is too large."""
    found, size = [], 0
    while size <= _MAX_DRAINED_BYTES and (chunk := request.stream.read(_CHUNK_BYTES)):
        size += len(chunk)
        if size <= MAX_BODY_BYTES:
            found.append(chunk)
    return b"".join(found) if size <= MAX_BODY_BYTES else None
