"""Write the name of a created model to Parameter Store, where the endpoint's stack reads it."""

import os
from typing import Any

import boto3

SSM = boto3.client("ssm")


def lambda_handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Record `event["ModelName"]` in the parameter that MODEL_PARAMETER_NAME names.

    Returns:
        `ModelName`, `ParameterName` and `ParameterVersion` (an integer that counts up from 1).

    Raises:
        ValueError: the event holds no model name.
        botocore.exceptions.ClientError: Parameter Store refused; the state fails with it.
    """
    parameter_name = os.environ["MODEL_PARAMETER_NAME"]
    model_name = model_name_of(event)
    version = record_model_name(model_name, parameter_name=parameter_name, ssm=SSM)
    return {
        "ModelName": model_name,
        "ParameterName": parameter_name,
        "ParameterVersion": version,
    }


def model_name_of(event: dict[str, Any]) -> str:
    """Return the model name of an event, or raise ValueError saying what is missing."""
    model_name = event.get("ModelName")
    if not isinstance(model_name, str) or not model_name:
        raise ValueError(
            f"ModelName must be the name of a SageMaker model, got {model_name!r}; "
            "the state before this one creates it"
        )
    return model_name


def record_model_name(model_name: str, *, parameter_name: str, ssm: Any) -> int:
    """Make `parameter_name` hold `model_name` and return the parameter's version.

    Idempotent: a second call with the same name (a retried state) writes no new version, so the
    parameter's history stays a list of models.
    """
    try:
        current = ssm.get_parameter(Name=parameter_name)["Parameter"]
    except ssm.exceptions.ParameterNotFound:
        current = None
    if current is not None and current["Value"] == model_name:
        return int(current["Version"])
    response = ssm.put_parameter(
        Name=parameter_name,
        Description="Name of the SageMaker model that the endpoint serves",
        Value=model_name,
        Type="String",
        Overwrite=True,
    )
    return int(response["Version"])
