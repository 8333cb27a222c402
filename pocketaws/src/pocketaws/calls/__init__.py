"""Which call of which service a request to the emulator is, whose, and with which parameters.

The Authorization header, which is the gate's own by then, names region and service. Where the
operation and its parameters stand depends on the service's protocol, and is read as moto reads it:
what could be read in two ways has no operation here, and so no role may ask for it.
"""

import io
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qsl

from botocore.exceptions import UnknownServiceError

from pocketaws.calls import rest_calls, s3_calls
from pocketaws.calls.query_forms import form_parameters
from pocketaws.service_models import operation_model, speaks_json

_TARGETS: Final = {
    "SageMaker": "sagemaker",
    "AWSStepFunctions": "stepfunctions",
    "AmazonSSM": "ssm",
    "AWSEvents": "events",
    "DynamoDB_20120810": "dynamodb",
}
# As requests are signed for them, where botocore has another name.
_SERVICES: Final = {"states": "stepfunctions", "monitoring": "cloudwatch"}
# Those that speak REST with JSON, by what they are signed for; without a signature the path tells.
_REST: Final = {
    "lambda": ("lambda",),
    "scheduler": ("scheduler",),
    "sagemaker": ("sagemaker-runtime",),
    "": ("lambda", "sagemaker-runtime"),
}
_SCOPE: Final = re.compile(r"(?:Credential=)?([^/=]+)/\d{8}/([\w-]+)/([\w-]+)/aws4(?:_request)?")
_FUNCTION: Final = re.compile(
    r"(?:arn:[\w-]+:lambda:[\w-]*:\d*:)?(?:\d+:)?(?:function:)?([^:]+)(?::.+)?"
)
_FORM: Final = "application/x-www-form-urlencoded"
# Where a request keeps what was read of it, for whoever asks next.
_KEPT: Final = "workflow.call"
# S3 Control's, and where custom resources' functions answer.
_OF_EMULATOR: Final = ("/v20180820/", "/cloudformation_")


@dataclass(frozen=True)
class Signer:
    """Who signed a request, for which region and service."""

    access_key_id: str
    region: str
    service: str


@dataclass(frozen=True)
class Call:
    """A call by botocore's names.

    Attributes:
        service: botocore's name, such as "stepfunctions"; for a service that it does not have, the
            one that the request is signed for.
        operation: such as "StartExecution"; empty where it cannot be told.
        request: what stands in path, query, headers and body; None where the body cannot be read.
        region: as the request is signed for it; empty without a signature.
    """

    service: str
    operation: str
    request: Any = field(default_factory=dict)
    region: str = ""

    @property
    def parameters(self) -> Mapping[str, Any]:
        """The members of the request; empty where it is no object."""
        return self.request if isinstance(self.request, Mapping) else {}

    @property
    def subject(self) -> str:
        """The function's name of Lambda's Invoke; else empty."""
        if (self.service, self.operation) != ("lambda", "Invoke"):
            return ""
        match = _FUNCTION.fullmatch(str(self.parameters.get("FunctionName", "")))
        return match[1] if match else ""


def caller_of(environ: Mapping[str, Any]) -> Signer | None:
    """Return who signed a WSGI request; None if it is not signed."""
    text = environ.get("HTTP_AUTHORIZATION") or _query(environ).get("X-Amz-Credential", "")
    scope = _SCOPE.search(text)
    return None if scope is None else Signer(*scope.groups())


def call_of(environ: dict[str, Any]) -> Call | None:
    """Return the call of a WSGI request, or None where it tells no service; read once."""
    if _KEPT not in environ:
        environ[_KEPT] = _call(environ, caller_of(environ))
    call: Call | None = environ[_KEPT]
    return call


def body_of(environ: dict[str, Any]) -> bytes:
    """Return a request's body and leave it to be read again."""
    body: bytes = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    environ["wsgi.input"] = io.BytesIO(body)
    return body


def _call(environ: dict[str, Any], caller: Signer | None) -> Call | None:
    signed_for, region = (caller.service, caller.region) if caller else ("", "")
    service = _SERVICES.get(signed_for, signed_for)
    target, _, operation = environ.get("HTTP_X_AMZ_TARGET", "").rpartition(".")
    if operation:
        named = _TARGETS.get(target, service)
        # moto goes by what the request is signed for.
        is_clear = (not service or named == service) and speaks_json(named)
        return Call(named, operation if is_clear else "", _json(body_of(environ)), region)
    if service == "s3":
        return Call("s3", *_s3_call(environ), region=region)
    for name in _REST.get(signed_for, ()):
        found = rest_calls.rest_call_of(name, _http_request(environ))
        if found is not None:
            return Call(name, *found, region=region)
    return Call(service, *_query_call(environ, service), region=region) if service else None


def _json(body: bytes) -> Any:
    try:
        return json.loads(body or b"{}")
    except (ValueError, RecursionError):
        return None


def _s3_call(environ: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    path = environ["PATH_INFO"].encode("latin-1").decode("utf-8", errors="replace")
    if path.startswith(_OF_EMULATOR):
        return "", {}
    return s3_calls.operation(environ["REQUEST_METHOD"], path, _pairs(environ), environ)


def _query_call(environ: dict[str, Any], service: str) -> tuple[str, Mapping[str, Any]]:
    pairs, body = _pairs(environ), body_of(environ)
    if body:
        # Which of the two would count?
        is_clear = not pairs and _media_type(environ) == _FORM
        pairs += parse_qsl(body.decode(errors="replace"), keep_blank_values=True)
    else:
        is_clear = True
    form = dict(pairs)
    operation = form.get("Action", "")
    if not operation or not is_clear or len(form) != len(pairs) or environ["PATH_INFO"] != "/":
        return "", form
    try:
        model = operation_model(service, operation)
    except UnknownServiceError:
        model = None
    if model is None or model.input_shape is None:
        return operation, form
    return operation, form_parameters(form, model.input_shape)


def _media_type(environ: Mapping[str, Any]) -> str:
    return str(environ.get("CONTENT_TYPE", "")).partition(";")[0].strip().lower()


def _http_request(environ: dict[str, Any]) -> rest_calls.HttpRequest:
    return rest_calls.HttpRequest(
        method=environ["REQUEST_METHOD"],
        path=environ["PATH_INFO"],
        query=_query(environ),
        headers={
            name.removeprefix("HTTP_").replace("_", "-").lower(): value
            for name, value in environ.items()
            if name.startswith("HTTP_")
        },
        body=body_of(environ),
    )


def _query(environ: Mapping[str, Any]) -> dict[str, str]:
    return dict(_pairs(environ))


def _pairs(environ: Mapping[str, Any]) -> list[tuple[str, str]]:
    return parse_qsl(environ.get("QUERY_STRING", ""), keep_blank_values=True)
