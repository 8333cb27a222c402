"""All blocks, on every core: worker processes that end with their parent, whatever ends it."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Generator, Iterable
from concurrent.futures import Future, ProcessPoolExecutor

from objects import Block
from splitting import Encoded, Plan, encode_block, file_of_hashes


def encode_blocks(
    blocks: Iterable[Block], plan: Plan, workers: int
) -> Generator[Encoded, None, None]:
    """Yield the encoded blocks in order, from `workers` processes, or from this one if that is 1.

    At most three blocks per process are under way, so memory is bounded.

    Raises:
        BrokenProcessPool: A worker process died.
    """
    if workers == 1:
        yield from (encode_block(block, plan) for block in blocks)
        return
    file_of_hashes(plan)  # Made before the fork, so that the workers share it.
    pending: deque[Future[Encoded]] = deque()
    fork = multiprocessing.get_context("fork")
    with ProcessPoolExecutor(workers, fork, initializer=prepare_worker) as pool:
        for block in blocks:
            pending.append(pool.submit(encode_block, block, plan))
            if len(pending) == 3 * workers:
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()


def prepare_worker() -> None:
    """Leave signals to the parent, and end with it even if it is killed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    threading.Thread(target=end_with_parent, daemon=True).start()


def end_with_parent() -> None:
    """Wait for the parent process to end, and end this one."""
    parent = multiprocessing.parent_process()
    if parent:
        parent.join()
        os._exit(1)
