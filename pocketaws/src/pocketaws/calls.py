"""Which call of which service a request to the emulator is.

https://docs.aws.amazon.com/general/latest/gr/signature-version-4.html names the service in the
Authorization header; where the operation stands depends on the service's protocol.
"""

import io
import re
from typing import Any, Final, NamedTuple
from urllib.parse import parse_qs

_TARGETS: Final = {
    "SageMaker": "sagemaker",
    "AWSStepFunctions": "stepfunctions",
    "AmazonSSM": "ssm",
    "AWSEvents": "events",
    "DynamoDB_20120810": "dynamodb",
}
_INVOCATION: Final = re.compile(r"/2015-03-31/functions/([^/]+)/invocations")
_FORM: Final = "application/x-www-form-urlencoded"


class Call(NamedTuple):
    """A call by botocore's names.

    Attributes:
        subject: the function's name of Lambda's Invoke; else empty.
    """

    service: str
    operation: str
    subject: str = ""


def call_of(environ: dict[str, Any]) -> Call | None:
    """Return the call of a WSGI request, or None where nobody needs to know it."""
    target, _, operation = environ.get("HTTP_X_AMZ_TARGET", "").partition(".")
    if target in _TARGETS:
        return Call(_TARGETS[target], operation)
    invocation = _INVOCATION.fullmatch(environ.get("PATH_INFO", ""))
    if invocation is not None:
        return Call("lambda", "Invoke", invocation[1].rpartition(":")[2])
    scope = re.search(r"/(\w+)/aws4_request", environ.get("HTTP_AUTHORIZATION", ""))
    if scope is None or not environ.get("CONTENT_TYPE", "").startswith(_FORM):
        return None
    actions = parse_qs(body_of(environ).decode(errors="replace")).get("Action")
    return Call(scope[1], actions[0]) if actions else None


def body_of(environ: dict[str, Any]) -> bytes:
    """Return a request's body and leave it to be read again."""
    body: bytes = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    environ["wsgi.input"] = io.BytesIO(body)
    return body
