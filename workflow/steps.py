"""One factory per state, with the AWS Step Functions Data Science SDK.

A value that starts with `$` or `States.` is a path into the state's input or an intrinsic
function; `definition.render` writes its key with the `.$` that the Amazon States Language asks
for. What the paths lead to is the output of `functions/prepare_execution`, described there.

The SDK wants whole objects (a processor, an estimator) where only the request matters, so the
values that differ per execution are handed over in `parameters=`, which it merges over its own.
Importing this module imports the SDK, which takes seconds: only `definition` does.
"""

from typing import Any, Final

import boto3
from sagemaker.estimator import Estimator
from sagemaker.inputs import TrainingInput
from sagemaker.model import Model
from sagemaker.processing import ProcessingInput, ProcessingOutput, Processor
from sagemaker.session import Session
from stepfunctions import steps

from workflow import names

LAMBDA_TIMEOUT_SECONDS: Final = 60
CREATE_MODEL_TIMEOUT_SECONDS: Final = 300

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

_ML: Final = "/opt/ml/processing"
_OUTPUTS: Final = ("train", "validation", "test", "rejected", "report")
# The SDK asks for a real instance type and count; `parameters=` replaces both.
_PLACEHOLDER_INSTANCE: Final = {"instance_type": "ml.m5.xlarge", "instance_count": 1}


def offline_session() -> Session:
    """Return a SageMaker session that needs no credentials and makes no call.

    The region only satisfies the SDK: nothing of it reaches the definition.
    """
    boto_session = boto3.Session(
        region_name="us-east-1",
        aws_access_key_id="none",
        aws_secret_access_key="none",  # noqa: S106 - no secret: the SDK asks for one of any kind
    )
    return Session(boto_session=boto_session, default_bucket="none")


def prepare_execution() -> steps.Task:
    """Merge the execution input over the stack's defaults and check it, before anything costs."""
    step = steps.LambdaStep(
        names.PREPARE_EXECUTION,
        comment="Merges the input over the stack's defaults; fails on anything that cannot work",
        parameters={
            "FunctionName": names.PREPARE_EXECUTION_FUNCTION_ARN,
            "Payload": {
                "ExecutionArn": "$$.Execution.Id",
                "ExecutionName": "$$.Execution.Name",
                "ExecutionStartTime": "$$.Execution.StartTime",
                "ExecutionInput": "$$.Execution.Input",
            },
        },
        output_path="$.Payload",
        timeout_seconds=LAMBDA_TIMEOUT_SECONDS,
    )
    return _retried(step, TRANSIENT_LAMBDA_ERRORS, interval_seconds=2, max_attempts=5)


def preprocess_data(session: Session) -> steps.Task:
    """Turn raw CSV objects into train, validation and test splits as XGBoost wants them."""
    processor = Processor(
        role=names.JOB_ROLE_ARN,
        image_uri=names.PROCESSING_IMAGE_URI,
        sagemaker_session=session,
        **_PLACEHOLDER_INSTANCE,
    )
    step = steps.ProcessingStep(
        names.PREPROCESS_DATA,
        comment="Splits the raw rows; those that cannot be used go to a rejected output",
        processor=processor,
        job_name=ATTEMPT_NAME,
        inputs=[
            ProcessingInput(
                input_name="code",
                source=names.JOB_SCRIPTS_URI,
                destination=f"{_ML}/input/code",
            ),
            ProcessingInput(
                input_name="raw",
                source="$.processing.input_data_uri",
                destination=f"{_ML}/input/raw",
                s3_data_distribution_type="ShardedByS3Key",
            ),
        ],
        outputs=[
            ProcessingOutput(
                output_name=output,
                source=f"{_ML}/output/{output}",
                destination=f"$.processing.{output}_uri",
            )
            for output in _OUTPUTS
        ],
        container_entrypoint=["python3", f"{_ML}/input/code/preprocess.py"],
        parameters=_processing_parameters(),
        timeout_seconds_path="$.processing.timeout_seconds",
        result_path="$.processing_job",
    )
    return _retried_job(step)


def train_model(session: Session) -> steps.Task:
    """Train built-in XGBoost (algorithm mode) on the train split, watching the validation split."""
    estimator = Estimator(
        image_uri=names.XGBOOST_IMAGE_URI,
        role=names.JOB_ROLE_ARN,
        output_path="$.training.output_uri",
        debugger_hook_config=False,
        disable_profiler=True,
        sagemaker_session=session,
        **_PLACEHOLDER_INSTANCE,
    )
    step = steps.TrainingStep(
        names.TRAIN_MODEL,
        comment="Built-in XGBoost; several instances share the parts of the train split",
        estimator=estimator,
        job_name=ATTEMPT_NAME,
        data={
            "train": TrainingInput(
                "$.processing.train_uri", content_type="text/csv", distribution="ShardedByS3Key"
            ),
            "validation": TrainingInput("$.processing.validation_uri", content_type="text/csv"),
        },
        parameters=_training_parameters(),
        timeout_seconds_path="$.training.timeout_seconds",
        result_path="$.training_job",
    )
    return _retried_job(step)


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
    return _retried(step, TRANSIENT_SAGEMAKER_ERRORS, interval_seconds=5, max_attempts=5)


def record_model_name() -> steps.Task:
    """Write the model's name to Parameter Store, where the endpoint's stack reads it."""
    step = steps.LambdaStep(
        names.RECORD_MODEL_NAME,
        comment="Writes the model's name to Parameter Store",
        parameters={
            "FunctionName": names.RECORD_MODEL_NAME_FUNCTION_ARN,
            # Names are lower case, so the ARN, which SageMaker writes in lower case, tells them.
            "Payload": {
                "ModelName": "States.ArrayGetItem(States.StringSplit($.model.ModelArn, '/'), 1)"
            },
        },
        timeout_seconds=LAMBDA_TIMEOUT_SECONDS,
        result_path="$.recorded",
    )
    return _retried(step, TRANSIENT_LAMBDA_ERRORS, interval_seconds=2, max_attempts=5)


def _processing_parameters() -> dict[str, Any]:
    return {
        "AppSpecification": {"ContainerArguments": "$.processing.arguments"},
        "NetworkConfig": {"EnableNetworkIsolation": True},
        "ProcessingResources": {
            "ClusterConfig": {
                "InstanceCount": "$.processing.instance_count",
                "InstanceType": "$.processing.instance_type",
                "VolumeSizeInGB": "$.processing.volume_size_gb",
            }
        },
        "StoppingCondition": {"MaxRuntimeInSeconds": "$.processing.max_runtime_seconds"},
        "Tags": "$.tags",
    }


def _training_parameters() -> dict[str, Any]:
    return {
        # TrainingStep drops isolation and encryption, so they are put back here.
        "EnableNetworkIsolation": True,
        "EnableInterContainerTrafficEncryption": True,
        "EnableManagedSpotTraining": "$.training.use_spot",
        "HyperParameters": "$.training.hyperparameters",
        "ResourceConfig": {
            "InstanceCount": "$.training.instance_count",
            "InstanceType": "$.training.instance_type",
            "VolumeSizeInGB": "$.training.volume_size_gb",
        },
        # An object, since MaxWaitTimeInSeconds is refused unless spot training is on.
        "StoppingCondition": "$.training.stopping_condition",
        "Tags": "$.tags",
    }


def _retried_job(step: steps.Task) -> steps.Task:
    return _retried(step, TRANSIENT_SAGEMAKER_ERRORS, interval_seconds=30, max_attempts=5)


def _retried(
    step: steps.Task, errors: tuple[str, ...], *, interval_seconds: int, max_attempts: int
) -> steps.Task:
    step.add_retry(
        steps.Retry(
            error_equals=list(errors),
            interval_seconds=interval_seconds,
            max_attempts=max_attempts,
            backoff_rate=2.0,
        )
    )
    return step
