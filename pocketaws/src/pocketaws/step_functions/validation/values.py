"""Values of fields: each check says what is wrong with a value, or None."""

import math
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from pocketaws.step_functions.engine import intrinsics, jsonata_language, timestamps
from pocketaws.step_functions.engine.documents import is_number
from pocketaws.step_functions.engine.json_path import PathSyntaxError, parsed

Check = Callable[[Any], str | None]

_LONGEST_SECONDS: Final = 99_999_999
_ARN: Final = re.compile(r"arn:[\w-]+:[\w-]+:[\w-]*:\d*:.+", re.DOTALL)
_PLACEHOLDER: Final = re.compile(r"\$\{[\w.:-]+\}")
_VARIABLE: Final = re.compile(r"[^\W\d]\w{0,79}")


def text(value: Any) -> str | None:
    """Check a text."""
    return None if isinstance(value, str) else "Value must be a string"


def boolean(value: Any) -> str | None:
    """Check a true or false."""
    return None if isinstance(value, bool) else "Value must be a boolean"


def anything(_: Any) -> str | None:
    """Accept any JSON value."""
    return None


def one_of(*known: Any) -> Check:
    """Return a check of one of a few values."""

    def check(value: Any) -> str | None:
        shown = ", ".join(map(str, known))
        return None if value in known else f"Value is not valid. Allowed values are [{shown}]"

    return check


def whole(least: int, most: int = _LONGEST_SECONDS) -> Check:
    """Return a check of a whole number between two."""

    def check(value: Any) -> str | None:
        if not is_number(value) or value != int(value):
            return "Value must be an integer"
        if not least <= value <= most:
            return f"Value must be between {least} and {most}"
        return None

    return check


def number(least: float, most: float = float("inf")) -> Check:
    """Return a check of a number between two."""

    def check(value: Any) -> str | None:
        if not is_number(value):
            return "Value must be a number"
        if not least <= value <= most:
            shown = f" and at most {most}" if math.isfinite(most) else ""
            return f"Value must be at least {least}{shown}"
        return None

    return check


def path(value: Any) -> str | None:
    """Check a JSONPath."""
    if not isinstance(value, str):
        return "Value must be a string that is a JSONPath"
    try:
        parsed(value)
    except PathSyntaxError:
        return "Value is not a valid JSONPath"
    return None


def path_or_null(value: Any) -> str | None:
    """Check a JSONPath that may be null."""
    return None if value is None else path(value)


def reference_path(value: Any) -> str | None:
    """Check a path that a value can be written to."""
    if value is None:
        return None
    problem = path(value)
    if problem is not None:
        return problem
    found = parsed(value)
    if found.root != "$" or not found.reference:
        return "Value is not a Reference Path"
    return None


def path_or_intrinsic(value: Any) -> str | None:
    """Check what stands at a key that ends in `.$`."""
    if not isinstance(value, str) or not _is_query(value):
        return "must be a valid JSONPath or a valid intrinsic function call"
    return None


def _is_query(value: str) -> bool:
    try:
        if intrinsics.is_call(value):
            intrinsics.read(value)
        else:
            parsed(value)
    except ValueError:
        return False
    return True


def timestamp(value: Any) -> str | None:
    """Check a point in time."""
    return None if timestamps.read(value) is not None else "Value is not a valid RFC3339 timestamp"


def expression(value: Any) -> str | None:
    """Check the syntax of a text that is, or looks like, an expression of JSONata."""
    if not isinstance(value, str):
        return None
    opened, closed = value.startswith("{%"), value.endswith("%}")
    if opened != closed:
        return "A JSONata expression must begin with '{%' and end with '%}'"
    problem = jsonata_language.syntax_problem(value) if opened else None
    return None if problem is None else f"The JSONata expression is not valid: {problem}"


def or_expression(check: Check) -> Check:
    """Return a check of a value that may also be an expression of JSONata."""

    def either(value: Any) -> str | None:
        if jsonata_language.is_expression(value):
            return expression(value)
        return check(value)

    return either


def only_expression(value: Any) -> str | None:
    """Check a value that must be an expression of JSONata."""
    if not jsonata_language.is_expression(value):
        return "Value must be a JSONata expression"
    return expression(value)


def resource(value: Any, *, placeholders: bool) -> str | None:
    """Check the ARN of a task's resource.

    Args:
        value: of the field.
        placeholders: whether a substitution may still stand for it, or for a part of it.
    """
    if isinstance(value, str) and (
        _ARN.fullmatch(value) or (placeholders and _PLACEHOLDER.search(value))
    ):
        return None
    return "Value is not a valid resource ARN"


def variable_name(name: str) -> str | None:
    """Check the name of a variable."""
    if name == "states" or not _VARIABLE.fullmatch(name):
        return f"'{name}' is not a valid variable name"
    return None


Checks = Mapping[str, Check]
