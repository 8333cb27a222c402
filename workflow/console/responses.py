"""Kinds of answers: a part of a page that is asked for again and again, and a page of others."""

import hashlib
import re
from collections.abc import Callable
from typing import Final

from flask import Response, render_template, request
from markupsafe import Markup, escape

from workflow.console.access import PAGE_POLICY

_HTML: Final = "text/html; charset=utf-8"
_URL: Final = re.compile(r"https?://[^\s<>\"')]+")
# What answers there takes a link of another page for a foreign request.
_OF_THIS_MACHINE: Final = re.compile(r"https?://(localhost\b|127\.|\[)")
_OWN_LINK: Final = Markup('<a href="{0}">{0}</a>')
_LINK: Final = Markup('<a href="{0}" rel="noreferrer noopener" target="_blank">{0}</a>')


def part(template: str, **values: object) -> Markup:
    """Return a part of a page, whose template has escaped what stands in it."""
    return Markup(render_template(template, **values))  # noqa: S704 - see there


def live(
    content: str | Callable[[], str], *, version: str | None = None, has_ended: bool = False
) -> Response:
    """Return a part of a page, or 304 where the browser shows it already.

    Args:
        content: the part, or what makes it.
        version: changes whenever the part does; None is a digest of the part.
        has_ended: tells the page not to ask again.
    """
    if version is None:
        content = content if isinstance(content, str) else content()
        version = hashlib.sha256(content.encode()).hexdigest()
    if request.if_none_match.contains(version):
        response = Response(status=304)
    else:
        body = content if isinstance(content, str) else content()
        response = Response(body, content_type=_HTML)
    response.set_etag(version)
    if has_ended:
        response.headers["X-Ended"] = "yes"
    return response


def whole_page(content: str | bytes) -> Response:
    """Return a page that stands for itself, and may load and run nothing."""
    response = Response(content, content_type=_HTML)
    response.headers["Content-Security-Policy"] = PAGE_POLICY
    return response


def linked(text: str) -> Markup:
    """Return a text with the URLs of this console and of other machines as links."""
    parts, end = [], 0
    for match in _URL.finditer(text):
        url = match[0].rstrip(".,;")
        parts += [escape(text[end : match.start()]), _link(url)]
        end = match.start() + len(url)
    return Markup().join([*parts, escape(text[end:])])


def _link(url: str) -> Markup:
    if url.startswith(request.host_url):
        return _OWN_LINK.format(url)
    return escape(url) if _OF_THIS_MACHINE.match(url) else _LINK.format(url)
