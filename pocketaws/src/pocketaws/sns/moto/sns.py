"""SNS: what is published is kept, in order; a topic that is there is created again only as it is.

https://docs.aws.amazon.com/sns/latest/api/API_CreateTopic.html
"""

from collections.abc import Callable
from typing import Any

from moto.core.utils import camelcase_to_underscores
from moto.sns.exceptions import InvalidParameterValue
from moto.sns.models import SNSBackend, Topic

from pocketaws.change import Change
from pocketaws.sns.messages import Message


def changes(outbox: list[Message]) -> list[Change]:
    """Return what to change in moto's SNS: every message goes to the outbox, too."""
    original = Topic.publish

    def publish(
        self: Topic, message: str, subject: str | None = None, *more: Any, **named: Any
    ) -> Any:
        outbox.append(Message(self.arn, subject or "", message))
        return original(self, message, subject, *more, **named)

    return [
        Change(Topic, "publish", publish),
        Change(SNSBackend, "create_topic", _create_topic()),
    ]


def _create_topic() -> Callable[..., Topic]:
    original = SNSBackend.create_topic

    def create_topic(
        self: SNSBackend,
        name: str,
        attributes: dict[str, str] | None = None,
        tags: dict[str, str] | None = None,
    ) -> Topic:
        before = set(self.topics)
        topic: Topic = original(self, name, attributes, tags)
        if topic.arn in before:
            _check_same(topic, attributes or {}, tags or {})
        return topic

    return create_topic


def _check_same(topic: Topic, attributes: dict[str, str], tags: dict[str, str]) -> None:
    for name, value in attributes.items():
        known = getattr(topic, camelcase_to_underscores(name), None)
        if str(known or "") != str(value or ""):
            raise InvalidParameterValue(
                "Invalid parameter: Attributes Reason: Topic already exists with different "
                f"attributes, such as {name}"
            )
    if any(topic._tags.get(key) != value for key, value in tags.items()):
        raise InvalidParameterValue(
            "Invalid parameter: Tags Reason: Topic already exists with different tags"
        )
