"""Several processes that do the same work, as gunicorn's workers in the container.

One that ends by itself is started again, as gunicorn's arbiter does. Where one ends before all have
begun, or they end again and again, the others are stopped and so is the container.
https://docs.gunicorn.org/en/stable/design.html#server-model
"""

import contextlib
import os
import signal
import sys
import time
import traceback
from collections import deque
from collections.abc import Callable
from typing import Final

from pocketaws.processes import descendants
from pocketaws.processes.ends import end_of

Work = Callable[[Callable[[], None]], None]

# So many workers that end within the time are no accident.
_MOST_ENDS: Final = 5
_ENDS_WITHIN_SECONDS: Final = 10.0
_ENDING: Final = frozenset({signal.SIGTERM})


def run_workers(count: int, work: Work, *, started: Callable[[], None]) -> int:
    """Fork `count` workers, pass SIGTERM on to them, and wait until all have ended.

    A SIGTERM that comes before a worker can hear it is kept for it until it can.

    Args:
        count: of processes, at least 1.
        work: what a worker does; it ends on SIGTERM, and calls what it is given once it would.
        started: called here once every worker has called that.

    Returns:
        0 if every worker that was asked to end did so without an error; else 1.
    """
    told, telling = os.pipe()
    signal.pthread_sigmask(signal.SIG_BLOCK, _ENDING)
    workers = _Workers(work)
    for _ in range(count):
        workers.start(telling)
    os.close(telling)
    signal.signal(signal.SIGTERM, lambda *_: workers.end())
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDING)
    has_begun = _wait_for_all(told, count)
    if has_begun:
        started()
    return workers.wait(restarts=has_begun)


class _Workers:
    def __init__(self, work: Work) -> None:
        self._work = work
        self._pids: set[int] = set()
        self._was_asked = False
        # When workers ended by themselves.
        self._ends: deque[float] = deque(maxlen=_MOST_ENDS)

    def start(self, telling: int) -> None:
        self._pids.add(_fork(self._work, telling))

    def end(self) -> None:
        self._was_asked = True
        for pid in self._pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)

    def wait(self, *, restarts: bool) -> int:
        """Wait until all have ended; return 1 if one did otherwise than it should."""
        has_failed = False
        while self._pids:
            pid, status = os.wait()
            if pid not in self._pids:
                continue
            # Whoever is asked to end must know of every worker that there is.
            signal.pthread_sigmask(signal.SIG_BLOCK, _ENDING)
            self._pids.remove(pid)
            if self._was_asked:
                has_failed |= status != 0
            elif restarts and not self._end_too_often():
                self._restart(pid, os.waitstatus_to_exitcode(status))
            else:
                has_failed = True
                self.end()
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDING)
        return int(has_failed)

    def _end_too_often(self) -> bool:
        now = time.monotonic()
        self._ends.append(now)
        return len(self._ends) == _MOST_ENDS and now - self._ends[0] < _ENDS_WITHIN_SECONDS

    def _restart(self, pid: int, exit_code: int) -> None:
        print(f"worker {pid} {end_of(exit_code)}; another one is started", file=sys.stderr)
        nobody = os.open(os.devnull, os.O_WRONLY)
        self.start(nobody)
        os.close(nobody)


def _wait_for_all(told: int, count: int) -> bool:
    """Wait until each worker has written its byte; tell whether none has ended before."""
    with os.fdopen(told, "rb") as pipe:
        return len(pipe.read(count)) == count


def _fork(work: Work, telling: int) -> int:
    pid = os.fork()
    if pid:
        return pid

    def hears_sigterm() -> None:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDING)
        os.write(telling, b".")
        os.close(telling)

    # The container may be killed before it can stop its workers.
    descendants.end_with_parent()
    exit_code = 1
    try:
        work(hears_sigterm)
        exit_code = 0
    except BaseException:  # whatever it is, a worker must not go on as its parent would
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(exit_code)
