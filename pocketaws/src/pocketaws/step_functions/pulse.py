"""Tells those who wait that something has happened, so that they need not look all the time."""

import threading


class Pulse:
    """Counts beats; a waiter that knows the count misses none."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self.count = 0

    def beat(self) -> None:
        """Wake everybody who waits."""
        with self._condition:
            self.count += 1
            self._condition.notify_all()

    def wait_after(self, count: int, *, timeout_seconds: float) -> None:
        """Wait until there has been a beat after the one of that count, or the time is up."""
        with self._condition:
            self._condition.wait_for(lambda: self.count != count, timeout_seconds)
