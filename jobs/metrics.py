"""How far predictions are from the truth, in numbers and in figures, of rows that come in parts.

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

The rows are gone through as often as one mean needs another: three times for r2's. Of each part's
sums `moments.py` makes those of the whole, so rows that come as one part have, to the last digit,
the numbers of arrays.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import numpy as np
from moments import Floats, Moments

HISTOGRAM_BINS = 30

Metric = dict[str, float]


class Part(NamedTuple):
    """Labels of some rows, what is predicted of them, and what they weigh, None where alike."""

    actual: Floats
    predicted: Floats
    weights: Floats | None


# Goes through the rows once more, each part with the number of the group that it is of.
Parts = Callable[[], Iterable[tuple[int, Part]]]


class Errors:
    """What is known of a group's errors after going through its rows once."""

    def __init__(self) -> None:
        """Begin without rows."""
        self.absolute, self.squared, self.actual = Moments(), Moments(), Moments()
        self.lowest, self.highest = math.inf, -math.inf
        self.is_exact = True

    def add(self, part: Part) -> None:
        """Take some rows."""
        absolute = np.abs(part.actual - part.predicted)
        squared = absolute**2
        self.absolute.add(absolute, part.weights)
        self.squared.add(squared, part.weights)
        self.actual.add(part.actual, part.weights)
        self.lowest = min(self.lowest, float(part.actual.min()))
        self.highest = max(self.highest, float(part.actual.max()))
        self.is_exact &= not squared.any()


def regression_metrics(parts: Parts) -> dict[int, dict[str, Metric]]:
    """Return mae, mse, rmse and r2 of each group, all of them finite.

    A row of weight w counts w times in a value.
    """
    errors: defaultdict[int, Errors] = defaultdict(Errors)
    for group, part in parts():
        errors[group].add(part)
    explained = r2(parts, errors)
    found = {}
    for group, known in errors.items():
        mse, mse_error = known.squared.mean, known.squared.standard_error
        rmse = math.sqrt(mse)
        found[group] = {
            "mae": metric(known.absolute.mean, known.absolute.standard_error),
            "mse": metric(mse, mse_error),
            "rmse": metric(rmse, mse_error / (2 * rmse) if rmse else 0.0),
            "r2": explained[group],
        }
    return found


def metric(value: float, standard_deviation: float) -> Metric:
    """Name the two numbers of a metric as SageMaker does."""
    return {"value": value, "standard_deviation": standard_deviation}


def r2(parts: Parts, errors: dict[int, Errors]) -> dict[int, Metric]:
    """Return the share of the labels' variance that is explained, by group; it can be below 0."""
    spreads: defaultdict[int, Moments] = defaultdict(Moments)
    for group, part in parts():
        spreads[group].add((part.actual - errors[group].actual.mean) ** 2, part.weights)
    rests: defaultdict[int, Moments] = defaultdict(Moments)
    varying = {group for group, known in errors.items() if known.lowest != known.highest}
    unexplained = {g: errors[g].squared.mean / spreads[g].mean for g in varying}
    for group, part in parts():
        if group in varying:
            squared = np.abs(part.actual - part.predicted) ** 2
            deviations = (part.actual - errors[group].actual.mean) ** 2
            rests[group].add(squared - unexplained[group] * deviations, part.weights)
    return {
        group: metric(1 - unexplained[group], rests[group].standard_error / spreads[group].mean)
        if group in varying
        else metric(1.0 if known.is_exact else 0.0, 0.0)
        for group, known in errors.items()
    }


def residual_histogram(parts: Parts) -> dict[str, Any]:
    """Count `actual - predicted` in bins of the same width; there is one edge more than counts."""
    low, high = math.inf, -math.inf
    for _, part in parts():
        residuals = part.actual - part.predicted
        low, high = min(low, float(residuals.min())), max(high, float(residuals.max()))
    edges = bin_edges(low, high)
    counts = np.zeros(HISTOGRAM_BINS, np.int64)
    for _, part in parts():
        counts += np.histogram(part.actual - part.predicted, bins=edges)[0]
    return {"edges": edges.tolist(), "counts": counts.tolist()}


def bin_edges(low: float, high: float) -> Floats:
    """Divide the range evenly, after widening one too narrow to be divided."""
    edges = np.linspace(low, high, HISTOGRAM_BINS + 1)
    if (np.diff(edges) > 0).all():
        return edges
    margin = max(0.5, 1e-6 * abs(low))
    return np.linspace(low - margin, high + margin, HISTOGRAM_BINS + 1)
