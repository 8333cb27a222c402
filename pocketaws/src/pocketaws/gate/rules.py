"""Refuse a request that AWS would refuse, by botocore's own model of the call.

Clients check types and required members only; names' patterns, lengths, ranges and enumerations
are checked by the service. moto checks few of them, so this does.
"""

import functools
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import regex
from botocore.model import ListShape, MapShape, Shape, StructureShape

from pocketaws.service_models import operation_model

# All of them, but for the last where a word in small letters begins with it.
_LEADING_CAPITALS = re.compile(r"^[A-Z]+(?=[A-Z][a-z])|^[A-Z]+")

# How much of a value an error shows.
_SHOWN_MAXIMUM: Final = 1000
# Stands for a value that somebody adds later.
_ANYTHING: Final = object()

_PYTHON_TYPES: dict[str, Any] = {
    "string": str,
    "integer": int,
    "long": int,
    "boolean": bool,
    "float": (int, float),
    "double": (int, float),
    "structure": dict,
    "map": dict,
    "list": list,
}


def request_problems(
    service: str,
    operation: str,
    request: Any,
    *,
    partial: bool = False,
    open_ended: bool = False,
) -> list[str]:
    """Return what is wrong with a request, in the words of AWS; empty when nothing is.

    Args:
        service: botocore's name of the service, such as "sagemaker".
        operation: such as "CreateTrainingJob".
        request: the parsed JSON body.
        partial: what the call requires may be missing; below the first level it may not.
        open_ended: what the call does not have is ignored, as most services do.
    """
    model = operation_model(service, operation)
    if model is None or model.input_shape is None:
        return []
    shape = model.input_shape
    if partial and isinstance(request, dict):
        request = {**dict.fromkeys(shape.required_members, _ANYTHING), **request}
    return list(_ShapeRules(open_ended=open_ended).problems(request, shape, ""))


def unknown_fields(
    parameters: Any, shape: Shape, path: str = "", *, named: Callable[[str], str] = str
) -> Iterator[str]:
    """Yield the path of every field that a shape does not have.

    Keys may carry the `.$` of the Amazon States Language; what stands behind them is only known
    at run time, so nothing below them is looked at.

    Args:
        parameters: of a state.
        shape: of the request.
        path: of the parameters.
        named: gives the name that a member of a structure goes by.
    """
    if isinstance(shape, StructureShape) and isinstance(parameters, dict):
        members = {named(name): member for name, member in shape.members.items()}
        for key, value in parameters.items():
            member = members.get(key.removesuffix(".$"))
            if member is None:
                yield f"{path}/{key}"
            elif not key.endswith(".$"):
                yield from unknown_fields(value, member, f"{path}/{key}", named=named)
    elif isinstance(shape, ListShape) and isinstance(parameters, list):
        for index, item in enumerate(parameters):
            yield from unknown_fields(item, shape.member, f"{path}[{index}]", named=named)
    elif isinstance(shape, MapShape) and isinstance(parameters, dict):
        for key, value in parameters.items():
            if not key.endswith(".$"):
                yield from unknown_fields(value, shape.value, f"{path}/{key}", named=named)


def java_name(name: str) -> str:
    """Return the name that a member has in the AWS SDK for Java, in Pascal case.

    Leading capitals are an acronym: `SSEKMSKeyId` is `SsekmsKeyId`, `dbName` is `DbName`; the rest
    stays as it is, so that `SupportedResponseMIMETypes` is itself.
    https://github.com/aws/aws-sdk-java-v2 (codegen, Utils.unCapitalize; DynamoDB's
    customization.config renames NULL, which is a word of Java)
    """
    if name == "NULL":
        return "Nul"
    return name[0].upper() + _LEADING_CAPITALS.sub(lambda match: match[0].lower(), name)[1:]


@dataclass(frozen=True)
class _ShapeRules:
    """Holds a value against a shape, and what is in it against the shape's members."""

    open_ended: bool

    def problems(self, value: Any, shape: Shape, path: str) -> Iterator[str]:
        expected = _PYTHON_TYPES.get(shape.type_name)
        if value is _ANYTHING:
            return
        if expected and (
            not isinstance(value, expected) or (isinstance(value, bool) and expected is not bool)
        ):
            text = f"Value {_shown(value)} at '{path}' has the wrong type"
            yield f"{text}: expected {shape.type_name}"
        elif isinstance(shape, StructureShape):
            yield from self._structure_problems(value, shape, path)
        elif isinstance(shape, ListShape):
            yield from _constraint_problems(len(value), value, shape, path)
            for index, item in enumerate(value):
                yield from self.problems(item, shape.member, f"{path}.{index + 1}.member")
        elif isinstance(shape, MapShape):
            yield from _constraint_problems(len(value), value, shape, path)
            for key, item in value.items():
                yield from self.problems(key, shape.key, f"{path}.{key}")
                yield from self.problems(item, shape.value, f"{path}.{key}")
        elif isinstance(value, str):
            yield from _text_problems(value, shape, path)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            yield from _constraint_problems(value, value, shape, path)

    def _structure_problems(
        self, value: dict[str, Any], shape: StructureShape, path: str
    ) -> Iterator[str]:
        for name in shape.required_members:
            if value.get(name) is None:
                yield (
                    f"Value null at '{_join(path, name)}' failed to satisfy constraint: "
                    "Member must not be null"
                )
        for name, item in value.items():
            if name in shape.members:
                if item is not None:
                    yield from self.problems(item, shape.members[name], _join(path, name))
            elif not self.open_ended:
                yield f"Unknown field '{_join(path, name)}'; known are {', '.join(shape.members)}"


def _text_problems(value: str, shape: Shape, path: str) -> Iterator[str]:
    yield from _constraint_problems(len(value), value, shape, path)
    enum = getattr(shape, "enum", None)
    if enum and value not in enum:
        shown = ", ".join(enum[:8]) + (", ..." if len(enum) > 8 else "")  # noqa: PLR2004
        yield (
            f"Value {_shown(value)} at '{path}' failed to satisfy constraint: "
            f"Member must satisfy enum value set: [{shown}]"
        )
    pattern = shape.metadata.get("pattern")
    if pattern and not _compiled(pattern).fullmatch(value):
        yield (
            f"Value {_shown(value)} at '{path}' failed to satisfy constraint: "
            f"Member must satisfy regular expression pattern: {pattern}"
        )


def _constraint_problems(size: float, value: Any, shape: Shape, path: str) -> Iterator[str]:
    kind = "value" if size is value else "length"
    minimum, maximum = shape.metadata.get("min"), shape.metadata.get("max")
    if minimum is not None and size < minimum:
        yield (
            f"Value {_shown(value)} at '{path}' failed to satisfy constraint: "
            f"Member must have {kind} greater than or equal to {minimum}"
        )
    if maximum is not None and size > maximum:
        yield (
            f"Value {_shown(value)} at '{path}' failed to satisfy constraint: "
            f"Member must have {kind} less than or equal to {maximum}"
        )


@functools.cache
def _compiled(pattern: str) -> regex.Pattern[str]:
    # The models' patterns are Java's; `regex` knows \p{L} and `re` does not.
    return regex.compile(pattern)


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= _SHOWN_MAXIMUM else f"{text[:_SHOWN_MAXIMUM]}..."


def _join(path: str, name: str) -> str:
    name = name[0].lower() + name[1:]
    return f"{path}.{name}" if path else name
