"""The call that a task makes, and what tells its requests from those of the other tasks."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from tests.functional.fault_matrix.definition import Machine, task_names

_RESOURCE: Final = re.compile(
    r"arn:[^:]+:states:::(?P<sdk>aws-sdk:)?(?P<service>\w+):(?P<action>\w+)(?P<pattern>\.\w+)?"
)
_FUNCTION_ARN: Final = re.compile(r"\$\{(\w+)Arn\}")


class Kind(StrEnum):
    """How a task's resource is called, and what it waits for."""

    JOB = "sagemaker.sync"
    REQUEST = "sagemaker"
    SDK = "aws-sdk"
    FUNCTION = "lambda"
    CALLBACK = "lambda.waitForTaskToken"


_KINDS: Final = {
    ("sagemaker", ".sync"): Kind.JOB,
    ("sagemaker", None): Kind.REQUEST,
    ("lambda", None): Kind.FUNCTION,
    ("lambda", ".waitForTaskToken"): Kind.CALLBACK,
}


# How a request names its execution, by the path that brings the name. Another execution's may
# stand there, too: its model is the one in production.
_OWN: Final = {
    "$$.Execution.Id": ':{name}"',
    "$$.Execution.Name": "{name}",
    "$.base_name": 'Name": "{name}-',
    "$.experiment.trial_name": 'Name": "{name}-',
    # Of a tuning job, whose name is too short for it.
    "$.tuning.output_uri": "/preprocessing/{name}-",
    "$.gate.evaluation_uri": "/evaluation/{name}-",
    "$.processing.train_uri": "/preprocessing/{name}-",
    # The monitor's executions meet their faults one after another.
    "$.until": "",
    "$.job_name": "",
    '"Payload.$": "$"': "",
}


@dataclass(frozen=True)
class Call:
    """A task's call, by botocore's names.

    Attributes:
        subject: of a function, a part of its name.
        texts: what only this task's requests have.
        own: what only one execution's requests have, with {name} for the execution's.
    """

    kind: Kind
    service: str
    operation: str
    subject: str
    texts: tuple[str, ...]
    own: str


def call_of(machine: Machine, name: str) -> Call:
    """Return the call of a task.

    Raises:
        ValueError: its resource is of no kind that the matrix knows, or nothing in its Parameters
            tells its requests from another task's.
    """
    state = machine["States"][name]
    kind, service, operation = _resource(name, state)
    rivals = [
        other
        for rival in task_names(machine)
        if rival != name and _same_call(state, other := machine["States"][rival])
    ]
    texts = {_only_here(name, state, rival) for rival in rivals}
    return Call(kind, service, operation, _subject(state), tuple(sorted(texts)), _own(name, state))


def _resource(name: str, state: Mapping[str, Any]) -> tuple[Kind, str, str]:
    match = _RESOURCE.fullmatch(state["Resource"])
    service, pattern = (match["service"], match["pattern"]) if match else ("", None)
    kind = Kind.SDK if match and match["sdk"] else _KINDS.get((service, pattern))
    if match is None or kind is None:
        raise ValueError(f"{name}: say in fault_matrix what can happen to {state['Resource']}")
    action = match["action"]
    return kind, service, action[0].upper() + action[1:]


def _same_call(state: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    same_resource = state["Resource"] == other["Resource"]
    return same_resource and _subject(state) == _subject(other)


def _subject(state: Mapping[str, Any]) -> str:
    match = _FUNCTION_ARN.fullmatch(str(state["Parameters"].get("FunctionName", "")))
    return match[1] if match else ""


def _own(name: str, state: Mapping[str, Any]) -> str:
    parameters = json.dumps(state["Parameters"])
    for path, own in _OWN.items():
        if path in parameters:
            return own
    raise ValueError(f"{name}: say in fault_matrix how its requests name the execution")


def _only_here(name: str, state: Mapping[str, Any], rival: Mapping[str, Any]) -> str:
    mine, theirs = _literals(state["Parameters"]), _literals(rival["Parameters"])
    only = sorted(mine - theirs, key=len)
    if not only:
        raise ValueError(f"{name}: no literal of its Parameters tells its requests from others'")
    return only[-1]


def _literals(value: Any) -> set[str]:
    """Return the fields with a literal text as a request's JSON has them."""
    if isinstance(value, list):
        return {text for item in value for text in _literals(item)}
    if not isinstance(value, dict):
        return {json.dumps(value)} if isinstance(value, str) and "${" not in value else set()
    found: set[str] = set()
    for key, item in value.items():
        if isinstance(item, str):
            is_literal = not key.endswith(".$") and "${" not in item
            found |= {f'"{key}": {json.dumps(item)}'} if is_literal else set()
        else:
            found |= _literals(item)
    return found
