"""Step Functions: state machines, their versions and aliases."""

import uuid
from collections.abc import Callable
from typing import Any, Final

from moto.core.responses import ActionResult, EmptyResult
from moto.stepfunctions.exceptions import AWSError
from moto.stepfunctions.models import StateMachine, StepFunctionBackend
from moto.stepfunctions.responses import StepFunctionResponse

from pocketaws.change import Change
from pocketaws.errors import ServiceError, UnsupportedResourceError
from pocketaws.iam.assumed_roles import AssumedRoles
from pocketaws.partitions import partition_of
from pocketaws.step_functions.definition_rules import definition_problems
from pocketaws.step_functions.moto.executions import startable
from pocketaws.step_functions.variable_references import references

# The words of AWS.
_NOT_TRUSTED: Final = (
    "Neither the global service principal states.amazonaws.com, nor the regional one is authorized "
    "to assume the provided role."
)
_SAME: Final = ("definition", "type", "loggingConfiguration", "tracingConfiguration")


def changes(roles: AssumedRoles) -> list[Change]:
    """Return what to change in moto's Step Functions.

    Args:
        roles: that state machines may have.
    """
    added: dict[str, Callable[..., Any]] = {
        "publish_state_machine_version": _published,
        "list_state_machine_versions": _listed_versions,
        "delete_state_machine_version": _deleted_version,
    }
    return [
        Change(StepFunctionBackend, "create_state_machine", _create(roles)),
        Change(StepFunctionBackend, "update_state_machine", _update(roles)),
        Change(StepFunctionBackend, "delete_state_machine", _delete()),
        Change(StepFunctionBackend, "create_state_machine_alias", _create_alias()),
        Change(StepFunctionResponse, "update_state_machine", _updated),
        Change(StepFunctionResponse, "describe_state_machine", _described),
        *(Change(StepFunctionResponse, name, answer, adds=True) for name, answer in added.items()),
    ]


def check_definition(definition: str, *, kind: str, region: str) -> None:
    """Refuse a definition that Step Functions would refuse in a region.

    Raises:
        AWSError: InvalidDefinition, with what is wrong.
    """
    try:
        problems = definition_problems(
            definition, express=kind == "EXPRESS", partition=partition_of(region)
        )
    except (UnsupportedResourceError, ValueError) as error:
        message = f"Invalid State Machine Definition: '{error}'"
        raise AWSError(message, "InvalidDefinition") from error
    if problems:
        message = f"Invalid State Machine Definition: '{', '.join(problems)}'"
        raise AWSError(message, "InvalidDefinition")


def _check_role(roles: AssumedRoles, role_arn: str) -> None:
    try:
        roles.credentials(role_arn)
    except ServiceError as error:
        raise AWSError(_NOT_TRUSTED, "AccessDeniedException") from error


def _create(roles: AssumedRoles) -> Callable[..., StateMachine]:
    original = StepFunctionBackend.create_state_machine

    def create_state_machine(
        self: StepFunctionBackend,
        name: str,
        definition: str,
        roleArn: str,  # noqa: N803 - moto's
        **more: Any,
    ) -> StateMachine:
        kind = more.get("sm_type") or "STANDARD"
        _check_role(roles, roleArn)
        check_definition(definition, kind=kind, region=self.region_name)
        existing = next((item for item in self.state_machines if item.name == name), None)
        if existing is not None and not _is_same(existing, definition, kind, more):
            message = f"State Machine Already Exists: '{existing.arn}'"
            raise AWSError(message, "StateMachineAlreadyExists")
        machine = original(self, name, definition, roleArn, **more)
        machine.sm_type = machine.type
        return machine

    return create_state_machine


def _is_same(existing: StateMachine, definition: str, kind: str, more: dict[str, Any]) -> bool:
    """Tell whether a request asks for the machine that is there.

    https://docs.aws.amazon.com/step-functions/latest/apireference/API_CreateStateMachine.html
    """
    asked = {
        "definition": definition,
        "type": kind,
        "loggingConfiguration": more.get("loggingConfiguration") or {"level": "OFF"},
        "tracingConfiguration": more.get("tracingConfiguration") or {"enabled": False},
    }
    return all(getattr(existing, name) == asked[name] for name in _SAME)


def _update(roles: AssumedRoles) -> Callable[..., StateMachine]:
    original = StepFunctionBackend.update_state_machine

    def update_state_machine(
        self: StepFunctionBackend,
        arn: str,
        definition: str | None = None,
        role_arn: str | None = None,
        **more: Any,
    ) -> StateMachine:
        found = startable(self, arn)
        machine = found.machine
        if found.version_arn is not None:
            message = f"Invalid State Machine Arn: '{arn}'; a version cannot be updated"
            raise AWSError(message, "ValidationException")
        if role_arn is not None:
            _check_role(roles, role_arn)
        if definition is not None:
            check_definition(definition, kind=machine.type, region=self.region_name)
        before = (machine.definition, machine.roleArn)
        updated = original(self, arn, definition, role_arn, **more)
        if (updated.definition, updated.roleArn) != before:
            updated.revision_id = str(uuid.uuid4())
        if more.get("publish"):
            updated.latest_version.revision_id = _revision(updated)
        return updated

    return update_state_machine


def _updated(self: StepFunctionResponse) -> ActionResult:
    get = self._get_param
    publish = get("publish")
    settings = ("definition", "roleArn", "loggingConfiguration", "tracingConfiguration")
    if not any(get(name) for name in (*settings, "encryptionConfiguration")):
        message = (
            "Either the definition, the role ARN, the LoggingConfiguration, the "
            "EncryptionConfiguration or the TracingConfiguration must be specified"
        )
        raise AWSError(message, "MissingRequiredParameter")
    if get("versionDescription") and not publish:
        message = "Version description can only be set when publish is true"
        raise AWSError(message, "ValidationException")
    machine = self.stepfunction_backend.update_state_machine(
        get("stateMachineArn"),
        get("definition"),
        get("roleArn"),
        logging_configuration=get("loggingConfiguration"),
        tracing_configuration=get("tracingConfiguration"),
        encryption_configuration=get("encryptionConfiguration"),
        publish=publish,
        version_description=get("versionDescription"),
    )
    fields = {"updateDate": machine.update_date, "revisionId": _revision(machine)}
    if publish:
        fields["stateMachineVersionArn"] = machine.latest_version.arn
    return ActionResult({name: value for name, value in fields.items() if value is not None})


def _delete() -> Callable[..., None]:
    original = StepFunctionBackend.delete_state_machine

    def delete_state_machine(self: StepFunctionBackend, arn: str) -> None:
        machine = next((item for item in self.state_machines if item.arn == arn), None)
        original(self, arn)
        for execution in [] if machine is None else machine.executions:
            execution.stop()

    return delete_state_machine


def _create_alias() -> Callable[..., Any]:
    """Return what makes an alias; the same one again is the answer, another is a conflict.

    https://docs.aws.amazon.com/step-functions/latest/apireference/API_CreateStateMachineAlias.html
    """
    original = StepFunctionBackend.create_state_machine_alias

    def create_state_machine_alias(
        self: StepFunctionBackend,
        name: str,
        routing_configuration: list[dict[str, Any]],
        description: str | None = None,
    ) -> Any:
        base = routing_configuration[0]["stateMachineVersionArn"].rpartition(":")[0]
        machine = next((item for item in self.state_machines if item.arn == base), None)
        existing = None if machine is None else machine.aliases.get(name)
        if existing is None:
            return original(self, name, routing_configuration, description)
        known = (existing.routing_configuration, existing.description)
        if known != (routing_configuration, description):
            message = f"State Machine Alias Already Exists: '{existing.arn}'"
            raise AWSError(message, "ConflictException")
        return existing

    return create_state_machine_alias


def _revision(machine: Any) -> str | None:
    return getattr(machine, "revision_id", None)


def _described(self: StepFunctionResponse) -> ActionResult:
    found = startable(self.stepfunction_backend, self._get_param("stateMachineArn"))
    source = found.source
    # https://docs.aws.amazon.com/step-functions/latest/apireference/API_DescribeStateMachine.html
    metadata_only = self._get_param("includedData") == "METADATA_ONLY"
    fields = {
        "stateMachineArn": source.arn,
        "name": source.name,
        "status": "ACTIVE",
        "definition": "{}" if metadata_only else source.definition,
        "roleArn": source.roleArn,
        "type": source.type,
        "creationDate": source.creation_date,
        "loggingConfiguration": found.machine.loggingConfiguration,
        "tracingConfiguration": source.tracingConfiguration,
        "encryptionConfiguration": source.encryptionConfiguration,
        "revisionId": _revision(source),
        "description": source.description,
        "variableReferences": None if metadata_only else references(source.definition) or None,
    }
    return ActionResult({name: value for name, value in fields.items() if value is not None})


def _published(self: StepFunctionResponse) -> ActionResult:
    machine = startable(self.stepfunction_backend, self._get_param("stateMachineArn")).machine
    asked, current = self._get_param("revisionId"), _revision(machine)
    if asked is not None and asked != (current or "INITIAL"):
        message = f"Failed to publish the State Machine version for revision {asked}"
        raise AWSError(message, "ConflictException")
    latest = machine.latest_version
    if latest is None or _revision(latest) != current:
        machine.publish(self._get_param("description"))
        latest = machine.latest_version
        latest.revision_id = current
    fields = {"creationDate": latest.creation_date, "stateMachineVersionArn": latest.arn}
    return ActionResult(fields)


def _listed_versions(self: StepFunctionResponse) -> ActionResult:
    machine = startable(self.stepfunction_backend, self._get_param("stateMachineArn")).machine
    newest_first = sorted(machine.versions.values(), key=lambda item: item.version, reverse=True)
    versions = [
        {"stateMachineVersionArn": version.arn, "creationDate": version.creation_date}
        for version in newest_first
    ]
    return ActionResult({"stateMachineVersions": versions})


def _deleted_version(self: StepFunctionResponse) -> ActionResult:
    arn = self._get_param("stateMachineVersionArn")
    machine = startable(self.stepfunction_backend, arn.rpartition(":")[0]).machine
    for alias in machine.aliases.values():
        routed = [route["stateMachineVersionArn"] for route in alias.routing_configuration]
        if arn in routed:
            message = f"Version to be deleted must not be referenced by an alias: {alias.arn}"
            raise AWSError(message, "ConflictException")
    machine.versions.pop(int(arn.rpartition(":")[2]), None)
    return EmptyResult()
