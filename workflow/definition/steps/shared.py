"""What the factories share: retries, names of attempts, a session that makes no call."""

from collections.abc import Sequence
from typing import Any, Final

import boto3
from sagemaker.session import Session

from workflow.definition.sdk import steps

LAMBDA_TIMEOUT_SECONDS: Final = 60

# Step Functions reports every SageMaker error that the service's API does not model, throttling
# among them, as AmazonSageMakerException; a quota that is full for now has a name of its own.
# https://docs.aws.amazon.com/step-functions/latest/dg/connect-sagemaker.html
TRANSIENT_SAGEMAKER_ERRORS: Final = (
    "SageMaker.AmazonSageMakerException",
    "SageMaker.ResourceLimitExceededException",
)
# https://docs.aws.amazon.com/step-functions/latest/dg/sfn-best-practices.html#bp-lambda-serviceexception
TRANSIENT_LAMBDA_ERRORS: Final = (
    "Lambda.ServiceException",
    "Lambda.AWSLambdaException",
    "Lambda.SdkClientException",
    "Lambda.TooManyRequestsException",
    "Lambda.ClientExecutionTimeoutException",
)

# Evaluated anew at each attempt, so that a retried or redriven job does not meet its own name:
# 47 characters of base name, a hyphen and the UUID's first 8 stay under SageMaker's 63.
ATTEMPT_NAME: Final = (
    "States.Format('{}-{}', $.base_name, "
    "States.ArrayGetItem(States.StringSplit(States.UUID(), '-'), 0))"
)
# Names are lower case, so the ARN, which SageMaker writes in lower case, tells them.
MODEL_NAME: Final = "States.ArrayGetItem(States.StringSplit($.model.ModelArn, '/'), 1)"
ML_DIR: Final = "/opt/ml/processing"
# The SDK asks for a real instance type and count; `parameters=` replaces both.
PLACEHOLDER_INSTANCE: Final = {"instance_type": "ml.m5.xlarge", "instance_count": 1}


def offline_session() -> Session:
    """Return a SageMaker session that needs no credentials and makes no call.

    The region only satisfies the SDK: nothing of it reaches the definition.
    """
    boto_session = boto3.Session(
        region_name="us-east-1",
        aws_access_key_id="none",
        aws_secret_access_key="none",  # noqa: S106 - no secret: the SDK asks for one of any kind
    )
    # Given, since the SDK would make four clients, which takes a second and serves nothing here.
    no_client = object()
    return Session(
        boto_session=boto_session,
        default_bucket="none",
        sagemaker_client=no_client,
        sagemaker_runtime_client=no_client,
        sagemaker_featurestore_runtime_client=no_client,
        sagemaker_metrics_client=no_client,
    )


def lambda_step(
    state_name: str,
    comment: str,
    *,
    function_arn: str,
    payload: dict[str, Any] | str,
    **fields: Any,
) -> steps.Task:
    """Return the call of a function, retried where Lambda itself fails."""
    step = steps.LambdaStep(
        state_name,
        comment=comment,
        parameters={"FunctionName": function_arn, "Payload": payload},
        timeout_seconds=LAMBDA_TIMEOUT_SECONDS,
        **fields,
    )
    return retried(step, TRANSIENT_LAMBDA_ERRORS, interval_seconds=2)


def retried_job(step: steps.Task) -> steps.Task:
    """Have a job's state retried where SageMaker is throttling or a quota is full."""
    return retried(step, TRANSIENT_SAGEMAKER_ERRORS, interval_seconds=30)


def retried(step: steps.Task, errors: Sequence[str], *, interval_seconds: int) -> steps.Task:
    """Have a state retried for some errors, five times, waiting twice as long each time."""
    step.add_retry(
        steps.Retry(
            error_equals=list(errors),
            interval_seconds=interval_seconds,
            max_attempts=5,
            backoff_rate=2.0,
        )
    )
    return step
