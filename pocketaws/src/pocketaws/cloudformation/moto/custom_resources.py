"""Custom resources: CloudFormation's requests to a function, each waited for until it is answered.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref.html
"""

import json
import threading
import uuid
from collections.abc import Callable
from typing import Any, Final

from moto.awslambda.utils import get_backend as get_lambda_backend
from moto.cloudformation.custom_model import CustomModel
from moto.cloudformation.exceptions import ValidationError
from moto.cloudformation.models import Stack, cloudformation_backends
from moto.cloudformation.responses import CloudFormationResponse

from pocketaws.change import Change
from pocketaws.errors import LocalRuntimeError

_ANSWER_LOOK_SECONDS: Final = 0.01
# https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
_ANSWER_MAXIMUM_BYTES: Final = 4096


class CustomResources:
    """Asks the functions behind custom resources.

    Args:
        answer_url: returns the URL at which a function is told to answer, by its path.
    """

    def __init__(self, answer_url: Callable[[str], str]) -> None:
        self._answer_url = answer_url

    def changes(self) -> list[Change]:
        """Return what to change in moto's CloudFormation."""
        return [
            Change(CustomModel, "create_from_cloudformation_json", self._create()),
            Change(CloudFormationResponse, "process_cfn_response", _take_answer),
        ]

    def update(
        self,
        stack: Stack,
        resource: CustomModel,
        properties: dict[str, Any],
        *,
        before: dict[str, Any],
    ) -> None:
        """Have a resource changed; one that gets another id is a new one, and the old is deleted.

        Raises:
            ValidationError: its function says so, or does not answer.
        """
        earlier_id = resource.resource_name
        more = {"PhysicalResourceId": earlier_id, "OldResourceProperties": before}
        self._ask(stack, resource, "Update", properties, more)
        if resource.resource_name != earlier_id:
            self._ask(stack, resource, "Delete", before, {"PhysicalResourceId": earlier_id})

    def delete(self, stack: Stack, resource: CustomModel) -> None:
        """Have a resource deleted.

        Raises:
            ValidationError: its function says so, or does not answer.
        """
        more = {"PhysicalResourceId": resource.resource_name}
        self._ask(stack, resource, "Delete", resource.properties, more)

    def _create(self) -> Any:
        """Return CustomModel's way of being created, which does not wait for the answer.

        CloudFormation does wait, and so what reads the resource's attributes finds them.
        """
        custom_resources = self

        def create(
            cls: type[CustomModel],
            /,
            resource_name: str,
            cloudformation_json: dict[str, Any],
            account_id: str,
            region_name: str,
            **more: Any,
        ) -> CustomModel:
            resource = cls(region_name, str(uuid.uuid4()), more["LogicalId"], resource_name)
            resource.resource_type = more["ResourceType"]
            stack = cloudformation_backends[account_id][region_name].get_stack(more["StackId"])
            stack.add_custom_resource(resource)
            custom_resources._ask(stack, resource, "Create", cloudformation_json["Properties"], {})
            return resource

        return classmethod(create)

    def _ask(
        self,
        stack: Stack,
        resource: CustomModel,
        request_type: str,
        properties: dict[str, Any],
        more: dict[str, Any],
    ) -> None:
        answer_path = f"cloudformation_{stack.region_name}/cfnresponse?stack={stack.stack_id}"
        request = {
            "RequestType": request_type,
            "ServiceToken": properties["ServiceToken"],
            "ResponseURL": self._answer_url(answer_path),
            "StackId": stack.stack_id,
            "RequestId": str(uuid.uuid4()),
            "LogicalResourceId": resource.logical_id,
            "ResourceType": resource.resource_type,
            "ResourceProperties": properties,
            **more,
        }
        backend = get_lambda_backend(stack.account_id, stack.region_name)
        _call_until_answered(backend.get_function(properties["ServiceToken"]), request, resource)
        if request_type != "Delete":
            resource.properties = properties


def _call_until_answered(function: Any, request: dict[str, Any], resource: CustomModel) -> None:
    results: list[Any] = []

    def invoke() -> None:
        try:
            results.append(function.invoke(json.dumps(request), {}, {}))
        except LocalRuntimeError as error:
            failure = {"errorType": type(error).__name__, "errorMessage": str(error)}
            results.append(json.dumps(failure))

    # Of an earlier request.
    resource.answer = None
    call = threading.Thread(target=invoke, daemon=True)
    call.start()
    while call.is_alive() and not resource.answer:
        call.join(_ANSWER_LOOK_SECONDS)
    status, reason = resource.answer or ("FAILED", _why_silent(results))
    if status != "SUCCESS":
        raise ValidationError(resource.logical_id, message=reason)


def _why_silent(results: list[Any]) -> str:
    """Say what became of a call that brought no answer; CloudFormation would wait an hour."""
    payload = json.loads(results[0]) if results else None
    if isinstance(payload, dict) and "errorMessage" in payload:
        text = f"{payload.get('errorType')}: {payload['errorMessage']}"
        return f"its function failed without an answer: {text}"
    return "its function ended without an answer to event['ResponseURL']"


def _take_answer(self: CloudFormationResponse) -> tuple[int, dict[str, int], str]:
    """Take a function's answer; moto ignores one that says FAILED and would wait for ever."""
    stack_id = self._get_param("StackId")
    # The request is not signed, so moto takes it for one of its default region.
    region, account_id = stack_id.split(":")[3:5]
    stack = cloudformation_backends[account_id][region].get_stack(stack_id)
    resource = stack.get_custom_resource(self._get_param("LogicalResourceId"))
    if len(self.raw_body) > _ANSWER_MAXIMUM_BYTES:
        resource.answer = ("FAILED", "Response object is too long.")
        return 200, {"status": 200}, json.dumps("{}")
    resource.set_data(self._get_param("Data") or {})
    # A Ref gives it; moto's own property would give a name of its own.
    resource.resource_name = self._get_param("PhysicalResourceId") or resource.resource_name
    status, reason = self._get_param("Status"), self._get_param("Reason")
    text = f"Received response status [{status}] from custom resource. Message returned: {reason}"
    resource.answer = (status, text)
    return 200, {"status": 200}, json.dumps("{}")
