"""CloudFormation's change sets: what `sam deploy` and `aws cloudformation deploy` send.

moto's neither transform a template nor create its resources in order. Here CreateChangeSet prepares
the template and compares it with the stack, and ExecuteChangeSet hands it to what creates and
updates stacks otherwise. Both have ended when they answer, so that a waiter's first look suffices.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-updating-stacks-changesets.html
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from moto.cloudformation.exceptions import CloudFormationError, ValidationError
from moto.cloudformation.models import CloudFormationBackend, Stack
from moto.cloudformation.parsing import ResourceMap
from moto.cloudformation.responses import CloudFormationResponse
from moto.cloudformation.utils import (
    generate_changeset_id,
    generate_stack_id,
    validate_create_change_set,
)
from moto.core.responses import ActionResult
from moto.core.utils import utcnow

from workflow.errors import DeploymentError, UnsupportedResourceError
from workflow.local.seam import stack_creation
from workflow.local.seam.capabilities import check_capabilities
from workflow.local.seam.change import Change
from workflow.local.seam.stack_update import check_updatable, resolved_parameters
from workflow.local.seam.submitted_templates import Prepared, Templates, is_sam, keep_sent
from workflow.local.template_changes import Resolved, ResourceChange, resource_changes

_REVIEW: Final = "REVIEW_IN_PROGRESS"
_NO_CHANGES: Final = (
    "The submitted information didn't contain changes. Submit different information to create a "
    "change set."
)


class ChangeSetNotFoundError(CloudFormationError):  # type: ignore[misc]
    """There is no change set of that name, or of that name and stack."""

    code = "ChangeSetNotFound"


@dataclass
class ChangeSet:
    """A change set; what DescribeChangeSet answers is named as there.

    Attributes:
        sent_template: as the client sent it.
        prepared: what became of it; None where that failed.
    """

    change_set_id: str
    change_set_name: str
    change_set_type: str
    description: str | None
    stack: Stack
    sent_template: str
    parameters: dict[str, Any]
    capabilities: list[str]
    tag_values: dict[str, str]
    notification_arns: list[str]
    creation_time: datetime = field(default_factory=utcnow)
    changes: list[ResourceChange] = field(default_factory=list)
    prepared: Prepared | None = None
    status: str = "CREATE_COMPLETE"
    execution_status: str = "AVAILABLE"
    status_reason: str | None = None

    @property
    def stack_id(self) -> str:
        """Of the stack that it is for."""
        return str(self.stack.stack_id)

    @property
    def stack_name(self) -> str:
        """Of the stack that it is for."""
        return str(self.stack.name)

    @property
    def template(self) -> str:
        """What GetTemplate answers for the stage Processed."""
        return self.prepared.text if self.prepared else ""

    @property
    def tags(self) -> list[dict[str, str]]:
        """As DescribeChangeSet answers."""
        return [{"Key": key, "Value": value} for key, value in self.tag_values.items()]

    def fail(self, reason: str) -> None:
        """Make it one that cannot be executed."""
        self.status, self.execution_status, self.status_reason = "FAILED", "UNAVAILABLE", reason


def changes(templates: Templates) -> list[Change]:
    """Return what to change in moto's CloudFormation."""
    return [
        Change(CloudFormationResponse, "create_change_set", _create(templates)),
        Change(CloudFormationResponse, "list_change_sets", _list),
        Change(CloudFormationResponse, "describe_change_set", _describe),
        Change(CloudFormationResponse, "execute_change_set", _execute),
    ]


def _create(templates: Templates) -> Callable[[CloudFormationResponse], ActionResult]:
    def create_change_set(self: CloudFormationResponse) -> ActionResult:
        backend = self.cloudformation_backend
        change_set = _received(self, backend)
        try:
            change_set.prepared = templates.prepared(change_set.sent_template)
        except (DeploymentError, UnsupportedResourceError) as error:
            told = "Transform AWS::Serverless-2016-10-31 failed with: "
            change_set.fail(f"{told if is_sam(change_set.sent_template) else ''}{error}")
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


def _received(request: CloudFormationResponse, backend: CloudFormationBackend) -> ChangeSet:
    name = request._get_param("ChangeSetName")
    validate_create_change_set(name)
    change_set_type = request._get_param("ChangeSetType", "UPDATE")
    stack = _stack(backend, request._get_param("StackName"), change_set_type)
    tags = {item["Key"]: item["Value"] for item in request._get_param("Tags", [])}
    parameters = request._get_param("Parameters", [])
    return ChangeSet(
        change_set_id=generate_changeset_id(name, backend.region_name, backend.account_id),
        change_set_name=name,
        change_set_type=change_set_type,
        description=request._get_param("Description"),
        stack=stack,
        sent_template=_sent_template(request, stack),
        parameters=resolved_parameters(backend, stack, parameters),
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
    _check_parameters(template, change_set.parameters)
    check_capabilities(template, change_set.capabilities)
    after = ResourceMap(
        stack.stack_id,
        stack.name,
        change_set.parameters,
        change_set.tag_values,
        account_id=stack.account_id,
        region_name=stack.region_name,
        template=template,
        cross_stack_resources=stack.cross_stack_resources,
    )
    after.load()
    change_set.changes = resource_changes(_resolved(stack.resource_map), _resolved(after))
    same = (template.get("Outputs"), change_set.tag_values) == (
        stack.template_dict.get("Outputs"),
        stack.tags,
    )
    if not change_set.changes and same and change_set.change_set_type == "UPDATE":
        change_set.fail(_NO_CHANGES)


def _check_parameters(template: dict[str, Any], parameters: dict[str, Any]) -> None:
    slots = template.get("Parameters", {})
    unknown = parameters.keys() - slots.keys()
    if unknown:
        text = f"Parameters: [{', '.join(sorted(unknown))}] do not exist in the template"
        raise ValidationError(message=text)
    missing = {name for name in slots.keys() - parameters.keys() if "Default" not in slots[name]}
    if missing:
        raise ValidationError(
            message=f"Parameters: [{', '.join(sorted(missing))}] must have values"
        )


def _resolved(resources: ResourceMap) -> Resolved:
    conditions = resources.lazy_condition_map
    return Resolved(
        resources._resource_json_map,
        dict(resources.resolved_parameters),
        {name: bool(conditions[name]) for name in conditions},
    )


def _found(request: CloudFormationResponse) -> ChangeSet:
    name, stack_name = request._get_param("ChangeSetName"), request._get_param("StackName")
    for change_set in request.cloudformation_backend.change_sets.values():
        if name == change_set.change_set_id:
            return change_set  # type: ignore[no-any-return]
        if name == change_set.change_set_name and stack_name in _names(change_set.stack):
            return change_set  # type: ignore[no-any-return]
    raise ChangeSetNotFoundError(f"ChangeSet [{name}] does not exist")


def _describe(self: CloudFormationResponse) -> ActionResult:
    return ActionResult(_found(self))


def _list(self: CloudFormationResponse) -> ActionResult:
    stack_name = self._get_param("StackName")
    found = self.cloudformation_backend.change_sets.values()
    return ActionResult({"Summaries": [item for item in found if stack_name in _names(item.stack)]})


def _execute(self: CloudFormationResponse) -> ActionResult:
    change_set = _found(self)
    if change_set.prepared is None or change_set.execution_status != "AVAILABLE":
        raise ValidationError(
            message=f"ChangeSet [{change_set.change_set_id}] cannot be executed in its current "
            f"status of [{change_set.status}]"
        )
    backend, stack, prepared = self.cloudformation_backend, change_set.stack, change_set.prepared
    change_set.execution_status = "EXECUTE_IN_PROGRESS"
    if change_set.change_set_type == "CREATE":
        stack.parameters, stack.tags = change_set.parameters, change_set.tag_values
        stack.notification_arns = change_set.notification_arns
        done = stack_creation.create(backend, stack, prepared)
    else:
        stack.update(prepared.text, parameters=change_set.parameters, tags=change_set.tag_values)
        done = stack.status == "UPDATE_COMPLETE"
    if done:
        keep_sent(stack, change_set.sent_template)
    change_set.execution_status = "EXECUTE_COMPLETE" if done else "EXECUTE_FAILED"
    return ActionResult({})
