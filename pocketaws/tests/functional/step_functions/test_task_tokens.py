"""A state can wait for an answer that somebody else gives, and the registry is within its reach."""

import json
import time
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from emulated.images import XGBOOST_URI
from emulated.served import Served, deployed
from emulated.waiting import eventually
from pocketaws.gate.server import Fault
from pocketaws.runtime import LocalRuntime
from pocketaws.step_functions.execution import Execution

SDK = "arn:aws:states:::aws-sdk:sagemaker:"


@pytest.fixture(scope="module")
def served(runtime: LocalRuntime) -> Served:
    s3 = runtime.client("s3")
    s3.create_bucket(Bucket="tokens-models")
    s3.put_object(Bucket="tokens-models", Key="model.tar.gz", Body=b"")
    return deployed(runtime, "tokens")


@pytest.fixture(scope="module")
def asking(served: Served) -> str:
    """A machine that asks, waits as long as its input says, and catches what goes wrong."""
    return served.machine(
        {
            "Ask": {
                "Type": "Task",
                "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken",
                "Parameters": {
                    "FunctionName": served.stack.outputs["KeepTokenName"],
                    "Payload": {
                        "token.$": "$$.Task.Token",
                        "name.$": "$.name",
                        "fails.$": "$.fails",
                        "attempt.$": "$$.State.RetryCount",
                    },
                },
                "TimeoutSecondsPath": "$.timeout_seconds",
                "Retry": [{"ErrorEquals": ["AskAgain", "RuntimeError"], "MaxAttempts": 1}],
                "Catch": [
                    {"ErrorEquals": ["States.ALL"], "Next": "Caught", "ResultPath": "$.error"}
                ],
                "ResultPath": "$.answer",
                "End": True,
            },
            "Caught": {"Type": "Pass", "End": True},
        },
        "Ask",
    )


@pytest.fixture
def start(served: Served, asking: str) -> Callable[..., tuple[str, str]]:
    """Start an execution that waits; return its ARN and the name of its token."""

    def start_asking(timeout_seconds: int = 60, **changes: Any) -> tuple[str, str]:
        name = str(uuid.uuid4())
        asked = {"name": name, "timeout_seconds": timeout_seconds, "fails": False, **changes}
        arn = served.runtime.start_execution(asking, asked)
        assert eventually(lambda: bool(served.kept_tokens(name)))
        return arn, name

    return start_asking


def token_of(served: Served, name: str, attempt: int = 0) -> str:
    kept = served.runtime.client("s3").get_object(
        Bucket=served.stack.outputs["BucketName"], Key=f"tokens/{name}/{attempt}"
    )
    return str(kept["Body"].read().decode())


def test_another_function_answers(served: Served, start: Callable[..., tuple[str, str]]) -> None:
    arn, name = start()
    assert served.invoke("SendName", name=name, output={"decision": "Approved"}) is None

    execution = served.runtime.wait(arn)
    assert execution.status == "SUCCEEDED"
    assert execution.output["answer"] == {"decision": "Approved"}


def test_another_function_tells_of_a_failure_with_its_cause(
    served: Served, start: Callable[..., tuple[str, str]]
) -> None:
    arn, name = start()
    served.invoke("SendName", name=name, error="ModelRejected", cause="by Ann: it drifts")

    assert served.runtime.wait(arn).output["error"] == {
        "Error": "ModelRejected",
        "Cause": "by Ann: it drifts",
    }


def test_nobody_answers_in_time(served: Served, start: Callable[..., tuple[str, str]]) -> None:
    begun = time.monotonic()
    # Longer than the function takes that keeps the token, however busy the machine is.
    arn, name = start(timeout_seconds=5)

    execution = served.runtime.wait(arn)
    assert execution.output["error"]["Error"] == "States.Timeout"
    assert 4.9 < time.monotonic() - begun < 50
    assert served.invoke("SendName", name=name, output={})["Code"] == "TaskTimedOut"


def test_a_token_is_good_for_one_answer(
    served: Served, start: Callable[..., tuple[str, str]]
) -> None:
    arn, name = start()
    answers = [served.invoke("SendName", name=name, output=number) for number in range(3)]

    assert answers[0] is None
    assert [answer["Code"] for answer in answers[1:]] == ["TaskTimedOut", "TaskTimedOut"]
    assert answers[1]["Message"] == "Task Timed Out: 'Provided task does not exist anymore'"
    assert served.runtime.wait(arn).output["answer"] == 0


def test_each_attempt_has_a_token_of_its_own(
    served: Served, start: Callable[..., tuple[str, str]]
) -> None:
    arn, name = start()
    served.invoke("SendName", name=name, error="AskAgain", cause="")
    assert eventually(lambda: bool(served.kept_tokens(name, attempt=1)))

    assert token_of(served, name, 0) != token_of(served, name, 1)
    assert served.invoke("SendName", name=name, output={})["Code"] == "TaskTimedOut"
    assert served.invoke("SendName", name=name, attempt=1, output="yes") is None
    assert served.runtime.wait(arn).output["answer"] == "yes"


def test_an_asking_that_fails_is_caught_and_its_token_is_dead(
    served: Served, start: Callable[..., tuple[str, str]]
) -> None:
    arn, name = start(fails=True)

    execution = served.runtime.wait(arn)
    assert execution.output["error"]["Error"] == "RuntimeError"
    for attempt in (0, 1):
        told = served.invoke("SendName", name=name, attempt=attempt, output={})
        assert told["Code"] == "TaskTimedOut"


def test_a_stopped_execution_does_not_wait_and_does_not_listen(
    served: Served, start: Callable[..., tuple[str, str]]
) -> None:
    arn, name = start()
    step_functions = served.runtime.client("stepfunctions")
    begun = time.monotonic()
    step_functions.stop_execution(executionArn=arn)

    execution = served.runtime.wait(arn)
    history = step_functions.get_execution_history(executionArn=arn)["events"]
    assert time.monotonic() - begun < 30
    assert execution.status == "ABORTED"
    assert history[-1]["type"] == "ExecutionAborted"
    assert not [event for event in history if event["type"] in ("TaskTimedOut", "TaskSucceeded")]
    assert served.invoke("SendName", name=name, output={})["Code"] == "TaskTimedOut"


def test_what_is_no_token_is_invalid(served: Served) -> None:
    step_functions = served.runtime.client("stepfunctions")

    for verb, more in (("success", {"output": "{}"}), ("failure", {}), ("heartbeat", {})):
        with pytest.raises(ClientError, match="InvalidToken"):
            getattr(step_functions, f"send_task_{verb}")(taskToken="made-up", **more)


def test_an_output_that_is_not_json_is_refused_and_the_wait_goes_on(
    served: Served, start: Callable[..., tuple[str, str]]
) -> None:
    arn, name = start()
    step_functions = served.runtime.client("stepfunctions")
    with pytest.raises(ClientError, match="InvalidOutput"):
        step_functions.send_task_success(taskToken=token_of(served, name), output="{")
    step_functions.send_task_success(taskToken=token_of(served, name), output="1")

    assert served.runtime.wait(arn).output["answer"] == 1


# ------------------------------------------------------------------------------ the AWS SDK tasks


@pytest.fixture(scope="module")
def registering(served: Served) -> str:
    specification = {
        "Containers": [
            {
                "Image": XGBOOST_URI,
                "ModelDataUrl.$": "$.model_uri",
            }
        ],
        "SupportedContentTypes": ["text/csv"],
        "SupportedResponseMIMETypes": ["text/csv"],
    }
    return served.machine(
        {
            "Register": {
                "Type": "Task",
                "Resource": f"{SDK}createModelPackage",
                "Parameters": {
                    "ModelPackageGroupName": served.stack.outputs["GroupName"],
                    "ClientToken.$": "States.UUID()",
                    "ModelApprovalStatus": "PendingManualApproval",
                    "InferenceSpecification": specification,
                    "CustomerMetadataProperties": {"execution.$": "$$.Execution.Id"},
                },
                "ResultPath": "$.package",
                "Retry": [{"ErrorEquals": ["SageMaker.SageMakerException"], "MaxAttempts": 1}],
                "Next": "Reject",
            },
            "Reject": {
                "Type": "Task",
                "Resource": f"{SDK}updateModelPackage",
                "Parameters": {
                    "ModelPackageArn.$": "$.package.ModelPackageArn",
                    "ModelApprovalStatus": "Rejected",
                    "ApprovalDescription": "timed out",
                },
                "ResultPath": "$.updated",
                "End": True,
            },
        },
        "Register",
    )


def run(served: Served, machine_arn: str, key: str = "model.tar.gz") -> Execution:
    return served.runtime.run(machine_arn, {"model_uri": f"s3://tokens-models/{key}"})


def test_a_state_registers_a_model_and_decides_on_it(served: Served, registering: str) -> None:
    execution = run(served, registering)

    assert execution.status == "SUCCEEDED", execution.cause
    arn = execution.output["package"]["ModelPackageArn"]
    assert execution.output["package"] == execution.output["updated"] == {"ModelPackageArn": arn}
    described = served.runtime.client("sagemaker").describe_model_package(ModelPackageName=arn)
    assert described["ModelApprovalStatus"] == "Rejected"
    assert described["ApprovalDescription"] == "timed out"
    assert described["CustomerMetadataProperties"] == {"execution": execution.arn}


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("ThrottlingException", "SageMaker.SageMakerException"),
        ("AccessDeniedException", "SageMaker.SageMakerException"),
        ("ResourceLimitExceeded", "SageMaker.ResourceLimitExceededException"),
        ("ConflictException", "SageMaker.ConflictException"),
    ],
)
def test_errors_have_the_names_of_the_sdk_for_java(
    served: Served, registering: str, code: str, error: str
) -> None:
    fault = Fault("sagemaker", "UpdateModelPackage", code, times=99)
    served.runtime.faults.append(fault)

    execution = run(served, registering)

    served.runtime.faults.remove(fault)
    assert (execution.status, execution.error) == ("FAILED", error)
    assert "(Service: SageMaker, Status Code: 400" in str(execution.cause)


def test_what_the_registry_refuses_fails_the_state(served: Served, registering: str) -> None:
    execution = run(served, registering, "none.tar.gz")

    assert execution.error == "SageMaker.SageMakerException"
    assert str(execution.cause).startswith("Could not find model data at s3://tokens-models/none")


@pytest.mark.parametrize(
    ("action", "parameters", "told"),
    [
        (
            "createModelPackage",
            {"ModelPackageGroup": "x"},
            "Step Functions at /States/Work/Parameters/ModelPackageGroup",
        ),
        (
            "createModelPackage",
            {"InferenceSpecification": {"Containers": [{"ModelUri.$": "$.x"}]}},
            "/Parameters/InferenceSpecification/Containers[0]/ModelUri.$",
        ),
        ("updateModelPackage", {"modelPackageArn": "x"}, '"modelPackageArn" is not supported'),
        ("approveModelPackage", {}, "aws-sdk:sagemaker:approveModelPackage is not recognized"),
    ],
)
def test_a_definition_that_the_sdk_would_not_understand_is_refused(
    served: Served, action: str, parameters: dict[str, Any], told: str
) -> None:
    state = {"Type": "Task", "Resource": SDK + action, "Parameters": parameters, "End": True}

    with pytest.raises(ClientError, match="InvalidDefinition") as refusal:
        served.machine({"Work": state}, "Work")

    assert told in json.dumps(refusal.value.response["Error"]["Message"]).replace('\\"', '"')
