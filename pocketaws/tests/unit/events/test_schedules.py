"""What EventBridge Scheduler refuses, and what a schedule starts."""

import datetime
from typing import Any

import pytest

from pocketaws.errors import LocalRuntimeError
from pocketaws.events.schedules import schedule_problems, start_of

MACHINE_ARN = "arn:aws:states:us-east-1:123456789012:stateMachine:w"
NOW = datetime.datetime(2026, 11, 23, 3, tzinfo=datetime.timezone(datetime.timedelta(hours=1)))


def request(expression: str = "rate(1 day)", **changes: Any) -> dict[str, Any]:
    target = {"Arn": MACHINE_ARN, "RoleArn": "role", "Input": "{}"}
    return {"ScheduleExpression": expression, "Target": target, **changes}


def schedule(*, state: str = "ENABLED", **target: str) -> dict[str, Any]:
    return {
        "Name": "nightly",
        "Arn": "arn:nightly",
        "State": state,
        "Target": {"Arn": MACHINE_ARN, "RoleArn": "role", **target},
    }


@pytest.mark.parametrize(
    "expression",
    [
        "rate(1 day)",
        "rate(12 hours)",
        "at(2027-01-31T03:00:00)",
        "cron(0 3 ? * MON *)",
        "cron(0/15 8-18 L * ? 2026-2028)",
        "cron(0 3 ? * MON#1 *)",
    ],
)
def test_a_schedules_expression_is_taken(expression: str) -> None:
    assert list(schedule_problems(request(expression))) == []


@pytest.mark.parametrize(
    "expression",
    ["rate(0 days)", "rate(1 week)", "cron(0 3 * * MON *)", "cron(0 3 ? * ? *)", "0 3 * * *"],
)
def test_an_expression_that_is_none_is_refused_with_an_example(expression: str) -> None:
    (problem,) = schedule_problems(request(expression))

    assert expression in problem
    assert "cron(0 3 ? * MON *)" in problem


def test_a_time_zone_that_is_none_is_refused() -> None:
    (problem,) = schedule_problems(request(ScheduleExpressionTimezone="Europe/Abalone"))

    assert "Europe/Abalone" in problem


def test_the_input_of_a_state_machine_is_json_and_of_a_queue_any_text() -> None:
    queue = {"Arn": "arn:aws:sqs:us-east-1:123456789012:q", "RoleArn": "role", "Input": "hello"}
    machine = {**queue, "Arn": MACHINE_ARN}

    assert list(schedule_problems(request(Target=queue))) == []
    (problem,) = schedule_problems(request(Target=machine))
    assert "is no JSON" in problem


def test_a_schedule_starts_its_machine_with_its_input_in_the_name_of_its_role() -> None:
    start = start_of(schedule(Input='{"max_mse": 6}'), now=NOW)

    assert start.target_arn == MACHINE_ARN
    assert start.text == '{"max_mse": 6}'
    assert start.role_arn == "role"


def test_a_schedule_without_an_input_gives_none() -> None:
    assert start_of(schedule(), now=NOW).text == "{}"


def test_schedulers_keywords_are_replaced_and_nothing_else() -> None:
    text = "<aws.scheduler.schedule-arn> <aws.scheduler.scheduled-time> <aws.scheduler.x> <b>"

    made = start_of(schedule(Input=text), now=NOW).text
    assert made == "arn:nightly 2026-11-23T02:00:00Z <aws.scheduler.x> <b>"


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"state": "DISABLED"}, "is DISABLED and would not fire; enable it first"),
        ({"Arn": "arn:aws:kinesis:us-east-1:123456789012:stream/s"}, "of state machines"),
    ],
)
def test_what_would_not_start_a_state_machine_is_told(changes: dict[str, str], told: str) -> None:
    with pytest.raises(LocalRuntimeError, match=told):
        start_of(schedule(**changes), now=NOW)
