"""The events of a stack, of itself and of its resources: what `sam deploy` shows as they come.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/view-stack-events.html
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from moto.cloudformation.exceptions import CloudFormationError, ValidationError
from moto.cloudformation.models import Event, Stack
from moto.core.exceptions import ServiceException
from werkzeug.exceptions import HTTPException

from pocketaws.errors import PocketawsError
from pocketaws.shortages import broken


class ResourceFailedError(ValidationError):  # type: ignore[misc]
    """A resource could not be made, changed or deleted; the stack's events tell of it already."""

    def __init__(self, logical_id: str, reason: str) -> None:
        super().__init__(logical_id, message=f"{logical_id}: {reason}")
        self.logical_id = logical_id


def enter(stack: Stack, status: str, reason: str | None = None) -> None:
    """Give a stack another status, and tell of it."""
    stack.status, stack.stack_status_reason = status, reason
    stack._add_stack_event(status, resource_status_reason=reason)


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


@contextmanager
def record_failure(
    stack: Stack, logical_id: str, resource_type: str, status: str, *, physical_id: str = ""
) -> Iterator[None]:
    """Tell why a resource fails; not again of what fails only because it refers to that one.

    Args:
        stack: gets the event.
        logical_id: of the resource.
        resource_type: of it.
        status: in CloudFormation's words, such as UPDATE_FAILED.
        physical_id: where it has one.

    Raises:
        ResourceFailedError: in place of whatever the resource's own service says.
    """
    try:
        yield
    except ResourceFailedError:
        raise
    except Exception as error:
        reason = _reason(error)
        _add(stack, logical_id, resource_type, status, physical_id=physical_id, reason=reason)
        raise ResourceFailedError(logical_id, reason) from error


def last_event(stack: Stack, logical_id: str) -> Event | None:
    """Return the newest event of a resource; None where nothing is told of it."""
    events = (event for event in reversed(stack.events) if event.logical_resource_id == logical_id)
    return next((event for event in events if event.physical_resource_id != stack.stack_id), None)


def _reason(error: Exception) -> str:
    if isinstance(error, CloudFormationError):
        return str(error.message)
    if isinstance(error, HTTPException | ServiceException | PocketawsError):
        return f"{type(error).__name__}: {getattr(error, 'message', '') or error}"
    return broken(error)


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
