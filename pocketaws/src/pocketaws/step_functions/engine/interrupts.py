"""Ends what waits: an execution that is stopped, a branch whose sibling has failed."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from pocketaws.step_functions.engine.errors import EndedFromOutside


class Interrupt:
    """Ends whoever waits with it; one below another is set with that.

    Args:
        above: of the execution or branch that this one's is in.
    """

    __slots__ = ("_is_set", "above", "lock", "wakers")

    def __init__(self, above: "Interrupt | None" = None) -> None:
        self.above = above
        self._is_set = False
        self.wakers: set[Callable[[], None]] = set()
        self.lock = threading.Lock()

    def set(self) -> None:
        """End every wait."""
        with self.lock:
            self._is_set = True
            wakers = list(self.wakers)
        for wake in wakers:
            wake()

    @property
    def is_set(self) -> bool:
        """Whether this one or one above has been set."""
        return self._is_set or (self.above is not None and self.above.is_set)

    def check(self) -> None:
        """Raise `Ended` where it has been set."""
        if self.is_set:
            raise EndedFromOutside

    def wait_for(self, done: threading.Event, seconds: float | None = None) -> bool:
        """Wait until an event is set, or the time is up; tell whether it is set.

        Raises:
            Ended: this has been set meanwhile.
        """
        with self._waking(done.set):
            self.check()
            happened = done.wait(seconds)
        self.check()
        return happened

    @contextmanager
    def _waking(self, wake: Callable[[], None]) -> Iterator[None]:
        levels = list(self._levels())
        for level in levels:
            with level.lock:
                level.wakers.add(wake)
        try:
            yield
        finally:
            for level in levels:
                with level.lock:
                    level.wakers.discard(wake)

    def _levels(self) -> "Iterator[Interrupt]":
        level: Interrupt | None = self
        while level is not None:
            yield level
            level = level.above
