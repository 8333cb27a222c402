"""The AWS SDK integrations of Step Functions: errors are named as the SDK for Java names them."""

import functools
import re
from typing import Final

from botocore.exceptions import UnknownServiceError
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service_aws_sdk import (  # noqa: E501
    StateTaskServiceAwsSdk,
)

from pocketaws.change import Change
from pocketaws.service_models import data_loader

_WORDS: Final = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z0-9]+|[A-Z]+[0-9]*")


def changes() -> list[Change]:
    """Return what to change in moto's Step Functions."""
    name = staticmethod(_error_prefix)
    return [Change(StateTaskServiceAwsSdk, "_normalise_service_error_name", name)]


@functools.cache
def _error_prefix(service_name: str) -> str:
    """Return what error names start with, such as SageMaker, Ssm or DynamoDb.

    https://docs.aws.amazon.com/step-functions/latest/dg/supported-services-awssdk.html
    """
    try:
        botocore_name = {"sfn": "stepfunctions"}.get(service_name, service_name)
        model = data_loader().load_service_model(botocore_name, "service-2")
    except UnknownServiceError:
        return service_name
    return "".join(word.capitalize() for word in _WORDS.findall(model["metadata"]["serviceId"]))
