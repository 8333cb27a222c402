"""What `pipeline.yaml` says, read into records; whatever is not known here is an error."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from workflow.errors import WorkflowError
from workflow.release.actions import ActionKind, check_configuration, check_keys, kind_of
from workflow.release.parameters import checked
from workflow.release.roles import ReleaseRoles, roles_of
from workflow.release.variables import PIPELINE_NAMESPACE, RESERVED_NAMESPACE, named_in
from workflow.template import ResolvedTemplate, read_template

_PIPELINE_KEYS: Final = (
    *("Name", "PipelineType", "ExecutionMode", "RoleArn", "ArtifactStore"),
    *("Variables", "Triggers", "Stages"),
)
_STAGE_KEYS: Final = ("Name", "Actions", "OnFailure")
_ACTION_KEYS: Final = (
    *("Name", "Namespace", "RunOrder", "RoleArn", "ActionTypeId", "Configuration"),
    *("InputArtifacts", "OutputArtifacts"),
)


@dataclass(frozen=True)
class Action:
    """One action of a stage.

    Attributes:
        provider: of its type, such as "CodeBuild"; see `actions.KINDS`.
        role_arn: of the role that it acts in; the pipeline's where it has none of its own.
        configuration: texts that may hold variables.
        commands: of a Commands action, likewise.
        output_variables: environment variables that a Commands action gives to later actions.
        inputs: names of artifacts.
        outputs: names of artifacts.
        namespace: of its variables; None where no later action can name them.
        timeout_minutes: how long an approval is waited for; None is CodePipeline's own week.
    """

    stage: str
    name: str
    provider: str
    role_arn: str
    run_order: int
    configuration: Mapping[str, str]
    commands: tuple[str, ...]
    output_variables: tuple[str, ...]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    namespace: str | None
    timeout_minutes: int | None

    @property
    def where(self) -> str:
        """What an error calls it."""
        return f"stage {self.stage}, action {self.name}"


@dataclass(frozen=True)
class Stage:
    """Actions in the order in which they run; equal run orders run one after another here.

    Attributes:
        rolls_back: on failure, to what the last successful execution ran here.
    """

    name: str
    actions: tuple[Action, ...]
    rolls_back: bool


@dataclass(frozen=True)
class BuildProject:
    """What is read of a CodeBuild project.

    Attributes:
        role_arn: of the role that a build acts in.
        environment: variables that a build gets.
        timeout_minutes: after which a build fails.
    """

    name: str
    role_arn: str
    buildspec: str
    environment: Mapping[str, str]
    timeout_minutes: int


@dataclass(frozen=True)
class Pipeline:
    """A pipeline for given parameters.

    Attributes:
        bucket_name: of the artifacts.
        variables: the pipeline's own, with their defaults.
        projects: CodeBuild's, by name.
        roles: of the pipeline's own stack.
    """

    name: str
    bucket_name: str
    variables: Mapping[str, str]
    stages: tuple[Stage, ...]
    projects: Mapping[str, BuildProject]
    roles: ReleaseRoles


def read_pipeline(
    path: Path, parameters: Mapping[str, str], *, pseudo_parameters: Mapping[str, str]
) -> Pipeline:
    """Return the one pipeline of a template.

    Raises:
        WorkflowError: what cannot be run here, with its place, its value and what is known.
    """
    template = read_template(path)
    values = checked(template, parameters, where=str(path))
    resolved = ResolvedTemplate(template, values, pseudo_parameters)
    refusals = resolved.refusals()
    if refusals:
        raise WorkflowError(f"{path}: {'; '.join(refusals)}")
    pipelines = list(resolved.of_type("AWS::CodePipeline::Pipeline").values())
    if len(pipelines) != 1:
        raise WorkflowError(f"{path}: has {len(pipelines)} pipelines; it must have one")
    properties = pipelines[0]
    check_keys(f"{path}: the pipeline", properties, _PIPELINE_KEYS)
    pipeline = Pipeline(
        name=str(properties["Name"]),
        bucket_name=str(properties["ArtifactStore"]["Location"]),
        variables={
            item["Name"]: str(item.get("DefaultValue", ""))
            for item in properties.get("Variables", [])
        },
        stages=tuple(
            _stage(stage, pipeline_role_arn=str(properties.get("RoleArn", "")))
            for stage in properties["Stages"]
        ),
        projects=_projects(resolved),
        roles=roles_of(resolved),
    )
    _check_order(pipeline)
    return pipeline


def _stage(stage: Mapping[str, Any], *, pipeline_role_arn: str) -> Stage:
    where = f"stage {stage.get('Name')}"
    check_keys(where, stage, _STAGE_KEYS)
    on_failure = stage.get("OnFailure", {"Result": "FAIL"})
    check_keys(f"{where}: OnFailure", on_failure, ("Result",))
    result = on_failure.get("Result")
    if result not in {"ROLLBACK", "FAIL"}:
        raise WorkflowError(f"{where}: OnFailure.Result = {result!r}; known: ROLLBACK, FAIL")
    actions = [_action(str(stage["Name"]), item, pipeline_role_arn) for item in stage["Actions"]]
    in_order = sorted(actions, key=lambda action: action.run_order)
    return Stage(str(stage["Name"]), tuple(in_order), rolls_back=result == "ROLLBACK")


def _action(stage_name: str, action: Mapping[str, Any], pipeline_role_arn: str) -> Action:
    where = f"stage {stage_name}, action {action.get('Name')}"
    kind: ActionKind = kind_of(where, action.get("ActionTypeId", {}))
    check_keys(where, action, (*_ACTION_KEYS, *kind.more))
    configuration = action.get("Configuration", {})
    check_configuration(where, kind, configuration)
    timeout = action.get("TimeoutInMinutes")
    return Action(
        stage=stage_name,
        name=str(action["Name"]),
        provider=str(action["ActionTypeId"]["Provider"]),
        role_arn=str(action.get("RoleArn", pipeline_role_arn)),
        run_order=int(action.get("RunOrder", 1)),
        configuration=configuration,
        commands=tuple(action.get("Commands", ())),
        output_variables=tuple(action.get("OutputVariables", ())),
        inputs=_artifacts(where, action.get("InputArtifacts", ())),
        outputs=_artifacts(where, action.get("OutputArtifacts", ())),
        namespace=action.get("Namespace"),
        timeout_minutes=None if timeout is None else int(timeout),
    )


def _artifacts(where: str, artifacts: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    for artifact in artifacts:
        check_keys(f"{where}: an artifact", artifact, ("Name",))
    return tuple(str(artifact["Name"]) for artifact in artifacts)


def _projects(resolved: ResolvedTemplate) -> dict[str, BuildProject]:
    projects = {}
    for logical_id, properties in resolved.of_type("AWS::CodeBuild::Project").items():
        variables = properties.get("Environment", {}).get("EnvironmentVariables", [])
        for variable in variables:
            check_keys(f"{logical_id}: EnvironmentVariables", variable, ("Name", "Value"))
        name = resolved.name_of(logical_id)
        projects[name] = BuildProject(
            name=name,
            role_arn=str(properties.get("ServiceRole", "")),
            buildspec=str(properties["Source"].get("BuildSpec", "buildspec.yml")),
            environment={item["Name"]: str(item["Value"]) for item in variables},
            timeout_minutes=int(properties.get("TimeoutInMinutes", 60)),
        )
    return projects


def _check_order(pipeline: Pipeline) -> None:
    """Refuse an artifact or a variable that no earlier action makes."""
    produced: set[str] = set()
    namespaces = {PIPELINE_NAMESPACE, RESERVED_NAMESPACE}
    for action in (action for stage in pipeline.stages for action in stage.actions):
        for name in action.inputs:
            if name not in produced:
                raise WorkflowError(
                    f"{action.where}: no earlier action makes the artifact {name}; made before it: "
                    f"{', '.join(sorted(produced)) or 'none'}"
                )
        for namespace, key in named_in([action.configuration, action.commands]):
            is_declared = namespace != PIPELINE_NAMESPACE or key in pipeline.variables
            if namespace not in namespaces or not is_declared:
                raise WorkflowError(
                    f"{action.where}: no earlier action gives the variable "
                    f"#{{{namespace}.{key}}}; namespaces before it: {', '.join(sorted(namespaces))}"
                )
        produced |= set(action.outputs)
        namespaces |= {action.namespace} if action.namespace else set()
