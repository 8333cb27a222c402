"""All blocks, on every core, in the way that is fastest."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterable
from importlib.util import find_spec

from clean_lines import LAYOUT
from objects import Block
from splitting import BY_PATTERN, Encoded, Plan, Way, encode_block, file_of_hashes
from workers import done_in_order

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

    Raises:
        JobError: A worker process was killed.
    """
    if workers == 1:
        yield from (encode_block(block, plan, way) for block in blocks)
        return
    file_of_hashes(plan)  # Made before the fork, so that the workers share it.
    yield from done_in_order(lambda block: encode_block(block, plan, way), blocks, workers)
