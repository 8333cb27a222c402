"""The comparisons of a Choice state in the JSONPath language.

https://docs.aws.amazon.com/step-functions/latest/dg/state-choice.html
"""

import functools
import operator
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from pocketaws.step_functions.engine import timestamps
from pocketaws.step_functions.engine.documents import is_number
from pocketaws.step_functions.engine.errors import StateError, runtime_error
from pocketaws.step_functions.engine.json_path import NoMatch, find_in

Rule = Mapping[str, Any]

_ORDERS: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "Equals": operator.eq,
    "LessThan": operator.lt,
    "GreaterThan": operator.gt,
    "LessThanEquals": operator.le,
    "GreaterThanEquals": operator.ge,
}
_KINDS: Final[Mapping[str, Callable[[Any], Any]]] = {
    "String": lambda value: value.encode("utf-16-be") if isinstance(value, str) else None,
    "Numeric": lambda value: value if is_number(value) else None,
    "Timestamp": timestamps.read,
}
_TESTS: Final[Mapping[str, Callable[[Any], bool]]] = {
    "IsNull": lambda value: value is None,
    "IsNumeric": is_number,
    "IsString": lambda value: isinstance(value, str),
    "IsBoolean": lambda value: isinstance(value, bool),
    "IsTimestamp": lambda value: timestamps.read(value) is not None,
}


def _ordered(kind: str, order: str) -> Callable[[Any, Any], bool]:
    as_kind, compare = _KINDS[kind], _ORDERS[order]

    def holds(value: Any, operand: Any) -> bool:
        left, right = as_kind(value), as_kind(operand)
        return left is not None and right is not None and compare(left, right)

    return holds


def _boolean_equals(value: Any, operand: Any) -> bool:
    return isinstance(value, bool) and value is operand


COMPARISONS: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    **{f"{kind}{order}": _ordered(kind, order) for kind in _KINDS for order in _ORDERS},
    "BooleanEquals": _boolean_equals,
}
MATCHES: Final = "StringMatches"
IS_PRESENT: Final = "IsPresent"
TESTS: Final = frozenset({*_TESTS, IS_PRESENT})


def holds(rule: Rule, roots: Mapping[str, Any]) -> bool:
    """Tell whether a rule's condition holds.

    Args:
        rule: of the Choices.
        roots: what its paths begin at.

    Raises:
        StateError: a path finds nothing; only IsPresent asks for that.
    """
    if "And" in rule:
        return all(holds(part, roots) for part in rule["And"])
    if "Or" in rule:
        return any(holds(part, roots) for part in rule["Or"])
    if "Not" in rule:
        return not holds(rule["Not"], roots)
    return _comparison_holds(rule, roots)


def _comparison_holds(rule: Rule, roots: Mapping[str, Any]) -> bool:
    sign = next(key for key in rule if is_comparison(key))
    operand = rule[sign]
    if sign == IS_PRESENT:
        return _is_present(rule["Variable"], roots) is operand
    value = _find(rule["Variable"], roots)
    if sign in _TESTS:
        return _TESTS[sign](value) is operand
    if sign == MATCHES:
        return isinstance(value, str) and _pattern(operand).fullmatch(value) is not None
    if sign.endswith("Path"):
        return COMPARISONS[sign.removesuffix("Path")](value, _find(operand, roots))
    return COMPARISONS[sign](value, operand)


def is_comparison(key: str) -> bool:
    """Tell whether a rule's key is a comparison."""
    return key in TESTS or key == MATCHES or key.removesuffix("Path") in COMPARISONS


def _is_present(path: str, roots: Mapping[str, Any]) -> bool:
    try:
        find_in(path, roots)
    except NoMatch:
        return False
    return True


def _find(path: str, roots: Mapping[str, Any]) -> Any:
    try:
        return find_in(path, roots)
    except NoMatch as error:
        raise _invalid(path) from error


def _invalid(path: str) -> StateError:
    return runtime_error(
        f"Invalid path '{path}': The choice state's condition path references an invalid value."
    )


@functools.lru_cache(maxsize=1024)
def _pattern(text: str) -> re.Pattern[str]:
    r"""Read StringMatches: `*` is anything, `\*` a star, `\\` a backslash."""
    parts = re.findall(r"\\(?:\*|\\)|.", text, re.DOTALL)
    return re.compile("".join(map(_pattern_part, parts)), re.DOTALL)


def _pattern_part(part: str) -> str:
    return ".*" if part == "*" else re.escape(part[-1])
