"""The message about an execution that could not tell of its end itself."""

from collections.abc import Mapping, Sequence
from typing import Final

from ending import Ending
from execution import parse_execution
from report_link import report_line

# https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
_SUBJECT_MAXIMUM: Final = 99
_CAUSE_MAXIMUM: Final = 4_000
# What Step Functions says names no remedy.
_REMEDIES: Final[Mapping[str, str]] = {
    "States.DataLimitExceeded": (
        "An execution's input and what its states hand on have 256 KiB at most: start it with a "
        "shorter input, such as a prefix in S3 in place of many tags and hyperparameters."
    ),
}
_HOW: Final[Mapping[str, str]] = {
    "ABORTED": "was stopped",
    "TIMED_OUT": "ran out of time",
    "FAILED": "failed where no state could catch it",
}
_UNTOLD: Final = "failed, and the message about it could not be sent"


def compose(ending: Ending, withdrawn: Sequence[str], *, reports_uri: str) -> tuple[str, str]:
    """Return subject and text: what happened, why, what was withdrawn, and where the report is."""
    execution = parse_execution(ending.execution_arn)
    machine, name = execution.state_machine_name, execution.name
    how = _UNTOLD if ending.is_untold else _HOW[ending.status]
    subject = f"Execution {ending.status.lower().replace('_', ' ')}: {machine}, {name}"
    why = [
        *([f"Error: {ending.error}"] if ending.error else []),
        *([f"Why: {ending.cause[:_CAUSE_MAXIMUM]}"] if ending.cause else []),
        *([_REMEDIES[ending.error]] if ending.error in _REMEDIES else []),
    ]
    left = [f"Model package withdrawn: {arn}" for arn in withdrawn] or ["Nothing was registered."]
    paragraphs = [
        [f"An execution of {machine} {how}."],
        why,
        left,
        [
            report_line(execution, reports_uri),
            f"Execution: {name}",
            execution.console_url or ending.execution_arn,
        ],
    ]
    text = "\n\n".join("\n".join(lines) for lines in paragraphs if lines)
    return _ascii(subject)[:_SUBJECT_MAXIMUM], _printable(text)


def not_started(alarm_name: str, queue_url: str) -> tuple[str, str]:
    """Return subject and text about a retraining that could not be started."""
    machine = queue_url.rpartition("/")[2].partition("-RetrainingDeadLetterQueue")[0]
    text = (
        f"A retraining of {machine} could not be started, though it was tried again and again.\n\n"
        f"Its input and the reason wait in {queue_url}. Take the message from there: while one is "
        "left, no further one is told. Then start the execution by hand.\n\n"
        f"Alarm: {alarm_name}"
    )
    return _ascii(f"Retraining not started: {machine}")[:_SUBJECT_MAXIMUM], _printable(text)


def not_sent(machine: str, alarm_name: str) -> tuple[str, str]:
    """Return subject and text about a message that could not be sent."""
    text = (
        f"A message about an execution of {machine} could not be sent: released, rejected, refused "
        "or failed, the execution ended as it would have.\n\n"
        f"workflow runs lists the executions; the log /aws/lambda/{machine}-send-message says why "
        "the message was not sent.\n\n"
        f"Alarm: {alarm_name}"
    )
    return _ascii(f"Message not sent: {machine}")[:_SUBJECT_MAXIMUM], _printable(text)


def _ascii(text: str) -> str:
    return _printable(text).encode("ascii", "replace").decode()


def _printable(text: str) -> str:
    """Replace control characters, which SNS or a mail program may refuse."""
    return "".join(char if char.isprintable() or char == "\n" else " " for char in text)
