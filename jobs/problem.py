"""What kind of problem the columns pose, and the classes of its label.

A `columns.py` without `PROBLEM` poses a regression. `functions/prepare_execution` asks here, too,
so the objective and the gate follow from the same line; only the standard library is used.
"""

from __future__ import annotations

from kinds import BINARY, MULTICLASS, REGRESSION, Category, Weight
from table import CLASS_WEIGHTS, COLUMNS, LABEL, PROBLEM

# In the order of what the model predicts; of a binary problem the last is the one looked for.
CLASSES: tuple[str, ...] = next(
    (
        column.values
        for column in COLUMNS
        if PROBLEM != REGRESSION and column.name == LABEL and isinstance(column, Category)
    ),
    (),
)

# A weight stands after the label of an encoded row, as XGBoost's container takes it where its
# hyperparameter csv_weights is 1. Those of classes are of training alone; a column's are the rows'.
HAS_ROW_WEIGHTS = any(isinstance(column, Weight) for column in COLUMNS)
IS_WEIGHTED = HAS_ROW_WEIGHTS or CLASS_WEIGHTS is not None

__all__ = [
    "BINARY",
    "CLASSES",
    "HAS_ROW_WEIGHTS",
    "IS_WEIGHTED",
    "MULTICLASS",
    "PROBLEM",
    "REGRESSION",
]
