"""What a released model's own execution knew, for a monitor to compare calls with.

`evaluate.py` writes it as baseline.json beside the metrics. The rows are the training rows, the
predictions those of the test rows:

    {"schema": "baseline/1",
     "rows": 2924,
     "columns": ["length", ..., "sex_F", "sex_I", "sex_M"],        as the model takes them
     "features": [
       {"name": "length", "kind": "number", "rows": 2924, "missing": 0, "minimum": 0.075,
        "maximum": 0.815, "mean": 0.52, "standard_deviation": 0.12,
        "edges": [0.2, ...], "counts": [44, ...]},
       {"name": "sex", "kind": "category", "rows": 2924, "missing": 0,
        "columns": ["sex_F", "sex_I", "sex_M"], "counts": {"F": 920, "I": 950, "M": 1054}}],
     "predictions": {"name": "rings", "kind": "number", ...},
     "quality": {"rows": 600, "regression_metrics": ..., "by_sex": ...}}

A bin is open below and closed above: `counts[i]` are the values in (edges[i-1], edges[i]], the
first all up to `edges[0]`, the last all above the last edge. A column's `rows` are those with a
value. The edges are quantiles of at most `SAMPLE_ROWS` of the rows, evenly spaced, so the bins hold
about the same number of rows; that they are of a sample moves an edge, and no count is estimated.
Every value that fills a bin by itself is an edge. Memory does not grow with the rows. They are
parsed once, and their lines read once more before for the sample.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from columns import LABEL
from container import JobError
from encoded_rows import (
    Table,
    cells_of,
    divided,
    line_ends,
    one_hot_columns,
    read_lines,
    read_tables,
)
from moments import Floats
from numpy.typing import NDArray
from quantiles import Numbers, quantiles
from rows import CATEGORIES, FEATURES, NUMBER_FEATURES
from sampling import SampledRows

SCHEMA = "baseline/1"
BINS = 64
SAMPLE_ROWS = 65_536
SHARES = np.arange(1, BINS) / BINS


class Part(NamedTuple):
    """Statistics of some values of a column: those with a value, and how many have none."""

    rows: int
    missing: int
    counts: NDArray[np.int64]
    minimum: float
    maximum: float
    mean: float
    squares: float


class TablePart(NamedTuple):
    """What is counted of some rows: every number's statistics, and the ones of every column."""

    rows: int
    numbers: list[Part]
    ones: NDArray[np.int64]
    missing: NDArray[np.int64]


class NumberStatistics:
    """Statistics of one column of numbers, in bins between given edges."""

    def __init__(self, name: str, edges: Floats) -> None:
        """Begin without rows."""
        self.name, self.edges = name, edges
        self.counts = np.zeros(len(edges) + 1, np.int64)
        self.rows, self.missing = 0, 0
        self.minimum, self.maximum = math.inf, -math.inf
        self.mean, self.squares = 0.0, 0.0

    def add(self, values: Floats) -> None:
        """Count some values; NaN is a missing one."""
        self.join(self.of(values))

    def of(self, values: Floats) -> Part:
        """Return the statistics of some values alone."""
        is_missing = np.isnan(values)
        values = values[~is_missing]
        places = np.searchsorted(self.edges, values, side="left")
        mean = float(values.mean()) if len(values) else 0.0
        return Part(
            rows=len(values),
            missing=int(is_missing.sum()),
            counts=np.bincount(places, minlength=len(self.counts)),
            minimum=float(values.min(initial=math.inf)),
            maximum=float(values.max(initial=-math.inf)),
            mean=mean,
            squares=float(((values - mean) ** 2).sum()),
        )

    def join(self, part: Part) -> None:
        """Count the values of a part.

        Mean and squared deviations are joined as in T. F. Chan, G. H. Golub, R. J. LeVeque,
        Updating Formulae and a Pairwise Algorithm for Computing Sample Variances, 1979.
        """
        self.missing += part.missing
        if not part.rows:
            return
        self.counts += part.counts
        self.minimum = min(self.minimum, part.minimum)
        self.maximum = max(self.maximum, part.maximum)
        rows, difference = self.rows + part.rows, part.mean - self.mean
        self.squares += part.squares
        self.squares += difference**2 * self.rows * part.rows / rows
        self.mean += difference * part.rows / rows
        self.rows = rows

    def document(self) -> dict[str, Any]:
        """Return what baseline.json says of the column; see the module."""
        return {
            "name": self.name,
            "kind": "number",
            "rows": self.rows,
            "missing": self.missing,
            # JSON has no infinity.
            "minimum": self.minimum if self.rows else 0.0,
            "maximum": self.maximum if self.rows else 0.0,
            "mean": self.mean,
            "standard_deviation": math.sqrt(self.squares / max(self.rows - 1, 1)),
            "edges": self.edges.tolist(),
            "counts": self.counts.tolist(),
        }


def quantile_edges(sample: Floats) -> Floats:
    """Return the edges between `BINS` bins that hold about the same number of values.

    They are values of the sample, fewer where many are alike. A value that alone makes up a bin's
    share is one of them, so that what falls on it is told from what falls beside it.
    """
    sample = sample[~np.isnan(sample)]
    if not len(sample):
        return sample
    edges: Floats = np.unique(np.quantile(sample, SHARES, method="inverted_cdf"))
    return edges


def draw_baseline(train_dir: Path, predicted: Numbers, quality: dict[str, Any]) -> dict[str, Any]:
    """Return the content of baseline.json.

    Args:
        train_dir: the encoded training rows.
        predicted: goes through the candidate's predictions for the test rows.
        quality: its metrics on them, as evaluation.json holds them.

    Raises:
        JobError: there are no training rows, or they are not as `preprocess.py` writes them.
    """
    sample = sample_rows(train_dir)
    if not len(sample):
        raise JobError(f"there are no training rows in {train_dir}; check --train-dir")
    numbers = [
        NumberStatistics(name, quantile_edges(sample[:, index]))
        for index, name in enumerate(NUMBER_FEATURES, 1)
    ]
    ones, missing = np.zeros((2, 1 + len(FEATURES)), np.int64)
    rows = 0
    for part in read_tables(train_dir, "--train-dir", partial(counted, numbers)):
        for statistics, of_column in zip(numbers, part.numbers, strict=True):
            statistics.join(of_column)
        ones += part.ones
        missing += part.missing
        rows += part.rows
    predictions = NumberStatistics(LABEL, np.unique(quantiles(predicted, SHARES)))
    for block in predicted():
        predictions.add(block)
    categories = [
        {
            "name": category.name,
            "kind": "category",
            "rows": rows - int(missing[place.start]),
            "missing": int(missing[place.start]),
            "columns": [*category.features],
            "counts": dict(zip(category.groups, ones[place].tolist(), strict=True)),
        }
        for category, place in zip(CATEGORIES, one_hot_columns(), strict=True)
    ]
    return {
        "schema": SCHEMA,
        "rows": rows,
        "columns": [*FEATURES],
        "features": [*(statistics.document() for statistics in numbers), *categories],
        "predictions": predictions.document(),
        "quality": quality,
    }


def counted(numbers: Sequence[NumberStatistics], table: Table) -> TablePart:
    """Return what is counted of some rows, which several threads do at once."""
    rows = table.rows
    return TablePart(
        rows=len(rows),
        numbers=[column.of(rows[:, index]) for index, column in enumerate(numbers, 1)],
        ones=(rows == 1).sum(axis=0),
        missing=np.isnan(rows).sum(axis=0),
    )


def sample_rows(train_dir: Path, limit: int = SAMPLE_ROWS) -> Floats:
    """Return every row, or every second, fourth, ..., so that no more than `limit` stay.

    The other rows are not parsed.

    Raises:
        JobError: A file is not as `preprocess.py` writes it.
    """
    sample = SampledRows(1, limit, object)
    for lines in read_lines(train_dir, "--train-dir"):
        starts = [0, *(line_ends(lines.text) + 1).tolist()]
        rows = len(starts) - 1
        picked = np.empty((len(range(rows)[sample.next()]), 1), object)
        picked[:, 0] = [
            lines.text[starts[row] : starts[row + 1]] for row in range(rows)[sample.next()]
        ]
        sample.take(picked, rows)
    cells = cells_of(b"".join(sample.kept[:, 0].tolist()))
    if cells is None:
        # Some line is no row; reading all of them tells which.
        list(read_tables(train_dir, "--train-dir", len))
        raise JobError(f"the rows in {train_dir} are not as preprocess.py writes them")
    return divided(cells).rows
