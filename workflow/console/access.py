"""Who may ask: the user whom `workflow serve` has printed the link for, and pages of the console.

Host and Origin are checked by what serves the port. Beyond that every page needs the cookie that
the link gives, since others on the machine reach loopback, too; and what changes anything needs
the form token, which only a page of the console can read.
"""

import secrets
from dataclasses import dataclass, field
from typing import Final

from flask import Flask, Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

_TOKEN_BYTES: Final = 32
_SAFE_METHODS: Final = ("GET", "HEAD", "OPTIONS")
_LINK_FIELD: Final = "token"
FORM_FIELD: Final = "form_token"
HEADER: Final = "X-Form-Token"
POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
# Of whole pages that others have made: reports, and the monitor's.
PAGE_POLICY: Final = (
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
_HEADERS: Final = {
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


def _random() -> str:
    return secrets.token_urlsafe(_TOKEN_BYTES)


@dataclass(frozen=True)
class ConsoleAccess:
    """The secrets of one console, which end with it.

    Attributes:
        link: stands in the printed URL.
        session: is the cookie's value.
        form: stands in forms and in the header of the pages' own requests.
    """

    link: str = field(default_factory=_random)
    session: str = field(default_factory=_random)
    form: str = field(default_factory=_random)


def guard(app: Flask, access: ConsoleAccess) -> None:
    """Have every request of an application checked, and every answer carry the policies."""

    @app.before_request
    def check() -> AnyResponse | None:
        if _is(request.args.get(_LINK_FIELD), access.link):
            return _let_in(access)
        if not _is(request.cookies.get(_cookie_name()), access.session):
            return _refused("not-let-in.html")
        given = request.headers.get(HEADER) or request.form.get(FORM_FIELD)
        if request.method not in _SAFE_METHODS and not _is(given, access.form):
            return _refused("no-form-token.html")
        return None

    @app.after_request
    def add_policies(response: Response) -> Response:
        response.headers.setdefault("Content-Security-Policy", POLICY)
        for name, value in _HEADERS.items():
            response.headers[name] = value
        return response


def _let_in(access: ConsoleAccess) -> AnyResponse:
    """Answer the printed link: with the cookie, and an address without the token."""
    response = redirect(url_for("overview"), 303)
    response.set_cookie(_cookie_name(), access.session, httponly=True, samesite="Strict")
    return response


def _refused(template: str) -> Response:
    return make_response(render_template(template), 403)


def _cookie_name() -> str:
    # Cookies know no ports, and several consoles may be up.
    return f"workflow-console-{request.host.rpartition(':')[2]}"


def _is(given: str | None, expected: str) -> bool:
    return given is not None and secrets.compare_digest(given.encode(), expected.encode())
