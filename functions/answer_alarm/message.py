"""The message about an alarm, in plain words."""

from collections.abc import Sequence
from typing import Final

from alarm import Alarm
from retraining import Retraining

# SNS takes less than 100 characters: https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
_SUBJECT_MAXIMUM: Final = 99
# Of CloudWatch's reason, which repeats every data point.
_REASON_MAXIMUM: Final = 2000


def message_of(
    alarm: Alarm, retraining: Retraining, *, moved: Sequence[str] = ()
) -> tuple[str, str]:
    """Return subject and text.

    Args:
        alarm: that went off, or is over.
        retraining: what became of it.
        moved: paragraphs about what the monitor found.
    """
    is_over = alarm.state == "OK"
    begins = "Back to normal" if is_over else "Alarm"
    described = "".join(char if char.isprintable() else " " for char in alarm.description)
    subject = " ".join(f"{begins}: {described}".encode("ascii", "replace").decode().split())
    paragraphs = [
        f"No longer: {alarm.description}." if is_over else f"{alarm.description}.",
        *([] if is_over else moved),
        f"Why: {alarm.reason[:_REASON_MAXIMUM]}",
        *([] if is_over else [retraining.note]),
        f"Alarm: {alarm.name}\n{alarm.console_url or alarm.arn}",
    ]
    return subject[:_SUBJECT_MAXIMUM], "\n\n".join(paragraphs)
