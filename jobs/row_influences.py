"""The influences of rows on a mean over the classes, which has a standard error of its own.

A row has a score for each class, so its influence on the mean is that of no single cell: it is
summed up row by row, on disk, class after class.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
from curve_areas import Areas, Influence, influences
from moments import Floats
from sorted_scores import GROUP_BITS, ScoredRows, Segment, SortedScores
from unnamed import unnamed_file

# Of a row, and of a cell one for rows of the class and one for others: auc's, average_precision's.
OF_ROW, OF_CELL = 2, 4
BYTES = 8


class RowInfluences:
    """For each row the sums over the classes, which `add` is called for one by one."""

    def __init__(self, folder: Path) -> None:
        """Begin without classes."""
        self._folder = folder
        self._sums = unnamed_file(folder, self)

    def add(
        self, scores: SortedScores, found: Mapping[int, Areas], blocks: Iterable[ScoredRows]
    ) -> None:
        """Add one class.

        Args:
            scores: for the class.
            found: its areas by group.
            blocks: the rows that were sorted, again.
        """
        with tempfile.TemporaryFile(dir=self._folder) as cells:
            # What nothing is written for is 0.
            cells.truncate(scores.runs[-1][-1] * OF_CELL * BYTES)
            for areas in found.values():
                for segment, auc, precision in influences(scores, areas):
                    _write(cells.fileno(), scores, segment, (auc, precision))
            first = 0
            for rows, run in zip(blocks, scores.runs, strict=True):
                self._add_rows(first, rows, scores, (cells.fileno(), run[0], run[-1]))
                first += len(rows.keys)

    def _add_rows(
        self, first: int, rows: ScoredRows, scores: SortedScores, cells: tuple[int, int, int]
    ) -> None:
        """Add the influences of the rows of one block, from those of its cells."""
        place = np.searchsorted(scores.run(*cells[1:])["key"], rows.keys)
        of_cells = _read(*cells, OF_CELL)[place]
        of_rows = np.where(rows.is_own[:, None], of_cells[:, :2], of_cells[:, 2:])
        before = _read(self._sums.fileno(), first, first + len(place), OF_ROW)
        # Nothing was written of the first class's.
        of_rows[: len(before)] += before
        os.pwrite(self._sums.fileno(), of_rows.tobytes(), first * OF_ROW * BYTES)

    def squared(self, blocks: Iterable[ScoredRows], groups: int) -> Floats:
        """Return the squares of weights times influences, summed by group.

        Returns:
            A row for each of so many groups: of auc, and of average_precision.
        """
        sums, first = np.zeros((groups, OF_ROW)), 0
        for rows in blocks:
            held = _read(self._sums.fileno(), first, first + len(rows.keys), OF_ROW)
            if rows.weights is not None:
                held = held * rows.weights[:, None]
            place = (rows.keys >> GROUP_BITS).astype(np.int64)
            for column in range(OF_ROW):
                sums[:, column] += np.bincount(place, held[:, column] ** 2, minlength=groups)
            first += len(rows.keys)
        return sums


def _write(
    file: int, scores: SortedScores, segment: Segment, both: tuple[Influence, Influence]
) -> None:
    """Write the influences of a segment where each run has its cells."""
    keys = scores.read(segment)["key"]
    auc, precision = both
    found = np.column_stack([auc.own, precision.own, auc.others, precision.others])
    for run in scores.runs:
        begin = run[segment.window]
        held = scores.run(begin, run[segment.window + 1])["key"]
        start = int(np.searchsorted(held, keys[0]))
        end = int(np.searchsorted(held, keys[-1], side="right"))
        content = found[np.searchsorted(keys, held[start:end])]
        os.pwrite(file, content.tobytes(), (begin + start) * OF_CELL * BYTES)


def _read(file: int, first: int, end: int, width: int) -> Floats:
    """Return so many lines of numbers, fewer where the file ends."""
    size = width * BYTES
    return np.frombuffer(os.pread(file, (end - first) * size, first * size)).reshape(-1, width)
