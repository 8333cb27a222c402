"""Say which alarm went off or is over, start retraining where it is drift, and tell of failures.

CloudWatch cannot publish to a topic that is encrypted with SNS's own key, and a Lambda function
can. Retraining that changes nothing would be started again by the next alarm, for ever; see
`retraining.py` for what keeps it from that.
"""

import datetime
import os
from dataclasses import dataclass
from typing import Any

import boto3
from alarm import Alarm, alarm_of
from botocore.exceptions import ClientError
from failure import failure_message, is_first
from message import message_of
from moved import moved
from retraining import NOT_ASKED, start_retraining

S3 = boto3.client("s3")
SNS = boto3.client("sns")
STATES = boto3.client("stepfunctions")


@dataclass(frozen=True)
class Config:
    """What the stack decides; no alarm name starts retraining where it is off.

    Attributes:
        monitor_arn: of the monitor's state machine; empty where it is off.
        drift_alarm_names: whose message says what the monitor found in the newest window.
        silence_alarm_name: of windows that are missed; none has come yet where the alarm is new.
        reports_bucket_name: of the monitor.
    """

    topic_arn: str
    state_machine_arn: str
    retraining_alarm_names: tuple[str, ...]
    retraining_pause: datetime.timedelta
    monitor_arn: str = ""
    drift_alarm_names: tuple[str, ...] = ()
    silence_alarm_name: str = ""
    reports_bucket_name: str = ""


def lambda_handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Answer one alarm, or one failure of the monitor.

    Args:
        event: EventBridge's "CloudWatch Alarm State Change", or its "Step Functions Execution
            Status Change" of the monitor.
        context: not used.

    Returns:
        `AlarmName`, `Retraining` (what became of it, in words) and `MessageId`; of a failure
        `ExecutionArn` and `MessageId`. A `MessageId` of null says that nobody needs to hear of it.

    Raises:
        ValueError: the event is about neither.
        botocore.exceptions.ClientError: Step Functions or SNS refused; Lambda tries twice more.
    """
    config = Config(
        topic_arn=os.environ["TOPIC_ARN"],
        state_machine_arn=os.environ["STATE_MACHINE_ARN"],
        retraining_alarm_names=tuple(os.environ["RETRAINING_ALARM_NAMES"].split(",")),
        retraining_pause=datetime.timedelta(hours=float(os.environ["RETRAINING_PAUSE_HOURS"])),
        monitor_arn=os.environ["MONITOR_ARN"],
        drift_alarm_names=tuple(os.environ["DRIFT_ALARM_NAMES"].split(",")),
        silence_alarm_name=os.environ["SILENCE_ALARM_NAME"],
        reports_bucket_name=os.environ["REPORTS_BUCKET_NAME"],
    )
    if event.get("source") == "aws.states":
        return answer_failure(event, config=config, sns=SNS, states=STATES)
    now = datetime.datetime.now(datetime.UTC)
    return answer_alarm(event, config=config, now=now, sns=SNS, states=STATES, s3=S3)


def answer_alarm(
    event: dict[str, Any],
    *,
    config: Config,
    now: datetime.datetime,
    sns: Any,
    states: Any,
    s3: Any = None,
) -> dict[str, Any]:
    """Return the handler's answer about an alarm; see there."""
    alarm = alarm_of(event)
    if alarm.name == config.silence_alarm_name and alarm.previous_state == "INSUFFICIENT_DATA":
        return {"AlarmName": alarm.name, "Retraining": NOT_ASKED.note, "MessageId": None}
    retraining = NOT_ASKED
    if alarm.state == "ALARM" and alarm.name in config.retraining_alarm_names:
        retraining = start_retraining(
            config.state_machine_arn, pause=config.retraining_pause, now=now, states=states
        )
    subject, text = message_of(
        alarm, retraining, moved=_moved_features(alarm, config=config, s3=s3)
    )
    sent = sns.publish(TopicArn=config.topic_arn, Subject=subject, Message=text)
    return {
        "AlarmName": alarm.name,
        "Retraining": retraining.note,
        "MessageId": sent["MessageId"],
    }


def _moved_features(alarm: Alarm, *, config: Config, s3: Any) -> list[str]:
    if alarm.state != "ALARM" or alarm.name not in config.drift_alarm_names:
        return []
    try:
        return moved(config.reports_bucket_name, arn=alarm.arn, s3=s3)
    except (ClientError, KeyError, ValueError) as error:
        # The alarm is told in any case.
        return [f"What moved could not be read: {error}"]


def answer_failure(
    event: dict[str, Any], *, config: Config, sns: Any, states: Any
) -> dict[str, Any]:
    """Return the handler's answer about a failure of the monitor; see there."""
    arn = str(event["detail"]["executionArn"])
    if not is_first(arn, config.monitor_arn, states=states):
        return {"ExecutionArn": arn, "MessageId": None}
    subject, text = failure_message(event, states=states)
    sent = sns.publish(TopicArn=config.topic_arn, Subject=subject, Message=text)
    return {"ExecutionArn": arn, "MessageId": sent["MessageId"]}
