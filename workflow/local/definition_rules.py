"""What Step Functions, and this runtime, refuse in a definition before anything runs.

The optimised integrations check the names of the fields in Parameters when the state machine is
created; a field that the service's call does not have fails the deployment.
https://docs.aws.amazon.com/step-functions/latest/dg/connect-parameters.html
"""

import json
import re
from collections.abc import Iterator
from typing import Any, Final

from workflow.errors import UnsupportedResourceError
from workflow.local import rules
from workflow.service_models import operation_model

SYNC_OPERATIONS: Final = ("createProcessingJob", "createTrainingJob")
_REQUEST_OPERATIONS: Final = (
    *SYNC_OPERATIONS,
    "createModel",
    "createEndpointConfig",
    "createEndpoint",
    "updateEndpoint",
)
_SAGEMAKER: Final = re.compile(r"arn:[^:]+:states:::sagemaker:(\w+)(\.\w+)?")
_SUPPORTED: Final = re.compile(
    r"arn:[^:]+:(states:::(lambda:invoke|sns:publish|sqs:sendMessage|states:startExecution"
    r"|events:putEvents|dynamodb:\w+|aws-sdk:[\w-]+:\w+)(\.\w+(:\d)?)?|lambda:.*|states:.*:activity:.*)"
    # A substitution that the template puts a function's ARN in place of.
    r"|\$\{\w+\}"
)
SUPPORTED_TEXT: Final = (
    "sagemaker:" + ", sagemaker:".join(f"{name}(.sync)" for name in SYNC_OPERATIONS) + ", "
    "sagemaker:" + ", sagemaker:".join(_REQUEST_OPERATIONS[2:]) + ", lambda:invoke, sns:publish, "
    "sqs:sendMessage, states:startExecution, events:putEvents, dynamodb:*, aws-sdk:*"
)


def definition_problems(definition: str) -> list[str]:
    """Return what Step Functions would refuse, in its words.

    Raises:
        UnsupportedResourceError: a state needs what AWS runs and this runtime does not.
        ValueError: the definition is not a JSON object.
    """
    machine = json.loads(definition)
    if not isinstance(machine, dict) or not isinstance(machine.get("States"), dict):
        raise ValueError(  # noqa: TRY004 - the text is wrong, not the caller
            "a definition is a JSON object with StartAt and States"
        )
    problems: list[str] = []
    for path, state in _task_states(machine, ""):
        problems += _state_problems(path, state)
    return problems


def _state_problems(path: str, state: dict[str, Any]) -> Iterator[str]:
    resource = str(state.get("Resource", ""))
    match = _SAGEMAKER.fullmatch(resource)
    if match is None:
        if not _SUPPORTED.fullmatch(resource):
            raise UnsupportedResourceError(path.rpartition("/")[2], resource, SUPPORTED_TEXT)
        return
    operation, pattern = match.groups()
    allowed = SYNC_OPERATIONS if pattern == ".sync" else _REQUEST_OPERATIONS
    if operation not in allowed or pattern not in (None, ".sync"):
        raise UnsupportedResourceError(path.rpartition("/")[2], resource, SUPPORTED_TEXT)
    model = operation_model("sagemaker", operation[0].upper() + operation[1:])
    assert model is not None, "the operations are botocore's"  # noqa: S101
    for field in rules.unknown_fields(state.get("Parameters", {}), model.input_shape):
        name = field.rpartition("/")[2]
        yield (
            f'SCHEMA_VALIDATION_FAILED: The field "{name}" is not supported by Step Functions '
            f"at {path}/Parameters{field}"
        )


def _task_states(machine: dict[str, Any], path: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, state in machine.get("States", {}).items():
        here = f"{path}/States/{name}"
        if state.get("Type") == "Task":
            yield here, state
        for branch in state.get("Branches", []):
            yield from _task_states(branch, here)
        for key in ("Iterator", "ItemProcessor"):
            yield from _task_states(state.get(key, {}), here)
