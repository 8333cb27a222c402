"""moto's server on a free loopback port, behind the rules that moto does not check.

Before a request of a JSON service reaches moto it is held against botocore's model of the call,
and against the faults that somebody asked for.
"""

import io
import json
import logging
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final
from xml.sax.saxutils import escape

from moto.moto_server.werkzeug_app import (
    DomainDispatcherApplication,
    MotoRequestHandler,
    create_backend_app,
)
from werkzeug.serving import make_server

from workflow.local import rules

# X-Amz-Target's first part, and botocore's name of the service, where requests are checked.
_CHECKED_TARGETS: Final = {"SageMaker": "sagemaker", "AWSStepFunctions": "stepfunctions"}
_TARGETS: Final = {**_CHECKED_TARGETS, "AmazonSSM": "ssm", "AWSEvents": "events"}

# What they log is the emulator's business; its errors come back as answers.
_LOGGERS: Final = ("werkzeug", "moto")

# How soon the server sees that it shall stop.
_POLL_SECONDS: Final = 0.05

_BAD_REQUEST: Final = f"{HTTPStatus.BAD_REQUEST.value} {HTTPStatus.BAD_REQUEST.phrase}"
_XML_ERROR: Final = (
    "<ErrorResponse><Error><Code>InternalFailure</Code><Message>{}</Message></Error>"
    "</ErrorResponse>"
)

WsgiApp = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


@dataclass
class Fault:
    """An error that a call answers with instead of being carried out.

    Attributes:
        service: botocore's name, such as "sagemaker".
        operation: such as "CreateTrainingJob".
        code: AWS's error code, such as "ThrottlingException".
        times: how many calls it hits; each counts it down.
    """

    service: str
    operation: str
    code: str
    message: str = "Rate exceeded"
    times: int = 1


class LocalServer:
    """The emulated services, on loopback only."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []
        self._lock = threading.Lock()
        self._log_levels = {name: logging.getLogger(name).level for name in _LOGGERS}
        for name in _LOGGERS:
            logging.getLogger(name).setLevel(logging.CRITICAL)
        self._server = make_server(
            "127.0.0.1",
            0,
            _told(self._checked(DomainDispatcherApplication(_backend_app))),
            threaded=True,
            request_handler=MotoRequestHandler,
        )
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(_POLL_SECONDS,), daemon=True
        )
        self._thread.start()

    @property
    def port(self) -> int:
        """The port that the server listens on."""
        return int(self._server.server_port)

    @property
    def endpoint_url(self) -> str:
        """What AWS_ENDPOINT_URL must be; moto wants its host spelt like this."""
        return f"http://localhost:{self.port}"

    def stop(self) -> None:
        """Close the port."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        for name, level in self._log_levels.items():
            logging.getLogger(name).setLevel(level)

    def _checked(self, application: WsgiApp) -> WsgiApp:
        def checked(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
            target, _, operation = environ.get("HTTP_X_AMZ_TARGET", "").partition(".")
            service = _TARGETS.get(target)
            if service is None:
                return application(environ, start_response)
            refusal = self._refusal(service, operation, environ)
            if refusal is None:
                return application(environ, start_response)
            return _answer(refusal, start_response)

        return checked

    def _refusal(
        self, service: str, operation: str, environ: dict[str, Any]
    ) -> tuple[str, str] | None:
        fault = self._fault(service, operation)
        if fault is not None:
            return fault.code, fault.message
        if service not in _CHECKED_TARGETS.values():
            return None
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = io.BytesIO(body)
        try:
            request = json.loads(body or b"{}")
        except ValueError:
            return "SerializationException", "the body is not JSON"
        problems = rules.request_problems(service, operation, request)
        if not problems:
            return None
        count = len(problems)
        text = f"{count} validation error{'s' * (count > 1)} detected: {'; '.join(problems)}"
        return "ValidationException", text

    def _fault(self, service: str, operation: str) -> Fault | None:
        with self._lock:
            for fault in self.faults:
                if (fault.service, fault.operation) == (service, operation) and fault.times > 0:
                    fault.times -= 1
                    return fault
        return None


def _backend_app(service: Any) -> Any:
    application = create_backend_app(service)
    application.config["PROPAGATE_EXCEPTIONS"] = True
    return application


def _told(application: WsgiApp) -> WsgiApp:
    """Answer with the error's own text where the emulator breaks, which Flask would keep.

    Not with a status of 5xx: clients would ask again.
    """

    def told(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        try:
            return application(environ, start_response)
        except Exception as error:
            text = f"the emulator broke: {type(error).__name__}: {error}"
            if "HTTP_X_AMZ_TARGET" in environ or environ["PATH_INFO"].startswith("/2015-03-31"):
                return _answer(("InternalFailure", text), start_response)
            start_response(_BAD_REQUEST, [("Content-Type", "text/xml")])
            return [_XML_ERROR.format(escape(text)).encode()]

    return told


def _answer(refusal: tuple[str, str], start_response: Callable[..., Any]) -> Iterable[bytes]:
    code, message = refusal
    start_response(
        _BAD_REQUEST,
        [("Content-Type", "application/x-amz-json-1.1"), ("x-amzn-RequestId", "local")],
    )
    return [json.dumps({"__type": code, "message": message}).encode()]
