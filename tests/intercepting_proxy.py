"""A forward proxy on loopback that ends TLS itself, as those of companies do.

Whoever goes through it sees certificates of a maker that nobody brings along: they are known only
where somebody has put the maker's among the system's.
"""

import contextlib
import http.server
import select
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import trustme

_PIECE_BYTES = 65536
_IDLE_SECONDS = 120.0
# A record that holds no bytes of the other side's, such as a session ticket, may be all there is.
_LOOK_SECONDS = 0.2


@dataclass
class Proxy:
    """One that is up.

    Attributes:
        maker: of the certificates that it shows.
        hosts: that somebody reached through it, whose certificates were trusted.
        refused: what it was asked for in clear text, which it does not carry.
    """

    maker: trustme.CA = field(default_factory=trustme.CA)
    hosts: set[str] = field(default_factory=set)
    refused: list[str] = field(default_factory=list)
    url: str = ""
    _contexts: dict[str, ssl.SSLContext] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def context_of(self, host: str) -> ssl.SSLContext:
        """Return what shows a certificate for a host."""
        with self._lock:
            if host not in self._contexts:
                self._contexts[host] = context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                self.maker.issue_cert(host).configure_cert(context)
            return self._contexts[host]


@contextmanager
def intercepting() -> Iterator[Proxy]:
    """Have a proxy up for the time of the context."""
    proxy = Proxy()

    class Handler(_Handler):
        of = proxy

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        proxy.url = f"http://127.0.0.1:{server.server_address[1]}"
        try:
            yield proxy
        finally:
            server.shutdown()


class _Handler(http.server.BaseHTTPRequestHandler):
    of: Proxy

    def do_CONNECT(self) -> None:
        host, _, port = self.path.rpartition(":")
        self.send_response(200, "Connection established")
        self.end_headers()
        self.close_connection = True
        # Whoever does not trust the certificate goes away.
        with contextlib.suppress(OSError), self._inside(host) as client:
            self.of.hosts.add(host)
            with (
                socket.create_connection((host, int(port)), timeout=_IDLE_SECONDS) as plain,
                ssl.create_default_context().wrap_socket(plain, server_hostname=host) as server,
            ):
                _carry(client, server)

    def do_GET(self) -> None:
        self.of.refused.append(f"{self.command} {self.path}")
        self.send_error(403, "This proxy carries TLS only")

    do_POST = do_PUT = do_HEAD = do_DELETE = do_GET  # noqa: N815 - as the base looks for them

    def log_message(self, *_: object) -> None:
        pass

    def _inside(self, host: str) -> ssl.SSLSocket:
        return self.of.context_of(host).wrap_socket(self.connection, server_side=True)


def _carry(one: ssl.SSLSocket, other: ssl.SSLSocket) -> None:
    """Bring to each what the other sends, until one of them ends."""
    while True:
        ready = [end for end in (one, other) if end.pending()]
        ready = ready or select.select([one, other], [], [], _IDLE_SECONDS)[0]
        if not ready:
            return
        for source in ready:
            source.settimeout(_LOOK_SECONDS)
            try:
                piece = source.recv(_PIECE_BYTES)
            except TimeoutError:
                continue
            if not piece:
                return
            target = other if source is one else one
            target.settimeout(_IDLE_SECONDS)
            target.sendall(piece)
