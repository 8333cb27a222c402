"""Tags: each service's own way to give them to a resource and to take them away."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from pocketaws.cloudformation.updates.changed import Changed, MakeClient, text


@dataclass(frozen=True)
class _Tagging:
    """Two calls.

    Attributes:
        service: botocore's name.
        calls: that tags and that untags.
        resource: the member that names the resource.
        tags: the member with the tags of the first call.
        keys: the member with the keys of the second.
        pair: the names of a tag's key and value; empty where the tags are an object.
        is_arn: whether the resource is named by its ARN, not by its physical id.
        more: further members of both.
    """

    service: str
    calls: tuple[str, str]
    resource: str
    tags: str = "Tags"
    keys: str = "TagKeys"
    pair: tuple[str, str] | None = ("Key", "Value")
    is_arn: bool = True
    more: Mapping[str, str] | None = None


_TAG: Final = ("tag_resource", "untag_resource")
_SAGEMAKER: Final = _Tagging("sagemaker", ("add_tags", "delete_tags"), "ResourceArn")
_TAGGINGS: Final[Mapping[str, _Tagging]] = {
    "AWS::CloudWatch::Alarm": _Tagging("cloudwatch", _TAG, "ResourceARN"),
    "AWS::DynamoDB::Table": _Tagging("dynamodb", _TAG, "ResourceArn"),
    "AWS::Events::Rule": _Tagging("events", _TAG, "ResourceARN"),
    "AWS::IAM::Role": _Tagging("iam", ("tag_role", "untag_role"), "RoleName", is_arn=False),
    "AWS::KMS::Key": _Tagging("kms", _TAG, "KeyId", pair=("TagKey", "TagValue"), is_arn=False),
    "AWS::Lambda::Function": _Tagging("lambda", _TAG, "Resource", pair=None),
    "AWS::Logs::LogGroup": _Tagging(
        "logs",
        ("tag_log_group", "untag_log_group"),
        "logGroupName",
        tags="tags",
        keys="tags",
        pair=None,
        is_arn=False,
    ),
    "AWS::SNS::Topic": _Tagging("sns", _TAG, "ResourceArn", is_arn=False),
    "AWS::SQS::Queue": _Tagging(
        "sqs", ("tag_queue", "untag_queue"), "QueueUrl", pair=None, is_arn=False
    ),
    "AWS::SSM::Parameter": _Tagging(
        "ssm",
        ("add_tags_to_resource", "remove_tags_from_resource"),
        "ResourceId",
        is_arn=False,
        more={"ResourceType": "Parameter"},
    ),
    "AWS::SageMaker::Endpoint": _SAGEMAKER,
    "AWS::SageMaker::EndpointConfig": _SAGEMAKER,
    "AWS::SageMaker::Model": _SAGEMAKER,
    "AWS::SageMaker::ModelPackageGroup": _SAGEMAKER,
    "AWS::StepFunctions::StateMachine": _Tagging(
        "stepfunctions",
        _TAG,
        "resourceArn",
        tags="tags",
        keys="tagKeys",
        pair=("key", "value"),
    ),
}


def changes_tags(resource_type: str) -> bool:
    """Tell whether tags of a type are known here."""
    return resource_type in _TAGGINGS


def update_tags(clients: MakeClient, changed: Changed) -> None:
    """Give a resource the tags that it shall have, and take away those that it had."""
    tagging = _TAGGINGS.get(changed.resource_type)
    if tagging is None or not changed.differs("Tags"):
        return
    client = clients(tagging.service)
    before, after = _tags(changed.before), _tags(changed.after)
    named = {tagging.resource: changed.arn if tagging.is_arn else changed.physical_id}
    named |= tagging.more or {}
    tag, untag = (getattr(client, name) for name in tagging.calls)
    gone = sorted(before.keys() - after.keys())
    if gone:
        untag(**named, **{tagging.keys: gone})
    if after:
        tag(**named, **{tagging.tags: _form(after, tagging.pair)})


def _tags(properties: Mapping[str, Any]) -> dict[str, str]:
    given = properties.get("Tags") or {}
    pairs = given if isinstance(given, dict) else {item["Key"]: item["Value"] for item in given}
    return {str(key): text(value) for key, value in pairs.items()}


def _form(tags: Mapping[str, str], pair: tuple[str, str] | None) -> Any:
    if pair is None:
        return dict(tags)
    key, value = pair
    return [{key: name, value: given} for name, given in tags.items()]
