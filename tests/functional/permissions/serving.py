"""Endpoints that do all that their roles ever do."""

import contextlib
from typing import Any, Final

from pocketaws.cloudformation.deploy import Stack
from pocketaws.errors import DeploymentError
from pocketaws.runtime import ACCOUNT_ID, LocalRuntime
from tests.functional.asking import eventually
from tests.functional.permissions.account import Account
from tests.functional.permissions.executions import count, wait_for_all
from tests.functional.serving_command import encoded, raw_rows

_PLAIN: Final = "abalone-endpoint"
_KEYED: Final = "abalone-endpoint-keyed"
_WITH_KEY_IN_VPC: Final = {
    "KmsKeyArn": f"arn:aws:kms:us-east-1:{ACCOUNT_ID}:key/00000000-0000-0000-0000-000000000000",
    "SubnetIds": "subnet-0123456789abcdef0",
    "SecurityGroupIds": "sg-0123456789abcdef0",
    "CaptureSamplingPercentage": "100",
    "MonitorDataQuality": "true",
}


def serve(account: Account, workflow: Stack, quick: dict[str, Any]) -> list[str]:
    """Do all that the roles of an endpoint's stack ever do; return the stacks' names.

    An endpoint with a key and in a VPC is deployed only: what it needs more stands in needed.toml.
    Another one is updated, drifts so that the workflow retrains, and its update to a model whose
    known answers are gone is rolled back.

    Args:
        account: has the workflow's stack and a recorded model.
        workflow: that stack.
        quick: execution input of a training that takes no time.
    """
    runtime = account.runtime
    model_name = runtime.client("ssm").get_parameter(Name=workflow.outputs["ModelParameterName"])[
        "Parameter"
    ]["Value"]
    baseline = f"s3://{workflow.outputs['BucketName']}/monitoring/{model_name[:-9]}/baseline/"
    monitoring = {
        "CaptureSamplingPercentage": "100",
        "MonitorDataQuality": "true",
        "BaselineUri": baseline,
        "RetrainOnDrift": "true",
    }
    stack = _deploy_endpoint(account, workflow, **monitoring)
    rows = encoded(raw_rows(400, longer=1.3))
    for start in range(0, len(rows), 100):
        runtime.client("sagemaker-runtime").invoke_endpoint(
            EndpointName=_PLAIN,
            ContentType="text/csv",
            Body="\n".join(rows[start : start + 100]).encode(),
        )
    before = count(runtime, workflow.outputs["StateMachineArn"])
    for _ in range(2):
        runtime.run_monitoring(stack.resources["DataQualitySchedule"].rpartition("/")[2])
    eventually(lambda: count(runtime, workflow.outputs["StateMachineArn"]) > before)
    wait_for_all(runtime, workflow.outputs["StateMachineArn"])
    # The retrained model is switched to, with the rollback alarms looked at.
    _deploy_endpoint(account, workflow, **monitoring)
    _deploy_endpoint(account, workflow, _KEYED, **_WITH_KEY_IN_VPC)
    runtime.run(workflow.outputs["StateMachineArn"], quick)
    _forget_known_answers(runtime, workflow)
    with contextlib.suppress(DeploymentError):
        _deploy_endpoint(account, workflow, **monitoring)
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
    }
    parameters = {key: f"/{workflow.name}/{name}" for key, name in names.items()}
    return account.deploy(
        "endpoint.yaml", stack_name, EndpointName=stack_name, **parameters, **more
    )


def _forget_known_answers(runtime: LocalRuntime, workflow: Stack) -> None:
    s3, bucket_name = runtime.client("s3"), workflow.outputs["BucketName"]
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket_name, Prefix="evaluation/")
    for item in [item for page in pages for item in page.get("Contents", [])]:
        if item["Key"].endswith("known-answers.json"):
            s3.delete_object(Bucket=bucket_name, Key=item["Key"])
