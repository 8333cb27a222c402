"""What CloudWatch refuses of metric data.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricData.html
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_Dimension.html
"""

import datetime
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from pocketaws.gate.rules import request_problems

_METRICS_MAXIMUM: Final = 1000
_VALUES_MAXIMUM: Final = 150
_LARGEST: Final = 2.0**360
_RESOLUTIONS: Final = (1, 60)
_EARLIEST: Final = datetime.timedelta(days=14)
_LATEST: Final = datetime.timedelta(hours=2)
_PRINTABLE: Final = re.compile(r"[ -~]*")
_ONE_OF: Final = ("Value", "Values", "StatisticValues")


def metric_problems(request: Mapping[str, Any], *, now: datetime.datetime) -> Iterator[str]:
    """Yield what is wrong with metric data.

    Args:
        request: of PutMetricData; numbers may be texts.
        now: with a time zone.
    """
    shapes = request_problems("cloudwatch", "PutMetricData", _typed(request), open_ended=True)
    if shapes:
        yield from shapes
        return
    if not _PRINTABLE.fullmatch(request["Namespace"]):
        yield f"The value {request['Namespace']!a} for parameter Namespace is not of ASCII"
    metrics = request.get("MetricData") or []
    if len(metrics) > _METRICS_MAXIMUM:
        yield (
            f"The collection MetricData must not have a size greater than {_METRICS_MAXIMUM}, and "
            f"has {len(metrics)}"
        )
    for number, metric in enumerate(metrics, 1):
        for problem in _problems_of(metric, now):
            yield f"The parameter MetricData.member.{number}.{problem}"


def _typed(request: Mapping[str, Any]) -> dict[str, Any]:
    """Leave the numbers out, which a form has as texts."""
    metrics = [
        {name: value for name, value in metric.items() if name not in (*_ONE_OF, "Counts")}
        | {"StorageResolution": int(metric.get("StorageResolution") or _RESOLUTIONS[-1])}
        for metric in request.get("MetricData") or []
    ]
    return {"Namespace": request.get("Namespace"), "MetricData": metrics}


def _problems_of(metric: Mapping[str, Any], now: datetime.datetime) -> Iterator[str]:
    if not any(metric.get(name) not in (None, [], {}) for name in _ONE_OF):
        yield f"Value is required, or {' or '.join(_ONE_OF[1:])}"
    yield from _value_problems(metric)
    for place, dimension in enumerate(metric.get("Dimensions") or [], 1):
        for part in ("Name", "Value"):
            if not _PRINTABLE.fullmatch(dimension[part]) or not dimension[part].strip():
                yield (
                    f"Dimensions.member.{place}.{part} must contain only ASCII characters, and one "
                    f"that is not white space; got {dimension[part]!a}"
                )
        if dimension["Name"].startswith(":"):
            yield f"Dimensions.member.{place}.Name must not start with a colon"
    if int(metric.get("StorageResolution") or _RESOLUTIONS[-1]) not in _RESOLUTIONS:
        yield f"StorageResolution must be 1 or 60; got {metric['StorageResolution']}"
    yield from _time_problems(metric.get("Timestamp"), now)


def _value_problems(metric: Mapping[str, Any]) -> Iterator[str]:
    values: Sequence[Any] = metric.get("Values") or []
    counts: Sequence[Any] = metric.get("Counts") or []
    if len(values) > _VALUES_MAXIMUM:
        yield f"Values must have at most {_VALUES_MAXIMUM} values, and has {len(values)}"
    if counts and len(counts) != len(values):
        yield f"Counts must have as many values as Values: {len(counts)} and {len(values)}"
    statistics = metric.get("StatisticValues") or {}
    single = [metric["Value"]] if metric.get("Value") is not None else []
    for value in map(float, (*single, *values, *statistics.values())):
        if not math.isfinite(value) or abs(value) > _LARGEST:
            yield f"Value must be a number from -2^360 to 2^360; got {value}"


def _time_problems(timestamp: Any, now: datetime.datetime) -> Iterator[str]:
    if not isinstance(timestamp, datetime.datetime):
        return
    time = timestamp if timestamp.tzinfo else timestamp.replace(tzinfo=datetime.UTC)
    if time < now - _EARLIEST:
        yield "Timestamp must specify a time within the past two weeks."
    if time > now + _LATEST:
        yield "Timestamp must specify a time no more than two hours in the future."
