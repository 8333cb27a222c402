"""ValidateTemplate and ContinueUpdateRollback.

https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ValidateTemplate.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ContinueUpdateRollback.html
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from moto.cloudformation.exceptions import ValidationError
from moto.cloudformation.models import Stack
from moto.cloudformation.responses import CloudFormationResponse
from moto.core.responses import ActionResult, EmptyResult

from pocketaws.change import Change
from pocketaws.cloudformation.moto.capabilities import needed_capability
from pocketaws.cloudformation.moto.stack_parameters import parameter_text
from pocketaws.cloudformation.template_rules import rule_problems
from pocketaws.gate.limits.cloudformation import template_problems

_FAILED: Final = "UPDATE_ROLLBACK_FAILED"


def changes() -> list[Change]:
    """Return what to change in moto's CloudFormation."""
    return [
        Change(CloudFormationResponse, "validate_template", _validate),
        Change(CloudFormationResponse, "continue_update_rollback", _continue, adds=True),
    ]


def _validate(self: CloudFormationResponse) -> ActionResult:
    url, body = self._get_param("TemplateURL"), self._get_param("TemplateBody")
    if bool(url) == bool(body):
        raise ValidationError(message="Exactly one of TemplateBody and TemplateURL must be given.")
    try:
        template = Stack.parse_template(self._get_stack_from_s3_url(url) if url else body)
    except Exception as error:
        # Whatever a parser says of a text that is no template.
        raise ValidationError(message=f"Template format error: {error}") from error
    for problem in [*rule_problems(template), *template_problems(template)]:
        raise ValidationError(message=problem)
    transforms = template.get("Transform") or []
    capability = needed_capability(template)
    fields = {
        "Description": template.get("Description"),
        "Parameters": [_parameter(*item) for item in (template.get("Parameters") or {}).items()],
        "Capabilities": [capability] if capability else [],
        "CapabilitiesReason": f"The template makes what needs {capability}" if capability else None,
        "DeclaredTransforms": [transforms] if isinstance(transforms, str) else transforms,
    }
    return ActionResult({name: value for name, value in fields.items() if value is not None})


def _parameter(name: str, slot: Mapping[str, Any]) -> dict[str, Any]:
    fields = {
        "ParameterKey": name,
        "DefaultValue": parameter_text(slot.get("Default")),
        "NoEcho": str(slot.get("NoEcho", False)).lower() == "true",
        "Description": slot.get("Description"),
    }
    return {key: value for key, value in fields.items() if value is not None}


def _continue(self: CloudFormationResponse) -> ActionResult:
    stack = self.cloudformation_backend.get_stack(self._get_param("StackName"))
    again: Callable[[list[str]], None] | None = getattr(stack, "rolled_back_again", None)
    if stack.status != _FAILED or again is None:
        raise ValidationError(
            message=f"Stack:{stack.stack_id} is in {stack.status} state and can not continue its "
            f"rollback; only one in {_FAILED} can"
        )
    again(self._get_param("ResourcesToSkip", []))
    return EmptyResult()
