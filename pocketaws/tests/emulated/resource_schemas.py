"""What CloudFormation's registry says of the resource types that the runtime creates.

`python -m emulated.resource_schemas`, in pocketaws/tests, writes it anew from cfn-lint's copy of
the registry's schemas; a test compares it.
"""

import json
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
_MEMBERS = {
    "createOnlyProperties": "create_only",
    "conditionalCreateOnlyProperties": "create_only",
    "readOnlyProperties": "read_only",
}


def written() -> str:
    """Return the text of the file."""
    types = sorted(filter(_is_served, parsing.get_model_map()))
    schemas = {name: _told(name) for name in types if _schema(name)}
    lines = ",\n".join(f" {json.dumps(name)}: {json.dumps(told)}" for name, told in schemas.items())
    return f"{{\n{lines}\n}}\n"


def _is_served(resource_type: str) -> bool:
    return _SERVICES & set(resource_type.split("::")[1:2]) != set()


def _schema(resource_type: str) -> dict[str, Any]:
    try:
        schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", resource_type).schema
    except ResourceNotFoundError:
        return {}
    return dict(schema)


def _told(resource_type: str) -> dict[str, list[str]]:
    schema = _schema(resource_type)
    told: dict[str, set[str]] = {"create_only": set(), "read_only": set()}
    for member, name in _MEMBERS.items():
        paths = [path.removeprefix("/properties/") for path in schema.get(member) or ()]
        told[name] |= {path.replace("/", ".") for path in paths}
    return {name: sorted(paths) for name, paths in told.items()}


if __name__ == "__main__":
    Path(resource_schemas.PATH).write_text(written(), encoding="utf-8")
