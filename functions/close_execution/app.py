"""Close what an execution left open that ended by no state of its own, or that never began.

A failure that no Catch can meet (States.Runtime), an execution that somebody stopped, and one that
ran out of time reach none of the states that tell of a failure and withdraw the model package. A
retraining that could not be started has no states; its event is the alarm of the queue that keeps
its input. A message that could not be sent is told by the alarm of the function that sends them.
"""

import logging
import os
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import boto3
from ending import ending_of
from message import compose, not_sent, not_started
from packages import withdraw

SAGEMAKER = boto3.client("sagemaker")
SNS = boto3.client("sns")
SSM = boto3.client("ssm")
STEPFUNCTIONS = boto3.client("stepfunctions")
_ALARMS: Final = "aws.cloudwatch"
_NOT_SENT: Final = "-message-not-sent"
LOGGER = logging.getLogger(__name__)
LOGGER.setLevel(logging.INFO)


class Places(NamedTuple):
    """Where the message goes, and the S3 prefix of the reports that it links to."""

    topic_arn: str
    reports_uri: str


def lambda_handler(event: dict[str, Any], context: object) -> None:
    """Withdraw the execution's model package and tell the topic; nothing where it told itself.

    MODEL_PACKAGE_GROUP_NAME, MODEL_PARAMETER_NAME and RETRAINING_QUEUE_URL are the stack's;
    TOPIC_ARN gets the message; REPORTS_URI is the S3 prefix of the executions' reports.

    Args:
        event: EventBridge's "Step Functions Execution Status Change", or "CloudWatch Alarm State
            Change" of the queue of what could not be started or of messages that were not sent:
            https://docs.aws.amazon.com/step-functions/latest/dg/eventbridge-integration.html
        context: not used.

    Raises:
        botocore.exceptions.ClientError: a service refused; Lambda tries again.
    """
    if event["source"] == _ALARMS:
        LOGGER.info(
            tell_alarm(
                event,
                queue_url=os.environ["RETRAINING_QUEUE_URL"],
                topic_arn=os.environ["TOPIC_ARN"],
                sns=SNS,
            )
        )
        return
    done = close(
        event,
        group_name=os.environ["MODEL_PACKAGE_GROUP_NAME"],
        parameter_name=os.environ["MODEL_PARAMETER_NAME"],
        places=Places(os.environ["TOPIC_ARN"], os.environ["REPORTS_URI"]),
        sagemaker=SAGEMAKER,
        sns=SNS,
        ssm=SSM,
        stepfunctions=STEPFUNCTIONS,
    )
    LOGGER.info(done)


def close(
    event: Mapping[str, Any],
    *,
    group_name: str,
    parameter_name: str,
    places: Places,
    sagemaker: Any,
    sns: Any,
    ssm: Any,
    stepfunctions: Any,
) -> str:
    """Do what the handler does, and return it in words for the log."""
    ending = ending_of(str(event["detail"]["executionArn"]), stepfunctions=stepfunctions)
    if not ending.is_unreported:
        return f"{ending.execution_arn}: its own states have told how it ended"
    withdrawn = withdraw(
        ending, group_name=group_name, parameter_name=parameter_name, sagemaker=sagemaker, ssm=ssm
    )
    subject, text = compose(ending, withdrawn, reports_uri=places.reports_uri)
    _publish(subject, text, topic_arn=places.topic_arn, sns=sns)
    return f"{ending.execution_arn}: told; withdrew {', '.join(withdrawn) or 'nothing'}"


def tell_alarm(event: Mapping[str, Any], *, queue_url: str, topic_arn: str, sns: Any) -> str:
    """Tell what an alarm stands for, and return it in words for the log."""
    alarm_name = str(event["detail"]["alarmName"])
    subject, text = (
        not_sent(alarm_name.removesuffix(_NOT_SENT), alarm_name)
        if alarm_name.endswith(_NOT_SENT)
        else not_started(alarm_name, queue_url)
    )
    _publish(subject, text, topic_arn=topic_arn, sns=sns)
    return f"{alarm_name}: told"


def _publish(subject: str, text: str, *, topic_arn: str, sns: Any) -> None:
    sns.publish(
        TopicArn=topic_arn,
        Subject=subject,
        Message=text,
        MessageAttributes={"kind": {"DataType": "String", "StringValue": "failed"}},
    )
