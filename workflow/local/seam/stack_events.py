"""The events of a stack that `sam deploy` shows as they come: here, also those of its resources."""

from typing import Any

from moto.cloudformation.models import Event, Stack


def add_resource_event(stack: Stack, resource: Any, status: str) -> None:
    """Tell what became of a resource.

    Args:
        stack: gets the event.
        resource: as moto's CloudFormation has made it.
        status: in CloudFormation's words, such as CREATE_COMPLETE.
    """
    _add(
        stack,
        str(getattr(resource, "logical_resource_id", "")),
        str(getattr(resource, "cf_resource_type", "")),
        status,
        physical_id=str(getattr(resource, "physical_resource_id", "")),
    )


def add_left_out_event(stack: Stack, logical_id: str, resource_type: str) -> None:
    """Tell that the stack goes on without a resource."""
    reason = "The local runtime does not create it; the stack goes on without it"
    _add(stack, logical_id, resource_type, "CREATE_IN_PROGRESS", reason=reason)


def _add(
    stack: Stack,
    logical_id: str,
    resource_type: str,
    status: str,
    *,
    physical_id: str = "",
    reason: str | None = None,
) -> None:
    stack.events.append(
        Event(
            stack_id=stack.stack_id,
            stack_name=stack.name,
            logical_resource_id=logical_id,
            physical_resource_id=physical_id,
            resource_type=resource_type,
            resource_status=status,
            resource_status_reason=reason,
            resource_properties=None,
        )
    )
