"""moto's services on a free loopback port, behind the gate and the rules that moto does not check.

Before a request reaches moto its sender is known, it is held against the policies of the role that
makes it, against the faults that somebody asked for, and against botocore's model of the call and
AWS's limits.
"""

import logging
import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from moto.core.request import PRESERVED_HEADER_NAMES_ENVIRON_KEY
from moto.moto_server import werkzeug_app
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

from pocketaws.calls import Call, body_of, call_of
from pocketaws.gate.breaks import refusal_of_break
from pocketaws.gate.faults import Answer as FaultAnswer
from pocketaws.gate.faults import Fault, Hang, JobEnd, ending_jobs
from pocketaws.gate.moto.missing import NotThereError, check_subresource, no_operation
from pocketaws.gate.refusals import refusal_of
from pocketaws.gate.turns import Turns
from pocketaws.iam.enforcement import Enforcement
from pocketaws.wire import refusals
from pocketaws.wire.authentication import Caller
from pocketaws.wire.bodies import size_of
from pocketaws.wire.front import Front, Seen
from pocketaws.wire.hosting import Hosting
from pocketaws.wire.http_server import HttpServer
from pocketaws.wire.in_process import StoppedError
from pocketaws.wire.keys import Keys
from pocketaws.wire.messages import HttpAnswer, Limits, Request
from pocketaws.wire.refusals import S3, Refusal
from pocketaws.wire.threads import Threads
from pocketaws.wire.wsgi import answered, environ_of

# What it logs is the emulator's business; its errors come back as answers.
_LOGGERS: Final = ("werkzeug", "moto")

# A body may take longer that keeps coming.
_LIMITS: Final = Limits(
    request_seconds=30.0, drain_seconds=0.0, max_connections=512, least_bytes_per_second=64 * 1024
)
_MAX_REQUESTS: Final = 256

# What S3 keeps of bodies as they are.
_WRITING: Final = ("PutObject", "UploadPart")
_JSON_TYPE: Final = "application/x-amz-json-1.1"
_OK: Final = 200
_BAD_REQUEST: Final = 400
_NOT_FOUND: Final = 404
_PAGE: Final = b"<!doctype html>"

# Those who run a runtime find it beside the server's `faults`, too.
__all__ = ["Fault", "LocalServer"]


class LocalServer:
    """The emulated services, on loopback only.

    Args:
        enforcement: refuses what a role may not do.
        keys: of the account.
        hosting: serves the port.
        allowed_origins: of web pages that may call, such as "http://localhost:3000".
        port: to listen on; 0 takes a free one.
        bodies_dir: for large bodies of requests.
    """

    def __init__(
        self,
        enforcement: Enforcement,
        keys: Keys,
        hosting: Hosting,
        allowed_origins: Sequence[str] = (),
        *,
        port: int = 0,
        bodies_dir: Path | None = None,
    ) -> None:
        self._enforcement = enforcement
        self.faults: list[Fault] = []
        self._lock = threading.Lock()
        self._turns = Turns()
        self._stopping = threading.Event()
        self._log_levels = {name: logging.getLogger(name).level for name in _LOGGERS}
        for name in _LOGGERS:
            logging.getLogger(name).setLevel(logging.CRITICAL)
        self._application = DomainDispatcherApplication(_backend_app)
        front = Front(keys, enforcement.identities, allowed_origins, self._answer)
        self._front = front
        self._threads = Threads(_MAX_REQUESTS)
        server = HttpServer(
            front.answer,
            _LIMITS,
            front.admit,
            front.refuse_size,
            threads=self._threads,
            bodies_dir=bodies_dir,
        )
        self._port = hosting.open(server, port)

    @property
    def port(self) -> int:
        """The port that the server listens on."""
        return self._port.number

    @property
    def endpoint_url(self) -> str:
        """What AWS_ENDPOINT_URL must be; moto wants its host spelt like this."""
        return f"http://localhost:{self.port}"

    def answer(self, request: Request) -> HttpAnswer:
        """Answer a complete request of this process's own, as if it had come to the port.

        Raises:
            StoppedError: the port is closed.
        """
        if self._stopping.is_set():
            raise StoppedError
        admitted = self._front.admit(request)
        if isinstance(admitted, HttpAnswer):
            return admitted
        if size_of(request.content) > admitted:
            return self._front.refuse_size(request, admitted)
        return self._front.answer(request)

    def stop(self) -> None:
        """Close the port; what hangs ends."""
        self._stopping.set()
        self._port.close()
        self._threads.end()
        for name, level in self._log_levels.items():
            logging.getLogger(name).setLevel(level)

    def _answer(self, seen: Seen) -> HttpAnswer:
        """Answer a request whose sender is known."""
        request, caller = seen.request, seen.caller
        environ = self._environ(seen, request)
        if request.file is not None and not _takes_files(environ):
            environ = self._environ(seen, request.in_memory())
        try:
            refusal = self._enforcement.refusal(environ, caller)
            if refusal is not None:
                return _refused(refusal, request, caller)
            return self._checked(environ, request, caller)
        finally:
            # It holds werkzeug's request, which holds it: with bodies until a collection else.
            environ.clear()

    def _environ(self, seen: Seen, request: Request) -> dict[str, Any]:
        environ = environ_of(
            request,
            target=seen.target,
            host=f"localhost:{self.port}",
            names_key=PRESERVED_HEADER_NAMES_ENVIRON_KEY,
        )
        environ["HTTP_AUTHORIZATION"] = seen.authorization
        return environ

    def _checked(self, environ: dict[str, Any], request: Request, caller: Caller) -> HttpAnswer:
        call = call_of(environ)
        if call is None:
            return self._moto(environ, request, caller)
        fault = self._fault(call, environ)
        end = fault.instead if fault else None
        if fault is not None and not isinstance(end, JobEnd):
            return self._faulty(fault, request, caller)
        refusal = refusal_of(call)
        if refusal is not None:
            return _refused(replace(refusal, status=_BAD_REQUEST), request, caller)
        with ending_jobs(end if isinstance(end, JobEnd) else None):
            return self._moto(environ, request, caller)

    def _moto(self, environ: dict[str, Any], request: Request, caller: Caller) -> HttpAnswer:
        """Answer with words of our own where the emulator breaks, which Flask would keep.

        Not with a status of 5xx: clients would ask again.
        """
        try:
            check_subresource(caller.service, environ.get("QUERY_STRING", ""))
            with self._turns.turn(caller.service, environ):
                answer = answered(self._application, environ)
            _check_there(answer, environ, caller)
        except (NotThereError, NotImplementedError) as error:
            told = Refusal("UnknownOperationException", str(error), _BAD_REQUEST)
            return _refused(told, request, caller)
        except Exception as error:
            return _refused(refusal_of_break(error, call_of(environ)), request, caller)
        return answer

    def _fault(self, call: Call, environ: dict[str, Any]) -> Fault | None:
        if not self.faults:
            return None
        with self._lock:
            for fault in self.faults:
                if fault.hits(call, lambda: body_of(environ)):
                    fault.times -= 1
                    return fault
        return None

    def _faulty(self, fault: Fault, request: Request, caller: Caller) -> HttpAnswer:
        if isinstance(fault.instead, FaultAnswer):
            body = fault.instead.body.encode()
            return HttpAnswer(_OK, body, _JSON_TYPE, [*fault.instead.headers])
        if isinstance(fault.instead, Hang):
            self._stopping.wait(fault.instead.seconds)
        return _refused(Refusal(fault.code, fault.message, _BAD_REQUEST), request, caller)


def _backend_app(service: Any) -> Any:
    # moto answers any origin otherwise.
    werkzeug_app.DISABLE_GLOBAL_CORS = True
    application = create_backend_app(service)
    application.config["PROPAGATE_EXCEPTIONS"] = True
    return application


def _takes_files(environ: dict[str, Any]) -> bool:
    call = call_of(environ)
    return call is not None and call.operation in _WRITING


def _check_there(answer: HttpAnswer, environ: dict[str, Any], caller: Caller) -> None:
    """Refuse what Flask, or moto, has no path for.

    Raises:
        NotThereError: the answer is Flask's page for that, or moto's nothing.
    """
    if answer.status != _NOT_FOUND or caller.service == S3:
        return
    if not answer.body or answer.body.startswith(_PAGE):
        call = call_of(environ)
        name = call.operation if call else ""
        raise no_operation(caller.service, name or f"{environ['REQUEST_METHOD']} of that path")


def _refused(refusal: Refusal, request: Request, caller: Caller) -> HttpAnswer:
    """Answer with an error in the form of the service's protocol: JSON or XML."""
    family = refusals.family_of(request, caller.service)
    return refusals.answer_of(refusal, request, family)
