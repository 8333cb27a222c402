"""KLL, the quantiles' sketch of statistics.json, with the parameters that Model Monitor writes.

A sketch is a list of levels; an item of level i stands for 2^i values. Up to 2,050 values it holds
all of them, and everything taken from it is exact; after that, ranks are off by about one in a
thousand. This follows awslabs/deequ on GitHub, `analyzers/QuantileNonSample.scala` and
`NonSampleCompactor.scala` (without the random choice, so that the same data gives the same file),
which the image is built upon, with one difference: equal items count each.
https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-interpreting-statistics.html
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

K: Final = 2048
C: Final = 0.64

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Sketch:
    """Levels of items, lowest weight first."""

    levels: tuple[tuple[float, ...], ...]

    @property
    def count(self) -> int:
        """How many values it stands for."""
        return sum(len(level) << height for height, level in enumerate(self.levels))

    def cumulative(self) -> tuple[Floats, Floats]:
        """Return the distinct items in order, and how many values are at most each."""
        items = np.concatenate([np.asarray(level, dtype=np.float64) for level in self.levels])
        weights = np.concatenate(
            [np.full(len(level), 2.0**height) for height, level in enumerate(self.levels)]
        )
        distinct, inverse = np.unique(items, return_inverse=True)
        return distinct, np.cumsum(np.bincount(inverse, weights, len(distinct)))


def sketch_of(values: Floats) -> Sketch:
    """Sketch values in their order."""
    levels: list[Floats] = [np.empty(0)]
    compactions = [0]
    taken = 0
    while taken < len(values):
        room = _total_capacity(len(levels)) - sum(map(len, levels)) + 1
        levels[0] = np.concatenate([levels[0], values[taken : taken + max(room, 1)]])
        taken += max(room, 1)
        if sum(map(len, levels)) > _total_capacity(len(levels)):
            _condense(levels, compactions)
    return Sketch(tuple(tuple(level.tolist()) for level in levels))


def _condense(levels: list[Floats], compactions: list[int]) -> None:
    """Halve the lowest level that is full, into the one above."""
    height = next(h for h, level in enumerate(levels) if len(level) >= _capacity(h))
    if height + 1 == len(levels):
        levels.append(np.empty(0))
        compactions.append(0)
    level = levels[height]
    even = len(level) - len(level) % 2
    # Deequ's order of offsets where none is drawn: 0, 1, 1, 0, 0, 1, ...
    offset = (compactions[height] + 1) // 2 % 2
    levels[height + 1] = np.concatenate([levels[height + 1], np.sort(level[:even])[offset::2]])
    levels[height] = level[even:]
    compactions[height] += 1


def _capacity(height: int) -> int:
    return 2 * (math.ceil(K * C**height / 2) + 1)


def _total_capacity(height_count: int) -> int:
    return sum(map(_capacity, range(height_count)))
