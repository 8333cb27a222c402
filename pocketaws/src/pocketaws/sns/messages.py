"""What was published to SNS topics: shown to the user, since nobody's mailbox is here."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Message:
    """One message as its subscribers would get it."""

    topic_arn: str
    subject: str
    text: str
