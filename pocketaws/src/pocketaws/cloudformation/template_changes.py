"""What a change set lists: the resources that a template, or its parameters, would change."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pocketaws.cloudformation.not_created import references


@dataclass(frozen=True)
class ResourceChange:
    """One line of a change set; its fields are named as CloudFormation's answer has them.

    Attributes:
        action: Add, Modify or Remove.
    """

    action: str
    logical_resource_id: str
    resource_type: str


@dataclass(frozen=True)
class EvaluatedTemplate:
    """A template, and what its parameters and conditions are.

    Attributes:
        resources: of plain CloudFormation, by logical id.
        parameters: values by name, those from Parameter Store looked up.
        conditions: whether each holds, by name.
    """

    resources: Mapping[str, Any]
    parameters: Mapping[str, Any]
    conditions: Mapping[str, bool]

    def wanted(self) -> dict[str, Any]:
        """Return the resources that no condition keeps out."""
        return {
            logical_id: resource
            for logical_id, resource in self.resources.items()
            if self.conditions.get(resource.get("Condition", ""), True)
        }


def resource_changes(before: EvaluatedTemplate, after: EvaluatedTemplate) -> list[ResourceChange]:
    """Compare two templates; what refers to something that changes counts as changed, too."""
    old, new = before.wanted(), after.wanted()
    changed = _different(before.parameters, after.parameters)
    changed |= _different(before.conditions, after.conditions)
    modified = _modified(old, new, changed)
    return [
        *(_change("Add", name, new) for name in new if name not in old),
        *(_change("Modify", name, new) for name in new if name in modified),
        *(_change("Remove", name, old) for name in old if name not in new),
    ]


def _change(action: str, logical_id: str, resources: Mapping[str, Any]) -> ResourceChange:
    return ResourceChange(action, logical_id, resources[logical_id]["Type"])


def _different(before: Mapping[str, Any], after: Mapping[str, Any]) -> set[str]:
    names = before.keys() | after.keys()
    return {name for name in names if before.get(name) != after.get(name)}


def _modified(old: Mapping[str, Any], new: Mapping[str, Any], changed: set[str]) -> set[str]:
    in_both = old.keys() & new.keys()
    modified = {name for name in in_both if old[name] != new[name]}
    mentioned = {name: set(_mentioned(new[name])) for name in in_both}
    while True:
        causes = changed | modified | (new.keys() - old.keys())
        more = {name for name in in_both - modified if mentioned[name] & causes}
        if not more:
            return modified
        modified |= more


def _mentioned(value: Any) -> Iterator[str]:
    """Yield the parameters, resources and conditions that a resource speaks of."""
    yield from references(value)
    yield from _conditions(value)


def _conditions(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for item in value:
            yield from _conditions(item)
    if not isinstance(value, dict):
        return
    for key, item in value.items():
        if key == "Fn::If":
            yield str(item[0])
        yield from _conditions(item)
