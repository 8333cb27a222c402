"""What a report draws of a classification, and the threshold of two classes; pure functions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from class_metrics import Flags, Places
from metrics import Floats

CURVE_POINTS = 100
CALIBRATION_BINS = 10
MOST_CLASSES = 50  # Of a matrix, which grows with their square.
THRESHOLD_RULE = "the largest f1 on the validation rows"


def best_threshold(is_positive: Flags, probability: Floats, weights: Floats | None = None) -> float:
    """Return the threshold of the largest f1; of several the highest. Rows weigh alike if left out.

    It lies half-way to the next lower probability, so that a last digit in which the endpoint may
    differ moves no row across. One half where all rows are of one kind.
    """
    if is_positive.all() or not is_positive.any():
        return 0.5
    scores, place = np.unique(probability, return_inverse=True)
    # From the highest score on: what is said to be positive at it and above.
    said, true = said_and_true(is_positive, place, weights)
    best = int(np.argmax(2 * true / (said + true[-1])))
    descending = scores[::-1]
    below = descending[best + 1] if best + 1 < len(descending) else 0.0
    return float((descending[best] + below) / 2)


def said_and_true(
    is_positive: Flags, place: Places, weights: Floats | None
) -> tuple[Floats, Floats]:
    """Return what the rows at and above each place weigh, from the last on, and the positive ones.

    Args:
        is_positive: whether a row is of the class that is looked for.
        place: of its score among the distinct ones.
        weights: of the rows; alike if left out.
    """
    held = np.ones(len(place)) if weights is None else weights
    said: Floats = np.bincount(place, weights=held)[::-1].cumsum()
    true: Floats = np.bincount(place, weights=held * is_positive)[::-1].cumsum()
    return said, true


def confusion_matrix(
    actual: Places, said: Places, classes: Sequence[str]
) -> dict[str, dict[str, int]]:
    """Count the rows by their class and by the one that was said, as SageMaker's monitor does."""
    counts = np.zeros((len(classes), len(classes)), np.int64)
    np.add.at(counts, (actual, said), 1)
    return {
        name: dict(zip(classes, line, strict=True))
        for name, line in zip(classes, counts.tolist(), strict=True)
    }


def rate_curves(
    is_positive: Flags, probability: Floats, weights: Floats | None = None
) -> dict[str, dict[str, list[float]]]:
    """Return both curves under SageMaker's names, from the highest threshold on.

    There are at most `CURVE_POINTS`, evenly spaced among the distinct probabilities. Both kinds of
    rows have to be there.
    """
    scores, place = np.unique(probability, return_inverse=True)
    kept = np.unique(np.linspace(0, len(scores) - 1, CURVE_POINTS).round().astype(int))
    said, true = said_and_true(is_positive, place, weights)
    positive, negative = true[-1], said[-1] - true[-1]
    said, true = said[kept], true[kept]
    return {
        "receiver_operating_characteristic_curve": {
            "false_positive_rates": [0.0, *rates(said - true, negative)],
            "true_positive_rates": [0.0, *rates(true, positive)],
        },
        "precision_recall_curve": {
            "precisions": rates(true, said),
            "recalls": rates(true, positive),
        },
    }


def rates(above: Floats, below: Floats) -> list[float]:
    """Return shares from 0 to 1, beyond which sums of weights can round them."""
    shares: list[float] = np.clip(above / below, 0.0, 1.0).tolist()
    return shares


def mean_rate(values: Floats | Flags, weights: Floats) -> float:
    """Return the mean of values from 0 to 1, which is one itself."""
    return min(float(np.average(values, weights=weights)), 1.0)


def calibration(
    is_positive: Flags, probability: Floats, weights: Floats | None = None
) -> list[dict[str, Any]]:
    """Return, by tenths of the probability, its mean and the share of rows that are positive."""
    places = np.minimum((probability * CALIBRATION_BINS).astype(int), CALIBRATION_BINS - 1)
    held = np.ones(len(places)) if weights is None else weights
    groups = [places == place for place in range(CALIBRATION_BINS)]
    return [
        {
            "predicted": mean_rate(probability[group], held[group]),
            "actual": mean_rate(is_positive[group], held[group]),
            "rows": int(group.sum()),
        }
        for group in groups
        if group.any()
    ]
