"""Runs branches and items beside one another; the first that fails ends the others."""

import threading
from collections.abc import Callable, Sequence
from typing import Any

from pocketaws.step_functions.engine.errors import EndedFromOutside, StateError
from pocketaws.step_functions.engine.frames import Frame
from pocketaws.step_functions.engine.interrupts import Interrupt

Work = Callable[[], Any]


class _Group:
    def __init__(self, works: Sequence[Work], ending: Interrupt) -> None:
        self.results: list[Any] = [None] * len(works)
        self.failure: Exception | None = None
        self.done = threading.Event()
        self._works = works
        self._waiting = list(range(len(works)))[::-1]
        self._running = 0
        self._ending = ending
        self._lock = threading.Lock()

    def work(self) -> None:
        while (place := self._next()) is not None:
            try:
                self.results[place] = self._works[place]()
            except Exception as error:
                self._failed(error)
            self._finished()

    def _next(self) -> int | None:
        with self._lock:
            if self.failure is not None or not self._waiting:
                return None
            self._running += 1
            return self._waiting.pop()

    def _failed(self, error: Exception) -> None:
        with self._lock:
            if self.failure is None:
                self.failure = error
        self._ending.set()

    def _finished(self) -> None:
        with self._lock:
            self._running -= 1
            over = not self._running and (self.failure is not None or not self._waiting)
        if over:
            self.done.set()


def together(
    frame: Frame, works: Sequence[Work], ending: Interrupt, *, at_once: int = 0
) -> list[Any]:
    """Do works beside one another and return their results, in order.

    Args:
        frame: of the state that does them.
        works: to do.
        ending: ends them all; it is set when one fails.
        at_once: how many may run at the same time; 0 for all.

    Raises:
        StateError: of the first that failed.
        Ended: the frame was ended from outside.
    """
    if not works:
        return []
    group = _Group(works, ending)
    threads = [
        threading.Thread(target=group.work, daemon=True)
        for _ in range(min(at_once or len(works), len(works)))
    ]
    for thread in threads:
        thread.start()
    # Branches that are ended from outside end by themselves; their events come before ours.
    group.done.wait()
    frame.interrupt.check()
    if isinstance(group.failure, StateError):
        raise group.failure
    if group.failure is not None and not isinstance(group.failure, EndedFromOutside):
        raise group.failure
    return group.results
