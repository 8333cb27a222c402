"""Rows counted by their class and by the one that is predicted, a *cell* for each pair that occurs.

Which class is predicted is all that accuracy, precision, recall and f1 ask of a row, so rows of one
cell have one influence on them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

import numpy as np
from judged_rows import Places, Said
from moments import Floats, Moments

EPSILON = float(np.finfo(np.float64).eps)


class Tally:
    """The cells of a group.

    Attributes:
        loss: the logarithmic one; probabilities stay an epsilon away from 0 and 1.
        counts: rows by cell.
        weights: what they weigh.
        squares: the same of their weights' squares.
    """

    def __init__(self, classes: int) -> None:
        """Begin without rows."""
        self._classes = classes
        self._codes = np.zeros(0, np.int64)
        self.counts: Floats
        self.weights: Floats
        self.squares: Floats
        self.counts, self.weights, self.squares = np.zeros((3, 0))
        self.loss = Moments()

    def add(self, part: Said) -> None:
        """Count some rows, at least one."""
        self.loss.add(-np.log(np.clip(part.truth, EPSILON, 1 - EPSILON)), part.weights)
        ones = np.ones(len(part.actual))
        held = ones if part.weights is None else part.weights
        codes = np.concatenate([self._codes, part.actual * self._classes + part.said])
        self._codes, place = np.unique(codes, return_inverse=True)
        self.counts, self.weights, self.squares = (
            np.bincount(place, np.concatenate([before, more])).astype(np.float64)
            for before, more in (
                (self.counts, ones),
                (self.weights, held),
                (self.squares, held**2),
            )
        )

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return int(self.counts.sum())

    @property
    def actual(self) -> Places:
        """The class of each cell."""
        return self._codes // self._classes

    @property
    def said(self) -> Places:
        """The predicted class of each cell."""
        return self._codes % self._classes

    @property
    def share(self) -> Floats:
        """What share of the whole each cell weighs."""
        shares: Floats = self.weights / self.weights.sum()
        return shares


def tallied(parts: Iterable[tuple[int, Said]], classes: int) -> dict[int, Tally]:
    """Count the rows of each group."""
    found: defaultdict[int, Tally] = defaultdict(lambda: Tally(classes))
    for group, part in parts:
        found[group].add(part)
    return found
