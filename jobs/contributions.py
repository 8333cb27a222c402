"""What each feature adds to a model's predictions: the mean of |SHAP|, by XGBoost's own TreeSHAP.

The values of a row add up, with a constant, to its prediction (S. M. Lundberg, G. Erion, S.-I. Lee,
Consistent Individualized Feature Attribution for Tree Ensembles, 2018). A mean gain says how much a
split helps where there is one; this says how much a prediction moves: in the label's unit, or in
that of the objective's link where it has one, such as a logarithm.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import numpy as np
import xgboost as xgb
from models import Model
from numpy.typing import NDArray

SHAP_ROWS = 500
# Together with the contributions of as many rows, which are as wide.
BATCH_VALUES = 2_000_000
BATCH_ROWS = 50
# A forest of deep trees can take minutes for a row: the mean is then of fewer rows.
MAXIMUM_SECONDS = 10.0


def mean_contributions(
    model: Model, features: NDArray[np.float32], names: Sequence[str]
) -> dict[str, Any] | None:
    """Return the mean |SHAP| of each feature, and of how many rows; None where there is none.

    Args:
        model: Of trees or linear.
        features: Rows that stand for the test rows.
        names: Of the features.
    """
    rows = max(1, min(BATCH_ROWS, BATCH_VALUES // max(len(names), 1)))
    total, done = np.zeros(len(names)), 0
    until = time.monotonic() + MAXIMUM_SECONDS
    # Each batch is spread over all rows, so that a part of them stands for all, too.
    batches = max(1, -(-len(features) // rows))
    for first in range(batches):
        batch = features[first::batches]
        if not len(batch) or (done and time.monotonic() > until):
            break
        values = _contributions(model, batch)
        if values is None or values.shape != (len(batch), len(names) + 1):
            return None
        total += np.abs(values[:, :-1], dtype=np.float64).sum(axis=0)
        done += len(batch)
    mean = total / max(done, 1)
    if not done or not np.isfinite(mean).all():
        return None
    return {"rows": done, "mean_absolute": dict(zip(names, mean.tolist(), strict=True))}


def _contributions(model: Model, rows: NDArray[np.float32]) -> NDArray[np.float32] | None:
    """Return a line of contributions a row, the constant last; None where XGBoost gives none."""
    try:
        found = model.booster.predict(
            xgb.DMatrix(rows),
            pred_contribs=True,
            iteration_range=(0, model.rounds),
            validate_features=False,
        )
    except (xgb.core.XGBoostError, ValueError):
        # It explains the model, and decides nothing.
        return None
    return np.asarray(found, dtype=np.float32)
