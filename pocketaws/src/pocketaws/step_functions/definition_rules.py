"""What Step Functions, and this runtime, refuse in a definition before anything runs.

The integrations check the names of the fields in Parameters when the state machine is created; a
field that the service's call does not have fails the deployment.
https://docs.aws.amazon.com/step-functions/latest/dg/connect-parameters.html

The optimised integrations know the fields by the names of the API, those of the AWS SDK by the
names of the SDK for Java.
https://docs.aws.amazon.com/step-functions/latest/dg/supported-services-awssdk.html
"""

import json
import re
from collections.abc import Iterator
from typing import Any, Final

from botocore.exceptions import UnknownServiceError
from botocore.model import OperationModel

from pocketaws.errors import UnsupportedResourceError
from pocketaws.gate import rules
from pocketaws.service_models import operation_model

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
_AWS_SDK: Final = re.compile(r"arn:[^:]+:states:::aws-sdk:([\w-]+):(\w+)(?:\.\w+)?")
# Services that the SDK for Java names otherwise than botocore, as far as the engine knows them.
_BOTOCORE_NAMES: Final = {"sfn": "stepfunctions"}
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
    sdk_call = _AWS_SDK.fullmatch(resource)
    if sdk_call is not None:
        yield from _sdk_problems(path, state, sdk_call)
        return
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
    unknown = rules.unknown_fields(state.get("Parameters", {}), model.input_shape)
    yield from _field_problems(path, unknown)


def _sdk_problems(path: str, state: dict[str, Any], call: re.Match[str]) -> Iterator[str]:
    """Yield what is wrong with a task of an AWS SDK integration."""
    service, action = call.groups()
    model = _sdk_model(service, action)
    if model is None:
        yield (
            f"SCHEMA_VALIDATION_FAILED: The resource provided {call[0]} is not recognized. The "
            "value is not a valid resource ARN, or the resource is not available in this region. "
            f"at {path}/Resource"
        )
    elif model.input_shape is not None:
        yield from _field_problems(
            path,
            rules.unknown_fields(
                state.get("Parameters", {}), model.input_shape, named=rules.java_name
            ),
        )


def _sdk_model(service: str, action: str) -> OperationModel | None:
    try:
        return operation_model(
            _BOTOCORE_NAMES.get(service, service), action[0].upper() + action[1:]
        )
    except UnknownServiceError:
        return None


def _field_problems(path: str, unknown: Iterator[str]) -> Iterator[str]:
    for field in unknown:
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
