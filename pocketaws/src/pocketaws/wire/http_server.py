"""HTTP/1.1 on loopback: the connections of one port, their number and their end."""

import asyncio
import contextlib
import socket
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Final

from pocketaws.wire import origins
from pocketaws.wire.connection import Connection
from pocketaws.wire.messages import HttpAnswer, Limits, Request, refusal, too_large
from pocketaws.wire.threads import Threads

LOOPBACK: Final = "127.0.0.1"
_BACKLOG: Final = 128
_SWEEP_SECONDS: Final = 0.25
# What was in the kernel's queue of connections when the signal came is still accepted.
_ACCEPT_LAST_SECONDS: Final = 0.2
_POLL_SECONDS: Final = 0.01

Handler = Callable[[Request], HttpAnswer]
Admit = Callable[[Request], HttpAnswer | int]


def listen(port: int) -> socket.socket:
    """Return a socket that listens on loopback; connections wait in it until they are served.

    Args:
        port: 0 for any that is free.

    Raises:
        OSError: the port cannot be had.
    """
    return socket.create_server((LOOPBACK, port), backlog=_BACKLOG)


@dataclass
class HttpServer:
    """Answers requests by `handler`, and refuses what a foreign web page sends.

    Attributes:
        handler: must be quick where there are no threads: everybody waits for it.
        admit: returns how large the body of a request may be, or why it is refused, by its head;
            that of a foreign page's is refused where it is None.
        refuse_size: returns the answer to a body that is larger than a limit.
        bodies_dir: for large bodies; None keeps all in memory.
        threads: in which `handler` is called; None for the loop's own.
    """

    handler: Handler
    limits: Limits = field(default_factory=Limits)
    admit: Admit | None = None
    refuse_size: Callable[[Request, int], HttpAnswer] = field(
        default=lambda _, limit: too_large(limit)
    )
    threads: Threads | None = None
    bodies_dir: Path | None = None
    is_stopping: bool = False
    connections: set[Connection] = field(default_factory=set)

    async def run(self, listening: socket.socket, *, stop: asyncio.Event) -> None:
        """Serve until `stop` is set and every request that had begun has its answer.

        Args:
            listening: what `listen` returned; several processes may serve the same one.
            stop: set it to stop accepting, finish and return.
        """
        loop = asyncio.get_running_loop()
        # One connection at a time, so that one process does not take all that came at once; asyncio
        # hands the number to the kernel as well, whose queue has to be longer.
        listener = await loop.create_server(lambda: Connection(self), sock=listening, backlog=1)
        listening.listen(_BACKLOG)
        sweeper = asyncio.create_task(self._sweep())
        try:
            await stop.wait()
            self.is_stopping = True
            await asyncio.sleep(_ACCEPT_LAST_SECONDS if self.limits.drain_seconds else 0)
            listener.close()
            await self._drain()
        finally:
            listener.close()
            sweeper.cancel()
            for connection in list(self.connections):
                connection.abort()

    def make_room(self) -> bool:
        """Tell whether one more connection may be had; close the one that is idle the longest."""
        if len(self.connections) < self.limits.max_connections:
            return True
        idle = [connection for connection in self.connections if connection.is_idle]
        if not idle:
            return False
        longest = min(idle, key=lambda connection: connection.idle_since)
        self.connections.discard(longest)
        longest.abort()
        return True

    def admitted(self, head: Request) -> HttpAnswer | int:
        """Return how large the body of a request may be, or why the request is refused."""
        if self.admit is not None:
            return self.admit(head)
        foreign = origins.foreign(head)
        return self.limits.max_body_bytes if foreign is None else origins.refused(foreign)

    def too_large(self, head: Request, limit: int) -> HttpAnswer:
        """Return the answer to a body that is larger than a limit."""
        return self.refuse_size(head, limit)

    def handle(self, request: Request, connection: Connection) -> None:
        """Have a request answered."""
        if self.threads is None:
            connection.answer(self._handled(request))
            return
        loop = asyncio.get_running_loop()

        def answer() -> None:
            answered = self._handled(request)
            # The loop is closed where the server has ended meanwhile.
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(finish, answered)

        def finish(answered: HttpAnswer) -> None:
            connection.answer(answered)
            connection.go_on()

        if not self.threads.run(answer):
            connection.answer(refusal(HTTPStatus.SERVICE_UNAVAILABLE, "too many requests at once"))

    def _handled(self, request: Request) -> HttpAnswer:
        try:
            return self.handler(request)
        except Exception:  # a fault of ours must neither reach the client nor end the server
            traceback.print_exc()
            return refusal(HTTPStatus.INTERNAL_SERVER_ERROR, "Internal Server Error")

    async def _drain(self) -> None:
        loop = asyncio.get_running_loop()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self.limits.drain_seconds):
                # What was accepted last is a task of asyncio's before it is a connection.
                await asyncio.sleep(_POLL_SECONDS)
                while self.connections:
                    for connection in list(self.connections):
                        connection.close_if_idle(loop.time())
                    await asyncio.sleep(_POLL_SECONDS)

    async def _sweep(self) -> None:
        """End what is overdue; one task for all, so that requests need no timer each."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(min(_SWEEP_SECONDS, self.limits.request_seconds / 2))
            for connection in list(self.connections):
                connection.end_if_overdue(loop.time())
