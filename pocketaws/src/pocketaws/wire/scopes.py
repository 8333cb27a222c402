"""What a request says of its signature: SigV4's, in a header or in the query.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-authentication-methods.html
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote

from pocketaws.wire.messages import Request

ALGORITHM: Final = "AWS4-HMAC-SHA256"
_CREDENTIAL: Final = re.compile(
    # In small letters: whoever reads the service without regard to them must read the same.
    r"(?P<key>[\w+=,.@-]{1,128})/(?P<date>\d{8})/(?P<region>[a-z0-9-]+)/(?P<service>[a-z0-9.-]+)"
    r"/aws4_request",
    re.ASCII,
)
_TIMESTAMP: Final = re.compile(r"\d{8}T\d{6}Z", re.ASCII)
_MAX_EXPIRES_SECONDS: Final = 604_800
# Of the old signature, which S3 takes in no region that was opened since 2014.
_OLD_QUERY: Final = frozenset({"AWSAccessKeyId", "Signature"})

Query = Sequence[tuple[str, str]]


class SignatureError(Exception):
    """A signature that is none.

    Attributes:
        kind: of `refusals.CODES`.
    """

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


@dataclass(frozen=True)
class CredentialScope:
    """Who signed a request, and for what.

    Attributes:
        service: by its name in signatures, such as "states".
        timestamp: of the signature, such as "20261129T020800Z".
        signed_headers: their names, in lower case.
        expires_seconds: after which a presigned URL is refused; None of a header's signature.
    """

    access_key_id: str
    date: str
    region: str
    service: str
    timestamp: str
    signed_headers: tuple[str, ...]
    signature: str
    token: str
    expires_seconds: int | None = None

    @property
    def text(self) -> str:
        """The credential scope."""
        return f"{self.date}/{self.region}/{self.service}/aws4_request"


def query_of(target: str) -> list[tuple[str, str]]:
    """Return a target's query, decoded as AWS decodes it: a plus is a plus."""
    text = target.partition("?")[2]
    pairs = (pair.partition("=") for pair in text.split("&") if pair)
    return [(unquote(name), unquote(value)) for name, _, value in pairs]


def scope_of(request: Request, query: Query) -> CredentialScope | None:
    """Return what a request says of its signature; None where it has none.

    Raises:
        SignatureError: it is malformed, or the old one.
    """
    header = request.headers.get("authorization")
    names = {name for name, _ in query}
    if header is not None and names & {"X-Amz-Algorithm", "X-Amz-Signature"}:
        raise SignatureError("Malformed", "only one way of authentication may be used")
    if header is not None:
        return _of_header(header, request.headers)
    if names & {"X-Amz-Algorithm", "X-Amz-Signature", "X-Amz-Credential"}:
        return _of_query(query)
    if names & _OLD_QUERY:
        raise SignatureError("Old", "the query has a signature of version 2")
    return None


def _of_header(header: str, headers: Mapping[str, str]) -> CredentialScope:
    algorithm, _, rest = header.partition(" ")
    if algorithm != ALGORITHM:
        raise SignatureError("Old", f"the header names {algorithm[:30]!r}")
    parts = [part.strip().partition("=") for part in rest.split(",")]
    given = {name: value for name, _, value in parts}
    if len(given) != len(parts):
        raise SignatureError("Malformed", "a part of the Authorization header stands twice")
    timestamp = headers.get("x-amz-date") or headers.get("date", "")
    return _scope(
        given.get("Credential", ""),
        timestamp=timestamp,
        signed_headers=given.get("SignedHeaders", ""),
        signature=given.get("Signature", ""),
        token=headers.get("x-amz-security-token", ""),
    )


def _of_query(query: Query) -> CredentialScope:
    given = dict(query)
    if len(given) != len(query):
        raise SignatureError("Malformed", "a parameter of the query stands twice")
    if given.get("X-Amz-Algorithm") != ALGORITHM:
        raise SignatureError("Malformed", f"X-Amz-Algorithm only supports {ALGORITHM}")
    expires = given.get("X-Amz-Expires", "")
    if not re.fullmatch(r"\d{1,7}", expires, re.ASCII) or int(expires) > _MAX_EXPIRES_SECONDS:
        text = f"X-Amz-Expires must be a number of seconds up to {_MAX_EXPIRES_SECONDS}"
        raise SignatureError("Malformed", text)
    return _scope(
        given.get("X-Amz-Credential", ""),
        timestamp=given.get("X-Amz-Date", ""),
        signed_headers=given.get("X-Amz-SignedHeaders", ""),
        signature=given.get("X-Amz-Signature", ""),
        token=given.get("X-Amz-Security-Token", ""),
        expires_seconds=int(expires),
    )


def _scope(
    credential: str,
    *,
    timestamp: str,
    signed_headers: str,
    signature: str,
    token: str,
    expires_seconds: int | None = None,
) -> CredentialScope:
    found = _CREDENTIAL.fullmatch(credential)
    if found is None:
        text = "the Credential must be KEY/YYYYMMDD/REGION/SERVICE/aws4_request"
        raise SignatureError("Malformed", text)
    if not _TIMESTAMP.fullmatch(timestamp):
        raise SignatureError("Malformed", "X-Amz-Date must be a date such as 20261129T020800Z")
    if not timestamp.startswith(found["date"]):
        text = f"Date in Credential scope does not match YYYYMMDD from ISO-8601: {timestamp}"
        raise SignatureError("Mismatch", text)
    names = tuple(signed_headers.split(";"))
    if "host" not in names or not signature:
        raise SignatureError("Malformed", "the header host must be signed, and a Signature given")
    return CredentialScope(
        found["key"],
        found["date"],
        found["region"],
        found["service"],
        timestamp,
        names,
        signature,
        token,
        expires_seconds,
    )
