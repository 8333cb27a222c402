"""A thread whose event loop serves any number of ports."""

import asyncio
import socket
import threading
from collections.abc import Coroutine
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

from pocketaws.wire.http_server import HttpServer, listen


@dataclass(frozen=True)
class Port:
    """A port that is served."""

    number: int
    loop: asyncio.AbstractEventLoop
    stop: asyncio.Event
    served: "Future[None]"

    def close(self, *, timeout_seconds: float = 5.0) -> None:
        """Close the port and its connections; what has begun may end within its drain time."""
        self.loop.call_soon_threadsafe(self.stop.set)
        self.served.result(timeout_seconds)


class Hosting:
    """Serves ports until it is ended."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="ports", daemon=True)
        self._thread.start()

    def open(self, server: HttpServer, port: int | socket.socket = 0) -> Port:
        """Serve a port of loopback.

        Args:
            server: answers.
            port: 0 for any that is free; or a socket that listens, and is closed with the port.

        Raises:
            OSError: the port cannot be had.
        """
        listening = port if isinstance(port, socket.socket) else listen(port)
        number = int(listening.getsockname()[1])
        stop = asyncio.Event()
        return Port(number, self._loop, stop, self._run(_serve(server, listening, stop)))

    def end(self) -> None:
        """Stop the loop; every port has been closed."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _run(self, work: Coroutine[Any, Any, None]) -> "Future[None]":
        return asyncio.run_coroutine_threadsafe(work, self._loop)


async def _serve(server: HttpServer, listening: socket.socket, stop: asyncio.Event) -> None:
    await server.run(listening, stop=stop)
