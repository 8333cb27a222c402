"""The CloudFormation action: change sets, made in one action and executed in a later one.

The calls are CodePipeline's; that the emulator answers them is not seen here.

https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-CloudFormation.html
"""

import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from botocore.exceptions import ClientError, WaiterError

from workflow.errors import WorkflowError
from workflow.release.actions import check_keys
from workflow.release.artifacts import Artifact
from workflow.release.execution import ActionResult, Task
from workflow.release.identities import RoleSessions

_REVIEW: Final = "REVIEW_IN_PROGRESS"
# Two texts: of a template that is as before, and of one whose transform changes nothing.
_NO_CHANGES: Final = ("didn't contain changes", "No updates are to be performed")
_LEFT_OUT: Final = "The local runtime does not create it"


@dataclass(frozen=True)
class Stacks:
    """Performs CloudFormation actions."""

    identities: RoleSessions

    def __call__(self, task: Task) -> ActionResult:
        """Make a change set, or execute one."""
        is_execute = task.action.configuration["ActionMode"] == "CHANGE_SET_EXECUTE"
        client = self.identities.client("cloudformation", role_arn=task.action.role_arn)
        try:
            return _executed(task, client) if is_execute else _replaced(task, client)
        except ClientError as error:
            raise WorkflowError(error.response["Error"]["Message"]) from error


def _replaced(task: Task, cloudformation: Any) -> ActionResult:
    change_set = _named(task)
    stack = _stack(cloudformation, change_set["StackName"])
    is_new = stack is None or stack["StackStatus"] == _REVIEW
    if stack is not None:
        cloudformation.delete_change_set(**change_set)
    cloudformation.create_change_set(
        **change_set,
        **_request(task),
        ChangeSetType="CREATE" if is_new else "UPDATE",
    )
    try:
        cloudformation.get_waiter("change_set_create_complete").wait(**change_set)
    except WaiterError as error:
        if not _is_empty(error.last_response):
            reason = error.last_response.get("StatusReason", str(error))
            raise WorkflowError(f"change set {change_set['ChangeSetName']}: {reason}") from error
    kind = "creation" if is_new else "update"
    return ActionResult(_change_set_text(kind, cloudformation.describe_change_set(**change_set)))


def _executed(task: Task, cloudformation: Any) -> ActionResult:
    change_set = _named(task)
    stack_name = change_set["StackName"]
    described = cloudformation.describe_change_set(**change_set)
    if _is_empty(described):
        return ActionResult(
            f"{stack_name} has nothing to change", _outputs(cloudformation, stack_name)
        )
    task.say(f"deploying {stack_name}")
    stack = _stack(cloudformation, stack_name)
    is_new = stack is None or stack["StackStatus"] == _REVIEW
    cloudformation.execute_change_set(**change_set)
    try:
        done = "stack_create_complete" if is_new else "stack_update_complete"
        cloudformation.get_waiter(done).wait(StackName=stack_name)
    except WaiterError as error:
        raise WorkflowError(_failure(cloudformation, stack_name)) from error
    text = f"{stack_name} {'created' if is_new else 'updated'}"
    left_out = _left_out(cloudformation, stack_name) if is_new else []
    if left_out:
        text += f", without {', '.join(left_out)}, which the emulator lacks"
    return ActionResult(text, _outputs(cloudformation, stack_name))


def _named(task: Task) -> dict[str, str]:
    """Return what names the action's change set in every call."""
    return {key: task.action.configuration[key] for key in ("StackName", "ChangeSetName")}


def _request(task: Task) -> dict[str, Any]:
    """Return what a change set is made of, beside its name."""
    configuration = task.action.configuration
    with tempfile.TemporaryDirectory(prefix="workflow-release-") as name:
        folder = Path(name)
        template = _file(task, "TemplatePath", folder).read_text(encoding="utf-8")
        parameters, tags = _given(task, folder)
    role = {"RoleARN": configuration["RoleArn"]} if "RoleArn" in configuration else {}
    capabilities = configuration.get("Capabilities", "")
    return {
        "TemplateBody": template,
        "Parameters": [
            {"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()
        ],
        "Tags": [{"Key": key, "Value": value} for key, value in tags.items()],
        "Capabilities": [item for item in capabilities.split(",") if item],
        **role,
    }


def _change_set_text(kind: str, described: Mapping[str, Any]) -> str:
    name, stack_name = described["ChangeSetName"], described["StackName"]
    if _is_empty(described):
        return f"change set {name}: {stack_name} has nothing to change"
    read = [
        f"{item['ParameterKey']} {item['ResolvedValue']}"
        for item in described["Parameters"]
        if "ResolvedValue" in item
    ]
    count = len(described["Changes"])
    what = f"{kind} of {stack_name}, {count} resource{'s' * (count != 1)}"
    return f"change set {name}: {what}{' with ' * bool(read)}{', '.join(read)}"


def _is_empty(described: Mapping[str, Any]) -> bool:
    reason = described.get("StatusReason", "")
    return described.get("Status") == "FAILED" and any(text in reason for text in _NO_CHANGES)


def _stack(cloudformation: Any, stack_name: str) -> Mapping[str, Any] | None:
    try:
        (stack,) = cloudformation.describe_stacks(StackName=stack_name)["Stacks"]
    except ClientError as error:
        if "does not exist" in error.response["Error"]["Message"]:
            return None
        raise
    found: Mapping[str, Any] = stack
    return found


def owner_of(value: str, cloudformation: Any) -> tuple[str, dict[str, str]] | None:
    """Return name and outputs of the stack that has a value among its outputs."""
    for page in cloudformation.get_paginator("describe_stacks").paginate():
        for stack in page["Stacks"]:
            outputs = {item["OutputKey"]: item["OutputValue"] for item in stack.get("Outputs", [])}
            if value in outputs.values():
                return stack["StackName"], outputs
    return None


def _outputs(cloudformation: Any, stack_name: str) -> dict[str, str]:
    stack = _stack(cloudformation, stack_name) or {}
    return {item["OutputKey"]: item["OutputValue"] for item in stack.get("Outputs", [])}


def _failure(cloudformation: Any, stack_name: str) -> str:
    stack = _stack(cloudformation, stack_name) or {"StackStatus": "gone"}
    reason = stack.get("StackStatusReason", "no reason was given")
    return f"stack {stack_name} ended as {stack['StackStatus']}: {reason}"


def _left_out(cloudformation: Any, stack_name: str) -> list[str]:
    pages = cloudformation.get_paginator("describe_stack_events").paginate(StackName=stack_name)
    events = [event for page in pages for event in page["StackEvents"]]
    return sorted(
        event["LogicalResourceId"]
        for event in events
        if event.get("ResourceStatusReason", "").startswith(_LEFT_OUT)
    )


def _file(task: Task, key: str, folder: Path) -> Path:
    """Return the file that `Artifact::path` names, out of the action's input."""
    where = task.action.configuration.get(key, "")
    artifact_name, _, path = where.partition("::")
    artifact: Artifact | None = task.inputs.get(artifact_name)
    if artifact is None or not path:
        raise WorkflowError(
            f"{key} = {where!r}: must be ARTIFACT::FILE with an input artifact of the action; "
            f"it has {', '.join(task.inputs) or 'none'}"
        )
    unpacked = folder / artifact_name
    if not unpacked.exists():
        unpacked.mkdir()
        artifact.unpack(unpacked)
    found = unpacked / path
    if not found.is_file():
        raise WorkflowError(f"{key} = {where!r}: the artifact has no such file")
    return found


def _given(task: Task, folder: Path) -> tuple[dict[str, str], dict[str, str]]:
    """Return parameters and tags of the configuration file, under the action's own parameters."""
    configuration = task.action.configuration
    whole: dict[str, Any] = {}
    if "TemplateConfiguration" in configuration:
        path = _file(task, "TemplateConfiguration", folder)
        whole = _object(path.read_text(encoding="utf-8"), "TemplateConfiguration")
        check_keys("TemplateConfiguration", whole, ("Parameters", "Tags"))
    overrides = _object(configuration.get("ParameterOverrides", "{}"), "ParameterOverrides")
    parameters = {**whole.get("Parameters", {}), **overrides}
    tags = whole.get("Tags", {})
    for kind, values in (("parameter", parameters), ("tag", tags)):
        for name, value in values.items():
            if not isinstance(value, str):
                raise WorkflowError(f"{kind} {name} = {value!r}: must be a text")
    return parameters, tags


def _object(text: str, where: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except ValueError as error:
        raise WorkflowError(f"{where} is not JSON: {error}") from error
    if not isinstance(value, dict):
        raise WorkflowError(f"{where} must be a JSON object, got {text[:80]}")
    return value
