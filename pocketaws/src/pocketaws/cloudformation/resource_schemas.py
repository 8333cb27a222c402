"""What CloudFormation's registry says of resource types: what one takes, returns, is replaced by.

https://docs.aws.amazon.com/cloudformation-cli/latest/userguide/resource-type-schema.html
"""

import functools
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

# Written by the tests' `emulated.resource_schemas`.
PATH: Final = Path(__file__).with_name("resource_schemas.json")


@dataclass(frozen=True)
class ResourceSchema:
    """One type; paths of properties have dots between their parts.

    Attributes:
        create_only: properties whose change replaces the resource, those that do so in some
            cases only among them.
        read_only: what Fn::GetAtt returns.
        required: properties without which none is made.
        properties: that there are, each with its own; None where any may stand.
    """

    create_only: tuple[str, ...]
    read_only: tuple[str, ...]
    required: tuple[str, ...] = ()
    properties: Mapping[str, Any] | None = None

    def problems(self, given: Mapping[str, Any]) -> list[str]:
        """Return what the registry refuses of a resource's properties, in its words."""
        lacking = [name for name in self.required if name not in given]
        return [
            *_extraneous(given, self.properties, "#"),
            *(f"#: required key [{name}] not found" for name in lacking),
        ]

    def replacing(self, before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
        """Return the properties that have changed and replace the resource."""
        return [path for path in self.create_only if _at(before, path) != _at(after, path)]


def schema_of(resource_type: str) -> ResourceSchema | None:
    """Return what is known of a type; None where the registry, or the runtime, lacks it."""
    return _schemas().get(resource_type)


@functools.cache
def _schemas() -> Mapping[str, ResourceSchema]:
    told = json.loads(PATH.read_text(encoding="utf-8"))
    return {
        name: ResourceSchema(
            tuple(schema["create_only"]),
            tuple(schema["read_only"]),
            tuple(schema["required"]),
            schema["properties"],
        )
        for name, schema in told.items()
    }


def _at(properties: Mapping[str, Any], path: str) -> Any:
    value: Any = properties
    for part in path.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


def _extraneous(given: Any, known: Mapping[str, Any] | None, path: str) -> Iterator[str]:
    if known is None:
        return
    if isinstance(given, list):
        for place, item in enumerate(given):
            yield from _extraneous(item, known, f"{path}/{place}")
    if isinstance(given, Mapping):
        for name, value in given.items():
            if name in known:
                yield from _extraneous(value, known[name], f"{path}/{name}")
            else:
                yield f"{path}: extraneous key [{name}] is not permitted"
