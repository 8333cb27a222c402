"""Topics and queues."""

from typing import Any, Final

from pocketaws.cloudformation.updates.changed import Changed, MakeClient, text

_TOPIC_ATTRIBUTES: Final = {
    "ArchivePolicy": "{}",
    "ContentBasedDeduplication": "false",
    "DisplayName": "",
    "FifoThroughputScope": "Topic",
    "KmsMasterKeyId": "",
    "SignatureVersion": "1",
    "TracingConfig": "PassThrough",
}
# With what a property is that is left out.
_QUEUE_ATTRIBUTES: Final = {
    "ContentBasedDeduplication": "false",
    "DeduplicationScope": "queue",
    "DelaySeconds": "0",
    "FifoThroughputLimit": "perQueue",
    "KmsDataKeyReusePeriodSeconds": "300",
    "KmsMasterKeyId": "",
    "MaximumMessageSize": "1048576",
    "MessageRetentionPeriod": "345600",
    "ReceiveMessageWaitTimeSeconds": "0",
    "RedriveAllowPolicy": "",
    "RedrivePolicy": "",
    "SqsManagedSseEnabled": "true",
    "VisibilityTimeout": "30",
}


def update_topic(clients: MakeClient, changed: Changed) -> None:
    """Change a topic's attributes and the subscriptions that stand in it."""
    sns = clients("sns")
    for name, default in _TOPIC_ATTRIBUTES.items():
        if changed.differs(name):
            sns.set_topic_attributes(
                TopicArn=changed.physical_id,
                AttributeName=name,
                AttributeValue=text(changed.after.get(name, default)),
            )
    before, after = _subscriptions(changed.before), _subscriptions(changed.after)
    pages = sns.get_paginator("list_subscriptions_by_topic").paginate(TopicArn=changed.physical_id)
    for found in [item for page in pages for item in page["Subscriptions"]]:
        if (found["Protocol"], found["Endpoint"]) in before - after:
            sns.unsubscribe(SubscriptionArn=found["SubscriptionArn"])
    for protocol, endpoint in sorted(after - before):
        sns.subscribe(TopicArn=changed.physical_id, Protocol=protocol, Endpoint=endpoint)


def update_queue(clients: MakeClient, changed: Changed) -> None:
    """Change a queue's attributes."""
    attributes = {
        name: text(changed.after.get(name, default))
        for name, default in _QUEUE_ATTRIBUTES.items()
        if changed.differs(name)
    }
    if attributes:
        clients("sqs").set_queue_attributes(QueueUrl=changed.physical_id, Attributes=attributes)


def _subscriptions(properties: Any) -> set[tuple[str, str]]:
    return {(item["Protocol"], item["Endpoint"]) for item in properties.get("Subscription") or []}
