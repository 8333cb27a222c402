"""What CloudFormation refuses of a template before it makes anything, in its words.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-anatomy.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/troubleshooting.html
"""

import re
from collections.abc import Callable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from typing import Any, Final, NamedTuple

from pocketaws.cloudformation.known_types import is_known
from pocketaws.cloudformation.not_created import MARK

_SECTIONS: Final = {
    "AWSTemplateFormatVersion",
    "Conditions",
    "Description",
    "Hooks",
    "Mappings",
    "Metadata",
    "Outputs",
    "Parameters",
    "Resources",
    "Rules",
    "Transform",
}
_ATTRIBUTES: Final = {
    "Condition",
    "CreationPolicy",
    "DeletionPolicy",
    "DependsOn",
    "Metadata",
    "Properties",
    "Type",
    "UpdatePolicy",
    "UpdateReplacePolicy",
}
_VERSION: Final = "2010-09-09"
_FORMAT: Final = "Template format error:"
# Begins AWS's own parameters, and what a macro or a loop puts in.
_PSEUDO: Final = "AWS::"
_FUNCTION: Final = "Fn::"
_SUBSTITUTION: Final = re.compile(r"\$\{([^{}!][^{}]*)\}")

Holds = Callable[[str], bool]


class Reference(NamedTuple):
    """A name that a template refers to.

    Attributes:
        attribute: that an Fn::GetAtt asks for; None of a Ref and of DependsOn.
    """

    name: str
    attribute: str | None = None


def rule_problems(template: Any) -> Iterator[str]:
    """Yield what CloudFormation refuses of a template, whatever its parameters are.

    Args:
        template: plain CloudFormation, its macros done.
    """
    if not isinstance(template, dict):
        yield f"{_FORMAT} unsupported structure."
        return
    resources = template.get("Resources")
    if not isinstance(resources, dict) or not resources:
        yield f"{_FORMAT} At least one Resources member must be defined."
        return
    shape = [*_section_problems(template), *_resource_problems(resources), *_outputs(template)]
    yield from shape
    if not shape:
        yield from _name_problems(template)
        yield from _condition_problems(template)


def absent(template: Mapping[str, Any], holds: Holds) -> Iterator[str]:
    """Yield what CloudFormation refuses once it knows which conditions hold.

    Args:
        template: plain CloudFormation.
        holds: tells of a condition whether it holds.
    """
    there = present(template["Resources"], holds)
    left_out = template["Resources"].keys() - there.keys()
    for section, items in (
        ("Resources", there),
        ("Outputs", present(template.get("Outputs") or {}, holds)),
    ):
        # To wait for what is not made is to wait for nothing.
        named = {
            item.name
            for one in items.values()
            for item in references({**one, "Metadata": None}, holds)
        }
        wrong = sorted(named & left_out)
        if wrong:
            yield _unresolved(wrong, section)
    circle = _circle(there, holds)
    if circle:
        yield f"Circular dependency between resources: [{', '.join(sorted(circle))}]"


def present(items: Mapping[str, Any], holds: Holds) -> dict[str, Any]:
    """Return the resources or outputs of a template whose conditions hold."""
    return {
        name: item
        for name, item in items.items()
        if "Condition" not in item or holds(item["Condition"])
    }


def references(value: Any, holds: Holds | None = None) -> Iterator[Reference]:
    """Yield what a part of a template refers to, AWS's own parameters aside.

    Args:
        value: such as a resource's properties.
        holds: tells of a condition whether it holds; None takes both sides of each Fn::If.
    """
    if isinstance(value, list):
        for item in value:
            yield from references(item, holds)
    if not isinstance(value, dict):
        return
    if holds is not None and "Fn::If" in value and len(value["Fn::If"]) == 3:  # noqa: PLR2004
        condition, if_true, if_false = value["Fn::If"]
        yield from references(if_true if holds(condition) else if_false, holds)
        return
    for key, item in value.items():
        yield from _own_references(key, item)
        yield from references(item, holds)


def _own_references(key: str, item: Any) -> Iterator[Reference]:
    if key == "Ref" and isinstance(item, str):
        named = [Reference(item)]
    elif key == "Fn::GetAtt":
        named = [_attribute(item)] if isinstance(item, str | list) and item else []
    elif key == "Fn::Sub":
        named = list(_substituted(item))
    else:
        named = []
    yield from (one for one in named if not one.name.startswith(_PSEUDO))


def _attribute(item: Any) -> Reference:
    name, *path = item.split(".") if isinstance(item, str) else map(str, item)
    return Reference(name, ".".join(path))


def _substituted(item: Any) -> Iterator[Reference]:
    text, variables = (item[0], item[1]) if isinstance(item, list) else (item, {})
    for found in _SUBSTITUTION.findall(str(text)):
        name, dot, path = found.strip().partition(".")
        if found.strip() not in variables:
            yield Reference(name, path if dot else None)


def _all_references(items: Any, holds: Holds | None) -> Iterator[Reference]:
    for item in items:
        depends_on = item.get("DependsOn", [])
        yield from map(Reference, [depends_on] if isinstance(depends_on, str) else depends_on)
        yield from references({key: item[key] for key in item if key != "Metadata"}, holds)


def _section_problems(template: Mapping[str, Any]) -> Iterator[str]:
    unknown = sorted(template.keys() - _SECTIONS)
    if unknown:
        yield f"Invalid template property or properties [{', '.join(map(str, unknown))}]"
    if template.get("AWSTemplateFormatVersion", _VERSION) != _VERSION:
        yield f"{_FORMAT} unsupported value for AWSTemplateFormatVersion."
    for section in ("Parameters", "Resources", "Conditions", "Outputs"):
        for path in _nulls(template.get(section) or {}, f"/{section}"):
            yield f"{_FORMAT} [{path}] 'null' values are not allowed in templates"
    for name, slot in (template.get("Parameters") or {}).items():
        if not isinstance(slot, dict) or "Type" not in slot:
            yield (
                f"{_FORMAT} Every Parameters object must contain a Type member, and {name} has "
                "none."
            )


def _nulls(value: Any, path: str) -> Iterator[str]:
    if value is None:
        yield path
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _nulls(item, f"{path}/{key}")
    elif isinstance(value, list):
        for place, item in enumerate(value):
            yield from _nulls(item, f"{path}/{place}")


def _resource_problems(resources: Mapping[str, Any]) -> Iterator[str]:
    for logical_id, resource in resources.items():
        if logical_id.startswith(_FUNCTION):
            continue
        if not isinstance(resource, dict) or not isinstance(resource.get("Type"), str):
            yield (
                f"{_FORMAT} [/Resources/{logical_id}] Every Resources object must contain a Type "
                "member."
            )
            continue
        unknown = sorted(map(str, resource.keys() - _ATTRIBUTES))
        if unknown:
            yield f"Invalid template resource property '{', '.join(unknown)}'"
    types = {resource.get("Type") for resource in resources.values() if isinstance(resource, dict)}
    unrecognized = sorted(name for name in types if isinstance(name, str) and not is_known(name))
    if unrecognized:
        yield f"{_FORMAT} Unrecognized resource types: [{', '.join(unrecognized)}]"


def _outputs(template: Mapping[str, Any]) -> Iterator[str]:
    for name, output in (template.get("Outputs") or {}).items():
        if not isinstance(output, dict) or "Value" not in output:
            yield (
                f"{_FORMAT} Every Outputs member must contain a Value object, and {name} has none."
            )


def _name_problems(template: Mapping[str, Any]) -> Iterator[str]:
    parameters = template.get("Parameters") or {}
    left_out = (template.get("Metadata") or {}).get(MARK, [])
    resources = dict.fromkeys([*template["Resources"], *left_out])
    for section in ("Resources", "Outputs"):
        items = [item for item in (template.get(section) or {}).values() if isinstance(item, dict)]
        found = set(_all_references(items, None))
        asked = {one.name for one in found if one.attribute is not None}
        for name in sorted(asked - resources.keys()):
            yield f"Template error: instance of Fn::GetAtt references undefined resource {name}"
        named = {one.name for one in found if one.attribute is None}
        unknown = sorted(named - resources.keys() - parameters.keys())
        if unknown:
            yield _unresolved(unknown, section)
    yield from _condition_references(template.get("Conditions") or {}, parameters.keys())


def _unresolved(names: list[str], section: str) -> str:
    return (
        f"{_FORMAT} Unresolved resource dependencies [{', '.join(names)}] in the {section} block "
        "of the template"
    )


def _condition_references(
    conditions: Mapping[str, Any], parameters: AbstractSet[str]
) -> Iterator[str]:
    unknown = sorted({one.name for one in references(conditions)} - parameters)
    if unknown:
        yield (
            f"{_FORMAT} Unresolved dependencies [{', '.join(unknown)}]. Cannot reference resources "
            "in the Conditions block of the template"
        )


def _condition_problems(template: Mapping[str, Any]) -> Iterator[str]:
    known = (template.get("Conditions") or {}).keys()
    for section in ("Resources", "Outputs"):
        items = [item for item in (template.get(section) or {}).values() if isinstance(item, dict)]
        named = {str(item["Condition"]) for item in items if "Condition" in item}
        for name in sorted(named - known):
            yield (
                f"{_FORMAT} Unresolved condition dependency {name} in the {section} block of the "
                "template"
            )
    for name in sorted(set(_asked_conditions(template)) - known):
        yield f"Template error: unresolved condition dependency {name} in Fn::If"


def _asked_conditions(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for item in value:
            yield from _asked_conditions(item)
    if isinstance(value, dict):
        asked = value.get("Fn::If")
        if isinstance(asked, list) and asked:
            yield str(asked[0])
        for item in value.values():
            yield from _asked_conditions(item)


def _circle(resources: Mapping[str, Any], holds: Holds) -> set[str]:
    """Return the resources that wait for each other; empty where each can be made in its turn."""
    waiting = {
        name: {one.name for one in _all_references([item], holds)} & resources.keys()
        for name, item in resources.items()
    }
    while True:
        ready = {name for name, needed in waiting.items() if not needed & waiting.keys()}
        if not ready:
            return _needed_by_others(waiting)
        for name in ready:
            del waiting[name]


def _needed_by_others(waiting: Mapping[str, set[str]]) -> set[str]:
    """Leave out what only waits for a circle and is in none."""
    left = dict(waiting)
    while True:
        needed = set().union(*left.values()) if left else set()
        idle = left.keys() - needed
        if not idle:
            return set(left)
        for name in idle:
            del left[name]
