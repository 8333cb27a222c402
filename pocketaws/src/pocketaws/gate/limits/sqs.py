"""SQS.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

_ENTRIES_MAXIMUM: Final = 10
# The least and the greatest number of each attribute that is one.
_NUMBERS: Final[Mapping[str, tuple[int, int]]] = {
    "DelaySeconds": (0, 900),
    "KmsDataKeyReusePeriodSeconds": (60, 86_400),
    "MaximumMessageSize": (1024, 1_048_576),
    "MessageRetentionPeriod": (60, 1_209_600),
    "ReceiveMessageWaitTimeSeconds": (0, 20),
    "VisibilityTimeout": (0, 43_200),
}
_RECEIVES: Final = (1, 1000)
# https://www.w3.org/TR/REC-xml/#charsets
_NO_TEXT: Final = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_INVALID_CHARACTERS: Final = (
    "Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to #xD7FF | "
    "#xE000 to #xFFFD | #x10000 to #x10FFFF"
)


def problems(operation: str, request: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield code and message of what SQS refuses."""
    if operation == "SendMessage":
        yield from _body_problems(request)
    elif operation == "SendMessageBatch":
        entries = request.get("Entries") or []
        if len(entries) > _ENTRIES_MAXIMUM:
            yield (
                "AWS.SimpleQueueService.TooManyEntriesInBatchRequest",
                (
                    f"Maximum number of entries per request are {_ENTRIES_MAXIMUM}. You have sent "
                    f"{len(entries)}."
                ),
            )
    elif operation in ("CreateQueue", "SetQueueAttributes"):
        for name, value in (request.get("Attributes") or {}).items():
            yield from _attribute_problems(name, str(value))


def _body_problems(request: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    body = request.get("MessageBody")
    if not body:
        yield "MissingParameter", "The request must contain the parameter MessageBody."
    elif _NO_TEXT.search(str(body)):
        yield "InvalidMessageContents", _INVALID_CHARACTERS


def _attribute_problems(name: str, value: str) -> Iterator[tuple[str, str]]:
    wrong = "InvalidAttributeValue", f"Invalid value for the parameter {name}."
    if name in _NUMBERS:
        least, greatest = _NUMBERS[name]
        if not value.isdecimal() or not least <= int(value) <= greatest:
            yield wrong
    elif name == "RedrivePolicy" and value:
        yield from _redrive_problems(value)


def _redrive_problems(value: str) -> Iterator[tuple[str, str]]:
    least, greatest = _RECEIVES
    try:
        policy = json.loads(value)
        count = int(policy["maxReceiveCount"])
        is_whole = bool(policy["deadLetterTargetArn"]) and least <= count <= greatest
    except (ValueError, TypeError, KeyError):
        is_whole = False
    if not is_whole:
        yield (
            "InvalidParameterValue",
            (
                f"Value {value} for parameter RedrivePolicy is invalid. Reason: it must have "
                f"deadLetterTargetArn and maxReceiveCount, a number from {least} to {greatest}."
            ),
        )
