"""Alarms told, and retraining that does not run in circles."""

import datetime
import json
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.session import Session
from botocore.validate import ParamValidator

from tests.unit.modules import load

function = load("answer_alarm")
NOW = datetime.datetime(2026, 11, 23, 12, 0, tzinfo=datetime.UTC)
HOUR = datetime.timedelta(hours=1)
MACHINE_ARN = "arn:aws:states:eu-west-1:123456789012:stateMachine:abalone"
ALARM_ARN = "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:endpoint-FeatureDriftAlarm-1A"
CONFIG = function.app.Config(
    topic_arn="arn:aws:sns:eu-west-1:123456789012:topic",
    state_machine_arn=MACHINE_ARN,
    retraining_alarm_names=("endpoint-FeatureDriftAlarm-1A",),
    retraining_pause=24 * HOUR,
)


class TakenNameError(Exception):
    """What the fake raises as a client's `exceptions.ExecutionAlreadyExists`."""


class FakeStepFunctions:
    """The executions of one state machine, the newest first."""

    exceptions = SimpleNamespace(ExecutionAlreadyExists=TakenNameError)

    def __init__(self, *executions: tuple[str, str, datetime.datetime]) -> None:
        self.executions = [
            {"name": name, "status": status, "startDate": started}
            for name, status, started in executions
        ]
        self.taken: set[str] = set()
        self.started: list[str] = []

    def list_executions(self, **request: Any) -> dict[str, Any]:
        check("ListExecutions", request)
        wanted = request.get("statusFilter")
        return {"executions": [e for e in self.executions if wanted in {None, e["status"]}]}

    def get_paginator(self, operation: str) -> SimpleNamespace:
        assert operation == "list_executions"
        return SimpleNamespace(paginate=self._pages)

    def start_execution(self, **request: Any) -> dict[str, str]:
        check("StartExecution", request)
        if request["name"] in self.taken:
            raise TakenNameError
        assert json.loads(request["input"]) == {"started_by": "drift"}
        self.started.append(request["name"])
        return {"executionArn": f"{MACHINE_ARN}:{request['name']}"}

    def _pages(self, **request: Any) -> Iterator[dict[str, Any]]:
        for execution in self.list_executions(**request)["executions"]:
            yield {"executions": [execution]}


class FakeSNS:
    """The messages that were published."""

    def __init__(self) -> None:
        self.messages: list[dict[str, str]] = []

    def publish(self, **message: str) -> dict[str, str]:
        assert message["TopicArn"] == CONFIG.topic_arn
        assert message["Subject"].isascii()
        assert len(message["Subject"]) < 100
        self.messages.append(message)
        return {"MessageId": "message-1"}


def check(operation: str, request: dict[str, Any]) -> None:
    shape = Session().get_service_model("stepfunctions").operation_model(operation).input_shape
    assert not ParamValidator().validate(request, shape).has_errors()


def event(arn: str = ALARM_ARN, description: str = "A feature drifts") -> dict[str, Any]:
    return {
        "source": "aws.cloudwatch",
        "detail-type": "CloudWatch Alarm State Change",
        "resources": [arn],
        "detail": {
            "alarmName": arn.rpartition(":")[2],
            "state": {"value": "ALARM", "reason": "Threshold Crossed: 0.31 > 0.2"},
            "configuration": {"description": description},
        },
    }


def answer(states: FakeStepFunctions, sns: FakeSNS | None = None, **changed: Any) -> dict[str, Any]:
    return dict(
        function.app.answer_alarm(
            event(**changed), config=CONFIG, now=NOW, sns=sns or FakeSNS(), states=states
        )
    )


def test_drift_starts_a_retraining_and_says_so() -> None:
    states, sns = FakeStepFunctions(), FakeSNS()

    told = answer(states, sns)

    (name,) = states.started
    assert name.startswith("drift-24h-")
    assert told == {
        "AlarmName": "endpoint-FeatureDriftAlarm-1A",
        "Retraining": f"Retraining was started: {MACHINE_ARN}:{name}",
        "MessageId": "message-1",
    }
    assert told["Retraining"] in sns.messages[0]["Message"]


def test_the_message_says_what_why_and_where() -> None:
    sns = FakeSNS()

    answer(FakeStepFunctions(), sns)

    (message,) = sns.messages
    assert message["Subject"] == "Alarm: A feature drifts"
    assert "Threshold Crossed: 0.31 > 0.2" in message["Message"]
    assert message["Message"].endswith(
        "https://eu-west-1.console.aws.amazon.com/cloudwatch/home?region=eu-west-1"
        "#alarmsV2:alarm/endpoint-FeatureDriftAlarm-1A"
    )


def test_a_subject_is_one_short_line_of_ascii() -> None:
    sns = FakeSNS()

    answer(FakeStepFunctions(), sns, description="Drift\nof ä " + "feature " * 50)

    assert sns.messages[0]["Subject"].startswith("Alarm: Drift of ? feature feature")


def test_another_alarm_is_told_and_starts_nothing() -> None:
    states, sns = FakeStepFunctions(), FakeSNS()

    told = answer(states, sns, arn=ALARM_ARN.replace("FeatureDrift", "Latency"))

    assert told["Retraining"] == "This alarm starts no retraining."
    assert states.started == []
    assert len(sns.messages) == 1


def test_nothing_is_started_while_an_execution_runs_however_old() -> None:
    states = FakeStepFunctions(("by-hand", "RUNNING", NOW - 200 * HOUR))

    told = answer(states)

    assert told["Retraining"] == "Nothing was started: by-hand is still running."
    assert states.started == []


@pytest.mark.parametrize("status", ["SUCCEEDED", "FAILED", "ABORTED", "TIMED_OUT"])
def test_nothing_is_started_within_the_pause_after_a_retraining_however_it_ended(
    status: str,
) -> None:
    states = FakeStepFunctions(
        ("by-hand", "SUCCEEDED", NOW - HOUR), ("drift-24h-1", status, NOW - 23 * HOUR)
    )

    told = answer(states)

    assert told["Retraining"] == (
        "Nothing was started: drift-24h-1 was, at 2026-11-22 13:00 UTC, and the pause is not over."
    )
    assert states.started == []


def test_a_retraining_is_started_again_after_the_pause() -> None:
    states = FakeStepFunctions(
        ("by-hand", "SUCCEEDED", NOW - HOUR), ("drift-24h-1", "SUCCEEDED", NOW - 25 * HOUR)
    )

    answer(states)

    assert len(states.started) == 1


def test_two_alarms_at_once_ask_for_the_same_execution() -> None:
    first, second = FakeStepFunctions(), FakeStepFunctions()
    answer(first)
    second.taken = set(first.started)

    told = answer(second)

    assert second.started == []
    assert "another alarm has just started" in told["Retraining"]


@pytest.mark.parametrize("resources", [None, [], [1], ["arn:aws:s3:::bucket"]])
def test_an_event_about_something_else_is_refused(resources: Any) -> None:
    with pytest.raises(ValueError, match="resources must hold the ARN of an alarm, got"):
        function.alarm.alarm_of({**event(), "resources": resources})


def test_a_failed_monitor_is_told_in_its_jobs_own_words() -> None:
    description = {"ProcessingJobName": "window-1", "ExitMessage": "no baseline", "Environment": {}}
    described = {"status": "FAILED", "error": "States.TaskFailed", "cause": json.dumps(description)}
    states = SimpleNamespace(describe_execution=lambda **_: described)
    failed = {"detail": {"executionArn": f"{MACHINE_ARN}:run"}}

    _, text = function.failure.failure_message(failed, states=states)

    assert "\n\nWhy: no baseline\n\n" in text


def test_a_console_that_is_not_known_is_told_by_the_arn() -> None:
    sns = FakeSNS()
    arn = ALARM_ARN.replace("arn:aws:", "arn:aws-iso:")

    answer(FakeStepFunctions(), sns, arn=arn)

    assert sns.messages[0]["Message"].endswith(arn)


def test_the_handler_takes_its_settings_from_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("TOPIC_ARN", "STATE_MACHINE_ARN", "RETRAINING_ALARM_NAMES"):
        monkeypatch.setenv(name, "")
    for name in ("MONITOR_ARN", "DRIFT_ALARM_NAMES", "SILENCE_ALARM_NAME", "REPORTS_BUCKET_NAME"):
        monkeypatch.setenv(name, "")
    monkeypatch.setenv("RETRAINING_PAUSE_HOURS", "24")

    with pytest.raises(ValueError, match="resources must hold the ARN of an alarm"):
        function.app.lambda_handler({}, None)
