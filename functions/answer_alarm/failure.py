"""An execution of the monitor that failed: told, but once for failures that follow each other."""

from collections.abc import Mapping
from typing import Any, Final

from reasons import reason_of

# SNS takes less than 100 characters: https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
_SUBJECT_MAXIMUM: Final = 99
_CAUSE_MAXIMUM: Final = 4000
_FAILED: Final = ("FAILED", "TIMED_OUT", "ABORTED")


def is_first(execution_arn: str, machine_arn: str, *, states: Any) -> bool:
    """Tell whether the execution that ended before this one did not fail, too.

    Raises:
        botocore.exceptions.ClientError: Step Functions refused.
    """
    listed = states.list_executions(stateMachineArn=machine_arn, maxResults=20)["executions"]
    arns = [one["executionArn"] for one in listed]
    # The newest is first; one that is not among them any more is old.
    before = listed[arns.index(execution_arn) + 1 :] if execution_arn in arns else []
    ended = [one["status"] for one in before if one["status"] != "RUNNING"]
    return not ended or ended[0] not in _FAILED


def failure_message(event: Mapping[str, Any], *, states: Any) -> tuple[str, str]:
    """Return subject and text about an execution that failed.

    Raises:
        botocore.exceptions.ClientError: Step Functions refused.
    """
    arn = str(event["detail"]["executionArn"])
    described = states.describe_execution(executionArn=arn)
    *_, machine, name = arn.split(":")
    error, cause = described.get("error") or "", described.get("cause") or ""
    why = reason_of(error, cause).text or "no cause was given"
    paragraphs = [
        f"The monitor {machine} did not compare a window: {described['status']}.",
        f"Error: {error or 'none was given'}",
        f"Why: {why[:_CAUSE_MAXIMUM]}",
        "Until it works again no drift is seen. Failures that follow this one are not told again.",
        f"Execution: {name}\n{arn}",
    ]
    subject = f"Monitor failed: {machine}".encode("ascii", "replace").decode()
    return subject[:_SUBJECT_MAXIMUM], "\n\n".join(paragraphs)
