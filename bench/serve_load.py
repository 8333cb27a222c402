"""Send one request again and again over connections that are kept open, and measure.

Usage: python bench/serve_load.py PORT BODY_PATH CONNECTIONS REQUESTS

Every connection has one request under way at a time. Prints `{"p50", "p99"}` in seconds and
`{"rate"}` in requests per second. Standard library only, so that the load stays light.
"""

from __future__ import annotations

import json
import selectors
import socket
import statistics
import sys
import time
from pathlib import Path

READ_BYTES = 1 << 20


class Client:
    """One connection; `began` is when its request was sent."""

    def __init__(self, port: int, request: bytes) -> None:
        """Connect."""
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.request = request
        self.received = b""
        self.began = 0.0

    def ask(self) -> None:
        """Send the request."""
        self.received = b""
        self.began = time.perf_counter()
        self.socket.sendall(self.request)

    def has_answer(self) -> bool:
        """Read what there is; tell whether the answer is complete.

        Raises:
            SystemExit: it is not 200, or the server has closed.
        """
        part = self.socket.recv(READ_BYTES)
        self.received += part
        head, found, body = self.received.partition(b"\r\n\r\n")
        if not part or (found and b" 200 " not in head[:16]):
            raise SystemExit(f"the server answered {self.received[:200]!r}")
        if not found:
            return False
        length = head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]
        return len(body) >= int(length)


def measure(clients: list[Client], requests: int) -> list[float]:
    """Send the requests and return the seconds that each took."""
    selector = selectors.DefaultSelector()
    seconds: list[float] = []
    for client in clients:
        selector.register(client.socket, selectors.EVENT_READ, client)
        client.ask()
    while len(seconds) < requests:
        for key, _ in selector.select():
            client = key.data
            if client.has_answer():
                seconds.append(time.perf_counter() - client.began)
                client.ask()
    return seconds


def main() -> None:
    """Measure after a short warm-up."""
    port, body_path, connections, requests = sys.argv[1:]
    body = Path(body_path).read_bytes()
    head = f"POST /invocations HTTP/1.1\r\nHost: localhost:{port}\r\nContent-Type: text/csv\r\n"
    request = f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body
    clients = [Client(int(port), request) for _ in range(int(connections))]
    measure(clients[:1], max(1, int(requests) // 20))
    clients = [Client(int(port), request) for _ in range(int(connections))]
    began = time.perf_counter()
    seconds = measure(clients, int(requests))
    elapsed = time.perf_counter() - began
    found = {
        "p50": statistics.median(seconds),
        "p99": statistics.quantiles(seconds, n=100)[98] if len(seconds) > 1 else seconds[0],
        "rate": len(seconds) / elapsed,
    }
    print(json.dumps(found))


if __name__ == "__main__":
    main()
