"""HTTP/1.1 on loopback for a container that answers from memory: one thread a process.

The protocol is h11's (https://h11.readthedocs.io): framing, chunks, pipelining and everything that
makes a message malformed. Here are only the sockets, the limits and the end. A request is answered
as soon as its last byte is there, so answers never wait for each other's clients.

Limits, in place of the nginx that stands before the container's workers
(aws/sagemaker-containers on GitHub, `_server.py` and its `etc/nginx.conf.template`): a malformed
or too large head is 400, a body above the limit 413 (read to its end and thrown away, as nginx
does), a request that is not complete in time 408.
"""

import asyncio
import contextlib
import socket
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final, cast

import h11

from pocketaws.sagemaker.xgboost.serving_messages import (
    Answer,
    Limits,
    Request,
    malformed,
    refusal,
    request_of,
)

_MAX_HEAD_BYTES: Final = 32 * 1024  # nginx: large_client_header_buffers 4 8k
_BACKLOG: Final = 128
_MAX_CONNECTIONS: Final = 1000  # gunicorn's --worker-connections in the container
_LINGER_SECONDS: Final = 2.0
_SWEEP_SECONDS: Final = 0.25
# What was in the kernel's queue of connections when the signal came is still accepted.
_ACCEPT_LAST_SECONDS: Final = 0.2
_POLL_SECONDS: Final = 0.01
# A client that has just connected, or just had an answer, may be sending already.
_IDLE_GRACE_SECONDS: Final = 0.5


Handler = Callable[[Request], Answer]


@dataclass
class HttpServer:
    """Answers requests by `handler`, which must be quick: everybody waits for it."""

    handler: Handler
    limits: Limits = field(default_factory=Limits)
    is_stopping: bool = False
    connections: "set[_Connection]" = field(default_factory=set)

    async def run(self, listening: socket.socket, *, stop: asyncio.Event) -> None:
        """Serve until `stop` is set and every request that had begun has its answer.

        Args:
            listening: a socket that listens; several processes may serve the same one.
            stop: set it to stop accepting, finish and return.
        """
        loop = asyncio.get_running_loop()
        # One connection at a time, so that one process does not take all that came at once; asyncio
        # hands the number to the kernel as well, whose queue has to be longer.
        listener = await loop.create_server(lambda: _Connection(self), sock=listening, backlog=1)
        listening.listen(_BACKLOG)
        sweeper = asyncio.create_task(self._sweep())
        try:
            await stop.wait()
            self.is_stopping = True
            await asyncio.sleep(_ACCEPT_LAST_SECONDS)
            listener.close()
            await self._drain()
        finally:
            listener.close()
            sweeper.cancel()
            for connection in list(self.connections):
                connection.abort()

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


class _Connection(asyncio.Protocol):
    def __init__(self, server: HttpServer) -> None:
        self._server = server
        self._now = asyncio.get_running_loop().time
        self._deadline = self._now() + server.limits.request_seconds
        self._idle_since = self._now()
        self._http = h11.Connection(h11.SERVER, max_incomplete_event_size=_MAX_HEAD_BYTES)
        self._head: h11.Request | None = None
        self._body = bytearray()
        self._body_bytes = 0
        self._is_idle = True
        self._lingers = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        if len(self._server.connections) >= _MAX_CONNECTIONS:
            self._transport.abort()
            return
        self._server.connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        self._server.connections.discard(self)

    def data_received(self, data: bytes) -> None:
        if self._lingers:
            return
        if self._is_idle:
            self._is_idle = False
            self._deadline = self._now() + self._server.limits.request_seconds
        self._http.receive_data(data)
        self._advance()

    def eof_received(self) -> None:
        # A client that has closed its half still reads; asyncio closes ours after what is written.
        if not self._lingers:
            self._http.receive_data(b"")
            self._advance()

    def pause_writing(self) -> None:
        # A client that sends and does not read gets no further than its unread answers.
        self._transport.pause_reading()

    def resume_writing(self) -> None:
        self._transport.resume_reading()

    def abort(self) -> None:
        self._transport.abort()

    def close_if_idle(self, now: float) -> None:
        if self._is_idle and now - self._idle_since >= _IDLE_GRACE_SECONDS:
            self._transport.close()

    def end_if_overdue(self, now: float) -> None:
        if now < self._deadline:
            return
        if self._is_idle or self._lingers or self._transport.get_write_buffer_size():
            self._transport.abort()
        else:
            self._end_with(refusal(HTTPStatus.REQUEST_TIMEOUT, "the request came too slowly"))

    def _advance(self) -> None:
        """Take what h11 has understood, until it needs more."""
        try:
            while not self._transport.is_closing() and not self._lingers:
                event = self._http.next_event()
                if event is h11.NEED_DATA:
                    self._await_more()
                    return
                self._take(cast("h11.Event", event))
        except h11.RemoteProtocolError as error:
            self._end_with(malformed(error))

    def _await_more(self) -> None:
        if self._head is None and not self._http.trailing_data[0]:
            self._is_idle = True
            self._idle_since = self._now()
            self._deadline = self._idle_since + self._server.limits.idle_seconds
        elif self._http.they_are_waiting_for_100_continue:
            go_on = h11.InformationalResponse(status_code=HTTPStatus.CONTINUE, headers=[])
            self._write(self._http.send(go_on))

    def _take(self, event: h11.Event) -> None:
        if isinstance(event, h11.Data):
            self._take_data(event)
        elif isinstance(event, h11.Request):
            self._take_head(event)
        elif isinstance(event, h11.EndOfMessage):
            self._answer()
        else:  # the client has closed
            self._transport.close()

    def _take_head(self, head: h11.Request) -> None:
        self._head = head
        self._body_bytes = 0
        # h11 limits what is incomplete; a head that came in one piece is complete at once.
        fields = sum(len(name) + len(value) for name, value in head.headers)
        if len(head.target) + fields > _MAX_HEAD_BYTES:
            text = f"Bad Request: the head is larger than {_MAX_HEAD_BYTES} bytes"
            self._end_with(refusal(HTTPStatus.BAD_REQUEST, text))
        elif self._http.they_are_waiting_for_100_continue:
            declared = int(dict(head.headers).get(b"content-length", b"0"))
            if declared > self._server.limits.max_body_bytes:
                self._end_with(self._too_large())

    def _take_data(self, event: h11.Data) -> None:
        self._body_bytes += len(event.data)
        if self._body_bytes <= self._server.limits.max_body_bytes:
            self._body += event.data
        else:
            self._body.clear()

    def _answer(self) -> None:
        head = cast("h11.Request", self._head)
        if self._body_bytes > self._server.limits.max_body_bytes:
            answer = self._too_large()
        else:
            answer = self._handled(request_of(head, bytes(self._body)))
        self._body.clear()
        self._head = None
        self._send(answer, has_body=head.method != b"HEAD")
        if self._http.our_state is h11.DONE and self._http.their_state is h11.DONE:
            self._http.start_next_cycle()
            self._deadline = self._now() + self._server.limits.request_seconds
        else:
            self._transport.close()

    def _handled(self, request: Request) -> Answer:
        try:
            return self._server.handler(request)
        except Exception:  # a fault of ours must neither reach the client nor end the server
            traceback.print_exc()
            return refusal(HTTPStatus.INTERNAL_SERVER_ERROR, "Internal Server Error")

    def _too_large(self) -> Answer:
        limit = self._server.limits.max_body_bytes
        text = f"the body is larger than {limit} bytes, the limit that MAX_CONTENT_LENGTH sets"
        return refusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, text)

    def _end_with(self, answer: Answer) -> None:
        """Answer out of turn and end the connection.

        Unread bytes would make the kernel reset the connection, and the client lose the answer; so
        what still comes is thrown away for a moment, as nginx's lingering_close does.
        """
        if self._http.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            self._send(answer, is_last=True)
        self._lingers = True
        self._deadline = self._now() + _LINGER_SECONDS
        if self._transport.can_write_eof():
            self._transport.write_eof()

    def _send(self, answer: Answer, *, has_body: bool = True, is_last: bool = False) -> None:
        headers = [*answer.headers, ("Content-Type", answer.content_type)]
        if answer.status != HTTPStatus.NO_CONTENT:
            headers.append(("Content-Length", str(len(answer.body))))
        if is_last or self._server.is_stopping:
            headers.append(("Connection", "close"))
        reason = HTTPStatus(answer.status).phrase
        response = h11.Response(status_code=answer.status, headers=headers, reason=reason)
        sent = self._http.send(response)
        if has_body and answer.body:
            self._write(sent, self._http.send(h11.Data(data=answer.body)))
        else:
            self._write(sent)
        self._write(self._http.send(h11.EndOfMessage()))

    def _write(self, *parts: bytes | None) -> None:
        joined = b"".join(part for part in parts if part)
        if joined:
            self._transport.write(joined)
