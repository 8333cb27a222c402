"""The monitor's state machine on the local runtime: windows, alarms, messages, failures."""

import datetime
import json
from collections.abc import Iterator
from typing import Any

import pytest

from emulated.waiting import eventually
from pocketaws.gate.faults import Fault
from pocketaws.runtime import LocalRuntime
from tests.functional.monitored import Monitored, now
from tests.pages import read_all

SECOND = datetime.timedelta(seconds=1)


@pytest.fixture(scope="module")
def monitored(runtime: LocalRuntime) -> Iterator[Monitored]:
    made = Monitored(runtime)
    yield made
    made.delete()


def succeeded(execution: Any) -> dict[str, Any]:
    assert execution.status == "SUCCEEDED", (execution.error, execution.cause)
    return dict(json.loads(execution.output) if isinstance(execution.output, str) else {})


def wait_until_after(time: datetime.datetime) -> None:
    eventually(lambda: now() > time)


def failures(monitored: Monitored) -> list[Any]:
    return [one for one in monitored.messages() if one.subject.startswith("Monitor failed: ")]


def states_of(monitored: Monitored, execution: Any) -> list[str]:
    history = read_all(
        monitored.runtime.client("stepfunctions"),
        "get_execution_history",
        executionArn=execution.arn,
    )["events"]
    entered = [event.get("stateEnteredEventDetails") for event in history]
    return [details["name"] for details in entered if details]


def test_drift_is_told_once_with_what_moved_and_so_is_its_end(monitored: Monitored) -> None:
    before = len(monitored.messages())
    since = now()
    monitored.call(300)
    succeeded(monitored.window(since))
    assert monitored.report()["drifted"] == []
    endpoint = monitored.report()["traffic"]["endpoint"]
    assert endpoint["invocations"] >= 1
    assert (endpoint["error_share"], endpoint["server_errors"]) == (0.0, 0)
    assert endpoint["model_mean_ms"] > 0
    assert monitored.alarm("DriftAlarm") == "OK"
    assert len(monitored.messages()) == before

    for _ in range(2):
        since = now() + SECOND
        wait_until_after(since)
        monitored.call(300, longer=1.0)
        succeeded(monitored.window(since))
    eventually(lambda: len(monitored.messages()) > before)
    (told,) = monitored.messages()[before:]
    assert monitored.alarm("DriftAlarm") == "ALARM"
    assert told.subject.startswith("Alarm: The calls to")
    assert "1. a: mean" in told.text
    assert "What to do: look at the page." in told.text
    assert f"s3://{monitored.bucket_name}/reports/" in told.text

    since = now() + SECOND
    wait_until_after(since)
    monitored.call(300)
    succeeded(monitored.window(since))
    eventually(lambda: len(monitored.messages()) > before + 1)
    (over,) = monitored.messages()[before + 1 :]
    assert monitored.alarm("DriftAlarm") == "OK"
    assert over.subject.startswith("Back to normal: The calls to")


def test_a_window_without_calls_is_said_as_such_and_judges_nothing(monitored: Monitored) -> None:
    execution = monitored.runtime.run(
        monitored.stack.outputs["MonitorArn"],
        {"from": "2026-01-01T00:00:00Z", "until": "2026-01-01T01:00:00Z", "reason": "by hand"},
    )

    succeeded(execution)
    assert monitored.report()["state"] == "no calls"
    assert states_of(monitored, execution) == [
        "Find captures",
        "How much is there?",
        "Compare in a function",
        "Publish window",
        "Window published",
    ]


HOUR = datetime.timedelta(hours=1)


def test_truth_that_is_two_windows_late_changes_the_quality_of_its_own_once(
    monitored: Monitored,
) -> None:
    s3 = monitored.runtime.client("s3")
    hour = now().replace(minute=0, second=0)
    own, due = hour - 2 * HOUR, hour + HOUR
    folder = f"capture/{monitored.endpoint.name}/AllTraffic/{own:%Y/%m/%d/%H}/"
    for kind, (key, body) in {
        "call": (f"{folder}calls.jsonl", captured(own + 60 * SECOND, "call-1")),
        "truth": (f"ground-truth/{own:%Y/%m/%d/%H}/late.jsonl", TRUTH),
    }.items():
        if kind == "truth":  # The window was compared long before.
            succeeded(monitored.window_of(own, own + HOUR, reason="schedule"))
            before = monitored.report_of(own + HOUR)
        s3.put_object(Bucket=monitored.bucket_name, Key=key, Body=json.dumps(body))
    assert (before["traffic"]["captures"], before["quality"]) == (1, None)
    errors_before = error_counts(monitored)

    first, again, next_one = (
        start_windows(monitored, due + late) for late in (0 * HOUR,) * 2 + (HOUR,)
    )

    name = f"window-{own + HOUR:%Y%m%dT%H%M%SZ}-truth-{due:%Y%m%dT%H%M%SZ}"
    assert [one for one in first["started"] if "-truth-" in one] == [name]
    assert name in again["already"] + again["started"]
    assert not any("-truth-" in one for names in next_one.values() for one in names)
    for one in first["started"] + next_one["started"]:
        monitored.runtime.wait(monitored.execution_arn(one))
    quality = monitored.report_of(own + HOUR)["quality"]
    assert (quality["calls"], quality["rows"], quality["misfits"]) == (1, 1, 0)
    assert monitored.report_of(due)["quality"] is None
    assert error_counts(monitored) == errors_before + 1
    assert f"{due + HOUR:%Y/%m/%d/%H}" in str(monitored.summary()["page_key"])


TRUTH = {
    "groundTruthData": {"data": "9", "encoding": "CSV"},
    "eventMetadata": {"eventId": "call-1"},
    "eventVersion": "0",
}


def captured(time: datetime.datetime, event_id: str) -> dict[str, Any]:
    """Return a capture of a call of one row."""
    data = {"observedContentType": "text/csv", "encoding": "CSV"}
    return {
        "captureData": {
            "endpointInput": {**data, "mode": "INPUT", "data": "0.1,0.2,0.3,0.4"},
            "endpointOutput": {**data, "mode": "OUTPUT", "data": "8.5"},
        },
        "eventMetadata": {"eventId": event_id, "inferenceTime": f"{time:%Y-%m-%dT%H:%M:%SZ}"},
        "eventVersion": "0",
    }


def start_windows(monitored: Monitored, due: datetime.datetime) -> dict[str, list[str]]:
    """Call the function as the schedule does at a time."""
    event = {
        "scheduled_time": f"{due:%Y-%m-%dT%H:%M:%SZ}",
        "window_seconds": 3600,
        "delay_seconds": 0,
    }
    answered = monitored.runtime.client("lambda").invoke(
        FunctionName=monitored.stack.resources["StartWindowFunction"], Payload=json.dumps(event)
    )
    return dict(json.loads(answered["Payload"].read()))


def error_counts(monitored: Monitored) -> int:
    """Return how often the error of this endpoint was put."""
    found = monitored.runtime.client("cloudwatch").get_metric_statistics(
        Namespace="SageMakerWorkflow/Monitor",
        MetricName="Rmse",
        Dimensions=[{"Name": "Endpoint", "Value": monitored.endpoint.name}],
        StartTime=now() - 24 * HOUR,
        EndTime=now() + HOUR,
        Period=86_400,
        Statistics=["SampleCount"],
    )["Datapoints"]
    return int(sum(one["SampleCount"] for one in found))


def test_a_start_that_comes_twice_starts_one_window(monitored: Monitored) -> None:
    event = {
        "scheduled_time": "2026-02-01T08:05:00Z",
        "window_seconds": 3600,
        "delay_seconds": 300,
    }
    answers = [
        json.loads(
            monitored.runtime.client("lambda")
            .invoke(
                FunctionName=monitored.stack.resources["StartWindowFunction"],
                Payload=json.dumps(event),
            )["Payload"]
            .read()
        )
        for _ in range(2)
    ]

    # While it runs, Step Functions answers a second start as the first one; then it refuses.
    assert answers[0] == {"started": ["window-20260201T080000Z"], "already": []}
    assert [name for names in answers[1].values() for name in names] == answers[0]["started"]
    listed = read_all(
        monitored.runtime.client("stepfunctions"),
        "list_executions",
        stateMachineArn=monitored.stack.outputs["MonitorArn"],
    )["executions"]
    assert [one["name"] for one in listed].count("window-20260201T080000Z") == 1


@pytest.mark.parametrize(
    "fault",
    [
        Fault("s3", "ListObjectsV2", "AccessDenied"),
        Fault("cloudwatch", "GetMetricData", "InternalServiceFault", times=10),
        Fault("cloudwatch", "PutMetricData", "InternalServiceFault", times=10),
    ],
    ids=lambda fault: fault.operation,
)
def test_what_a_function_is_refused_fails_the_window_and_is_told_once(
    monitored: Monitored, fault: Fault
) -> None:
    monitored.call(40)
    succeeded(monitored.window(now() - 2 * SECOND))
    before = len(failures(monitored))
    monitored.runtime.faults.append(fault)

    try:
        execution = monitored.window(now() - 2 * SECOND)
    finally:
        monitored.runtime.faults.clear()

    assert execution.status == "FAILED"
    eventually(lambda: len(failures(monitored)) > before)
    (told,) = failures(monitored)[before:]
    assert str(execution.error) in told.text


def test_failures_that_follow_each_other_are_told_once(monitored: Monitored) -> None:
    succeeded(monitored.window(now() - 2 * SECOND))
    before = len(failures(monitored))
    machine_arn = monitored.stack.outputs["MonitorArn"]

    for _ in range(3):
        assert monitored.runtime.run(machine_arn, {"from": "x", "until": "y", "reason": "by hand"})
    succeeded(monitored.window(now() - 2 * SECOND))
    monitored.runtime.run(machine_arn, {"from": "x", "until": "y", "reason": "by hand"})

    eventually(lambda: len(failures(monitored)) >= before + 2)
    assert len(failures(monitored)) == before + 2


def test_a_model_without_a_baseline_is_told_with_the_remedy(monitored: Monitored) -> None:
    s3 = monitored.runtime.client("s3")
    body = s3.get_object(Bucket="served-models", Key=monitored.baseline_key)["Body"].read()
    succeeded(monitored.window(now() - 2 * SECOND))
    s3.delete_object(Bucket="served-models", Key=monitored.baseline_key)

    try:
        execution = monitored.window(now() - 2 * SECOND)
    finally:
        s3.put_object(Bucket="served-models", Key=monitored.baseline_key, Body=body)

    assert execution.error == "NoBaselineError"
    assert "release a model anew" in str(execution.cause)


def test_a_large_window_is_compared_in_a_job(runtime: LocalRuntime) -> None:
    monitored = Monitored(runtime, MaxFunctionMegabytes="0")
    try:
        for _ in range(2):
            since = now()
            monitored.call(300)
            execution = monitored.window(since)
            succeeded(execution)
            assert "Compare in a job" in states_of(monitored, execution)
            assert monitored.report()["drifted"] == []
        assert len(json.loads(monitored.read("reports/latest/history.json"))) == 2
    finally:
        monitored.delete()
