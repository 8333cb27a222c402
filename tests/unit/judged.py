"""Rows of a test, kept as an evaluation keeps them."""

from __future__ import annotations

import tempfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np


def judged(  # What rows are made of.
    jobs: SimpleNamespace,
    actual: Any,
    predicted: Any,
    weights: Any = None,
    *,
    classes: int = 2,
    threshold: float = 0.5,
    groups: Any = None,
    block_rows: int | None = None,
) -> Any:
    """Keep rows on disk and return them as a model's metrics look at them.

    Args:
        jobs: the modules.
        actual: labels, or places of classes.
        predicted: a number for each row, or one for each class.
        weights: of the rows.
        classes: of the label.
        threshold: of one number.
        groups: which value of the first category a row has.
        block_rows: how many are held at once.
    """
    room, several = Path(tempfile.gettempdir()), np.ndim(predicted) > 1
    predicted = np.asarray(predicted, np.float32)
    columns = {"actual": np.asarray(actual, float)}
    columns |= {} if weights is None else {"weights": weights}
    columns |= {} if groups is None else {"value 0": groups}
    columns |= jobs.scoring.predicted_columns("candidate", predicted, columns["actual"])
    types = {
        name: "<f8" if name in ("actual", "weights") else column.dtype.str
        for name, column in columns.items()
    }
    kept = jobs.kept_columns.KeptColumns(room, types)
    kept.block_rows = block_rows or kept.block_rows
    for part in np.array_split(np.arange(len(predicted)), 3):
        kept.add({name: column[part] for name, column in columns.items()})
    kept.finish()
    return jobs.judged_rows.JudgedRows(
        kept=kept,
        folder=room,
        model="candidate",
        classes=predicted.shape[1] if several else classes,
        numbers=predicted.shape[1] if several else 1,
        is_weighted=weights is not None,
        threshold=threshold,
    )
