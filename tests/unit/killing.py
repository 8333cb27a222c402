"""Kill a piece of work before each line that it executes, and look at what is left each time."""

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any, Final

_LIMIT: Final = 2000


def kill_at_each_line(
    work: Callable[[], object], look: Callable[[], None], *, files: frozenset[str]
) -> int:
    """Do the work in children, each killed before one more line of `files`; return how many.

    Args:
        work: done in a child, again and again, until one gets to its end.
        look: called in this process after each child, and after the one that ended.
        files: names of the modules' files whose lines count.
    """
    for lines in range(1, _LIMIT):
        child = os.fork()
        if not child:
            _work_until(work, lines, files)
        _, status = os.waitpid(child, 0)
        look()
        if not os.WIFSIGNALED(status):
            assert os.WEXITSTATUS(status) == 0
            return lines - 1
    raise AssertionError(f"the work has more than {_LIMIT} lines")


def _work_until(work: Callable[[], object], lines: int, files: frozenset[str]) -> None:
    left = lines

    def trace(frame: FrameType, event: str, _argument: Any) -> Any:
        nonlocal left
        if Path(frame.f_code.co_filename).name not in files:
            return None
        if event == "line":
            left -= 1
            if not left:
                os.kill(os.getpid(), signal.SIGKILL)
        return trace

    try:
        sys.settrace(trace)
        work()
        sys.settrace(None)
        os._exit(0)
    finally:
        os._exit(1)
