"""When an alarm goes off, by what it has seen."""

import logging
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from pocketaws.cloudwatch.alarms import (
    Alarms,
    Measurement,
    MetricId,
    Point,
    is_judged,
    measured,
    metric_id,
    verdict,
    watched_value,
)

TIME = datetime(2026, 11, 23, 8, 0, 0, 123456, tzinfo=UTC)
DIMENSIONS = [{"Name": "Endpoint", "Value": "a"}, {"Name": "Column", "Value": "b"}]


def metric(name: str, value: float) -> tuple[MetricId, Measurement]:
    return metric_id("n", name, DIMENSIONS), Measurement(1, value, value, value)


def single(**changes: Any) -> dict[str, Any]:
    """An alarm on one metric, as DescribeAlarms tells it."""
    return {
        "AlarmName": "far",
        "AlarmArn": "arn:aws:cloudwatch:us-east-1:123456789012:alarm:far",
        "StateValue": "INSUFFICIENT_DATA",
        "Namespace": "n",
        "MetricName": "rmse",
        # In another order than the metric's.
        "Dimensions": DIMENSIONS[::-1],
        "Statistic": "Average",
        "ComparisonOperator": "GreaterThanThreshold",
        "Threshold": 2.0,
        "EvaluationPeriods": 1,
        **changes,
    }


def combined(expression: str) -> dict[str, Any]:
    """An alarm on an expression of two metrics."""
    queries = [
        {
            "Id": name,
            "ReturnData": False,
            "MetricStat": {
                "Metric": {"Namespace": "n", "MetricName": name, "Dimensions": DIMENSIONS},
                "Period": 3600,
                "Stat": "Maximum",
            },
        }
        for name in ("length", "height")
    ]
    alarm = single(Metrics=[{"Id": "e", "Expression": expression, "ReturnData": True}, *queries])
    for name in ("Namespace", "MetricName", "Statistic"):
        del alarm[name]
    return alarm


class FakeCloudWatch:
    """Has alarms and keeps their states."""

    def __init__(self, *alarms: dict[str, Any]) -> None:
        self.alarms = {alarm["AlarmName"]: dict(alarm) for alarm in alarms}

    def get_paginator(self, _: str) -> "FakeCloudWatch":
        return self

    def paginate(self) -> list[dict[str, Any]]:
        return [{"MetricAlarms": [alarm]} for alarm in self.alarms.values()]

    def set_alarm_state(self, *, AlarmName: str, StateValue: str, **reasons: str) -> None:  # noqa: N803
        self.alarms[AlarmName] |= {"StateValue": StateValue, **reasons}


def test_an_alarm_sees_its_metric_whatever_the_order_of_dimensions() -> None:
    assert watched_value(single(), dict([metric("rmse", 3.0)])) == 3.0
    assert watched_value(single(), dict([metric("mae", 3.0)])) is None


@pytest.mark.parametrize(
    ("statistic", "value"),
    [("Average", 2.5), ("Sum", 10), ("Minimum", 1), ("Maximum", 4), ("SampleCount", 4)],
)
def test_statistics_are_those_of_the_period(statistic: str, value: float) -> None:
    measured = {metric_id("n", "rmse", DIMENSIONS): Measurement(4, 10, 1, 4)}

    assert watched_value(single(Statistic=statistic), measured) == value


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("MAX(METRICS())", 0.3),
        ("MIN(METRICS())", 0.1),
        ("SUM( METRICS() )", 0.4),
        ("AVG(METRICS())", 0.2),
    ],
)
def test_an_expression_is_of_all_metrics(expression: str, value: float) -> None:
    measured = dict([metric("length", 0.3), metric("height", 0.1)])

    assert watched_value(combined(expression), measured) == pytest.approx(value)


def test_an_expression_is_of_the_metrics_that_there_are() -> None:
    assert watched_value(combined("MAX(METRICS())"), dict([metric("height", 0.1)])) == 0.1
    assert watched_value(combined("MAX(METRICS())"), {}) is None


def test_an_expression_that_is_not_known_is_told(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        value = watched_value(combined("length + height"), dict([metric("height", 0.1)]))

    assert value is None
    assert "alarm far is left as it is: the expression 'length + height'" in caplog.text


@pytest.mark.parametrize(
    ("comparison", "value", "state"),
    [
        ("GreaterThanThreshold", 2.0, "OK"),
        ("GreaterThanThreshold", 2.1, "ALARM"),
        ("GreaterThanOrEqualToThreshold", 2.0, "ALARM"),
        ("LessThanThreshold", 2.0, "OK"),
        ("LessThanThreshold", 1.9, "ALARM"),
        ("LessThanOrEqualToThreshold", 2.0, "ALARM"),
    ],
)
def test_the_value_is_compared_with_the_threshold(
    comparison: str, value: float, state: str
) -> None:
    assert verdict(single(ComparisonOperator=comparison), [Point(value, TIME)]).state == state


def test_the_reason_is_in_cloudwatchs_words() -> None:
    assert verdict(single(), [Point(3.0, TIME)]).reason == (
        "Threshold Crossed: 1 out of the last 1 datapoints [3.0 (23/11/26 08:00:00)] was greater "
        "than the threshold (2.0) (minimum 1 datapoint for OK -> ALARM transition)."
    )
    assert verdict(single(), [Point(1.0, TIME)]).reason == (
        "Threshold Crossed: 1 out of the last 1 datapoints [1.0 (23/11/26 08:00:00)] was not "
        "greater than the threshold (2.0) (minimum 1 datapoint for ALARM -> OK transition)."
    )


def states(alarm: dict[str, Any], values: list[float]) -> list[str]:
    """The alarm's state after each of several periods."""
    cloudwatch, found = FakeCloudWatch(alarm), []
    alarms = Alarms(cloudwatch)
    for hours, value in enumerate(values):
        alarms.judge(dict([metric("rmse", value)]), time=TIME + timedelta(hours=hours))
        found.append(cloudwatch.alarms["far"]["StateValue"])
    return found


def test_an_alarm_waits_for_as_many_periods_as_it_says() -> None:
    alarm = single(EvaluationPeriods=3, DatapointsToAlarm=2)

    assert states(alarm, [3, 1, 3, 1, 1]) == ["OK", "OK", "ALARM", "OK", "OK"]


def test_without_a_number_of_datapoints_all_periods_count() -> None:
    assert states(single(EvaluationPeriods=2), [3, 3, 1]) == ["OK", "ALARM", "OK"]


def test_an_alarm_with_nothing_measured_keeps_its_state() -> None:
    cloudwatch = FakeCloudWatch(single(), single(AlarmName="other", MetricName="mae"))

    assert Alarms(cloudwatch).judge(dict([metric("rmse", 3)]), time=TIME) == ["far"]
    assert cloudwatch.alarms["other"]["StateValue"] == "INSUFFICIENT_DATA"


def test_a_new_alarm_under_an_old_name_begins_anew() -> None:
    cloudwatch = FakeCloudWatch(single(EvaluationPeriods=2))
    alarms = Alarms(cloudwatch)
    alarms.judge(dict([metric("rmse", 3)]), time=TIME)
    cloudwatch.alarms["far"]["StateValue"] = "INSUFFICIENT_DATA"

    assert alarms.judge(dict([metric("rmse", 3)]), time=TIME) == []


def test_what_one_call_brings_of_a_metric_counts_together() -> None:
    statistics = {"SampleCount": 2, "Sum": 5.0, "Minimum": 1.0, "Maximum": 4.0}

    found = measured(
        "n",
        [
            {"MetricName": "rmse", "Dimensions": DIMENSIONS, "Value": 3.0},
            {"MetricName": "rmse", "Dimensions": DIMENSIONS[::-1], "StatisticValues": statistics},
            {"MetricName": "rows", "Values": [1.0, 7.0], "Counts": [3.0, 1.0]},
            {"MetricName": "rows", "Value": 0},
        ],
    )

    assert found == {
        metric_id("n", "rmse", DIMENSIONS): Measurement(3, 8.0, 1.0, 4.0),
        metric_id("n", "rows", ()): Measurement(5, 10.0, 0.0, 7.0),
    }


@pytest.mark.parametrize("namespace", ["AWS/SageMaker", "/aws/sagemaker/Endpoints", "aws/x"])
def test_what_aws_measures_itself_is_not_judged(namespace: str) -> None:
    assert not is_judged(namespace)
    assert is_judged(f"My{namespace}")
