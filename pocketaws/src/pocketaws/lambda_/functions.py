"""Lambda functions: call the handler of the unpacked bundle in a process of its own."""

import datetime
import itertools
import json
import shutil
import socket
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from pocketaws.errors import ServiceError
from pocketaws.iam.assumed_roles import AssumedRoles
from pocketaws.lambda_ import node_process
from pocketaws.lambda_.function import Function, Invocation, runtime_problem
from pocketaws.lambda_.function_log import LogEvent, Report, call_events, stream_name
from pocketaws.lambda_.lambda_function import (
    ERROR_LOG_NAME,
    EVENT_NAME,
    RESULT_NAME,
    USED_MEMORY_NAME,
)
from pocketaws.lambda_.platform_log import platform_events
from pocketaws.lambda_.ready import HandlerCall, HandlerRun, ReadyProcess, ReadyProcesses
from pocketaws.lambda_.unpacked import UnpackedBundles
from pocketaws.processes.zygote_process import Zygote

_STOP_SECONDS: Final = 5
_LOG_NAME: Final = "log.txt"


class Functions:
    """Calls functions.

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
        self._bundles = UnpackedBundles(functions_dir)
        self._config_path = config_path
        self._aws_environment = aws_environment
        self._calls = itertools.count(1)
        self._running: list[HandlerRun] = []
        self._later: list[threading.Thread] = []
        self._ready = ReadyProcesses()
        self._stopping = False
        self._lock = threading.Lock()

    def invoke(self, function: Function, event: str, client_context: Any = None) -> Invocation:
        """Call a function's handler with an event in JSON.

        Args:
            function: to call.
            event: in JSON.
            client_context: of the call, parsed; None where it has none.
        """
        problem = runtime_problem(function.runtime)
        if problem is not None:
            return Invocation(_error("Runtime.Unsupported", problem), failed=True)
        try:
            self._roles.credentials(function.role_arn)
        except ServiceError as error:
            return Invocation(_error("AccessDeniedException", str(error)), failed=True)
        ready = self._ready.taken(function)
        call = self._new_call(function) if ready is None else ready.call
        call = replace(
            call, request_id=str(uuid.uuid4()), started=_now(), client_context=client_context
        )
        (call.call_dir / EVENT_NAME).write_text(event, encoding="utf-8")
        try:
            return self._call(call, ready)
        finally:
            shutil.rmtree(call.call_dir, ignore_errors=True)

    def expect(self, function: Function) -> None:
        """Have a process ready for a call that may come soon, with the handler loaded.

        Lambda, too, may initialise an environment before there is a call for it:
        https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
        """
        if not function.runs_python or self._ready.has(function):
            return
        try:
            self._roles.credentials(function.role_arn)
        except ServiceError:
            # Who calls it is told.
            return
        call = self._new_call(function)
        ours, theirs = socket.socketpair()
        with theirs, self._lock:
            if self._stopping:
                ours.close()
                return
            self._ready.put(function, ReadyProcess(call, self._start(call, theirs), ours))

    def later(self, work: Callable[[], object]) -> None:
        """Make a call whose answer nobody waits for."""
        thread = threading.Thread(target=work, name="invocation", daemon=True)
        with self._lock:
            self._later = [one for one in self._later if one.is_alive()]
            if self._stopping:
                return
            self._later.append(thread)
        thread.start()

    def stop_all(self) -> None:
        """End every call, and each that still comes at once."""
        with self._lock:
            self._stopping = True
            running, later = list(self._running), list(self._later)
        self._ready.end_all()
        for run in running:
            run.kill()
        for thread in later:
            thread.join(_STOP_SECONDS)

    def _new_call(self, function: Function) -> HandlerCall:
        task_dir = self._bundles.task_dir(function)
        layers_dir = self._bundles.layers_dir(function)
        call_dir = self._dir / f"call-{next(self._calls)}"
        call_dir.mkdir(parents=True)
        started = _now()
        stream = stream_name(
            function.name, function.version, log_group_name=function.log_group_name, time=started
        )
        return HandlerCall(
            function,
            task_dir=task_dir,
            call_dir=call_dir,
            layers_dir=layers_dir,
            log_stream_name=stream,
            started=started,
        )

    def _call(self, call: HandlerCall, ready: ReadyProcess | None) -> Invocation:
        began = time.monotonic()
        with self._running_call(call, ready) as run:
            exit_code = _exit_code(run, call.function.timeout_seconds)
        payload, told, status, error_type = _outcome(call, exit_code)
        failed = exit_code != 0 or bool(status)
        printed = [*_lines(call.call_dir / _LOG_NAME), *told]
        report = Report(
            # A call that is ended has had its time, and no more.
            call.function.timeout_seconds if exit_code is None else time.monotonic() - began,
            call.function.memory_mb,
            _used_memory_mb(call),
            status,
            error_type,
            failed,
        )
        return Invocation(payload, failed, _events(call, printed, report), call.log_stream_name)

    @contextmanager
    def _running_call(self, call: HandlerCall, ready: ReadyProcess | None) -> Iterator[HandlerRun]:
        with self._lock:
            run = (ready and ready.called(_context(call))) or self._begun(call)
            self._running.append(run)
            if self._stopping:
                run.kill()
        try:
            yield run
        finally:
            self._running.remove(run)

    def _begun(self, call: HandlerCall) -> HandlerRun:
        return self._start(call) if call.function.runs_python else self._start_node(call)

    def _start_node(self, call: HandlerCall) -> HandlerRun:
        function, call_dir = call.function, call.call_dir
        layers = [] if call.layers_dir is None else [call.layers_dir]
        fields = {
            "awsRequestId": call.request_id,
            "functionName": function.name,
            "functionVersion": function.version,
            "invokedFunctionArn": function.arn,
            "memoryLimitInMB": str(function.memory_mb),
            "logGroupName": function.log_group_name,
            "logStreamName": call.log_stream_name,
            "deadline": call.deadline_ms,
            "clientContext": call.client_context,
            "own": [str(path) for path in (call_dir, call.task_dir, self._config_path, *layers)],
        }
        process = node_process.NodeProcess(
            function.handler,
            call.task_dir,
            [str(call_dir / EVENT_NAME), str(call_dir / RESULT_NAME), json.dumps(fields)],
            reads=[self._config_path, *layers],
            writes=[call_dir],
            environment=self._environment(call),
            log_path=call_dir / _LOG_NAME,
        )
        return HandlerRun(process.exit_code, process.kill)

    def _start(self, call: HandlerCall, channel: socket.socket | None = None) -> HandlerRun:
        function, call_dir = call.function, call.call_dir
        layers = [] if call.layers_dir is None else [call.layers_dir]
        child = self._zygote.start_child(
            "pocketaws.lambda_.lambda_function:invoke",
            {
                "handler": function.handler,
                "context": _context(call),
                "temporary_dir": str(call_dir),
                "layers_dir": str(call.layers_dir or ""),
                "own": [
                    str(path) for path in (call_dir, call.task_dir, self._config_path, *layers)
                ],
            },
            environment=self._environment(call),
            folders=[call_dir],
            read_only=[call.task_dir, self._config_path, *layers],
            log_path=call_dir / _LOG_NAME,
            subject=f"function {function.name}",
            sockets={} if channel is None else {"channel": channel},
        )
        return HandlerRun(child.exit_code, lambda: self._zygote.kill(child))

    def _environment(self, call: HandlerCall) -> dict[str, str]:
        function = call.function
        # https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
        return {
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "LANG": "en_US.UTF-8",
            "TZ": ":UTC",
            "HOME": str(call.call_dir),
            "TMPDIR": str(call.call_dir),
            "LAMBDA_TASK_ROOT": str(call.task_dir),
            "_HANDLER": function.handler,
            "AWS_REGION": function.region,
            "AWS_DEFAULT_REGION": function.region,
            "AWS_EXECUTION_ENV": f"AWS_Lambda_{function.runtime}",
            "AWS_LAMBDA_FUNCTION_NAME": function.name,
            "AWS_LAMBDA_FUNCTION_VERSION": function.version,
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory_mb),
            "AWS_LAMBDA_LOG_GROUP_NAME": function.log_group_name,
            "AWS_LAMBDA_LOG_STREAM_NAME": call.log_stream_name,
            **function.logging.environment(),
            **_node_paths(call),
            **self._aws_environment,
            **self._roles.credentials(function.role_arn).environment(),
            **function.environment,
        }


def _events(call: HandlerCall, printed: list[str], report: Report) -> tuple[LogEvent, ...]:
    function = call.function
    if function.logging.is_json:
        return platform_events(
            {"requestId": call.request_id, "version": function.version},
            started=call.started,
            printed=printed,
            report=report,
            level=function.logging.system_level,
        )
    return call_events(
        call.request_id, function.version, started=call.started, printed=printed, report=report
    )


def _context(call: HandlerCall) -> dict[str, Any]:
    """Return what a handler's context is made of."""
    return {
        "request_id": call.request_id,
        "function_arn": call.function.arn,
        "memory_mb": call.function.memory_mb,
        "deadline_ms": call.deadline_ms,
        "client_context": call.client_context,
    }


def _now() -> datetime.datetime:
    return datetime.datetime.now(tz=datetime.UTC)


def _exit_code(run: HandlerRun, timeout_seconds: int) -> int | None:
    """Wait for a call's end, or end it when its time is up and return None."""
    try:
        return run.exit_code.result(timeout=timeout_seconds)
    except TimeoutError:
        run.kill()
        run.exit_code.result()
        return None


def _node_paths(call: HandlerCall) -> dict[str, str]:
    if call.layers_dir is None or call.function.runs_python:
        return {}
    # https://docs.aws.amazon.com/lambda/latest/dg/nodejs-layers.html
    return {"NODE_PATH": str(call.layers_dir / "nodejs" / "node_modules")}


def _outcome(call: HandlerCall, exit_code: int | None) -> tuple[str, list[str], str, str]:
    """Return the payload, the log's lines of an error, and the report's status and error type.

    Since 2026 a call that takes too long leaves no line but the report's:
    https://github.com/DataBiosphere/azul/issues/8140
    """
    result_path = call.call_dir / RESULT_NAME
    begin = f"RequestId: {call.request_id} Error: "
    if exit_code is None:
        seconds = call.function.timeout_seconds
        text = f"{begin}Task timed out after {seconds:.2f} seconds"
        return _error("Sandbox.Timedout", text), [], "timeout", ""
    # One that is killed may have begun to write its result.
    if exit_code >= 0 and result_path.exists():
        error_log = _read(call.call_dir / ERROR_LOG_NAME)
        return result_path.read_text(encoding="utf-8"), [error_log] if error_log else [], "", ""
    error_type = "Runtime.ExitError"
    text = f"{begin}{_exit_told(exit_code)}"
    return _error(error_type, text), [text], "error", error_type


def _exit_told(exit_code: int) -> str:
    if exit_code == 0:
        return "Runtime exited without providing a reason"
    how = "signal: killed" if exit_code < 0 else f"exit status {exit_code}"
    return f"Runtime exited with error: {how}"


def _used_memory_mb(call: HandlerCall) -> int | None:
    text = _read(call.call_dir / USED_MEMORY_NAME)
    return int(text) if text else None


def _error(error_type: str, message: str) -> str:
    return json.dumps({"errorType": error_type, "errorMessage": message})


def _lines(path: Path) -> list[str]:
    """Return what was printed, an event of the log for each line; other breaks end none."""
    text = _read(path)
    return text.removesuffix("\n").split("\n") if text else []


def _read(path: Path) -> str:
    return path.read_text(errors="replace") if path.exists() else ""
