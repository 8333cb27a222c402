"""What CloudWatch refuses of an alarm."""

from typing import Any

import pytest

from pocketaws.cloudwatch.alarm_rules import alarm_problems

ONE: dict[str, Any] = {
    "AlarmName": "a",
    "MetricName": "m",
    "Namespace": "n",
    "Statistic": "Sum",
    "Period": 60,
    "EvaluationPeriods": 2,
    "Threshold": 0.0,
    "ComparisonOperator": "GreaterThanThreshold",
}
SEVERAL: dict[str, Any] = {
    "AlarmName": "a",
    "Metrics": [{"Id": "m1", "Expression": "1"}],
    "EvaluationPeriods": 1,
    "Threshold": 1,
    "ComparisonOperator": "LessThanThreshold",
}


@pytest.mark.parametrize(
    "request_",
    [
        ONE,
        SEVERAL,
        ONE | {"Period": 10, "DatapointsToAlarm": 2, "TreatMissingData": "notBreaching"},
        ONE | {"Statistic": None, "ExtendedStatistic": "p90", "AlarmActions": ["arn:aws:sns:a"]},
    ],
)
def test_an_alarm_that_is_right_passes(request_: dict[str, Any]) -> None:
    assert not list(alarm_problems(request_))


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        (ONE | {"ComparisonOperator": ">"}, "'ComparisonOperator' failed to satisfy constraint"),
        (ONE | {"TreatMissingData": "ok"}, "'TreatMissingData' failed to satisfy constraint"),
        (ONE | {"Period": 15}, "Period 15 is invalid"),
        (ONE | {"Period": 90}, "Period 90 is invalid"),
        (ONE | {"Statistic": None}, "Exactly one of Statistic and ExtendedStatistic"),
        (ONE | {"ExtendedStatistic": "p90"}, "Exactly one of Statistic and ExtendedStatistic"),
        (ONE | {"Threshold": None}, "Threshold must be given"),
        (ONE | {"Namespace": None}, "Namespace must be given with MetricName"),
        (ONE | {"DatapointsToAlarm": 3}, "DatapointsToAlarm 3 is greater than EvaluationPeriods 2"),
        (ONE | {"AlarmActions": ["topic"]}, "Invalid arn syntax: topic"),
        (ONE | {"OKActions": ["arn:aws:sns:a"] * 6}, "OKActions has 6 actions; at most 5"),
        (SEVERAL | {"Period": 60}, "Metrics and Period cannot be given together"),
        ({"AlarmName": "a"}, "Either MetricName, Metrics or EvaluationCriteria"),
    ],
)
def test_an_alarm_that_is_wrong_is_refused(request_: dict[str, Any], words: str) -> None:
    assert words in "\n".join(alarm_problems(request_))
