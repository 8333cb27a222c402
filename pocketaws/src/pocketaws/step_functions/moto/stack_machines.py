"""State machines in stacks: their definition in each of its forms, their type and settings."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from moto.cloudformation.exceptions import ValidationError
from moto.stepfunctions.models import StateMachine, stepfunctions_backends

from pocketaws.change import Change
from pocketaws.cloudformation.state_machine_definitions import (
    Location,
    definition_text,
    read_definition,
)
from pocketaws.errors import DeploymentError
from pocketaws.step_functions.execution_log import api_configuration


def changes(s3: Any) -> list[Change]:
    """Return what to change in moto's state machines, which know a DefinitionString alone.

    Args:
        s3: a client of the emulator.
    """
    return [
        Change(StateMachine, "create_from_cloudformation_json", _created(s3)),
        Change(StateMachine, "update_from_cloudformation_json", _updated(s3)),
    ]


def _created(s3: Any) -> Any:
    def create(
        cls: type[StateMachine],  # noqa: ARG001 - a method of the class
        /,
        resource_name: str,
        cloudformation_json: dict[str, Any],
        account_id: str,
        region_name: str,
        **_: Any,
    ) -> StateMachine:
        properties = cloudformation_json["Properties"]
        return stepfunctions_backends[account_id][region_name].create_state_machine(
            properties.get("StateMachineName", resource_name),
            _definition(properties, s3),
            properties.get("RoleArn", ""),
            tags=[
                {"key": tag["Key"], "value": tag["Value"]} for tag in properties.get("Tags") or []
            ],
            loggingConfiguration=_logging(properties),
            tracingConfiguration={"enabled": _traces(properties)},
            sm_type=properties.get("StateMachineType", "STANDARD"),
        )

    return classmethod(create)


def _updated(s3: Any) -> Any:
    def update(
        cls: type[StateMachine],  # noqa: ARG001 - a method of the class
        /,
        original_resource: StateMachine,
        new_resource_name: str,  # noqa: ARG001
        cloudformation_json: dict[str, Any],
        account_id: str,
        region_name: str,
    ) -> StateMachine:
        properties = cloudformation_json["Properties"]
        return stepfunctions_backends[account_id][region_name].update_state_machine(
            original_resource.arn,
            _definition(properties, s3),
            properties.get("RoleArn", ""),
            logging_configuration=_logging(properties),
            tracing_configuration={"enabled": _traces(properties)},
        )

    return classmethod(update)


def _logging(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Return a template's LoggingConfiguration as the API has it.

    https://docs.aws.amazon.com/step-functions/latest/apireference/API_LoggingConfiguration.html
    """
    configuration = api_configuration(properties) or {"level": "OFF"}
    if configuration["level"] != "OFF" and len(configuration["destinations"]) != 1:
        raise ValidationError(
            message="Invalid Logging Configuration: Must specify exactly one Log Destination."
        )
    return configuration


def _definition(properties: Mapping[str, Any], s3: Any) -> str:
    def read(location: Location) -> str:
        return read_definition(location, s3)

    try:
        text = definition_text(properties, read)
    except DeploymentError as error:
        raise ValidationError(message=str(error)) from error
    for path in _left_in(text):
        raise ValidationError(
            message="Invalid State Machine Definition: 'SCHEMA_VALIDATION_FAILED: Value is not a "
            f"valid resource ARN at {path}'"
        )
    return text


def _left_in(text: str) -> Iterator[str]:
    """Yield where a task still has a placeholder for its resource."""
    try:
        definition = json.loads(text)
    except ValueError:
        # The check of the definition says what it is.
        return
    yield from _left_in_states(definition, "")


def _left_in_states(machine: Any, path: str) -> Iterator[str]:
    states = machine.get("States") if isinstance(machine, dict) else None
    for name, state in states.items() if isinstance(states, dict) else ():
        here = f"{path}/States/{name}"
        if not isinstance(state, dict):
            continue
        if str(state.get("Resource", "")).startswith("${"):
            yield f"{here}/Resource"
        for key in ("Iterator", "ItemProcessor"):
            yield from _left_in_states(state.get(key), f"{here}/{key}")
        for number, branch in enumerate(state.get("Branches") or ()):
            yield from _left_in_states(branch, f"{here}/Branches[{number}]")


def _traces(properties: Mapping[str, Any]) -> bool:
    configuration = properties.get("TracingConfiguration") or {}
    return str(configuration.get("Enabled", False)).lower() == "true"
