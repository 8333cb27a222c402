"""Exact quantiles of numbers that are gone through several times, and never held.

A number of single precision is 32 bits whose order is its own. They are counted by their first
digits, then, of those that begin as a quantile does, by the next, and by the last: memory is that
of the counts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
from moments import Floats
from numpy.typing import NDArray
from sorted_scores import ordered_bits, scores_of

Codes = NDArray[np.int64]
Numbers = Callable[[], Iterable[Floats]]

DIGIT_BITS = (12, 12, 8)  # Of 32.


def quantiles(numbers: Numbers, shares: Floats) -> Floats:
    """Return the least numbers that such shares of all are not above, as `inverted_cdf` of numpy's.

    Args:
        numbers: goes through them once more; at least one, all of single precision.
        shares: above 0, up to 1.
    """
    count = sum(map(len, numbers()))
    ranks = np.maximum(np.ceil(count * shares), 1).astype(np.int64)
    begins, left = np.zeros(len(ranks), np.int64), 32
    for bits in DIGIT_BITS:
        left -= bits
        known, place = np.unique(begins, return_inverse=True)
        counts = np.zeros((len(known), 1 << bits), np.int64)
        for block in numbers():
            codes = ordered_bits(block.astype(np.float32)).astype(np.int64) >> left
            counts += count_digits(codes, known, bits)
        summed = counts.cumsum(axis=1)[place]
        digits = (summed < ranks[:, None]).sum(axis=1)
        # What is below the digit is below the quantile.
        ranks -= np.where(digits > 0, summed[np.arange(len(digits)), digits - 1], 0)
        begins = (begins << bits) + digits
    return scores_of(begins.astype(np.uint64))


def count_digits(
    codes: NDArray[np.int64], known: NDArray[np.int64], bits: int
) -> NDArray[np.int64]:
    """Count the last digits of codes, of so many bits, by which of the known ones they follow."""
    begins = codes >> bits
    place = np.searchsorted(known, begins)
    is_known = known[np.minimum(place, len(known) - 1)] == begins
    digits = codes & ((1 << bits) - 1)
    cells = ((place << bits) + digits)[is_known]
    counts = np.bincount(cells, minlength=len(known) << bits).astype(np.int64)
    return counts.reshape(len(known), -1)
