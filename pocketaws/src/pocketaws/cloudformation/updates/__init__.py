"""How resources are changed in place: by the calls with which CloudFormation's handlers do it.

moto's classes replace what needs no replacement, or leave it as it was. Types that are not here
are changed by their classes. What has no effect in the emulator is accepted, as it is when a
resource is created.
"""

from collections.abc import Callable, Mapping
from typing import Final

from pocketaws.cloudformation.updates import buckets, keys, messages, policies, storage
from pocketaws.cloudformation.updates.changed import Changed, MakeClient
from pocketaws.cloudformation.updates.tags import changes_tags, update_tags

_Update = Callable[[MakeClient, Changed], None]

_UPDATES: Final[Mapping[str, _Update]] = {
    "AWS::CloudWatch::Dashboard": storage.update_dashboard,
    "AWS::DynamoDB::Table": storage.update_table,
    "AWS::IAM::ManagedPolicy": policies.update_managed_policy,
    "AWS::KMS::Key": keys.update_key,
    "AWS::Logs::LogGroup": storage.update_log_group,
    "AWS::S3::Bucket": buckets.update_bucket,
    "AWS::SNS::Topic": messages.update_topic,
    "AWS::SQS::Queue": messages.update_queue,
    "AWS::SSM::Parameter": storage.update_parameter,
}


def is_updated_here(changed: Changed) -> bool:
    """Tell whether a change is made here, and not by the resource's class."""
    if changed.resource_type in _UPDATES:
        return True
    return changes_tags(changed.resource_type) and not _differs_in_more_than_tags(changed)


def update(clients: MakeClient, changed: Changed) -> None:
    """Make a change that `is_updated_here`.

    Raises:
        ClientError: what the service says to it.
    """
    if changed.resource_type in _UPDATES:
        _UPDATES[changed.resource_type](clients, changed)
    update_tags(clients, changed)


def _differs_in_more_than_tags(changed: Changed) -> bool:
    names = changed.before.keys() | changed.after.keys()
    return changed.differs(*(names - {"Tags"}))
