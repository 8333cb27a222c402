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
Every value that fills a bin by itself is an edge. Memory does not grow with the rows, which are
read twice.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
from columns import LABEL
from container import JobError
from encoded_rows import one_hot_columns, read_tables
from metrics import Floats
from rows import CATEGORIES, FEATURES, NUMBER_FEATURES
from sampling import SampledRows

SCHEMA = "baseline/1"
BINS = 64
SAMPLE_ROWS = 65_536


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
        """Count some values; NaN is a missing one.

        Mean and squared deviations are joined as in T. F. Chan, G. H. Golub, R. J. LeVeque,
        Updating Formulae and a Pairwise Algorithm for Computing Sample Variances, 1979.
        """
        is_missing = np.isnan(values)
        self.missing += int(is_missing.sum())
        values = values[~is_missing]
        if not len(values):
            return
        places = np.searchsorted(self.edges, values, side="left")
        self.counts += np.bincount(places, minlength=len(self.counts))
        self.minimum = min(self.minimum, float(values.min()))
        self.maximum = max(self.maximum, float(values.max()))
        rows, difference = self.rows + len(values), float(values.mean()) - self.mean
        self.squares += float(((values - values.mean()) ** 2).sum())
        self.squares += difference**2 * self.rows * len(values) / rows
        self.mean += difference * len(values) / rows
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
    shares = np.arange(1, BINS) / BINS
    edges: Floats = np.unique(np.quantile(sample, shares, method="inverted_cdf"))
    return edges


def draw_baseline(train_dir: Path, predicted: Floats, quality: dict[str, Any]) -> dict[str, Any]:
    """Return the content of baseline.json.

    Args:
        train_dir: the encoded training rows.
        predicted: the candidate's predictions for the test rows.
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
    for table in read_tables(train_dir, "--train-dir"):
        for index, statistics in enumerate(numbers, 1):
            statistics.add(table[:, index])
        ones += (table == 1).sum(axis=0)
        missing += np.isnan(table).sum(axis=0)
        rows += len(table)
    predictions = NumberStatistics(LABEL, quantile_edges(predicted))
    predictions.add(predicted)
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


def sample_rows(train_dir: Path, limit: int = SAMPLE_ROWS) -> Floats:
    """Return every row, or every second, fourth, ..., so that no more than `limit` stay.

    Raises:
        JobError: A file is not as `preprocess.py` writes it.
    """
    sample = SampledRows(1 + len(FEATURES), limit)
    for table in read_tables(train_dir, "--train-dir"):
        sample.add(table)
    return sample.kept
