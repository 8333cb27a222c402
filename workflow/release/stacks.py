"""The CloudFormation action: change sets, made in one action and executed in a later one.

A change set is kept here, since the emulator's own know no transform and read Parameter Store too
late: it holds the template as it will be deployed, with the values that it has read.

https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-CloudFormation.html
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from workflow.errors import WorkflowError
from workflow.release.actions import check_keys
from workflow.release.artifacts import Artifact
from workflow.release.change_set import ChangeSet, described, pinned
from workflow.release.execution import Result, Task
from workflow.release.parameters import SSM_TYPE, checked
from workflow.release.template import read_template

if TYPE_CHECKING:
    from workflow.local.deploy import Stack
    from workflow.local.runtime import LocalRuntime

_STATE_MACHINE: Final = "AWS::Serverless::StateMachine"
# AWS::Include and nested stacks need it as well; of transforms it is enough to see one.
_TRANSFORM_CAPABILITY: Final = "CAPABILITY_AUTO_EXPAND"
_IAM_CAPABILITIES: Final = frozenset({"CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"})


@dataclass
class Stacks:
    """Performs CloudFormation actions.

    Attributes:
        work_dir: takes the templates of change sets.
        deployed: the stacks so far, by name.
    """

    runtime: "LocalRuntime"
    work_dir: Path
    deployed: dict[str, "Stack"] = field(default_factory=dict)
    _change_sets: dict[tuple[str, str], ChangeSet] = field(default_factory=dict)

    def __call__(self, task: Task) -> Result:
        """Make a change set, or execute one."""
        if task.action.configuration["ActionMode"] == "CHANGE_SET_EXECUTE":
            return self._execute(task)
        return self._replace(task)

    def _replace(self, task: Task) -> Result:
        configuration = task.action.configuration
        stack_name, name = configuration["StackName"], configuration["ChangeSetName"]
        folder = self.work_dir / f"{stack_name}-{len(list(self.work_dir.iterdir()))}"
        folder.mkdir(parents=True)
        template = self._template(task, folder)
        _check_capabilities(template, configuration.get("Capabilities", ""))
        values = checked(template, _given(task, folder), where=configuration["TemplatePath"])
        change_set = pinned(
            template, values, self._read_parameters(template, values), stack_name=stack_name
        )
        change_set.template_path(folder).write_text(json.dumps(change_set.template))
        self._change_sets[stack_name, name] = change_set
        self._answer(name, change_set)
        kind = "update" if stack_name in self.deployed else "creation"
        told = ", ".join(f"{key} {value}" for key, value in change_set.resolved.items())
        return Result(f"change set {name}: {kind} of {stack_name}{told and f' with {told}'}")

    def _execute(self, task: Task) -> Result:
        configuration = task.action.configuration
        stack_name, name = configuration["StackName"], configuration["ChangeSetName"]
        change_set = self._change_sets.pop((stack_name, name), None)
        if change_set is None:
            raise WorkflowError(
                f"ChangeSet [{name}] does not exist for stack {stack_name}; an earlier action "
                "must make it with ActionMode CHANGE_SET_REPLACE"
            )
        task.say(f"deploying {stack_name}")
        stack = self.runtime.deploy(
            change_set.path, stack_name=stack_name, parameters=change_set.parameters
        )
        done = "updated" if stack_name in self.deployed else "created"
        self.deployed[stack_name] = stack
        left_out = ", ".join(logical_id for logical_id, _ in stack.not_created)
        told = f", without {left_out}, which the emulator lacks" if left_out else ""
        return Result(f"{stack_name} {done}{told}", dict(stack.outputs))

    def _template(self, task: Task, folder: Path) -> dict[str, Any]:
        template = read_template(_file(task, "TemplatePath", folder))
        for logical_id, resource in template["Resources"].items():
            uri = resource.get("Properties", {}).get("DefinitionUri")
            if resource.get("Type") == _STATE_MACHINE and uri is not None:
                resource["Properties"]["DefinitionUri"] = self._fetched(uri, logical_id, folder)
        return template

    def _fetched(self, uri: Any, logical_id: str, folder: Path) -> str:
        """Fetch a definition from the bucket of bundles; the emulator takes it as a file."""
        if isinstance(uri, str):
            bucket, _, key = uri.removeprefix("s3://").partition("/")
        else:
            bucket, key = uri["Bucket"], uri["Key"]
        path = folder / f"{logical_id}.asl.json"
        try:
            self.runtime.client("s3").download_file(bucket, key, str(path))
        except ClientError as error:
            raise WorkflowError(
                f"{logical_id}.DefinitionUri: s3://{bucket}/{key} cannot be read ({error}); "
                "package the template first"
            ) from error
        return path.name

    def _read_parameters(
        self, template: Mapping[str, Any], values: Mapping[str, str]
    ) -> dict[str, str]:
        ssm, read = self.runtime.client("ssm"), {}
        for name, slot in template.get("Parameters", {}).items():
            if slot["Type"].startswith(SSM_TYPE):
                try:
                    answer = ssm.get_parameter(Name=values[name])
                except ssm.exceptions.ParameterNotFound as error:
                    raise WorkflowError(
                        f"parameter {name}: Unable to fetch parameters [{values[name]}] from "
                        "parameter store for this account; the stack or the execution that "
                        "writes it must come first"
                    ) from error
                read[name] = str(answer["Parameter"]["Value"])
        return read

    def _answer(self, name: str, change_set: ChangeSet) -> None:
        """Have the emulator describe the change set to whoever asks, such as the AWS CLI."""
        from workflow.local.faults import Answer, Fault

        texts = (f"StackName={change_set.stack_name}", f"ChangeSetName={name}")
        answers = self.runtime.faults
        answers[:] = [fault for fault in answers if fault.texts != texts]
        answers.append(
            Fault(
                "cloudformation",
                "DescribeChangeSet",
                times=1_000_000,
                texts=texts,
                instead=Answer(described(name, change_set)),
            )
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


def _given(task: Task, folder: Path) -> dict[str, str]:
    """Return the parameters of the configuration file, and over them those of the action."""
    configuration = task.action.configuration
    given: dict[str, Any] = {}
    if "TemplateConfiguration" in configuration:
        path = _file(task, "TemplateConfiguration", folder)
        whole = _object(path.read_text(encoding="utf-8"), "TemplateConfiguration")
        check_keys("TemplateConfiguration", whole, ("Parameters", "Tags"))
        given |= whole.get("Parameters", {})
    given |= _object(configuration.get("ParameterOverrides", "{}"), "ParameterOverrides")
    for name, value in given.items():
        if not isinstance(value, str):
            raise WorkflowError(f"parameter {name} = {value!r}: must be a text")
    return given


def _object(text: str, where: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except ValueError as error:
        raise WorkflowError(f"{where} is not JSON: {error}") from error
    if not isinstance(value, dict):
        raise WorkflowError(f"{where} must be a JSON object, got {text[:80]}")
    return value


def _check_capabilities(template: Mapping[str, Any], given: str) -> None:
    capabilities = set(given.split(","))
    has_roles = any(
        str(resource.get("Type")).startswith(("AWS::IAM::", "AWS::Serverless::"))
        for resource in template["Resources"].values()
    )
    lacking = []
    if has_roles and not capabilities & _IAM_CAPABILITIES:
        lacking.append("CAPABILITY_IAM")
    if "Transform" in template and _TRANSFORM_CAPABILITY not in capabilities:
        lacking.append(_TRANSFORM_CAPABILITY)
    if lacking:
        raise WorkflowError(f"Requires capabilities : [{', '.join(lacking)}]; add them")
