"""CloudFormation: resources have the names that templates give, and services may refuse them."""

from typing import Any, Final

from moto.cloudformation import parsing
from moto.cloudformation.parsing import ResourceMap
from moto.ssm.models import Parameter

from pocketaws.change import Change
from pocketaws.cloudformation.moto.resource_errors import resource_errors
from pocketaws.cloudformation.resource_requests import resource_refusal
from pocketaws.errors import ServiceError

# Where moto gives a name of its own.
_NAMES: Final = {
    "AWS::CloudWatch::Dashboard": "DashboardName",
    "AWS::IAM::ManagedPolicy": "ManagedPolicyName",
    "AWS::Lambda::LayerVersion": "LayerName",
    "AWS::SageMaker::Endpoint": "EndpointName",
    "AWS::SageMaker::EndpointConfig": "EndpointConfigName",
    "AWS::SageMaker::Model": "ModelName",
    "AWS::StepFunctions::StateMachine": "StateMachineName",
}


def changes() -> list[Change]:
    """Return what to change in moto's CloudFormation."""
    return [
        Change(parsing, "parse_resource_and_generate_name", _checked()),
        Change(parsing, "resource_name_property_from_type", _name_property()),
        Change(Parameter, "create_from_cloudformation_json", _named_parameter()),
    ]


def _name_property() -> Any:
    original = parsing.resource_name_property_from_type

    def name_property(resource_type: str) -> str | None:
        return _NAMES.get(resource_type) or original(resource_type)

    return name_property


def _named_parameter() -> Any:
    original = Parameter.create_from_cloudformation_json.__func__

    def create(
        cls: type[Parameter],
        /,
        resource_name: str,
        cloudformation_json: dict[str, Any],
        *more: Any,
        **named: Any,
    ) -> Parameter:
        # moto does not know one that CloudFormation has to name.
        properties = {"Name": resource_name, **cloudformation_json["Properties"]}
        whole = {**cloudformation_json, "Properties": properties}
        return original(cls, resource_name, whole, *more, **named)

    return classmethod(create)


def _checked() -> Any:
    original = parsing.parse_resource_and_generate_name

    def parse(logical_id: str, resource_json: dict[str, Any], resources: ResourceMap) -> Any:
        parsed = original(logical_id, resource_json, resources)
        if parsed:
            check_limits(resource_json["Type"], parsed[1].get("Properties") or {})
        return parsed

    return parse


def check_limits(resource_type: str, properties: dict[str, Any]) -> None:
    """Refuse a resource that a service would refuse to create or to change.

    Raises:
        ValidationError: with the service's code and words.
    """
    with resource_errors(resource_type):
        refusal = resource_refusal(resource_type, properties)
        if refusal is not None:
            raise ServiceError(refusal.code, refusal.message)
