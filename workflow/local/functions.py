"""Lambda functions: unpack the deployed bundle and call the handler in a process of its own."""

import io
import itertools
import json
import shutil
import threading
import uuid
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from workflow.local.errors import ServiceError
from workflow.local.iam.assumed_roles import AssumedRoles
from workflow.local.processes import Child, Zygote

_PYTHON_RUNTIME: Final = "python3."
_EVENT_NAME: Final = "event.json"
_RESULT_NAME: Final = "result.json"
_LOG_NAME: Final = "log.txt"


@dataclass(frozen=True)
class Function:
    """What the emulator holds of a deployed function.

    Attributes:
        timeout_seconds: after which the call is ended.
        memory_mb: told to the handler; not enforced.
        code: the deployed bundle, a zip.
        environment: what the template gives it.
    """

    name: str
    arn: str
    role_arn: str
    version: str
    handler: str
    runtime: str
    timeout_seconds: int
    memory_mb: int
    region: str
    code: bytes
    code_sha256: str
    environment: Mapping[str, str]


@dataclass(frozen=True)
class Invocation:
    """How a call went: the payload, whether it is an error's, and what the handler printed."""

    payload: str
    failed: bool
    log: str


class Functions:
    """Calls functions; each bundle is unpacked once.

    Args:
        zygote: the process that forks a child a call; it has boto3 imported.
        functions_dir: where bundles and calls have their folders.
        aws_environment: how a handler reaches the emulator, and nothing else.
        roles: whose credentials a handler gets.
        config_path: the AWS configuration that the environment names.
    """

    def __init__(
        self,
        zygote: Zygote,
        *,
        functions_dir: Path,
        aws_environment: Mapping[str, str],
        roles: AssumedRoles,
        config_path: Path,
    ) -> None:
        self._zygote = zygote
        self._roles = roles
        self._dir = functions_dir
        self._config_path = config_path
        self._aws_environment = aws_environment
        self._calls = itertools.count(1)
        self._running: set[Child] = set()
        self._stopping = False
        self._lock = threading.Lock()

    def invoke(self, function: Function, event: str) -> Invocation:
        """Call a function's handler with an event in JSON."""
        if not function.runtime.startswith(_PYTHON_RUNTIME):
            message = f"the local runtime runs Python handlers only, not {function.runtime}"
            return _failed("Runtime.Unsupported", message, log="")
        try:
            self._roles.credentials(function.role_arn)
        except ServiceError as error:
            return _failed("AccessDeniedException", str(error), log="")
        task_dir = self._task_dir(function)
        call_dir = self._dir / f"call-{next(self._calls)}"
        call_dir.mkdir(parents=True)
        (call_dir / _EVENT_NAME).write_text(event, encoding="utf-8")
        try:
            return self._call(function, task_dir, call_dir)
        finally:
            shutil.rmtree(call_dir, ignore_errors=True)

    def stop_all(self) -> None:
        """End every call, and each that still comes at once."""
        with self._lock:
            self._stopping = True
            running = set(self._running)
        for child in running:
            self._zygote.kill(child)

    def _call(self, function: Function, task_dir: Path, call_dir: Path) -> Invocation:
        request_id = str(uuid.uuid4())
        with self._running_child(function, request_id, task_dir, call_dir) as child:
            exit_code = self._exit_code(child, function.timeout_seconds)
        if exit_code is None:
            message = f"Task timed out after {function.timeout_seconds:.2f} seconds"
            return _ended("Sandbox.Timedout", message, request_id, call_dir)
        if (call_dir / _RESULT_NAME).exists():
            payload = (call_dir / _RESULT_NAME).read_text(encoding="utf-8")
            return Invocation(payload, failed=exit_code != 0, log=_read(call_dir / _LOG_NAME))
        how = "signal: killed" if exit_code < 0 else f"exit status {exit_code}"
        message = f"Runtime exited with error: {how}"
        return _ended("Runtime.ExitError", message, request_id, call_dir)

    @contextmanager
    def _running_child(
        self, function: Function, request_id: str, task_dir: Path, call_dir: Path
    ) -> Iterator[Child]:
        with self._lock:
            child = self._start(function, request_id, task_dir, call_dir)
            self._running.add(child)
            if self._stopping:
                self._zygote.kill(child)
        try:
            yield child
        finally:
            self._running.discard(child)

    def _exit_code(self, child: Child, timeout_seconds: int) -> int | None:
        """Wait for a call's end, or end it when its time is up and return None."""
        try:
            return child.exit_code.result(timeout=timeout_seconds)
        except TimeoutError:
            self._zygote.kill(child)
            child.exit_code.result()
            return None

    def _start(self, function: Function, request_id: str, task_dir: Path, call_dir: Path) -> Child:
        return self._zygote.start_child(
            "workflow.local.containers.lambda_function:invoke",
            {
                "handler": function.handler,
                "event_path": str(call_dir / _EVENT_NAME),
                "result_path": str(call_dir / _RESULT_NAME),
                "context": {
                    "request_id": request_id,
                    "function_arn": function.arn,
                    "memory_mb": function.memory_mb,
                },
            },
            environment=self._environment(function, task_dir, call_dir),
            folders=[call_dir],
            read_only=[task_dir, self._config_path],
            log_path=call_dir / _LOG_NAME,
            subject=f"function {function.name}",
        )

    def _task_dir(self, function: Function) -> Path:
        task_dir = self._dir / f"{function.name}-{function.code_sha256[:16]}"
        with self._lock:
            if not task_dir.exists():
                # Only a whole bundle gets the name by which the next call finds it.
                unfinished_dir = self._dir / "unfinished"
                shutil.rmtree(unfinished_dir, ignore_errors=True)
                zipfile.ZipFile(io.BytesIO(function.code)).extractall(unfinished_dir)
                unfinished_dir.rename(task_dir)
        return task_dir

    def _environment(self, function: Function, task_dir: Path, call_dir: Path) -> dict[str, str]:
        # https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
        return {
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "LANG": "en_US.UTF-8",
            "TZ": ":UTC",
            "HOME": str(call_dir),
            "TMPDIR": str(call_dir),
            "LAMBDA_TASK_ROOT": str(task_dir),
            "_HANDLER": function.handler,
            "AWS_REGION": function.region,
            "AWS_DEFAULT_REGION": function.region,
            "AWS_EXECUTION_ENV": f"AWS_Lambda_{function.runtime}",
            "AWS_LAMBDA_FUNCTION_NAME": function.name,
            "AWS_LAMBDA_FUNCTION_VERSION": function.version,
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory_mb),
            "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{function.name}",
            "AWS_LAMBDA_LOG_STREAM_NAME": "local",
            **self._aws_environment,
            **self._roles.credentials(function.role_arn).environment(),
            **function.environment,
        }


def _ended(error_type: str, what: str, request_id: str, call_dir: Path) -> Invocation:
    message = f"RequestId: {request_id} Error: {what}"
    return _failed(error_type, message, log=f"{_read(call_dir / _LOG_NAME)}{message}\n")


def _failed(error_type: str, message: str, *, log: str) -> Invocation:
    payload = json.dumps({"errorType": error_type, "errorMessage": message})
    return Invocation(payload, failed=True, log=log)


def _read(path: Path) -> str:
    return path.read_text(errors="replace") if path.exists() else ""
