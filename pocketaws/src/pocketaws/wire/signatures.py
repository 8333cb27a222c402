"""Verifies signatures of version 4, by botocore's own canonical request.

Derived keys are kept, since a client signs for the same day, region and service again and again.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

import datetime
import functools
import hashlib
import hmac
from types import SimpleNamespace
from typing import Any, Final
from urllib.parse import quote, unquote

from botocore.auth import EMPTY_SHA256_HASH, UNSIGNED_PAYLOAD, S3SigV4Auth, SigV4Auth
from botocore.compat import HTTPHeaders

from pocketaws.wire.bodies import digest_of, size_of
from pocketaws.wire.messages import Request
from pocketaws.wire.scopes import CredentialScope, Query, SignatureError

MAX_SKEW: Final = datetime.timedelta(minutes=15)
_FORMAT: Final = "%Y%m%dT%H%M%SZ"
_S3: Final = "s3"
CONTENT_SHA256: Final = "x-amz-content-sha256"
_TARGET: Final = "x-amz-target"
STREAMING: Final = "STREAMING-"


def check_time(scope: CredentialScope, now: datetime.datetime) -> None:
    """Hold a request's date against the clock.

    Raises:
        SignatureError: it is too old, of the future, or an expired URL's.
    """
    try:
        signed = datetime.datetime.strptime(scope.timestamp, _FORMAT).replace(tzinfo=datetime.UTC)
    except ValueError as error:
        raise SignatureError("Malformed", f"there is no date {scope.timestamp}") from error
    message = f"{scope.timestamp} is now {{}} {{:{_FORMAT}}} ({now:{_FORMAT}} {{}} 15 min.)"
    if signed - MAX_SKEW > now:
        text = message.format("later than", now + MAX_SKEW, "+")
        raise SignatureError("Skewed", f"Signature not yet current: {text}")
    if scope.expires_seconds is not None:
        if signed + datetime.timedelta(seconds=scope.expires_seconds) < now:
            raise SignatureError("Expired", "Request has expired")
    elif signed + MAX_SKEW < now:
        text = message.format("earlier than", now - MAX_SKEW, "-")
        raise SignatureError("Skewed", f"Signature expired: {text}")


def check_signature(request: Request, query: Query, scope: CredentialScope, secret: str) -> None:
    """Hold a complete request against its signature, and its body against what is signed of it.

    Raises:
        SignatureError: they differ.
    """
    _check(request, query, scope, secret)
    if scope.service == _S3:
        _check_content(request)


def check_head(head: Request, query: Query, scope: CredentialScope, secret: str) -> None:
    """Hold a request of S3, whose body has not come yet, against its signature.

    Of the body S3's signatures have the hash that a header names, and so need none.

    Raises:
        SignatureError: they differ.
    """
    _check(head, query, scope, secret)


def _check(request: Request, query: Query, scope: CredentialScope, secret: str) -> None:
    payload = _payload(request, scope)
    signed = string_to_sign(scope, _canonical_request(request, query, scope, payload))
    if not hmac.compare_digest(signature_of(scope, secret, signed), scope.signature):
        raise SignatureError("Mismatch", "")
    if scope.service == _S3:
        _check_signed_headers(request, scope)
    elif _TARGET in request.headers and _TARGET not in scope.signed_headers:
        # It names the operation.
        raise SignatureError("Mismatch", "")


def signature_of(scope: CredentialScope, secret: str, text: str) -> str:
    """Return the signature of a text."""
    key = _signing_key(secret, scope.date, scope.region, scope.service)
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def string_to_sign(scope: CredentialScope, canonical_request: str) -> str:
    """Return what is signed of a request."""
    digest = hashlib.sha256(canonical_request.encode()).hexdigest()
    return f"AWS4-HMAC-SHA256\n{scope.timestamp}\n{scope.text}\n{digest}"


def _payload(request: Request, scope: CredentialScope) -> str:
    """Return what the canonical request says of the body."""
    if scope.service == _S3:
        if scope.expires_seconds is not None:
            return request.headers.get(CONTENT_SHA256, str(UNSIGNED_PAYLOAD))
        try:
            return request.headers[CONTENT_SHA256]
        except KeyError:
            text = "Missing required header for this request: x-amz-content-sha256"
            raise SignatureError("Unhashed", text) from None
    return hashlib.sha256(request.body).hexdigest() if request.body else str(EMPTY_SHA256_HASH)


def _canonical_request(request: Request, query: Query, scope: CredentialScope, payload: str) -> str:
    signed_query = [pair for pair in query if pair[0] != "X-Amz-Signature"]
    # S3 encodes what it has decoded, all others what has come.
    is_s3 = scope.service == _S3
    path = quote(unquote(request.path), safe="/~") if is_s3 else request.path
    signer = (_S3Verifier if is_s3 else _Verifier)(None, scope.service, scope.region)
    prepared = SimpleNamespace(
        method=request.method,
        url=f"http://localhost{path}",
        params=signed_query,
        headers={"X-Amz-Content-SHA256": payload},
        signed=_signed_headers(request, scope),
    )
    return str(signer.canonical_request(prepared))


def _signed_headers(request: Request, scope: CredentialScope) -> HTTPHeaders:
    signed = HTTPHeaders()
    wanted = set(scope.signed_headers)
    for name, value in request.fields:
        if name.lower() in wanted:
            signed[name.lower()] = value
    missing = wanted - {name.lower() for name in signed}
    if missing:
        # Whoever signs a header that does not come signs another request.
        raise SignatureError("Mismatch", "")
    return signed


def _check_content(request: Request) -> None:
    """Hold the body against its hash; what is no hash says that it is not signed, or in chunks."""
    declared = request.headers.get(CONTENT_SHA256, UNSIGNED_PAYLOAD)
    if declared == UNSIGNED_PAYLOAD or declared.startswith(STREAMING):
        return
    if digest_of(request.content, 0, size_of(request.content)) != declared:
        text = "The provided 'x-amz-content-sha256' header does not match what was computed."
        raise SignatureError("Content", text)


def _check_signed_headers(request: Request, scope: CredentialScope) -> None:
    for name in request.headers:
        if name.startswith("x-amz-") and name not in scope.signed_headers:
            text = "There were headers present in the request which were not signed"
            raise SignatureError("Unsigned", text)


@functools.lru_cache(maxsize=256)
def _signing_key(secret: str, date: str, region: str, service: str) -> bytes:
    key = f"AWS4{secret}".encode()
    for part in (date, region, service, "aws4_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return key


class _Verifier(SigV4Auth):  # type: ignore[misc]
    def headers_to_sign(self, request: Any) -> HTTPHeaders:
        return request.signed


class _S3Verifier(S3SigV4Auth):  # type: ignore[misc]
    def headers_to_sign(self, request: Any) -> HTTPHeaders:
        return request.signed
