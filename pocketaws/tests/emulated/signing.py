"""Requests that are signed by hand, rightly or wrongly, and sent as they are."""

import datetime
import http.client
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import boto3
from botocore.auth import S3SigV4Auth, S3SigV4QueryAuth, SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

SECONDS = 20
_CODE = re.compile(r"<Code>([^<]*)</Code>")


@dataclass(frozen=True)
class Ask:
    """A request of one service."""

    service: str
    method: str = "POST"
    path: str = "/"
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Told:
    """What came back."""

    status: int
    body: bytes
    headers: Mapping[str, str]

    @property
    def code(self) -> str:
        """The error's code, wherever the protocol puts it."""
        named = self.headers.get("x-amzn-ErrorType")
        if named:
            return named.partition(":")[0]
        found = _CODE.search(self.body.decode(errors="replace"))
        return found[1] if found else ""


def own_credentials() -> Credentials:
    """Return those of the runtime's administrator, as the process has them."""
    found = boto3.Session(region_name="us-east-1").get_credentials().get_frozen_credentials()
    return Credentials(found.access_key, found.secret_key, found.token)


def signed(
    url: str,
    ask: Ask,
    credentials: Credentials,
    *,
    ago: datetime.timedelta = datetime.timedelta(),
    expires: int | None = None,
) -> tuple[str, dict[str, str]]:
    """Return the URL and the headers of a request that is signed.

    Args:
        url: of the emulator.
        ask: what is asked for.
        credentials: of who asks.
        ago: when it was signed.
        expires: of a presigned URL, in seconds; None for a signature in the header.
    """
    request = AWSRequest(ask.method, f"{url}{ask.path}", dict(ask.headers), ask.body)
    is_s3 = ask.service == "s3"
    signer: Any
    if expires is None:
        signer = (S3SigV4Auth if is_s3 else SigV4Auth)(credentials, ask.service, "us-east-1")
    else:
        kind = S3SigV4QueryAuth if is_s3 else SigV4QueryAuth
        signer = kind(credentials, ask.service, "us-east-1", expires=expires)
    then = datetime.datetime.now(tz=datetime.UTC) - ago
    request.context["timestamp"] = f"{then:%Y%m%dT%H%M%SZ}"
    signer._modify_request_before_signing(request)
    text = signer.string_to_sign(request, signer.canonical_request(request))
    signer._inject_signature_to_request(request, signer.signature(text, request))
    return str(request.url), dict(request.headers.items())


def send(
    url: str,
    ask: Ask,
    headers: Mapping[str, str] | None = None,
    kept: http.client.HTTPConnection | None = None,
) -> Told:
    """Send a request as it is, over a connection that is kept or one of its own."""
    parts = urlsplit(url)
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    connection = kept or http.client.HTTPConnection(parts.netloc, timeout=SECONDS)
    try:
        connection.request(ask.method, target or "/", ask.body or None, dict(headers or {}))
        response = connection.getresponse()
        return Told(response.status, response.read(), dict(response.headers.items()))
    finally:
        if kept is None:
            connection.close()


def target(service: str, operation: str, /, **parameters: Any) -> Ask:
    """Return a request of a service of JSON."""
    prefixes = {
        "states": ("AWSStepFunctions", "1.0"),
        "ssm": ("AmazonSSM", "1.1"),
        "dynamodb": ("DynamoDB_20120810", "1.0"),
        "events": ("AWSEvents", "1.1"),
        "logs": ("Logs_20140328", "1.1"),
        "sagemaker": ("SageMaker", "1.1"),
        "sqs": ("AmazonSQS", "1.0"),
    }
    prefix, version = prefixes[service]
    headers = {
        "X-Amz-Target": f"{prefix}.{operation}",
        "Content-Type": f"application/x-amz-json-{version}",
    }
    return Ask(service, body=json.dumps(parameters).encode(), headers=headers)


def form(service: str, text: str) -> Ask:
    """Return a request of a service of forms."""
    headers = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
    return Ask(service, body=text.encode(), headers=headers)
