"""Which kinds of actions a local release runs, and which keys of each it knows.

https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference.html has a page each.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from workflow.errors import WorkflowError


@dataclass(frozen=True)
class ActionKind:
    """One kind of action.

    Attributes:
        keys: of its Configuration; of each, whether it must be there.
        values: what a key may hold here, where that is less than any text.
        variables: that it gives to later actions; None where only its result tells.
        more: keys of the action itself that this kind has beside the common ones.
    """

    category: str
    keys: Mapping[str, bool]
    values: Mapping[str, tuple[str, ...]]
    variables: tuple[str, ...] | None = ()
    more: tuple[str, ...] = ()


# A zip of CodePipeline's own would turn a repository's symbolic links into texts.
_CLONED: Final[Mapping[str, tuple[str, ...]]] = {"OutputArtifactFormat": ("CODEBUILD_CLONE_REF",)}
_COMMIT: Final = ("AuthorDate", "BranchName", "CommitId", "CommitMessage")

KINDS: Final[Mapping[str, ActionKind]] = {
    "CodeStarSourceConnection": ActionKind(
        "Source",
        {
            "ConnectionArn": True,
            "FullRepositoryId": True,
            "BranchName": True,
            "OutputArtifactFormat": True,
            "DetectChanges": False,
        },
        _CLONED,
        (*_COMMIT, "FullRepositoryName"),
    ),
    "CodeCommit": ActionKind(
        "Source",
        {
            "RepositoryName": True,
            "BranchName": True,
            "OutputArtifactFormat": True,
            "PollForSourceChanges": False,
        },
        _CLONED,
        (*_COMMIT, "RepositoryName"),
    ),
    "S3": ActionKind(
        "Source",
        {"S3Bucket": True, "S3ObjectKey": True, "PollForSourceChanges": False},
        {},
        ("BucketName", "ETag", "ObjectKey", "VersionId"),
    ),
    "CodeBuild": ActionKind("Build", {"ProjectName": True}, {}),
    "CloudFormation": ActionKind(
        "Deploy",
        {
            "ActionMode": True,
            "StackName": True,
            "ChangeSetName": True,
            "Capabilities": False,
            "ParameterOverrides": False,
            "RoleArn": False,
            "TemplateConfiguration": False,
            "TemplatePath": False,
        },
        {"ActionMode": ("CHANGE_SET_REPLACE", "CHANGE_SET_EXECUTE")},
        None,
    ),
    "StepFunctions": ActionKind(
        "Invoke",
        {"StateMachineArn": True, "ExecutionNamePrefix": False, "InputType": False, "Input": False},
        {"InputType": ("Literal",)},
        ("ExecutionArn", "StateMachineArn"),
    ),
    "Commands": ActionKind("Compute", {}, {}, None, more=("Commands", "OutputVariables")),
    "Manual": ActionKind(
        "Approval",
        {"NotificationArn": False, "CustomData": False, "ExternalEntityLink": False},
        {},
        more=("TimeoutInMinutes",),
    ),
}
_LONGEST_VALUE: Final = 1000


def kind_of(where: str, type_id: Mapping[str, Any]) -> ActionKind:
    """Return the kind that an ActionTypeId names.

    Raises:
        WorkflowError: it is none of those that run here.
    """
    provider = str(type_id.get("Provider"))
    kind = KINDS.get(provider)
    expected = {"Category": kind.category if kind else "", "Owner": "AWS", "Version": "1"}
    if kind is None or {key: type_id.get(key) for key in expected} != expected:
        known = ", ".join(f"{kind.category}/AWS/{name}/1" for name, kind in KINDS.items())
        asked = "/".join(
            str(type_id.get(key)) for key in ("Category", "Owner", "Provider", "Version")
        )
        raise WorkflowError(f"{where}: action type {asked} does not run here; known: {known}")
    return kind


def check_configuration(where: str, kind: ActionKind, configuration: Mapping[str, Any]) -> None:
    """Refuse a configuration that CodePipeline, or this machine, does not take.

    Raises:
        WorkflowError: with the action, the key, its value, and what is known.
    """
    check_keys(f"{where}: Configuration", configuration, tuple(kind.keys))
    for key, is_required in kind.keys.items():
        if is_required and key not in configuration:
            raise WorkflowError(f"{where}: Configuration lacks {key}, which must be there")
    for key, value in configuration.items():
        if not isinstance(value, str) or not 0 < len(value) <= _LONGEST_VALUE:
            raise WorkflowError(
                f"{where}: {key} = {value!r}: must be a text of 1 to {_LONGEST_VALUE} characters"
            )
        allowed = kind.values.get(key, (value,))
        if value not in allowed:
            raise WorkflowError(
                f"{where}: {key} = {value!r} does not run here; known: {', '.join(allowed)}"
            )


def check_keys(where: str, given: Mapping[str, Any], known: tuple[str, ...]) -> None:
    """Refuse a key that is not known.

    Raises:
        WorkflowError: with the first unknown key, and all that are known.
    """
    unknown = sorted(given.keys() - set(known))
    if unknown:
        raise WorkflowError(
            f"{where}: the key {unknown[0]!r} is not known here; known: "
            f"{', '.join(sorted(known)) or 'none'}"
        )
