"""What CloudFormation's registry says of the resource types that the runtime creates.

`python -m emulated.resource_schemas`, in pocketaws/tests, writes it anew from cfn-lint's copy of
the registry's schemas; a test compares it.
"""

import functools
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cfnlint.schema import ResourceNotFoundError
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER
from moto.cloudformation import parsing

from pocketaws import installed  # noqa: F401 - it has the runtime's own types with it
from pocketaws.cloudformation import resource_schemas

# Of what else moto creates, the runtime knows no more than moto.
_SERVICES = frozenset(
    {
        *("CloudWatch", "DynamoDB", "ECR", "Events", "IAM", "KMS", "Lambda", "Logs", "S3", "SNS"),
        *("SQS", "SSM", "SageMaker", "Scheduler", "StepFunctions"),
    }
)
_COMBINED = ("oneOf", "anyOf", "allOf")
_MEMBERS = {
    "createOnlyProperties": "create_only",
    "conditionalCreateOnlyProperties": "create_only",
    "readOnlyProperties": "read_only",
}


def written() -> str:
    """Return the text of the file."""
    types = sorted(filter(_is_served, parsing.get_model_map()))
    schemas = {name: _told(name) for name in types if _schema(name)}
    lines = ",\n".join(
        f" {json.dumps(name)}: {json.dumps(told, separators=(',', ':'))}"
        for name, told in schemas.items()
    )
    return f"{{\n{lines}\n}}\n"


def _is_served(resource_type: str) -> bool:
    return _SERVICES & set(resource_type.split("::")[1:2]) != set()


def _schema(resource_type: str) -> dict[str, Any]:
    try:
        schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", resource_type).schema
    except ResourceNotFoundError:
        return {}
    return dict(schema)


def _told(resource_type: str) -> dict[str, Any]:
    schema = _schema(resource_type)
    told: dict[str, set[str]] = {"create_only": set(), "read_only": set()}
    for member, name in _MEMBERS.items():
        paths = [path.removeprefix("/properties/") for path in schema.get(member) or ()]
        told[name] |= {path.replace("/", ".") for path in paths}
    lists = {name: sorted(paths) for name, paths in told.items()}
    return {**lists, "required": schema.get("required") or [], "properties": _names(schema, schema)}


def _names(part: Mapping[str, Any], whole: Mapping[str, Any], *within: str) -> Any:
    """Return the properties of a part of a schema, each with its own; None where any may stand."""
    if "$ref" in part:
        reference = part["$ref"]
        if reference in within:
            return None
        named = functools.reduce(lambda at, key: at[key], reference[2:].split("/"), whole)
        return _names(named, whole, *within, reference)
    parts = [part, *(one for key in _COMBINED for one in part.get(key) or ())]
    items = next((one["items"] for one in parts if "items" in one), None)
    if items is not None:
        return _names(items, whole, *within)
    is_closed = part.get("additionalProperties") is False and "patternProperties" not in part
    properties = {
        name: value for one in parts for name, value in (one.get("properties") or {}).items()
    }
    if not properties or not is_closed:
        return None
    return {name: _names(properties[name], whole, *within) for name in sorted(properties)}


if __name__ == "__main__":
    Path(resource_schemas.PATH).write_text(written(), encoding="utf-8")
