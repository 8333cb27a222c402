"""Properties of a template become what a call asks for."""

from typing import Any

import pytest

from pocketaws.cloudformation.template_properties import checked_request
from pocketaws.errors import ServiceError

ALARM: dict[str, Any] = {
    "AlarmName": "a",
    "MetricName": "m",
    "Namespace": "n",
    "ComparisonOperator": "GreaterThanThreshold",
}


def test_text_becomes_what_the_call_asks_for() -> None:
    request = checked_request(
        {
            **ALARM,
            "Threshold": "0.2",
            "EvaluationPeriods": "1",
            "Period": "60",
            "ActionsEnabled": "False",
            "AlarmDescription": 7,
            "Dimensions": [{"Name": "a", "Value": True}, None],
            "Unit": None,
        },
        "cloudwatch",
        "PutMetricAlarm",
    )

    assert request == {
        **ALARM,
        "Threshold": 0.2,
        "EvaluationPeriods": 1,
        "Period": 60,
        "ActionsEnabled": False,
        "AlarmDescription": "7",
        "Dimensions": [{"Name": "a", "Value": "true"}],
    }
    assert isinstance(request["Period"], int)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"EvaluationPeriods": "many"}, "'many' at 'evaluationPeriods' has the wrong type"),
        ({"Period": 1.5}, "1.5 at 'period' has the wrong type"),
        ({"Colour": "red"}, "Unknown field 'colour'"),
        ({"ComparisonOperator": "Near"}, "enum value set"),
    ],
)
def test_what_the_call_would_refuse_is_refused(changes: dict[str, Any], told: str) -> None:
    properties = {**ALARM, "EvaluationPeriods": 1, **changes}
    with pytest.raises(ServiceError, match=told) as raised:
        checked_request(properties, "cloudwatch", "PutMetricAlarm")

    assert raised.value.code == "ValidationException"
