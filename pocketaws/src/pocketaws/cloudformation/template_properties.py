"""A resource's properties as a call's request: CloudFormation takes "20" for 20."""

from collections.abc import Mapping
from typing import Any

from pocketaws.calls.typed import as_asked
from pocketaws.errors import ServiceError
from pocketaws.gate.rules import request_problems
from pocketaws.service_models import operation_model


def checked_request(properties: Mapping[str, Any], service: str, operation: str) -> dict[str, Any]:
    """Return the request that creates a resource, held against botocore's model of the call.

    Args:
        properties: of a resource whose properties are the members of the request.
        service: botocore's name, such as "sagemaker".
        operation: such as "CreateSchedule".

    Raises:
        ServiceError: with everything that AWS would refuse.
    """
    model = operation_model(service, operation)
    assert model is not None, "the caller names a call"  # noqa: S101
    request = as_asked(properties, model.input_shape)
    problems = request_problems(service, operation, request)
    if problems:
        raise ServiceError("ValidationException", "; ".join(problems))
    return dict(request)
