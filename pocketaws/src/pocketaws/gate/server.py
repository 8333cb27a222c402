"""moto's server on a free loopback port, behind the rules that moto does not check.

Before a request reaches moto it is held against the policies of the role that makes it, against the
faults that somebody asked for, and against botocore's model of the call and AWS's limits.
"""

import json
import logging
import threading
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any, Final
from xml.sax.saxutils import escape

from moto.moto_server.werkzeug_app import (
    DomainDispatcherApplication,
    MotoRequestHandler,
    create_backend_app,
)
from werkzeug.serving import make_server

from pocketaws.calls import Call, body_of, call_of
from pocketaws.gate.faults import Answer, Fault, Hang, JobEnd, ending_jobs
from pocketaws.gate.refusals import refusal_of
from pocketaws.iam.enforcement import Enforcement

# What they log is the emulator's business; its errors come back as answers.
_LOGGERS: Final = ("werkzeug", "moto")

# How soon the server sees that it shall stop.
_POLL_SECONDS: Final = 0.05

# Services whose errors are JSON although no header names the call.
_REST: Final = ("lambda", "sagemaker-runtime", "scheduler")
_JSON: Final = ("Content-Type", "application/x-amz-json-1.1")
_OK: Final = f"{HTTPStatus.OK.value} {HTTPStatus.OK.phrase}"
_FORBIDDEN: Final = f"{HTTPStatus.FORBIDDEN.value} {HTTPStatus.FORBIDDEN.phrase}"
_BAD_REQUEST: Final = f"{HTTPStatus.BAD_REQUEST.value} {HTTPStatus.BAD_REQUEST.phrase}"
_XML_ERROR: Final = (
    "<ErrorResponse><Error><Code>{}</Code><Message>{}</Message></Error>"
    "<RequestId>local</RequestId></ErrorResponse>"
)

# Those who run a runtime find it beside the server's `faults`, too.
__all__ = ["Fault", "LocalServer"]

WsgiApp = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class LocalServer:
    """The emulated services, on loopback only.

    Args:
        enforcement: refuses what a role may not do.
        port: to listen on; 0 takes a free one.
    """

    def __init__(self, enforcement: Enforcement, *, port: int = 0) -> None:
        self._enforcement = enforcement
        self.faults: list[Fault] = []
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._log_levels = {name: logging.getLogger(name).level for name in _LOGGERS}
        for name in _LOGGERS:
            logging.getLogger(name).setLevel(logging.CRITICAL)
        self._server = make_server(
            "127.0.0.1",
            port,
            _told(self._allowed(self._checked(DomainDispatcherApplication(_backend_app)))),
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
        """Close the port; what hangs is answered first."""
        self._stopping.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        for name, level in self._log_levels.items():
            logging.getLogger(name).setLevel(level)

    def _allowed(self, application: WsgiApp) -> WsgiApp:
        def allowed(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
            refusal = self._enforcement.refusal(environ)
            if refusal is None:
                return application(environ, start_response)
            # The services of JSON refuse with 400, the others with 403.
            status = _BAD_REQUEST if "HTTP_X_AMZ_TARGET" in environ else _FORBIDDEN
            told = (refusal.code, refusal.message)
            return _refused(told, environ, start_response, status=status)

        return allowed

    def _checked(self, application: WsgiApp) -> WsgiApp:
        def checked(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
            call = call_of(environ)
            if call is None:
                return application(environ, start_response)
            fault = self._fault(call, environ)
            end = fault.instead if fault else None
            if fault is not None and not isinstance(end, JobEnd):
                return self._faulty(fault, environ, start_response)
            refusal = refusal_of(call)
            if refusal is not None:
                return _refused((refusal.code, refusal.message), environ, start_response)
            with ending_jobs(end if isinstance(end, JobEnd) else None):
                return application(environ, start_response)

        return checked

    def _fault(self, call: Call, environ: dict[str, Any]) -> Fault | None:
        if not self.faults:
            return None
        with self._lock:
            for fault in self.faults:
                if fault.hits(call, lambda: body_of(environ)):
                    fault.times -= 1
                    return fault
        return None

    def _faulty(
        self, fault: Fault, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        if isinstance(fault.instead, Answer):
            start_response(_OK, [_JSON, *fault.instead.headers])
            return [fault.instead.body.encode()]
        if isinstance(fault.instead, Hang):
            self._stopping.wait(fault.instead.seconds)
        return _refused((fault.code, fault.message), environ, start_response)


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
            return _refused(("InternalFailure", text), environ, start_response)

    return told


def _refused(
    refusal: tuple[str, str],
    environ: dict[str, Any],
    start_response: Callable[..., Any],
    *,
    status: str = _BAD_REQUEST,
) -> Iterable[bytes]:
    """Answer with an error in the form of the service's protocol: JSON or XML."""
    code, message = refusal
    call = call_of(environ)
    if "HTTP_X_AMZ_TARGET" in environ or (call is not None and call.service in _REST):
        headers = [
            _JSON,
            ("x-amzn-RequestId", "local"),
            ("x-amzn-ErrorType", code),
        ]
        body = json.dumps({"__type": code, "message": message})
    else:
        headers = [("Content-Type", "text/xml")]
        body = _XML_ERROR.format(code, escape(message))
    start_response(status, headers)
    return [body.encode()] if environ["REQUEST_METHOD"] != "HEAD" else []
