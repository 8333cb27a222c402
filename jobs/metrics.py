"""How far predictions are from the truth, in numbers and in figures; pure functions of two arrays.

Every metric is `{"value": ..., "standard_deviation": ...}`, as the model registry takes it.

The standard deviation is the standard error of the value: how much the value would vary between
test sets of the same size. These formulas need no random numbers. They treat the rows as
independent, and with few rows they are rough:

    mae, mse    the sample deviation of the rows' absolute or squared errors, over sqrt(rows)
    rmse        by the delta method, that of mse over 2 rmse
    r2          by the delta method for 1 - A/B, a ratio of two means over the rows: A of the
                squared errors u, B of the squared deviations v of the labels from their mean. It
                is the sample deviation of u - (A/B) v, over B sqrt(rows). That the mean is an
                estimate too adds nothing of first order, because B is least there.

Sources: W. G. Cochran, Sampling Techniques, 3rd ed. 1977, chapter 6 (the variance of a ratio);
A. W. van der Vaart, Asymptotic Statistics, 1998, chapter 3 (the delta method).

What is not defined gets a number all the same, since JSON has no NaN: a standard deviation is 0 for
a single row; r2, where all labels are the same, is 1 if every prediction is exact and 0 if not, as
in scikit-learn, with a standard deviation of 0. A single row counts as such labels.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

HISTOGRAM_BINS = 30

Floats = NDArray[np.float64]
Metric = dict[str, float]


def regression_metrics(
    actual: Floats, predicted: Floats, weights: Floats | None = None
) -> dict[str, Metric]:
    """Return mae, mse, rmse and r2 of at least one row; all numbers are finite.

    A row of weight w counts w times in a value; rows weigh alike if left out.
    """
    absolute = np.abs(actual - predicted)
    squared = absolute**2
    mse, mse_error = mean_of(squared, weights), standard_error(squared, weights)
    rmse = math.sqrt(mse)
    return {
        "mae": metric(mean_of(absolute, weights), standard_error(absolute, weights)),
        "mse": metric(mse, mse_error),
        "rmse": metric(rmse, mse_error / (2 * rmse) if rmse else 0.0),
        "r2": r2(actual, squared, weights),
    }


def mean_of(values: Floats, weights: Floats | None = None) -> float:
    """Return the mean of some values."""
    return float(values.mean() if weights is None else np.average(values, weights=weights))


def metric(value: float, standard_deviation: float) -> Metric:
    """Name the two numbers of a metric as SageMaker does."""
    return {"value": value, "standard_deviation": standard_deviation}


def standard_error(values: Floats, weights: Floats | None = None) -> float:
    """Return the standard error of the mean of the values, 0 for a single one."""
    if weights is not None and len(values) > 1:
        deviations = weights / weights.sum() * (values - mean_of(values, weights))
        return math.sqrt(float((deviations**2).sum()) * len(values) / (len(values) - 1))
    return float(values.std(ddof=1)) / math.sqrt(len(values)) if len(values) > 1 else 0.0


def r2(actual: Floats, squared_errors: Floats, weights: Floats | None = None) -> Metric:
    """Return the share of the labels' variance that the predictions explain; it can be below 0."""
    if actual.min() == actual.max():
        return metric(0.0 if squared_errors.any() else 1.0, 0.0)
    deviations = (actual - mean_of(actual, weights)) ** 2
    spread = mean_of(deviations, weights)
    unexplained = mean_of(squared_errors, weights) / spread
    error = standard_error(squared_errors - unexplained * deviations, weights) / spread
    return metric(1 - unexplained, error)


def sample_pairs(actual: Floats, predicted: Floats, size: int) -> list[dict[str, float]]:
    """Return at most `size` rows, evenly spaced, so that the same rows give the same sample."""
    size = min(size, len(actual))
    rows = np.arange(size) * len(actual) // max(size, 1)
    return [{"actual": float(actual[row]), "predicted": float(predicted[row])} for row in rows]


def residual_histogram(actual: Floats, predicted: Floats) -> dict[str, Any]:
    """Count `actual - predicted` in bins of the same width; there is one edge more than counts."""
    residuals = actual - predicted
    edges = bin_edges(float(residuals.min()), float(residuals.max()))
    counts, _ = np.histogram(residuals, bins=edges)
    return {"edges": edges.tolist(), "counts": counts.tolist()}


def bin_edges(low: float, high: float) -> Floats:
    """Divide the range evenly, after widening one too narrow to be divided."""
    edges = np.linspace(low, high, HISTOGRAM_BINS + 1)
    if (np.diff(edges) > 0).all():
        return edges
    margin = max(0.5, 1e-6 * abs(low))
    return np.linspace(low - margin, high + margin, HISTOGRAM_BINS + 1)
