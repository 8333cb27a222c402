"""A line a second while something takes long, so that nobody takes it for dead."""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from typing import Final

_SECONDS: Final = 1.0


@contextlib.contextmanager
def signs_of_life(tell: Callable[[str], None], text: str) -> Iterator[None]:
    """Tell a text each second until the context ends.

    Args:
        tell: shows a line, from another thread.
        text: such as "still starting".
    """
    ended = threading.Event()

    def beat() -> None:
        due = time.monotonic() + _SECONDS
        while not ended.wait(max(0.0, due - time.monotonic())):
            try:
                tell(text)
            except OSError:
                # Nobody reads it any more; what is told next says so.
                return
            due += _SECONDS

    thread = threading.Thread(target=beat, name="signs of life", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
