"""What a topic of another process's runtime publishes meanwhile, by a queue of one's own."""

import contextlib
import json
import os
import uuid
from typing import Any, Final, Self

from pocketaws import Message

_PREFIX: Final = "workflow-run-"
_AT_ONCE: Final = 10
_ATTRIBUTE: Final = "QueueArn"


class Mailbox:
    """A queue that is subscribed to a topic; both are gone at the end.

    Args:
        topic_arn: of the topic.
        clients: called with a service's name, returns a client.
    """

    def __init__(self, topic_arn: str, clients: Any) -> None:
        self._topic_arn = topic_arn
        self._sqs, self._sns = clients("sqs"), clients("sns")
        self._messages: list[Message] = []

    def open(self) -> Self:
        """Subscribe; what processes that were killed have left is removed."""
        self._remove_left()
        name = f"{_PREFIX}{os.getpid()}-{uuid.uuid4().hex}"
        self._url = self._sqs.create_queue(QueueName=name)["QueueUrl"]
        self._subscription_arn = self._sns.subscribe(
            TopicArn=self._topic_arn,
            Protocol="sqs",
            Endpoint=self._arn_of(self._url),
            ReturnSubscriptionArn=True,
        )["SubscriptionArn"]
        return self

    def messages(self) -> list[Message]:
        """Return every message since the beginning, oldest first."""
        while received := self._receive():
            self._messages += received
        return self._messages

    def close(self) -> None:
        """Unsubscribe and remove the queue."""
        self._sns.unsubscribe(SubscriptionArn=self._subscription_arn)
        self._sqs.delete_queue(QueueUrl=self._url)

    def _receive(self) -> list[Message]:
        answer = self._sqs.receive_message(QueueUrl=self._url, MaxNumberOfMessages=_AT_ONCE)
        received = []
        for item in answer.get("Messages", []):
            told = json.loads(item["Body"])
            received.append(Message(told["TopicArn"], told.get("Subject", ""), told["Message"]))
            self._sqs.delete_message(QueueUrl=self._url, ReceiptHandle=item["ReceiptHandle"])
        return received

    def _arn_of(self, url: str) -> str:
        answer = self._sqs.get_queue_attributes(QueueUrl=url, AttributeNames=[_ATTRIBUTE])
        return str(answer["Attributes"][_ATTRIBUTE])

    def _remove_left(self) -> None:
        pages = self._sqs.get_paginator("list_queues").paginate(QueueNamePrefix=_PREFIX)
        for url in [url for page in pages for url in page.get("QueueUrls", [])]:
            process_id = url.rpartition("/")[2].removeprefix(_PREFIX).partition("-")[0]
            if not _runs(int(process_id)):
                self._remove(url)

    def _remove(self, url: str) -> None:
        arn = self._arn_of(url)
        pages = self._sns.get_paginator("list_subscriptions_by_topic").paginate(
            TopicArn=self._topic_arn
        )
        for item in [item for page in pages for item in page["Subscriptions"]]:
            if item["Endpoint"] == arn:
                self._sns.unsubscribe(SubscriptionArn=item["SubscriptionArn"])
        self._sqs.delete_queue(QueueUrl=url)


def _runs(process_id: int) -> bool:
    with contextlib.suppress(PermissionError):
        try:
            os.kill(process_id, 0)
        except ProcessLookupError:
            return False
    return True
