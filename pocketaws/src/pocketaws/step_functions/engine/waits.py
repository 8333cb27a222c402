"""Waits for what a task has asked for, until its time is up or its branch is ended."""

import logging
import threading
import time
from collections.abc import Callable
from typing import Any, Final, NamedTuple

from pocketaws.step_functions.engine.errors import TIMEOUT, EndedFromOutside, StateError
from pocketaws.step_functions.engine.tokens import Ticket
from pocketaws.step_functions.engine.visits import Visit

_LOG: Final = logging.getLogger(__name__)


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
        late: gets what the work gives when nobody waits any more; what fails then is logged.

    Raises:
        StateError: `States.Timeout`, or the work's own.
        Ended: the branch has been ended.
    """
    waiting = _Work(visit.name, work, late)
    threading.Thread(target=waiting.do, daemon=True).start()
    try:
        ended = visit.frame.interrupt.wait_for(waiting.done, seconds)
    except EndedFromOutside:
        waiting.leave(_IS_ENDED)
        raise
    if not ended:
        waiting.leave(_TIMED_OUT)
        raise StateError(TIMEOUT, "")
    return waiting.result()


_IS_ENDED: Final = "was ended"
_TIMED_OUT: Final = "timed out"


class _Work:
    def __init__(
        self, state_name: str, work: Callable[[], Any], late: Callable[[Any], Any] | None
    ) -> None:
        self.done = threading.Event()
        self._state_name = state_name
        self._work = work
        self._late = late
        self._answer: Any = None
        self._failure: Exception | None = None
        self._finished = False
        self._left: str | None = None
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
            self._end_alone(left)

    def leave(self, why: str) -> None:
        with self._lock:
            self._left = why
            finished = self._finished
        if finished:
            self._end_alone(why)

    def _end_alone(self, why: str) -> None:
        if self._failure is None and self._late is not None:
            try:
                self._late(self._answer)
            except Exception as error:
                self._failure = error
        # What is ended takes its calls with it, so that they fail tells nobody anything.
        if self._failure is not None and (
            why == _TIMED_OUT or not isinstance(self._failure, StateError)
        ):
            _LOG.warning(
                "state %r %s, and then what it had asked for failed: %s: %s",
                *(self._state_name, why, type(self._failure).__name__, self._failure),
            )

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
