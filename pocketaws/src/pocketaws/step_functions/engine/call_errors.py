"""Errors of services, as Step Functions names them: by integration, each in its own way.

https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
"""

from collections.abc import Callable, Mapping
from typing import Final

from botocore.exceptions import ClientError

from pocketaws.service_models import operation_model
from pocketaws.step_functions.engine import sdk_names
from pocketaws.step_functions.engine.errors import StateError

# SageMaker's errors that its API models by name.
_SAGEMAKER: Final = {
    "ResourceInUse",
    "ResourceLimitExceeded",
    "ResourceNotFound",
    "ConflictException",
}
_SERVICES: Final = {
    "dynamodb": "AmazonDynamoDBv2",
    "events": "AmazonCloudWatchEvents",
    "lambda": "AWSLambda",
    "sagemaker": "AmazonSageMaker",
    "sns": "AmazonSNS",
    "sqs": "AmazonSQS",
    "states": "AWSStepFunctions",
}


def state_error(service: str, error: ClientError) -> StateError:
    """Return how a task fails whose call was refused.

    Args:
        service: of the task's resource: "lambda", or "aws-sdk:s3".
        error: of botocore.
    """
    if service.startswith("aws-sdk:"):
        return _of_the_sdk(service.removeprefix("aws-sdk:"), error)
    name = _NAMES.get(service, _plain(service))(error)
    return StateError(name, _cause(service, error))


def _of_the_sdk(service: str, error: ClientError) -> StateError:
    prefix = sdk_names.error_prefix(service)
    name = type(error).__name__
    if name == "ClientError":
        name = _of_no_code(service, error) or prefix
    name = _excepted(name)
    metadata = error.response["ResponseMetadata"]
    items = [
        f"Service: {prefix}",
        f"Status Code: {metadata['HTTPStatusCode']}",
        f"Request ID: {metadata.get('RequestId', '')}",
    ]
    if "HostId" in metadata:
        items.append(f"Extended Request ID: {metadata['HostId']}")
    return StateError(
        f"{prefix}.{name}", f"{error.response['Error']['Message']} ({', '.join(items)})"
    )


def _of_no_code(service: str, error: ClientError) -> str | None:
    """Return the one error that an operation has, where an answer without a body names none."""
    named = sdk_names.botocore_name(service)
    if not _code(error).isdecimal() or named is None:
        return None
    model = operation_model(named, error.operation_name)
    known = [] if model is None else [shape.name for shape in model.error_shapes]
    return known[0] if len(known) == 1 else None


def _cause(service: str, error: ClientError) -> str:
    metadata = error.response["ResponseMetadata"]
    items = [
        f"Service: {_SERVICES.get(service, service)}",
        f"Status Code: {metadata['HTTPStatusCode']}",
        f"Error Code: {_code(error)}",
        f"Request ID: {metadata.get('RequestId', '')}",
        "Proxy: null",
    ]
    return f"{error.response['Error']['Message']} ({'; '.join(items)})"


def _code(error: ClientError) -> str:
    return str(error.response["Error"]["Code"])


def _excepted(name: str) -> str:
    return name if name.endswith("Exception") else f"{name}Exception"


def _plain(prefix: str) -> Callable[[ClientError], str]:
    return lambda error: f"{prefix}.{_excepted(_code(error))}"


def _of_sagemaker(error: ClientError) -> str:
    code = _code(error)
    if code in _SAGEMAKER:
        return f"SageMaker.{code.removesuffix('Exception')}Exception"
    return "SageMaker.AmazonSageMakerException"


def _of_sqs(error: ClientError) -> str:
    name = type(error).__name__
    return f"SQS.{_excepted('AmazonSQS' if name == 'ClientError' else name)}"


_NAMES: Final[Mapping[str, Callable[[ClientError], str]]] = {
    "dynamodb": lambda error: f"DynamoDB.{_code(error)}",
    "events": _plain("EventBridge"),
    "lambda": lambda error: f"Lambda.{_code(error)}",
    "sagemaker": _of_sagemaker,
    "sns": _plain("SNS"),
    "sqs": _of_sqs,
    "states": _plain("StepFunctions"),
}
