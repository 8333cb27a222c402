"""A stack's resources: each is told of when it is made, and found by what it is called.

moto tells of all resources the stack's own status, lists what a false condition keeps out, creates
what is missing while somebody looks, and does not find a stack by a resource's physical id, which
is how `workflow status` finds an endpoint's.

https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStackResources.html
"""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from moto.cloudformation import parsing, responses
from moto.cloudformation.exceptions import ValidationError
from moto.cloudformation.models import CloudFormationBackend, Stack, cloudformation_backends
from moto.cloudformation.parsing import ResourceMap
from moto.cloudformation.responses import CloudFormationResponse
from moto.core.responses import ActionResult

from pocketaws.change import Change
from pocketaws.cloudformation.moto import template_functions
from pocketaws.cloudformation.moto.attributes import got
from pocketaws.cloudformation.moto.stack_events import (
    add_resource_event,
    last_event,
    record_failure,
)
from pocketaws.cloudformation.moto.stack_parameters import parameter_text

_VARIABLE: Final = re.compile(r"\$\{([^{}]+)\}")


def changes() -> list[Change]:
    """Return what to change in moto's CloudFormation."""
    return [
        Change(parsing, "parse_and_create_resource", _create()),
        Change(parsing, "clean_json", _clean_json()),
        Change(Stack, "stack_resources", property(lambda self: made(self.resource_map))),
        Change(responses, "StackResourceDTO", StackResource),
        Change(CloudFormationResponse, "describe_stack_resources", _describe),
        Change(CloudFormationResponse, "list_stack_resources", _list),
    ]


def made(resources: ResourceMap) -> list[Any]:
    """Return what there is of a stack's resources, in the order in which it was made."""
    parsed = list(resources._parsed_resources.items())
    declared = resources._resource_json_map
    return [resource for name, resource in parsed if name in declared and resource is not None]


def physical_ids(account_id: str, region: str, stack_name: str) -> dict[str, str]:
    """Return physical id by logical id of a stack's resources, as they are listed to clients."""
    stack = cloudformation_backends[account_id][region].get_stack(stack_name)
    found = {
        resource.logical_resource_id: getattr(resource, "physical_resource_id", None)
        for resource in stack.stack_resources
    }
    return {name: str(physical) for name, physical in found.items() if physical is not None}


class StackResource:
    """A resource, whose attributes are named as the answers of CloudFormation have them."""

    def __init__(self, stack: Stack, resource: Any) -> None:
        self.stack_id: str = stack.stack_id
        self.stack_name: str = stack.name
        self.logical_resource_id: str = resource.logical_resource_id
        self.physical_resource_id: str | None = getattr(resource, "physical_resource_id", None)
        self.resource_type: str = resource.cf_resource_type
        event = last_event(stack, self.logical_resource_id)
        self.resource_status: str = event.resource_status if event else "CREATE_COMPLETE"
        self.resource_status_reason: str | None = event.resource_status_reason if event else None
        self.timestamp: datetime = event.timestamp if event else stack.creation_time
        self.last_updated_timestamp = self.timestamp


def _create() -> Any:
    original = parsing.parse_and_create_resource

    def create(
        logical_id: str,
        resource_json: dict[str, Any],
        resources: ResourceMap,
        account_id: str,
        region_name: str,
    ) -> Any:
        stack = cloudformation_backends[account_id][region_name].get_stack(resources.stack_id)
        _create_what_it_depends_on(resource_json, resources)
        with record_failure(stack, logical_id, resource_json["Type"], "CREATE_FAILED"):
            resource = original(logical_id, resource_json, resources, account_id, region_name)
        if resource is not None:
            add_resource_event(stack, resource, "CREATE_COMPLETE")
        return resource

    return create


def _create_what_it_depends_on(resource_json: dict[str, Any], resources: ResourceMap) -> None:
    """Create a resource's DependsOn first, also where another's reference creates it.

    moto follows DependsOn in its own order only, and creates what is referred to before that.
    """
    condition = resource_json.get("Condition")
    if condition and not resources.lazy_condition_map[condition]:
        return
    depends_on = resource_json.get("DependsOn", [])
    for name in [depends_on] if isinstance(depends_on, str) else depends_on:
        if name in resources._resource_json_map:
            resources[name]


def _clean_json() -> Any:
    original = parsing.clean_json

    answers: dict[str, Callable[[Any, ResourceMap], Any]] = {
        "Fn::GetAtt": got,
        "Fn::Sub": substituted,
        "Ref": _referred(original),
        **template_functions.FUNCTIONS,
    }

    def clean_json(value: Any, resources: ResourceMap) -> Any:
        """Leave AWS::NoValue out of lists, where moto has null for it; refer to all there is."""
        if isinstance(value, dict):
            for name, answer in answers.items():
                if name in value:
                    return answer(value[name], resources)
        cleaned = original(value, resources)
        if isinstance(value, list):
            return [item for item in cleaned if item is not None]
        return cleaned

    return clean_json


def _referred(original: Callable[[Any, ResourceMap], Any]) -> Callable[[Any, ResourceMap], Any]:
    def referred(name: Any, resources: ResourceMap) -> Any:
        try:
            return original({"Ref": name}, resources)
        except KeyError as error:
            if error.args != (name,):
                raise
            raise ValidationError(
                message=f"Template format error: Unresolved resource dependencies [{name}] in the "
                "Resources block of the template"
            ) from error

    return referred


def substituted(given: Any, resources: ResourceMap) -> str:
    """Return what an Fn::Sub gives; moto takes `$$` for `$` in one with variables.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-sub.html
    """
    text, variables = given if isinstance(given, list) else (given, {})

    def put(match: re.Match[str]) -> str:
        name = match[1].strip()
        if name.startswith("!"):
            return f"${{{name[1:]}}}"
        if name in variables:
            return str(parameter_text(parsing.clean_json(variables[name], resources)))
        logical_id, _, path = name.partition(".")
        asked = {"Fn::GetAtt": [logical_id, path]} if path else {"Ref": name}
        value = parameter_text(parsing.clean_json(asked, resources))
        return ",".join(value) if isinstance(value, list) else str(value)

    return _VARIABLE.sub(put, text)


def _describe(self: CloudFormationResponse) -> ActionResult:
    stack = _asked_for(self)
    logical_id = self._get_param("LogicalResourceId")
    items = [StackResource(stack, resource) for resource in stack.stack_resources]
    wanted = [item for item in items if logical_id in (None, item.logical_resource_id)]
    return ActionResult({"StackResources": wanted})


def _list(self: CloudFormationResponse) -> ActionResult:
    stack = self.cloudformation_backend.get_stack(self._get_param("StackName"))
    items = [StackResource(stack, resource) for resource in stack.stack_resources]
    return ActionResult({"StackResourceSummaries": items})


def _asked_for(request: CloudFormationResponse) -> Stack:
    """Return the stack that is named, or that a resource belongs to.

    Raises:
        ValidationError: there is none, or not exactly one of both is given.
    """
    name, physical_id = request._get_param("StackName"), request._get_param("PhysicalResourceId")
    if bool(name) == bool(physical_id):
        raise ValidationError(
            message=f"StackName is {name!r} and PhysicalResourceId is {physical_id!r}; give "
            "exactly one of them"
        )
    if name:
        return request.cloudformation_backend.get_stack(name)
    return _holding(request.cloudformation_backend, physical_id)


def _holding(backend: CloudFormationBackend, physical_id: str) -> Stack:
    for stack in list(backend.stacks.values()):
        for resource in stack.stack_resources:
            if getattr(resource, "physical_resource_id", None) == physical_id:
                return stack
    raise ValidationError(message=f"Stack for {physical_id} does not exist")
