"""Several processes that do the same work, as gunicorn's workers in the container.

If one ends by itself, the others are stopped and so is the container, as its own start does
(aws/sagemaker-containers on GitHub, `_server.py`).
"""

import contextlib
import os
import signal
import sys
import traceback
from collections.abc import Callable
from typing import Final

_ENDING: Final = frozenset({signal.SIGTERM})


def run_workers(
    count: int, work: Callable[[Callable[[], None]], None], *, started: Callable[[], None]
) -> int:
    """Fork `count` workers, pass SIGTERM on to them, and wait until all have ended.

    A SIGTERM that comes before a worker can hear it is kept for it until it can.

    Args:
        count: of processes, at least 1.
        work: what a worker does; it ends on SIGTERM, and calls what it is given once it would.
        started: called here once every worker has called that.

    Returns:
        0 if every worker ended on SIGTERM and without an error; else 1.
    """
    told, telling = os.pipe()
    signal.pthread_sigmask(signal.SIG_BLOCK, _ENDING)
    workers = {_fork(work, telling) for _ in range(count)}
    os.close(telling)
    was_asked = False

    def stop(*_: object) -> None:
        nonlocal was_asked
        was_asked = True
        _terminate(workers)

    signal.signal(signal.SIGTERM, stop)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDING)
    if _all_told(told, count):
        started()
    has_failed = False
    while workers:
        pid, status = os.wait()
        if pid in workers:
            workers.remove(pid)
            has_failed |= status != 0 or not was_asked
            if not was_asked:
                _terminate(workers)
    return int(has_failed)


def _all_told(told: int, count: int) -> bool:
    """Wait until each worker has written its byte; tell whether none has ended before."""
    with os.fdopen(told, "rb") as pipe:
        return len(pipe.read(count)) == count


def _terminate(workers: set[int]) -> None:
    for pid in workers:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)


def _fork(work: Callable[[Callable[[], None]], None], telling: int) -> int:
    pid = os.fork()
    if pid:
        return pid

    def hears_sigterm() -> None:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDING)
        os.write(telling, b".")
        os.close(telling)

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
