"""CloudFormation's change sets: what `sam deploy` and `aws cloudformation deploy` send.

moto's neither transform a template nor create its resources in order. Here CreateChangeSet prepares
the template, reads Parameter Store and compares with the stack, and ExecuteChangeSet hands it all
to what creates and updates stacks otherwise. Both have ended when they answer, so that a waiter's
first look suffices.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-updating-stacks-changesets.html
"""

from collections.abc import Callable
from contextlib import suppress
from typing import Final

from moto.cloudformation.exceptions import ValidationError
from moto.cloudformation.models import CloudFormationBackend, Stack
from moto.cloudformation.parsing import ResourceMap
from moto.cloudformation.responses import CloudFormationResponse
from moto.cloudformation.utils import (
    generate_changeset_id,
    generate_stack_id,
    validate_create_change_set,
)
from moto.core.responses import ActionResult

from pocketaws.change import Change
from pocketaws.cloudformation.moto import stack_creation
from pocketaws.cloudformation.moto.capabilities import check_capabilities
from pocketaws.cloudformation.moto.change_set import (
    ChangeSet,
    ChangeSetExistsError,
    ChangeSetNotFoundError,
    described_parameters,
)
from pocketaws.cloudformation.moto.stack_parameters import check_parameters, read_before
from pocketaws.cloudformation.moto.stack_update import check_updatable, resolved_parameters
from pocketaws.cloudformation.moto.submitted_templates import Prepared, Templates, is_sam, keep_sent
from pocketaws.cloudformation.template_changes import EvaluatedTemplate, resource_changes
from pocketaws.errors import DeploymentError, ServiceError, UnsupportedResourceError
from pocketaws.iam.assumed_roles import AssumedRoles

_PARAMETERS: Final = "DescribeChangeSetOutput.Parameters"
_REVIEW: Final = "REVIEW_IN_PROGRESS"
_NO_CHANGES: Final = (
    "The submitted information didn't contain changes. Submit different information to create a "
    "change set."
)


def changes(templates: Templates, roles: AssumedRoles) -> list[Change]:
    """Return what to change in moto's CloudFormation.

    Args:
        templates: prepares what is sent.
        roles: as which stacks are deployed.
    """
    return [
        Change(CloudFormationResponse, "create_change_set", _create(templates, roles)),
        Change(CloudFormationResponse, "delete_change_set", _delete),
        Change(CloudFormationResponse, "list_change_sets", _list),
        Change(CloudFormationResponse, "describe_change_set", _describe),
        Change(CloudFormationResponse, "execute_change_set", _execute),
        Change(
            CloudFormationResponse,
            "RESPONSE_KEY_PATH_TO_TRANSFORMER",
            # moto's knows no ResolvedValue.
            {**CloudFormationResponse.RESPONSE_KEY_PATH_TO_TRANSFORMER, _PARAMETERS: list},
        ),
    ]


def _create(
    templates: Templates, roles: AssumedRoles
) -> Callable[[CloudFormationResponse], ActionResult]:
    def create_change_set(self: CloudFormationResponse) -> ActionResult:
        backend = self.cloudformation_backend
        _check_role(self._get_param("RoleARN"), roles)
        change_set = _received(self, backend)
        try:
            change_set.prepared = templates.prepared(change_set.sent_template, change_set.given)
        except (DeploymentError, UnsupportedResourceError) as error:
            text = "Transform AWS::Serverless-2016-10-31 failed with: "
            change_set.fail(f"{text if is_sam(change_set.sent_template) else ''}{error}")
        else:
            _compare(change_set, change_set.prepared)
        stack = change_set.stack
        if stack.stack_id not in backend.stacks:
            backend.stacks[stack.stack_id] = stack
            stack.status = _REVIEW
            stack._add_stack_event(_REVIEW, resource_status_reason="User Initiated")
        backend.change_sets[change_set.change_set_id] = change_set
        return ActionResult({"Id": change_set.change_set_id, "StackId": stack.stack_id})

    return create_change_set


def _check_role(role_arn: str | None, roles: AssumedRoles) -> None:
    if role_arn is None:
        return
    try:
        roles.credentials(role_arn)
    except ServiceError as error:
        text = f"Role {role_arn} is invalid or cannot be assumed"
        raise ValidationError(message=text) from error


def _received(request: CloudFormationResponse, backend: CloudFormationBackend) -> ChangeSet:
    name = request._get_param("ChangeSetName")
    validate_create_change_set(name)
    change_set_type = request._get_param("ChangeSetType", "UPDATE")
    stack = _stack(backend, request._get_param("StackName"), change_set_type)
    _check_name_is_free(backend, stack, name)
    tags = {item["Key"]: item["Value"] for item in request._get_param("Tags", [])}
    parameters = request._get_param("Parameters", [])
    return ChangeSet(
        change_set_id=generate_changeset_id(name, backend.region_name, backend.account_id),
        change_set_name=name,
        change_set_type=change_set_type,
        description=request._get_param("Description"),
        stack=stack,
        sent_template=_sent_template(request, stack),
        given=resolved_parameters(backend, stack, parameters),
        capabilities=request._get_param("Capabilities", []),
        tag_values=tags or stack.tags,
        notification_arns=request._get_param("NotificationARNs", []),
    )


def _stack(backend: CloudFormationBackend, name: str, change_set_type: str) -> Stack:
    """Return the stack that a change set is for; a new one is not the backend's yet."""
    found = next((stack for stack in backend.stacks.values() if name in _names(stack)), None)
    if change_set_type == "UPDATE":
        if found is None:
            raise ValidationError(message=f"Stack [{name}] does not exist")
        check_updatable(found)
        return found
    if change_set_type != "CREATE":
        raise ValidationError(
            message=f"ChangeSetType {change_set_type!r} is none that the local runtime knows; "
            "give CREATE or UPDATE"
        )
    if found is not None and found.status != _REVIEW:
        raise ValidationError(
            message=f"Stack [{name}] already exists and cannot be created again with a changeset."
        )
    return found or Stack(
        stack_id=generate_stack_id(name, backend.region_name, backend.account_id),
        name=name,
        template={},
        parameters={},
        account_id=backend.account_id,
        region_name=backend.region_name,
    )


def _check_name_is_free(backend: CloudFormationBackend, stack: Stack, name: str) -> None:
    for change_set in backend.change_sets.values():
        is_open = change_set.execution_status in {"AVAILABLE", "UNAVAILABLE"}
        if is_open and (change_set.change_set_name, change_set.stack) == (name, stack):
            raise ChangeSetExistsError(f"ChangeSet [{name}] already exists; delete it first")


def _names(stack: Stack) -> tuple[str, str]:
    return str(stack.name), str(stack.stack_id)


def _sent_template(request: CloudFormationResponse, stack: Stack) -> str:
    url, body = request._get_param("TemplateURL"), request._get_param("TemplateBody")
    if request._get_bool_param("UsePreviousTemplate", if_none=False):
        return str(getattr(stack, "sent_template", stack.template))
    if not url and not body:
        raise ValidationError(message="Either Template URL or Template Body must be specified.")
    return str(request._get_stack_from_s3_url(url) if url else body)


def _compare(change_set: ChangeSet, prepared: Prepared) -> None:
    stack = change_set.stack
    template = Stack.parse_template(prepared.text)
    check_parameters(template.get("Parameters", {}), change_set.given)
    check_capabilities(template, change_set.capabilities)
    after = ResourceMap(
        stack.stack_id,
        stack.name,
        change_set.given,
        change_set.tag_values,
        account_id=stack.account_id,
        region_name=stack.region_name,
        template=template,
        cross_stack_resources=stack.cross_stack_resources,
    )
    after.load()
    change_set.parameters = described_parameters(template, change_set.given, after)
    change_set.changes = resource_changes(_resolved(stack.resource_map), _resolved(after))
    same = (template.get("Outputs"), change_set.tag_values) == (
        stack.template_dict.get("Outputs"),
        stack.tags,
    )
    if not change_set.changes and same and change_set.change_set_type == "UPDATE":
        change_set.fail(_NO_CHANGES)


def _resolved(resources: ResourceMap) -> EvaluatedTemplate:
    conditions = resources.lazy_condition_map
    return EvaluatedTemplate(
        resources._resource_json_map,
        dict(resources.resolved_parameters),
        {name: bool(conditions[name]) for name in conditions},
    )


def _find_change_set(request: CloudFormationResponse) -> ChangeSet:
    name, stack_name = request._get_param("ChangeSetName"), request._get_param("StackName")
    backend = request.cloudformation_backend
    # The newest of a name first: an executed one may have gone before.
    for change_set in reversed(backend.change_sets.values()):
        is_named = name == change_set.change_set_name and stack_name in _names(change_set.stack)
        if name == change_set.change_set_id or (is_named and change_set.stack_id in backend.stacks):
            return change_set  # type: ignore[no-any-return]
    raise ChangeSetNotFoundError(f"ChangeSet [{name}] does not exist")


def _describe(self: CloudFormationResponse) -> ActionResult:
    return ActionResult(_find_change_set(self))


def _delete(self: CloudFormationResponse) -> ActionResult:
    """Delete a change set; one that is not there is no error."""
    with suppress(ChangeSetNotFoundError):
        del self.cloudformation_backend.change_sets[_find_change_set(self).change_set_id]
    return ActionResult({})


def _list(self: CloudFormationResponse) -> ActionResult:
    stack_name = self._get_param("StackName")
    found = self.cloudformation_backend.change_sets.values()
    return ActionResult({"Summaries": [item for item in found if stack_name in _names(item.stack)]})


def _execute(self: CloudFormationResponse) -> ActionResult:
    change_set = _find_change_set(self)
    if change_set.prepared is None or change_set.execution_status != "AVAILABLE":
        raise ValidationError(
            message=f"ChangeSet [{change_set.change_set_id}] cannot be executed in its current "
            f"status of [{change_set.status}]"
        )
    change_set.execution_status = "EXECUTE_IN_PROGRESS"
    # What is executed is what was reviewed, whatever Parameter Store holds by now:
    # https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/systems-manager-parameter-types.html
    with read_before(change_set.read):
        done = _carried_out(self.cloudformation_backend, change_set, change_set.prepared)
    if done:
        keep_sent(change_set.stack, change_set.sent_template)
    change_set.execution_status = "EXECUTE_COMPLETE" if done else "EXECUTE_FAILED"
    return ActionResult({})


def _carried_out(backend: CloudFormationBackend, change_set: ChangeSet, prepared: Prepared) -> bool:
    """Create or update the stack; return whether all went well."""
    stack = change_set.stack
    if change_set.change_set_type == "CREATE":
        stack.parameters, stack.tags = change_set.given, change_set.tag_values
        stack.notification_arns = change_set.notification_arns
        return stack_creation.create(backend, stack, prepared)
    stack.update(prepared.text, parameters=change_set.given, tags=change_set.tag_values)
    return bool(stack.status == "UPDATE_COMPLETE")
