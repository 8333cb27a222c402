"""Operands of an event pattern's operators: each check says what is wrong, or returns None.

The words are those of the open library that EventBridge matches with:
https://github.com/aws/event-ruler
"""

import ipaddress
from collections.abc import Callable, Mapping
from typing import Any, Final

from pocketaws.events.patterns import wildcards

Check = Callable[[Any], str | None]

_LARGEST: Final = 5_000_000_000
_SIGNS: Final = ("=", "<", "<=", ">", ">=")
_LOWER: Final = (">", ">=")
_UPPER: Final = ("<", "<=")
IGNORE_CASE: Final = "equals-ignore-case"


def is_number(value: Any) -> bool:
    """Tell whether a value is a number, which true and false are not."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def is_literal(value: Any) -> bool:
    """Tell whether a value is matched as it is."""
    return value is None or isinstance(value, str | int | float)


def _text(name: str) -> Check:
    def check(operand: Any) -> str | None:
        return None if isinstance(operand, str) else f"{name} match pattern must be a string"

    return check


def _affix(name: str) -> Check:
    """Return the check of a prefix or suffix, which may ignore the case of its letters."""

    def check(operand: Any) -> str | None:
        if isinstance(operand, dict) and list(operand) == [IGNORE_CASE]:
            operand = operand[IGNORE_CASE]
        if not isinstance(operand, str):
            return f"{name} match pattern must be a string"
        return None if operand else f"Null {name} not allowed"

    return check


def _wildcard(operand: Any) -> str | None:
    if not isinstance(operand, str):
        return "wildcard match pattern must be a string"
    return wildcards.problem(operand)


def _exists(operand: Any) -> str | None:
    return (
        None if isinstance(operand, bool) else "exists match pattern must be either true or false."
    )


def _cidr(operand: Any) -> str | None:
    if not isinstance(operand, str):
        return "prefix match pattern must be a string"
    if operand.count("/") > 1:
        return "Malformed CIDR, only one '/' allowed"
    try:
        ipaddress.ip_network(operand, strict=False)
    except ValueError:
        return f"Malformed CIDR, cannot parse: {operand}"
    return None


def _numeric(operand: Any) -> str | None:
    if not isinstance(operand, list):
        return "Value of numeric must be an array."
    if len(operand) not in {2, 4}:
        return "Invalid range specification: an operator and a number, once or twice"
    limits = zip(operand[::2], operand[1::2], strict=True)
    reason = next(filter(None, (_limit(sign, limit) for sign, limit in limits)), None)
    return reason or (_range(operand) if len(operand) > 2 else None)  # noqa: PLR2004 - two limits


def _limit(sign: Any, limit: Any) -> str | None:
    if not isinstance(sign, str):
        return f"Invalid member in numeric match: {sign}"
    if sign not in _SIGNS:
        return f"Unrecognized numeric range operator: {sign}"
    if not is_number(limit):
        return f"Value of {sign} must be numeric"
    if abs(limit) > _LARGEST:
        return f"Value must be between {-_LARGEST} and {_LARGEST}, inclusive"
    return None


def _range(operand: list[Any]) -> str | None:
    lower, bottom, upper, top = operand
    if lower not in _LOWER or upper not in _UPPER:
        return "Bad numeric range operator: a lower and then an upper limit"
    return None if bottom < top else "Bottom must be less than top"


def _anything_but(operand: Any) -> str | None:
    if isinstance(operand, dict):
        return _anything_but_operator(operand)
    values = operand if isinstance(operand, list) else [operand]
    if not values:
        return "Empty arrays are not allowed"
    numbers = sum(map(is_number, values))
    texts = sum(isinstance(value, str) for value in values)
    if numbers + texts < len(values):
        return "Inside anything but list, start|null|boolean is not supported."
    if numbers and texts:
        return (
            "Inside anything but list, either all values are number or string, mixed type is not "
            "supported"
        )
    return None


def _anything_but_operator(operand: dict[str, Any]) -> str | None:
    if len(operand) != 1:
        return "Only one key allowed in anything-but"
    name, inner = next(iter(operand.items()))
    if name not in _INSIDE_ANYTHING_BUT:
        return f"Unsupported anything-but pattern: {name}"
    values = inner if isinstance(inner, list) else [inner]
    if not values:
        return "Empty arrays are not allowed"
    return next(filter(None, map(_INSIDE_ANYTHING_BUT[name], values)), None)


_INSIDE_ANYTHING_BUT: Final[Mapping[str, Check]] = {
    "prefix": _affix("prefix"),
    "suffix": _affix("suffix"),
    "wildcard": _wildcard,
    IGNORE_CASE: _text(IGNORE_CASE),
}
OPERATORS: Final[Mapping[str, Check]] = {
    "prefix": _affix("prefix"),
    "suffix": _affix("suffix"),
    IGNORE_CASE: _text(IGNORE_CASE),
    "wildcard": _wildcard,
    "exists": _exists,
    "cidr": _cidr,
    "numeric": _numeric,
    "anything-but": _anything_but,
}
