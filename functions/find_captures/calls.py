"""The endpoint's own numbers of a window: how many calls, how many failed, how long they took.

Of CloudWatch, where SageMaker puts them every minute; captures hold answered calls alone, and of
them a sample. https://docs.aws.amazon.com/sagemaker/latest/dg/monitoring-cloudwatch.html
"""

import datetime
from collections.abc import Iterable, Mapping
from typing import Any, Final

from window import Window

_NAMESPACE: Final = "AWS/SageMaker"
_VARIANT: Final = "AllTraffic"
_MINUTE: Final = datetime.timedelta(minutes=1)
_HOUR: Final = datetime.timedelta(hours=1)
# By the name that the answer gives it; an identifier of a query begins with a small letter.
_METRICS: Final = {
    "invocations": ("Invocations", "Sum"),
    "client_errors": ("Invocation4XXErrors", "Sum"),
    "server_errors": ("Invocation5XXErrors", "Sum"),
    "model_mean": ("ModelLatency", "Average"),
    "model_maximum": ("ModelLatency", "Maximum"),
    "overhead_mean": ("OverheadLatency", "Average"),
}
_MILLISECOND: Final = 1000  # Both latencies are in microseconds.

Points = Mapping[datetime.datetime, float]


def endpoint_calls(window: Window, *, endpoint_name: str, cloudwatch: Any) -> dict[str, Any]:
    """Return the calls of the minutes that a window has a part in.

    Returns:
        `from` and `until` (of those minutes), `invocations`, `client_errors`, `server_errors`, and
        in milliseconds `model_mean_ms`, `model_maximum_ms` and `overhead_mean_ms`, each None where
        CloudWatch has no number.

    Raises:
        botocore.exceptions.ClientError: CloudWatch refused.
    """
    since, until = _whole_minutes(window)
    found = _points(since, until, endpoint_name=endpoint_name, cloudwatch=cloudwatch)
    calls = found["invocations"]
    maximum = found["model_maximum"].values()
    return {
        "from": since.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "until": until.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "invocations": _total(calls),
        "client_errors": _total(found["client_errors"]),
        "server_errors": _total(found["server_errors"]),
        "model_mean_ms": _milliseconds(_mean(found["model_mean"], calls)),
        "model_maximum_ms": _milliseconds(max(maximum) if maximum else None),
        "overhead_mean_ms": _milliseconds(_mean(found["overhead_mean"], calls)),
    }


def _whole_minutes(window: Window) -> tuple[datetime.datetime, datetime.datetime]:
    since = window.since.replace(second=0)
    until = window.until.replace(second=0)
    return since, until if until == window.until else until + _MINUTE


def _points(
    since: datetime.datetime, until: datetime.datetime, *, endpoint_name: str, cloudwatch: Any
) -> dict[str, dict[datetime.datetime, float]]:
    whole_hours = not since.minute and not until.minute
    period = _HOUR if whole_hours else _MINUTE
    dimensions = [
        {"Name": "EndpointName", "Value": endpoint_name},
        {"Name": "VariantName", "Value": _VARIANT},
    ]
    queries = [
        {
            "Id": key,
            "MetricStat": {
                "Metric": {"Namespace": _NAMESPACE, "MetricName": name, "Dimensions": dimensions},
                "Period": int(period.total_seconds()),
                "Stat": statistic,
            },
        }
        for key, (name, statistic) in _METRICS.items()
    ]
    pages: Iterable[Mapping[str, Any]] = cloudwatch.get_paginator("get_metric_data").paginate(
        MetricDataQueries=queries, StartTime=since, EndTime=until
    )
    found: dict[str, dict[datetime.datetime, float]] = {key: {} for key in _METRICS}
    for page in pages:
        for one in page["MetricDataResults"]:
            found[one["Id"]].update(zip(one["Timestamps"], one["Values"], strict=True))
    return found


def _total(points: Points) -> int:
    return round(sum(points.values()))


def _mean(points: Points, calls: Points) -> float | None:
    """Return the mean over all calls, of which each point is the mean over its own."""
    weights = {time: calls.get(time, 0) for time in points}
    total = sum(weights.values())
    if not total:
        return None
    return sum(value * weights[time] for time, value in points.items()) / total


def _milliseconds(microseconds: float | None) -> float | None:
    return None if microseconds is None else round(microseconds / _MILLISECOND, 3)
