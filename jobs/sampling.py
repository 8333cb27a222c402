"""Rows that stand for all: every one, or every second, fourth, ... as more and more come."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


class SampledRows:
    """Some of the rows that are added, evenly spaced and no more than a limit.

    Attributes:
        kept: these rows.
    """

    def __init__(self, columns: int, limit: int, dtype: Any = np.float64) -> None:
        """Begin without rows."""
        self.kept: NDArray[Any] = np.zeros((0, columns), dtype)
        self._limit, self._step, self._seen = limit, 1, 0

    def add(self, table: NDArray[Any]) -> None:
        """Take what is to be kept of the next rows."""
        self.take(table[self.next()], len(table))

    def next(self) -> slice:
        """Return which of the next rows are to be kept."""
        return slice(-self._seen % self._step, None, self._step)

    def take(self, picked: NDArray[Any], rows: int) -> None:
        """Keep those of the next rows that were to be, of so many."""
        self.kept = np.concatenate([self.kept, picked])
        self._seen += rows
        while len(self.kept) > self._limit:
            self.kept, self._step = self.kept[::2], self._step * 2
