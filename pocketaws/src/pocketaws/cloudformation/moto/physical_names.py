"""CloudFormation: resources have the names that templates give, or names that services take."""

from collections.abc import Callable
from typing import Any, Final

from moto.cloudformation import parsing
from moto.ssm.models import Parameter

from pocketaws.change import Change

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
# A name that CloudFormation makes is cut to what the service takes, and keeps its last part, which
# makes it unique. In characters, by botocore's models; those of functions and queues by the pages
# https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html
# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html
_LONGEST: Final = {
    "AWS::CloudWatch::Alarm": 255,
    "AWS::Events::EventBus": 256,
    "AWS::Events::Rule": 64,
    "AWS::IAM::InstanceProfile": 128,
    "AWS::IAM::ManagedPolicy": 128,
    "AWS::IAM::Role": 64,
    "AWS::IAM::User": 64,
    "AWS::Lambda::Function": 64,
    "AWS::SQS::Queue": 80,
    "AWS::SageMaker::Endpoint": 63,
    "AWS::SageMaker::EndpointConfig": 63,
    "AWS::SageMaker::Model": 63,
    "AWS::SageMaker::ModelPackageGroup": 63,
    "AWS::Scheduler::Schedule": 64,
    "AWS::Scheduler::ScheduleGroup": 64,
    "AWS::StepFunctions::StateMachine": 80,
}


def changes() -> list[Change]:
    """Return what to change in moto's CloudFormation."""
    return [
        Change(parsing, "generate_resource_name", _generated()),
        Change(parsing, "resource_name_property_from_type", _name_property()),
        Change(Parameter, "create_from_cloudformation_json", _named_parameter()),
    ]


def _generated() -> Callable[[str, str, str], str]:
    original = parsing.generate_resource_name

    def generate(resource_type: str, stack_name: str, logical_id: str) -> str:
        name: str = original(resource_type, stack_name, logical_id)
        longest = _LONGEST.get(resource_type, len(name))
        if len(name) <= longest:
            return name
        suffix = name.rpartition("-")[2]
        room = longest - len(f"--{suffix}")
        # Of both halves, the shorter one stays whole.
        stack = stack_name[: max(room // 2, room - len(logical_id))].rstrip("-")
        return f"{stack}-{logical_id[: room - len(stack)]}-{suffix}"

    return generate


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
