"""DynamoDB.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

# Members that hold AttributeValues by names.
_VALUES: Final = ("Item", "Key", "ExpressionAttributeValues", "ExclusiveStartKey")
_EXACTLY: Final = "must contain exactly one of the supported datatypes"
_NAME: Final = re.compile(r"[a-zA-Z0-9_.-]{3,255}")


def problems(operation: str, request: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield code and message of what DynamoDB refuses."""
    name = request.get("TableName")
    if operation == "CreateTable" and name is not None and not _NAME.fullmatch(name):
        yield (
            "ValidationException",
            (
                f"TableName {name!r} must be at least 3 characters long and at most 255 characters "
                "long, of letters, digits and the symbols _.-"
            ),
        )
    for member in _VALUES:
        for value in (request.get(member) or {}).values():
            yield from _value_problems(value)


def _value_problems(value: Any) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with an AttributeValue, and with those in it."""
    if not isinstance(value, dict):
        return
    if len(value) != 1:
        said = "has more than one datatypes set" if value else "is empty"
        yield "ValidationException", f"Supplied AttributeValue {said}, {_EXACTLY}"
        return
    ((kind, inner),) = value.items()
    if kind == "M" and isinstance(inner, dict):
        for item in inner.values():
            yield from _value_problems(item)
    elif kind == "L" and isinstance(inner, list):
        for item in inner:
            yield from _value_problems(item)
