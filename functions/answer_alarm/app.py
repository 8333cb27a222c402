"""Say which alarm went off, and start retraining where it is drift.

CloudWatch cannot publish to a topic that is encrypted with SNS's own key, and a Lambda function
can. Retraining that changes nothing would be started again by the next alarm, for ever; see
`retraining.py` for what keeps it from that.
"""

import datetime
import os
from dataclasses import dataclass
from typing import Any

import boto3
from alarm import alarm_of
from message import message_of
from retraining import NOT_ASKED, start_retraining

SNS = boto3.client("sns")
STATES = boto3.client("stepfunctions")


@dataclass(frozen=True)
class Config:
    """What the stack decides; no alarm name starts retraining where it is off."""

    topic_arn: str
    state_machine_arn: str
    retraining_alarm_names: tuple[str, ...]
    retraining_pause: datetime.timedelta


def lambda_handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Answer one alarm.

    Args:
        event: EventBridge's "CloudWatch Alarm State Change".
        context: not used.

    Returns:
        `AlarmName`, `Retraining` (what became of it, in words) and `MessageId`.

    Raises:
        ValueError: the event is not about an alarm.
        botocore.exceptions.ClientError: Step Functions or SNS refused; Lambda tries twice more.
    """
    config = Config(
        topic_arn=os.environ["TOPIC_ARN"],
        state_machine_arn=os.environ["STATE_MACHINE_ARN"],
        retraining_alarm_names=tuple(os.environ["RETRAINING_ALARM_NAMES"].split(",")),
        retraining_pause=datetime.timedelta(hours=float(os.environ["RETRAINING_PAUSE_HOURS"])),
    )
    now = datetime.datetime.now(datetime.UTC)
    return answer_alarm(event, config=config, now=now, sns=SNS, states=STATES)


def answer_alarm(
    event: dict[str, Any], *, config: Config, now: datetime.datetime, sns: Any, states: Any
) -> dict[str, Any]:
    """Return the handler's answer; see there."""
    alarm = alarm_of(event)
    retraining = NOT_ASKED
    if alarm.name in config.retraining_alarm_names:
        retraining = start_retraining(
            config.state_machine_arn, pause=config.retraining_pause, now=now, states=states
        )
    subject, text = message_of(alarm, retraining)
    sent = sns.publish(TopicArn=config.topic_arn, Subject=subject, Message=text)
    return {
        "AlarmName": alarm.name,
        "Retraining": retraining.note,
        "MessageId": sent["MessageId"],
    }
