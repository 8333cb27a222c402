"""Whose call of which service a request is, with the parameters that decide who may make it.

The Authorization header (in a presigned URL, X-Amz-Credential) names access key, region and
service: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-authentication-methods.html
Where the operation and its parameters stand depends on the service's protocol.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qs, parse_qsl, unquote

from pocketaws.calls import body_of
from pocketaws.iam import s3_calls

_SCOPE: Final = re.compile(r"(?:Credential=)?([^/=]+)/\d{8}/([\w-]+)/([\w-]+)/aws4_request")
_INVOKE_FUNCTION: Final = re.compile(r"/2015-03-31/functions/([^/]+)/invocations/?")
_INVOKE_ENDPOINT: Final = re.compile(r"/endpoints/([^/]+)/(?:async-)?invocations/?")
_FORM: Final = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Caller:
    """Who signed a request, for which region and service."""

    access_key_id: str
    region: str
    service: str


@dataclass(frozen=True)
class ApiCall:
    """A call by the names of AWS.

    Attributes:
        service: as requests are signed for it, such as "states" or "monitoring".
        operation: such as "StartExecution"; empty where it cannot be told.
        parameters: by their names; what stands in paths, queries and bodies alike.
    """

    service: str
    operation: str
    region: str
    parameters: Mapping[str, Any] = field(default_factory=dict)


def caller_of(environ: Mapping[str, Any]) -> Caller | None:
    """Return who signed a WSGI request; None if it is not signed."""
    text = environ.get("HTTP_AUTHORIZATION", "")
    if not text:
        query = parse_qs(environ.get("QUERY_STRING", ""))
        text = query.get("X-Amz-Credential", [""])[0]
    scope = _SCOPE.search(text)
    return None if scope is None else Caller(*scope.groups())


def api_call_of(environ: dict[str, Any], caller: Caller) -> ApiCall:
    """Return what a WSGI request asks for; its body can still be read."""
    operation, parameters = _operation(environ, caller.service)
    return ApiCall(caller.service, operation, caller.region, parameters)


def _operation(environ: dict[str, Any], service: str) -> tuple[str, Mapping[str, Any]]:
    target = environ.get("HTTP_X_AMZ_TARGET")
    if target:
        return target.rpartition(".")[2], _json_object(body_of(environ))
    path = environ["PATH_INFO"]
    query = dict(parse_qsl(environ.get("QUERY_STRING", ""), keep_blank_values=True))
    if service == "s3":
        return s3_calls.operation(environ["REQUEST_METHOD"], path, query, environ)
    if match := _INVOKE_FUNCTION.fullmatch(path):
        return "Invoke", {"FunctionName": unquote(match[1]), **query}
    if match := _INVOKE_ENDPOINT.fullmatch(path):
        return "InvokeEndpoint", {"EndpointName": unquote(match[1])}
    if environ.get("CONTENT_TYPE", "").startswith(_FORM):
        form = dict(parse_qsl(body_of(environ).decode(errors="replace")))
        return form.get("Action", ""), form
    return query.get("Action", ""), query


def _json_object(body: bytes) -> Mapping[str, Any]:
    try:
        parameters = json.loads(body or b"{}")
    except ValueError:
        return {}
    return parameters if isinstance(parameters, dict) else {}
