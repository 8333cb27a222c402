"""Waits for what a task has asked for, until its time is up or its branch is ended."""

import contextlib
import threading
import time
from collections.abc import Callable
from typing import Any, NamedTuple

from pocketaws.step_functions.engine.errors import TIMEOUT, EndedFromOutside, StateError
from pocketaws.step_functions.engine.tokens import Ticket
from pocketaws.step_functions.engine.visits import Visit


class TaskLimits(NamedTuple):
    """How long a task may take, and how long it may be silent; None for no limit."""

    timeout_seconds: float | None
    heartbeat_seconds: float | None

    def event_fields(self) -> dict[str, float]:
        """Return what the event of the scheduling tells."""
        named = {
            "timeoutInSeconds": self.timeout_seconds,
            "heartbeatInSeconds": self.heartbeat_seconds,
        }
        return {name: value for name, value in named.items() if value is not None}


def in_time(
    visit: Visit,
    work: Callable[[], Any],
    seconds: float | None,
    *,
    late: Callable[[Any], Any] | None = None,
) -> Any:
    """Do work in a thread, so that time and interrupts end the wait for it.

    Args:
        visit: of the state.
        work: to do.
        seconds: that it may take.
        late: gets what the work gives when nobody waits any more.

    Raises:
        StateError: `States.Timeout`, or the work's own.
        Ended: the branch has been ended.
    """
    waiting = _Work(work, late)
    threading.Thread(target=waiting.do, daemon=True).start()
    try:
        ended = visit.frame.interrupt.wait_for(waiting.done, seconds)
    except EndedFromOutside:
        waiting.leave()
        raise
    if not ended:
        waiting.leave()
        raise StateError(TIMEOUT, "")
    return waiting.result()


class _Work:
    def __init__(self, work: Callable[[], Any], late: Callable[[Any], Any] | None) -> None:
        self.done = threading.Event()
        self._work = work
        self._late = late
        self._answer: Any = None
        self._failure: Exception | None = None
        self._finished = self._left = False
        self._lock = threading.Lock()

    def do(self) -> None:
        try:
            self._answer = self._work()
        except Exception as error:
            self._failure = error
        with self._lock:
            self._finished = True
            left = self._left
        self.done.set()
        if left:
            self._tell_late()

    def leave(self) -> None:
        with self._lock:
            self._left = True
            finished = self._finished
        if finished:
            self._tell_late()

    def _tell_late(self) -> None:
        if self._late is not None and self._failure is None:
            # Whoever waited has gone: what goes wrong now concerns nobody.
            with contextlib.suppress(StateError):
                self._late(self._answer)

    def result(self) -> Any:
        if self._failure is not None:
            raise self._failure
        return self._answer


def awaited(visit: Visit, ticket: Ticket, limit: TaskLimits) -> Any:
    """Wait for the answer to a token.

    Raises:
        StateError: the answer's own, or `States.Timeout`.
        Ended: the branch has been ended.
    """
    begun = time.monotonic()
    while not visit.frame.interrupt.wait_for(ticket.answered, _seconds(ticket, limit, begun)):
        timed_out = _has_passed(begun, limit.timeout_seconds)
        silent = _has_passed(ticket.beaten, limit.heartbeat_seconds)
        if timed_out or silent:
            # An answer that came at the last moment counts, one that comes later does not.
            visit.frame.run.services.tokens.close(ticket)
            if not ticket.answered.is_set():
                raise StateError(TIMEOUT, "", heartbeat=not timed_out)
    if ticket.error is not None:
        raise ticket.error
    return ticket.output


def _has_passed(begun: float, seconds: float | None) -> bool:
    return seconds is not None and time.monotonic() >= begun + seconds


def _seconds(ticket: Ticket, limit: TaskLimits, begun: float) -> float | None:
    ends = []
    if limit.timeout_seconds is not None:
        ends.append(begun + limit.timeout_seconds)
    if limit.heartbeat_seconds is not None:
        ends.append(ticket.beaten + limit.heartbeat_seconds)
    return max(0.0, min(ends) - time.monotonic()) if ends else None
