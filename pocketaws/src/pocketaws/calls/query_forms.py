"""The form of a request in AWS's query protocol, read by botocore's model of the call.

What botocore writes as `Tags.member.1.Key=a` is here a list of structures again.
https://smithy.io/2.0/aws/protocols/aws-query-protocol.html
"""

from collections.abc import Iterator, Mapping
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StructureShape

from pocketaws.calls.typed import as_asked


def form_parameters(form: Mapping[str, str], shape: StructureShape) -> dict[str, Any]:
    """Return the members of a request; fields that the call does not have are left out."""
    return dict(as_asked(_structure(_tree(form), shape), shape))


def _tree(form: Mapping[str, str]) -> dict[str, Any]:
    tree: dict[str, Any] = {}
    for key, value in form.items():
        *path, last = key.split(".")
        place = tree
        for step in path:
            branch = place.get(step)
            place[step] = branch if isinstance(branch, dict) else {}
            place = place[step]
        place[last] = value
    return tree


def _value(node: Any, shape: Shape) -> Any:
    # The protocol writes an empty list as an empty text.
    if isinstance(shape, ListShape):
        return list(_items(node, shape)) if isinstance(node, dict) else []
    if isinstance(shape, MapShape):
        return dict(_entries(node, shape)) if isinstance(node, dict) else {}
    if isinstance(shape, StructureShape):
        return _structure(node, shape) if isinstance(node, dict) else {}
    return node


def _structure(node: Mapping[str, Any], shape: StructureShape) -> dict[str, Any]:
    return {
        name: _value(node[wire], member)
        for name, member in shape.members.items()
        if (wire := _wire_name(name, member)) in node
    }


def _wire_name(name: str, member: Shape) -> str:
    if isinstance(member, ListShape) and member.serialization.get("flattened"):
        name = member.member.serialization.get("name", name)
    return str(member.serialization.get("name", name))


def _items(node: Mapping[str, Any], shape: ListShape) -> Iterator[Any]:
    if not shape.serialization.get("flattened"):
        node = node.get(shape.member.serialization.get("name", "member"), {})
    for item in _numbered(node):
        yield _value(item, shape.member)


def _entries(node: Mapping[str, Any], shape: MapShape) -> Iterator[tuple[str, Any]]:
    key_name = shape.key.serialization.get("name", "key")
    value_name = shape.value.serialization.get("name", "value")
    if not shape.serialization.get("flattened"):
        node = node.get("entry", {})
    for entry in _numbered(node):
        if isinstance(entry, dict) and key_name in entry:
            yield entry[key_name], _value(entry.get(value_name), shape.value)


def _numbered(node: Any) -> list[Any]:
    if not isinstance(node, dict):
        return []
    return [node[number] for number in sorted(filter(str.isdecimal, node), key=int)]
