"""EventBridge.

https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutRule.html
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from pocketaws.gate.schedule_expressions import cron_problems, rate_is_one

_TARGETS_MAXIMUM: Final = 5
_ENTRIES_MAXIMUM_BYTES: Final = 262_144
_TIME_BYTES: Final = 14
_DEFAULT_BUS: Final = "default"
_INVALID: Final = "ValidationException"


def problems(operation: str, request: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield code and message of what EventBridge refuses."""
    if operation == "PutRule":
        yield from _rule_problems(request)
    elif operation == "PutTargets":
        yield from _targets_problems(request.get("Targets") or [])
    elif operation == "PutEvents":
        size = sum(_size(entry) for entry in request.get("Entries") or [])
        if size > _ENTRIES_MAXIMUM_BYTES:
            yield (
                _INVALID,
                (
                    f"Total size of the entries in the request is over the limit: {size} of "
                    f"{_ENTRIES_MAXIMUM_BYTES} bytes"
                ),
            )


def _rule_problems(request: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    expression, pattern = request.get("ScheduleExpression"), request.get("EventPattern")
    if not expression and not pattern:
        yield _INVALID, "Parameter(s) EventPattern or ScheduleExpression must be specified."
    if expression:
        yield from _expression_problems(expression, request.get("EventBusName", _DEFAULT_BUS))
    if pattern:
        yield from _pattern_problems(pattern)


def _expression_problems(expression: str, bus_name: str) -> Iterator[tuple[str, str]]:
    if bus_name.rpartition("/")[2] != _DEFAULT_BUS:
        yield _INVALID, "ScheduleExpression is supported only on the default event bus."
    if rate_is_one(expression, plural_matters=True):
        return
    wrong = list(cron_problems(expression)) if expression.startswith("cron(") else ["no expression"]
    if wrong:
        yield (
            _INVALID,
            (
                f"Parameter ScheduleExpression is not valid. {expression}: {'; '.join(wrong)}; "
                "give rate(5 minutes) or cron(0 3 ? * MON *)"
            ),
        )


def _pattern_problems(text: str) -> Iterator[tuple[str, str]]:
    try:
        pattern = json.loads(text)
    except ValueError as error:
        yield "InvalidEventPatternException", f"Event pattern is not valid. Reason: {error}"
        return
    wrong = _not_a_list(pattern, "") if isinstance(pattern, dict) else "Filter is not an object"
    if wrong:
        yield "InvalidEventPatternException", f"Event pattern is not valid. Reason: {wrong}"


def _not_a_list(pattern: Mapping[str, Any], path: str) -> str:
    """Return what is wrong with the first leaf that is no list of values; empty if all are."""
    if not pattern:
        return f"Empty objects are not allowed at '{path}'"
    for key, value in pattern.items():
        here = f"{path}.{key}" if path else key
        if isinstance(value, dict):
            wrong = _not_a_list(value, here)
            if wrong:
                return wrong
        elif not isinstance(value, list):
            return f'"{here}" must be an object or an array'
        elif not value:
            return f"Empty arrays are not allowed at '{here}'"
    return ""


def _targets_problems(targets: list[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    if len({target.get("Id") for target in targets}) > _TARGETS_MAXIMUM:
        yield (
            "LimitExceededException",
            (
                "The requested resource exceeds the maximum number allowed: a rule has "
                f"{_TARGETS_MAXIMUM} targets"
            ),
        )
    for target in targets:
        given = [name for name in ("Input", "InputPath", "InputTransformer") if target.get(name)]
        if len(given) > 1:
            yield (
                _INVALID,
                (
                    "Only one of Input, InputPath, or InputTransformer must be provided for target "
                    f"{target.get('Id')}."
                ),
            )


def _size(entry: Mapping[str, Any]) -> int:
    """Return what an entry counts.

    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevent-size.html
    """
    texts = [str(entry.get(name, "")) for name in ("Source", "DetailType", "Detail")]
    texts += [str(resource) for resource in entry.get("Resources") or []]
    return sum(len(text.encode()) for text in texts) + (_TIME_BYTES if entry.get("Time") else 0)
