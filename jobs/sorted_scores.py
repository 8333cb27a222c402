"""Scores in order, with what the rows of each weigh: sorted on disk, whatever their number.

What depends on the order of the scores alone is a sum over the distinct ones, a *cell* each: what
the rows that are of the class weigh, what the others do, and both by the squares of the weights.
Blocks of rows are sorted one by one, into *runs*, and the runs merged window by window, so that a
window holds about a block's cells however many rows there are. A score is a 32-bit integer in the
order of the scores, and has the number of its group before it, so that all groups are sorted at
once; a *segment* is what a window holds of a group.

Source: D. E. Knuth, The Art of Computer Programming, vol. 3, 2nd ed. 1998, 5.4 (external sorting).
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np
from moments import Floats, Sum
from numpy.typing import NDArray
from unnamed import unnamed_file

SUMS = ("own", "others", "own_squares", "others_squares")
CELL = np.dtype([("key", "<u8"), *((name, "<f8") for name in SUMS)])
SIGN = np.uint32(1 << 31)
GROUP_BITS = np.uint64(32)

Keys = NDArray[np.uint64]
Cells = NDArray[np.void]


class ScoredRows(NamedTuple):
    """Some rows: `keys_of` their scores, which are of the class, and weights, None where alike."""

    keys: Keys
    is_own: NDArray[np.bool_]
    weights: Floats | None


class Segment(NamedTuple):
    """Where the cells of a group lie that are of one window, and what they sum up to."""

    group: int
    window: int
    first: int
    cells: int
    own: float
    others: float


def keys_of(
    scores: NDArray[np.float32], groups: NDArray[np.int32] | int = 0, *, falling: bool = False
) -> Keys:
    """Return integers in the order of groups and of finite scores within them.

    Args:
        scores: of rows.
        groups: of the same rows, from 0 on.
        falling: whether the highest score comes first.
    """
    bits = ordered_bits(scores)
    of_groups = np.asarray(groups).astype(np.uint64) << GROUP_BITS
    keys: Keys = of_groups | (~bits if falling else bits).astype(np.uint64)
    return keys


def ordered_bits(scores: NDArray[np.float32]) -> NDArray[np.uint32]:
    """Return integers in the order of finite scores."""
    # -0 becomes 0, which it equals.
    bits = (scores + np.float32(0)).view(np.uint32)
    return np.where(bits & SIGN, ~bits, bits | SIGN)


def scores_of(keys: Keys) -> Floats:
    """Return the scores that keys in rising order were made of."""
    bits = keys.astype(np.uint32)
    return np.where(bits & SIGN, bits ^ SIGN, ~bits).view(np.float32).astype(np.float64)


class SortedScores:
    """The distinct scores of rows.

    Attributes:
        segments: in the order of groups, and of the scores of each.
        runs: where the cells of each block of rows begin, by window, and last where they end.
    """

    def __init__(self, folder: Path, blocks: Iterable[ScoredRows], block_rows: int) -> None:
        """Sort rows.

        Args:
            folder: where there is room for them.
            blocks: of rows.
            block_rows: about how many cells are held at once.
        """
        self._runs = unnamed_file(folder, self)
        self._merged = unnamed_file(folder, self)
        self.segments: list[Segment] = []
        runs = [self._keep(cells_of(rows)) for rows in blocks]
        self._runs.flush()
        step = max(block_rows // (2 * max(len(runs), 1)), 1)
        # Views would keep the runs.
        samples = [self.run(*run)["key"][step - 1 :: step].copy() for run in runs]
        limits = np.sort(np.concatenate([np.zeros(0, np.uint64), *samples]))
        limits = np.unique(limits[len(runs) - 1 :: max(len(runs), 1)])
        self.runs = [self._windows_of(*run, limits) for run in runs]
        for window in range(len(limits) + 1):
            self._merge(window)
        self._merged.flush()

    def _keep(self, cells: Cells) -> tuple[int, int]:
        """Write a run, and return where it begins and ends."""
        first = self._runs.tell() // CELL.itemsize
        self._runs.write(cells.data)
        return first, first + len(cells)

    def _windows_of(self, first: int, end: int, limits: Keys) -> NDArray[np.int64]:
        """Return where a run has the cells beyond each limit, after its first."""
        places = np.searchsorted(self.run(first, end)["key"], limits, side="right")
        return np.concatenate([[first], places + first, [end]])

    def run(self, first: int, end: int) -> Cells:
        """Return cells as a block of rows has them."""
        return read_cells(self._runs.fileno(), first, end)

    def _merge(self, window: int) -> None:
        """Write what the runs have in a window, a cell for each score."""
        parts = [self.run(run[window], run[window + 1]) for run in self.runs]
        cells = np.concatenate([np.zeros(0, CELL), *parts])
        if not len(cells):
            return
        if len(self.runs) > 1:
            cells = joined(cells["key"], {name: cells[name] for name in SUMS}, are_runs=True)
        first = self._merged.tell() // CELL.itemsize
        self._merged.write(cells.data)
        groups = cells["key"] >> GROUP_BITS
        ends = np.flatnonzero(np.diff(groups)) + 1
        for start, end in pairwise([0, *ends.tolist(), len(cells)]):
            own, others = (float(cells[name][start:end].sum()) for name in ("own", "others"))
            place = (first + start, end - start)
            self.segments.append(Segment(int(groups[start]), window, *place, own, others))

    def read(self, segment: Segment) -> Cells:
        """Return the cells of a segment."""
        return read_cells(self._merged.fileno(), segment.first, segment.first + segment.cells)

    def by_group(self) -> dict[int, list[Segment]]:
        """Return the segments of each group."""
        found: defaultdict[int, list[Segment]] = defaultdict(list)
        for segment in self.segments:
            found[segment.group].append(segment)
        return found


def read_cells(file: int, first: int, end: int) -> Cells:
    """Return cells of a file."""
    size = CELL.itemsize
    return np.frombuffer(os.pread(file, (end - first) * size, first * size), CELL)


def cells_of(rows: ScoredRows) -> Cells:
    """Return the cells of a block of rows."""
    held = np.ones(len(rows.keys)) if rows.weights is None else rows.weights
    own = held * rows.is_own
    others = held - own
    sums = {"own": own, "others": others, "own_squares": own, "others_squares": others}
    if rows.weights is not None:
        sums |= {"own_squares": own**2, "others_squares": others**2}
    return joined(rows.keys, sums)


def joined(keys: Keys, sums: dict[str, Floats], *, are_runs: bool = False) -> Cells:
    """Return a cell for each of the keys, of which some are alike, in their order.

    Keys that are a few sorted runs are sorted sooner by another method.
    """
    if not len(keys):
        return np.zeros(0, CELL)
    order = np.argsort(keys, kind="stable" if are_runs else "quicksort")
    ordered = keys[order]
    starts = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))
    cells = np.empty(len(starts), CELL)
    cells["key"] = ordered[starts]
    for name, numbers in sums.items():
        cells[name] = np.add.reduceat(numbers[order], starts)
    return cells


def whole(segments: Iterable[Segment]) -> tuple[float, float]:
    """Return what rows of the class and others weigh in some segments."""
    own, others = Sum(), Sum()
    for segment in segments:
        own.add(segment.own)
        others.add(segment.others)
    return own.value, others.value


def falling(scores: SortedScores, segments: list[Segment]) -> Iterator[tuple[Keys, Floats, Floats]]:
    """Yield keys, from the highest on, with what the rows at and above each weigh.

    Yields:
        Keys, the weights of all rows, and those of the rows of the class.
    """
    said = true = 0.0
    for segment in reversed(segments):
        cells = scores.read(segment)[::-1]
        # The order in which a whole array would be summed.
        all_said = np.cumsum(np.concatenate([[said], cells["own"] + cells["others"]]))[1:]
        all_true = np.cumsum(np.concatenate([[true], cells["own"]]))[1:]
        said, true = float(all_said[-1]), float(all_true[-1])
        yield cells["key"], all_said, all_true
