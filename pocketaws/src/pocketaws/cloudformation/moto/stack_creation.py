"""A stack is created, or taken back where that fails.

CreateStack refuses what is wrong with a template or its parameters. What a resource's service
refuses fails the stack, which CreateStack has answered by then; moto's answers with that failure.

https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStack.html
"""

from collections.abc import Callable
from typing import Any, Final

from moto.cloudformation.exceptions import AlreadyExistsException, ValidationError
from moto.cloudformation.models import CloudFormationBackend, Stack
from moto.cloudformation.parsing import OutputMap, ResourceMap
from moto.cloudformation.responses import CloudFormationResponse
from moto.cloudformation.utils import generate_stack_id
from moto.core.responses import ActionResult

from pocketaws.change import Change
from pocketaws.cloudformation.moto import stack_exports
from pocketaws.cloudformation.moto.capabilities import check_capabilities
from pocketaws.cloudformation.moto.stack_events import add_left_out_event, enter
from pocketaws.cloudformation.moto.submitted_templates import Prepared, Templates, keep_sent

_ROLLBACK: Final = "ROLLBACK"
_DO_NOTHING: Final = "DO_NOTHING"


def changes(templates: Templates) -> list[Change]:
    """Return what to change in moto's CloudFormation.

    Args:
        templates: prepares what is sent.
    """
    return [Change(CloudFormationResponse, "create_stack", _create_stack(templates))]


def _create_stack(templates: Templates) -> Callable[[CloudFormationResponse], ActionResult]:
    def create_stack(self: CloudFormationResponse) -> ActionResult:
        backend, name = self.cloudformation_backend, self._get_param("StackName")
        if any(stack.name == name for stack in backend.stacks.values()):
            raise AlreadyExistsException(f"Stack [{name}] already exists")
        on_failure = _on_failure(self)
        url = self._get_param("TemplateURL")
        sent = self._get_stack_from_s3_url(url) if url else self._get_param("TemplateBody")
        parameters = self._get_params_from_list(self._get_param("Parameters", []))
        prepared = templates.of_client(sent, parameters)
        template = Stack.parse_template(prepared.text)
        check_capabilities(template, self._get_param("Capabilities", []))
        stack = _new(self, prepared, parameters)
        backend.stacks[stack.stack_id] = stack
        if create(backend, stack, prepared, on_failure=on_failure):
            keep_sent(stack, sent)
        elif on_failure == "DELETE" and stack.status == "ROLLBACK_COMPLETE":
            backend.delete_stack(stack.stack_id)
        return ActionResult({"StackId": stack.stack_id})

    return create_stack


def _on_failure(request: CloudFormationResponse) -> str:
    on_failure = request._get_param("OnFailure")
    disabled = request._get_bool_param("DisableRollback", if_none=False)
    if on_failure and disabled:
        raise ValidationError(
            message="You can specify either DisableRollback or OnFailure, but not both."
        )
    return str(on_failure or (_DO_NOTHING if disabled else _ROLLBACK))


def _new(request: CloudFormationResponse, prepared: Prepared, parameters: dict[str, Any]) -> Stack:
    """Return a stack without resources.

    Raises:
        ValidationError: its parameters, conditions, rules or references are wrong.
    """
    backend, name = request.cloudformation_backend, request._get_param("StackName")
    return Stack(
        stack_id=generate_stack_id(name, backend.region_name, backend.account_id),
        name=name,
        template=prepared.text,
        parameters=parameters,
        account_id=backend.account_id,
        region_name=backend.region_name,
        notification_arns=request._get_param("NotificationARNs", []),
        tags={item["Key"]: item["Value"] for item in request._get_param("Tags", [])},
        role_arn=request._get_param("RoleARN"),
        cross_stack_resources=backend.exports,
        timeout_in_mins=request._get_param("TimeoutInMinutes"),
        stack_policy_body=request._get_param("StackPolicyBody"),
    )


def create(
    backend: CloudFormationBackend,
    stack: Stack,
    prepared: Prepared,
    *,
    on_failure: str = _ROLLBACK,
) -> bool:
    """Create a stack's resources; return whether all went well.

    What was made is deleted otherwise, and the stack remains as ROLLBACK_COMPLETE, which can only
    be deleted, as on AWS.

    Args:
        backend: gets the stack's exports.
        stack: with its parameters and tags.
        prepared: its template.
        on_failure: DO_NOTHING leaves what was made, and the stack as CREATE_FAILED.
    """
    enter(stack, "CREATE_IN_PROGRESS", "User Initiated")
    try:
        _load(backend, stack, prepared)
        ready = stack.resource_map.create(stack.template_dict)
        _export(backend, stack)
    except Exception as error:  # whatever a resource's own service says fails the stack
        reason = str(getattr(error, "message", "") or error)
        if on_failure == _DO_NOTHING:
            enter(stack, "CREATE_FAILED", reason)
        else:
            _roll_back(stack, reason)
        return False
    if ready:
        enter(stack, "CREATE_COMPLETE")
    return bool(ready)


def _export(backend: CloudFormationBackend, stack: Stack) -> None:
    reason = stack_exports.taken(backend, stack, stack.output_map)
    if reason:
        raise ValidationError(message=reason)
    backend.exports.update({export.name: export for export in stack.exports})


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
