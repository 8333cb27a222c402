"""CloudFormation's UpdateStack: what has changed is changed in order, and back where that fails.

moto's own update takes resources in any order, knows no rollback and no custom resource. This walks
the new template the way moto creates one, each resource after those that it refers to. A resource
whose resolved properties are as before is left alone; one that is not is changed in place where its
type's schema needs no replacement (an endpoint serves another configuration, a custom resource's
function is asked), and made anew where it has no name of its own. If anything fails, what was
changed in place is changed back in the same order, which is CloudFormation's, and what was made is
deleted. What is replaced or has left the template is deleted only once all went well.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-updating-stacks-update-behaviors.html
"""

from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from moto.cloudformation.custom_model import CustomModel
from moto.cloudformation.exceptions import ValidationError
from moto.cloudformation.models import CloudFormationBackend, Stack, cloudformation_backends
from moto.cloudformation.parsing import OutputMap
from moto.cloudformation.responses import CloudFormationResponse

from pocketaws.change import Change
from pocketaws.cloudformation import updates
from pocketaws.cloudformation.moto import stack_exports
from pocketaws.cloudformation.moto.custom_resources import CustomResources
from pocketaws.cloudformation.moto.resource_errors import client_errors, resource_errors
from pocketaws.cloudformation.moto.resource_limits import check_limits
from pocketaws.cloudformation.moto.stack_deletion import delete_resource
from pocketaws.cloudformation.moto.stack_events import (
    ResourceFailedError,
    add_resource_event,
    enter,
    record_failure,
)
from pocketaws.cloudformation.moto.stack_parameters import parameter_text
from pocketaws.cloudformation.moto.updated_resources import InPlace, UpdatedMap
from pocketaws.cloudformation.updates.changed import MakeClient
from pocketaws.cloudformation.updates.tags import update_tags

_BEGINNING: Final = "UPDATE_IN_PROGRESS"
_KEEPS: Final = {"Retain", "RetainExceptOnCreate"}
_UPDATABLE: Final = (
    "CREATE_COMPLETE",
    "UPDATE_COMPLETE",
    "UPDATE_ROLLBACK_COMPLETE",
)


def changes(custom_resources: CustomResources, make_client: MakeClient) -> list[Change]:
    """Return what to change in moto's CloudFormation.

    Args:
        custom_resources: asks their functions.
        make_client: returns a client of an emulated service by its name.
    """
    workers = _ResourceWorkers(custom_resources, make_client)

    def update(
        self: Stack,
        template: str,
        role_arn: str | None = None,  # noqa: ARG001 - moto's, as the tags
        parameters: dict[str, Any] | None = None,
        tags: dict[str, str] | None = None,  # noqa: ARG001
    ) -> None:
        check_updatable(self)
        _update(self, template, parameters or {}, workers)

    return [
        Change(Stack, "update", update),
        Change(Stack, "last_updated_time", property(_last_updated), adds=True),
        Change(CloudFormationBackend, "_resolve_update_parameters", resolved_parameters),
        # moto compares the texts; a parameter of Parameter Store may have another value since.
        Change(CloudFormationResponse, "_validate_different_update", lambda *_: None),
    ]


def _last_updated(stack: Stack) -> datetime | None:
    """Return when the last update began, which moto does not tell."""
    begun = (event for event in reversed(stack.events) if event.resource_status == _BEGINNING)
    return next((event.timestamp for event in begun), None)


def check_updatable(stack: Stack) -> None:
    """Refuse to change a stack that was never finished.

    Raises:
        ValidationError: with the state that it is in.
    """
    if stack.status not in _UPDATABLE:
        text = f"Stack:{stack.stack_id} is in {stack.status} state and can not be updated."
        raise ValidationError(stack.stack_id, message=text)


def resolved_parameters(
    _: CloudFormationBackend, instance: Stack, incoming_params: list[dict[str, Any]]
) -> dict[str, Any]:
    """Return the parameters of an update; moto knows no previous value of one not given before."""
    # A stack set has its template as a text alone; a stack that is not made yet has none.
    template = getattr(instance, "template_dict", None)
    if template is None:
        template = Stack.parse_template(instance.template or "{}")
    slots = template.get("Parameters", {})
    before = {name: parameter_text(slot.get("Default")) for name, slot in slots.items()}
    before |= instance.parameters
    given = {item["ParameterKey"]: item.get("ParameterValue") for item in incoming_params}
    missing = [name for name in given if given[name] is None and name not in before]
    if missing:
        text = f"Parameters: [{', '.join(missing)}] have no previous value; give one"
        raise ValidationError(message=text)
    return {name: before[name] if value is None else value for name, value in given.items()}


@dataclass(frozen=True)
class _ResourceWorkers:
    """What changes resources."""

    custom_resources: CustomResources
    make_client: MakeClient


def _update(
    stack: Stack, template: str, parameters: dict[str, Any], workers: _ResourceWorkers
) -> None:
    template_dict = Stack.parse_template(template)
    updated = UpdatedMap(stack, template_dict, parameters)
    status = stack.status
    enter(stack, _BEGINNING, "User Initiated")
    try:
        updated.walk(lambda entry, _: _changed(stack, entry, workers))
    except ResourceFailedError as error:
        text = f"The following resource(s) failed to update: [{error.logical_id}]."
        enter(stack, "UPDATE_ROLLBACK_IN_PROGRESS", text)
        _roll_back(stack, updated, str(error.message), workers)
        return
    if not updated.journal and template_dict == stack.template_dict:
        stack.status = status
        # CloudFormation looks before it begins.
        del stack.events[-1]
        raise ValidationError(stack.name, message="No updates are to be performed.")
    outputs = OutputMap(updated, template_dict, stack.stack_id)
    backend = cloudformation_backends[stack.account_id][stack.region_name]
    reason = stack_exports.held_back(backend, stack, outputs) or stack_exports.taken(
        backend, stack, outputs
    )
    if reason:
        enter(stack, "UPDATE_ROLLBACK_IN_PROGRESS", reason)
        _roll_back(stack, updated, reason, workers)
        return
    stack_exports.replace(backend, stack, outputs)
    stack.resource_map, stack.output_map = updated, outputs
    stack.template, stack.template_dict, stack.parameters = template, template_dict, parameters
    enter(stack, "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS")
    for resource, resource_json in reversed(updated.journal.replaced):
        _deleted(stack, resource, resource_json, workers.custom_resources)
    enter(stack, "UPDATE_COMPLETE")


def _roll_back(
    stack: Stack,
    updated: UpdatedMap,
    reason: str,
    workers: _ResourceWorkers,
    *,
    skipped: Collection[str] = (),
) -> None:
    try:
        for entry in updated.journal.changed:
            if entry.logical_id in skipped:
                continue
            back = InPlace(
                entry.logical_id, entry.resource, entry.resource_json, entry.after, entry.before
            )
            restored = _changed(stack, back, workers)
            stack.resource_map._parsed_resources[entry.logical_id] = restored
    except ResourceFailedError as error:
        enter(stack, "UPDATE_ROLLBACK_FAILED", f"{reason}; and the way back: {error.message}")
        stack.rolled_back_again = lambda skip: _continue_rollback(
            stack, updated, reason, workers, skipped=skip
        )
        return
    for resource, resource_json in reversed(updated.journal.made):
        _deleted(stack, resource, resource_json, workers.custom_resources)
    enter(stack, "UPDATE_ROLLBACK_COMPLETE")
    # The event of the resource tells it; for those who look at the stack alone.
    stack.stack_status_reason = reason


def _continue_rollback(
    stack: Stack,
    updated: UpdatedMap,
    reason: str,
    workers: _ResourceWorkers,
    *,
    skipped: Collection[str],
) -> None:
    """Try a rollback that has failed once more, without some resources."""
    enter(stack, "UPDATE_ROLLBACK_IN_PROGRESS", "User Initiated")
    _roll_back(stack, updated, reason, workers, skipped=skipped)


def _changed(stack: Stack, entry: InPlace, workers: _ResourceWorkers) -> Any:
    """Change a resource from what it was to what it shall be, and return what it is then."""
    with record_failure(
        stack,
        entry.logical_id,
        entry.resource_json["Type"],
        "UPDATE_FAILED",
        physical_id=str(entry.resource.physical_resource_id),
    ):
        if isinstance(entry.resource, CustomModel):
            custom_resources = workers.custom_resources
            custom_resources.update(stack, entry.resource, entry.after, before=entry.before)
            changed = entry.resource
        else:
            changed = _changed_by_its_service(stack, entry, workers.make_client)
    add_resource_event(stack, changed, "UPDATE_COMPLETE")
    return changed


def _changed_by_its_service(stack: Stack, entry: InPlace, make_client: MakeClient) -> Any:
    resource = entry.resource
    check_limits(entry.logical_id, entry.resource_json["Type"], entry.after)
    change = entry.change()
    if updates.is_updated_here(change):
        with client_errors(), resource_errors(change.resource_type):
            updates.update(make_client, change)
        return resource
    name_property = type(resource).cloudformation_name_type()
    changed = type(resource).update_from_cloudformation_json(
        original_resource=resource,
        new_resource_name=entry.after.get(name_property) or resource.physical_resource_id,
        cloudformation_json={**entry.resource_json, "Properties": dict(entry.after)},
        account_id=stack.account_id,
        region_name=stack.region_name,
    )
    changed.cf_resource_type = entry.resource_json["Type"]
    changed.logical_resource_id = entry.logical_id
    with client_errors():
        update_tags(make_client, change)
    return changed


def _deleted(
    stack: Stack, resource: Any, resource_json: dict[str, Any], custom_resources: CustomResources
) -> None:
    """Delete what nobody refers to any more; a failure is left behind, as CloudFormation does."""
    policies = {resource_json.get("DeletionPolicy"), resource_json.get("UpdateReplacePolicy")}
    if not policies & _KEEPS:
        # The update itself is over, and the event tells.
        with suppress(ResourceFailedError):
            delete_resource(stack, resource, resource_json, custom_resources)
