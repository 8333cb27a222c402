"""What metrics of drift and quality lead to: an alarm, a message, one retraining."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from emulated.roles import made_role
from emulated.waiting import eventually
from pocketaws.cloudformation.deploy import Stack
from pocketaws.runtime import LocalRuntime
from tests.functional.endpoint_stack import FIRST, EndpointStack
from tests.pages import read_all

NAMESPACE = "SageMakerWorkflow/Monitor"
WATCHED = {"CaptureSamplingPercentage": "100", "RunSmokeTest": "false"}


class Watched:
    """An endpoint's stack whose alarms reach a state machine and a topic of its own."""

    def __init__(self, runtime: LocalRuntime) -> None:
        self.runtime = runtime
        self.endpoint = EndpointStack(runtime)
        definition = {"StartAt": "Train", "States": {"Train": {"Type": "Pass", "End": True}}}
        self.machine_arn = runtime.client("stepfunctions").create_state_machine(
            name=f"{self.endpoint.name}-workflow",
            definition=json.dumps(definition),
            roleArn=made_role(runtime, self.endpoint.name),
        )["stateMachineArn"]
        self.endpoint.put("state-machine-arn", self.machine_arn)
        self.topic_arn = runtime.client("sns").create_topic(Name=self.endpoint.name)["TopicArn"]
        self.endpoint.record(FIRST)
        self.stack: Stack | None = None

    def deploy(self, **parameters: str) -> None:
        self.stack = self.endpoint.deploy(**WATCHED, **parameters)

    def measure(self, metric_name: str, value: float) -> None:
        dimensions = [{"Name": "Endpoint", "Value": self.endpoint.name}]
        metric = {"MetricName": metric_name, "Dimensions": dimensions, "Value": value}
        self.runtime.client("cloudwatch").put_metric_data(Namespace=NAMESPACE, MetricData=[metric])

    def alarm_state(self, logical_id: str) -> str:
        assert self.stack is not None
        described = self.runtime.client("cloudwatch").describe_alarms(
            AlarmNames=[self.stack.resources[logical_id]]
        )
        return str(described["MetricAlarms"][0]["StateValue"])

    def messages(self) -> list[str]:
        mine = [one for one in self.runtime.messages() if one.topic_arn == self.topic_arn]
        return [message.text for message in mine]

    def retrainings(self) -> list[str]:
        listed: dict[str, Any] = read_all(
            self.runtime.client("stepfunctions"),
            "list_executions",
            stateMachineArn=self.machine_arn,
        )
        return [item["name"] for item in listed["executions"]]


@pytest.fixture
def watched(runtime: LocalRuntime) -> Iterator[Watched]:
    found = Watched(runtime)
    yield found
    runtime.client("cloudformation").delete_stack(StackName=found.endpoint.name)


def test_calls_that_do_not_drift_set_no_alarm_off(watched: Watched) -> None:
    watched.deploy(RetrainOnDrift="true")
    watched.measure("DriftedColumns", 0)

    assert watched.alarm_state("DriftAlarm") == "OK"
    assert watched.alarm_state("QualityAlarm") == "INSUFFICIENT_DATA"
    assert watched.messages() == []
    assert watched.retrainings() == []


def test_drift_sets_the_alarm_off_which_tells_and_retrains_once(watched: Watched) -> None:
    watched.deploy(RetrainOnDrift="true")
    watched.measure("DriftedColumns", 2)

    assert watched.alarm_state("DriftAlarm") == "ALARM"
    eventually(lambda: len(watched.messages()) == 1)
    assert "Threshold Crossed: 1 out of the last 1 datapoints" in watched.messages()[0]
    assert "Retraining was started" in watched.messages()[0]
    (name,) = watched.retrainings()
    assert name.startswith("drift-")

    # It goes on, which is nothing new; it ends, and comes back within the pause.
    # A message is waited for before the next, as two events may overtake each other.
    for value in (2, 0):
        watched.measure("DriftedColumns", value)
    eventually(lambda: len(watched.messages()) == 2)
    watched.measure("DriftedColumns", 2)
    eventually(lambda: len(watched.messages()) == 3)
    assert watched.messages()[1].startswith("No longer: ")
    assert "the pause is not over" in watched.messages()[2]
    assert watched.retrainings() == [name]


def test_an_error_above_the_bound_is_only_told_where_retraining_is_off(watched: Watched) -> None:
    watched.deploy(MaxRmse="2.0")
    watched.measure("Rmse", 2.5)

    assert watched.alarm_state("QualityAlarm") == "ALARM"
    eventually(lambda: len(watched.messages()) == 1)
    assert "This alarm starts no retraining." in watched.messages()[0]
    assert watched.retrainings() == []
