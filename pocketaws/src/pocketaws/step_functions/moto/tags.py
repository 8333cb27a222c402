"""Step Functions: the tags of what is there."""

from typing import Any

from moto.core.responses import ActionResult, EmptyResult
from moto.stepfunctions.exceptions import AWSError
from moto.stepfunctions.models import StepFunctionBackend
from moto.stepfunctions.responses import StepFunctionResponse

from pocketaws.change import Change


def changes() -> list[Change]:
    """Return what to change in moto's Step Functions, which tags what is not there."""
    return [
        Change(StepFunctionResponse, "tag_resource", _tagged),
        Change(StepFunctionResponse, "untag_resource", _untagged),
        Change(StepFunctionResponse, "list_tags_for_resource", _listed),
    ]


def _tagged(self: StepFunctionResponse) -> EmptyResult:
    tags = {tag["key"]: tag.get("value") or "" for tag in self._get_param("tags") or []}
    self.stepfunction_backend.tag_resource(_arn(self), tags)
    return EmptyResult()


def _untagged(self: StepFunctionResponse) -> EmptyResult:
    self.stepfunction_backend.untag_resource(_arn(self), self._get_param("tagKeys") or [])
    return EmptyResult()


def _listed(self: StepFunctionResponse) -> ActionResult:
    told: Any = self.stepfunction_backend.list_tags_for_resource(_arn(self))
    return ActionResult(told)


def _arn(self: StepFunctionResponse) -> str:
    """Return the ARN that a request is about.

    Raises:
        AWSError: there is no such state machine or activity.
    """
    arn = str(self._get_param("resourceArn"))
    backend: StepFunctionBackend = self.stepfunction_backend
    if arn not in backend.activities and arn not in {item.arn for item in backend.state_machines}:
        raise AWSError(f"Resource not found: '{arn}'", "ResourceNotFound")
    return arn
