"""Take out of a template what the emulator does not create, and tell what that was."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

MARK: Final = "LocalRuntimeLacks"
_IF: Final = ", if "
_SUBSTITUTION: Final = re.compile(r"\$\{([\w:]+)[\w.]*\}")


def take_out(
    template: dict[str, Any], *, creates: Callable[[str], bool]
) -> tuple[tuple[str, str], ...]:
    """Remove resources, with what is said of their order, and return their ids and types.

    Args:
        template: plain CloudFormation; changed in place. Outputs that tell of a removed resource
            go, too; a resource that refers to one stays and cannot be created, unless its
            Condition is false. Its Metadata names what was removed.
        creates: tells whether a resource type is created.
    """
    resources = template["Resources"]
    outputs = template["Outputs"] = template.get("Outputs") or {}
    types = {
        logical_id: resource["Type"]
        for logical_id, resource in resources.items()
        if not creates(resource["Type"])
    }
    conditions = {logical_id: resources.pop(logical_id).get("Condition") for logical_id in types}
    for resource in resources.values():
        _forget_order(resource, types)
    for name, output in list(outputs.items()):
        if types.keys() & set(references(output)):
            del outputs[name]
    if types:
        template["Metadata"] = {**(template.get("Metadata") or {}), MARK: sorted(types)}
    # CloudFormation tells which conditions hold by the outputs that there are.
    for logical_id, condition in conditions.items():
        if condition is not None:
            outputs[MARK + logical_id] = {"Condition": condition, "Value": condition}
            types[logical_id] += f"{_IF}{condition}"
    return tuple(types.items())


def asked_for(
    taken_out: tuple[tuple[str, str], ...], outputs: Mapping[str, str]
) -> tuple[tuple[str, str], ...]:
    """Leave out what the stack's conditions do not ask for, by the stack's outputs."""
    found = []
    for logical_id, described in taken_out:
        resource_type, _, condition = described.partition(_IF)
        if not condition or MARK + logical_id in outputs:
            found.append((logical_id, resource_type))
    return tuple(found)


def _forget_order(resource: dict[str, Any], types: Mapping[str, str]) -> None:
    depends_on = resource.pop("DependsOn", [])
    depends_on = [depends_on] if isinstance(depends_on, str) else depends_on
    kept = [name for name in depends_on if name not in types]
    if kept:
        resource["DependsOn"] = kept


def references(value: Any) -> Iterator[str]:
    """Yield the name in every Ref, Fn::GetAtt and Fn::Sub."""
    if isinstance(value, list):
        for item in value:
            yield from references(item)
    if not isinstance(value, dict):
        return
    for key, item in value.items():
        if key == "Ref":
            yield str(item)
        elif key == "Fn::GetAtt":
            yield (item if isinstance(item, str) else item[0]).partition(".")[0]
        elif key == "Fn::Sub":
            yield from _SUBSTITUTION.findall(item if isinstance(item, str) else item[0])
        yield from references(item)
