"""AWS's answers to who may not ask: a code and a status for each family of protocols.

S3 has errors of its own (https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html), the
services of JSON those of their front, all others the common ones
(https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from xml.sax.saxutils import escape

from pocketaws.wire.messages import HttpAnswer, Request

S3: Final = "s3"
JSON: Final = "json"
QUERY: Final = "query"

_DIFFERS: Final = (
    "The request signature we calculated does not match the signature you provided. Check your "
    "AWS Secret Access Key and signing method. Consult the service documentation for details."
)
_DIFFERS_FOR_S3: Final = (
    "The request signature we calculated does not match the signature you provided. Check your key "
    "and signing method."
)
_INVALID: Final = "The security token included in the request is invalid."
_EXPIRED: Final = "The security token included in the request is expired"
_OLD: Final = (
    "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256."
)
_SKEWED_FOR_S3: Final = "The difference between the request time and the current time is too large."
# By kind and family: the code, the status, and the message where it is always the same.
_CODES: Final[Mapping[str, Mapping[str, tuple[str, int, str]]]] = {
    "Missing": {
        S3: ("AccessDenied", 403, "Access Denied"),
        JSON: ("MissingAuthenticationTokenException", 400, "Missing Authentication Token"),
        QUERY: ("MissingAuthenticationToken", 403, "Request is missing Authentication Token"),
    },
    "UnknownKey": {
        S3: (
            "InvalidAccessKeyId",
            403,
            "The AWS Access Key Id you provided does not exist in our records.",
        ),
        JSON: ("UnrecognizedClientException", 400, _INVALID),
        QUERY: ("InvalidClientTokenId", 403, _INVALID),
    },
    "WrongToken": {
        S3: ("InvalidToken", 400, "The provided token is malformed or otherwise invalid."),
        JSON: ("UnrecognizedClientException", 400, _INVALID),
        QUERY: ("InvalidClientTokenId", 403, _INVALID),
    },
    "ExpiredToken": {
        S3: ("ExpiredToken", 400, "The provided token has expired."),
        JSON: ("ExpiredTokenException", 400, _EXPIRED),
        QUERY: ("ExpiredToken", 403, _EXPIRED),
    },
    "Mismatch": {
        S3: ("SignatureDoesNotMatch", 403, _DIFFERS_FOR_S3),
        JSON: ("InvalidSignatureException", 400, _DIFFERS),
        QUERY: ("SignatureDoesNotMatch", 403, _DIFFERS),
    },
    "Skewed": {
        S3: ("RequestTimeTooSkewed", 403, _SKEWED_FOR_S3),
        JSON: ("InvalidSignatureException", 400, ""),
        QUERY: ("RequestExpired", 400, ""),
    },
    "Expired": {
        S3: ("AccessDenied", 403, "Request has expired"),
        JSON: ("InvalidSignatureException", 400, ""),
        QUERY: ("RequestExpired", 400, ""),
    },
    "Malformed": {
        S3: ("AuthorizationHeaderMalformed", 400, ""),
        JSON: ("IncompleteSignatureException", 400, ""),
        QUERY: ("IncompleteSignature", 400, ""),
    },
    "NoProvider": {
        QUERY: ("InvalidIdentityToken", 400, "No OpenIDConnect provider found in your account"),
    },
    "Old": {
        S3: ("InvalidRequest", 400, _OLD),
        JSON: ("IncompleteSignatureException", 400, ""),
        QUERY: ("IncompleteSignature", 400, ""),
    },
}
# S3's alone.
_S3_CODES: Final = {
    "Content": ("XAmzContentSHA256Mismatch", 400),
    "Unhashed": ("InvalidRequest", 400),
    "Unsigned": ("AccessDenied", 403),
    "Incomplete": ("IncompleteBody", 400),
    "Unsupported": ("NotImplemented", 501),
}
_REQUEST_ID: Final = ("x-amzn-RequestId", "local")
_JSON_STATUS: Final = 400
_REST_STATUS: Final = 403
# Of services whose requests name their operation by method and path, and whose bodies are JSON.
_FORM: Final = "application/x-www-form-urlencoded"
_XML_SERVICES: Final = frozenset({"cloudfront", "route53", "ec2"})
_CBOR: Final = "application/cbor"


@dataclass(frozen=True)
class Refusal:
    """Why a request is refused, in AWS's words.

    Attributes:
        status: of HTTP; 0 for that of the service's protocol.
    """

    code: str
    message: str
    status: int = 0


def family_of(request: Request, service: str) -> str:
    """Return the family of protocols in which a service answers a request.

    Args:
        request: of the service.
        service: by its name in signatures; empty where the request is not signed.
    """
    headers = request.headers
    if "x-amz-target" in headers or "smithy-protocol" in headers:
        return JSON
    if service == S3:
        return S3
    is_form = headers.get("content-type", "").startswith(_FORM)
    if is_form or "Action=" in request.target or service in _XML_SERVICES:
        return QUERY
    if service:
        return JSON
    # Whom nothing names asks S3, whose requests can do without.
    return JSON if request.path.startswith(("/2015-03-31/", "/endpoints/")) else S3


def of_signature(kind: str, message: str, family: str) -> Refusal:
    """Return the refusal of a signature.

    Args:
        kind: what is wrong with it.
        message: more about it.
        family: of protocols.
    """
    if kind in _S3_CODES:
        code, status = _S3_CODES[kind]
        return Refusal(code, message, status)
    code, status, always = _CODES[kind][family]
    return Refusal(code, always or message, status)


def answer_of(refusal: Refusal, request: Request, family: str) -> HttpAnswer:
    """Return a refusal in the shape of a family of protocols."""
    if family == JSON:
        return _json_answer(refusal, request)
    status = refusal.status or _REST_STATUS
    text = _S3_ERROR if family == S3 else _QUERY_ERROR
    body = text.format(escape(refusal.code), escape(refusal.message)).encode()
    return HttpAnswer(
        status, body, "text/xml" if family == QUERY else "application/xml", [_REQUEST_ID]
    )


def _json_answer(refusal: Refusal, request: Request) -> HttpAnswer:
    is_rest = "x-amz-target" not in request.headers
    status = refusal.status or _JSON_STATUS
    if is_rest and status == _JSON_STATUS and refusal.code in _REST_FORBIDDEN:
        status = _REST_STATUS
    headers = [_REQUEST_ID, ("x-amzn-ErrorType", refusal.code)]
    fields: dict[str, Any] = {"__type": refusal.code, "message": refusal.message}
    if "smithy-protocol" in request.headers:
        headers.append(("smithy-protocol", "rpc-v2-cbor"))
        return HttpAnswer(status, _cbor(fields), _CBOR, headers)
    return HttpAnswer(status, json.dumps(fields).encode(), "application/x-amz-json-1.1", headers)


_S3_ERROR: Final = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    "<Error><Code>{}</Code><Message>{}</Message><RequestId>local</RequestId></Error>"
)
_QUERY_ERROR: Final = (
    "<ErrorResponse><Error><Type>Sender</Type><Code>{}</Code><Message>{}</Message></Error>"
    "<RequestId>local</RequestId></ErrorResponse>"
)
_REST_FORBIDDEN: Final = frozenset(
    {
        "AccessDeniedException",
        *(families[JSON][0] for families in _CODES.values() if JSON in families),
    }
)


def _cbor(fields: Mapping[str, str]) -> bytes:
    """Return a short map of texts: https://www.rfc-editor.org/rfc/rfc8949."""
    parts = [bytes([0xA0 + len(fields)])]
    for text in (one for pair in fields.items() for one in pair):
        encoded = text.encode()
        parts += [b"\x79", len(encoded).to_bytes(2), encoded]
    return b"".join(parts)
