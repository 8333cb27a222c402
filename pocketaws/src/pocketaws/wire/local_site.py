"""A site of the user's own on loopback, which other programs' pages and names do not reach.

Host, Origin, Referer and Fetch Metadata are checked as for the emulated services (`origins`), sizes
and connections bounded; whoever runs on this machine may ask, so a site that must tell its user
from others checks that itself.
"""

import contextlib
from collections.abc import Iterator
from typing import Final

from pocketaws.wire.hosting import Hosting
from pocketaws.wire.http_server import HttpServer
from pocketaws.wire.messages import HttpAnswer, Limits, Request
from pocketaws.wire.threads import Threads
from pocketaws.wire.wsgi import WsgiApp, answered, environ_of

_MAX_REQUESTS: Final = 16


@contextlib.contextmanager
def local_site(
    application: WsgiApp, *, port: int = 0, max_body_bytes: int = 1024**2
) -> Iterator[int]:
    """Serve an application of WSGI for the time of the context; yield its port.

    Args:
        application: is called by several threads at once.
        port: 0 for any that is free.
        max_body_bytes: a larger body is answered with 413.

    Raises:
        OSError: the port cannot be had.
    """

    def answer(request: Request) -> HttpAnswer:
        host = request.headers["host"]
        return answered(application, environ_of(request, target=request.target, host=host))

    limits = Limits(max_body_bytes=max_body_bytes, request_seconds=30.0, drain_seconds=0.0)
    threads = Threads(_MAX_REQUESTS)
    hosting = Hosting()
    try:
        opened = hosting.open(HttpServer(answer, limits, threads=threads), port)
        try:
            yield opened.number
        finally:
            opened.close()
    finally:
        threads.end()
        hosting.end()
