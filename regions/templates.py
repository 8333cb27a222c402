"""A template as a region sees it, with the defaults of its parameters."""

import functools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pocketaws import partition_of
from regions.availability import FUNCTION_URL, schema
from workflow.template import ResolvedTemplate, read_template, seen_in

PROJECT_DIR: Final = Path(__file__).parents[1]
NAMES: Final = ("template.yaml", "endpoint.yaml", "pipeline.yaml")
# Enough for the rules of pipeline.yaml, which has no defaults for them.
_GIVEN: Final = {"ConnectionArn": "any", "FullRepositoryId": "any/any"}
_NO_SCHEMA: Final = ("AWS::Serverless::", "Custom::")


@dataclass(frozen=True)
class Seen:
    """A template in a region.

    Attributes:
        refusals: what its Rules say.
        resources: type by logical id of what a stack has.
        settings: of all functions.
    """

    refusals: tuple[str, ...]
    resources: dict[str, str]
    settings: dict[str, Any]


@functools.cache
def mapped_regions() -> list[str]:
    """Return the regions that template.yaml knows the images of: there all templates are used."""
    return list(_template("template.yaml")["Mappings"]["ImageRegistry"])


@functools.cache
def seen(name: str, region: str) -> Seen:
    """Return a template as a region sees it."""
    template = _template(name)
    resolved = _resolved(template, region)
    resources = {
        logical_id: resource["Type"]
        for logical_id, resource in template["Resources"].items()
        if "Condition" not in resource or resolved.resolve({"Condition": resource["Condition"]})
    }
    return Seen(
        refusals=tuple(resolved.refusals()),
        resources=resources,
        settings=resolved.resolve(template.get("Globals", {}).get("Function", {})),
    )


def condition_in(name: str, region: str, condition: str) -> bool:
    """Tell whether a template's condition holds in a region."""
    return bool(_resolved(_template(name), region).resolve({"Condition": condition}))


@functools.cache
def types_of(name: str, region: str) -> set[str]:
    """Return the types of what a stack has in a region, those that SAM makes included."""
    template = _template(name)
    return set(_types(template, seen(name, region)))


def indistinguishable(name: str, regions: list[str]) -> list[list[str]]:
    """Return groups of regions, in each of which types, schemas and conditions are the same."""
    template = _template(name)
    types = {item["Type"] for item in template["Resources"].values()}
    checked = sorted(item for item in types if not item.startswith(_NO_SCHEMA))
    groups: dict[Any, list[str]] = {}
    for region in regions:
        resolved = _resolved(template, region)
        conditions = [resolved.resolve({"Condition": key}) for key in template["Conditions"]]
        schemas = [schema(region, resource_type) for resource_type in checked]
        key = (partition_of(region), *conditions, *schemas)
        groups.setdefault(key, []).append(region)
    return list(groups.values())


def _types(template: dict[str, Any], as_seen: Seen) -> Iterator[str]:
    for logical_id, resource_type in as_seen.resources.items():
        if "FunctionUrlConfig" in template["Resources"][logical_id].get("Properties", {}):
            yield FUNCTION_URL
        if not resource_type.startswith(_NO_SCHEMA):
            yield resource_type


def _resolved(template: dict[str, Any], region: str) -> ResolvedTemplate:
    known = {name: value for name, value in _GIVEN.items() if name in template["Parameters"]}
    return seen_in(template, region, known)


@functools.cache
def _template(name: str) -> dict[str, Any]:
    return read_template(PROJECT_DIR / name)
