"""Sums, means and standard errors of numbers that come in parts.

The numbers of a part are summed in double precision, as numpy does it, and the sums of the parts
with what rounding takes from them (A. Neumaier, Rundungsfehleranalyse einiger Verfahren zur
Summation endlicher Summen, 1974). Deviations are taken from the mean of their own part, and moved
to that of the whole at the end, as T. F. Chan, G. H. Golub and R. J. LeVeque do (Updating Formulae
and a Pairwise Algorithm for Computing Sample Variances, 1979): nothing large is subtracted.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class Sum:
    """A sum, with what its rounding has lost so far."""

    def __init__(self) -> None:
        """Begin at 0."""
        self._sum, self._lost = 0.0, 0.0

    def add(self, number: float) -> None:
        """Add a number."""
        whole = self._sum + number
        larger, smaller = sorted((self._sum, number), key=abs, reverse=True)
        self._lost += (larger - whole) + smaller
        self._sum = whole

    @property
    def value(self) -> float:
        """What was added."""
        return self._sum + self._lost


class Moments:
    """The mean of numbers, and its standard error.

    Attributes:
        rows: how many numbers there are.
    """

    def __init__(self) -> None:
        """Begin without numbers."""
        self.rows = 0
        self._is_weighted = False
        self._center = 0.0
        self._weight, self._sum = Sum(), Sum()
        # Of the squared weights, and of deviations from the center and their squares by these.
        self._squares, self._moved, self._squared = Sum(), Sum(), Sum()

    def add(self, values: Floats, weights: Floats | None = None) -> None:
        """Take the next numbers, at least one; those of weight w count w times.

        Weights are given for all numbers or for none.
        """
        self._is_weighted = weights is not None
        weight = float(len(values)) if weights is None else float(weights.sum())
        whole = float((values if weights is None else values * weights).sum())
        # Numbers that weigh nothing have no mean, and add nothing to a deviation.
        center = whole / weight if weight else 0.0
        deviations = values - center if weights is None else weights * (values - center)
        squared = float((deviations**2).sum())
        by_squares = deviations if weights is None else weights * deviations
        moved = float(by_squares.sum())
        squares = weight if weights is None else float((weights**2).sum())
        if not self.rows:
            self._center = center
        self.rows += len(values)
        self._weight.add(weight)
        self._sum.add(whole)
        self._squares.add(squares)
        shift = center - self._center
        self._moved.add(moved + shift * squares)
        self._squared.add(squared + 2 * shift * moved + shift**2 * squares)

    @property
    def mean(self) -> float:
        """The mean of the numbers."""
        return self._sum.value / self._weight.value

    @property
    def standard_error(self) -> float:
        """The standard error of the mean, 0 of a single number."""
        if self.rows <= 1:
            return 0.0
        shift = self._center - self.mean
        moved = 2 * shift * self._moved.value + shift**2 * self._squares.value
        squared = max(self._squared.value + moved, 0.0)
        if self._is_weighted:
            return math.sqrt(squared * self.rows / (self.rows - 1)) / self._weight.value
        return math.sqrt(squared / (self.rows - 1)) / math.sqrt(self.rows)
