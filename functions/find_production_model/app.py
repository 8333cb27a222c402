"""Find the model that a candidate has to hold its own against, and say what the job compares."""

import os
from typing import Any

import boto3
from job_inputs import arguments, check_uris, inputs
from production import find_production_model

SSM = boto3.client("ssm")
SAGEMAKER = boto3.client("sagemaker")
S3 = boto3.client("s3")


def lambda_handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Look up the recorded model and return what the evaluation's processing job takes.

    Args:
        event: S3 URIs: `CandidateArtifactUri` (a model.tar.gz), `TrainUri` and `TestUri` (splits),
            `JobScriptsUri` and `EvaluationUri` (where the job's output goes; only checked);
            `ValidationUri` where those rows choose a threshold, else null.
        context: not used.

    Returns:
        `model_name` (null where there is nothing to compare with), `parameter_version` (null
        where the parameter does not exist), `note` (both in a sentence), `inputs` (as
        CreateProcessingJob takes them) and `arguments` (of jobs/evaluate.py).

    Raises:
        ValueError: a field of the event is not an S3 URI.
        UnusableProductionModel: the recorded model is not one that the job can load.
        botocore.exceptions.ClientError: Parameter Store, SageMaker or S3 refused.
    """
    return comparison(
        event,
        parameter_name=os.environ["MODEL_PARAMETER_NAME"],
        ssm=SSM,
        sagemaker=SAGEMAKER,
        s3=S3,
    )


def comparison(
    event: dict[str, Any], *, parameter_name: str, ssm: Any, sagemaker: Any, s3: Any
) -> dict[str, Any]:
    """Return the handler's answer; see there."""
    check_uris(event)
    production = find_production_model(
        parameter_name,
        bucket_name=event["CandidateArtifactUri"].split("/")[2],
        ssm=ssm,
        sagemaker=sagemaker,
        s3=s3,
    )
    return {
        "model_name": production.model_name,
        "parameter_version": production.parameter_version,
        "note": production.note,
        "inputs": inputs(
            event,
            production_artifact_uri=production.artifact_uri,
            production_answers_uri=production.answers_uri,
        ),
        "arguments": arguments(
            with_production=production.artifact_uri is not None,
            with_answers=production.answers_uri is not None,
            with_validation=event.get("ValidationUri") is not None,
        ),
    }
