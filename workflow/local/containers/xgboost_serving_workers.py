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


def run_workers(count: int, work: Callable[[], None], *, started: Callable[[], None]) -> int:
    """Fork `count` workers, pass SIGTERM on to them, and wait until all have ended.

    Args:
        count: of processes, at least 1.
        work: what a worker does; it ends on SIGTERM.
        started: called here as soon as SIGTERM is passed on.

    Returns:
        0 if every worker ended on SIGTERM and without an error; else 1.
    """
    workers = {_fork(work) for _ in range(count)}
    was_asked = False

    def stop(*_: object) -> None:
        nonlocal was_asked
        was_asked = True
        _terminate(workers)

    signal.signal(signal.SIGTERM, stop)
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


def _terminate(workers: set[int]) -> None:
    for pid in workers:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)


def _fork(work: Callable[[], None]) -> int:
    pid = os.fork()
    if pid:
        return pid
    exit_code = 1
    try:
        work()
        exit_code = 0
    except BaseException:  # whatever it is, a worker must not go on as its parent would
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(exit_code)
