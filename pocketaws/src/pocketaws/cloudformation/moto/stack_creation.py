"""A stack that a change set has announced is created, or taken back where that fails."""

from moto.cloudformation.models import CloudFormationBackend, Stack
from moto.cloudformation.parsing import OutputMap, ResourceMap

from pocketaws.cloudformation.moto.stack_events import add_left_out_event, enter
from pocketaws.cloudformation.moto.submitted_templates import Prepared


def create(backend: CloudFormationBackend, stack: Stack, prepared: Prepared) -> bool:
    """Create a stack's resources; return whether all went well.

    What was made is deleted otherwise, and the stack remains as ROLLBACK_COMPLETE, which can only
    be deleted, as on AWS.

    Args:
        backend: gets the stack's exports.
        stack: in REVIEW_IN_PROGRESS, with its parameters and tags.
        prepared: its template.
    """
    enter(stack, "CREATE_IN_PROGRESS", "User Initiated")
    try:
        _load(backend, stack, prepared)
        ready = stack.resource_map.create(stack.template_dict)
        backend._validate_export_uniqueness(stack)
        backend.exports.update({export.name: export for export in stack.exports})
    except Exception as error:  # whatever a resource's own service says fails the stack
        _roll_back(stack, str(getattr(error, "message", "") or error))
        return False
    if ready:
        enter(stack, "CREATE_COMPLETE")
    return bool(ready)


def _load(backend: CloudFormationBackend, stack: Stack, prepared: Prepared) -> None:
    stack.template, stack.template_dict = prepared.text, Stack.parse_template(prepared.text)
    stack.description = stack.template_dict.get("Description")
    stack.cross_stack_resources = backend.exports
    stack.resource_map = stack._create_resource_map()
    stack.output_map = stack._create_output_map()
    for logical_id, resource_type in prepared.not_created(stack.resource_map.lazy_condition_map):
        add_left_out_event(stack, logical_id, resource_type)


def _roll_back(stack: Stack, reason: str) -> None:
    enter(stack, "ROLLBACK_IN_PROGRESS", reason)
    made = stack.resource_map
    # Whoever looks at moto's creates what is missing.
    stack.resource_map = ResourceMap(
        stack.stack_id,
        stack.name,
        stack.parameters,
        stack.tags,
        account_id=stack.account_id,
        region_name=stack.region_name,
        template={},
        cross_stack_resources=stack.cross_stack_resources,
    )
    stack.resource_map.load()
    stack.output_map = OutputMap(stack.resource_map, {}, stack.stack_id)
    try:
        made.delete()
    except Exception as error:  # as above
        enter(stack, "ROLLBACK_FAILED", f"{reason}; and the way back: {error}")
        return
    enter(stack, "ROLLBACK_COMPLETE", reason)
