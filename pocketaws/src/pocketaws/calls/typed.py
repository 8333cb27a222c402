"""Text as what a shape of botocore asks for: "20" is 20 where a number is asked for.

Two places have text only: a template's parameters, which CloudFormation turns into what a property
asks for, and the forms, paths and queries of HTTP.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from botocore.model import ListShape, MapShape, Shape, StructureShape

_BOOLEANS: Final[Mapping[str, bool]] = {"true": True, "false": False}


def as_asked(value: Any, shape: Shape) -> Any:
    """Return a value with its text turned; what cannot be turned stays, for the rules to refuse."""
    if isinstance(shape, StructureShape) and isinstance(value, Mapping):
        return {
            name: as_asked(item, shape.members[name]) if name in shape.members else item
            for name, item in value.items()
            if item is not None
        }
    if isinstance(shape, ListShape) and isinstance(value, list):
        return [as_asked(item, shape.member) for item in value if item is not None]
    if isinstance(shape, MapShape) and isinstance(value, Mapping):
        return {name: as_asked(item, shape.value) for name, item in value.items()}
    convert = _CONVERSIONS.get(shape.type_name)
    return value if convert is None or isinstance(value, dict | list) else convert(value)


def _number(kind: Callable[[str], float]) -> Callable[[Any], Any]:
    def convert(value: Any) -> Any:
        if not isinstance(value, str):
            return value
        try:
            return kind(value)
        except ValueError:
            # Refused by the rules.
            return value

    return convert


def _boolean(value: Any) -> Any:
    return _BOOLEANS.get(value.lower(), value) if isinstance(value, str) else value


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


_CONVERSIONS: Final[Mapping[str, Callable[[Any], Any]]] = {
    "boolean": _boolean,
    "double": _number(float),
    "float": _number(float),
    "integer": _number(int),
    "long": _number(int),
    "string": _text,
}
