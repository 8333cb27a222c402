"""How large a body may be, by service and operation, as AWS publishes it."""

import re
from collections.abc import Mapping
from typing import Final

from pocketaws.wire.messages import Request
from pocketaws.wire.refusals import Refusal

_KILOBYTE: Final = 1024
_MEGABYTE: Final = 1024**2
# Of who is not known: enough for a form of STS, and little where all connections send as much.
UNKNOWN_BYTES: Final = 64 * _KILOBYTE
# Of an object that a bucket's policy lets anybody put.
PUBLIC_BYTES: Final = _MEGABYTE
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/upload-objects.html
_S3_BYTES: Final = 5 * 1024**3
# https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
INVOKE_BYTES: Final = 6 * _MEGABYTE
# A package of 50 MB, in base64.
_FUNCTION_BYTES: Final = 69_905_067
_INVOKE: Final = re.compile(r"/2015-03-31/functions/[^/]+/invocations/?")
_DEFAULT_BYTES: Final = 10 * _MEGABYTE
_BYTES: Final[Mapping[str, int]] = {
    "s3": _S3_BYTES,
    "lambda": _FUNCTION_BYTES,
    # https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html, with its encoding.
    "states": _MEGABYTE,
    # https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html
    "dynamodb": 16 * _MEGABYTE,
    # A message is at most 256 KB (SNS) or 1 MB (SQS), and form encoding makes three bytes of one.
    "sns": _MEGABYTE,
    "sqs": 4 * _MEGABYTE,
    # A template in the call is at most 51,200 bytes.
    "cloudformation": 512 * _KILOBYTE,
    # A layer's part is at most 10 MB, in base64.
    "ecr": 20 * _MEGABYTE,
    "ssm": _MEGABYTE,
    "sts": 128 * _KILOBYTE,
}


def may_be_large(head: Request) -> bool:
    """Tell whether the body of a request may be larger than what anybody may send."""
    announced = head.headers.get("content-length")
    if announced is None:
        return "transfer-encoding" in head.headers
    return int(announced) > UNKNOWN_BYTES


def limit_of(request: Request, service: str) -> int:
    """Return how many bytes a service takes in one request."""
    if service == "lambda" and _INVOKE.fullmatch(request.path):
        return INVOKE_BYTES
    return _BYTES.get(service, _DEFAULT_BYTES)


def refusal_of(request: Request, service: str, limit: int) -> Refusal:
    """Return the refusal of a body that is too large, as the service says it."""
    if service == "s3":
        text = "Your proposed upload exceeds the maximum allowed size"
        return Refusal("EntityTooLarge", text, 400)
    if service == "lambda":
        operation = "InvokeFunction" if limit == INVOKE_BYTES else "CreateFunction"
        text = f"Request must be smaller than {limit} bytes for the {operation} operation"
        return Refusal("RequestEntityTooLargeException", text, 413)
    code = "RequestEntityTooLargeException" if _has_target(request) else "RequestEntityTooLarge"
    return Refusal(code, f"the request's body is larger than {limit} bytes", 413)


def _has_target(request: Request) -> bool:
    return "x-amz-target" in request.headers
