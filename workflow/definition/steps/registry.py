"""The states around the model registry: a version of the stack's group, and who approves it.

The registry is the one source of truth about approval. The Data Science SDK has no step for it, so
these states call SageMaker through Step Functions' AWS SDK integration:
https://docs.aws.amazon.com/step-functions/latest/dg/supported-services-awssdk.html
"""

from typing import Any, Final

from workflow.definition import names
from workflow.definition.sdk import State, steps
from workflow.definition.steps.shared import MODEL_NAME, TRANSIENT_LAMBDA_ERRORS, retried

PENDING: Final = "PendingManualApproval"
_TIMEOUT_SECONDS: Final = 60
# What the service's API does not model, throttling among it, has the service's own name here.
_TRANSIENT_SDK_ERRORS: Final = ("SageMaker.SageMakerException", "SageMaker.SdkClientException")
_CSV: Final = "text/csv"


def register_model() -> steps.Task:
    """Register the model as a version of the stack's group, with metrics and lineage.

    It is approved from the start where the policy says so, else it waits for a person.
    """
    return _sagemaker_step(
        names.REGISTER_MODEL,
        "A version of the stack's group: metrics, data, code, execution; approved or pending",
        action="createModelPackage",
        parameters={
            "ModelPackageGroupName": names.MODEL_PACKAGE_GROUP_NAME,
            "ModelPackageDescription": "$.judgement.reason",
            # The same at each attempt, so that a lost answer does not make a second version.
            "ClientToken": "States.Hash($$.Execution.Id, 'MD5')",
            "ModelApprovalStatus": "$.judgement.approval_status",
            "InferenceSpecification": {
                "Containers": [
                    {
                        "Image": names.XGBOOST_IMAGE_URI,
                        "ModelDataUrl": "$.training_job.ModelArtifacts.S3ModelArtifacts",
                    }
                ],
                "SupportedContentTypes": [_CSV],
                "SupportedResponseMIMETypes": [_CSV],
            },
            "ModelMetrics": "$.judgement.model_metrics",
            "DriftCheckBaselines": "$.judgement.drift_check_baselines",
            "MetadataProperties": {
                "CommitId": "$.lineage.git_commit",
                "GeneratedBy": "$$.Execution.Id",
            },
            "CustomerMetadataProperties": {
                "model_name": MODEL_NAME,
                "input_data_uri": "$.lineage.input_data_uri",
                "input_data_version": "$.lineage.input_data_version",
                "started_by": "$.lineage.started_by",
                "job_scripts_uri": names.JOB_SCRIPTS_URI,
                # How its rows are encoded, for whoever has the version alone.
                "encoding_uri": "States.Format('{}known-answers.json', $.gate.evaluation_uri)",
                # "none" where none of its settings was searched for.
                "tuning_job": "$.tuning.best.job_name",
                "reused": "$.cached.lineage",
                "gate_metric": "$.judgement.metric",
                "gate_value": "States.Format('{}', $.judgement.value)",
                "gate_production_value": "States.Format('{}', $.judgement.production_value)",
                "mse": "States.Format('{}', $.judgement.mse)",
                "production_mse": "States.Format('{}', $.judgement.production_mse)",
            },
        },
        result_path="$.package",
    )


def does_a_person_decide(*, then: State, otherwise: State) -> steps.Choice:
    """Wait for a person only where the policy left the package pending."""
    choice = steps.Choice(
        names.DOES_A_PERSON_DECIDE,
        comment="By the policy of the stack or the execution; see docs/approval.md",
    )
    choice.add_choice(
        steps.ChoiceRule.StringEquals("$.judgement.approval_status", PENDING), next_step=then
    )
    choice.default_choice(otherwise)
    return choice


def wait_for_approval() -> steps.Task:
    """Ask a person, and wait until the package is approved or rejected in the registry."""
    step = steps.LambdaStep(
        names.WAIT_FOR_APPROVAL,
        comment="Sends the question; the registry's answer brings the task token back",
        wait_for_callback=True,
        parameters={
            "FunctionName": names.ASK_FOR_APPROVAL_FUNCTION_ARN,
            "Payload": {
                "TaskToken": "$$.Task.Token",
                "ExecutionArn": "$$.Execution.Id",
                "ModelPackageArn": "$.package.ModelPackageArn",
                "ModelName": MODEL_NAME,
                "Reason": "$.judgement.reason",
                "ApprovalReason": "$.judgement.approval_reason",
                "Numbers": "$.judgement.numbers",
                "Compared": "$.production.note",
                "Preprocessing": "$.processing_job",
                "EvaluationUri": "$.gate.evaluation_uri",
                "TimeoutSeconds": "$.approval.timeout_seconds",
            },
        },
        timeout_seconds_path="$.approval.timeout_seconds",
        result_path="$.decision",
    )
    return retried(step, TRANSIENT_LAMBDA_ERRORS, interval_seconds=2)


def catch_refusal(waiting: steps.Task, next_state: State) -> None:
    """Send a rejection on; functions/approval fails the waiting state with it."""
    waiting.add_catch(
        steps.Catch(error_equals=["ModelRejected"], next_step=next_state, result_path="$.refusal")
    )


def withdraw_model_package() -> steps.Task:
    """Reject the package of an execution that failed after registering it."""
    return _sagemaker_step(
        names.WITHDRAW_MODEL_PACKAGE,
        "What was not released must not stand in the registry as approved, or as waiting",
        action="updateModelPackage",
        parameters={
            "ModelPackageArn": "$.package.ModelPackageArn",
            "ModelApprovalStatus": "Rejected",
            "ApprovalDescription": "States.Format('execution {} failed', $$.Execution.Name)",
        },
        result_path="$.withdrawn",
    )


def _sagemaker_step(
    state_name: str, comment: str, *, action: str, parameters: dict[str, Any], result_path: str
) -> steps.Task:
    step = steps.Task(
        state_name,
        comment=comment,
        resource=f"arn:{names.PARTITION}:states:::aws-sdk:sagemaker:{action}",
        parameters=parameters,
        timeout_seconds=_TIMEOUT_SECONDS,
        result_path=result_path,
    )
    return retried(step, _TRANSIENT_SDK_ERRORS, interval_seconds=5)
