"""Tell the topic's subscribers how an execution ended, and its last state what to show."""

import os
from typing import Any

import boto3
from compose import compose

SNS = boto3.client("sns")


def lambda_handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Publish one message to the topic that TOPIC_ARN names.

    REPORTS_URI is the S3 prefix of the executions' reports.

    Args:
        event: `Kind` (released, rejected, refused or failed), `ExecutionArn` and `State` (the
            execution's state as it is; `compose` says which of its keys are read).
        context: not used.

    Returns:
        `message_id`, and `error` and `cause` as the Fail state shows them (null where a model was
        released): what failed and the reason that its job or function gave, or ModelRejected and
        the reason with its numbers.

    Raises:
        ValueError: the event or its state lacks what the message has to say.
        botocore.exceptions.ClientError: SNS refused.
    """
    return send(
        event,
        topic_arn=os.environ["TOPIC_ARN"],
        reports_uri=os.environ["REPORTS_URI"],
        sns=SNS,
    )


def send(event: dict[str, Any], *, topic_arn: str, reports_uri: str, sns: Any) -> dict[str, Any]:
    """Publish and return the handler's answer; see there.

    The kind is an attribute too, so that a subscription's filter policy can choose by it.
    """
    message = compose(event, reports_uri=reports_uri)
    published = sns.publish(
        TopicArn=topic_arn,
        Subject=message.subject,
        Message=message.text,
        MessageAttributes={"kind": {"DataType": "String", "StringValue": message.kind}},
    )
    return {
        "message_id": published["MessageId"],
        "error": message.error,
        "cause": message.cause,
    }
