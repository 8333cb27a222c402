"""How well classes are predicted, in numbers, of rows that come block by block.

Every metric is `metrics.Metric`: the value, and its standard error. A value is a smooth function of
means over the rows, so each comes with the rows' influence on it, what a row more of that kind
would move it by; the standard error is that of the influences' mean. It treats the rows as
independent and is rough where they are few. A row of weight w counts w times in a value.

    logloss             the mean of -log p of the class that is true
    accuracy            the share of rows whose class is the predicted one
    precision, recall, f1    ratios of counts; 0 where nothing is counted, as in scikit-learn
    auc, average_precision    as `curve_areas.py` says

Of more than two classes, all but logloss and accuracy are the mean over the classes, each against
the rest (scikit-learn's `macro`, and `ovr`); `weighted_` ones weigh a class by its rows. auc and
average_precision are left out where they are not defined: no class has both rows that are of it and
rows that are not.

What the predicted class decides is counted in `tallies.py`, and what the scores' order does in
`sorted_scores.py`; rows that have the same influence are a *cell* there, so all sums here are over
cells.

Source: A. W. van der Vaart, Asymptotic Statistics, 1998, chapters 3 and 20 (the delta method;
influence functions).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from curve_areas import Areas, areas, influences
from judged_rows import JudgedRows
from metrics import Metric, metric
from moments import Floats, Sum
from numpy.typing import NDArray
from row_influences import RowInfluences
from sorted_scores import SortedScores
from tallies import Tally, tallied

Flags = NDArray[np.bool_]


class Estimate(NamedTuple):
    """A value, and each cell's influence on it; the influences' mean is 0."""

    value: float
    influence: Floats


def binary_metrics(
    rows: JudgedRows, scores: SortedScores, category: int | None = None
) -> dict[int, dict[str, Metric]]:
    """Return the metrics of each group.

    Args:
        rows: with one number predicted for each.
        scores: for the last class, sorted by the same category.
        category: whose values are the groups.
    """
    tallies, found = tallied(rows.said(category), rows.classes), areas(scores)
    return {
        group: {
            "accuracy": metric_of(accuracy(tally), tally),
            **{
                name: metric_of(estimate(tally.actual == 1, tally.said == 1, tally.share), tally)
                for name, estimate in OF_CLASS.items()
            },
            "logloss": metric(tally.loss.mean, tally.loss.standard_error),
            **(area_metrics(scores, found[group], tally.rows) if group in found else {}),
        }
        for group, tally in tallies.items()
    }


def multiclass_metrics(
    rows: JudgedRows, category: int | None = None
) -> tuple[dict[int, dict[str, Metric]], list[dict[int, Areas]]]:
    """Return the metrics of each group, and the areas of each class by group."""
    tallies = tallied(rows.said(category), rows.classes)
    by_class, squared = mean_areas(rows, category, max(tallies, default=0) + 1)
    found = {}
    for group, tally in tallies.items():
        metrics = {
            "accuracy": metric_of(accuracy(tally), tally),
            "logloss": metric(tally.loss.mean, tally.loss.standard_error),
            **ratios(tally),
        }
        known = [of_class[group] for of_class in by_class if group in of_class]
        if known:
            values = {
                "auc": np.mean([one.auc for one in known]),
                "average_precision": np.mean([one.average_precision for one in known]),
            }
            for (name, value), square in zip(values.items(), squared[group], strict=True):
                error = standard_error(square / len(known) ** 2, tally.rows)
                metrics[name] = metric(bounded(float(value)), error)
        found[group] = metrics
    return found, by_class


def mean_areas(
    rows: JudgedRows, category: int | None, groups: int
) -> tuple[list[dict[int, Areas]], Floats]:
    """Return the areas of each class, and the squares of the rows' influences on their sum."""
    sums, by_class = RowInfluences(rows.folder), []
    for place in range(rows.classes):
        scores = rows.sorted(place, category)
        by_class.append(areas(scores))
        sums.add(scores, by_class[-1], rows.scored(place, category))
    return by_class, sums.squared(rows.scored(0, category), groups)


def ratios(tally: Tally) -> dict[str, Metric]:
    """Return the means over the classes of what counts decide."""
    found, actual, said, share = {}, tally.actual, tally.said, tally.share
    here = np.union1d(actual, said).tolist()
    for name, estimate in OF_CLASS.items():
        estimates = [estimate(actual == place, said == place, share) for place in here]
        is_of_class = [actual == place for place in here]
        found[name] = metric_of(average(estimates), tally)
        found[f"weighted_{name}"] = metric_of(weighted(estimates, is_of_class, share), tally)
    return found


def values_of_class(tally: Tally, place: int, found: Areas | None) -> dict[str, float]:
    """Return the values of one class against the rest, without standard errors."""
    is_of, said = tally.actual == place, tally.said == place
    values = {name: one(is_of, said, tally.share).value for name, one in OF_CLASS.items()}
    if found is not None:
        values |= {"auc": found.auc, "average_precision": found.average_precision}
    return {name: bounded(value) for name, value in values.items()}


def area_metrics(scores: SortedScores, found: Areas, rows: int) -> dict[str, Metric]:
    """Return both areas with their standard errors."""
    squared = Sum(), Sum()
    for segment, *both in influences(scores, found):
        cells = scores.read(segment)
        for total, influence in zip(squared, both, strict=True):
            own = cells["own_squares"] * influence.own**2
            total.add(float((own + cells["others_squares"] * influence.others**2).sum()))
    errors = [standard_error(total.value, rows) for total in squared]
    return {
        "auc": metric(bounded(found.auc), errors[0]),
        "average_precision": metric(bounded(found.average_precision), errors[1]),
    }


def metric_of(estimate: Estimate, tally: Tally) -> Metric:
    """Return an estimate with its standard error."""
    squares = tally.squares / tally.weights.sum() ** 2
    squared = float((squares * estimate.influence**2).sum())
    return metric(bounded(estimate.value), standard_error(squared, tally.rows))


def standard_error(squared: float, rows: int) -> float:
    """Return the root of the squares of shares times influences, 0 for a single row."""
    return math.sqrt(squared * rows / (rows - 1)) if rows > 1 else 0.0


def bounded(value: float) -> float:
    """Return a share from 0 to 1, beyond which sums can round."""
    return min(max(value, 0.0), 1.0)


def mean(values: Floats, share: Floats) -> Estimate:
    """Estimate a mean."""
    value = float((share * values).sum())
    return Estimate(value, values - value)


def accuracy(tally: Tally) -> Estimate:
    """Estimate the share of rows whose class is the predicted one."""
    return mean((tally.actual == tally.said).astype(float), tally.share)


def average(estimates: Sequence[Estimate]) -> Estimate:
    """Estimate the mean of estimates of the same rows."""
    influence = np.mean([estimate.influence for estimate in estimates], axis=0)
    return Estimate(float(np.mean([estimate.value for estimate in estimates])), influence)


def weighted(
    estimates: Sequence[Estimate], is_of_class: Sequence[Flags], share: Floats
) -> Estimate:
    """Estimate the mean of estimates, one for each class, by the rows that are of it."""
    value, influence = 0.0, np.zeros(len(share))
    for estimate, is_of in zip(estimates, is_of_class, strict=True):
        part = float((share * is_of).sum())
        value += part * estimate.value
        influence += part * estimate.influence + (is_of - part) * estimate.value
    return Estimate(value, influence)


def ratio(above: Flags | Floats, below: Flags | Floats, share: Floats) -> Estimate:
    """Estimate one mean over another; 0 where the other is 0."""
    whole = float((share * below).sum())
    if not whole:
        return Estimate(0.0, np.zeros(len(share)))
    value = float((share * above).sum()) / whole
    influence: Floats = (above * 1.0 - value * below) / whole
    return Estimate(value, influence)


def precision(is_of_class: Flags, said: Flags, share: Floats) -> Estimate:
    """Estimate which share of the rows that were said to be of a class are."""
    return ratio(is_of_class & said, said, share)


def recall(is_of_class: Flags, said: Flags, share: Floats) -> Estimate:
    """Estimate which share of the rows of a class were said to be."""
    return ratio(is_of_class & said, is_of_class, share)


def f1(is_of_class: Flags, said: Flags, share: Floats) -> Estimate:
    """Estimate the harmonic mean of precision and recall."""
    twice = (is_of_class & said).astype(np.float64) * 2
    return ratio(twice, is_of_class.astype(float) + said, share)


OF_CLASS = {"precision": precision, "recall": recall, "f1": f1}
