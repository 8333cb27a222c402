"""A page as Lambda answers it: the document around the content, and the headers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from http import HTTPStatus
from typing import Any, Final

from style import STYLE, STYLE_HASH

_HEADERS: Final[Mapping[str, str]] = {
    "Content-Type": "text/html; charset=utf-8",
    # No script, image, font or frame, and the form goes nowhere else.
    "Content-Security-Policy": (
        f"default-src 'none'; style-src '{STYLE_HASH}'; form-action 'self'; "
        "frame-ancestors 'none'; base-uri 'none'"
    ),
    # The link is a key: no other site is told it, and nothing keeps the page.
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex, nofollow",
    "Strict-Transport-Security": "max-age=31536000",
}


@dataclass(frozen=True)
class Answer:
    """A page: `content` is HTML, `title` text, `headers` are those that not all pages have."""

    status: HTTPStatus
    title: str
    content: str
    headers: Mapping[str, str] = field(default_factory=dict)


def message(
    status: HTTPStatus, title: str, text: str, headers: Mapping[str, str] | None = None
) -> Answer:
    """Return a page that says one thing."""
    content = (
        '<header><p class="over">Model approval</p>'
        f"<h1>{escape(title)}</h1></header><p>{escape(text)}</p>"
    )
    return Answer(status, title, content, headers or {})


def response_of(answer: Answer, method: str) -> dict[str, Any]:
    """Return an answer in the form that a function URL takes; HEAD gets the headers alone.

    https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-payloads
    """
    return {
        "statusCode": int(answer.status),
        "headers": {**_HEADERS, **answer.headers},
        "body": "" if method == "HEAD" else _document(answer),
        "isBase64Encoded": False,
    }


def _document(answer: Answer) -> str:
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        f"<title>{escape(answer.title)}</title>"
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{STYLE}</style></head>\n<body><main>{answer.content}</main></body></html>\n"
    )
