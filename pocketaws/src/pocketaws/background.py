"""What need not be done at once: one thing after the other, in one thread of the process.

It is for what leaves the interpreter to others, such as reading and digesting files: however many
there are, they take one core.
"""

import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import Final


class _Background:
    def __init__(self) -> None:
        self._waiting: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None

    def do(self, work: Callable[[], None]) -> None:
        self._waiting.put(work)
        with self._starting:
            # A process that was forked has no such thread.
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._work, name="background", daemon=True)
                self._thread.start()

    def _work(self) -> None:
        while True:
            self._waiting.get()()


_BACKGROUND: Final = _Background()


def do_later(work: Callable[[], None]) -> None:
    """Have something done after all that was asked for before.

    Args:
        work: raises nothing.
    """
    _BACKGROUND.do(work)
