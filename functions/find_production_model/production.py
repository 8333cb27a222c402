"""The model in production: the one whose name Parameter Store holds, as far as it still exists."""

from dataclasses import dataclass
from typing import Any, Final

from botocore.exceptions import ClientError

_ANSWERS: Final = "known-answers.json"
# A model's name is its execution's base name, a hyphen and eight characters of its own.
_OWN_CHARACTERS: Final = 9


class UnusableProductionModel(ValueError):  # noqa: N818 - it is the error's name in the console
    """The recorded model exists and has no single artifact that a job could load."""


@dataclass(frozen=True)
class ProductionModel:
    """What is known of it; all but the note is None where there is none to compare with.

    `parameter_version` stays where the parameter exists and its model does not; `answers_uri` is
    None where the model's evaluation left no known answers.
    """

    note: str
    parameter_version: int | None = None
    model_name: str | None = None
    artifact_uri: str | None = None
    answers_uri: str | None = None


def find_production_model(
    parameter_name: str, *, bucket_name: str, ssm: Any, sagemaker: Any, s3: Any
) -> ProductionModel:
    """Return the model in production, or one without a name where nothing was released yet.

    A recorded model that was deleted counts as none, since nothing can be compared with it: only
    the absolute bound judges the candidate then. The note says so. So does one whose artifact lies
    in another bucket: a stack that was deleted leaves the recorded name and its bucket behind, and
    the jobs of the next one of that name may not read it.

    Args:
        parameter_name: that holds the model's name.
        bucket_name: of the stack.
        ssm: a client.
        sagemaker: a client.
        s3: a client.

    Raises:
        UnusableProductionModel: see there.
        botocore.exceptions.ClientError: Parameter Store or SageMaker refused.
    """
    try:
        parameter = ssm.get_parameter(Name=parameter_name)["Parameter"]
    except ssm.exceptions.ParameterNotFound:
        return ProductionModel(f"Compared with no model: {parameter_name} does not exist yet")
    model_name, version = str(parameter["Value"]), int(parameter["Version"])
    model = _describe_model(model_name, sagemaker=sagemaker)
    where = f"version {version} of {parameter_name}"
    if model is None:
        note = f"Compared with no model: {model_name} ({where}) was deleted from SageMaker"
        return ProductionModel(note, version)
    artifact_uri = _artifact_uri(model, model_name, where=where)
    if not artifact_uri.startswith(f"s3://{bucket_name}/"):
        note = (
            f"Compared with no model: the artifact of {model_name} ({where}) is not in this "
            f"stack's bucket but at {artifact_uri}"
        )
        return ProductionModel(note, version)
    return ProductionModel(
        note=f"Compared with {model_name} ({where})",
        parameter_version=version,
        model_name=model_name,
        artifact_uri=artifact_uri,
        answers_uri=_answers_uri(model_name, bucket_name=bucket_name, s3=s3),
    )


def _answers_uri(model_name: str, *, bucket_name: str, s3: Any) -> str | None:
    """Return where the known answers of a model's own evaluation lie, None where there are none.

    They say which features the model takes, in which order; its file does not.
    """
    key = f"evaluation/{model_name[:-_OWN_CHARACTERS]}/{_ANSWERS}"
    listed = s3.list_objects_v2(Bucket=bucket_name, Prefix=key, MaxKeys=1)
    return f"s3://{bucket_name}/{key}" if listed.get("Contents") else None


def _describe_model(model_name: str, *, sagemaker: Any) -> dict[str, Any] | None:
    """Return SageMaker's description of a model, None where it does not have it."""
    try:
        return dict(sagemaker.describe_model(ModelName=model_name))
    except ClientError as error:
        # SageMaker has no error of its own for it: a malformed name has the same code.
        details = error.response["Error"]
        gone = details["Code"] == "ValidationException"
        if gone and "could not find model" in details["Message"].lower():
            return None
        raise


def _artifact_uri(model: dict[str, Any], model_name: str, *, where: str) -> str:
    artifact_uri = model.get("PrimaryContainer", {}).get("ModelDataUrl")
    if not artifact_uri:
        raise UnusableProductionModel(
            f"model {model_name!r} ({where}) has no PrimaryContainer.ModelDataUrl to evaluate; "
            "record the name of a model of this workflow there, or delete the parameter"
        )
    return str(artifact_uri)
