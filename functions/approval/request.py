"""A request to the page, from Lambda's payload format 2.0.

https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-payloads
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Request:
    """What the page looks at. The query and the body are secret and not in the repr.

    Attributes:
        method: in capitals.
        query: as it stands in the URL.
        content_type: the header with its parameters; empty where there is none.
        body: text, or Base64 where `is_base64_encoded`, which Lambda decides by content type.
    """

    method: str
    query: str = field(repr=False)
    content_type: str
    body: str = field(repr=False)
    is_base64_encoded: bool


def parse_request(event: Mapping[str, Any]) -> Request:
    """Return the request of an event; what is not there is empty, and no page takes it."""
    http = event.get("requestContext", {}).get("http", {})
    return Request(
        method=str(http.get("method", "")).upper(),
        query=event.get("rawQueryString") or "",
        content_type=event.get("headers", {}).get("content-type", ""),
        body=event.get("body") or "",
        is_base64_encoded=bool(event.get("isBase64Encoded")),
    )
