"""The Task state: calls a service, a function or an activity, and waits as its resource says.

https://docs.aws.amazon.com/step-functions/latest/dg/connect-to-resource.html
"""

import contextlib
import re
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Any, Final, NamedTuple

from pocketaws.step_functions.engine.documents import json_text, too_large
from pocketaws.step_functions.engine.errors import DATA_LIMIT, TIMEOUT, Ended, StateError
from pocketaws.step_functions.engine.frames import TaskCall
from pocketaws.step_functions.engine.history import WHOLE
from pocketaws.step_functions.engine.retries import guarded
from pocketaws.step_functions.engine.tokens import Ticket
from pocketaws.step_functions.engine.visits import Outcome, Visit

_SERVICE: Final = re.compile(
    r"arn:[^:]+:states:[^:]*:[^:]*:(?P<service>aws-sdk:[^:]+|[^:]+):(?P<action>\w+)"
    r"(?:\.(?P<pattern>[\w:]+))?"
)
_ACTIVITY: Final = re.compile(r"arn:[^:]+:states:[^:]+:\d+:activity:.+")
WAIT_FOR_TOKEN: Final = "waitForTaskToken"  # noqa: S105 - the pattern's name


class Limits(NamedTuple):
    """How long a task may take, and how long it may be silent; None for no limit."""

    timeout_seconds: float | None
    heartbeat_seconds: float | None

    def told(self) -> dict[str, float]:
        """Return what the event of the scheduling tells."""
        named = {
            "timeoutInSeconds": self.timeout_seconds,
            "heartbeatInSeconds": self.heartbeat_seconds,
        }
        return {name: value for name, value in named.items() if value is not None}


def do_task(visit: Visit) -> Outcome:
    """Do a task."""
    resource = visit.state["Resource"]
    service = _SERVICE.fullmatch(resource)
    if _ACTIVITY.fullmatch(resource):
        work = _Activity(visit).result
    elif service is not None:
        work = _ServiceTask(visit, service).result
    else:
        work = _Function(visit).result
    return guarded(visit, _mocked(visit) or work, failed=lambda: None)


def _mocked(visit: Visit) -> Callable[[], Any] | None:
    mock = visit.frame.run.mock
    return None if mock is None else lambda: mock(visit)


def limits(visit: Visit) -> Limits:
    """Return how long a task may take."""
    effective = visit.effective_input()
    return Limits(
        visit.number("TimeoutSeconds", data=effective),
        visit.number("HeartbeatSeconds", data=effective),
    )


def role_arn(visit: Visit) -> tuple[str, dict[str, Any]]:
    """Return in whose name a task calls, and what the event of its scheduling tells of that."""
    if "Credentials" not in visit.state:
        return visit.frame.run.role_arn, {}
    credentials = visit.filled("Credentials", visit.effective_input())
    arn = str(credentials.get("RoleArn", ""))
    return arn, {"taskCredentials": {"roleArn": arn}}


def parameters(visit: Visit, default: Any) -> Any:
    """Return what a task calls with."""
    if visit.is_jsonata:
        return visit.filled("Arguments") if "Arguments" in visit.state else default
    if "Parameters" not in visit.state:
        return default
    return visit.filled("Parameters", visit.effective_input())


def in_time(
    visit: Visit,
    work: Callable[[], Any],
    seconds: float | None,
    *,
    late: Callable[[Any], Any] | None = None,
) -> Any:
    """Do work in a thread, so that time and interrupts end the wait for it.

    Args:
        visit: of the state.
        work: to do.
        seconds: that it may take.
        late: gets what the work gives when nobody waits any more.

    Raises:
        StateError: `States.Timeout`, or the work's own.
        Ended: the branch has been ended.
    """
    waiting = _Work(work, late)
    threading.Thread(target=waiting.do, daemon=True).start()
    try:
        ended = visit.frame.interrupt.wait_for(waiting.done, seconds)
    except Ended:
        waiting.leave()
        raise
    if not ended:
        waiting.leave()
        raise StateError(TIMEOUT, "")
    return waiting.result()


class _Work:
    def __init__(self, work: Callable[[], Any], late: Callable[[Any], Any] | None) -> None:
        self.done = threading.Event()
        self._work = work
        self._late = late
        self._answer: Any = None
        self._failure: Exception | None = None
        self._finished = self._left = False
        self._lock = threading.Lock()

    def do(self) -> None:
        try:
            self._answer = self._work()
        except Exception as error:
            self._failure = error
        with self._lock:
            self._finished = True
            left = self._left
        self.done.set()
        if left:
            self._tell_late()

    def leave(self) -> None:
        with self._lock:
            self._left = True
            finished = self._finished
        if finished:
            self._tell_late()

    def _tell_late(self) -> None:
        if self._late is not None and self._failure is None:
            # Whoever waited has gone: what goes wrong now concerns nobody.
            with contextlib.suppress(StateError):
                self._late(self._answer)

    def result(self) -> Any:
        if self._failure is not None:
            raise self._failure
        return self._answer


class _ServiceTask:
    def __init__(self, visit: Visit, resource: re.Match[str]) -> None:
        self._visit = visit
        self._services = visit.frame.run.services
        self._service, self._action = resource["service"], resource["action"]
        self._pattern = resource["pattern"] or ""
        called = f"{self._action}.{self._pattern}" if self._pattern else self._action
        self._told = {"resourceType": self._service, "resource": called}

    def result(self) -> Any:
        ticket = None
        if self._pattern == WAIT_FOR_TOKEN:
            ticket = self._services.tokens.new(self._visit.frame.run.machine["Id"])
        self._visit.token = None if ticket is None else ticket.token
        try:
            return self._scheduled(ticket)
        finally:
            self._visit.token = None
            if ticket is not None:
                self._services.tokens.close(ticket)

    def _scheduled(self, ticket: Ticket | None) -> Any:
        visit = self._visit
        given, limit = parameters(visit, {}), limits(visit)
        arn, credentials = role_arn(visit)
        call = TaskCall(self._service, self._action, self._pattern, given, arn, visit.context())
        scheduled = {
            **self._told,
            "region": self._services.region,
            "parameters": json_text(given),
            **limit.told(),
            **credentials,
        }
        visit.frame.add("TaskScheduled", scheduled)
        visit.frame.add("TaskStarted", self._told)
        try:
            result = self._answer(call, limit, ticket)
            output = output_text(result, self._service)
        except StateError as error:
            kind = "TaskTimedOut" if error.error == TIMEOUT else "TaskFailed"
            visit.frame.add(kind, {**self._told, **error.details()})
            raise
        succeeded = {**self._told, "output": output, "outputDetails": WHOLE}
        visit.frame.add("TaskSucceeded", succeeded)
        return result

    def _answer(self, call: TaskCall, limit: Limits, ticket: Ticket | None) -> Any:
        begun = time.monotonic()
        seconds = limit.timeout_seconds
        late = partial(self._stop_job, call) if self._pattern.startswith("sync") else None
        answer = in_time(self._visit, lambda: self._services.call(call), seconds, late=late)
        if not self._pattern:
            return answer
        submitted = {**self._told, "output": json_text(answer), "outputDetails": WHOLE}
        self._visit.frame.add("TaskSubmitted", submitted)
        left = None if seconds is None else max(0.0, seconds - (time.monotonic() - begun))
        if ticket is not None:
            return awaited(self._visit, ticket, Limits(left, limit.heartbeat_seconds))
        return self._job_result(call, answer, left)

    def _stop_job(self, call: TaskCall, answer: Any) -> None:
        ended = threading.Event()
        ended.set()
        self._services.wait_for_job(call, answer, ended)

    def _job_result(self, call: TaskCall, answer: Any, seconds: float | None) -> Any:
        ended = threading.Event()
        wait = self._services.wait_for_job
        try:
            return in_time(self._visit, lambda: wait(call, answer, ended), seconds)
        finally:
            # A state that timed out, or an execution that was stopped, stops its job.
            ended.set()


def awaited(visit: Visit, ticket: Ticket, limit: Limits) -> Any:
    """Wait for the answer to a token.

    Raises:
        StateError: the answer's own, or `States.Timeout`.
        Ended: the branch has been ended.
    """
    begun = time.monotonic()
    while not visit.frame.interrupt.wait_for(ticket.answered, _seconds(ticket, limit, begun)):
        timed_out = _has_passed(begun, limit.timeout_seconds)
        silent = _has_passed(ticket.beaten, limit.heartbeat_seconds)
        if timed_out or silent:
            # An answer that came at the last moment counts, one that comes later does not.
            visit.frame.run.services.tokens.close(ticket)
            if not ticket.answered.is_set():
                raise StateError(TIMEOUT, "", heartbeat=not timed_out)
    if ticket.error is not None:
        raise ticket.error
    return ticket.output


def _has_passed(begun: float, seconds: float | None) -> bool:
    return seconds is not None and time.monotonic() >= begun + seconds


def _seconds(ticket: Ticket, limit: Limits, begun: float) -> float | None:
    ends = []
    if limit.timeout_seconds is not None:
        ends.append(begun + limit.timeout_seconds)
    if limit.heartbeat_seconds is not None:
        ends.append(ticket.beaten + limit.heartbeat_seconds)
    return max(0.0, min(ends) - time.monotonic()) if ends else None


def output_text(result: Any, of: str) -> str:
    """Return a result's JSON.

    Raises:
        StateError: it is too large.
    """
    output = json_text(result)
    if too_large(output):
        cause = (
            f"The state/task '{of}' returned a result with a size exceeding the maximum number of "
            "bytes service limit."
        )
        raise StateError(DATA_LIMIT, cause)
    return output


class _Function:
    """A function whose ARN is the resource."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._arn = visit.state["Resource"]

    def result(self) -> Any:
        visit = self._visit
        payload = parameters(visit, visit.effective_input())
        limit = limits(visit)
        arn, credentials = role_arn(visit)
        scheduled = {
            "resource": self._arn,
            "input": json_text(payload),
            "inputDetails": WHOLE,
            **limit.told(),
            **credentials,
        }
        visit.frame.add("LambdaFunctionScheduled", scheduled)
        visit.frame.add("LambdaFunctionStarted")
        call = visit.frame.run.services.call_function
        try:
            result = in_time(visit, lambda: call(self._arn, payload, arn), limit.timeout_seconds)
            output = output_text(result, self._arn)
        except StateError as error:
            kind = "TimedOut" if error.error == TIMEOUT else "Failed"
            visit.frame.add(f"LambdaFunction{kind}", error.details())
            raise
        visit.frame.add("LambdaFunctionSucceeded", {"output": output, "outputDetails": WHOLE})
        return result


class _Activity:
    """An activity: a worker asks for the task and answers its token."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._arn = visit.state["Resource"]

    def result(self) -> Any:
        visit = self._visit
        services = visit.frame.run.services
        payload = parameters(visit, visit.effective_input())
        limit = limits(visit)
        scheduled = {
            "resource": self._arn,
            "input": json_text(payload),
            "inputDetails": WHOLE,
            **limit.told(),
        }
        visit.frame.add("ActivityScheduled", scheduled)
        ticket = services.tokens.new(visit.frame.run.machine["Id"])
        try:
            result = self._answer(ticket, payload, limit)
        except StateError as error:
            kind = "TimedOut" if error.error == TIMEOUT else "Failed"
            visit.frame.add(f"Activity{kind}", error.details())
            raise
        finally:
            services.tokens.close(ticket)
        output = output_text(result, self._arn)
        visit.frame.add("ActivitySucceeded", {"output": output, "outputDetails": WHOLE})
        return result

    def _answer(self, ticket: Ticket, payload: Any, limit: Limits) -> Any:
        visit = self._visit
        taken = visit.frame.run.services.activities.offer(self._arn, ticket, json_text(payload))
        if not visit.frame.interrupt.wait_for(taken.taken, limit.timeout_seconds):
            raise StateError(TIMEOUT, "")
        named = {"workerName": taken.worker_name} if taken.worker_name else {}
        visit.frame.add("ActivityStarted", named)
        ticket.beaten = time.monotonic()
        return awaited(visit, ticket, limit)
