"""`workflow status`: what it finds, what it says, and where things differ."""

import argparse
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError, NoCredentialsError

from tests.unit.answers import refusal, validate
from workflow.account import aws
from workflow.account.release_state import ReleaseState, differences, read_state
from workflow.account.status_report import as_json, as_text
from workflow.commands import status
from workflow.errors import WorkflowError

NAME = "/abalone-dev/model-name"
STACK_ID = "arn:aws:cloudformation:eu-west-1:123456789012:stack/abalone-endpoint/1"
ENDPOINT_ARN = "arn:aws:sagemaker:eu-west-1:123456789012:endpoint/abalone"
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


class NotThereError(Exception):
    """What the fake raises as a client's `exceptions.ParameterNotFound`."""


class FakeSSM:
    """A parameter with its history."""

    exceptions = SimpleNamespace(ParameterNotFound=NotThereError)

    def __init__(self) -> None:
        self.versions: list[dict[str, Any]] = []

    def record(self, model_name: str, **details: Any) -> None:
        number = len(self.versions) + 1
        description = json.dumps(
            {
                "model": model_name,
                "execution": f"arn:execution:{model_name}",
                "started": f"2026-11-23T05:{number:02}:00Z",
                "package": f"arn:aws:sagemaker:eu-west-1:123456789012:model-package/a/{number}",
                "mse": 4.5,
                **details,
            }
        )
        self.add(model_name, description)

    def add(self, model_name: str, description: str) -> None:
        version = {"Version": len(self.versions) + 1, "LastModifiedDate": NOON}
        self.versions.append({**version, "Value": model_name, "Description": description})

    def get_paginator(self, operation: str) -> SimpleNamespace:
        assert operation == "get_parameter_history"
        return SimpleNamespace(paginate=self._pages)

    def _pages(self, **request: Any) -> Iterator[dict[str, Any]]:
        validate("ssm", "GetParameterHistory", request)
        if request["Name"] != NAME or not self.versions:
            raise NotThereError
        yield {"Parameters": self.versions}


class FakeSageMaker:
    """Models, packages, endpoints and their configs, by name."""

    def __init__(self) -> None:
        self.models: set[str] = set()
        self.packages: dict[str, dict[str, Any]] = {}
        self.endpoints: dict[str, dict[str, Any]] = {}
        self.configs: dict[str, dict[str, Any]] = {}

    def describe_model(self, **request: Any) -> dict[str, Any]:
        validate("sagemaker", "DescribeModel", request)
        if request["ModelName"] not in self.models:
            raise refusal("DescribeModel", "ValidationException", 'Could not find model "arn".')
        return {"ModelName": request["ModelName"]}

    def describe_model_package(self, **request: Any) -> dict[str, Any]:
        validate("sagemaker", "DescribeModelPackage", request)
        if request["ModelPackageName"] not in self.packages:
            message = f"ModelPackage {request['ModelPackageName']} does not exist."
            raise refusal("DescribeModelPackage", "ValidationException", message)
        return self.packages[request["ModelPackageName"]]

    def describe_endpoint(self, **request: Any) -> dict[str, Any]:
        validate("sagemaker", "DescribeEndpoint", request)
        if request["EndpointName"] not in self.endpoints:
            raise refusal("DescribeEndpoint", "ValidationException", "Could not find endpoint.")
        return self.endpoints[request["EndpointName"]]

    def describe_endpoint_config(self, **request: Any) -> dict[str, Any]:
        validate("sagemaker", "DescribeEndpointConfig", request)
        if request["EndpointConfigName"] not in self.configs:
            message = "Could not find endpoint configuration."
            raise refusal("DescribeEndpointConfig", "ValidationException", message)
        return self.configs[request["EndpointConfigName"]]

    def list_endpoints(self, **request: Any) -> dict[str, Any]:
        validate("sagemaker", "ListEndpoints", request)
        names = list(self.endpoints)[: request["MaxResults"]]
        return {"Endpoints": [{"EndpointName": name} for name in names]}

    def serve(self, *model_names: str, config_name: str = "config-1", **endpoint: Any) -> None:
        """Have the endpoint abalone serve models, each by a variant on one instance."""
        names = ["AllTraffic", "Other"][: len(model_names)]
        self.configs[config_name] = {
            "ProductionVariants": [
                {"VariantName": name, "ModelName": model_name, "InstanceType": "ml.m5.large"}
                for name, model_name in zip(names, model_names, strict=True)
            ]
        }
        self.endpoints["abalone"] = {
            "EndpointName": "abalone",
            "EndpointArn": ENDPOINT_ARN,
            "EndpointStatus": "InService",
            "EndpointConfigName": config_name,
            "ProductionVariants": [
                {"VariantName": name, "CurrentInstanceCount": 2, "DesiredInstanceCount": 2}
                for name in names
            ],
            **endpoint,
        }


class FakeCloudFormation:
    """One stack, or none."""

    def __init__(self) -> None:
        self.status: str | None = None
        self.events: list[dict[str, Any]] = []
        self.resources: list[dict[str, Any]] = []

    def describe_stack_resources(self, **request: Any) -> dict[str, Any]:
        validate("cloudformation", "DescribeStackResources", request)
        assert request == {"PhysicalResourceId": ENDPOINT_ARN}
        if self.status is None:
            message = f"Stack for {ENDPOINT_ARN} does not exist"
            raise refusal("DescribeStackResources", "ValidationError", message)
        return {"StackResources": [self._resource("AWS::SageMaker::Endpoint", ENDPOINT_ARN)]}

    def _resource(self, kind: str, physical_id: str) -> dict[str, Any]:
        common = {"StackId": STACK_ID, "ResourceStatus": "UPDATE_COMPLETE", "Timestamp": NOON}
        return {**common, "ResourceType": kind, "PhysicalResourceId": physical_id}

    def describe_stacks(self, **request: Any) -> dict[str, Any]:
        validate("cloudformation", "DescribeStacks", request)
        stack = {"StackId": STACK_ID, "StackName": "abalone-endpoint", "CreationTime": NOON}
        return {"Stacks": [{**stack, "StackStatus": self.status}]}

    def get_paginator(self, operation: str) -> SimpleNamespace:
        assert operation == "describe_stack_events"
        return SimpleNamespace(paginate=lambda **_: iter([{"StackEvents": self.events}]))


class StackWithAlarms(FakeCloudFormation):
    """A stack with a smoke test and two alarms, one of which was never made."""

    def describe_stack_resources(self, **request: Any) -> dict[str, Any]:
        answer = super().describe_stack_resources(**request)
        answer["StackResources"] += [
            self._resource("Custom::SmokeTest", "smoke-test"),
            self._resource("AWS::CloudWatch::Alarm", "latency"),
            {**self._resource("AWS::CloudWatch::Alarm", ""), "PhysicalResourceId": None},
        ]
        return answer


class FakeCloudWatch:
    """Alarms by name, with their states."""

    def __init__(self, **states: str) -> None:
        self.states = states

    def describe_alarms(self, **request: Any) -> dict[str, Any]:
        validate("cloudwatch", "DescribeAlarms", request)
        return {
            "MetricAlarms": [
                {"AlarmName": name, "StateValue": self.states[name], "StateReason": "two of two"}
                for name in request["AlarmNames"]
                if name in self.states
            ]
        }


class World:
    """Everything that the command looks at; run-1 and run-2 were recorded, run-2 is served."""

    def __init__(self) -> None:
        self.ssm = FakeSSM()
        self.sagemaker = FakeSageMaker()
        self.cloudformation = FakeCloudFormation()
        self.cloudwatch = FakeCloudWatch()
        for model_name in ("run-1", "run-2"):
            self.ssm.record(model_name)
            self.sagemaker.models.add(model_name)
            details = json.loads(self.ssm.versions[-1]["Description"])
            self.sagemaker.packages[details["package"]] = {"ModelApprovalStatus": "Approved"}
        self.sagemaker.serve("run-2")

    def look(self, endpoint_name: str = "abalone") -> ReleaseState:
        return read_state(NAME, endpoint_name, clients=lambda service: getattr(self, service))

    @property
    def told(self) -> list[str]:
        return differences(self.look())

    @property
    def text(self) -> str:
        state = self.look()
        return as_text(state, differences(state))


def rolled_back_with(*reasons: str) -> list[dict[str, Any]]:
    """Return the events of an update that failed, the newest first, after those of one before."""
    stack = {"PhysicalResourceId": STACK_ID, "LogicalResourceId": "abalone-endpoint"}
    failures = [
        {
            "PhysicalResourceId": "x",
            "LogicalResourceId": f"Resource{index}",
            "ResourceStatus": "UPDATE_FAILED",
            "ResourceStatusReason": reason,
        }
        for index, reason in enumerate(reasons)
    ]
    earlier = {**failures[0], "LogicalResourceId": "Earlier", "ResourceStatusReason": "long ago"}
    return [
        {**stack, "ResourceStatus": "UPDATE_ROLLBACK_COMPLETE"},
        {**stack, "ResourceStatus": "UPDATE_ROLLBACK_IN_PROGRESS"},
        *reversed(failures),
        {**stack, "ResourceStatus": "UPDATE_IN_PROGRESS"},
        earlier,
    ]


def test_an_endpoint_that_serves_the_recorded_model_is_consistent() -> None:
    world = World()

    assert world.told == []
    assert world.text.endswith("\nthe endpoint serves the recorded model")


def test_the_text_tells_the_recorded_model_and_where_it_came_from() -> None:
    lines = World().text.splitlines()

    assert lines[:6] == [
        "parameter      /abalone-dev/model-name",
        "recorded       run-2",
        "  version      2, written 2026-11-23 12:00 UTC",
        "  metrics      mse 4.5",
        "  execution    arn:execution:run-2",
        "  package      Approved (arn:aws:sagemaker:eu-west-1:123456789012:model-package/a/2)",
    ]


def test_the_text_tells_the_endpoint_and_its_hosting() -> None:
    world = World()
    world.sagemaker.endpoints["abalone"]["DataCaptureConfig"] = {
        "EnableCapture": True,
        "CaptureStatus": "Started",
        "CurrentSamplingPercentage": 10,
        "DestinationS3Uri": "s3://captured/capture",
    }

    assert "endpoint       abalone: InService\n" in world.text
    assert "  serves       run-2 (endpoint config config-1)\n" in world.text
    assert "  hosting      AllTraffic: 2 x ml.m5.large\n" in world.text
    assert "  captured     10 % of the calls, to s3://captured/capture\n" in world.text


def test_serverless_hosting_is_told_as_such() -> None:
    world = World()
    serverless = {"MemorySizeInMB": 2048, "MaxConcurrency": 5}
    world.sagemaker.endpoints["abalone"]["ProductionVariants"] = [
        {"VariantName": "AllTraffic", "CurrentServerlessConfig": serverless}
    ]

    assert "AllTraffic: serverless, 2048 MB, at most 5 calls at once" in world.text


def test_another_model_than_the_recorded_one_is_a_difference() -> None:
    world = World()
    world.sagemaker.serve("run-1")

    assert world.told == [
        (
            "the endpoint abalone serves run-1, the recorded model is run-2: deploy endpoint.yaml "
            "again (`sam deploy --config-env staging`, or production)"
        )
    ]


def test_two_variants_of_which_one_serves_another_model_are_a_difference() -> None:
    world = World()
    world.sagemaker.serve("run-2", "run-1")

    assert world.told[0].startswith("the endpoint abalone serves run-2 and run-1, the recorded")


def test_an_update_in_progress_is_told_with_the_model_that_it_brings() -> None:
    world = World()
    world.sagemaker.serve("run-2", config_name="config-2")
    world.sagemaker.serve(
        "run-1",
        EndpointStatus="Updating",
        PendingDeploymentSummary={"EndpointConfigName": "config-2"},
    )

    assert "  changes to   run-2 (endpoint config config-2)" in world.text
    assert world.told == [
        "the endpoint abalone is Updating",
        (
            "the endpoint abalone serves run-1, the recorded model is run-2: an update to it is in "
            "progress, wait for its end"
        ),
    ]


def test_an_endpoint_config_that_was_deleted_leaves_the_model_unknown() -> None:
    world = World()
    world.sagemaker.configs.clear()

    assert world.told[0].startswith("the endpoint abalone serves an unknown model, the recorded")


def test_a_failed_endpoint_is_a_difference_with_its_reason() -> None:
    world = World()
    world.sagemaker.serve("run-2", EndpointStatus="Failed", FailureReason="no capacity")

    assert world.told == ["the endpoint abalone is Failed: no capacity"]


def test_an_endpoint_that_is_not_there_is_a_difference_that_names_those_that_are() -> None:
    state = World().look(endpoint_name="abalone-staging")

    assert differences(state) == [
        (
            "the endpoint abalone-staging does not exist: deploy endpoint.yaml; there are: "
            "abalone; name one with --endpoint-name"
        )
    ]


def test_nothing_recorded_is_a_difference() -> None:
    world = World()
    world.ssm.versions.clear()

    assert world.told == [
        (
            "no model has been recorded: /abalone-dev/model-name does not exist; run the workflow, "
            "or name its stack with --stack-name"
        )
    ]


def test_a_recorded_model_that_was_deleted_is_a_difference() -> None:
    world = World()
    world.sagemaker.models.remove("run-2")

    assert world.told == [
        (
            "the recorded model run-2 is not in SageMaker: go back to another one with `workflow "
            "rollback`, or run the workflow"
        )
    ]


def test_a_package_that_was_rejected_since_is_a_difference() -> None:
    world = World()
    for package in world.sagemaker.packages.values():
        package.update(ModelApprovalStatus="Rejected", ApprovalDescription="wrong data")

    assert world.told == [
        (
            "the package of the recorded model run-2 was rejected since (wrong data): go back with "
            "`workflow rollback`, or approve it again"
        )
    ]


def test_a_package_that_was_deleted_is_unknown() -> None:
    world = World()
    world.sagemaker.packages.clear()

    assert "  package      unknown" in world.text
    assert world.told == []


def test_a_model_written_by_hand_is_told_by_what_an_earlier_version_says() -> None:
    world = World()
    # The command line's put-parameter without a description keeps the one before.
    world.ssm.add("run-1", world.ssm.versions[-1]["Description"])
    world.sagemaker.serve("run-1")

    assert "  written      by hand, or by another program\n" in world.text
    assert "  execution    arn:execution:run-1\n" in world.text
    assert world.told == []


def test_a_model_that_was_never_recorded_has_no_origin() -> None:
    world = World()
    world.ssm.add("elsewhere", "[1]")

    assert "  metrics      unknown\n  execution    unknown\n  package      unknown" in world.text


def test_an_alarm_that_is_on_is_a_difference() -> None:
    world = World()
    world.cloudwatch = FakeCloudWatch(errors="ALARM", latency="OK", others="ALARM")
    rollback = {"Alarms": [{"AlarmName": "errors"}, {"AlarmName": "latency"}]}
    world.sagemaker.endpoints["abalone"]["LastDeploymentConfig"] = {
        "AutoRollbackConfiguration": rollback
    }

    assert world.told == ["the alarm errors is on: two of two"]
    assert "alarms         ALARM              errors\n               OK " in world.text


def test_a_message_that_could_not_be_sent_is_a_difference_without_an_endpoint_too() -> None:
    world = World()
    world.cloudwatch = FakeCloudWatch(**{"abalone-dev-message-not-sent": "ALARM"})

    for name in ("abalone", "elsewhere"):
        told = differences(world.look(name))
        assert "the alarm abalone-dev-message-not-sent is on: two of two" in told


def test_the_stack_tells_its_last_deployment_smoke_test_and_alarms() -> None:
    world = World()
    world.cloudformation = StackWithAlarms()
    world.cloudformation.status = "UPDATE_COMPLETE"
    world.cloudwatch = FakeCloudWatch(latency="INSUFFICIENT_DATA")

    assert (
        "  stack        abalone-endpoint: UPDATE_COMPLETE, deployed 2026-11-23 12:00 UTC\n"
        "  smoke test   UPDATE_COMPLETE, 2026-11-23 12:00 UTC\n\n"
        "alarms         INSUFFICIENT_DATA  latency\n"
    ) in world.text


def test_a_deployment_that_was_rolled_back_is_told_with_its_first_failure() -> None:
    world = World()
    world.sagemaker.serve("run-1")
    world.cloudformation.status = "UPDATE_ROLLBACK_COMPLETE"
    world.cloudformation.events = rolled_back_with("row 3:\n  far off", "cancelled")

    assert "  failed       Resource0: row 3: far off\n" in world.text
    assert world.told == [
        (
            "the endpoint abalone serves run-1, the recorded model is run-2: the last deployment "
            "was rolled back (Resource0: row 3: far off); mend that and deploy endpoint.yaml again "
            "(`sam deploy --config-env staging`, or production), or go back with `workflow "
            "rollback`"
        )
    ]


def test_a_rollback_that_was_followed_by_one_of_the_model_is_no_difference() -> None:
    world = World()
    world.cloudformation.status = "UPDATE_ROLLBACK_COMPLETE"
    world.cloudformation.events = rolled_back_with("a reason")

    assert world.told == []


def test_the_json_holds_what_the_text_tells() -> None:
    world = World()
    world.sagemaker.serve("run-1")
    state = world.look()

    told = json.loads(json.dumps(as_json(state, differences(state))))
    assert not told["consistent"]
    assert told["recorded"]["model_name"] == "run-2"
    assert told["recorded"]["metrics"] == {"mse": 4.5}
    assert told["recorded"]["package_approval"] == "Approved"
    assert told["endpoint"]["model_names"] == ["run-1"]
    assert told["stack"] is None
    assert told["alarms"] == []


def test_the_json_of_nothing_is_nulls() -> None:
    world = World()
    world.ssm.versions.clear()
    world.sagemaker.endpoints.clear()
    state = world.look()

    told = as_json(state, differences(state))
    assert (told["recorded"], told["endpoint"], told["stack"]) == (None, None, None)
    assert len(told["differences"]) == 2


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (NoCredentialsError(), "Unable to locate credentials; log in"),
        (
            EndpointConnectionError(endpoint_url="https://ssm.eu-west-1.amazonaws.com"),
            "check the network and the region",
        ),
        (refusal("GetParameter", "ExpiredTokenException", "expired"), "over: log in again"),
        (refusal("GetParameter", "AccessDeniedException", "no"), "ask for the permission"),
        (refusal("GetParameter", "Strange", "a\n b."), "GetParameter was refused: Strange: a b."),
    ],
)
def test_an_error_of_boto3_is_one_line_with_a_remedy(
    error: Exception, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The emulated AWS that other tests use in this process is none that was left over.
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)

    with pytest.raises(WorkflowError) as caught, aws.actionable_errors():
        raise error

    assert told in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("profile", "region", "told"),
    [
        ("not-there", "eu-west-1", "could not be found; name one of your profiles"),
        (None, "no region", "name a region such as eu-west-1 with --region"),
    ],
)
def test_a_profile_or_region_that_cannot_be_used_is_told(
    profile: str | None, region: str, told: str
) -> None:
    parser = argparse.ArgumentParser()
    status.add_arguments(parser)
    arguments = parser.parse_args(["--region", region])
    arguments.profile = profile

    with pytest.raises(WorkflowError, match=told):
        status.run(arguments)
