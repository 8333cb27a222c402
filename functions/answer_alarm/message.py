"""The message about an alarm, in plain words."""

from typing import Final

from alarm import Alarm
from retraining import Retraining

# SNS takes less than 100 characters: https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
_SUBJECT_MAXIMUM: Final = 99
# Of CloudWatch's reason, which repeats every data point.
_REASON_MAXIMUM: Final = 2000


def message_of(alarm: Alarm, retraining: Retraining) -> tuple[str, str]:
    """Return subject and text."""
    described = "".join(char if char.isprintable() else " " for char in alarm.description)
    subject = " ".join(f"Alarm: {described}".encode("ascii", "replace").decode().split())
    paragraphs = [
        f"{alarm.description}.",
        f"Why: {alarm.reason[:_REASON_MAXIMUM]}",
        retraining.note,
        f"Alarm: {alarm.name}\n{alarm.console_url or alarm.arn}",
    ]
    return subject[:_SUBJECT_MAXIMUM], "\n\n".join(paragraphs)
