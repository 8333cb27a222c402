"""The JSONPath of a transform job's filters, as far as SageMaker has it.

https://docs.aws.amazon.com/sagemaker/latest/dg/batch-transform-data-processing.html
"""

import re
from collections.abc import Iterator
from typing import Any, Final

from pocketaws.errors import ServiceError

_STEP: Final = re.compile(
    r"\.(?P<name>[\w-]+)|\.\*|\[(?P<inside>'[^']*'(?:,'[^']*')*|\"[^\"]*\"|\*|[-\d,: ]+)\]"
)
_NAME: Final = re.compile(r"'([^']*)'|\"([^\"]*)\"")


def check_path(member: str, path: str) -> None:
    """Refuse a path that SageMaker would refuse.

    Raises:
        ServiceError: with its code.
    """
    if _steps(path) is None:
        raise ServiceError(
            "ValidationException",
            f"Value {path!r} at 'dataProcessing.{member}' is no JSONPath that a transform job "
            "knows: $, .name, ['name'], [0], [1,2], [-1], [1:], [*]",
        )


def selected(record: Any, path: str) -> Any:
    """Return what a path selects of a record; what is not there is left out.

    Args:
        record: a list of a row's fields, or a JSON document.
        path: that was checked; "$" is all.
    """
    values, several = [record], False
    for match in _steps(path) or ():
        several = several or _is_several(match)
        values = [found for value in values for found in _children(value, match)]
    if several:
        return values
    return values[0] if values else None


def _steps(path: str) -> list[re.Match[str]] | None:
    if not path.startswith("$"):
        return None
    found, at = [], 1
    while at < len(path):
        match = _STEP.match(path, at)
        if match is None:
            return None
        found.append(match)
        at = match.end()
    return found


def _is_several(match: re.Match[str]) -> bool:
    inside = match["inside"]
    if inside is None:
        return match["name"] is None
    return inside == "*" or "," in inside or ":" in inside


def _children(value: Any, match: re.Match[str]) -> Iterator[Any]:
    name, inside = match["name"], match["inside"]
    if name is not None:
        yield from _named(value, [name])
    elif inside is None or inside == "*":
        yield from value.values() if isinstance(value, dict) else value
    elif inside[0] in "'\"":
        yield from _named(value, [one or other for one, other in _NAME.findall(inside)])
    elif isinstance(value, list):
        yield from _indexed(value, inside)


def _named(value: Any, names: list[str]) -> Iterator[Any]:
    for name in names:
        if isinstance(value, dict) and name in value:
            yield value[name]


def _indexed(value: list[Any], inside: str) -> Iterator[Any]:
    for part in inside.split(","):
        if ":" in part:
            bounds = [int(bound) if bound.strip() else None for bound in part.split(":")]
            yield from value[slice(*bounds)]
        elif -len(value) <= int(part) < len(value):
            yield value[int(part)]
