"""The Task state: calls a service, a function or an activity, and waits as its resource says.

https://docs.aws.amazon.com/step-functions/latest/dg/connect-to-resource.html
"""

import re
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Any, Final

from pocketaws.step_functions.engine.documents import json_text, too_large
from pocketaws.step_functions.engine.errors import DATA_LIMIT, TIMEOUT, StateError
from pocketaws.step_functions.engine.frames import TaskCall
from pocketaws.step_functions.engine.history import WHOLE
from pocketaws.step_functions.engine.retries import guarded
from pocketaws.step_functions.engine.tokens import Ticket
from pocketaws.step_functions.engine.visits import Outcome, Visit
from pocketaws.step_functions.engine.waits import TaskLimits, awaited, in_time

_SERVICE: Final = re.compile(
    r"arn:[^:]+:states:[^:]*:[^:]*:(?P<service>aws-sdk:[^:]+|[^:]+):(?P<action>\w+)"
    r"(?:\.(?P<pattern>[\w:]+))?"
)
_ACTIVITY: Final = re.compile(r"arn:[^:]+:states:[^:]+:\d+:activity:.+")
WAIT_FOR_TOKEN: Final = "waitForTaskToken"  # noqa: S105 - the pattern's name


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


def limits(visit: Visit) -> TaskLimits:
    """Return how long a task may take."""
    effective = visit.effective_input()
    return TaskLimits(
        visit.number("TimeoutSeconds", data=effective, least=1),
        visit.number("HeartbeatSeconds", data=effective, least=1),
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
            **limit.event_fields(),
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

    def _answer(self, call: TaskCall, limit: TaskLimits, ticket: Ticket | None) -> Any:
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
            return awaited(self._visit, ticket, TaskLimits(left, limit.heartbeat_seconds))
        return self._job_result(call, answer, left)

    def _stop_job(self, call: TaskCall, answer: Any) -> None:
        ended = threading.Event()
        ended.set()
        self._wait_for_job(call, answer, ended)

    def _wait_for_job(self, call: TaskCall, answer: Any, ended: threading.Event) -> Any:
        try:
            return self._services.wait_for_job(call, answer, ended)
        except StateError:
            # A job that is stopped ends as one that failed.
            if not ended.is_set():
                raise
            return None

    def _job_result(self, call: TaskCall, answer: Any, seconds: float | None) -> Any:
        ended = threading.Event()
        try:
            return in_time(self._visit, partial(self._wait_for_job, call, answer, ended), seconds)
        finally:
            # A state that timed out, or an execution that was stopped, stops its job.
            ended.set()


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
            **limit.event_fields(),
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
            **limit.event_fields(),
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

    def _answer(self, ticket: Ticket, payload: Any, limit: TaskLimits) -> Any:
        visit = self._visit
        taken = visit.frame.run.services.activities.offer(self._arn, ticket, json_text(payload))
        if not visit.frame.interrupt.wait_for(taken.taken, limit.timeout_seconds):
            raise StateError(TIMEOUT, "")
        named = {"workerName": taken.worker_name} if taken.worker_name else {}
        visit.frame.add("ActivityStarted", named)
        ticket.beaten = time.monotonic()
        return awaited(visit, ticket, limit)
