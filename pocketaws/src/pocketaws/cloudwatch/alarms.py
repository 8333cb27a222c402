"""CloudWatch's alarms, judged on what was measured just now; moto only keeps them.

On AWS an alarm looks at the clock: at so many periods back from now. Nobody waits for an hour here,
so what one call of PutMetricData brings stands for one period. An alarm that watches nothing of it
is left as it is. What AWS's own services measure is not judged.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html
"""

import json
import logging
import operator
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple

ALARM: Final = "ALARM"
OK: Final = "OK"
_UNJUDGED: Final = "INSUFFICIENT_DATA"

_COMPARISONS: Final[Mapping[str, tuple[Callable[[float, float], bool], str]]] = {
    "GreaterThanOrEqualToThreshold": (operator.ge, "greater than or equal to"),
    "GreaterThanThreshold": (operator.gt, "greater than"),
    "LessThanOrEqualToThreshold": (operator.le, "less than or equal to"),
    "LessThanThreshold": (operator.lt, "less than"),
}
# Functions of all metrics; others, and bands, are not reproduced.
_EXPRESSION: Final = re.compile(r"\s*(MAX|MIN|SUM|AVG)\(\s*METRICS\(\s*\)\s*\)\s*")
_LOG: Final = logging.getLogger(__name__)


class MetricId(NamedTuple):
    """What CloudWatch tells metrics apart by; `dimensions` are sorted pairs of name and value."""

    namespace: str
    name: str
    dimensions: tuple[tuple[str, str], ...]


def metric_id(namespace: str, name: str, dimensions: Iterable[Mapping[str, str]]) -> MetricId:
    """Return the id of a metric whose dimensions are `Name` and `Value`, as in CloudWatch's API."""
    return MetricId(namespace, name, tuple(sorted((d["Name"], d["Value"]) for d in dimensions)))


@dataclass(frozen=True)
class Measurement:
    """What was measured of a metric in one period, as CloudWatch's StatisticSet."""

    sample_count: float
    sum: float
    minimum: float
    maximum: float

    def statistic(self, name: str) -> float | None:
        """Return one of CloudWatch's statistics; None for a percentile, which is not kept."""
        found = {
            "Average": self.sum / self.sample_count,
            "Maximum": self.maximum,
            "Minimum": self.minimum,
            "SampleCount": self.sample_count,
            "Sum": self.sum,
        }
        return found.get(name)

    def joined(self, other: "Measurement") -> "Measurement":
        """Return both as one."""
        return Measurement(
            self.sample_count + other.sample_count,
            self.sum + other.sum,
            min(self.minimum, other.minimum),
            max(self.maximum, other.maximum),
        )


def measured(namespace: str, metrics: Iterable[Mapping[str, Any]]) -> dict[MetricId, Measurement]:
    """Return what a call of PutMetricData brings, as alarms see it.

    Args:
        namespace: of all of them.
        metrics: the call's MetricData; two of the same metric count together.
    """
    found: dict[MetricId, Measurement] = {}
    for metric in metrics:
        identity = metric_id(namespace, metric["MetricName"], metric.get("Dimensions", ()))
        one = _measurement(metric)
        found[identity] = found[identity].joined(one) if identity in found else one
    return found


def is_judged(namespace: str) -> bool:
    """Tell whether the metrics of a namespace are judged: AWS's own are not."""
    return not namespace.lower().startswith(("aws/", "/aws/"))


@dataclass(frozen=True)
class Point:
    """What an alarm saw in one period."""

    value: float
    time: datetime


@dataclass(frozen=True)
class AlarmVerdict:
    """The state that an alarm is in, and why, in CloudWatch's words."""

    state: str
    reason: str
    reason_data: str


class Alarms:
    """Judges the alarms of the emulator, and remembers what each has seen.

    Args:
        cloudwatch: a client of the emulator.
    """

    def __init__(self, cloudwatch: Any) -> None:
        self._cloudwatch = cloudwatch
        self._seen: dict[str, list[Point]] = {}

    def judge(self, measured: Mapping[MetricId, Measurement], *, time: datetime) -> list[str]:
        """Set every alarm's state by a period's measurements; return the names of those in ALARM.

        Args:
            measured: in the period; an alarm that watches none of it is left out.
            time: at which the period ended.
        """
        going: list[str] = []
        for alarm in self._alarms():
            value = watched_value(alarm, measured)
            if value is None:
                continue
            seen = [*self._seen_by(alarm), Point(value, time)][-alarm["EvaluationPeriods"] :]
            self._seen[alarm["AlarmArn"]] = seen
            found = verdict(alarm, seen)
            self._cloudwatch.set_alarm_state(
                AlarmName=alarm["AlarmName"],
                StateValue=found.state,
                StateReason=found.reason,
                StateReasonData=found.reason_data,
            )
            if found.state == ALARM:
                going.append(alarm["AlarmName"])
        return going

    def _seen_by(self, alarm: Mapping[str, Any]) -> list[Point]:
        """Return what an alarm has seen; one that is new may have the name of one that was."""
        is_new = alarm["StateValue"] == _UNJUDGED
        return [] if is_new else self._seen.get(alarm["AlarmArn"], [])

    def _alarms(self) -> Iterator[Mapping[str, Any]]:
        for page in self._cloudwatch.get_paginator("describe_alarms").paginate():
            yield from page["MetricAlarms"]


def watched_value(
    alarm: Mapping[str, Any], measured: Mapping[MetricId, Measurement]
) -> float | None:
    """Return what an alarm compares with its threshold; None where nothing of it was measured.

    Args:
        alarm: as DescribeAlarms tells it.
        measured: in one period.
    """
    if "MetricName" in alarm:
        identity = metric_id(alarm["Namespace"], alarm["MetricName"], alarm.get("Dimensions", ()))
        return _statistic(alarm, measured.get(identity), str(alarm.get("Statistic")))
    values: dict[str, float] = {}
    for query in alarm.get("Metrics", []):
        stat = query.get("MetricStat")
        if stat is None:
            continue
        metric = stat["Metric"]
        identity = metric_id(metric["Namespace"], metric["MetricName"], metric["Dimensions"])
        value = _statistic(alarm, measured.get(identity), stat["Stat"])
        if value is not None:
            values[query["Id"]] = value
    return _expressed(alarm, values) if values else None


def verdict(alarm: Mapping[str, Any], seen: Sequence[Point]) -> AlarmVerdict:
    """Judge an alarm by what it has seen in the last periods, the newest last."""
    compare, words = _COMPARISONS[alarm["ComparisonOperator"]]
    threshold, periods = float(alarm["Threshold"]), alarm["EvaluationPeriods"]
    wanted = alarm.get("DatapointsToAlarm") or periods
    breaching = [point for point in seen if compare(point.value, threshold)]
    state = ALARM if len(breaching) >= wanted else OK
    shown = breaching if state == ALARM else list(seen)
    points = ", ".join(f"{point.value} ({point.time:%d/%m/%y %H:%M:%S})" for point in shown)
    verb = ("was" if len(shown) == 1 else "were") + ("" if state == ALARM else " not")
    before = OK if state == ALARM else ALARM
    return AlarmVerdict(
        state,
        f"Threshold Crossed: {len(shown)} out of the last {len(seen)} datapoints [{points}] {verb} "
        f"{words} the threshold ({threshold}) (minimum {wanted} "
        f"datapoint{'' if wanted == 1 else 's'} for {before} -> {state} transition).",
        json.dumps(
            {
                "version": "1.0",
                "queryDate": alarm_time(seen[-1].time),
                "recentDatapoints": [point.value for point in seen],
                "threshold": threshold,
            }
        ),
    )


def alarm_time(time: datetime) -> str:
    """Write a time as the events of alarms do: 2026-11-23T08:00:00.123+0000."""
    return f"{time:%Y-%m-%dT%H:%M:%S}.{time.microsecond // 1000:03}+0000"


def _measurement(metric: Mapping[str, Any]) -> Measurement:
    if metric.get("StatisticValues"):
        given = metric["StatisticValues"]
        names = ("SampleCount", "Sum", "Minimum", "Maximum")
        return Measurement(*(float(given[name]) for name in names))
    values = [float(value) for value in metric.get("Values") or [metric["Value"]]]
    counts = [float(count) for count in metric.get("Counts") or [1] * len(values)]
    total = sum(value * count for value, count in zip(values, counts, strict=True))
    return Measurement(sum(counts), total, min(values), max(values))


def _statistic(
    alarm: Mapping[str, Any], measurement: Measurement | None, name: str
) -> float | None:
    if measurement is None:
        return None
    value = measurement.statistic(name)
    if value is None:
        _tell_left(alarm, f"the statistic {alarm.get('ExtendedStatistic', name)}")
    return value


def _expressed(alarm: Mapping[str, Any], values: Mapping[str, float]) -> float | None:
    """Return the value of the query that the alarm returns."""
    (returned,) = [query for query in alarm["Metrics"] if query.get("ReturnData", True)]
    if "Expression" not in returned:
        return values.get(returned["Id"])
    match = _EXPRESSION.fullmatch(returned["Expression"])
    if match is None:
        _tell_left(alarm, f"the expression {returned['Expression']!r}")
        return None
    numbers = list(values.values())
    sums = {"SUM": sum(numbers), "AVG": sum(numbers) / len(numbers)}
    return sums.get(match[1], max(numbers) if match[1] == "MAX" else min(numbers))


def _tell_left(alarm: Mapping[str, Any], what: str) -> None:
    _LOG.warning("alarm %s is left as it is: %s is not judged here", alarm["AlarmName"], what)
