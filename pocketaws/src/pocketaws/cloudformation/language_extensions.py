"""The transform AWS::LanguageExtensions: loops are written out, and policies get their values.

What a stack's values decide (`Fn::ToJsonString`, `Fn::Length`, a lookup's DefaultValue) is left to
the stack, the lookup by a name of its own, since the SAM transform knows none with a default.
cfn-lint has this transform, too, as a private part that guesses what it is not told, and brings
the schemas of all types with it; aws-sam-translator leaves it to CloudFormation.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/transform-aws-languageextensions.html
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from pocketaws.errors import DeploymentError

TRANSFORM: Final = "AWS::LanguageExtensions"
# A lookup in the mappings with what it gives where nothing is there.
LOOKUP: Final = "Fn::FindInMap::WithDefault"
_LOOP: Final = "Fn::ForEach"
_FIND: Final = "Fn::FindInMap"
_LOOP_PARTS: Final = 3
_WITH_DEFAULT: Final = 4
_POLICIES: Final = ("DeletionPolicy", "UpdateReplacePolicy")
_NOT_IN_IDS: Final = re.compile(r"[^A-Za-z0-9]")


def is_extended(template: Mapping[str, Any]) -> bool:
    """Tell whether a template asks for the transform."""
    return TRANSFORM in _transforms(template)


def extended(template: dict[str, Any], parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return a template as the transform leaves it; one that does not ask for it stays as it is.

    Args:
        template: of CloudFormation or SAM.
        parameters: their values by name; for the others the template's defaults hold.

    Raises:
        DeploymentError: there is a loop without the transform, or one that cannot be written out.
    """
    if not is_extended(template):
        for key in _loops(template):
            raise DeploymentError(
                f"{key} needs the transform {TRANSFORM}, which the template does not name"
            )
        return template
    values = {**_defaults(template), **parameters}
    written = _Loops(values, template.get("Mappings") or {}).written(template, {})
    for resource in (written.get("Resources") or {}).values():
        for name in _POLICIES:
            if isinstance(resource, dict) and isinstance(resource.get(name), dict):
                resource[name] = _policy(name, resource[name], values, template)
    left = [name for name in _transforms(template) if name != TRANSFORM]
    written.pop("Transform", None)
    return {**written, "Transform": left} if left else written


def _transforms(template: Mapping[str, Any]) -> list[Any]:
    named = template.get("Transform") or []
    return named if isinstance(named, list) else [named]


def _loops(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield from (str(key) for key in value if str(key).startswith(f"{_LOOP}::"))
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from _loops(item)


def _defaults(template: Mapping[str, Any]) -> dict[str, Any]:
    declared = template.get("Parameters") or {}
    return {
        name: slot["Default"]
        for name, slot in declared.items()
        if isinstance(slot, dict) and "Default" in slot
    }


class _Loops:
    """Writes loops out.

    Args:
        values: of parameters.
        mappings: of the template.
    """

    def __init__(self, values: Mapping[str, Any], mappings: Mapping[str, Any]) -> None:
        self._values = values
        self._mappings = mappings

    def written(self, value: Any, seen: Mapping[str, str]) -> Any:
        """Return a value with each loop written out, where identifiers stand for texts."""
        if isinstance(value, list):
            return [self.written(item, seen) for item in value]
        if isinstance(value, str):
            return _filled(value, seen)
        if not isinstance(value, dict):
            return value
        if set(value) == {"Ref"} and value["Ref"] in seen:
            return seen[value["Ref"]]
        found = value.get(_FIND)
        if isinstance(found, list) and len(found) == _WITH_DEFAULT:
            return {LOOKUP: self.written(found, seen)}
        members: dict[str, Any] = {}
        for key, item in value.items():
            if str(key).startswith(f"{_LOOP}::"):
                members |= self._repeated(key, item, seen)
            else:
                members[_filled(key, seen, in_ids=True)] = self.written(item, seen)
        return members

    def _repeated(self, key: str, loop: Any, seen: Mapping[str, str]) -> dict[str, Any]:
        if not isinstance(loop, list) or len(loop) != _LOOP_PARTS or not isinstance(loop[2], dict):
            raise DeploymentError(f"{key} must be a list: identifier, collection, what it repeats")
        identifier, collection, body = loop
        members: dict[str, Any] = {}
        for item in self._items(key, collection, seen):
            made = self.written(body, {**seen, str(identifier): item})
            twice = members.keys() & made.keys()
            if twice:
                raise DeploymentError(f"{key} makes {', '.join(sorted(twice))} more than once")
            members |= made
        return members

    def _items(self, key: str, collection: Any, seen: Mapping[str, str]) -> list[str]:
        found = self.written(collection, seen)
        if isinstance(found, dict):
            found = _known(found, self._values, self._mappings)
        if isinstance(found, str):
            found = [item.strip() for item in found.split(",")]
        if not isinstance(found, list):
            raise DeploymentError(
                f"{key}: the collection must be a list, a list parameter or a lookup of one"
            )
        items: list[str] = []
        for item in found:
            value = _known(item, self._values, self._mappings) if isinstance(item, dict) else item
            items += map(str, value) if isinstance(value, list) else [str(value)]
        return items


def _filled(text: Any, seen: Mapping[str, str], *, in_ids: bool = False) -> Any:
    """Return a text with what identifiers stand for; `&{X}` leaves out what ids may not have."""
    if not isinstance(text, str):
        return text
    for name, value in seen.items():
        plain = _NOT_IN_IDS.sub("", value)
        text = text.replace(f"&{{{name}}}", plain)
        text = text.replace(f"${{{name}}}", plain if in_ids and not _is_id(value) else value)
    return text


def _is_id(text: str) -> bool:
    return _NOT_IN_IDS.search(text) is None


def _known(value: Any, values: Mapping[str, Any], mappings: Mapping[str, Any]) -> Any:
    """Return what a reference to a parameter or a lookup gives; None where that is not known."""
    if not isinstance(value, dict):
        return value
    if set(value) == {"Ref"}:
        return values.get(value["Ref"])
    keys = value.get(LOOKUP, value.get(_FIND))
    if not isinstance(keys, list):
        return None
    found: Any = mappings
    for key in keys[: _WITH_DEFAULT - 1]:
        known = _known(key, values, mappings)
        found = found.get(str(known)) if isinstance(found, dict) else None
    if found is None and len(keys) == _WITH_DEFAULT:
        return _known(keys[-1]["DefaultValue"], values, mappings)
    return found


def _policy(name: str, value: Any, values: Mapping[str, Any], template: Mapping[str, Any]) -> str:
    found = _known(value, values, template.get("Mappings") or {})
    if not isinstance(found, str):
        raise DeploymentError(
            f"{name} must be a text, a reference to a parameter or a lookup in the mappings"
        )
    return found
