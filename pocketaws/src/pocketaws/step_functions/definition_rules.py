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

from botocore.model import OperationModel

from pocketaws.errors import UnsupportedResourceError
from pocketaws.gate import rules
from pocketaws.service_models import operation_model
from pocketaws.step_functions.engine import sdk_names
from pocketaws.step_functions.validation import validator
from pocketaws.step_functions.validation.report import ERROR, SCHEMA, Diagnostic

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
SUPPORTED_TEXT: Final = (
    "sagemaker:" + ", sagemaker:".join(f"{name}(.sync)" for name in SYNC_OPERATIONS) + ", "
    "sagemaker:" + ", sagemaker:".join(_REQUEST_OPERATIONS[2:]) + ", lambda:invoke, sns:publish, "
    "sqs:sendMessage, states:startExecution, events:putEvents, dynamodb:*, aws-sdk:*"
)


def definition_problems(definition: str, *, express: bool = False) -> list[str]:
    """Return what Step Functions would refuse, in its words.

    Args:
        definition: its text.
        express: whether it is to be an Express state machine's.

    Raises:
        UnsupportedResourceError: a state needs what AWS runs and this runtime does not.
    """
    found = diagnostics(definition, express=express)
    return [problem.text() for problem in found if problem.severity == ERROR]


def diagnostics(definition: str, *, express: bool = False) -> list[Diagnostic]:
    """Return what Step Functions would refuse or warn of; see `definition_problems`."""
    found = validator.diagnose(definition, express=express)
    if any(problem.severity == ERROR for problem in found):
        return found
    for path, state in _task_states(json.loads(definition), ""):
        found += _state_problems(path, state)
    return found


def _state_problems(path: str, state: dict[str, Any]) -> Iterator[Diagnostic]:
    resource = str(state.get("Resource", ""))
    sdk_call = _AWS_SDK.fullmatch(resource)
    if sdk_call is not None:
        yield from _sdk_problems(path, state, sdk_call)
        return
    match = _SAGEMAKER.fullmatch(resource)
    if match is None:
        if not _SUPPORTED.fullmatch(resource):
            raise UnsupportedResourceError(_state_name(path), resource, SUPPORTED_TEXT)
        return
    operation, pattern = match.groups()
    allowed = SYNC_OPERATIONS if pattern == ".sync" else _REQUEST_OPERATIONS
    if operation not in allowed or pattern not in (None, ".sync"):
        raise UnsupportedResourceError(_state_name(path), resource, SUPPORTED_TEXT)
    model = operation_model("sagemaker", operation[0].upper() + operation[1:])
    assert model is not None, "the operations are botocore's"  # noqa: S101
    unknown = rules.unknown_fields(state.get("Parameters", {}), model.input_shape)
    yield from _field_problems(path, unknown)


def _sdk_problems(path: str, state: dict[str, Any], call: re.Match[str]) -> Iterator[Diagnostic]:
    """Yield what is wrong with a task of an AWS SDK integration."""
    service, action = call.groups()
    model = _sdk_model(service, action)
    if model is None:
        message = (
            f"The resource provided {call[0]} is not recognized. The value is not a valid resource "
            "ARN, or the resource is not available in this region."
        )
        yield Diagnostic(ERROR, SCHEMA, message, f"{path}/Resource")
    elif model.input_shape is not None:
        yield from _field_problems(
            path,
            rules.unknown_fields(
                state.get("Parameters", {}), model.input_shape, named=rules.java_name
            ),
        )


def _sdk_model(service: str, action: str) -> OperationModel | None:
    name = sdk_names.botocore_name(service)
    return None if name is None else sdk_names.operation(name, action)


def _field_problems(path: str, unknown: Iterator[str]) -> Iterator[Diagnostic]:
    for field in unknown:
        name = field.rpartition("/")[2]
        message = f'The field "{name}" is not supported by Step Functions'
        yield Diagnostic(ERROR, SCHEMA, message, f"{path}/Parameters{field}")


def _task_states(machine: dict[str, Any], path: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, state in machine.get("States", {}).items():
        here = f"{path}/States/{name}"
        if state.get("Type") == "Task":
            yield here, state
        for index, branch in enumerate(state.get("Branches", [])):
            yield from _task_states(branch, f"{here}/Branches[{index}]")
        for key in ("Iterator", "ItemProcessor"):
            yield from _task_states(state.get(key, {}), f"{here}/{key}")


def _state_name(path: str) -> str:
    return path.rpartition("/States/")[2]
