"""What CloudWatch takes of metric data, and what not."""

import datetime
from typing import Any

import pytest

from pocketaws.cloudwatch.metric_rules import metric_problems

NOW = datetime.datetime(2026, 11, 29, 12, tzinfo=datetime.UTC)
DAY, HOUR = datetime.timedelta(days=1), datetime.timedelta(hours=1)
DIMENSION = {"Name": "Endpoint", "Value": "abalone"}


def problems(namespace: str = "Own/Space", count: int = 1, **metric: Any) -> list[str]:
    one = {"MetricName": "Rmse", "Value": 2.0, **metric}
    request = {"Namespace": namespace, "MetricData": [one] * count}
    return list(metric_problems(request, now=NOW))


@pytest.mark.parametrize(
    "good",
    [
        {},
        {"namespace": "n" * 255, "count": 1000},
        {"Dimensions": [DIMENSION] * 30},
        {"Value": -(2.0**360), "Unit": "Count/Second", "StorageResolution": 1},
        {"Value": None, "Values": [1.0] * 150, "Counts": [2.0] * 150},
        {"Value": "2.5", "StorageResolution": "60"},
        {"Timestamp": NOW - 14 * DAY},
        {"Timestamp": (NOW + 2 * HOUR).replace(tzinfo=None)},
    ],
    ids=lambda good: str(list(good)),
)
def test_data_at_the_limits_are_taken(good: dict[str, Any]) -> None:
    assert problems(**good) == []


@pytest.mark.parametrize(
    ("bad", "told"),
    [
        ({"namespace": ":own"}, "at 'namespace' failed to satisfy constraint"),
        ({"namespace": "n" * 256}, "length less than or equal to 255"),
        ({"namespace": "Gr\u00f6\u00dfe"}, "for parameter Namespace is not of ASCII"),
        ({"count": 1001}, "must not have a size greater than 1000, and has 1001"),
        ({"MetricName": ""}, "length greater than or equal to 1"),
        ({"Unit": "Furlongs"}, "satisfy enum value set"),
        ({"Dimensions": [DIMENSION] * 31}, "length less than or equal to 30"),
        ({"Dimensions": [{"Name": "Column", "Value": "gr\u00f6\u00dfe"}]}, "only ASCII characters"),
        ({"Dimensions": [{"Name": "Column", "Value": " "}]}, "one that is not white space"),
        ({"Dimensions": [{"Name": ":Column", "Value": "a"}]}, "must not start with a colon"),
        ({"Value": float("nan")}, "Value must be a number from -2^360 to 2^360; got nan"),
        ({"Value": 2.0**361}, "Value must be a number from -2^360 to 2^360"),
        ({"Value": None}, "MetricData.member.1.Value is required"),
        ({"Value": None, "Values": [1.0] * 151}, "at most 150 values, and has 151"),
        ({"Value": None, "Values": [1.0, 2.0], "Counts": [1.0]}, "as many values as Values: 1"),
        ({"StorageResolution": 30}, "StorageResolution must be 1 or 60; got 30"),
        ({"Timestamp": NOW - 14 * DAY - HOUR}, "a time within the past two weeks"),
        ({"Timestamp": NOW + 3 * HOUR}, "no more than two hours in the future"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_data_past_a_limit_are_told(bad: dict[str, Any], told: str) -> None:
    assert told in problems(**bad)[0]
