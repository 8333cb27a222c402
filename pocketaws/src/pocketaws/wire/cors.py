"""Cross-origin resource sharing, as far as a bucket's settings or the user allow it.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/cors.html
"""

import fnmatch
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final, Protocol

from pocketaws.wire.buckets import bucket_of
from pocketaws.wire.messages import HttpAnswer, Request

_ANY: Final = "*"
_FORBIDDEN: Final = (
    "<Error><Code>AccessForbidden</Code><Message>CORSResponse: This CORS request is not allowed. "
    "This is usually because the evalution of Origin, request method / Access-Control-Request-"
    "Method or Access-Control-Request-Headers are not whitelisted by the resource's CORS spec."
    "</Message><RequestId>local</RequestId></Error>"
)
# What the services' own front tells to pages.
_EXPOSED: Final = "x-amzn-RequestId,x-amzn-ErrorType,x-amzn-ErrorMessage,x-amz-request-id,Date,ETag"
_MAX_AGE_SECONDS: Final = 172_800

Headers = list[tuple[str, str]]


@dataclass(frozen=True)
class OriginRule:
    """Who may send what from a page of another origin.

    Attributes:
        origins: with at most one `*` each.
        methods: of HTTP.
        headers: that a request may have, with at most one `*` each.
        exposed: headers of an answer that the page may read.
        max_age_seconds: that a browser may keep the answer to a preflight.
        is_credentialed: whether a browser may send what it knows of the user.
    """

    origins: tuple[str, ...]
    methods: tuple[str, ...]
    headers: tuple[str, ...] = ()
    exposed: tuple[str, ...] = ()
    max_age_seconds: int | None = None
    is_credentialed: bool = False

    def lets(self, origin: str, method: str, headers: Sequence[str]) -> bool:
        """Tell whether a request of a page is allowed."""
        return (
            any(_like(pattern, origin) for pattern in self.origins)
            and (method in self.methods or _ANY in self.methods)
            and all(any(_like(one.lower(), name) for one in self.headers) for name in headers)
        )

    def answer_headers(self, origin: str, asked: Sequence[str] | None) -> Headers:
        """Return what an answer says.

        Args:
            origin: of the page.
            asked: the headers that a preflight asks for; None of any other request.
        """
        is_open = _ANY in self.origins and not self.is_credentialed
        found = [
            ("Access-Control-Allow-Origin", _ANY if is_open else origin),
            ("Vary", "Origin, Access-Control-Request-Headers, Access-Control-Request-Method"),
        ]
        if self.is_credentialed:
            found.append(("Access-Control-Allow-Credentials", "true"))
        if self.exposed:
            found.append(("Access-Control-Expose-Headers", ", ".join(self.exposed)))
        if asked is not None:
            found.append(("Access-Control-Allow-Methods", ", ".join(self.methods)))
            if asked:
                found.append(("Access-Control-Allow-Headers", ", ".join(asked)))
            if self.max_age_seconds is not None:
                found.append(("Access-Control-Max-Age", str(self.max_age_seconds)))
        return found


class Settings(Protocol):
    """Where buckets' settings are."""

    def cors_rules(self, bucket_name: str) -> Sequence[OriginRule]:
        """Return a bucket's rules, none where there is no bucket."""


def rule_for(request: Request, rules: Sequence[OriginRule]) -> OriginRule | None:
    """Return the first rule that allows the request of a page."""
    origin = request.headers.get("origin")
    if origin is None:
        return None
    preflight = is_preflight(request)
    method = request.headers["access-control-request-method"] if preflight else request.method
    asked = asked_headers(request) if preflight else []
    return next((rule for rule in rules if rule.lets(origin, method, asked)), None)


def is_preflight(request: Request) -> bool:
    """Tell whether a browser asks what it may send."""
    names = request.headers.keys()
    return request.method == "OPTIONS" and {"origin", "access-control-request-method"} <= names


def asked_headers(request: Request) -> list[str]:
    """Return the headers that a preflight asks for."""
    text = request.headers.get("access-control-request-headers", "")
    return [name.strip().lower() for name in text.split(",") if name.strip()]


def headers_of(request: Request, rule: OriginRule | None) -> Headers:
    """Return what an answer says to the page that sent the request."""
    if rule is None:
        return []
    asked = asked_headers(request) if is_preflight(request) else None
    return rule.answer_headers(request.headers["origin"], asked)


class Cors:
    """What the emulated services say to pages.

    Args:
        settings: has the buckets' rules.
        allowed_origins: that may call every service.
    """

    def __init__(self, settings: Settings, allowed_origins: Sequence[str]) -> None:
        self._settings = settings
        self._allowed = OriginRule(
            tuple(allowed_origins),
            ("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH"),
            (_ANY,),
            tuple(_EXPOSED.split(",")),
            _MAX_AGE_SECONDS,
            is_credentialed=True,
        )

    def allows(self, head: Request) -> bool:
        """Tell whether the settings let a page of another origin send a request."""
        return "origin" in head.headers and self._rule(head) is not None

    def headers(self, request: Request) -> Headers:
        """Return what an answer says to the page that sent the request."""
        if "origin" not in request.headers:
            return []
        return headers_of(request, self._rule(request))

    def preflight(self, request: Request) -> HttpAnswer:
        """Answer what a browser asks before it sends a page's request."""
        headers = self.headers(request)
        if not headers:
            return HttpAnswer(HTTPStatus.FORBIDDEN, _FORBIDDEN.encode(), "application/xml")
        return HttpAnswer(HTTPStatus.OK, b"", "", headers)

    def _rule(self, request: Request) -> OriginRule | None:
        return rule_for(request, [self._allowed, *self._settings.cors_rules(bucket_of(request))])


def _like(pattern: str, text: str) -> bool:
    return fnmatch.fnmatchcase(text, pattern.replace("[", "[[]").replace("?", "[?]"))
