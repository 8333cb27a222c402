"""The approval page over HTTP, as a browser asks for it."""

import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass

FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Page:
    """What a request was answered with."""

    status: int
    text: str


def visit(
    link: str,
    *,
    method: str = "GET",
    body: bytes | None = None,
    content_type: str | None = None,
) -> Page:
    headers = {} if content_type is None else {"Content-Type": content_type}
    request = urllib.request.Request(link, data=body, headers=headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=120) as answer:
            return Page(answer.status, answer.read().decode())
    except urllib.error.HTTPError as error:
        return Page(error.code, error.read().decode())


def post(link: str, decision: str = "approve", comment: str = "") -> Page:
    form = urllib.parse.urlencode({"decision": decision, "comment": comment})
    return visit(link, method="POST", body=form.encode(), content_type=FORM)
