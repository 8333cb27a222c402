"""The model in production on this machine, kept from one `workflow run` to the next.

Every command starts an emulated AWS anew, so what was recorded would be gone with it. The state
folder holds the last recorded model; it is put back before the next execution starts, so that the
candidate has something to be compared with. `--fresh` leaves it out.
"""

import contextlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from workflow.account.aws import call_or_none
from workflow.errors import LocalStateError, WorkflowError
from workflow.laptop import snapshots

# Beside the executions' own folders, each of which ends in a hash.
PREFIX: Final = "training/recorded/"
_NAME: Final = "recorded-model"
_RECORD_NAME: Final = "recorded-model.json"
_ARTIFACT_NAME: Final = "model.tar.gz"
_ANSWERS_NAME: Final = "known-answers.json"
_BASELINE_NAME: Final = "baseline.json"
# What is kept of a model's evaluation, as far as it is there.
_EVALUATION_NAMES: Final = (_ANSWERS_NAME, _BASELINE_NAME)
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


@dataclass(frozen=True)
class KeptModel:
    """A recorded model that was kept, and the folder of its files."""

    model: RecordedModel
    folder: Path


def remember(state_dir: Path, *, bucket_name: str, parameter_name: str, clients: Any) -> None:
    """Keep the model that the parameter names now, in place of the one kept before.

    Args:
        state_dir: gets a folder with the record, the artifact, and of the model's evaluation the
            known answers and the baseline.
        bucket_name: of the stack.
        parameter_name: of the stack.
        clients: called with a service's name, returns a client of the emulator.

    Raises:
        LocalStateError: it cannot be written; the one kept before is kept still.
    """
    ssm, s3 = clients("ssm"), clients("s3")
    described = ssm.describe_parameters(
        ParameterFilters=[{"Key": "Name", "Values": [parameter_name]}]
    )["Parameters"]
    model_name = ssm.get_parameter(Name=parameter_name)["Parameter"]["Value"]
    container = clients("sagemaker").describe_model(ModelName=model_name)["PrimaryContainer"]
    record = RecordedModel(model_name, described[0].get("Description", ""), container["Image"])

    def fill(folder: Path) -> None:
        _fetch(container["ModelDataUrl"], folder / _ARTIFACT_NAME, s3=s3)
        for key in evaluation_keys(model_name):
            # A model that was recorded by hand has none.
            if s3.list_objects_v2(Bucket=bucket_name, Prefix=key)["KeyCount"]:
                _fetch(f"s3://{bucket_name}/{key}", folder / key.rpartition("/")[2], s3=s3)
        (folder / _RECORD_NAME).write_text(json.dumps(asdict(record), indent=2) + "\n")

    snapshots.replace(state_dir / _NAME, fill)
    # Where earlier versions kept it.
    for name in (_RECORD_NAME, _ARTIFACT_NAME, _ANSWERS_NAME):
        with contextlib.suppress(OSError):
            (state_dir / name).unlink()


def put_aside(state_dir: Path, project_name: str) -> Path | None:
    """Have no model in production here, and return where the one that was is kept, if any was.

    Args:
        state_dir: of `remember`.
        project_name: whose model it is; its folder is named after it.

    Raises:
        LocalStateError: the folder cannot be renamed.
    """
    folder = state_dir / _NAME
    if not folder.exists():
        return None
    aside = snapshots.free_name(folder, project_name)
    try:
        return folder.rename(aside)
    except OSError as error:
        raise LocalStateError(
            f"{folder} is the model of {project_name}, and cannot be put aside ({error}); "
            "remove it, or run with --fresh"
        ) from error


def _fetch(uri: str, path: Path, *, s3: Any) -> None:
    from pocketaws import fetch

    bucket_name, _, key = uri.removeprefix("s3://").partition("/")
    fetch(bucket_name, key, path, s3=s3)


def answers_key(model_name: str) -> str:
    """Return where in the workflow's bucket a model's known answers are, if it has any."""
    return f"evaluation/{model_name[:-_OWN_CHARACTERS]}/{_ANSWERS_NAME}"


def evaluation_keys(model_name: str) -> list[str]:
    """Return where in that bucket lies what is kept of a model's evaluation, if it is there."""
    return [f"{answers_key(model_name).rpartition('/')[0]}/{name}" for name in _EVALUATION_NAMES]


def known_row(model_name: str, clients: Any) -> str | None:
    """Return the first row of a model's known answers, encoded; None where it has none.

    Args:
        model_name: of a model in the emulated AWS.
        clients: called with a service's name, returns a client of the emulator.
    """
    s3 = clients("s3")
    container = clients("sagemaker").describe_model(ModelName=model_name)["PrimaryContainer"]
    bucket_name = container["ModelDataUrl"].removeprefix("s3://").partition("/")[0]
    key = answers_key(model_name)
    # A model that was recorded by hand has none.
    if not s3.list_objects_v2(Bucket=bucket_name, Prefix=key)["KeyCount"]:
        return None
    answers: Any = json.loads(s3.get_object(Bucket=bucket_name, Key=key)["Body"].read())
    features = answers["rows"][0]["features"]
    # Features are of single precision, and null is a missing one.
    return ",".join("nan" if value is None else f"{value:.9g}" for value in features)


def recall(state_dir: Path) -> KeptModel | None:
    """Return the model that is kept, or None.

    Raises:
        LocalStateError: the folder cannot be understood; what it held has been put aside.
    """
    folder = snapshots.content(state_dir / _NAME)
    if folder is None:
        return _recall_earlier(state_dir)
    try:
        return _read(folder)
    except (OSError, ValueError, TypeError) as error:
        snapshots.put_aside(state_dir / _NAME, error)


def _recall_earlier(state_dir: Path) -> KeptModel | None:
    """Return what an earlier version kept, in the state folder itself."""
    path = state_dir / _RECORD_NAME
    if not path.exists():
        return None
    try:
        return _read(state_dir)
    except (OSError, ValueError, TypeError) as error:
        snapshots.put_aside(path, error)


def _read(folder: Path) -> KeptModel:
    record = json.loads((folder / _RECORD_NAME).read_text(encoding="utf-8"))
    return KeptModel(RecordedModel(**record), folder)


def put_back(
    kept: KeptModel,
    *,
    bucket_name: str,
    role_arn: str,
    parameter_name: str,
    clients: Any,
) -> None:
    """Make the emulated AWS hold the kept model as the recorded one.

    Args:
        kept: from `recall`.
        bucket_name: of the stack.
        role_arn: of the stack's models.
        parameter_name: of the stack.
        clients: called with a service's name, returns a client of the emulator.

    Raises:
        WorkflowError: the emulator has a model of that name that is no model of the stack.
    """
    record, folder = kept.model, kept.folder
    artifact_key = f"{PREFIX}{record.model_name}/{_ARTIFACT_NAME}"
    clients("s3").upload_file(str(folder / _ARTIFACT_NAME), bucket_name, artifact_key)
    for key in evaluation_keys(record.model_name):
        path = folder / key.rpartition("/")[2]
        # A folder of an earlier version holds none; smoke test and monitor will say so.
        if path.exists():
            clients("s3").upload_file(str(path), bucket_name, key)
    sagemaker = clients("sagemaker")
    there = call_or_none(sagemaker.describe_model, ModelName=record.model_name)
    if there is None:
        sagemaker.create_model(
            ModelName=record.model_name,
            ExecutionRoleArn=role_arn,
            PrimaryContainer={
                "Image": record.image_uri,
                "ModelDataUrl": f"s3://{bucket_name}/{artifact_key}",
            },
        )
    elif not there["PrimaryContainer"]["ModelDataUrl"].startswith(f"s3://{bucket_name}/"):
        raise WorkflowError(
            f"model {record.model_name} is in the emulated AWS already, from another state folder; "
            "run with --own"
        )
    clients("ssm").put_parameter(
        Name=parameter_name,
        Value=record.model_name,
        Type="String",
        Description=record.description,
    )
