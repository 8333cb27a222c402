"""The model in production on this machine, kept from one `workflow run` to the next.

Every command starts an emulated AWS anew, so what was recorded would be gone with it. The state
folder holds the last recorded model; it is put back before the next execution starts, so that the
candidate has something to be compared with. `--fresh` leaves it out.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from workflow.errors import LocalStateError

# Beside the executions' own folders, each of which ends in a hash.
PREFIX: Final = "training/recorded/"
_RECORD_NAME: Final = "recorded-model.json"
_ARTIFACT_NAME: Final = "model.tar.gz"
_ANSWERS_NAME: Final = "known-answers.json"
# A model's name is its execution's base name, a hyphen and eight characters of its own.
_OWN_CHARACTERS: Final = 9


@dataclass(frozen=True)
class RecordedModel:
    """What Parameter Store and SageMaker said of a recorded model.

    Attributes:
        description: of the parameter, which holds metrics and execution.
        image_uri: that serves the model.
    """

    model_name: str
    description: str
    image_uri: str


def remember(state_dir: Path, *, bucket_name: str, parameter_name: str, clients: Any) -> None:
    """Keep the model that the parameter names now, in place of the one kept before.

    Args:
        state_dir: gets the record, the artifact, and the known answers of the model's evaluation.
        bucket_name: of the stack.
        parameter_name: of the stack.
        clients: called with a service's name, returns a client of the emulator.
    """
    ssm, s3 = clients("ssm"), clients("s3")
    described = ssm.describe_parameters(
        ParameterFilters=[{"Key": "Name", "Values": [parameter_name]}]
    )["Parameters"]
    model_name = ssm.get_parameter(Name=parameter_name)["Parameter"]["Value"]
    container = clients("sagemaker").describe_model(ModelName=model_name)["PrimaryContainer"]
    record = RecordedModel(model_name, described[0].get("Description", ""), container["Image"])
    state_dir.mkdir(parents=True, exist_ok=True)
    # The record last: without it the folder holds nothing that counts.
    (state_dir / _RECORD_NAME).unlink(missing_ok=True)
    artifact_bucket, _, key = container["ModelDataUrl"].removeprefix("s3://").partition("/")
    s3.download_file(artifact_bucket, key, str(state_dir / _ARTIFACT_NAME))
    _keep_answers(bucket_name, answers_key(model_name), state_dir / _ANSWERS_NAME, s3=s3)
    (state_dir / _RECORD_NAME).write_text(json.dumps(asdict(record), indent=2) + "\n")


def _keep_answers(bucket_name: str, key: str, path: Path, *, s3: Any) -> None:
    path.unlink(missing_ok=True)
    # A model that was recorded by hand has none.
    if s3.list_objects_v2(Bucket=bucket_name, Prefix=key)["KeyCount"]:
        s3.download_file(bucket_name, key, str(path))


def answers_key(model_name: str) -> str:
    """Return where in the workflow's bucket a model's known answers are, if it has any."""
    return f"evaluation/{model_name[:-_OWN_CHARACTERS]}/{_ANSWERS_NAME}"


def recall(state_dir: Path) -> RecordedModel | None:
    """Return the model that is kept, or None.

    Raises:
        LocalStateError: the folder cannot be understood.
    """
    path = state_dir / _RECORD_NAME
    if not path.exists():
        return None
    try:
        return RecordedModel(**json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, TypeError) as error:
        raise LocalStateError(
            f"{path} cannot be understood ({error}); remove {state_dir}, or run with --fresh"
        ) from error


def put_back(
    record: RecordedModel,
    state_dir: Path,
    *,
    bucket_name: str,
    role_arn: str,
    parameter_name: str,
    clients: Any,
) -> None:
    """Make the emulated AWS hold the kept model as the recorded one.

    Args:
        record: from `recall`.
        state_dir: holds its artifact.
        bucket_name: of the stack.
        role_arn: of the stack's models.
        parameter_name: of the stack.
        clients: called with a service's name, returns a client of the emulator.
    """
    artifact_key = f"{PREFIX}{record.model_name}/{_ARTIFACT_NAME}"
    clients("s3").upload_file(str(state_dir / _ARTIFACT_NAME), bucket_name, artifact_key)
    answers_path = state_dir / _ANSWERS_NAME
    # A folder of an earlier version holds none; the endpoint's smoke test will say so.
    if answers_path.exists():
        key = answers_key(record.model_name)
        clients("s3").upload_file(str(answers_path), bucket_name, key)
    clients("sagemaker").create_model(
        ModelName=record.model_name,
        ExecutionRoleArn=role_arn,
        PrimaryContainer={
            "Image": record.image_uri,
            "ModelDataUrl": f"s3://{bucket_name}/{artifact_key}",
        },
    )
    clients("ssm").put_parameter(
        Name=parameter_name,
        Value=record.model_name,
        Type="String",
        Description=record.description,
    )
