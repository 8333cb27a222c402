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
        self.kept = np.concatenate([self.kept, table[-self._seen % self._step :: self._step]])
        self._seen += len(table)
        while len(self.kept) > self._limit:
            self.kept, self._step = self.kept[::2], self._step * 2
