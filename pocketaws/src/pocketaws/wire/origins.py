"""Whose request it is: the user's, or that of a web page of somebody else's in their browser.

A page may send requests to loopback from any browser, and a name of its own may lead there, too
(DNS rebinding). What a page cannot choose is what its browser says of it: Host, Origin, Referer and
the Fetch Metadata (https://www.w3.org/TR/fetch-metadata/).
"""

import re
from http import HTTPStatus
from typing import Final
from urllib.parse import urlsplit

from pocketaws.wire.messages import HttpAnswer, Request

# What SDKs put before the host by their service models, where it becomes one name with it.
HOST_PREFIXES: Final = (
    "analytics-",
    "control-storage-",
    "data-",
    "query-",
    "runtime-",
    "storage-",
    "stream-",
    "sync-",
    "tags-",
    "workflows-",
)
# Clients leave out this one alone: https://www.rfc-editor.org/rfc/rfc9110#section-7.2.
_DEFAULT_PORT: Final = ":80"
_LABEL: Final = r"[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?"
_HOST: Final = re.compile(
    rf"(?:(?:{_LABEL}\.)*localhost|(?:{'|'.join(HOST_PREFIXES)})localhost"
    r"|127(?:\.\d{1,3}){3}|\[::1\])(?P<port>:\d{1,5})?",
    re.IGNORECASE,
)
# A page of this server's own, and what no page has sent.
_OWN_SITES: Final = ("same-origin", "none")
_OPAQUE: Final = "null"
# A link that somebody follows, and not what a page loads or sends.
_FOLLOWED: Final = {"sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}
_SIGNED: Final = "X-Amz-Signature="
_PLAIN: Final = "text/plain; charset=utf-8"


def foreign(head: Request) -> str | None:
    """Return why a request is not the user's own, in a sentence; None if it is."""
    return wrong_host(head) or foreign_page(head)


def wrong_host(head: Request) -> str | None:
    """Return why a request was not meant for this server; None if it was."""
    host = head.headers.get("host", "")
    found = _HOST.fullmatch(host)
    if found is None or (found["port"] or _DEFAULT_PORT) != f":{head.port}":
        return (
            f"Host is {_shown(host)}, which is no name of this machine's loopback with port "
            f"{head.port}; call http://localhost:{head.port}."
        )
    return None


def foreign_page(head: Request) -> str | None:
    """Return why a request is that of somebody else's web page; None if it is not."""
    headers = head.headers
    own = f"http://{headers.get('host', '')}".lower()
    site = headers.get("sec-fetch-site")
    origin = headers.get("origin")
    referer = headers.get("referer")
    if site is not None and site not in _OWN_SITES:
        return _of_page("Sec-Fetch-Site", site)
    # A page that asks for no Referer has an opaque origin even to its own server.
    is_own_form = origin == _OPAQUE and site == "same-origin"
    if origin is not None and origin.lower() != own and not is_own_form:
        return _of_page("Origin", origin)
    if referer and _origin_of(referer) != own:
        return _of_page("Referer", referer)
    return None


def is_signed_link(head: Request) -> bool:
    """Return whether a link is followed that is signed in itself, such as a presigned URL of S3's.

    Whichever page has it, only who holds the user's key can have made it, and the page gets to
    read nothing of the answer. The signature is verified afterwards, as any.
    """
    return (
        head.method == "GET"
        and "origin" not in head.headers
        and _SIGNED in head.target
        and all(head.headers.get(name) == value for name, value in _FOLLOWED.items())
    )


def refused(reason: str) -> HttpAnswer:
    """Return the answer to a request that is not the user's own."""
    # Not as a page: what it quotes is the sender's.
    return HttpAnswer(HTTPStatus.FORBIDDEN, f"Forbidden: {reason}\n".encode(), _PLAIN)


def _of_page(header: str, value: str) -> str:
    return (
        f"{header} is {_shown(value)}: a web page of another origin sent this, and the local "
        "AWS answers none (`workflow serve --allow-origin` names those that it does)."
    )


def _origin_of(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return f"{parts.scheme}://{parts.netloc}".lower()


def _shown(value: str) -> str:
    return repr(value[:100])
