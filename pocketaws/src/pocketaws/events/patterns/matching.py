"""Which events a pattern matches."""

import ipaddress
import itertools
import operator
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from pocketaws.events.patterns import wildcards
from pocketaws.events.patterns.operands import IGNORE_CASE, is_number
from pocketaws.events.patterns.rules import is_or

_ORDERS: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "=": operator.eq,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def matches(pattern: Mapping[str, Any], event: Any) -> bool:
    """Tell whether a pattern, which has been checked, matches an event or a part of one."""
    return all(_field_matches(name, value, event) for name, value in pattern.items())


def _field_matches(name: str, pattern: Any, event: Any) -> bool:
    if is_or(name, pattern):
        return any(matches(part, event) for part in pattern)
    value = event.get(name) if isinstance(event, dict) else None
    has = isinstance(event, dict) and name in event
    if isinstance(pattern, dict):
        # All that is asked of the members of a list must hold for the same one.
        return any(matches(pattern, member) for member in _members(value))
    leaves = list(_leaves(value)) if has else []
    return any(_matcher_holds(matcher, leaves) for matcher in pattern)


def _members(value: Any) -> Iterator[Any]:
    """Yield the objects of a value; one that has none is an empty object."""
    if isinstance(value, list):
        objects = list(_flat(value, dict))
        yield from objects or [{}]
    else:
        yield value if isinstance(value, dict) else {}


def _flat(values: list[Any], kind: type) -> Iterator[Any]:
    for value in values:
        if isinstance(value, list):
            yield from _flat(value, kind)
        elif isinstance(value, kind):
            yield value


def _leaves(value: Any) -> Iterator[Any]:
    """Yield what a field holds that is neither object nor list."""
    if isinstance(value, list):
        yield from itertools.chain.from_iterable(map(_leaves, value))
    elif not isinstance(value, dict):
        yield value


def _matcher_holds(matcher: Any, leaves: list[Any]) -> bool:
    if not isinstance(matcher, dict):
        return any(_equal(matcher, leaf) for leaf in leaves)
    name, operand = next(iter(matcher.items()))
    if name == "exists":
        return bool(leaves) is operand
    return any(_OPERATORS[name](operand, leaf) for leaf in leaves)


def _equal(expected: Any, value: Any) -> bool:
    """Compare as EventBridge does: 300 is not 300.0, and true is not 1."""
    return type(expected) is type(value) and expected == value


def _prefix(operand: Any, value: Any) -> bool:
    return isinstance(value, str) and _cased(operand, value)[1].startswith(
        _cased(operand, value)[0]
    )


def _suffix(operand: Any, value: Any) -> bool:
    return isinstance(value, str) and _cased(operand, value)[1].endswith(_cased(operand, value)[0])


def _cased(operand: Any, value: str) -> tuple[str, str]:
    if isinstance(operand, dict):
        return operand[IGNORE_CASE].casefold(), value.casefold()
    return operand, value


def _same_ignoring_case(operand: Any, value: Any) -> bool:
    return isinstance(value, str) and value.casefold() == operand.casefold()


def _wildcard(operand: Any, value: Any) -> bool:
    return isinstance(value, str) and wildcards.compiled(operand).fullmatch(value) is not None


def _cidr(operand: Any, value: Any) -> bool:
    try:
        return ipaddress.ip_address(value) in ipaddress.ip_network(operand, strict=False)
    except ValueError:
        return False


def _numeric(operand: Any, value: Any) -> bool:
    return is_number(value) and all(
        _ORDERS[sign](value, limit) for sign, limit in zip(operand[::2], operand[1::2], strict=True)
    )


def _anything_but(operand: Any, value: Any) -> bool:
    if isinstance(operand, dict):
        name, inner = next(iter(operand.items()))
        excluded = inner if isinstance(inner, list) else [inner]
        return isinstance(value, str) and not any(_OPERATORS[name](o, value) for o in excluded)
    excluded = operand if isinstance(operand, list) else [operand]
    return not any(_equal(item, value) for item in excluded)


_OPERATORS: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "prefix": _prefix,
    "suffix": _suffix,
    IGNORE_CASE: _same_ignoring_case,
    "wildcard": _wildcard,
    "cidr": _cidr,
    "numeric": _numeric,
    "anything-but": _anything_but,
}
