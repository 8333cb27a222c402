"""Lambda functions: unpack the deployed bundle and call the handler in a process of its own."""

import io
import itertools
import json
import threading
import uuid
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from workflow.local.processes import Zygote

_PYTHON_RUNTIME: Final = "python3."


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
    """

    def __init__(
        self, zygote: Zygote, *, functions_dir: Path, aws_environment: Mapping[str, str]
    ) -> None:
        self._zygote = zygote
        self._dir = functions_dir
        self._aws_environment = aws_environment
        self._calls = itertools.count(1)
        self._lock = threading.Lock()

    def invoke(self, function: Function, event: str) -> Invocation:
        """Call a function's handler with an event in JSON."""
        if not function.runtime.startswith(_PYTHON_RUNTIME):
            message = f"the local runtime runs Python handlers only, not {function.runtime}"
            return _failed("Runtime.Unsupported", message, log="")
        task_dir = self._task_dir(function)
        call_dir = self._dir / f"call-{next(self._calls)}"
        call_dir.mkdir(parents=True)
        (call_dir / "event.json").write_text(event)
        request_id = str(uuid.uuid4())
        child = self._zygote.start_child(
            "workflow.local.containers.lambda_function:invoke",
            {
                "handler": function.handler,
                "event_path": str(call_dir / "event.json"),
                "result_path": str(call_dir / "result.json"),
                "context": {
                    "request_id": request_id,
                    "function_arn": function.arn,
                    "memory_mb": function.memory_mb,
                },
            },
            environment=self._environment(function, task_dir, call_dir),
            folders=[call_dir, task_dir],
            log_path=call_dir / "log.txt",
            subject=f"function {function.name}",
        )
        try:
            exit_code = child.exit_code.result(timeout=function.timeout_seconds)
        except TimeoutError:
            self._zygote.kill(child)
            child.exit_code.result()
            message = f"{request_id} Task timed out after {function.timeout_seconds:.2f} seconds"
            return _failed("Sandbox.Timedout", message, log=_read(call_dir / "log.txt"))
        return _outcome(call_dir, exit_code)

    def _task_dir(self, function: Function) -> Path:
        task_dir = self._dir / f"{function.name}-{function.code_sha256[:16]}"
        with self._lock:
            if not task_dir.exists():
                task_dir.mkdir(parents=True)
                zipfile.ZipFile(io.BytesIO(function.code)).extractall(task_dir)
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
            **function.environment,
        }


def _outcome(call_dir: Path, exit_code: int) -> Invocation:
    log = _read(call_dir / "log.txt")
    result_path = call_dir / "result.json"
    if not result_path.exists():
        message = f"the runtime exited without providing a reason (exit code {exit_code})"
        return _failed("Runtime.ExitError", message, log=log)
    return Invocation(result_path.read_text(), failed=exit_code != 0, log=log)


def _failed(error_type: str, message: str, *, log: str) -> Invocation:
    payload = json.dumps({"errorType": error_type, "errorMessage": message})
    return Invocation(payload, failed=True, log=log)


def _read(path: Path) -> str:
    return path.read_text(errors="replace") if path.exists() else ""
