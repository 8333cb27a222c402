"""The least request that each operation takes, by botocore's model, with values that fit it."""

import re
from collections.abc import Iterator
from typing import Any

from botocore.model import ListShape, MapShape, OperationModel, Shape, StructureShape

_TEXTS = (
    "abc",
    "name-1",
    "arn:aws:iam::123456789012:role/abc",
    "arn:aws:sns:us-east-1:123456789012:abc",
    "arn:aws:sagemaker:us-east-1:123456789012:abc/abc",
    "arn:aws:states:us-east-1:123456789012:stateMachine:abc",
    "arn:aws:lambda:us-east-1:123456789012:function:abc",
    "s3://bucket/key",
    "123456789012",
    "1",
    "a.b",
    "/a",
    "{}",
    "https://a.b/c",
    "12345678-1234-1234-1234-123456789012",
    "2020-01-01",
    "us-east-1",
    "ml.m5.large",
    "a@b.co",
    "123456789012.dkr.ecr.us-east-1.amazonaws.com/a:1",
)
# Makes come before asking, and asking before an end.
_FIRST = ("Create", "Put", "Register", "Add", "Tag", "Set", "Start", "Enable", "Send", "Publish")
_LAST = ("Stop", "Disable", "Remove", "Untag", "Deregister", "Cancel", "Delete")


def in_order(names: list[str]) -> list[str]:
    """Return operations so that most find what they ask for."""

    def place(name: str) -> int:
        return -1 if name.startswith(_FIRST) else int(name.startswith(_LAST))

    return sorted(names, key=place)


def least_request(operation: OperationModel) -> dict[str, Any]:
    """Return the least request of an operation."""
    shape = operation.input_shape
    return {} if shape is None else _structure(shape, frozenset())


def _structure(shape: StructureShape, seen: frozenset[str]) -> dict[str, Any]:
    names = [] if shape.name in seen else list(shape.required_members)
    if getattr(shape, "is_tagged_union", False) and not names and shape.name not in seen:
        names = list(shape.members)[:1]
    return {name: _value(shape.members[name], seen | {shape.name}) for name in names}


def _value(shape: Shape, seen: frozenset[str]) -> Any:
    if isinstance(shape, StructureShape):
        return _structure(shape, seen)
    if isinstance(shape, ListShape):
        count = max(1, int(shape.metadata.get("min", 1)))
        return [] if shape.name in seen else [_value(shape.member, seen)] * count
    if isinstance(shape, MapShape):
        return {_text(shape.key): _value(shape.value, seen)}
    least = max(1, int(shape.metadata.get("min", 1)))
    plain = {
        "integer": least,
        "long": least,
        "float": float(least),
        "double": float(least),
        "boolean": True,
        "blob": b"x",
        "timestamp": 1_700_000_000,
    }
    return plain[shape.type_name] if shape.type_name in plain else _text(shape)


def _text(shape: Shape) -> str:
    words = getattr(shape, "enum", None)
    return words[0] if words else next(_fitting(shape), "abc")


def _fitting(shape: Shape) -> Iterator[str]:
    least, most = int(shape.metadata.get("min", 0)), int(shape.metadata.get("max", 10**9))
    pattern = shape.metadata.get("pattern", "")
    for text in _TEXTS:
        fits = (text * (least // len(text) + 1) if len(text) < least else text)[:most]
        if _matches(pattern, fits):
            yield fits
    # One of the right length, where none of the right form is known.
    yield ("a" * max(3, least))[:most]


def _matches(pattern: str, text: str) -> bool:
    try:
        return not pattern or re.fullmatch(pattern, text) is not None
    except re.error:
        # A pattern of Java's, such as one with \\p{L}.
        return True
