"""Work on every core: worker processes that end with their parent, whatever ends it.

Each has a pipe of its own. Those of concurrent.futures share theirs: where one is killed in the
middle of telling what it has done, as a machine without memory kills it, the others and the parent
wait for its last words for ever.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future
from contextlib import suppress
from multiprocessing.connection import Connection
from queue import SimpleQueue
from threading import Semaphore, Thread
from typing import Any, TypeVar

from container import JobError

Item = TypeVar("Item")
Done = TypeVar("Done")
# An item and what becomes of it; None, once for each worker, where there is no more.
Given = SimpleQueue[tuple[Any, Future[Any]] | None]


def done_in_order(
    work: Callable[[Item], Done], items: Iterable[Item], workers: int
) -> Generator[Done, None, None]:
    """Yield what `work` makes of each item, in their order, from `workers` processes.

    At most three items per process are under way, so memory is bounded.

    Raises:
        JobError: A worker process was killed.
        Exception: What `work` raised.
    """
    given: Given = SimpleQueue()
    started = [Worker(work, given) for _ in range(workers)]
    # Not before all processes are forked.
    for worker in started:
        worker.begin()
    pending: deque[Future[Done]] = deque()
    try:
        for item in items:
            pending.append(Future())
            given.put((item, pending[-1]))
            if len(pending) == 3 * workers:
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()
    finally:
        for worker in started:
            worker.kill()
            given.put(None)
        for worker in started:
            worker.join()


class Worker:
    """A process, and the two threads that send it items and hear what it has done of them."""

    def __init__(self, work: Callable[[Any], Any], given: Given) -> None:
        fork = multiprocessing.get_context("fork")
        self._connection, theirs = fork.Pipe()
        self._process = fork.Process(target=serve, args=(work, theirs))
        self._process.start()
        # Only the process holds its end now, so that its death is the pipe's end.
        theirs.close()
        self._given = given
        self._sent: SimpleQueue[Future[Any] | None] = SimpleQueue()
        # The next item is on its way while one is worked at.
        self._room = Semaphore(2)
        self._threads = [Thread(target=run, daemon=True) for run in (self._send, self._hear)]

    def begin(self) -> None:
        """Start the threads."""
        for thread in self._threads:
            thread.start()

    def kill(self) -> None:
        """End the process, whatever it is doing."""
        self._process.kill()

    def join(self) -> None:
        """Wait for the end of the threads, once they are told, and of the process."""
        for thread in self._threads:
            thread.join()
        self._process.join()
        self._connection.close()

    def _send(self) -> None:
        while self._room.acquire() and (one := self._given.get()) is not None:
            item, asked = one
            self._sent.put(asked)
            # Where it was killed, whoever hears tells.
            with suppress(OSError):
                self._connection.send(item)
        self._sent.put(None)

    def _hear(self) -> None:
        while (asked := self._sent.get()) is not None:
            try:
                has_failed, done = self._connection.recv()
            except (EOFError, OSError):
                text = "a worker process was killed; take an instance with more memory"
                has_failed, done = True, JobError(text)
            self._room.release()
            if has_failed:
                asked.set_exception(done)
            else:
                asked.set_result(done)


def serve(work: Callable[[Any], Any], connection: Connection) -> None:
    """Do the work of what comes by a connection, until somebody ends this process."""
    prepare()
    while True:
        item = connection.recv()
        try:
            told = (False, work(item))
        # Whoever asked raises it.
        except Exception as error:
            told = (True, error)
        connection.send(told)


def prepare() -> None:
    """Leave signals to the parent, and end with it even if it is killed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    Thread(target=end_with_parent, daemon=True).start()


def end_with_parent() -> None:
    """Wait for the parent process to end, and end this one."""
    parent = multiprocessing.parent_process()
    if parent:
        parent.join()
        os._exit(1)
