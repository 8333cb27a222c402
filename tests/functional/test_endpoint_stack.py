"""endpoint.yaml as it is, deployed to the local runtime: created, updated, rolled back, deleted."""

import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import xgboost as xgb
from botocore.exceptions import ClientError

from emulated.serving import FAILING, Account, artifact, called
from emulated.waiting import eventually
from pocketaws.cloudformation.deploy import Stack
from pocketaws.runtime import LocalRuntime
from pocketaws.sns.messages import Message
from tests.conftest import RunExecution
from tests.functional.endpoint_stack import (
    FIRST,
    PARAMETERS,
    SECOND,
    TEMPLATE_PATH,
    EndpointStack,
)
from tests.pages import read_all


@pytest.fixture
def serving(runtime: LocalRuntime) -> Iterator[EndpointStack]:
    """A stack that serves the first model."""
    stack = EndpointStack(runtime)
    stack.record(FIRST)
    stack.deploy()
    yield stack
    stack.delete()


@pytest.fixture
def undeployed(runtime: LocalRuntime) -> EndpointStack:
    return EndpointStack(runtime)


# Creation.
def test_the_recorded_model_of_an_execution_serves(
    runtime: LocalRuntime, stack: Stack, run_locally: RunExecution
) -> None:
    executed = run_locally()
    assert executed.status == "SUCCEEDED", executed.cause
    parameters = {key: f"/{stack.name}/{value}" for key, value in PARAMETERS.items()}

    deployed = runtime.deploy(
        TEMPLATE_PATH,
        stack_name="serves-recorded",
        parameters=parameters | {"EndpointName": "recorded"},
    )

    row = "0.455,0.365,0.095,0.514,0.2245,0.101,0.15,0,0,1"
    (prediction,) = Account(runtime).invoke("recorded", row)
    assert deployed.outputs["EndpointName"] == "recorded"
    assert deployed.resources["SmokeTest"] == "smoke-test"
    assert 1 < prediction < 30
    runtime.client("cloudformation").delete_stack(StackName="serves-recorded")


def test_the_emulator_creates_all_of_the_stack(serving: EndpointStack) -> None:
    stack = serving.deploy()

    assert stack.not_created == ()
    assert stack.outputs["EndpointArn"].endswith(f":endpoint/{serving.name}")


def test_the_alarms_of_the_stack_are_there(serving: EndpointStack) -> None:
    alarms = read_all(
        serving.runtime.client("cloudwatch"), "describe_alarms", AlarmNamePrefix=serving.name
    )

    names = {alarm["MetricName"] for alarm in alarms["MetricAlarms"]}
    assert names == {"Invocation5XXErrors", "ModelLatency"}


def test_a_parameter_that_is_not_there_is_named(undeployed: EndpointStack) -> None:
    told = undeployed.refusal()

    assert f"Unable to fetch parameters [/{undeployed.name}/model-name]" in told


def test_parameters_that_do_not_go_together_are_refused(undeployed: EndpointStack) -> None:
    undeployed.record(FIRST)

    told = undeployed.refusal(Hosting="serverless", CaptureSamplingPercentage="100")

    assert "Serverless inference captures no data; set CaptureSamplingPercentage=0" in told


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (artifact(b"nothing"), "did not pass the ping health check"),
        (SECOND, "Message returned: SmokeTestFailed: 5 of 5 predictions are further"),
    ],
)
def test_a_first_deployment_that_fails_leaves_nothing(
    undeployed: EndpointStack, content: xgb.Booster | bytes, reason: str
) -> None:
    undeployed.record(content, answers_of=FIRST)

    told = undeployed.refusal()

    assert reason in told
    with pytest.raises(ClientError, match="Could not find endpoint"):
        undeployed.endpoint()
    with pytest.raises(ClientError, match="does not exist"):
        undeployed.described()


def test_serverless_inference_serves_too(undeployed: EndpointStack) -> None:
    undeployed.record(FIRST)
    undeployed.deploy(Hosting="serverless")

    (variant,) = undeployed.endpoint()["ProductionVariants"]
    assert variant["CurrentServerlessConfig"] == {"MemorySizeInMB": 2048, "MaxConcurrency": 5}
    assert undeployed.serves(FIRST)
    undeployed.delete()


# Update.
def test_a_new_recorded_model_updates_the_endpoint_in_place(serving: EndpointStack) -> None:
    before = serving.endpoint()
    model = serving.record(SECOND, answers_of=SECOND)

    stack = serving.deploy()

    after = serving.endpoint()
    assert serving.serves(SECOND)
    assert stack.outputs["ModelName"] == serving.served_model() == model
    assert after["EndpointArn"] == before["EndpointArn"]
    assert after["EndpointConfigName"] != before["EndpointConfigName"]
    assert serving.described()["StackStatus"] == "UPDATE_COMPLETE"
    # The old one is deleted last.
    with pytest.raises(ClientError, match="Could not find endpoint configuration"):
        serving.account.sagemaker.describe_endpoint_config(
            EndpointConfigName=before["EndpointConfigName"]
        )


def test_nothing_is_done_where_nothing_has_changed(serving: EndpointStack) -> None:
    before = serving.endpoint()["LastModifiedTime"]

    stack = serving.deploy()

    assert stack.outputs["EndpointName"] == serving.name
    assert serving.described()["StackStatus"] == "CREATE_COMPLETE"
    assert serving.endpoint()["LastModifiedTime"] == before


def test_a_model_that_fails_the_smoke_test_is_taken_back(serving: EndpointStack) -> None:
    model = serving.served_model()
    serving.record(SECOND, answers_of=FIRST)

    told = serving.refusal()

    assert "was not" not in told
    assert "ended as UPDATE_ROLLBACK_COMPLETE, so it is as it was before" in told
    assert "SmokeTestFailed: 5 of 5 predictions" in told
    assert serving.serves(FIRST)
    assert serving.served_model() == model
    assert serving.described()["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert serving.events() == [
        "stack UPDATE_IN_PROGRESS",
        "EndpointConfig CREATE_COMPLETE",
        "Endpoint UPDATE_COMPLETE",
        "SmokeTest UPDATE_FAILED",
        "stack UPDATE_ROLLBACK_IN_PROGRESS",
        "Endpoint UPDATE_COMPLETE",
        "SmokeTest UPDATE_COMPLETE",
        "EndpointConfig DELETE_COMPLETE",
        "stack UPDATE_ROLLBACK_COMPLETE",
    ]
    (message,) = told_of_endpoint(serving)
    assert message.subject == f"Smoke test failed: {serving.name}"


def test_a_model_that_does_not_load_never_serves(serving: EndpointStack) -> None:
    serving.record(artifact(b"nothing"))

    told = serving.refusal()

    assert "did not pass the ping health check" in told
    assert serving.serves(FIRST)
    assert "did not pass the ping health check" in serving.endpoint()["FailureReason"]


def test_a_model_that_answers_errors_after_the_switch_is_taken_back(
    serving: EndpointStack,
) -> None:
    model = serving.served_model()
    serving.record(FIRST, **FAILING)

    with called(serving.runtime.serving_url(serving.name), keeps_open=True):
        told = serving.refusal()

    assert "was rolled back because of alarm" in told
    assert serving.serves(FIRST)
    assert serving.served_model() == model
    # A function publishes it, on the alarm's event.
    message, *_ = eventually(lambda: told_of_endpoint(serving))
    assert message.subject == f"Alarm: The endpoint {serving.name} answers with 5XX errors"
    assert "the new container fails" in message.text


def told_of_endpoint(serving: EndpointStack) -> list[Message]:
    """Return the messages about an endpoint, the oldest first."""
    return [one for one in serving.runtime.messages() if serving.name in one.subject]


def test_a_repair_can_be_deployed_after_a_failure(serving: EndpointStack) -> None:
    serving.record(SECOND, answers_of=FIRST)
    serving.refusal()
    model = serving.record(SECOND, answers_of=SECOND)

    serving.deploy()

    assert serving.serves(SECOND)
    assert serving.served_model() == model


def test_what_a_parameter_adds_is_made_and_captures(serving: EndpointStack) -> None:
    stack = serving.deploy(CaptureSamplingPercentage="100")
    serving.account.invoke(serving.name)
    serving.runtime.flush_endpoints()

    listed = read_all(
        serving.runtime.client("s3"),
        "list_objects_v2",
        Bucket=stack.outputs["CaptureBucketName"],
        Prefix=f"capture/{serving.name}/AllTraffic/",
    )
    assert listed["Contents"]
    # What is not given stays as it was.
    serving.deploy()
    assert serving.endpoint()["DataCaptureConfig"]["CurrentSamplingPercentage"] == 100


def test_what_a_failed_update_has_made_is_deleted(serving: EndpointStack) -> None:
    serving.record(artifact(b"nothing"))
    serving.refusal(CaptureSamplingPercentage="100")

    stack = serving.deploy(ModelName=first_parameter(serving))

    assert "CaptureBucketName" not in stack.outputs


def first_parameter(serving: EndpointStack) -> str:
    """Put the name of the model that serves into a parameter of its own."""
    serving.put("first", serving.served_model())
    return f"/{serving.name}/first"


def test_a_changed_tolerance_asks_the_smoke_test_again(serving: EndpointStack) -> None:
    before = serving.endpoint()["LastModifiedTime"]

    serving.deploy(SmokeTestTolerance="0.5", MaxServerErrorShare="0.5")

    (alarm,) = serving.runtime.client("cloudwatch").describe_alarms(
        AlarmNames=[serving.deploy().resources["ServerErrorAlarm"]]
    )["MetricAlarms"]
    assert alarm["Threshold"] == 0.5
    assert serving.endpoint()["LastModifiedTime"] == before


def test_another_name_makes_another_endpoint_before_the_old_one_goes(
    serving: EndpointStack,
) -> None:
    other = f"{serving.name}-2"

    stack = serving.deploy(EndpointName=other)

    assert stack.outputs["EndpointName"] == other
    assert serving.account.invoke(other)
    with pytest.raises(ClientError, match="Could not find endpoint"):
        serving.endpoint()


# Deletion.
def test_deleting_the_stack_stops_the_endpoint(undeployed: EndpointStack) -> None:
    undeployed.record(FIRST)
    undeployed.deploy()

    undeployed.delete()

    with pytest.raises(ClientError, match="Could not find endpoint"):
        undeployed.endpoint()
    with pytest.raises(ClientError, match="not found"):
        undeployed.account.invoke(undeployed.name)


# Stacks of any kind.
BUCKET_TEMPLATE = "Resources: {Shelf: {Type: AWS::S3::Bucket}"
Deploy = Callable[[str], Stack]


@pytest.fixture
def deploy(runtime: LocalRuntime, tmp_path: Path) -> Iterator[Deploy]:
    name = f"any-{uuid.uuid4().hex[:8]}"

    def deploy_text(text: str) -> Stack:
        path = tmp_path / f"{uuid.uuid4().hex}.yaml"
        path.write_text(text)
        return runtime.deploy(path, stack_name=name)

    yield deploy_text
    runtime.client("cloudformation").delete_stack(StackName=name)


def test_a_resource_that_has_left_the_template_is_deleted(
    runtime: LocalRuntime, deploy: Deploy
) -> None:
    first = deploy(BUCKET_TEMPLATE + ", Drawer: {Type: AWS::S3::Bucket}}")

    second = deploy(BUCKET_TEMPLATE + "}")

    buckets = [item["Name"] for item in read_all(runtime.client("s3"), "list_buckets")["Buckets"]]
    assert second.resources == {"Shelf": first.resources["Shelf"]}
    assert first.resources["Shelf"] in buckets
    assert first.resources["Drawer"] not in buckets
