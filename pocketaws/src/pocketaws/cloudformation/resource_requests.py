"""A resource of a stack as the calls that create it, to be refused as AWS refuses these.

CloudFormation's handlers call the services, so what a call forbids fails the resource. Properties
have the names of the call's members but for those that are listed here; what is left out is of
another form there (tags, code), or is made of other calls.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from pocketaws.calls.typed import as_asked
from pocketaws.gate.limits.iam import role_problems
from pocketaws.gate.refusals import refusal_of_request
from pocketaws.service_models import operation_model
from pocketaws.wire.refusals import Refusal


@dataclass(frozen=True)
class _Creation:
    """A call that creates a resource, or a part of it.

    Attributes:
        service: botocore's name.
        members: the call's member of each property that is called otherwise there.
        documents: properties that are objects here and JSON there.
        without: properties that the call has in another form.
    """

    service: str
    operation: str
    members: Mapping[str, str] = field(default_factory=dict)
    documents: Sequence[str] = ()
    without: Sequence[str] = ("Tags",)

    def refusal(self, properties: Mapping[str, Any]) -> Refusal | None:
        """Return why the service would refuse the call."""
        model = operation_model(self.service, self.operation)
        assert model is not None, "the table names calls"  # noqa: S101
        given = {
            self.members.get(name, name): self._value(name, value)
            for name, value in properties.items()
            if name not in self.without and value is not None
        }
        known = {name: value for name, value in given.items() if name in model.input_shape.members}
        request = as_asked(known, model.input_shape)
        return refusal_of_request(self.service, self.operation, request, partial=True)

    def _value(self, name: str, value: Any) -> Any:
        if name not in self.documents or isinstance(value, str):
            return value
        return json.dumps(value, separators=(",", ":"), default=str)


_ROLE_POLICY: Final = _Creation("iam", "PutRolePolicy", documents=("PolicyDocument",))
_CREATIONS: Final[Mapping[str, Sequence[_Creation]]] = {
    "AWS::DynamoDB::Table": [
        _Creation(
            "dynamodb",
            "CreateTable",
            without=("Tags", "SSESpecification", "GlobalSecondaryIndexes", "ResourcePolicy"),
        )
    ],
    "AWS::Events::Rule": [
        _Creation("events", "PutRule", documents=("EventPattern",)),
        _Creation("events", "PutTargets"),
    ],
    "AWS::IAM::Group": [_Creation("iam", "CreateGroup")],
    "AWS::IAM::ManagedPolicy": [
        _Creation(
            "iam",
            "CreatePolicy",
            members={"ManagedPolicyName": "PolicyName"},
            documents=("PolicyDocument",),
        )
    ],
    "AWS::IAM::Policy": [_ROLE_POLICY],
    "AWS::IAM::Role": [
        _Creation("iam", "CreateRole", documents=("AssumeRolePolicyDocument",), without=())
    ],
    "AWS::IAM::RolePolicy": [_ROLE_POLICY],
    "AWS::Lambda::Alias": [_Creation("lambda", "CreateAlias", without=("RoutingConfig",))],
    "AWS::Lambda::Function": [
        _Creation("lambda", "CreateFunction", without=("Tags", "Code", "FileSystemConfigs"))
    ],
    "AWS::Lambda::Permission": [_Creation("lambda", "AddPermission")],
    "AWS::Logs::LogGroup": [
        _Creation("logs", "CreateLogGroup", members={"LogGroupName": "logGroupName"}),
        _Creation("logs", "PutRetentionPolicy", members={"RetentionInDays": "retentionInDays"}),
    ],
    "AWS::SNS::Topic": [_Creation("sns", "CreateTopic", members={"TopicName": "Name"})],
    "AWS::SSM::Parameter": [_Creation("ssm", "PutParameter")],
    "AWS::SageMaker::Model": [_Creation("sagemaker", "CreateModel", without=())],
    "AWS::SageMaker::ModelPackageGroup": [
        _Creation("sagemaker", "CreateModelPackageGroup", without=())
    ],
    "AWS::Scheduler::Schedule": [_Creation("scheduler", "CreateSchedule")],
    "AWS::Scheduler::ScheduleGroup": [_Creation("scheduler", "CreateScheduleGroup", without=())],
    "AWS::StepFunctions::StateMachine": [
        _Creation(
            "stepfunctions",
            "CreateStateMachine",
            members={"StateMachineName": "name", "StateMachineType": "type", "RoleArn": "roleArn"},
        )
    ],
}


def resource_refusal(resource_type: str, properties: Mapping[str, Any]) -> Refusal | None:
    """Return why a service would refuse to create a resource; None if it would not.

    Args:
        resource_type: such as "AWS::SSM::Parameter"; most are not checked here.
        properties: with everything that they refer to filled in.
    """
    for creation in _CREATIONS.get(resource_type, ()):
        refusal = creation.refusal(properties)
        if refusal is not None:
            return refusal
    if resource_type == "AWS::IAM::Role":
        return next(_role_refusals(properties), None)
    return None


def _role_refusals(properties: Mapping[str, Any]) -> Iterator[Refusal]:
    policies = [policy for policy in properties.get("Policies") or [] if policy]
    for policy in policies:
        refusal = _ROLE_POLICY.refusal(policy)
        if refusal is not None:
            yield refusal
    documents = [
        json.dumps(policy.get("PolicyDocument", {}), separators=(",", ":"), default=str)
        for policy in policies
    ]
    for problem in role_problems(documents, properties.get("ManagedPolicyArns") or []):
        yield Refusal(*problem)
