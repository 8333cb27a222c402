"""Why a request is refused, by botocore's model of its call and by the limits that AWS publishes.

Each service has its own code for what its model forbids:
https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/CommonErrors.html and its likes.
"""

from collections.abc import Mapping
from typing import Any, Final

from pocketaws.calls import Call
from pocketaws.gate import limits
from pocketaws.gate.rules import request_problems
from pocketaws.wire.refusals import Refusal

# The code of what a model forbids, for the services whose requests are checked by botocore's.
_CODES: Final[Mapping[str, str]] = {
    "cloudformation": "ValidationError",
    "dynamodb": "ValidationException",
    "events": "ValidationException",
    "iam": "ValidationError",
    "lambda": "ValidationException",
    "logs": "InvalidParameterException",
    "sagemaker": "ValidationException",
    "scheduler": "ValidationException",
    "sns": "ValidationError",
    "sqs": "InvalidParameterValue",
    "ssm": "ValidationException",
    "stepfunctions": "ValidationException",
}
# Those whose requests hold nothing that a client of another version would know and botocore not.
_STRICT: Final = ("sagemaker", "stepfunctions")


def refusal_of(call: Call) -> Refusal | None:
    """Return why AWS would refuse a call before it does anything; None if it would not."""
    if call.service not in _CODES or not call.operation:
        return None
    if call.request is None:
        return Refusal("SerializationException", "the body is not JSON")
    return refusal_of_request(call.service, call.operation, call.request)


def refusal_of_request(
    service: str, operation: str, request: Any, *, partial: bool = False
) -> Refusal | None:
    """Return why AWS would refuse a request; None if it would not.

    Args:
        service: botocore's name of one that is checked.
        operation: such as "CreateTopic".
        request: the members.
        partial: what the call requires may be missing, since somebody adds it later.
    """
    problems = request_problems(
        service, operation, request, partial=partial, open_ended=service not in _STRICT
    )
    if problems:
        return Refusal(_CODES[service], _counted(problems))
    for problem in limits.problems(service, operation, request):
        return Refusal(*problem)
    return None


def _counted(problems: list[str]) -> str:
    """Return problems as AWS sums them up."""
    count = len(problems)
    return f"{count} validation error{'s' * (count > 1)} detected: {'; '.join(problems)}"
