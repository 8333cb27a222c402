"""List calls: what is told of each thing, in which order, and a page at a time.

https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ListTrainingJobs.html
"""

import base64
import datetime
import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from botocore.model import StructureShape

from pocketaws.errors import ServiceError

_PAGE: Final = 10
# What a call sorts by, and how, where it is not said: those that differ from the time, upwards.
_DEFAULTS: Final[Mapping[str, tuple[str, str]]] = {
    "ListEndpointConfigs": ("CreationTime", "Descending"),
    "ListEndpoints": ("CreationTime", "Descending"),
    "ListExperiments": ("CreationTime", "Descending"),
    "ListHyperParameterTuningJobs": ("Name", "Ascending"),
    "ListModels": ("CreationTime", "Descending"),
    "ListTrainingJobsForHyperParameterTuningJob": ("Name", "Ascending"),
    "ListTransformJobs": ("CreationTime", "Descending"),
    "ListTrialComponents": ("CreationTime", "Descending"),
    "ListTrials": ("CreationTime", "Descending"),
}
_FROM: Final = "from"
_OBJECTIVE: Final = "FinalObjectiveMetricValue"
_MOST: Final = 100
_DESCENDING: Final = "Descending"
_COMPARISONS: Final[Mapping[str, Callable[[Any, Any], Any]]] = {
    "Equals": operator.eq,
    "NotEquals": operator.ne,
    "GreaterThan": operator.gt,
    "GreaterThanOrEqualTo": operator.ge,
    "LessThan": operator.lt,
    "LessThanOrEqualTo": operator.le,
}


def listed(
    described: Iterable[Mapping[str, Any]],
    request: Mapping[str, Any],
    *,
    operation: str,
    word: str,
    summary: StructureShape,
) -> tuple[list[dict[str, Any]], str | None]:
    """Return a page of summaries, and the token of the next.

    Args:
        described: descriptions as the Describe call answers them.
        request: of the List call.
        operation: the call's name.
        word: that the members of a description start with, such as "TrainingJob".
        summary: botocore's shape of what is told of each.

    Raises:
        ServiceError: the token is none that was given.
    """
    default_by, default_order = _DEFAULTS.get(operation, ("CreationTime", "Ascending"))
    by = request.get("SortBy", default_by)
    found = [one for one in described if _fits(one, request, word)]
    if by == _OBJECTIVE:
        # As its documentation says: what has no objective metric is not listed.
        found = [one for one in found if one.get(by) is not None]
    descends = request.get("SortOrder", default_order) == _DESCENDING
    found.sort(key=_sort_key(by, word), reverse=descends)
    page, token = page_of(found, request)
    return [members_of(one, summary) for one in page], token


def page_of(found: Sequence[Any], request: Mapping[str, Any]) -> tuple[list[Any], str | None]:
    """Return the page of a list that a call asks for, and the token of the next.

    Raises:
        ServiceError: the token is none that was given.
    """
    start = _start(request.get("NextToken"))
    end = start + min(int(request.get("MaxResults") or _PAGE), _MOST)
    return list(found[start:end]), _token(end) if end < len(found) else None


def members_of(described: Mapping[str, Any], shape: StructureShape) -> dict[str, Any]:
    """Return those members of a description that a shape has."""
    return {name: described[name] for name in shape.members if described.get(name) is not None}


def searched(
    described: Iterable[Mapping[str, Any]], request: Mapping[str, Any]
) -> tuple[list[Mapping[str, Any]], str | None]:
    """Return a page of what a Search finds, and the token of the next.

    https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_Search.html
    """
    expression = request.get("SearchExpression") or {}
    found = [one for one in described if _matches(one, expression)]
    by = request.get("SortBy", "CreationTime")
    found.sort(
        key=lambda one: _comparable(_value(one, by)),
        reverse=request.get("SortOrder", _DESCENDING) == _DESCENDING,
    )
    return page_of(found, request)


def _fits(one: Mapping[str, Any], request: Mapping[str, Any], word: str) -> bool:
    status = request.get("StatusEquals")
    created = one["CreationTime"]
    modified = one.get("LastModifiedTime", created)
    return (
        str(request.get("NameContains", "")).lower() in str(one[f"{word}Name"]).lower()
        and status in (None, one.get(f"{word}Status"))
        and _lies(created, request, "CreationTime")
        and _lies(created, request, "Created")
        and _lies(modified, request, "LastModifiedTime")
    )


def _lies(time: datetime.datetime, request: Mapping[str, Any], member: str) -> bool:
    after, before = request.get(f"{member}After"), request.get(f"{member}Before")
    seconds = time.timestamp()
    return (after is None or seconds > _seconds(after)) and (
        before is None or seconds < _seconds(before)
    )


def _seconds(value: Any) -> float:
    if isinstance(value, datetime.datetime):
        return value.timestamp()
    if isinstance(value, str):
        return datetime.datetime.fromisoformat(value).timestamp()
    return float(value)


def _sort_key(by: str, word: str) -> Any:
    members = {"Name": f"{word}Name", "Status": f"{word}Status"}
    member = members.get(by, by)
    return lambda one: (_comparable(one.get(member, one["CreationTime"])), one[f"{word}Name"])


def _comparable(value: Any) -> tuple[int, Any]:
    """Return a value that compares with those of other kinds."""
    if isinstance(value, datetime.datetime):
        return 0, value.timestamp()
    if isinstance(value, int | float):
        return 0, float(value)
    return (1, str(value)) if value is not None else (2, "")


def _matches(one: Mapping[str, Any], expression: Mapping[str, Any]) -> bool:
    answers = [_passes(one, item) for item in expression.get("Filters", [])]
    answers += [_matches(one, item) for item in expression.get("SubExpressions", [])]
    if not answers:
        return True
    return any(answers) if expression.get("Operator", "And") == "Or" else all(answers)


def _passes(one: Mapping[str, Any], item: Mapping[str, Any]) -> bool:
    value, expected = _value(one, item["Name"]), item.get("Value", "")
    kind = item.get("Operator", "Equals")
    if kind in ("Exists", "NotExists"):
        return bool((value is not None) == (kind == "Exists"))
    if value is None:
        return bool(kind == "NotEquals")
    if kind == "Contains":
        return str(expected).lower() in str(value).lower()
    if kind == "In":
        return str(value) in [part.strip() for part in str(expected).split(",")]
    return bool(_COMPARISONS[kind](*_pair(value, expected)))


def _pair(value: Any, expected: str) -> tuple[Any, Any]:
    if isinstance(value, datetime.datetime):
        return value.timestamp(), _seconds(expected)
    try:
        return float(value), float(expected)
    except (TypeError, ValueError):
        return str(value), str(expected)


def _value(one: Mapping[str, Any], path: str) -> Any:
    """Return what a property's path names, such as `A.B`, `Tags.key`, `Metrics.name`."""
    first, _, rest = path.partition(".")
    if first == "Tags" and rest:
        return next((tag["Value"] for tag in one.get("Tags", []) if tag["Key"] == rest), None)
    if first == "Metrics" and rest:
        metrics: Sequence[Mapping[str, Any]] = one.get("FinalMetricDataList", [])
        return next((item["Value"] for item in metrics if item["MetricName"] == rest), None)
    if rest and isinstance(one.get(first), Mapping):
        inner = one[first]
        return inner[rest] if rest in inner else _value(inner, rest)
    return None if rest else one.get(first)


def _token(start: int) -> str:
    return base64.urlsafe_b64encode(f"{_FROM}:{start}".encode()).decode()


def _start(token: str | None) -> int:
    if token is None:
        return 0
    try:
        begin, _, number = base64.urlsafe_b64decode(token).decode().partition(":")
        return int(number if begin == _FROM else "")
    except ValueError as error:
        raise ServiceError("ValidationException", "Invalid NextToken.") from error
