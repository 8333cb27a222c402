"""Start the monitor for the window that has just ended, and again where ground truth came late.

EventBridge Scheduler can call this twice for one time, and Step Functions refuses a second
execution of a name; the names are made of the windows' ends, so a repeated call does nothing.
"""

import json
import os
from typing import Any

import boto3
from late_truth import hours_with_new_truth
from windows import Schedule, Window, late_windows

STATES = boto3.client("stepfunctions")
S3 = boto3.client("s3")


def lambda_handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Start the executions that are due.

    Args:
        event: `scheduled_time` (as EventBridge Scheduler writes it, 2026-11-23T08:05:00Z),
            `window_seconds` (how long a window is) and `delay_seconds` (how long after its end
            it is looked at, since captured data comes late).
        context: not used.

    Returns:
        `started` and `already` (names of executions).

    Raises:
        ValueError: a field of the event is missing or cannot be used.
        botocore.exceptions.ClientError: Step Functions or S3 refused.
    """
    return start_windows(
        Schedule.of(event),
        machine_arn=os.environ["STATE_MACHINE_ARN"],
        bucket_name=os.environ["BUCKET_NAME"],
        states=STATES,
        s3=S3,
    )


def start_windows(
    schedule: Schedule, *, machine_arn: str, bucket_name: str, states: Any, s3: Any
) -> dict[str, Any]:
    """Return the handler's answer; see there."""
    done: dict[str, list[str]] = {"started": [], "already": []}
    hours = hours_with_new_truth(schedule, bucket_name=bucket_name, s3=s3)
    due = [
        (schedule.window, "schedule"),
        *((one, "truth") for one in late_windows(schedule, hours)),
    ]
    for window, reason in due:
        name = window.name if reason == "schedule" else f"{window.name}-truth-{schedule.stamp}"
        try:
            states.start_execution(
                stateMachineArn=machine_arn, name=name, input=_input_of(window, reason)
            )
            done["started"].append(name)
        except states.exceptions.ExecutionAlreadyExists:
            done["already"].append(name)
    return done


def _input_of(window: Window, reason: str) -> str:
    return json.dumps({"from": window.since_text, "until": window.until_text, "reason": reason})
