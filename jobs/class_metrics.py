"""How well classes are predicted, in numbers; pure functions of arrays.

Every metric is `metrics.Metric`: the value, and its standard error. A value is a smooth function of
means over the rows, so each comes with the rows' influence on it, what a row more of that kind
would move it by; the standard error is that of the influences' mean. It treats the rows as
independent and is rough where they are few. A row of weight w counts w times in a value.

    logloss             the mean of -log p of the class that is true
    accuracy            the share of rows whose class is the predicted one
    precision, recall, f1    ratios of counts; 0 where nothing is counted, as in scikit-learn
    auc                 the probability that a row of the class scores above one of another, a tie
                        for one half; the influence is that of DeLong's structural components
    average_precision   the mean precision over the rows of the class, each at its own score

Of more than two classes, all but logloss and accuracy are the mean over the classes, each against
the rest (scikit-learn's `macro`, and `ovr`); `weighted_` ones weigh a class by its rows. auc and
average_precision are left out where they are not defined: no class has both rows that are of it and
rows that are not.

Sources: E. R. DeLong, D. M. DeLong, D. L. Clarke-Pearson, Comparing the Areas under Two or More
Correlated Receiver Operating Characteristic Curves, 1988; A. W. van der Vaart, Asymptotic
Statistics, 1998, chapters 3 and 20 (the delta method; influence functions).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from metrics import Floats, Metric, metric
from numpy.typing import NDArray

Places = NDArray[np.int64]
Flags = NDArray[np.bool_]


class Estimate(NamedTuple):
    """A value, and each row's influence on it; the influences' mean is 0."""

    value: float
    influence: Floats


class Ranks(NamedTuple):
    """Weights of the rows whose scores are below, like and above each row's; it is one of those.

    Each is summed from its own end, since a difference would lose the digits of a small one.
    """

    below: Floats
    alike: Floats
    above: Floats


def binary_metrics(
    is_positive: Flags,
    probability: Floats,
    threshold: float,
    weights: Floats | None = None,
) -> dict[str, Metric]:
    """Return the metrics of at least one row.

    Args:
        is_positive: whether a row is of the class that is looked for.
        probability: that it is, by the model.
        threshold: from which probability on a row counts as of it.
        weights: of the rows; alike if left out.
    """
    share = shares(len(probability), weights)
    said = probability >= threshold
    found = {
        "accuracy": mean((said == is_positive).astype(float), share),
        **{name: of_class(is_positive, said, share) for name, of_class in OF_CLASS.items()},
        "logloss": logloss(np.where(is_positive, probability, 1 - probability), share),
        **curves(is_positive, probability, share),
    }
    return {name: metric_of(estimate, share) for name, estimate in bounded(found).items()}


def multiclass_metrics(
    actual: Places, probabilities: Floats, weights: Floats | None = None
) -> dict[str, Metric]:
    """Return the metrics of at least one row.

    Args:
        actual: the place of each row's class.
        probabilities: a column for each class; the largest is the predicted one.
        weights: of the rows; alike if left out.
    """
    share = shares(len(actual), weights)
    said = probabilities.argmax(axis=1)
    places = range(probabilities.shape[1])
    here = [place for place in places if (actual == place).any() or (said == place).any()]
    by_class = [curves(actual == k, probabilities[:, k], share) for k in places]
    truth = probabilities[np.arange(len(actual)), actual]
    found = {
        "accuracy": mean((said == actual).astype(float), share),
        "logloss": logloss(truth, share),
    }
    pairs = [(actual == place, said == place) for place in here]
    for name, of_class in OF_CLASS.items():
        estimates = [of_class(*pair, share) for pair in pairs]
        found[name] = average(estimates)
        found[f"weighted_{name}"] = weighted(estimates, [is_of for is_of, _ in pairs], share)
    for name in ("auc", "average_precision"):
        known = [of_class[name] for of_class in by_class if name in of_class]
        if known:
            found[name] = average(known)
    return {name: metric_of(estimate, share) for name, estimate in bounded(found).items()}


def shares(rows: int, weights: Floats | None) -> Floats:
    """Return what share of the whole each row is."""
    if weights is None:
        return np.full(rows, 1 / rows)
    parts: Floats = weights / weights.sum()
    return parts


def metric_of(estimate: Estimate, share: Floats) -> Metric:
    """Return an estimate with its standard error, 0 for a single row."""
    rows = len(share)
    if rows <= 1:
        return metric(estimate.value, 0.0)
    variance = float(((share * estimate.influence) ** 2).sum()) * rows / (rows - 1)
    return metric(estimate.value, math.sqrt(variance))


def bounded(estimates: Mapping[str, Estimate]) -> dict[str, Estimate]:
    """Return estimates by name, the shares among them from 0 to 1, beyond which sums can round."""
    return {
        name: estimate
        if name == "logloss"
        else estimate._replace(value=min(max(estimate.value, 0.0), 1.0))
        for name, estimate in estimates.items()
    }


def mean(values: Floats, share: Floats) -> Estimate:
    """Estimate a mean."""
    value = float((share * values).sum())
    return Estimate(value, values - value)


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


def logloss(probability_of_truth: Floats, share: Floats) -> Estimate:
    """Estimate the mean logarithmic loss; probabilities stay an epsilon away from 0 and 1."""
    epsilon = float(np.finfo(np.float64).eps)
    return mean(-np.log(np.clip(probability_of_truth, epsilon, 1 - epsilon)), share)


def curves(is_of_class: Flags, score: Floats, share: Floats) -> dict[str, Estimate]:
    """Estimate what the scores' order decides; nothing where all rows are of one kind."""
    if not 0 < float((share * is_of_class).sum()) < float(share.sum()):
        return {}
    return {
        "auc": area_under_curve(is_of_class, score, share),
        "average_precision": average_precision(is_of_class, score, share),
    }


def area_under_curve(is_of_class: Flags, score: Floats, share: Floats) -> Estimate:
    """Estimate the area under the curve of true against false positive rates."""
    others = ranks(score, share * ~is_of_class)
    own = ranks(score, share * is_of_class)
    positive = float((share * is_of_class).sum())
    negative = float((share * ~is_of_class).sum())
    beaten = (others.below + others.alike / 2) / negative
    beaten_by = (own.above + own.alike / 2) / positive
    value = float((share * is_of_class * beaten).sum()) / positive
    influence = np.where(is_of_class, (beaten - value) / positive, (beaten_by - value) / negative)
    return Estimate(value, influence)


def average_precision(is_of_class: Flags, score: Floats, share: Floats) -> Estimate:
    """Estimate the mean, over the rows of the class, of the precision at each one's score.

    The influence of a row is its own precision, and what it adds to that of the rows of the class
    which score as high or lower.
    """
    positive = float((share * is_of_class).sum())
    every, own = ranks(score, share), ranks(score, share * is_of_class)
    at_least = every.alike + every.above
    # A row without a weight may be the highest.
    at_least[at_least == 0] = 1.0
    held = (own.alike + own.above) / at_least
    value = float((share * is_of_class * held).sum()) / positive
    weight = share * is_of_class / at_least
    lower, lower_precision = ranks(score, weight), ranks(score, weight * held)
    added = is_of_class * (lower.below + lower.alike)
    taken = lower_precision.below + lower_precision.alike
    influence = is_of_class * held + added - taken - value * is_of_class
    return Estimate(value, influence / positive)


def ranks(score: Floats, share: Floats) -> Ranks:
    """Return the weights below, alike and above each row's score."""
    _, place = np.unique(score, return_inverse=True)
    held = np.bincount(place, weights=share).astype(np.float64)
    below = np.concatenate([[0.0], np.cumsum(held)[:-1]])
    above = np.concatenate([np.cumsum(held[::-1])[::-1][1:], [0.0]])
    return Ranks(below[place], held[place], above[place])
