"""All blocks, on every core: worker processes that end with their parent, whatever ends it."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Generator, Iterable
from concurrent.futures import Future, ProcessPoolExecutor
from importlib.util import find_spec

from clean_lines import LAYOUT
from objects import Block
from splitting import BY_PATTERN, Encoded, Plan, Way, encode_block, file_of_hashes

# Of fewer columns that are looked up, arrays gain less than importing NumPy takes.
MANY_LOOKED_UP = 3


def fastest_way() -> Way:
    """Return how blocks of many rows are best encoded: by array where NumPy is there."""
    looked_up = sum(encodings is not None for _, encodings in LAYOUT.pieces)
    if looked_up < MANY_LOOKED_UP or find_spec("numpy") is None:
        return BY_PATTERN
    # It begins threads for algebra, of which there is none here, and workers are forked.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from array_lines import BY_ARRAY

    return BY_ARRAY


def encode_blocks(
    blocks: Iterable[Block], plan: Plan, workers: int, way: Way = BY_PATTERN
) -> Generator[Encoded, None, None]:
    """Yield the encoded blocks in order, from `workers` processes, or from this one if that is 1.

    At most three blocks per process are under way, so memory is bounded.

    Raises:
        BrokenProcessPool: A worker process died.
    """
    if workers == 1:
        yield from (encode_block(block, plan, way) for block in blocks)
        return
    file_of_hashes(plan)  # Made before the fork, so that the workers share it.
    pending: deque[Future[Encoded]] = deque()
    fork = multiprocessing.get_context("fork")
    with ProcessPoolExecutor(workers, fork, initializer=prepare_worker) as pool:
        for block in blocks:
            pending.append(pool.submit(encode_block, block, plan, way))
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
