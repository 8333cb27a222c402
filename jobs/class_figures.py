"""What a report draws of a classification, and the threshold of two classes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from class_metrics import Flags
from metrics import Parts
from moments import Floats, Sum
from sorted_scores import SortedScores, falling, scores_of, whole
from tallies import Tally

CURVE_POINTS = 100
CALIBRATION_BINS = 10
MOST_CLASSES = 50  # Of a matrix, which grows with their square.
THRESHOLD_RULE = "the largest f1 on the validation rows"


def best_threshold(scores: SortedScores) -> float:
    """Return the threshold of the largest f1; of several the highest.

    It lies half-way to the next lower probability, so that a last digit in which the endpoint may
    differ moves no row across. One half where all rows are of one kind.
    """
    positive, negative = whole(scores.segments)
    if not positive or not negative:
        return 0.5
    best, score, below, is_last = -1.0, 0.0, 0.0, False
    # From the highest score on: what is said to be positive at it and above.
    for keys, said, true in falling(scores, scores.segments):
        found = scores_of(keys)
        if is_last:
            below, is_last = float(found[0]), False
        quality = 2 * true / (said + positive)
        place = int(np.argmax(quality))
        if quality[place] > best:
            is_last = place + 1 == len(found)
            best, score = float(quality[place]), float(found[place])
            below = 0.0 if is_last else float(found[place + 1])
    return (score + below) / 2


def confusion_matrix(tally: Tally, classes: Sequence[str]) -> dict[str, dict[str, int]]:
    """Count the rows by their class and by the one that was said, as SageMaker's monitor does."""
    counts = np.zeros((len(classes), len(classes)), np.int64)
    counts[tally.actual, tally.said] = tally.counts
    return {
        name: dict(zip(classes, line, strict=True))
        for name, line in zip(classes, counts.tolist(), strict=True)
    }


def rate_curves(scores: SortedScores) -> dict[str, dict[str, list[float]]]:
    """Return both curves under SageMaker's names, from the highest threshold on.

    There are at most `CURVE_POINTS`, evenly spaced among the distinct probabilities. Both kinds of
    rows have to be there.
    """
    cells = sum(segment.cells for segment in scores.segments)
    kept = np.unique(np.linspace(0, cells - 1, CURVE_POINTS).round().astype(int))
    first, picked = 0, [np.zeros((2, 0))]
    for keys, *both in falling(scores, scores.segments):
        here = kept[(kept >= first) & (kept < first + len(keys))] - first
        picked.append(np.array([sums[here] for sums in both]))
        first, last = first + len(keys), [float(sums[-1]) for sums in both]
    said, true = np.concatenate(picked, axis=1)
    positive, negative = last[1], last[0] - last[1]
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


def rates(above: Floats, below: Floats | float) -> list[float]:
    """Return shares from 0 to 1, beyond which sums of weights can round them."""
    shares: list[float] = np.clip(above / below, 0.0, 1.0).tolist()
    return shares


def calibration(parts: Parts) -> list[dict[str, Any]]:
    """Return, by tenths of the probability, its mean and the share of rows that are positive."""
    tenths = [Tenth() for _ in range(CALIBRATION_BINS)]
    for _, part in parts():
        places = np.minimum((part.predicted * CALIBRATION_BINS).astype(int), CALIBRATION_BINS - 1)
        held = np.ones(len(places)) if part.weights is None else part.weights
        for place, tenth in enumerate(tenths):
            rows = places == place
            if rows.any():
                tenth.add(part.predicted[rows], part.actual[rows] == 1, held[rows])
    return [tenth.document() for tenth in tenths if tenth.rows]


class Tenth:
    """The rows whose probabilities lie in a tenth."""

    def __init__(self) -> None:
        """Begin without rows."""
        self.rows = 0
        self._weight, self._predicted, self._positive = Sum(), Sum(), Sum()

    def add(self, probability: Floats, is_positive: Flags, weights: Floats) -> None:
        """Take some rows."""
        self.rows += len(probability)
        self._weight.add(float(weights.sum()))
        self._predicted.add(float((probability * weights).sum()))
        self._positive.add(float((is_positive * weights).sum()))

    def document(self) -> dict[str, Any]:
        """Return what the report holds of it; a mean of values from 0 to 1 is one itself."""
        weight = self._weight.value
        return {
            "predicted": min(self._predicted.value / weight, 1.0),
            "actual": min(self._positive.value / weight, 1.0),
            "rows": self.rows,
        }
