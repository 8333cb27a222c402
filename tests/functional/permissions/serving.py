"""Endpoints that do all that their roles ever do."""

import contextlib
import datetime
import json
from typing import Any, Final

from emulated.waiting import eventually
from pocketaws.cloudformation.deploy import Stack
from pocketaws.errors import DeploymentError
from pocketaws.runtime import ACCOUNT_ID, LocalRuntime
from tests.functional.permissions.account import Account
from tests.functional.permissions.executions import count, wait_for_all
from tests.functional.serving_command import encoded, raw_rows
from tests.pages import read_all

_PLAIN: Final = "abalone-endpoint"
_KEYED: Final = "abalone-endpoint-keyed"
_WITH_KEY: Final = {
    "KmsKeyArn": f"arn:aws:kms:us-east-1:{ACCOUNT_ID}:key/00000000-0000-0000-0000-000000000000",
    "CaptureSamplingPercentage": "100",
}


def serve(account: Account, workflow: Stack, quick: dict[str, Any]) -> list[str]:
    """Do all that the roles of an endpoint's stack ever do; return the stacks' names.

    An endpoint with a key is deployed only: what it needs more stands in needed.toml. Another one
    is updated, drifts so that the workflow retrains, and its update to a model whose
    known answers are gone is rolled back.

    Args:
        account: has the workflow's stack and a recorded model.
        workflow: that stack.
        quick: execution input of a training that takes no time.
    """
    runtime = account.runtime
    watched = {"CaptureSamplingPercentage": "100", "RetrainOnDrift": "true"}
    endpoint = _deploy_endpoint(account, workflow, **watched)
    runtime.client("sagemaker-runtime").invoke_endpoint(
        EndpointName=_PLAIN, ContentType="text/csv", Body="\n".join(encoded(raw_rows(4))).encode()
    )
    runtime.flush_endpoints()
    _monitor(account, workflow, endpoint, watched)
    before = count(runtime, workflow.outputs["StateMachineArn"])
    _drift(runtime)
    eventually(lambda: count(runtime, workflow.outputs["StateMachineArn"]) > before)
    wait_for_all(runtime, workflow.outputs["StateMachineArn"])
    # The retrained model is switched to, with the rollback alarms looked at.
    _deploy_endpoint(account, workflow, **watched)
    _deploy_endpoint(account, workflow, _KEYED, **_WITH_KEY)
    runtime.run(workflow.outputs["StateMachineArn"], quick)
    _forget_known_answers(runtime, workflow)
    with contextlib.suppress(DeploymentError):
        _deploy_endpoint(account, workflow, **watched)
    return [_PLAIN, _KEYED]


def _deploy_endpoint(
    account: Account, workflow: Stack, stack_name: str = _PLAIN, **more: str
) -> Stack:
    names = {
        "ModelName": "model-name",
        "ModelRoleName": "model-role-name",
        "WorkflowBucketName": "bucket-name",
        "StateMachineArn": "state-machine-arn",
        "TopicArn": "topic-arn",
        "JobScriptsUri": "job-scripts-uri",
        "MonitorImageUri": "processing-image-uri",
        "ContainerPolicyArn": "container-policy-arn",
    }
    parameters = {key: f"/{workflow.name}/{name}" for key, name in names.items()}
    return account.deploy(
        "endpoint.yaml", stack_name, EndpointName=stack_name, **parameters, **more
    )


def _monitor(account: Account, workflow: Stack, endpoint: Stack, watched: dict[str, str]) -> None:
    """Compare windows, in a function and in a job, with ground truth; fail; start by the clock."""
    runtime = account.runtime
    machine_arn, bucket_name = endpoint.outputs["MonitorArn"], endpoint.outputs["CaptureBucketName"]
    until = datetime.datetime.now(tz=datetime.UTC) + datetime.timedelta(seconds=2)
    since = until - datetime.timedelta(minutes=30)
    truth = {"groundTruthData": {"data": "9"}, "eventMetadata": {"eventId": "none"}}
    runtime.client("s3").put_object(
        Bucket=bucket_name,
        Key=f"ground-truth/{until:%Y/%m/%d/%H}/truth.jsonl",
        Body=json.dumps(truth).encode(),
    )
    window = {"from": f"{since:%Y-%m-%dT%H:%M:%SZ}", "until": f"{until:%Y-%m-%dT%H:%M:%SZ}"}
    for megabytes in ("16", "16", "0", "0"):
        _deploy_endpoint(account, workflow, MaxFunctionMegabytes=megabytes, **watched)
        done = runtime.run(machine_arn, window | {"reason": "by hand"})
        assert done.status == "SUCCEEDED", done.cause
    runtime.run(machine_arn, {"from": "never", "until": "never", "reason": "by hand"})
    runtime.fire_schedule(endpoint.outputs["MonitorScheduleName"])
    eventually(lambda: count(runtime, machine_arn) > 5)
    wait_for_all(runtime, machine_arn)


def _drift(runtime: LocalRuntime) -> None:
    dimensions = [{"Name": "Endpoint", "Value": _PLAIN}]
    runtime.client("cloudwatch").put_metric_data(
        Namespace="SageMakerWorkflow/Monitor",
        MetricData=[{"MetricName": "DriftedColumns", "Dimensions": dimensions, "Value": 1}],
    )


def _forget_known_answers(runtime: LocalRuntime, workflow: Stack) -> None:
    s3, bucket_name = runtime.client("s3"), workflow.outputs["BucketName"]
    listed = read_all(s3, "list_objects_v2", Bucket=bucket_name, Prefix="evaluation/")
    for item in listed.get("Contents", []):
        if item["Key"].endswith("known-answers.json"):
            s3.delete_object(Bucket=bucket_name, Key=item["Key"])
