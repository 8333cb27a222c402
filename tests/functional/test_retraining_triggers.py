"""The stack starts executions by itself: on a schedule, and when new data is complete."""

import json
import uuid
from dataclasses import dataclass
from typing import Any

import pytest

from emulated.waiting import eventually
from pocketaws.cloudformation.deploy import Stack
from pocketaws.errors import DeploymentError, LocalRuntimeError
from pocketaws.runtime import LocalRuntime
from tests.conftest import OPEN_GATE, PROJECT_DIR, SAMPLE_PATH
from tests.pages import read_all

TEMPLATE_PATH = PROJECT_DIR / "template.yaml"
TRIGGERS = {
    "WorkflowSchedule",
    "WorkflowScheduleRole",
    "NewDataRule",
    "NewDataRole",
    "RetrainingDeadLetterQueue",
    "RetrainingNotStartedAlarm",
    "RetrainingNotStartedRule",
    "RetrainingNotStartedPermission",
}


@dataclass(frozen=True)
class Triggered:
    """A stack whose triggers are on, and the bucket with its data."""

    runtime: LocalRuntime
    stack: Stack
    bucket_name: str

    def write(self, key: str) -> None:
        self.runtime.client("s3").put_object(Bucket=self.bucket_name, Key=key, Body=b"")

    def executions(self) -> list[dict[str, Any]]:
        """Return the stack's executions, described, oldest first."""
        step_functions = self.runtime.client("stepfunctions")
        listed = read_all(
            step_functions, "list_executions", stateMachineArn=self.stack.outputs["StateMachineArn"]
        )["executions"]
        arns = [item["executionArn"] for item in reversed(listed)]
        return [step_functions.describe_execution(executionArn=arn) for arn in arns]


def deploy(runtime: LocalRuntime, stack_name: str, **parameters: str) -> Stack:
    return runtime.deploy(TEMPLATE_PATH, stack_name=stack_name, parameters=parameters)


def data_bucket(runtime: LocalRuntime, *, tells_event_bridge: bool = True) -> str:
    """Make a bucket with the sample under raw/, and have it tell EventBridge."""
    s3, name = runtime.client("s3"), f"data-{uuid.uuid4()}"
    s3.create_bucket(Bucket=name)
    s3.upload_file(str(SAMPLE_PATH), name, "raw/abalone.csv")
    if tells_event_bridge:
        s3.put_bucket_notification_configuration(
            Bucket=name, NotificationConfiguration={"EventBridgeConfiguration": {}}
        )
    return name


@pytest.fixture(scope="module")
def triggered(runtime: LocalRuntime) -> Triggered:
    bucket_name = data_bucket(runtime)
    stack = deploy(
        runtime,
        "abalone-triggers",
        InputDataUri=f"s3://{bucket_name}/raw/",
        NewDataKey="raw/_SUCCESS",
        RetrainingSchedule="cron(0 3 ? * MON *)",
        RetrainingTimeZone="Europe/Berlin",
        RetrainingInput=json.dumps(OPEN_GATE),
    )
    return Triggered(runtime, stack, bucket_name)


def test_nothing_starts_by_itself_unless_it_is_asked_for(stack: Stack) -> None:
    assert not TRIGGERS & stack.resources.keys()
    assert "RetrainingDeadLetterQueuePolicy" not in dict(stack.not_created)
    assert not {"WorkflowScheduleName", "RetrainingDeadLetterQueueUrl"} & stack.outputs.keys()


def test_the_object_that_ends_an_upload_starts_one_execution(triggered: Triggered) -> None:
    before = len(triggered.executions())
    # What comes before it, and what is called alike in another folder.
    for key in ("raw/more.csv", "raw/x_SUCCESS", "raw/old/_SUCCESS", "other/_SUCCESS"):
        triggered.write(key)
    triggered.write("raw/_SUCCESS")

    assert eventually(lambda: len(triggered.executions()) > before)
    started = triggered.executions()[before:]
    execution = triggered.runtime.wait(started[0]["executionArn"])
    assert execution.status == "SUCCEEDED", execution.cause
    assert json.loads(started[0]["input"]) == {"started_by": "new data", "input": OPEN_GATE}
    assert len(triggered.executions()) == before + 1


def test_a_bucket_that_does_not_tell_eventbridge_starts_nothing(
    runtime: LocalRuntime, triggered: Triggered
) -> None:
    silent = data_bucket(runtime, tells_event_bridge=False)
    events = runtime.client("events")
    rule = events.describe_rule(Name=triggered.stack.resources["NewDataRule"])
    before = len(triggered.executions())
    events.put_rule(
        Name=rule["Name"], EventPattern=rule["EventPattern"].replace(triggered.bucket_name, silent)
    )
    runtime.client("s3").put_object(Bucket=silent, Key="raw/_SUCCESS", Body=b"")
    events.put_rule(Name=rule["Name"], EventPattern=rule["EventPattern"])
    triggered.write("raw/_SUCCESS")

    assert eventually(lambda: len(triggered.executions()) > before)
    assert len(triggered.executions()) == before + 1
    triggered.runtime.wait(triggered.executions()[-1]["executionArn"])


def test_a_schedule_starts_an_execution_with_its_input(triggered: Triggered) -> None:
    name = triggered.stack.outputs["WorkflowScheduleName"]
    schedule = triggered.runtime.client("scheduler").get_schedule(Name=name)

    execution = triggered.runtime.run_schedule(name)

    assert execution.status == "SUCCEEDED", execution.cause
    (started,) = [it for it in triggered.executions() if it["executionArn"] == execution.arn]
    assert json.loads(started["input"]) == {"started_by": "schedule", "input": OPEN_GATE}
    assert schedule["ScheduleExpression"] == "cron(0 3 ? * MON *)"
    assert schedule["ScheduleExpressionTimezone"] == "Europe/Berlin"


def test_what_could_not_be_started_is_told(triggered: Triggered) -> None:
    queue_url = triggered.stack.outputs["RetrainingDeadLetterQueueUrl"]
    alarm_name = triggered.stack.resources["RetrainingNotStartedAlarm"]
    cloudwatch = triggered.runtime.client("cloudwatch")
    (alarm,) = cloudwatch.describe_alarms(AlarmNames=[alarm_name])["MetricAlarms"]
    assert alarm["Dimensions"] == [
        {"Name": "QueueName", "Value": queue_url.rpartition("/")[2]},
    ]

    # What SQS measures itself is not judged here.
    cloudwatch.set_alarm_state(AlarmName=alarm_name, StateValue="ALARM", StateReason="a message")

    def told() -> list[str]:
        return [one.text for one in triggered.runtime.messages() if queue_url in one.text]

    assert eventually(lambda: bool(told()))
    assert "could not be started" in told()[0]


def test_a_message_that_could_not_be_sent_is_told(triggered: Triggered) -> None:
    alarm_name = triggered.stack.resources["MessageNotSentAlarm"]
    cloudwatch = triggered.runtime.client("cloudwatch")

    # What Lambda counts itself is not judged here.
    cloudwatch.set_alarm_state(AlarmName=alarm_name, StateValue="ALARM", StateReason="an error")

    def told() -> list[str]:
        return [one.subject for one in triggered.runtime.messages() if alarm_name in one.text]

    assert eventually(lambda: bool(told()))
    assert told()[0].startswith("Message not sent: ")


def test_a_schedule_that_is_not_there_is_told(runtime: LocalRuntime) -> None:
    with pytest.raises(LocalRuntimeError, match="'nightly' of the group 'default' started nothing"):
        runtime.run_schedule("nightly")


def test_new_data_in_the_stacks_own_bucket_starts_one_until_it_is_switched_off(
    runtime: LocalRuntime,
) -> None:
    name = "abalone-own-data"
    bucket_name = deploy(runtime, name).outputs["BucketName"]
    uri = f"s3://{bucket_name}/input/"
    stack = deploy(runtime, name, InputDataUri=uri, NewDataKey="input/*/_SUCCESS")
    own = Triggered(runtime, stack, bucket_name)
    runtime.client("s3").upload_file(str(SAMPLE_PATH), bucket_name, "input/monday/abalone.csv")
    own.write("input/monday/_SUCCESS")
    assert eventually(lambda: len(own.executions()) == 1)
    ended = runtime.wait(own.executions()[0]["executionArn"])

    off = deploy(runtime, name, NewDataKey="")
    own.write("input/monday/_SUCCESS")

    assert ended.status == "SUCCEEDED", ended.cause
    assert not TRIGGERS & off.resources.keys()
    s3 = runtime.client("s3")
    notifications = s3.get_bucket_notification_configuration(Bucket=bucket_name)
    assert "EventBridgeConfiguration" not in notifications
    assert len(own.executions()) == 1


def test_new_data_of_the_public_set_is_refused(runtime: LocalRuntime) -> None:
    with pytest.raises(DeploymentError, match="give InputDataUri, or leave NewDataKey empty"):
        deploy(runtime, "abalone-refused", NewDataKey="raw/_SUCCESS")


@pytest.mark.parametrize(
    ("trigger", "told"),
    [
        ({"RetrainingSchedule": "rate(7 days)"}, "is no JSON"),
        (
            {"NewDataKey": "raw/_SUCCESS", "InputDataUri": "s3://some-bucket/raw/"},
            "JSON syntax error in input",
        ),
    ],
)
def test_an_input_that_is_no_json_is_refused_when_it_is_deployed(
    runtime: LocalRuntime, trigger: dict[str, str], told: str
) -> None:
    with pytest.raises(DeploymentError, match=told):
        deploy(
            runtime, f"abalone-refused-{len(trigger)}", RetrainingInput='{"max_mse": }', **trigger
        )


def test_an_input_with_an_unknown_field_fails_the_execution_and_names_it(
    runtime: LocalRuntime,
) -> None:
    stack = deploy(
        runtime,
        "abalone-mistaken",
        RetrainingSchedule="rate(1 day)",
        RetrainingInput='{"max_mze": 6}',
    )

    execution = runtime.run_schedule(stack.outputs["WorkflowScheduleName"])

    assert execution.status == "FAILED"
    assert "max_mze" in str(execution.cause)
