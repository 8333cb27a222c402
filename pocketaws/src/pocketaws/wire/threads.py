"""A bounded number of threads, each made when it is needed and kept for the next piece of work.

Not `concurrent.futures`': the interpreter waits for its threads at its end, and one that waits for
a function that never answers would keep it.
"""

import queue
import sys
import threading
from collections.abc import Callable
from typing import Final

_STACK_NAME: Final = "request"

Work = Callable[[], None]


class Threads:
    """Runs pieces of work, at most `limit` at once."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._waiting: queue.SimpleQueue[Work | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._free = 0
        self._count = 0

    def run(self, work: Work) -> bool:
        """Have a piece of work done, or tell that every thread is busy.

        Nothing waits for a thread: what runs may itself be waiting for what would have to wait.
        """
        with self._lock:
            if self._free:
                self._free -= 1
            elif self._count < self._limit:
                self._count += 1
                threading.Thread(target=self._work, name=_STACK_NAME, daemon=True).start()
            else:
                return False
        self._waiting.put(work)
        return True

    def end(self) -> None:
        """Let the threads go that have nothing to do; the others follow."""
        for _ in range(self._limit):
            self._waiting.put(None)

    def _work(self) -> None:
        while (work := self._waiting.get()) is not None:
            try:
                work()
            except Exception:
                # Told, as of any thread; this one goes on, since nobody would make another for it.
                kind, error, trace = sys.exc_info()
                told = (kind or Exception, error, trace, threading.current_thread())
                threading.excepthook(threading.ExceptHookArgs(told))
            with self._lock:
                self._free += 1
