"""Conditions of policy statements.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

import fnmatch
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from pocketaws.errors import LocalRuntimeError

_IF_EXISTS: Final = "IfExists"

Operator = Callable[[str, str], bool]


def like(pattern: str, text: str) -> bool:
    """Tell whether a text fits a pattern of a policy: `*` any characters, `?` one."""
    if "?" in pattern or pattern.count("*") > 1:
        # fnmatch knows brackets, too; policies do not.
        return fnmatch.fnmatchcase(text, pattern.replace("[", "[[]"))
    # Most patterns are plain; compiling each as an expression took longer than deciding by it.
    head, star, tail = pattern.partition("*")
    if not star:
        return pattern == text
    return text.startswith(head) and text.endswith(tail) and len(text) >= len(head) + len(tail)


def _equal(expected: str, actual: str) -> bool:
    return expected == actual


def _equal_ignoring_case(expected: str, actual: str) -> bool:
    return expected.lower() == actual.lower()


def _number(compare: Callable[[float, float], bool]) -> Operator:
    def holds(expected: str, actual: str) -> bool:
        try:
            return compare(float(actual), float(expected))
        except ValueError:
            return False

    return holds


# Whether one value of the policy fits one of the request.
_OPERATORS: Final[Mapping[str, Operator]] = {
    "StringEquals": _equal,
    "StringEqualsIgnoreCase": _equal_ignoring_case,
    "StringLike": like,
    "ArnEquals": like,
    "ArnLike": like,
    "Bool": _equal_ignoring_case,
    "NumericEquals": _number(operator.eq),
    "NumericGreaterThan": _number(operator.gt),
    "NumericGreaterThanEquals": _number(operator.ge),
    "NumericLessThan": _number(operator.lt),
    "NumericLessThanEquals": _number(operator.le),
}
_NEGATIONS: Final[Mapping[str, str]] = {
    "StringNotEquals": "StringEquals",
    "StringNotEqualsIgnoreCase": "StringEqualsIgnoreCase",
    "StringNotLike": "StringLike",
    "ArnNotEquals": "ArnEquals",
    "ArnNotLike": "ArnLike",
    "NumericNotEquals": "NumericEquals",
}
# Of several values, of which a key has one here: with none, the first holds and the second not.
_FOR_ALL: Final = "ForAllValues:"
_FOR_ANY: Final = "ForAnyValue:"
_VARIABLE: Final = re.compile(r"\$\{[^*?$]")


def fulfilled(conditions: Mapping[str, Mapping[str, Any]], context: Mapping[str, str]) -> bool:
    """Tell whether all conditions of a statement are fulfilled.

    Args:
        conditions: of the statement, by operator and key.
        context: of the request, by key; a key has one value.

    Raises:
        LocalRuntimeError: an operator or a policy variable that is not known here.
    """
    known = {key.lower(): value for key, value in context.items()}
    return all(
        _holds(name, values_of(expected), known.get(key.lower()))
        for name, by_key in conditions.items()
        for key, expected in by_key.items()
    )


def values_of(element: Any) -> list[str]:
    """Return an element of a policy, one value or several, as texts."""
    values: Sequence[Any] = element if isinstance(element, list) else [element]
    # A template's true is the text "true" in IAM's JSON.
    return [str(value).lower() if isinstance(value, bool) else str(value) for value in values]


def _holds(name_given: str, expected: list[str], actual: str | None) -> bool:
    known_as = name_given.removeprefix(_FOR_ALL).removeprefix(_FOR_ANY)
    if actual is None and known_as != name_given:
        return name_given.startswith(_FOR_ALL)
    if known_as == "Null":
        return (actual is None) == (expected == ["true"])
    name = known_as.removesuffix(_IF_EXISTS)
    positive = _NEGATIONS.get(name, name)
    if positive not in _OPERATORS:
        known = ", ".join([*_OPERATORS, *_NEGATIONS, "Null"])
        raise LocalRuntimeError(
            f"the local runtime does not know the condition operator {name_given!r} of a policy; "
            f"it knows {known}, each with {_IF_EXISTS}"
        )
    if any(_VARIABLE.search(value) for value in expected):
        raise LocalRuntimeError(
            f"the local runtime does not know policy variables, such as one in {expected}"
        )
    if actual is None:
        return known_as.endswith(_IF_EXISTS) or name in _NEGATIONS
    fits = any(_OPERATORS[positive](value, actual) for value in expected)
    return fits != (name in _NEGATIONS)
