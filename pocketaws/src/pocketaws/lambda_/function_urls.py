"""Lambda function URLs: a port each, on loopback, as on AWS each has a host of its own.

https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
"""

import json
import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from botocore.exceptions import BotoCoreError, ClientError
from werkzeug.wrappers import Request as WerkzeugRequest

from pocketaws.lambda_ import url_payload
from pocketaws.lambda_.invoker import Invoker
from pocketaws.wire import cors, origins, refusals
from pocketaws.wire.authentication import Authentication, Caller
from pocketaws.wire.cors import OriginRule
from pocketaws.wire.hosting import Hosting, Port
from pocketaws.wire.http_server import HttpServer
from pocketaws.wire.messages import HttpAnswer, Limits, Request
from pocketaws.wire.scopes import SignatureError
from pocketaws.wire.sizes import INVOKE_BYTES
from pocketaws.wire.threads import Threads
from pocketaws.wire.wsgi import answered, environ_of

_LIMITS: Final = Limits(
    max_body_bytes=INVOKE_BYTES, request_seconds=30.0, drain_seconds=0.0, max_connections=128
)
_MAX_REQUESTS: Final = 64
_FORBIDDEN: Final = (
    "Forbidden. For troubleshooting Function URL authorization issues, see: "
    "https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html"
)
_TOO_LARGE: Final = (
    f"Request must be smaller than {INVOKE_BYTES} bytes for the InvokeFunction operation"
)
_THROTTLED: Final = ("TooManyRequestsException", "ThrottlingException")
_JSON: Final = "application/json"
_SIGNED_FOR: Final = "lambda"


@dataclass(frozen=True)
class FunctionUrl:
    """A URL and whom it lets in.

    Attributes:
        function_arn: with the alias, if it has one.
        account_id: of the function.
        is_signed_only: tells whether AuthType is AWS_IAM; asked at each request.
        is_public: tells whether the function's policy lets anybody use it; asked at each request.
        lets: tells whether a caller's policies or the function's let them use it.
        cors: returns what the URL's settings say to web pages of other origins; None for nothing.
    """

    function_arn: str
    account_id: str
    is_signed_only: Callable[[], bool]
    is_public: Callable[[], bool]
    lets: Callable[[Caller], bool]
    cors: Callable[[], OriginRule | None]


class FunctionUrls:
    """The ports of all function URLs.

    Args:
        invoker: reaches the emulator.
        hosting: serves the ports.
        authentication: verifies who signs.
    """

    def __init__(self, invoker: Invoker, hosting: Hosting, authentication: Authentication) -> None:
        self._invoker = invoker
        self._hosting = hosting
        self._authentication = authentication
        self._ports: dict[str, Port] = {}
        self._threads = Threads(_MAX_REQUESTS)
        self._lock = threading.Lock()

    def open(self, function_url: FunctionUrl) -> str:
        """Serve a free port and return its URL, which ends in a slash."""
        application = _Application(function_url, self._invoker, self._authentication)
        port = self._hosting.open(
            HttpServer(
                application.answer, _LIMITS, application.admit, _too_large, threads=self._threads
            )
        )
        url = f"http://localhost:{port.number}/"
        with self._lock:
            self._ports[url] = port
        return url

    def close(self, url: str) -> None:
        """Close the port of a URL, and its connections."""
        with self._lock:
            port = self._ports.pop(url, None)
        if port is not None:
            port.close()

    def close_all(self) -> None:
        """Close every port."""
        for url in list(self._ports):
            self.close(url)
        self._threads.end()


class _Application:
    """Turns a request into a call of the function, and its answer into a response."""

    def __init__(
        self, function_url: FunctionUrl, invoker: Invoker, authentication: Authentication
    ) -> None:
        self._url = function_url
        self._invoker = invoker
        self._authentication = authentication
        self._url_id = uuid.uuid4().hex

    def admit(self, head: Request) -> HttpAnswer | int:
        foreign = origins.wrong_host(head)
        if foreign is None and self._rule(head) is None:
            foreign = origins.foreign_page(head)
        return _LIMITS.max_body_bytes if foreign is None else origins.refused(foreign)

    def answer(self, request: Request) -> HttpAnswer:
        rule = self._rule(request)
        headers = cors.headers_of(request, rule)
        if rule is not None and cors.is_preflight(request):
            return HttpAnswer(200, b"", "", headers)
        answer = self._refusal(request) or self._invoked(request)
        return HttpAnswer(
            answer.status, answer.body, answer.content_type, [*answer.headers, *headers]
        )

    def _rule(self, request: Request) -> OriginRule | None:
        if "origin" not in request.headers:
            return None
        rule = self._url.cors()
        return cors.rule_for(request, [] if rule is None else [rule])

    def _refusal(self, request: Request) -> HttpAnswer | None:
        """Return why somebody may not use the URL; None if they may."""
        if not self._url.is_signed_only():
            return None if self._url.is_public() else _forbidden(_FORBIDDEN)
        try:
            caller = self._authentication.caller(request)
        except SignatureError as error:
            refusal = refusals.of_signature(error.kind, str(error), refusals.JSON)
            return _forbidden(refusal.message)
        if caller is None or caller.service != _SIGNED_FOR or not self._url.lets(caller):
            return _forbidden(_FORBIDDEN)
        return None

    def _invoked(self, request: Request) -> HttpAnswer:
        environ = environ_of(request, target=request.target, host=request.headers["host"])
        event = url_payload.event_of(
            WerkzeugRequest(environ),
            request.body,
            account_id=self._url.account_id,
            url_id=self._url_id,
        )
        try:
            answer = self._invoker.invoke(self._url.function_arn, event)
        except ClientError as error:
            throttled = error.response["Error"]["Code"] in _THROTTLED
            return _failed(429, "Too Many Requests") if throttled else _failed()
        except BotoCoreError:
            return _failed()
        response = None if answer.failed else url_payload.response_of(answer.payload)
        return _failed() if response is None else answered(response, environ)


def _forbidden(message: str) -> HttpAnswer:
    return HttpAnswer(403, json.dumps({"Message": message}).encode(), _JSON)


def _too_large(_: Request, __: int) -> HttpAnswer:
    return HttpAnswer(413, json.dumps({"Message": _TOO_LARGE}).encode(), _JSON)


def _failed(status: int = 502, text: str = "Internal Server Error") -> HttpAnswer:
    return HttpAnswer(status, text.encode(), _JSON)
