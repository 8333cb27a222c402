"""CloudFormation: its registry and the services may refuse resources."""

from collections.abc import Mapping
from typing import Any

from moto.cloudformation import parsing
from moto.cloudformation.exceptions import ValidationError
from moto.cloudformation.parsing import ResourceMap

from pocketaws.change import Change
from pocketaws.cloudformation.moto.resource_errors import resource_errors
from pocketaws.cloudformation.resource_requests import resource_refusal
from pocketaws.cloudformation.resource_schemas import schema_of
from pocketaws.errors import ServiceError


def changes() -> list[Change]:
    """Return what to change in moto's CloudFormation."""
    return [Change(parsing, "parse_resource_and_generate_name", _checked())]


def _checked() -> Any:
    original = parsing.parse_resource_and_generate_name

    def parse(logical_id: str, resource_json: dict[str, Any], resources: ResourceMap) -> Any:
        parsed = original(logical_id, resource_json, resources)
        if parsed:
            check_limits(logical_id, resource_json["Type"], parsed[1].get("Properties") or {})
        return parsed

    return parse


def check_limits(logical_id: str, resource_type: str, properties: Mapping[str, Any]) -> None:
    """Refuse a resource that the registry, or a service, would refuse to create or to change.

    Raises:
        ValidationError: with the registry's words, or the service's code and words.
    """
    schema = schema_of(resource_type)
    problems = schema.problems(properties) if schema else []
    if problems:
        found = "\n".join(problems)
        raise ValidationError(
            message=f"Properties validation failed for resource {logical_id} with message:\n{found}"
        )
    with resource_errors(resource_type):
        refusal = resource_refusal(resource_type, properties)
        if refusal is not None:
            raise ServiceError(refusal.code, refusal.message)
