"""What the last release that succeeded left, kept in a folder for the next command.

Every command starts with a new emulated account. From the folder it gets back what the last good
execution deployed: its CloudFormation actions run again with the artifacts and variables that they
had, and where it trained, the model that it recorded is put back instead. So the next release
updates stacks, compares with a model in production, and has something to roll back to.
"""

import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pocketaws import PocketawsError
from workflow.errors import LocalStateError, WorkflowError
from workflow.laptop import recorded_model, snapshots
from workflow.laptop.bucket import make_bucket
from workflow.laptop.key_paths import KeyPaths
from workflow.release.artifacts import Artifact, Clone
from workflow.release.execution import Passed, Perform, PipelineEnd, View, task_of
from workflow.release.pipeline import Action, Pipeline
from workflow.release.stacks import owner_of

if TYPE_CHECKING:
    from pocketaws import LocalRuntime

_DEPLOYS: Final = "CloudFormation"
_TRAINS: Final = "StepFunctions"
_NAME: Final = "release"
_RECORD_NAME: Final = "release.json"
_PIPELINE_NAME: Final = "pipeline.yaml"
_BUNDLES_NAME: Final = "packages"
_BUNDLES_PREFIX: Final = f"{_BUNDLES_NAME}/"
_KEYS_NAME: Final = "keys.json"
_MODEL_NAME: Final = "model"
_MODEL_ROLE: Final = "ModelRole"
# Reads a template with its parameters.
ReadPipeline = Callable[[Path, Mapping[str, str]], Pipeline]


@dataclass(frozen=True)
class KeptRelease:
    """A release that succeeded, as it was kept.

    Attributes:
        folder: of its files.
        repository: that it released.
        commit_id: that it released.
        passed: what had passed between its actions when it ended.
        entered: by stage, what had passed when it was entered; see `execution.Ended`.
    """

    folder: Path
    repository: str
    commit_id: str
    pipeline: Pipeline
    passed: Passed
    entered: Mapping[str, Passed]

    def earlier(self, pipeline: Pipeline) -> PipelineEnd | None:
        """Return it as the execution that a pipeline's stages can be rolled back to.

        CodePipeline rolls back to executions of the same pipeline structure only.
        https://docs.aws.amazon.com/codepipeline/latest/userguide/stage-rollback.html
        """
        if self.pipeline != pipeline:
            return None
        return PipelineEnd([], None, self.entered, self.passed)


@dataclass(frozen=True)
class Succeeded:
    """A release that has just succeeded.

    Attributes:
        pipeline_text: of the template, as it was when the release began.
        parameters: that it was read with.
    """

    repository: Path
    commit_id: str
    pipeline: Pipeline
    pipeline_text: str
    parameters: Mapping[str, str]
    ended: PipelineEnd


def keep(state_dir: Path, release: Succeeded, runtime: "LocalRuntime") -> None:
    """Keep a release in place of the one kept before, in a folder below `state_dir`.

    Raises:
        LocalStateError: it cannot be written; the one kept before is kept still.
    """
    snapshots.replace(state_dir / _NAME, lambda folder: _fill(folder, release, runtime))


def _fill(new: Path, release: Succeeded, runtime: "LocalRuntime") -> None:
    (new / _PIPELINE_NAME).write_text(release.pipeline_text, encoding="utf-8")
    _keep_bundles(release.pipeline.bucket_name, new, runtime)
    for action in _trainings(release.pipeline):
        _keep_model(action, release.ended.passed, new, runtime)
    entered = release.ended.entered.items()
    record = {
        "repository": str(release.repository),
        "commit_id": release.commit_id,
        "parameters": dict(release.parameters),
        "passed": _written(release.ended.passed, new),
        "entered": {name: _written(passed, new) for name, passed in entered},
    }
    (new / _RECORD_NAME).write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")


def recall(state_dir: Path, repository: Path, read: ReadPipeline) -> KeptRelease | None:
    """Return the release that is kept, or None.

    Raises:
        LocalStateError: the folder cannot be understood, and was put aside, or it is of another
            repository.
    """
    folder = snapshots.content(state_dir / _NAME) or _earlier(state_dir)
    if folder is None:
        return None
    try:
        record = json.loads((folder / _RECORD_NAME).read_text(encoding="utf-8"))
        kept = KeptRelease(
            folder,
            repository=str(record["repository"]),
            commit_id=str(record["commit_id"]),
            pipeline=read(folder / _PIPELINE_NAME, record["parameters"]),
            passed=_passed(record["passed"], folder),
            entered={name: _passed(item, folder) for name, item in record["entered"].items()},
        )
    except (
        OSError,
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
        WorkflowError,
        PocketawsError,
    ) as error:
        snapshots.put_aside(state_dir / _NAME, error)
    if kept.repository != str(repository):
        raise LocalStateError(
            f"{folder} is of a release of {kept.repository}, not of {repository}; give another "
            "--state-dir, or --fresh"
        )
    return kept


def _earlier(state_dir: Path) -> Path | None:
    """Return the folder of what an earlier version kept, if there is one."""
    folder = state_dir / _NAME
    return folder if (folder / _RECORD_NAME).exists() else None


def put_back(
    kept: KeptRelease, performers: Mapping[str, Perform], runtime: "LocalRuntime", view: View
) -> None:
    """Make a new emulated account hold what the kept release left.

    Raises:
        LocalStateError: it cannot be deployed any more.
    """
    view.note(f"putting back what the release of {kept.commit_id[:12]} left: {kept.folder}")
    make_bucket(runtime, kept.pipeline.bucket_name)
    for path, key in _bundles(kept.folder).items():
        runtime.client("s3").upload_file(str(path), kept.pipeline.bucket_name, key)
    actions = [action for stage in kept.pipeline.stages for action in stage.actions]
    try:
        for action in actions:
            if action.provider == _DEPLOYS:
                performers[action.provider](task_of(action, kept.passed, "put-back", _unsaid))
            if action.provider == _TRAINS:
                _put_back_model(action, kept, runtime, view)
    except (WorkflowError, PocketawsError) as error:
        raise LocalStateError(
            f"what {kept.folder} holds cannot be put back: {error}; release with --fresh"
        ) from error


def _unsaid(_: str) -> None:
    """Say nothing of an action that only repeats what an earlier command told."""


def _trainings(pipeline: Pipeline) -> list[Action]:
    actions = [action for stage in pipeline.stages for action in stage.actions]
    return [action for action in actions if action.provider == _TRAINS]


def _keep_bundles(bucket_name: str, folder: Path, runtime: "LocalRuntime") -> None:
    """Copy the bundles under paths of their own, and write which key each has."""
    s3 = runtime.client("s3")
    paths, keys = KeyPaths(folder / _BUNDLES_NAME), {}
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket_name, Prefix=_BUNDLES_PREFIX)
    for item in (item for page in pages for item in page.get("Contents", [])):
        path = paths.path_for(item["Key"].removeprefix(_BUNDLES_PREFIX))
        path.parent.mkdir(parents=True, exist_ok=True)
        s3.download_file(bucket_name, item["Key"], str(path))
        keys[path.relative_to(folder).as_posix()] = item["Key"]
    (folder / _KEYS_NAME).write_text(f"{json.dumps(keys, indent=2)}\n", encoding="utf-8")


def _bundles(folder: Path) -> Mapping[Path, str]:
    """Return each kept bundle's key by its path."""
    keys_path = folder / _KEYS_NAME
    if keys_path.exists():
        keys = json.loads(keys_path.read_text(encoding="utf-8"))
        return {folder / name: str(key) for name, key in keys.items()}
    # An earlier version kept them under their keys.
    paths = (path for path in (folder / _BUNDLES_NAME).rglob("*") if path.is_file())
    return {path: path.relative_to(folder).as_posix() for path in paths}


def _keep_model(action: Action, passed: Passed, folder: Path, runtime: "LocalRuntime") -> None:
    stack = _workflow_stack(action, passed, runtime)
    if stack is not None:
        recorded_model.remember(
            folder / _MODEL_NAME,
            bucket_name=stack.bucket_name,
            parameter_name=stack.parameter_name,
            clients=runtime.client,
        )


def _put_back_model(action: Action, kept: KeptRelease, runtime: "LocalRuntime", view: View) -> None:
    model = recorded_model.recall(kept.folder / _MODEL_NAME)
    stack = _workflow_stack(action, kept.passed, runtime)
    if model is None or stack is None:
        return
    role = runtime.client("cloudformation").describe_stack_resource(
        StackName=stack.name, LogicalResourceId=_MODEL_ROLE
    )["StackResourceDetail"]["PhysicalResourceId"]
    recorded_model.put_back(
        model,
        bucket_name=stack.bucket_name,
        role_arn=runtime.client("iam").get_role(RoleName=role)["Role"]["Arn"],
        parameter_name=stack.parameter_name,
        clients=runtime.client,
    )
    view.note(f"in production, from {kept.folder}: {model.model.model_name}")


@dataclass(frozen=True)
class _WorkflowStack:
    """The stack of a state machine that records models."""

    name: str
    bucket_name: str
    parameter_name: str


def _workflow_stack(
    action: Action, passed: Passed, runtime: "LocalRuntime"
) -> _WorkflowStack | None:
    """Return the stack of an action's state machine; None where it records no models."""
    arn = task_of(action, passed, "kept", _unsaid).action.configuration["StateMachineArn"]
    name, outputs = owner_of(arn, runtime.client("cloudformation")) or ("", {})
    if not {"BucketName", "ModelParameterName"} <= outputs.keys():
        return None
    return _WorkflowStack(name, outputs["BucketName"], outputs["ModelParameterName"])


def _written(passed: Passed, folder: Path) -> dict[str, Any]:
    """Return what had passed as JSON, and copy its artifacts' files."""
    artifacts: dict[str, Any] = {}
    for name, artifact in passed.artifacts.items():
        if isinstance(artifact.content, Clone):
            clone = artifact.content
            artifacts[name] = {"repository": str(clone.repository), "commit": clone.commit}
        else:
            shutil.copyfile(artifact.content, _zip(folder, name))
            artifacts[name] = {}
    variables = {name: dict(values) for name, values in passed.variables.items()}
    return {"variables": variables, "artifacts": artifacts}


def _passed(record: Mapping[str, Any], folder: Path) -> Passed:
    artifacts = {}
    for name, item in record["artifacts"].items():
        clone = "repository" in item
        content = Clone(Path(item["repository"]), item["commit"]) if clone else _zip(folder, name)
        artifacts[name] = Artifact(name, content)
    return Passed(record["variables"], artifacts)


def _zip(folder: Path, name: str) -> Path:
    return folder / f"{name}.zip"
