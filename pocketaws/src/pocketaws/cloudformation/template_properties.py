"""A resource's properties as a call's request: CloudFormation takes "20" for 20.

Parameters of a template are text, and CloudFormation turns text into what a property asks for.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from botocore.model import ListShape, MapShape, Shape, StructureShape

from pocketaws.errors import ServiceError
from pocketaws.gate.rules import request_problems
from pocketaws.service_models import operation_model

_BOOLEANS: Final[Mapping[str, bool]] = {"true": True, "false": False}


def checked_request(properties: Mapping[str, Any], service: str, operation: str) -> dict[str, Any]:
    """Return the request that creates a resource, held against botocore's model of the call.

    Args:
        properties: of a resource whose properties are the members of the request.
        service: botocore's name, such as "sagemaker".
        operation: such as "CreateMonitoringSchedule".

    Raises:
        ServiceError: with everything that AWS would refuse.
    """
    model = operation_model(service, operation)
    assert model is not None, "the caller names a call"  # noqa: S101
    request = _as_asked(properties, model.input_shape)
    problems = request_problems(service, operation, request)
    if problems:
        raise ServiceError("ValidationException", "; ".join(problems))
    return dict(request)


def _as_asked(value: Any, shape: Shape) -> Any:
    if isinstance(shape, StructureShape) and isinstance(value, Mapping):
        return {
            name: _as_asked(item, shape.members[name]) if name in shape.members else item
            for name, item in value.items()
            if item is not None
        }
    if isinstance(shape, ListShape) and isinstance(value, list):
        return [_as_asked(item, shape.member) for item in value if item is not None]
    if isinstance(shape, MapShape) and isinstance(value, Mapping):
        return {name: _as_asked(item, shape.value) for name, item in value.items()}
    convert = _CONVERSIONS.get(shape.type_name)
    return value if convert is None or isinstance(value, dict | list) else convert(value)


def _number(kind: Callable[[str], float]) -> Callable[[Any], Any]:
    def convert(value: Any) -> Any:
        if not isinstance(value, str):
            return value
        try:
            return kind(value)
        except ValueError:
            # Told by the check of the request.
            return value

    return convert


def _boolean(value: Any) -> Any:
    return _BOOLEANS.get(value.lower(), value) if isinstance(value, str) else value


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


_CONVERSIONS: Final[Mapping[str, Callable[[Any], Any]]] = {
    "boolean": _boolean,
    "double": _number(float),
    "float": _number(float),
    "integer": _number(int),
    "long": _number(int),
    "string": _text,
}
