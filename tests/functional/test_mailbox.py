"""What a run beside another process's runtime hears of a topic, and what is left of that."""

import subprocess
import sys

from pocketaws.runtime import LocalRuntime
from tests.pages import read_all
from workflow.laptop.mailbox import Mailbox


def test_a_mailbox_gets_what_is_published_meanwhile_and_leaves_nothing(
    runtime: LocalRuntime,
) -> None:
    sns, sqs = runtime.client("sns"), runtime.client("sqs")
    topic_arn = sns.create_topic(Name="mailbox")["TopicArn"]
    sns.publish(TopicArn=topic_arn, Subject="before", Message="nobody hears it")
    ended = subprocess.Popen([sys.executable, "-c", "pass"])
    ended.wait()
    left = sqs.create_queue(QueueName=f"workflow-run-{ended.pid}-0")["QueueUrl"]
    queue_arn = topic_arn.replace(":sns:", ":sqs:").replace(
        "mailbox", f"workflow-run-{ended.pid}-0"
    )
    sns.subscribe(TopicArn=topic_arn, Protocol="sqs", Endpoint=queue_arn)

    mailbox = Mailbox(topic_arn, runtime.client).open()
    queues = read_all(sqs, "list_queues", QueueNamePrefix="workflow-run-")["QueueUrls"]
    for number in range(11):
        sns.publish(TopicArn=topic_arn, Subject=f"subject {number}", Message="a line\nand another")

    assert left not in queues
    assert len(queues) == 1
    heard = mailbox.messages()
    assert [message.subject for message in heard] == [f"subject {n}" for n in range(11)]
    assert {message.text for message in heard} == {"a line\nand another"}
    assert mailbox.messages() == heard
    mailbox.close()
    assert "QueueUrls" not in read_all(sqs, "list_queues", QueueNamePrefix="workflow-run-")
    assert read_all(sns, "list_subscriptions_by_topic", TopicArn=topic_arn)["Subscriptions"] == []
    sns.delete_topic(TopicArn=topic_arn)
