"""What Fn::GetAtt returns: what the registry's schema of a type says, where moto lacks it.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-getatt.html
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, Final

from moto.cloudformation import parsing
from moto.cloudformation.exceptions import UnformattedGetAttTemplateException, ValidationError
from moto.core.common_models import CloudFormationModel
from moto.ssm.models import ssm_backends
from moto.ssm.utils import parameter_arn

from pocketaws.change import Change
from pocketaws.cloudformation.resource_schemas import schema_of

_Attribute = Callable[[Any], Any]


def _physical_id(resource: Any) -> Any:
    return resource.physical_resource_id


def _parameter_arn(parameter: Any) -> str:
    # A parameter does not know its region; the backend that holds it does.
    for region, backend in ssm_backends[parameter.account_id].items():
        if parameter in backend._parameters.get(parameter.name, ()):
            return str(parameter_arn(parameter.account_id, region, parameter.name))
    raise ValidationError(message=f"there is no parameter {parameter.name}")


_ATTRIBUTES: Final[Mapping[str, Mapping[str, _Attribute]]] = {
    "AWS::Events::Rule": {"RuleName": lambda rule: rule.name},
    "AWS::IAM::AccessKey": {"Id": lambda key: key.access_key_id},
    "AWS::IAM::ManagedPolicy": {
        "AttachmentCount": lambda policy: str(policy.attachment_count),
        "CreateDate": lambda policy: policy.created_iso_8601,
        "DefaultVersionId": lambda policy: policy.default_version_id,
        "IsAttachable": lambda policy: str(policy.is_attachable).lower(),
        "PermissionsBoundaryUsageCount": lambda _: "0",
        "PolicyArn": lambda policy: policy.arn,
        "PolicyId": lambda policy: policy.id,
        "UpdateDate": lambda policy: policy.updated_iso_8601,
    },
    "AWS::IAM::Policy": {"Id": _physical_id},
    "AWS::KMS::Key": {"KeyId": lambda key: key.id},
    "AWS::Lambda::EventSourceMapping": {
        "EventSourceMappingArn": lambda mapping: mapping.arn,
        "Id": lambda mapping: mapping.uuid,
    },
    "AWS::Lambda::LayerVersion": {"LayerVersionArn": lambda layer: layer.arn},
    "AWS::Lambda::Permission": {"Id": _physical_id},
    "AWS::Lambda::Version": {
        "FunctionArn": _physical_id,
        "Version": lambda version: str(version.version),
    },
    "AWS::SNS::Topic": {"TopicArn": lambda topic: topic.arn},
    "AWS::SQS::Queue": {"QueueUrl": _physical_id},
    "AWS::SSM::Parameter": {
        "Arn": _parameter_arn,
        "Type": lambda parameter: parameter.parameter_type,
        "Value": lambda parameter: parameter.value,
    },
    "AWS::SageMaker::Endpoint": {"EndpointArn": _physical_id},
    "AWS::SageMaker::EndpointConfig": {"EndpointConfigArn": _physical_id},
    "AWS::SageMaker::Model": {"ModelArn": _physical_id},
    "AWS::SageMaker::NotebookInstance": {"NotebookInstanceArn": _physical_id},
    "AWS::SageMaker::NotebookInstanceLifecycleConfig": {
        "NotebookInstanceLifecycleConfigArn": _physical_id
    },
    "AWS::StepFunctions::StateMachine": {
        "Arn": lambda machine: machine.arn,
        "StateMachineRevisionId": lambda machine: (
            getattr(machine, "revision_id", None) or "INITIAL"
        ),
    },
}


def changes() -> list[Change]:
    """Return what to change in moto's CloudFormation."""
    types = parsing.get_model_map()
    return [
        Change(cls, "has_cfn_attr", _has(resource_type, cls))
        for resource_type, cls in types.items()
        if schema_of(resource_type) is not None
    ]


def attribute(logical_id: str, resource: Any, name: str) -> Any:
    """Return what Fn::GetAtt gives for an attribute of a resource.

    Raises:
        ValidationError: the type has no such attribute.
    """
    resource_type = getattr(resource, "cf_resource_type", "")
    known = _ATTRIBUTES.get(resource_type, {}).get(name)
    if known is not None:
        return known(resource)
    if hasattr(resource, "get_cfn_attribute"):
        with suppress(NotImplementedError, UnformattedGetAttTemplateException):
            return resource.get_cfn_attribute(name)
    raise ValidationError(
        message=f"Template error: resource {logical_id} does not support attribute type {name} in "
        "Fn::GetAtt"
    )


def arn_of(resource: Any) -> str:
    """Return a resource's ARN; "" where its type has none that is known here."""
    physical_id = str(resource.physical_resource_id)
    if physical_id.startswith("arn:"):
        return physical_id
    try:
        return str(attribute("", resource, "Arn"))
    except ValidationError:
        return ""


def _has(resource_type: str, cls: type[CloudFormationModel]) -> Any:
    original = cls.has_cfn_attr
    schema = schema_of(resource_type)
    returned = {*(schema.read_only if schema else ()), *_ATTRIBUTES.get(resource_type, ())}

    def has_cfn_attr(_: type[CloudFormationModel], /, attr: str) -> bool:
        return attr in returned or bool(original(attr))

    return classmethod(has_cfn_attr)


def got(asked: Any, resources: Mapping[str, Any]) -> Any:
    """Return what an Fn::GetAtt gives.

    Args:
        asked: a logical id and a path, in a list or with dots between.
        resources: a stack's, by logical id.

    Raises:
        ValidationError: there is no such resource, or its type has no such attribute.
    """
    logical_id, *path = asked.split(".") if isinstance(asked, str) else asked
    resource = resources.get(logical_id)
    if resource is None:
        raise ValidationError(
            message="Template error: instance of Fn::GetAtt references undefined resource "
            f"{logical_id}"
        )
    return attribute(logical_id, resource, ".".join(map(str, path)))
