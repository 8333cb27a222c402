"""Executions without an account: what tasks call is answered here."""

import json
import threading
from collections.abc import Callable, Mapping
from typing import Any

from pocketaws.step_functions.engine.activities import Activities
from pocketaws.step_functions.engine.errors import StateError
from pocketaws.step_functions.engine.execution import EngineExecution, ExecutionPlan, Watchers
from pocketaws.step_functions.engine.frames import TaskCall
from pocketaws.step_functions.engine.tokens import Tokens

FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:"
INVOKE = "arn:aws:states:::lambda:invoke"
ROLE = "arn:aws:iam::123456789012:role/r"

# The Amazon States Language, its guide, and behaviour that was recorded on AWS.
SPEC = "https://states-language.net/spec.html"
GUIDE = "https://docs.aws.amazon.com/step-functions/latest/dg/"
RECORDED = "recorded on AWS"

Handler = Callable[[Any], Any]


def fail(error: str, cause: str = "") -> Handler:
    """Return a function that fails."""

    def handler(_: Any) -> Any:
        raise StateError(error, cause)

    return handler


class Account:
    """Answers calls: a function by its name, a service's call by its action."""

    region = "us-east-1"

    def __init__(self, **handlers: Handler) -> None:
        self.tokens = Tokens()
        self.activities = Activities()
        self.calls: list[TaskCall] = []
        self.expected: list[str] = []
        self.released = threading.Event()
        self._handlers = {"echo": lambda event: event, **handlers}

    def expect(self, function: str) -> None:
        self.expected.append(function)

    def call(self, call: TaskCall) -> Any:
        self.calls.append(call)
        return self._handlers[call.action](call.parameters)

    def wait_for_job(self, call: TaskCall, answer: Any, ended: threading.Event) -> Any:
        return {"Job": answer}

    def call_function(self, arn: str, payload: Any, role_arn: str) -> Any:
        return self._handlers[arn.rpartition(":")[2]](payload)

    def client(self, role_arn: str, service: str) -> Any:
        raise AssertionError(f"{service} is not called")


def started(
    definition: Mapping[str, Any], value: Any = None, account: Account | None = None
) -> EngineExecution:
    """Start an execution."""
    plan = ExecutionPlan(
        arn="arn:aws:states:us-east-1:123456789012:execution:m:e",
        name="e",
        machine_arn="arn:aws:states:us-east-1:123456789012:stateMachine:m",
        machine_name="m",
        role_arn=ROLE,
        definition=json.dumps(definition),
        input=json.dumps({} if value is None else value),
    )
    watchers = Watchers(lambda execution, event: None, lambda execution: None)
    execution = EngineExecution(plan, account or Account(), watchers)
    execution.start()
    return execution


def ran(
    definition: Mapping[str, Any], value: Any = None, account: Account | None = None
) -> EngineExecution:
    """Run an execution to its end."""
    execution = started(definition, value, account)
    assert execution.ended.wait(20)
    return execution


def machine(**states: Mapping[str, Any]) -> dict[str, Any]:
    """Return a definition that begins with the first of some states."""
    return {"StartAt": next(iter(states)), "States": states}


def alone(**state: Any) -> dict[str, Any]:
    """Return a definition of one state, which ends."""
    ends = {} if state["Type"] in {"Succeed", "Fail", "Choice"} else {"End": True}
    return machine(A={**state, **ends})


def passing(parameters: Any) -> dict[str, Any]:
    """Return a definition of a Pass state with Parameters."""
    return alone(Type="Pass", Parameters=parameters)


def jsonata(**states: Mapping[str, Any]) -> dict[str, Any]:
    """Return a definition in JSONata that begins with the first of some states."""
    return {"QueryLanguage": "JSONata", **machine(**states)}


def output(execution: EngineExecution) -> Any:
    """Return the output of an execution that succeeded."""
    assert execution.status == "SUCCEEDED", (execution.error, execution.cause)
    assert execution.output is not None
    return json.loads(execution.output)


def kinds(execution: EngineExecution) -> list[str]:
    """Return the kinds of an execution's events."""
    return [event["type"] for event in execution.history.events]
