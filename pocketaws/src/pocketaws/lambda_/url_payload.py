"""Lambda's payload format 2.0: a request of HTTP as an event, a function's answer as a response.

https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-payloads
"""

import base64
import binascii
import datetime
import json
import uuid
from collections.abc import Mapping
from typing import Any, Final

from werkzeug.datastructures import Headers
from werkzeug.wrappers import Request, Response

_JSON: Final = "application/json"
# What reaches the function as it is; all else, forms too, in base64.
_TEXT_TYPES: Final = (_JSON, "application/xml", "application/javascript")


def event_of(request: Request, body: bytes, *, account_id: str, url_id: str) -> str:
    """Return a request as the event of a function, in JSON.

    Args:
        request: of HTTP.
        body: of the request, already read.
        account_id: of the function.
        url_id: what the host of the URL begins with on AWS.
    """
    path = request.environ.get("REQUEST_URI", request.path).partition("?")[0]
    query = request.query_string.decode("latin-1")
    headers = _headers(request)
    cookies = headers.pop("cookie", "")
    text, is_base64 = _encoded(body, request.mimetype)
    event = {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": query,
        "cookies": [part.strip() for part in cookies.split(";")] if cookies else None,
        "headers": headers,
        "queryStringParameters": _joined(request) or None,
        "requestContext": _context(request, path, account_id, url_id),
        "body": text if body else None,
        "isBase64Encoded": is_base64,
    }
    return json.dumps({key: value for key, value in event.items() if value is not None})


def response_of(payload: str) -> Response | None:
    """Return a function's answer as a response, or None where it cannot be made one.

    Args:
        payload: what the function returned, in JSON.
    """
    answer = json.loads(payload)
    if not isinstance(answer, dict) or "statusCode" not in answer:
        # Lambda infers the rest.
        return Response(payload, 200, mimetype=_JSON)
    try:
        body = _body_of(answer)
        status = int(answer["statusCode"])
        headers = Headers([(str(key), str(value)) for key, value in _items(answer, "headers")])
        for cookie in answer.get("cookies") or []:
            headers.add("Set-Cookie", str(cookie))
    except (AttributeError, TypeError, ValueError, binascii.Error):
        return None
    if not 100 <= status <= 599:  # noqa: PLR2004 - what HTTP knows
        return None
    headers.setdefault("Content-Type", _JSON)
    headers.pop("Content-Length", None)
    return Response(body, status, headers)


def _items(answer: Mapping[str, Any], key: str) -> list[tuple[Any, Any]]:
    return list((answer.get(key) or {}).items())


def _body_of(answer: Mapping[str, Any]) -> bytes:
    body = answer.get("body") or ""
    text = body if isinstance(body, str) else json.dumps(body)
    return base64.b64decode(text, validate=True) if answer.get("isBase64Encoded") else text.encode()


def _headers(request: Request) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in request.headers.items():
        key = name.lower()
        found[key] = f"{found[key]},{value}" if key in found else value
    return {
        **found,
        "x-amzn-trace-id": f"Root=1-{uuid.uuid4()}",
        "x-forwarded-for": request.remote_addr or "",
        "x-forwarded-port": request.host.rpartition(":")[2],
        "x-forwarded-proto": request.scheme,
    }


def _joined(request: Request) -> dict[str, str]:
    """Return the query's parameters, those that are given several times joined by commas."""
    return {name: ",".join(values) for name, values in request.args.lists()}


def _encoded(body: bytes, mimetype: str) -> tuple[str, bool]:
    """Return a body as text, and whether in base64."""
    if not body or mimetype.startswith("text/") or mimetype in _TEXT_TYPES:
        with_errors = body.decode("utf-8", errors="replace")
        if with_errors.encode("utf-8") == body:
            return with_errors, False
    return base64.b64encode(body).decode(), True


def _context(request: Request, path: str, account_id: str, url_id: str) -> dict[str, Any]:
    now = datetime.datetime.now(tz=datetime.UTC)
    return {
        # The caller's account of a signed request; of others it is not known.
        "accountId": account_id if "Authorization" in request.headers else "anonymous",
        "apiId": url_id,
        "domainName": request.host.partition(":")[0],
        "domainPrefix": url_id,
        "http": {
            "method": request.method,
            "path": path,
            "protocol": request.environ.get("SERVER_PROTOCOL", "HTTP/1.1"),
            "sourceIp": request.remote_addr,
            "userAgent": request.headers.get("User-Agent", ""),
        },
        "requestId": str(uuid.uuid4()),
        "routeKey": "$default",
        "stage": "$default",
        "time": f"{now:%d/%b/%Y:%H:%M:%S +0000}",
        "timeEpoch": int(now.timestamp() * 1000),
    }
