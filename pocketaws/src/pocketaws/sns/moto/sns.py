"""SNS: what is published is kept, in order."""

from typing import Any

from moto.sns.models import Topic

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

    return [Change(Topic, "publish", publish)]
