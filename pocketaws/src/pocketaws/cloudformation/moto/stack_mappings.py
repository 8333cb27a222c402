"""A stack's mappings: what a template looks up in them has to be there before anything is made.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-findinmap.html
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from moto.cloudformation import parsing
from moto.cloudformation.exceptions import ValidationError
from moto.cloudformation.parsing import ResourceMap

_FIND: Final = "Fn::FindInMap"
# The map's name and two keys; with a fourth there is a default.
_WITHOUT_DEFAULT: Final = 3


def check_mappings(stack: ResourceMap) -> None:
    """Look every key up that a stack will look up.

    Raises:
        ValidationError: one is not there, such as a region that the template does not know.
    """
    template = stack._template
    conditions = stack.lazy_condition_map
    there = [
        item
        for part in ("Resources", "Outputs")
        for item in template.get(part, {}).values()
        if "Condition" not in item or conditions[item["Condition"]]
    ]
    for keys in _lookups([template.get("Conditions", {}), there], conditions):
        _check(keys, stack)


def _lookups(value: Any, conditions: Mapping[str, bool]) -> Iterator[list[Any]]:
    if isinstance(value, list):
        for item in value:
            yield from _lookups(item, conditions)
    if not isinstance(value, dict):
        return
    if _FIND in value and len(value[_FIND]) == _WITHOUT_DEFAULT:
        yield value[_FIND]
    if "Fn::If" in value:
        condition, if_true, if_false = value["Fn::If"]
        yield from _lookups(if_true if conditions[condition] else if_false, conditions)
        return
    yield from _lookups(list(value.values()), conditions)


def _check(keys: list[Any], stack: ResourceMap) -> None:
    name, *path = [parsing.clean_json(key, stack) for key in keys]
    found = stack._parsed_resources.get(name)
    for key in path:
        if not isinstance(found, Mapping) or key not in found:
            text = "::".join(map(str, [name, *path]))
            raise ValidationError(message=f"Template error: Unable to get mapping for {text}")
        found = found[key]
