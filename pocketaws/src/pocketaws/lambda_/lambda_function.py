"""What the Python runtime of Lambda does around one call of a handler.

https://docs.aws.amazon.com/lambda/latest/dg/python-handler.html
"""

import contextlib
import datetime
import decimal
import importlib
import itertools
import json
import logging
import os
import resource
import socket
import sys
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final

from pocketaws.lambda_.json_log import JsonForm, error_line, level_of
from pocketaws.processes.stand_ins import stand_in

# Beside the result: what the log tells of an error, in one event.
ERROR_LOG_NAME: Final = "error-log.txt"
# A space that does not break, as awslambdaric indents by.
_INDENT: Final = "\u00a0"
# In the folder of a call.
EVENT_NAME: Final = "event.json"
RESULT_NAME: Final = "result.json"
USED_MEMORY_NAME: Final = "used-memory-mb.txt"
# How long a process waits for a call that it has been made ready for.
WAITING_SECONDS: Final = 300
_CLIENT_MEMBERS: Final = (
    "installation_id",
    "app_title",
    "app_version_name",
    "app_version_code",
    "app_package_name",
)


class Context:
    """The parts of Lambda's context object that do not need the service.

    https://docs.aws.amazon.com/lambda/latest/dg/python-context.html
    """

    def __init__(
        self,
        request_id: str,
        function_arn: str,
        memory_mb: int,
        *,
        deadline_ms: int,
        client_context: dict[str, Any] | None,
    ) -> None:
        self._deadline_ms = deadline_ms
        self.client_context = None if client_context is None else ClientContext(client_context)
        self.identity = CognitoIdentity()
        self.aws_request_id = request_id
        self.function_name = os.environ["AWS_LAMBDA_FUNCTION_NAME"]
        self.function_version = os.environ["AWS_LAMBDA_FUNCTION_VERSION"]
        self.invoked_function_arn = function_arn
        self.memory_limit_in_mb = str(memory_mb)
        self.log_group_name = os.environ["AWS_LAMBDA_LOG_GROUP_NAME"]
        self.log_stream_name = os.environ["AWS_LAMBDA_LOG_STREAM_NAME"]

    def get_remaining_time_in_millis(self) -> int:
        """Return how long the call may still take."""
        return max(0, self._deadline_ms - int(time.time() * 1000))


class CognitoIdentity:
    """Whom a mobile application's call is made for: nobody."""

    cognito_identity_id = None
    cognito_identity_pool_id = None


class ClientContext:
    """What the caller gave as ClientContext; what is not in it is None."""

    def __init__(self, given: dict[str, Any]) -> None:
        self.custom = given.get("custom")
        self.env = given.get("env")
        self.client = None
        if given.get("client") is not None:
            self.client = SimpleNamespace(
                **{name: given["client"].get(name) for name in _CLIENT_MEMBERS}
            )


class _BootstrapError(Exception):
    """What Lambda's own runtime finds wrong, with the error type that it reports."""

    def __init__(self, error_type: str, message: str, trace: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.error_type = error_type
        self.trace = list(trace)


def invoke(
    *,
    handler: str,
    context: dict[str, Any],
    temporary_dir: str,
    layers_dir: str,
    own: list[str],
    channel: int | None = None,
) -> int:
    """Call the handler and write its result, or its error, as JSON, and the memory it used.

    Args:
        handler: such as "app.lambda_handler".
        context: of the call, the arguments of `Context`.
        temporary_dir: stands for /tmp; has the event, and gets what comes of the call.
        layers_dir: stands for /opt; empty where there is none.
        own: what the handler reaches as it is.
        channel: a socket's descriptor by which there comes more of the context, once there is a
            call; the handler is loaded before.

    Returns:
        0, or 1 where the handler (or loading it) raised.
    """
    task_dir = os.environ["LAMBDA_TASK_ROOT"]
    call_dir = Path(temporary_dir)
    os.chdir(task_dir)
    sys.path[:0] = [task_dir, *_layer_paths(layers_dir)]
    stand_in(
        {
            "/tmp": temporary_dir,  # noqa: S108 - what Lambda lets a handler write to
            **({"/opt": layers_dir} if layers_dir else {}),
        },
        own=[Path(path) for path in own],
    )
    log = _set_up_logging(context["request_id"])
    if channel is not None:
        # What is wrong with it, loading it again tells to whoever calls.
        with contextlib.suppress(Exception):
            _loaded(handler)
        called = _received(channel)
        if called is None:
            return 0
        context |= called
        log.setFormatter(_log_form(context["request_id"]))
    event = json.loads((call_dir / EVENT_NAME).read_text(encoding="utf-8"))
    # Of what fails before the handler is called, the bootstrap knows no call.
    request_id, exit_code = "", 0
    try:
        function = _loaded(handler)
        request_id = context["request_id"]
        result = _marshalled(function(event, Context(**context)))
    except Exception as error:
        described = _described(error, request_id, task_dir)
        told = _error_log(described)
        if _logs_json():
            told = error_line(described, now=datetime.datetime.now(tz=datetime.UTC))
        (call_dir / ERROR_LOG_NAME).write_text(told, encoding="utf-8")
        result, exit_code = json.dumps(described), 1
    (call_dir / RESULT_NAME).write_text(result, encoding="utf-8")
    (call_dir / USED_MEMORY_NAME).write_text(str(_used_memory_mb()), encoding="utf-8")
    return exit_code


def _layer_paths(layers_dir: str) -> list[str]:
    # https://docs.aws.amazon.com/lambda/latest/dg/python-layers.html
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    packages = f"python/lib/{version}/site-packages"
    return [f"{layers_dir}/{part}" for part in ("python", packages)] if layers_dir else []


def _used_memory_mb() -> int:
    """Return the most that this process has used, with what it was forked with."""
    # https://docs.python.org/3/library/resource.html: bytes on macOS, kilobytes elsewhere.
    unit = 1024**2 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // unit


def _received(channel: int) -> dict[str, Any] | None:
    """Wait for a call and return its context; None where none has come for long, or none will."""
    with socket.socket(fileno=channel) as connection:
        connection.settimeout(WAITING_SECONDS)
        try:
            with connection.makefile("rb") as lines:
                line = lines.readline()
        except TimeoutError:
            return None
    return dict(json.loads(line)) if line else None


def _set_up_logging(request_id: str) -> logging.Handler:
    """Give the root logger the handler and the form that awslambdaric's bootstrap gives it.

    https://docs.aws.amazon.com/lambda/latest/dg/python-logging.html
    """
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(_log_form(request_id))
    logging.getLogger().addHandler(handler)
    if _logs_json():
        level = level_of(os.environ["AWS_LAMBDA_LOG_LEVEL"])
        logging.getLogger().setLevel(level)
        # What a logger of its own level lets through, Lambda filters.
        handler.setLevel(level)
    return handler


def _logs_json() -> bool:
    return os.environ.get("AWS_LAMBDA_LOG_FORMAT") == "JSON"


def _log_form(request_id: str) -> logging.Formatter:
    if _logs_json():
        return JsonForm(request_id)
    form = f"[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t{request_id}\t%(message)s"
    formatter = logging.Formatter(form, "%Y-%m-%dT%H:%M:%S")
    formatter.converter = time.gmtime
    return formatter


def _loaded(handler: str) -> Callable[..., Any]:
    # The error types and texts are those of awslambdaric's bootstrap.
    try:
        module_name, function_name = handler.rsplit(".", 1)
    except ValueError as error:
        text = f"Bad handler '{handler}': {error}"
        raise _BootstrapError("Runtime.MalformedHandlerName", text) from error
    if module_name.split(".")[0] in sys.builtin_module_names:
        text = f"Cannot use built-in module {module_name} as a handler module"
        raise _BootstrapError("Runtime.BuiltInModuleConflict", text)
    try:
        module = importlib.import_module(module_name.replace("/", "."))
    except ImportError as error:
        text = f"Unable to import module '{module_name}': {error}"
        raise _BootstrapError("Runtime.ImportModuleError", text) from error
    except SyntaxError as error:
        text = f"Syntax error in module '{module_name}': {error}"
        trace = [f'  File "{error.filename}" Line {error.lineno}\n    {error.text}']
        raise _BootstrapError("Runtime.UserCodeSyntaxError", text, trace) from error
    if not hasattr(module, function_name):
        text = f"Handler '{function_name}' missing on module '{module_name}'"
        raise _BootstrapError("Runtime.HandlerNotFound", text)
    function: Callable[..., Any] = getattr(module, function_name)
    return function


def _marshalled(result: Any) -> str:
    try:
        return json.dumps(_as_encoded(result))
    except (TypeError, ValueError, RecursionError) as error:
        text = f"Unable to marshal response: {error}"
        raise _BootstrapError("Runtime.MarshalError", text) from error


def _as_encoded(value: Any) -> Any:
    """Return what awslambdaric's encoder, simplejson, takes a value for.

    https://simplejson.readthedocs.io: bytes are text, named tuples objects; a Decimal is a float.
    """
    if isinstance(value, bytes):
        return value.decode()
    if isinstance(value, decimal.Decimal):
        return float(value)
    if hasattr(value, "_asdict"):
        value = value._asdict()
    if isinstance(value, dict):
        return {_as_encoded(key): _as_encoded(item) for key, item in value.items()}
    return [_as_encoded(item) for item in value] if isinstance(value, list | tuple) else value


def _described(error: Exception, request_id: str, task_dir: str) -> dict[str, Any]:
    """Return the error document, in which the stack begins after the bootstrap."""
    frames = traceback.extract_tb(error.__traceback__)
    own = len(list(itertools.takewhile(lambda frame: frame.filename == __file__, frames)))
    lines = (
        error.trace if isinstance(error, _BootstrapError) else traceback.format_list(frames[own:])
    )
    return {
        "errorMessage": str(error),
        "errorType": _error_type(error),
        "requestId": request_id,
        "stackTrace": [_as_on_lambda(line, task_dir) for line in lines],
    }


def _as_on_lambda(line: str, task_dir: str) -> str:
    """Return a line of a stack with the paths that files have on Lambda."""
    for folder, there in ((task_dir, "/var/task"), (sys.base_prefix, "/var/lang")):
        line = line.replace(f'"{folder}/', f'"{there}/')
    return line


def _error_log(described: Mapping[str, Any]) -> str:
    """Return the one event of the log that the bootstrap writes about an error.

    https://github.com/aws/aws-lambda-python-runtime-interface-client (bootstrap.py, log_error)
    """
    lines = [f"[ERROR] {described['errorType']}: {described['errorMessage']}"]
    lines += ["Traceback (most recent call last):"] if described["stackTrace"] else []
    for element in described["stackTrace"]:
        lines += map(_indented, element.splitlines())
    return "\n".join(lines)


def _indented(line: str) -> str:
    text = line.lstrip(" ")
    return _INDENT * (len(line) - len(text)) + text


def _error_type(error: Exception) -> str:
    return error.error_type if isinstance(error, _BootstrapError) else type(error).__name__
