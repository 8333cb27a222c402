"""SNS.

https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
https://docs.aws.amazon.com/sns/latest/api/API_CreateTopic.html
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

_SUBJECT_MAXIMUM: Final = 99
_MESSAGE_MAXIMUM_BYTES: Final = 262_144
_BATCH_MAXIMUM: Final = 10
_DISPLAY_NAME_MAXIMUM: Final = 100
_TAGS_MAXIMUM: Final = 50
_ARN_PARTS: Final = 6
_TOPIC_NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,256}|[A-Za-z0-9_-]{1,251}\.fifo")
_TOPIC_ATTRIBUTES: Final = (
    "ArchivePolicy",
    "ContentBasedDeduplication",
    "DataProtectionPolicy",
    "DeliveryPolicy",
    "DisplayName",
    "FifoThroughputScope",
    "KmsMasterKeyId",
    "Policy",
    "SignatureVersion",
    "TracingConfig",
)
_FEEDBACK: Final = re.compile(
    "(Application|Firehose|HTTP|Lambda|SQS)"
    "(SuccessFeedbackRoleArn|SuccessFeedbackSampleRate|FailureFeedbackRoleArn)"
)
_SUBSCRIPTION_DOCUMENTS: Final = ("DeliveryPolicy", "FilterPolicy", "RedrivePolicy", "ReplayPolicy")
_SUBSCRIPTION_ATTRIBUTES: Final = (
    *_SUBSCRIPTION_DOCUMENTS,
    "FilterPolicyScope",
    "RawMessageDelivery",
    "SubscriptionRoleArn",
)
_PROTOCOLS: Final = (
    "http",
    "https",
    "email",
    "email-json",
    "sms",
    "sqs",
    "application",
    "lambda",
    "firehose",
)
_INVALID: Final = "InvalidParameter"


def problems(operation: str, request: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield code and message of what SNS refuses."""
    arn = request.get("TopicArn")
    if arn is not None and len(str(arn).split(":")) != _ARN_PARTS:
        yield _INVALID, "Invalid parameter: TopicArn"
    if operation == "Publish":
        yield from _target_problems(request)
        yield from _message_problems(request)
    elif operation == "PublishBatch":
        yield from _batch_problems(request.get("PublishBatchRequestEntries") or [])
    elif operation == "CreateTopic":
        yield from _topic_problems(request)
    elif operation == "Subscribe":
        yield from _subscription_problems(request)
    elif operation == "SetSubscriptionAttributes":
        yield from _subscription_attribute_problems(
            str(request.get("AttributeName")), request.get("AttributeValue")
        )
    elif operation == "SetTopicAttributes":
        name = request.get("AttributeName")
        if name not in _TOPIC_ATTRIBUTES and not _FEEDBACK.fullmatch(str(name)):
            yield _INVALID, "Invalid parameter: AttributeName"


def _target_problems(request: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    given = [name for name in ("TopicArn", "TargetArn", "PhoneNumber") if request.get(name)]
    if not given:
        yield (
            _INVALID,
            "Invalid parameter: TopicArn or TargetArn Reason: no value for required parameter",
        )
    for name in set(given) - {"PhoneNumber"}:
        parts = len(str(request[name]).split(":"))
        if parts < _ARN_PARTS:
            yield (
                _INVALID,
                (
                    f"Invalid parameter: {name} Reason: An ARN must have at least {_ARN_PARTS} "
                    f"elements, not {parts}"
                ),
            )


def _message_problems(request: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    subject, message = request.get("Subject"), str(request.get("Message", ""))
    if subject is not None and not _is_subject(subject):
        yield (
            _INVALID,
            (
                f"Invalid parameter: Subject {subject!r}: 1 to {_SUBJECT_MAXIMUM} characters, "
                "without line breaks and control characters"
            ),
        )
    if not message:
        yield _INVALID, "Invalid parameter: Empty message"
    attributes = json.dumps(request.get("MessageAttributes") or "", default=str)
    if _size(message) + (_size(attributes) if request.get("MessageAttributes") else 0) > (
        _MESSAGE_MAXIMUM_BYTES
    ):
        yield _INVALID, "Invalid parameter: Message too long"
    if request.get("MessageStructure") == "json":
        yield from _structure_problems(message)


def _is_subject(text: str) -> bool:
    return 1 <= len(text) <= _SUBJECT_MAXIMUM and not any(
        ord(char) < ord(" ") or char in "\x7f\u0085\u2028\u2029" for char in text
    )


def _structure_problems(message: str) -> Iterator[tuple[str, str]]:
    start = "Invalid parameter: Message Structure - "
    try:
        by_protocol = json.loads(message)
    except ValueError:
        yield _INVALID, f"{start}JSON message body failed to parse"
        return
    if not isinstance(by_protocol, dict) or "default" not in by_protocol:
        yield _INVALID, f"{start}No default entry in JSON message body"


def _batch_problems(entries: list[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    if not entries:
        yield "EmptyBatchRequest", "The batch request doesn't contain any entries."
    if len(entries) > _BATCH_MAXIMUM:
        yield (
            "TooManyEntriesInBatchRequest",
            "The batch request contains more entries than permissible.",
        )
    if sum(_size(str(entry.get("Message", ""))) for entry in entries) > _MESSAGE_MAXIMUM_BYTES:
        yield (
            "BatchRequestTooLong",
            (
                f"The length of all the batch messages put together is more than the limit of "
                f"{_MESSAGE_MAXIMUM_BYTES} bytes"
            ),
        )


def _topic_problems(request: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    name = request.get("Name")
    if name is not None and not _TOPIC_NAME.fullmatch(name):
        yield (
            _INVALID,
            (
                f"Invalid parameter: Topic Name {name!r}: 1 to 256 letters, digits, hyphens and "
                "underscores, and .fifo at the end of a FIFO topic's"
            ),
        )
    display_name = (request.get("Attributes") or {}).get("DisplayName", "")
    if len(display_name) > _DISPLAY_NAME_MAXIMUM:
        yield _INVALID, f"Invalid parameter: DisplayName of {len(display_name)} characters"
    if len(request.get("Tags") or []) > _TAGS_MAXIMUM:
        yield "TagLimitExceeded", f"Could not complete request: tag quota of {_TAGS_MAXIMUM}"


def _subscription_problems(request: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    protocol, endpoint = request.get("Protocol", ""), str(request.get("Endpoint", ""))
    if protocol not in _PROTOCOLS:
        yield (
            _INVALID,
            f"Invalid parameter: Amazon SNS does not support this protocol string: {protocol}",
        )
    elif protocol.startswith("email") and not re.fullmatch(r"[^@\s]+@[^@\s]+", endpoint):
        yield _INVALID, f"Invalid parameter: Email address {endpoint!r}"
    elif protocol.startswith("http") and not endpoint.startswith(f"{protocol}://"):
        yield (
            _INVALID,
            f"Invalid parameter: Endpoint must match the specified protocol, got {endpoint!r}",
        )
    for name, value in (request.get("Attributes") or {}).items():
        yield from _subscription_attribute_problems(str(name), value)


def _subscription_attribute_problems(name: str, value: Any) -> Iterator[tuple[str, str]]:
    if name not in _SUBSCRIPTION_ATTRIBUTES:
        yield _INVALID, f"Invalid parameter: Attributes Reason: Unknown attribute: {name}"
    elif name in _SUBSCRIPTION_DOCUMENTS and value:
        try:
            document = json.loads(value)
        except ValueError as error:
            yield _INVALID, f"Invalid parameter: {name}: failed to parse JSON. {error}"
            return
        if not isinstance(document, dict):
            yield _INVALID, f"Invalid parameter: {name}: it must be an object"


def _size(text: str) -> int:
    return len(text.encode(errors="surrogatepass"))
