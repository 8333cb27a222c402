"""CloudFormation's DeleteStack: what was made last is deleted first, custom resources are asked.

moto takes resources in any order, sends custom resources no request, and forgets the stack before,
so that an answer would find none.

https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DeleteStack.html
"""

from collections.abc import Collection
from typing import Any, Final

from moto.cloudformation.custom_model import CustomModel
from moto.cloudformation.exceptions import ValidationError
from moto.cloudformation.models import CloudFormationBackend, Stack, cloudformation_backends
from moto.cloudformation.parsing import ResourceMap
from moto.cloudformation.responses import CloudFormationResponse
from moto.core.responses import ActionResult, EmptyResult

from pocketaws.change import Change
from pocketaws.cloudformation.moto import stack_exports
from pocketaws.cloudformation.moto.custom_resources import CustomResources
from pocketaws.cloudformation.moto.stack_events import (
    ResourceFailedError,
    add_resource_event,
    enter,
    record_failure,
)
from pocketaws.cloudformation.moto.stack_resources import made

# The second is for what a rollback of the creation deletes.
_KEEPS: Final = ("Retain", "RetainExceptOnCreate")
_CREATION_TAKEN_BACK: Final = "ROLLBACK_IN_PROGRESS"


def changes(custom_resources: CustomResources) -> list[Change]:
    """Return what to change in moto's CloudFormation."""

    def delete_all(self: ResourceMap) -> None:
        """Delete a stack's resources; one that fails does not keep the others.

        Raises:
            ValidationError: naming those that are still there.
        """
        stack = cloudformation_backends[self._account_id][self._region_name].get_stack(
            self.stack_id
        )
        failed = [
            resource.logical_resource_id
            for resource in reversed(made(self))
            if not _left(self, stack, resource, custom_resources)
        ]
        if failed:
            text = f"The following resource(s) failed to delete: [{', '.join(failed)}]."
            raise ValidationError(message=text)

    return [
        Change(ResourceMap, "delete", delete_all),
        Change(CloudFormationBackend, "delete_stack", _delete_stack),
        Change(CloudFormationResponse, "delete_stack", _answer),
    ]


def delete_resource(
    stack: Stack, resource: Any, resource_json: dict[str, Any], custom_resources: CustomResources
) -> None:
    """Delete a resource and tell of it.

    Raises:
        ResourceFailedError: it is still there.
    """
    with record_failure(
        stack,
        resource.logical_resource_id,
        resource.cf_resource_type,
        "DELETE_FAILED",
        physical_id=str(getattr(resource, "physical_resource_id", "")),
    ):
        if isinstance(resource, CustomModel):
            custom_resources.delete(stack, resource)
        else:
            stack.resource_map._delete_resource(resource, resource_json)
    add_resource_event(stack, resource, "DELETE_COMPLETE")


def _left(
    resources: ResourceMap, stack: Stack, resource: Any, custom_resources: CustomResources
) -> bool:
    """Delete a resource unless its policy keeps it; return whether the stack is rid of it."""
    logical_id = resource.logical_resource_id
    resource_json = resources._resource_json_map[logical_id]
    try:
        if _is_kept(stack, resource_json):
            add_resource_event(stack, resource, "DELETE_SKIPPED")
        else:
            delete_resource(stack, resource, resource_json, custom_resources)
    except ResourceFailedError:
        return False
    # Those that are left can be asked for until the end.
    del resources._parsed_resources[logical_id]
    return True


def _is_kept(stack: Stack, resource_json: dict[str, Any]) -> bool:
    policy = resource_json.get("DeletionPolicy")
    return policy == _KEEPS[0] or (policy == _KEEPS[1] and stack.status != _CREATION_TAKEN_BACK)


def _delete_stack(
    self: CloudFormationBackend, name_or_stack_id: str, *, retained: Collection[str] = ()
) -> None:
    """Delete a stack, if there is one of the name; it stays as DELETE_FAILED where that fails."""
    found = (
        item for item in self.stacks.values() if name_or_stack_id in (item.name, item.stack_id)
    )
    stack = next(found, None)
    if stack is None:
        return
    _let_go(stack, retained)
    reason = stack_exports.held_back(self, stack, None)
    if reason:
        # No call fails, and the stack remains what it was.
        enter(stack, stack.status, reason)
        return
    enter(stack, "DELETE_IN_PROGRESS", "User Initiated")
    try:
        stack.resource_map.delete()
    except ValidationError as error:
        enter(stack, "DELETE_FAILED", str(error.message))
        return
    enter(stack, "DELETE_COMPLETE")
    self.deleted_stacks[stack.stack_id] = self.stacks.pop(stack.stack_id)
    for export in list(self.exports.values()):
        if export.exporting_stack_id == stack.stack_id:
            del self.exports[export.name]


def _let_go(stack: Stack, retained: Collection[str]) -> None:
    """Forget resources that could not be deleted and shall stay.

    Raises:
        ValidationError: deleting the stack has not failed before.
    """
    if retained and stack.status != "DELETE_FAILED":
        raise ValidationError(
            message=f"RetainResources is {list(retained)} and the stack {stack.name} is in "
            f"{stack.status}; they can be retained once it is in DELETE_FAILED"
        )
    for logical_id in retained:
        stack.resource_map._parsed_resources.pop(logical_id, None)


def _answer(self: CloudFormationResponse) -> ActionResult:
    self.cloudformation_backend.delete_stack(
        self._get_param("StackName"), retained=self._get_param("RetainResources", [])
    )
    return EmptyResult()
