"""A process that is ready for a call has gone, or makes it."""

import json
import socket
from concurrent.futures import Future
from typing import Any

from pocketaws.lambda_.ready import HandlerRun, ReadyProcess


def ready(channel: socket.socket) -> ReadyProcess:
    call: Any = None
    return ReadyProcess(call, HandlerRun(Future(), lambda: None), channel)


def test_a_process_that_waits_is_told_of_its_call() -> None:
    ours, theirs = socket.socketpair()
    process = ready(ours)

    assert process.called({"request_id": "one"}) is process.run
    with theirs, theirs.makefile("rb") as lines:
        assert json.loads(lines.readline()) == {"request_id": "one"}


def test_a_process_that_has_ended_since_it_was_looked_at_makes_no_call() -> None:
    ours, theirs = socket.socketpair()
    theirs.close()

    assert ready(ours).called({"request_id": "one"}) is None
