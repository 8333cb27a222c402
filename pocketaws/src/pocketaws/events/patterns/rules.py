"""What EventBridge refuses in an event pattern."""

import json
from typing import Any, Final

from pocketaws.events.patterns.operands import OPERATORS, is_literal

OR: Final = "$or"


def read(text: str) -> dict[str, Any]:
    """Return a pattern.

    Raises:
        ValueError: with the reason why EventBridge refuses it.
    """
    try:
        pattern = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValueError("Invalid JSON") from error
    reason = problem(pattern)
    if reason is not None:
        raise ValueError(reason)
    return dict(pattern)


def problem(pattern: Any) -> str | None:
    """Return why a pattern is refused, or None."""
    if not isinstance(pattern, dict):
        return "Filter is not an object"
    if not pattern:
        return "Empty objects are not allowed"
    for name, value in pattern.items():
        reason = _or_problem(value) if is_or(name, value) else _value_problem(name, value)
        if reason is not None:
            return reason
    return None


def is_or(name: str, value: Any) -> bool:
    """Tell whether a key joins patterns, one of which must match; else it is a field's name."""
    return name == OR and isinstance(value, list) and all(isinstance(v, dict) for v in value)


def _or_problem(patterns: list[Any]) -> str | None:
    if len(patterns) < 2:  # noqa: PLR2004 - there must be a choice
        return "There must have at least 2 Objects in '$or' relationship."
    return next(filter(None, map(problem, patterns)), None)


def _value_problem(name: str, value: Any) -> str | None:
    if isinstance(value, dict):
        return problem(value)
    if not isinstance(value, list):
        return f'"{name}" must be an object or an array'
    if not value:
        return "Empty arrays are not allowed"
    return next(filter(None, map(_matcher_problem, value)), None)


def _matcher_problem(matcher: Any) -> str | None:
    if is_literal(matcher):
        return None
    if not isinstance(matcher, dict):
        return "Match value must be String, number, true, false, or null"
    if len(matcher) != 1:
        return "Only one key allowed in match expression"
    name, operand = next(iter(matcher.items()))
    if name not in OPERATORS:
        return f"Unrecognized match type {name}"
    return OPERATORS[name](operand)
