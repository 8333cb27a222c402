"""A model that must not serve is deployed: the one before it serves on, and `status` says why."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from emulated.serving import FAILING, artifact, called
from pocketaws import environment
from pocketaws.runtime import LocalRuntime
from tests.conftest import PROJECT_DIR
from tests.functional.endpoint_stack import FIRST, SECOND, EndpointStack


class Status(NamedTuple):
    """What the command printed, its spaces as one, and what it ended with."""

    text: str
    exit_code: int


ReadStatus = Callable[..., Status]


@pytest.fixture
def serving(runtime: LocalRuntime) -> Iterator[EndpointStack]:
    """A stack that serves the first model."""
    stack = EndpointStack(runtime)
    stack.record(FIRST)
    stack.deploy()
    yield stack
    stack.delete()


@pytest.fixture
def status(runtime: LocalRuntime, serving: EndpointStack, tmp_path: Path) -> ReadStatus:
    """Run `workflow status` with what a user of the emulated AWS exports."""
    config_path = tmp_path / "aws-config"
    environment.write_config(config_path)
    variables = environment.client_environment(
        endpoint_url=runtime.endpoint_url, region=runtime.region, config_path=config_path
    )
    names = ("--stack-name", serving.name, "--endpoint-name", serving.name)

    def run(*arguments: str) -> Status:
        done = subprocess.run(
            [sys.executable, "-m", "workflow", "status", *names, *arguments],
            cwd=PROJECT_DIR,
            env=variables,
            capture_output=True,
            text=True,
            check=False,
        )
        assert not done.stderr
        return Status(" ".join(done.stdout.split()), done.returncode)

    return run


def resource_statuses(serving: EndpointStack, **asked: str) -> dict[str, Any]:
    answer = serving.runtime.client("cloudformation").describe_stack_resources(**asked)
    return {item["LogicalResourceId"]: item["ResourceStatus"] for item in answer["StackResources"]}


def test_a_deployment_that_went_well_is_told_with_its_smoke_test(
    serving: EndpointStack, status: ReadStatus
) -> None:
    told = status()

    assert told.exit_code == 0
    assert f"stack {serving.name}: CREATE_COMPLETE, deployed 20" in told.text
    assert "smoke test CREATE_COMPLETE, 20" in told.text
    assert "the endpoint serves the recorded model" in told.text


def test_a_model_that_fails_the_smoke_test_is_told(
    serving: EndpointStack, status: ReadStatus
) -> None:
    before = serving.served_model()
    after = serving.record(SECOND, answers_of=FIRST)
    serving.refusal()

    told = status()

    assert serving.serves(FIRST)
    assert told.exit_code == 3
    assert f"stack {serving.name}: UPDATE_ROLLBACK_COMPLETE, deployed 20" in told.text
    assert "failed SmokeTest: " in told.text
    assert "SmokeTestFailed: 5 of 5 predictions" in told.text
    assert "smoke test UPDATE_COMPLETE" in told.text
    assert f"serves {before}, the recorded model is {after}" in told.text
    assert "the last deployment was rolled back (SmokeTest: " in told.text


def test_a_model_that_does_not_load_is_told(serving: EndpointStack, status: ReadStatus) -> None:
    serving.record(artifact(b"nothing"))
    serving.refusal()

    told = status()

    assert serving.serves(FIRST)
    assert told.exit_code == 3
    assert "failed Endpoint: " in told.text
    assert "did not pass the ping health check" in told.text
    assert "the last deployment was rolled back (Endpoint: " in told.text


def test_a_model_that_answers_errors_after_the_switch_is_told(
    serving: EndpointStack, status: ReadStatus
) -> None:
    serving.record(FIRST, **FAILING)
    with called(serving.runtime.serving_url(serving.name), keeps_open=True):
        serving.refusal()

    told = status()

    assert serving.serves(FIRST)
    assert told.exit_code == 3
    assert "failed Endpoint: " in told.text
    assert "was rolled back because of alarm" in told.text


def test_the_reason_is_there_for_scripts_and_gone_after_the_repair(
    serving: EndpointStack, status: ReadStatus
) -> None:
    serving.record(SECOND, answers_of=FIRST)
    serving.refusal()
    failed = json.loads(status("--json").text)
    serving.record(SECOND, answers_of=SECOND)
    serving.deploy()

    repaired = json.loads(status("--json").text)

    assert failed["stack"]["failure"].startswith("SmokeTest: Received response status [FAILED]")
    assert repaired["stack"]["failure"] is None
    assert repaired["stack"]["status"] == "UPDATE_COMPLETE"
    assert repaired["consistent"]


# What `status` asks CloudFormation.
def test_a_stack_is_found_by_what_it_holds(serving: EndpointStack) -> None:
    arn = serving.endpoint()["EndpointArn"]

    found = resource_statuses(serving, PhysicalResourceId=arn)

    assert found == resource_statuses(serving, StackName=serving.name)
    assert set(found.values()) == {"CREATE_COMPLETE"}
    # Its condition is false.
    assert "DataQualitySchedule" not in found


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"PhysicalResourceId": "nobody's"}, "Stack for nobody's does not exist"),
        ({"PhysicalResourceId": "a", "StackName": "b"}, "give exactly one of them"),
        ({}, "give exactly one of them"),
    ],
)
def test_a_resource_that_no_stack_holds_is_refused(
    runtime: LocalRuntime, asked: dict[str, str], told: str
) -> None:
    cloudformation = runtime.client("cloudformation")

    with pytest.raises(cloudformation.exceptions.ClientError, match=told) as refusal:
        cloudformation.describe_stack_resources(**asked)

    assert refusal.value.response["Error"]["Code"] == "ValidationError"
