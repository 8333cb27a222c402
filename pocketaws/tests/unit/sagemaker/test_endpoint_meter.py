"""What containers count, and what becomes of it: metrics, and alarms that roll an update back."""

from pathlib import Path
from typing import Any

import pytest

from pocketaws.sagemaker.endpoints.alarms import Trip, rollback_alarm_names, tripped
from pocketaws.sagemaker.endpoints.meter import Count, Meter, read_count
from pocketaws.sagemaker.endpoints.recorder import metrics


def test_the_processes_of_a_container_are_added_up(tmp_path: Path) -> None:
    first, second = Meter(tmp_path, 1), Meter(tmp_path, 2)
    first.count(200, 10)
    first.count(415, 5)
    second.count(500, 7)
    second.count(204, 1)

    assert read_count(tmp_path) == Count(
        invocations=4, client_errors=1, server_errors=1, microseconds=23
    )


def test_a_container_that_has_counted_nothing_has_no_calls(tmp_path: Path) -> None:
    (tmp_path / "meter-7").touch()

    assert read_count(tmp_path) == Count()


def test_what_was_counted_since_is_the_difference() -> None:
    assert Count(5, 2, 1, 50) - Count(3, 1, 0, 20) == Count(2, 1, 1, 30)


def test_each_call_is_a_sample_of_every_metric() -> None:
    told = metrics(Count(4, 1, 0, 80), endpoint_name="abalone", variant_name="AllTraffic")

    statistics = {metric["MetricName"]: metric["StatisticValues"] for metric in told}
    assert {values["SampleCount"] for values in statistics.values()} == {4}
    assert statistics["Invocations"]["Sum"] == 4
    assert (statistics["Invocation4XXErrors"]["Sum"], statistics["Invocation5XXErrors"]["Sum"]) == (
        1,
        0,
    )
    assert statistics["Invocation4XXErrors"]["Maximum"] == 1
    assert statistics["Invocation5XXErrors"]["Maximum"] == 0
    assert statistics["ModelLatency"]["Minimum"] == 20


def alarm(name: str = "errors", state: str = "OK", **more: Any) -> dict[str, Any]:
    return {
        "AlarmName": name,
        "Namespace": "AWS/SageMaker",
        "MetricName": "Invocation5XXErrors",
        "Statistic": "Average",
        "Threshold": 0.25,
        "StateValue": state,
        **more,
    }


@pytest.mark.parametrize(
    ("alarms", "count", "expected"),
    [
        ([alarm()], Count(), None),
        ([alarm()], Count(invocations=4, server_errors=1), None),
        ([alarm()], Count(invocations=4, server_errors=2), Trip("errors", by_errors=True)),
        ([alarm()], Count(invocations=4, client_errors=4), None),
        ([alarm(Statistic="Sum")], Count(8, server_errors=1), Trip("errors", by_errors=True)),
        ([alarm(MetricName="ModelLatency")], Count(4, server_errors=4), None),
        (
            [alarm(), alarm("slow", "ALARM", MetricName="ModelLatency")],
            Count(4, server_errors=4),
            Trip("slow", by_errors=False),
        ),
        ([alarm(state="INSUFFICIENT_DATA")], Count(4), None),
    ],
)
def test_an_alarm_goes_off_by_its_state_or_its_threshold(
    alarms: list[dict[str, Any]], count: Count, expected: Trip | None
) -> None:
    assert tripped(alarms, count) == expected


def test_a_deployment_without_alarms_names_none() -> None:
    named = {"AutoRollbackConfiguration": {"Alarms": [{"AlarmName": "a"}, {"AlarmName": "b"}]}}

    assert rollback_alarm_names({}) == []
    assert rollback_alarm_names(named) == ["a", "b"]
