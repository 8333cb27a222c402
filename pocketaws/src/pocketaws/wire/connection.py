"""One connection of HTTP/1.1: framed by h11, bounded in size and time.

The protocol is h11's (https://h11.readthedocs.io): framing, chunks, pipelining and everything that
makes a message malformed. Here are the limits and the end. A request is answered as soon as its
last byte is there, so answers never wait for each other's clients.

Limits, in place of the nginx that stands before the XGBoost container's workers
(aws/sagemaker-containers on GitHub, `_server.py` and its `etc/nginx.conf.template`): a malformed
or too large head is 400, a body above the limit 413 (read to its end and thrown away, as nginx
does), a request that is not complete in time 408.
"""

import asyncio
from http import HTTPStatus
from pathlib import Path
from typing import Final, Protocol, cast

import h11

from pocketaws.wire.bodies import Body
from pocketaws.wire.messages import HttpAnswer, Limits, Request, malformed, refusal, request_of

_MAX_HEAD_BYTES: Final = 32 * 1024  # nginx: large_client_header_buffers 4 8k
# What may come ahead while a request is being answered.
_MAX_AHEAD_BYTES: Final = 64 * 1024
_LINGER_SECONDS: Final = 2.0
# A client that has just connected, or just had an answer, may be sending already.
_IDLE_GRACE_SECONDS: Final = 0.5
_NO_BODY: Final = (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED)


class Server(Protocol):
    """What a connection asks of its server."""

    limits: Limits
    is_stopping: bool
    connections: "set[Connection]"
    bodies_dir: Path | None

    def make_room(self) -> bool:
        """Tell whether one more connection may be had."""

    def admitted(self, head: Request) -> HttpAnswer | int:
        """Return how large the body of a request may be, or why the request is refused."""

    def too_large(self, head: Request, limit: int) -> HttpAnswer:
        """Return the answer to a body that is larger than a limit."""

    def handle(self, request: Request, connection: "Connection") -> None:
        """Have a request answered by `connection.answer`, now or later."""


class Connection(asyncio.Protocol):
    """Reads requests one after the other, and writes their answers."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._now = asyncio.get_running_loop().time
        self._begun = self._now()
        self._deadline = self._begun + server.limits.request_seconds
        self.idle_since = self._begun
        self._http = h11.Connection(h11.SERVER, max_incomplete_event_size=_MAX_HEAD_BYTES)
        self._head: Request | None = None
        self._body = self._new_body()
        self._body_bytes = 0
        self._max_body_bytes = 0
        self.is_idle = True
        self._is_answering = False
        self._is_choked = False
        self._lingers = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the connection, if there is room."""
        self._transport = cast("asyncio.Transport", transport)
        self._port = int(transport.get_extra_info("sockname")[1])
        if not self._server.make_room():
            self._transport.abort()
            return
        self._server.connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        """Forget the connection."""
        self._server.connections.discard(self)

    def data_received(self, data: bytes) -> None:
        """Take what has come."""
        if self._lingers:
            return
        if self.is_idle:
            self.is_idle = False
            self._begun = self._now()
            self._deadline = self._begun + self._server.limits.request_seconds
        self._http.receive_data(data)
        if self._is_answering:
            if len(self._http.trailing_data[0]) > _MAX_AHEAD_BYTES:
                self._transport.pause_reading()
            return
        self._advance()

    def eof_received(self) -> bool:
        """Tell whether the connection stays open for an answer."""
        # A client that has closed its half still reads; asyncio closes ours after what is written.
        if not self._lingers:
            self._http.receive_data(b"")
            if not self._is_answering:
                self._advance()
        return self._is_answering

    def pause_writing(self) -> None:
        """Read no more: a client that does not read gets no further than its unread answers."""
        self._is_choked = True
        self._transport.pause_reading()

    def resume_writing(self) -> None:
        """Read on."""
        self._is_choked = False
        if not self._is_answering:
            self.go_on()

    def abort(self) -> None:
        """End at once."""
        self._transport.abort()

    def close_if_idle(self, now: float) -> None:
        """Close between two requests."""
        if self.is_idle and now - self.idle_since >= _IDLE_GRACE_SECONDS:
            self._transport.close()

    def end_if_overdue(self, now: float) -> None:
        """End a connection whose client takes too long."""
        if now < self._deadline or self._is_answering:
            return
        if self.is_idle or self._lingers or self._transport.get_write_buffer_size():
            self._transport.abort()
        else:
            self._end_with(refusal(HTTPStatus.REQUEST_TIMEOUT, "the request came too slowly"))

    def answer(self, answer: HttpAnswer) -> None:
        """Send the answer to the request that was handed to the server."""
        head = cast("Request", self._head)
        self._head = None
        self._is_answering = False
        if self._transport.is_closing():
            return
        try:
            self._send(answer, has_body=head.method != "HEAD")
        except h11.LocalProtocolError:
            self._transport.abort()
            return
        if self._http.our_state is h11.DONE and self._http.their_state is h11.DONE:
            self._http.start_next_cycle()
            self._begun = self._now()
            self._deadline = self._begun + self._server.limits.request_seconds
        else:
            self._transport.close()

    def go_on(self) -> None:
        """Take what came while the last request was being answered."""
        if self._transport.is_closing() or self._is_choked:
            return
        self._transport.resume_reading()
        self._advance()

    def _advance(self) -> None:
        """Take what h11 has understood, until it needs more."""
        try:
            while not self._has_to_wait():
                event = self._http.next_event()
                if event is h11.NEED_DATA:
                    self._await_more()
                    return
                self._take(cast("h11.Event", event))
        except h11.RemoteProtocolError as error:
            self._end_with(malformed(error))

    def _has_to_wait(self) -> bool:
        is_ending = self._lingers or self._transport.is_closing()
        return is_ending or self._is_answering or self._is_choked

    def _await_more(self) -> None:
        if self._head is None and not self._http.trailing_data[0]:
            self.is_idle = True
            self.idle_since = self._now()
            self._deadline = self.idle_since + self._server.limits.idle_seconds
        elif self._http.they_are_waiting_for_100_continue:
            go_on = h11.InformationalResponse(status_code=HTTPStatus.CONTINUE, headers=[])
            self._write(self._http.send(go_on))

    def _take(self, event: h11.Event) -> None:
        if isinstance(event, h11.Data):
            self._take_data(event)
        elif isinstance(event, h11.Request):
            self._take_head(event)
        elif isinstance(event, h11.EndOfMessage):
            self._hand_over()
        else:  # the client has closed
            self._transport.close()

    def _take_head(self, event: h11.Request) -> None:
        head = self._head = request_of(event, port=self._port)
        self._body_bytes = 0
        # h11 limits what is incomplete; a head that came in one piece is complete at once.
        fields = sum(len(name) + len(value) for name, value in head.fields)
        if len(head.target) + fields > _MAX_HEAD_BYTES:
            text = f"Bad Request: the head is larger than {_MAX_HEAD_BYTES} bytes"
            self._end_with(refusal(HTTPStatus.BAD_REQUEST, text))
            return
        admitted = self._server.admitted(head)
        if isinstance(admitted, HttpAnswer):
            self._end_with(admitted)
            return
        self._max_body_bytes = admitted
        declared = int(head.headers.get("content-length", "0"))
        if self._http.they_are_waiting_for_100_continue and declared > admitted:
            self._end_with(self._server.too_large(head, admitted))

    def _take_data(self, event: h11.Data) -> None:
        self._body_bytes += len(event.data)
        if self._body_bytes > self._max_body_bytes:
            self._body = self._new_body()
            return
        try:
            self._body.add(event.data)
        except OSError as error:
            text = f"the body cannot be kept: {error.strerror}"
            self._end_with(refusal(HTTPStatus.INSUFFICIENT_STORAGE, text))
            return
        self._deadline = self._begun + self._server.limits.seconds_for(self._body_bytes)

    def _hand_over(self) -> None:
        head = cast("Request", self._head)
        self._is_answering = True
        if self._body_bytes > self._max_body_bytes:
            self.answer(self._server.too_large(head, self._max_body_bytes))
            return
        request = head.with_body(self._body.taken())
        # Not cleared: that would keep the room.
        self._body = self._new_body()
        self._server.handle(request, self)

    def _end_with(self, answer: HttpAnswer) -> None:
        """Answer out of turn and end the connection.

        Unread bytes would make the kernel reset the connection, and the client lose the answer; so
        what still comes is thrown away for a moment, as nginx's lingering_close does.
        """
        has_body = self._head is None or self._head.method != "HEAD"
        if self._http.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            self._send(answer, has_body=has_body, is_last=True)
        self._body = self._new_body()
        self._lingers = True
        self._deadline = self._now() + _LINGER_SECONDS
        if self._transport.can_write_eof():
            self._transport.write_eof()

    def _new_body(self) -> Body:
        return Body(self._server.bodies_dir)

    def _send(self, answer: HttpAnswer, *, has_body: bool = True, is_last: bool = False) -> None:
        headers = [*answer.headers]
        if answer.content_type:
            headers.append(("Content-Type", answer.content_type))
        has_length = any(name.lower() == "content-length" for name, _ in headers)
        if answer.status not in _NO_BODY and not has_length:
            headers.append(("Content-Length", str(len(answer.body))))
        if is_last or self._server.is_stopping:
            headers.append(("Connection", "close"))
        response = h11.Response(
            status_code=answer.status, headers=headers, reason=_reason(answer.status)
        )
        sent = self._http.send(response)
        if has_body and answer.body and answer.status not in _NO_BODY:
            self._write(sent, self._http.send(h11.Data(data=answer.body)))
        else:
            self._write(sent)
        self._write(self._http.send(h11.EndOfMessage()))

    def _write(self, *parts: bytes | None) -> None:
        joined = b"".join(part for part in parts if part)
        if joined:
            self._transport.write(joined)


def _reason(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""
