"""The states that make a judged model the one to be served."""

from typing import Final

from sagemaker.model import Model
from sagemaker.session import Session

from workflow.definition import names
from workflow.definition.sdk import steps
from workflow.definition.steps.shared import (
    ATTEMPT_NAME,
    MODEL_NAME,
    TRANSIENT_SAGEMAKER_ERRORS,
    lambda_step,
    retried,
)

CREATE_MODEL_TIMEOUT_SECONDS: Final = 300


def create_model(session: Session) -> steps.Task:
    """Create the SageMaker model of the trained artifact, under a name of its own."""
    model = Model(
        image_uri=names.XGBOOST_IMAGE_URI,
        model_data="$.training_job.ModelArtifacts.S3ModelArtifacts",
        role=names.MODEL_ROLE_ARN,
        sagemaker_session=session,
    )
    step = steps.ModelStep(
        names.CREATE_MODEL,
        comment="Creating costs nothing; an endpoint that serves it does",
        model=model,
        model_name=ATTEMPT_NAME,
        # ModelStep drops network isolation; serving needs no network of its own.
        parameters={"EnableNetworkIsolation": True, "Tags": "$.tags"},
        timeout_seconds=CREATE_MODEL_TIMEOUT_SECONDS,
        result_path="$.model",
    )
    return retried(step, TRANSIENT_SAGEMAKER_ERRORS, interval_seconds=5)


def record_model_name() -> steps.Task:
    """Write the model's name to Parameter Store, where the endpoint's stack reads it."""
    return lambda_step(
        names.RECORD_MODEL_NAME,
        "Writes the model's name to Parameter Store, unless a newer execution has written its own",
        function_arn=names.RECORD_MODEL_NAME_FUNCTION_ARN,
        payload={
            "ModelName": MODEL_NAME,
            "ExecutionArn": "$$.Execution.Id",
            "ExecutionStartTime": "$$.Execution.StartTime",
            "ModelPackageArn": "$.package.ModelPackageArn",
            "Metrics": "$.judgement.metrics",
        },
        result_path="$.recorded",
    )
