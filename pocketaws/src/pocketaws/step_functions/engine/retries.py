"""Retry and Catch: what a state does about its failure.

https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
"""

import random
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from pocketaws.step_functions.engine.errors import (
    HEARTBEAT,
    QUERY,
    TASK_FAILED,
    TIMEOUT,
    StateError,
)
from pocketaws.step_functions.engine.visits import Outcome, Visit

_ALL: Final = "States.ALL"
_DEFAULTS: Final = {"IntervalSeconds": 1, "BackoffRate": 2.0, "MaxAttempts": 3}
# Waiting half a minute for a service that is emulated here gains nothing.
_LONGEST_WAIT_SECONDS: Final = 0.2


class Retries:
    """Counts what each retrier of a state has done.

    Args:
        retriers: of the state.
        counts: what they had done before.
    """

    def __init__(
        self, retriers: Sequence[Mapping[str, Any]], counts: Sequence[int] | None = None
    ) -> None:
        self._retriers = retriers
        self._counts = list(counts or [0] * len(retriers))

    def wait_seconds(self, error: StateError) -> float | None:
        """Return how long to wait before the next attempt, or None where there is none."""
        for place, retrier in enumerate(self._retriers):
            if matches(retrier["ErrorEquals"], error):
                return self._next_wait(place, {**_DEFAULTS, **retrier})
        return None

    def _next_wait(self, place: int, retrier: Mapping[str, Any]) -> float | None:
        count = self._counts[place]
        if count >= retrier["MaxAttempts"]:
            return None
        self._counts[place] += 1
        seconds = retrier["IntervalSeconds"] * retrier["BackoffRate"] ** count
        seconds = min(seconds, retrier.get("MaxDelaySeconds", seconds))
        if retrier.get("JitterStrategy") == "FULL":
            seconds *= random.random()  # noqa: S311 - it is no secret
        return float(seconds)


def matches(names: Sequence[str], error: StateError) -> bool:
    """Tell whether ErrorEquals names an error."""
    if error.fatal:
        return False
    if _ALL in names or error.error in names:
        return True
    if TASK_FAILED in names and error.error != TIMEOUT:
        return True
    return error.heartbeat and HEARTBEAT in names


def guarded(visit: Visit, work: Callable[[], Any], *, failed: Callable[[], None]) -> Outcome:
    """Do a state's work until it succeeds, is caught or fails for good.

    Args:
        visit: of the state.
        work: returns its result.
        failed: writes that it failed, once it is not tried again.

    Raises:
        StateError: it failed for good.
    """
    retries = Retries(visit.state.get("Retry", ()))
    visit.retry_count = 0
    while True:
        try:
            return visit.finish(work())
        except StateError as error:
            visit.token = None
            tell(visit, error)
            seconds = retries.wait_seconds(error)
            if seconds is None:
                failed()
                return caught(visit, error)
        wait = min(seconds, _LONGEST_WAIT_SECONDS)
        visit.frame.interrupt.wait_for(threading.Event(), wait)
        visit.retry_count += 1
        visit.frame.forget(visit.name)


def tell(visit: Visit, error: StateError) -> None:
    """Say in an error where it happened, and write that an expression of JSONata failed."""
    new = error.location and not error.placed
    error.place(visit.name, visit.entered_id)
    if new and error.error == QUERY:
        details = {**error.details(), "location": error.location, "state": visit.name}
        visit.frame.add("EvaluationFailed", details)


def caught(visit: Visit, error: StateError) -> Outcome:
    """Return what a Catch makes of a failure.

    Raises:
        StateError: there is none for it.
    """
    for catcher in visit.state.get("Catch", ()):
        if matches(catcher["ErrorEquals"], error):
            return visit.caught(catcher, error)
    raise error
