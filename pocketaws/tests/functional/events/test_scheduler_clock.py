"""EventBridge Scheduler's clock: it fires what is due, tries again, and keeps the rest."""

import datetime
import json
import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from emulated.roles import made_role
from emulated.waiting import eventually
from pocketaws.events.clock import SchedulerClock
from pocketaws.runtime import LocalRuntime

GROUP_ARN = "arn:aws:scheduler:us-east-1:123456789012:schedule-group/default"
INPUT = '{"time": "<aws.scheduler.scheduled-time>", "attempt": "<aws.scheduler.attempt-number>"}'


class Scheduled:
    """Schedules with a target of each kind, and what came of them."""

    def __init__(self, runtime: LocalRuntime) -> None:
        self.runtime = runtime
        self.name = f"clock-{uuid.uuid4().hex[:8]}"
        self.role_arn = made_role(runtime, self.name, services=["scheduler.amazonaws.com"])
        self.machine_role_arn = made_role(runtime, f"{self.name}-machine")
        self.sqs = runtime.client("sqs")

    def queue(self, suffix: str) -> tuple[str, str]:
        url = self.sqs.create_queue(QueueName=f"{self.name}-{suffix}")["QueueUrl"]
        arn = self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        return url, arn["Attributes"]["QueueArn"]

    def machine(self) -> str:
        definition = {"StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}}
        made = self.runtime.client("stepfunctions").create_state_machine(
            name=self.name, definition=json.dumps(definition), roleArn=self.machine_role_arn
        )
        return str(made["stateMachineArn"])

    def schedule(self, target_arn: str, expression: str = "rate(1 day)", **target: Any) -> str:
        self.runtime.client("scheduler").create_schedule(
            Name=self.name,
            ScheduleExpression=expression,
            FlexibleTimeWindow={"Mode": "OFF"},
            Target={"Arn": target_arn, "RoleArn": self.role_arn, "Input": INPUT, **target},
        )
        return self.name

    def received(self, url: str) -> list[dict[str, Any]]:
        answer = self.sqs.receive_message(
            QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"]
        )
        return list(answer.get("Messages", []))

    def awaited(self, url: str) -> dict[str, Any]:
        """Return the first message of a queue that has none yet."""
        found: list[dict[str, Any]] = []

        def arrived() -> bool:
            found.extend(self.received(url))
            return bool(found)

        assert eventually(arrived)
        return found[0]


@pytest.fixture
def scheduled(runtime: LocalRuntime) -> Iterator[Scheduled]:
    made = Scheduled(runtime)
    yield made
    scheduler = runtime.client("scheduler")
    scheduler.delete_schedule(Name=made.name)


def test_the_clock_fires_what_is_due_in_a_minute(scheduled: Scheduled) -> None:
    url, arn = scheduled.queue("target")
    scheduled.schedule(arn, "cron(30 8 * * ? *)")
    clock = SchedulerClock(scheduled.runtime.client, scheduled.runtime._services.as_scheduler)

    for minute in (29, 30, 31):
        clock.look(datetime.datetime(2026, 11, 23, 8, minute, tzinfo=datetime.UTC))

    message = scheduled.awaited(url)
    assert json.loads(message["Body"]) == {"time": "2026-11-23T08:30:00Z", "attempt": "1"}


def test_a_schedule_with_seconds_of_its_own_fires_again_and_again(scheduled: Scheduled) -> None:
    machine_arn = scheduled.machine()
    name = scheduled.schedule(machine_arn)
    step_functions = scheduled.runtime.client("stepfunctions")

    def inputs() -> list[str]:
        listed = step_functions.list_executions(stateMachineArn=machine_arn)["executions"]
        return [
            step_functions.describe_execution(executionArn=one["executionArn"])["input"]
            for one in listed
        ]

    with scheduled.runtime.scheduler_clock({name: 1}):
        assert eventually(lambda: len(inputs()) >= 2)

    assert len({json.loads(text)["time"] for text in inputs()}) == len(inputs())


def test_a_schedule_that_was_updated_without_a_state_is_enabled(scheduled: Scheduled) -> None:
    arn = scheduled.runtime.client("sns").create_topic(Name=scheduled.name)["TopicArn"]
    name = scheduled.schedule(arn)
    scheduler = scheduled.runtime.client("scheduler")
    kept = scheduler.get_schedule(Name=name)
    scheduler.update_schedule(
        Name=name,
        ScheduleExpression="rate(2 days)",
        FlexibleTimeWindow=kept["FlexibleTimeWindow"],
        Target=kept["Target"],
    )

    assert scheduler.get_schedule(Name=name)["State"] == "ENABLED"
    assert scheduled.runtime.fire_schedule(name) == ""


def test_a_topic_is_a_target(scheduled: Scheduled) -> None:
    arn = scheduled.runtime.client("sns").create_topic(Name=scheduled.name)["TopicArn"]
    name = scheduled.schedule(arn)

    assert scheduled.runtime.fire_schedule(name) == ""

    (message,) = [one for one in scheduled.runtime.messages() if one.topic_arn == arn]
    assert json.loads(message.text)["attempt"] == "1"


def test_what_could_not_be_started_is_tried_again_and_then_kept(scheduled: Scheduled) -> None:
    url, arn = scheduled.queue("dead")
    gone = "arn:aws:states:us-east-1:123456789012:stateMachine:gone"
    name = scheduled.schedule(
        gone,
        RetryPolicy={"MaximumRetryAttempts": 1, "MaximumEventAgeInSeconds": 60},
        DeadLetterConfig={"Arn": arn},
    )

    with scheduled.runtime.scheduler_clock({name: 1}):
        message = scheduled.awaited(url)

    attributes = message["MessageAttributes"]
    assert attributes["TARGET_ARN"]["StringValue"] == gone
    assert "gone" in attributes["ERROR_MESSAGE"]["StringValue"]
    assert message["Body"] == INPUT
