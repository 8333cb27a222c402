"""From a request of HTTP to the environment of WSGI, and back from its response to an answer.

https://peps.python.org/pep-3333/
"""

import io
import sys
from collections.abc import Callable, Iterable
from typing import Any, Final
from urllib.parse import unquote_to_bytes

from pocketaws.handed import BODY_KEY, Handed
from pocketaws.wire.bodies import BodyFile
from pocketaws.wire.chunks import contents, is_chunked
from pocketaws.wire.messages import HttpAnswer, Request

WsgiApp = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

_BARE: Final = ("CONTENT_TYPE", "CONTENT_LENGTH")
# What belongs to the connection, and what only the emulator's own tests would send.
_DROPPED: Final = frozenset(
    {"transfer-encoding", "connection", "expect", "content-length", "x-moto-account-id"}
)
# Which header a name with an underscore stands for cannot be told in WSGI; S3's own metadata may
# have them, and moto reports their names as they came.
_METADATA: Final = "x-amz-meta-"
# Of an answer: the server's own, and those that moto gives to any origin.
_NOT_SENT: Final = frozenset({"connection", "transfer-encoding", "date", "server"})
_UNSIGNED: Final = "UNSIGNED-PAYLOAD"
_CHECKSUM: Final = "x-amz-checksum-"
_CORS: Final = "access-control-"


def environ_of(request: Request, *, target: str, host: str, names_key: str = "") -> dict[str, Any]:
    """Return the environment of a request.

    Args:
        request: complete.
        target: path and query, with the bucket in the path.
        host: of loopback, with the port.
        names_key: where the application looks for metadata's names as they came.
    """
    path, _, query = target.partition("?")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(path.encode("latin-1")).decode("latin-1"),
        "QUERY_STRING": query,
        "REQUEST_URI": target,
        "RAW_URI": target,
        "SERVER_NAME": "localhost",
        "SERVER_PORT": str(request.port),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "CONTENT_LENGTH": str(len(request.body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(request.body),
        "wsgi.input_terminated": True,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    _add_headers(environ, request, names_key)
    if request.file is not None:
        _add_file(environ, request, request.file)
    environ["HTTP_HOST"] = host
    return environ


def answered(application: WsgiApp, environ: dict[str, Any]) -> HttpAnswer:
    """Call an application and return what it answers, without any header for other origins."""
    started: list[tuple[str, list[tuple[str, str]]]] = []

    def start_response(status: str, headers: list[tuple[str, str]], *_: Any) -> None:
        started.append((status, headers))

    chunks = application(environ, start_response)
    try:
        body = b"".join(chunks)
    finally:
        close = getattr(chunks, "close", None)
        if close is not None:
            close()
    status, headers = started[-1]
    kept = [(name, _clean(value)) for name, value in headers if _is_sent(name.lower())]
    return HttpAnswer(int(status.split(" ", 1)[0]), body, "", kept)


def _add_file(environ: dict[str, Any], request: Request, file: BodyFile) -> None:
    """Put a body in a file into an environment, without the frames of its chunks."""
    if not is_chunked(request):
        environ[BODY_KEY] = Handed(file.path, file.size, is_final=True, keeper=file)
        return
    spans, trailer = contents(file)
    size = sum(size for _, size in spans)
    environ[BODY_KEY] = Handed(file.path, size, is_final=True, spans=spans, keeper=file)
    for name, value in trailer.items():
        if name.startswith(_CHECKSUM):
            environ[f"HTTP_{name.upper().replace('-', '_')}"] = _clean(value)
    environ["HTTP_X_AMZ_CONTENT_SHA256"] = _UNSIGNED
    environ.pop("HTTP_X_AMZ_DECODED_CONTENT_LENGTH", None)


def _add_headers(environ: dict[str, Any], request: Request, names_key: str) -> None:
    names: dict[str, str] = {}
    metadata: dict[str, list[str]] = {}
    for name, value in request.headers.items():
        if name in _DROPPED or "_" in name:
            continue
        key = name.upper().replace("-", "_")
        environ[key if key in _BARE else f"HTTP_{key}"] = value
    for name, value in request.fields:
        lower = name.lower()
        key = f"HTTP_{lower.upper().replace('-', '_')}"
        if "_" in lower and lower.startswith(_METADATA) and (key in metadata or key not in environ):
            names.setdefault(key, name)
            metadata.setdefault(key, []).append(value)
    environ.update({key: ",".join(values) for key, values in metadata.items()})
    if names_key:
        environ[names_key] = names


def _is_sent(name: str) -> bool:
    return name not in _NOT_SENT and not name.startswith(_CORS)


def _clean(value: str) -> str:
    """Return a header's value without what would end it."""
    return "".join(character if character not in "\r\n\0" else " " for character in str(value))
