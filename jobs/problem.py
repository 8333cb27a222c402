"""What kind of problem the columns pose, and the classes of its label.

A `columns.py` without `PROBLEM` poses a regression. `functions/prepare_execution` asks here, too,
so the objective and the gate follow from the same line; only the standard library is used.
"""

from __future__ import annotations

from kinds import BINARY, MULTICLASS, REGRESSION, Category
from table import COLUMNS, LABEL, PROBLEM

# In the order of what the model predicts; of a binary problem the last is the one looked for.
CLASSES: tuple[str, ...] = next(
    (
        column.values
        for column in COLUMNS
        if PROBLEM != REGRESSION and column.name == LABEL and isinstance(column, Category)
    ),
    (),
)

__all__ = ["BINARY", "CLASSES", "MULTICLASS", "PROBLEM", "REGRESSION"]
