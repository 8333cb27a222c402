"""Lambda and CloudFormation: handlers run in processes, custom resources are waited for."""

import json
import threading
import uuid
from collections.abc import Callable
from typing import Any, Final

from moto.awslambda.models import LambdaFunction, LambdaVersion
from moto.awslambda.utils import get_backend as get_lambda_backend
from moto.cloudformation import cloudformation_backends
from moto.cloudformation.custom_model import CustomModel
from moto.cloudformation.exceptions import ValidationError
from moto.cloudformation.responses import CloudFormationResponse

from workflow.errors import LocalRuntimeError
from workflow.local.functions import Function, Functions
from workflow.local.seam.change import Change

_ANSWER_LOOK_SECONDS: Final = 0.01
_NO_PAYLOAD: Final = "{}"


def changes(functions: Functions, endpoint_url: str) -> list[Change]:
    """Return what to change in moto's Lambda and CloudFormation."""
    custom = _answered_custom_resource(endpoint_url)
    return [
        Change(LambdaFunction, "_invoke_lambda", _invoke_lambda(functions)),
        Change(LambdaVersion, "create_from_cloudformation_json", _named_version()),
        Change(CustomModel, "create_from_cloudformation_json", custom),
        Change(CloudFormationResponse, "process_cfn_response", _take_answer),
    ]


def _invoke_lambda(functions: Functions) -> Callable[..., tuple[str, bool, str]]:
    def invoke(self: LambdaFunction, event: Any = None) -> tuple[str, bool, str]:
        invocation = functions.invoke(
            Function(
                name=self.function_name,
                arn=self.function_arn,
                version=str(self.version),
                handler=self.handler,
                runtime=self.run_time,
                timeout_seconds=int(self.timeout),
                memory_mb=int(self.memory_size),
                region=self.region,
                code=self.code_bytes,
                code_sha256=self.code_digest,
                environment=self.environment_vars,
            ),
            # moto hands over a call without a payload as text, all others parsed.
            _NO_PAYLOAD if event in (None, _NO_PAYLOAD) else json.dumps(event),
        )
        self.logs_backend.ensure_log_group(self.logs_group_name)
        self.save_logs(invocation.log)
        return invocation.payload, invocation.failed, invocation.log

    return invoke


def _answered_custom_resource(endpoint_url: str) -> Any:
    """Return CustomModel's way of being created, which does not wait for the function's answer.

    CloudFormation does wait, and so what reads the resource's attributes finds them.
    """

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
        stack = cloudformation_backends[account_id][region_name].get_stack(more["StackId"])
        stack.add_custom_resource(resource)
        properties = cloudformation_json["Properties"]
        answer_path = f"cloudformation_{region_name}/cfnresponse?stack={stack.stack_id}"
        request = {
            "RequestType": "Create",
            "ServiceToken": properties["ServiceToken"],
            "ResponseURL": f"{endpoint_url}/{answer_path}",
            "StackId": stack.stack_id,
            "RequestId": resource.request_id,
            "LogicalResourceId": resource.logical_id,
            "ResourceType": more["ResourceType"],
            "ResourceProperties": properties,
        }
        function = get_lambda_backend(account_id, region_name).get_function(
            properties["ServiceToken"]
        )
        _call_until_answered(function, request, resource)
        return resource

    return classmethod(create)


def _call_until_answered(function: Any, request: dict[str, Any], resource: CustomModel) -> None:
    results: list[Any] = []

    def invoke() -> None:
        try:
            results.append(function.invoke(json.dumps(request), {}, {}))
        except LocalRuntimeError as error:
            failure = {"errorType": type(error).__name__, "errorMessage": str(error)}
            results.append(json.dumps(failure))

    call = threading.Thread(target=invoke, daemon=True)
    call.start()
    while call.is_alive() and not _answer(resource):
        call.join(_ANSWER_LOOK_SECONDS)
    status, reason = _answer(resource) or ("FAILED", _why_silent(results))
    if status != "SUCCESS":
        raise ValidationError(
            resource.logical_id, message=f"Custom resource {resource.logical_id}: {reason}"
        )


def _why_silent(results: list[Any]) -> str:
    """Say what became of a call that brought no answer; CloudFormation would wait an hour."""
    payload = json.loads(results[0]) if results else None
    if isinstance(payload, dict) and "errorMessage" in payload:
        told = f"{payload.get('errorType')}: {payload['errorMessage']}"
        return f"its function failed without an answer: {told}"
    return "its function ended without an answer to event['ResponseURL']"


def _answer(resource: CustomModel) -> tuple[str, str] | None:
    answer: tuple[str, str] | None = getattr(resource, "answer", None)
    return answer


def _take_answer(self: CloudFormationResponse) -> tuple[int, dict[str, int], str]:
    """Take a function's answer; moto ignores one that says FAILED and would wait for ever."""
    stack_id = self._get_param("StackId")
    # The request is not signed, so moto takes it for one of its default region.
    region, account_id = stack_id.split(":")[3:5]
    stack = cloudformation_backends[account_id][region].get_stack(stack_id)
    resource = stack.get_custom_resource(self._get_param("LogicalResourceId"))
    resource.set_data(self._get_param("Data") or {})
    # A Ref gives it; moto's own property would give a name of its own.
    resource.resource_name = self._get_param("PhysicalResourceId") or resource.resource_name
    resource.answer = (self._get_param("Status"), self._get_param("Reason"))
    return 200, {"status": 200}, json.dumps("{}")


def _named_version() -> Any:
    original = LambdaVersion.create_from_cloudformation_json.__func__

    def create(
        cls: type[LambdaVersion],
        /,
        resource_name: str,
        cloudformation_json: dict[str, Any],
        account_id: str,
        region_name: str,
        **more: Any,
    ) -> LambdaVersion:
        arguments = (resource_name, cloudformation_json, account_id, region_name)
        version = original(cls, *arguments, **more)
        # moto gives it no physical id, so that a Ref of it cannot be resolved.
        function_name = cloudformation_json["Properties"]["FunctionName"]
        function = get_lambda_backend(account_id, region_name).get_function(function_name)
        version.physical_resource_id = f"{function.function_arn}:{version.version}"
        return version

    return classmethod(create)
