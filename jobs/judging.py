"""One model's numbers on some rows, under the names that the model registry has for the problem.

SageMaker's model quality statistics hold `regression_metrics`, `binary_classification_metrics` or
`multiclass_classification_metrics`, and among the latter two a confusion matrix and curves:
https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-model-quality-metrics.html
"""

from __future__ import annotations

from typing import Any

import numpy as np
from class_figures import MOST_CLASSES, confusion_matrix, rate_curves
from class_metrics import (
    OF_CLASS,
    Places,
    binary_metrics,
    bounded,
    curves,
    multiclass_metrics,
    shares,
)
from container import JobError
from metrics import Floats, regression_metrics
from numpy.typing import NDArray
from problem import BINARY, CLASSES, MULTICLASS, PROBLEM, REGRESSION
from rows import CATEGORIES

METRICS_KEY = {
    REGRESSION: "regression_metrics",
    BINARY: "binary_classification_metrics",
    MULTICLASS: "multiclass_classification_metrics",
}[PROBLEM]
HALF = 0.5


def judge(
    actual: Floats,
    predicted: Floats,
    values: NDArray[np.int32],
    *,
    threshold: float = HALF,
    weights: Floats | None = None,
) -> dict[str, Any]:
    """Return one model's metrics over all rows and by category.

    Args:
        actual: labels; of a classification the places of the classes.
        predicted: a number for each row; of more than two classes one for each of them.
        values: as in `encoded_rows.Chunk`.
        threshold: of a binary problem, from which probability on a row counts as positive.
        weights: of the rows; alike if left out.
    """
    judged = measure(actual, predicted, threshold, weights)
    if PROBLEM != REGRESSION:
        judged[METRICS_KEY] |= drawn(actual.astype(np.int64), predicted, threshold, weights)
        judged["per_class"] = per_class(actual.astype(np.int64), predicted, threshold, weights)
    for category, having in zip(CATEGORIES, values.T, strict=True):
        groups = {value: having == index for index, value in enumerate(category.groups)}
        judged[f"by_{category.name}"] = {
            value: measure(actual[group], predicted[group], threshold, part(weights, group))
            for value, group in groups.items()
            if group.any()
        }
    return judged


def part(weights: Floats | None, group: NDArray[np.bool_]) -> Floats | None:
    """Return the weights of some of the rows."""
    return None if weights is None else weights[group]


def measure(
    actual: Floats, predicted: Floats, threshold: float, weights: Floats | None
) -> dict[str, Any]:
    """Return the metrics of some rows, and how many they are."""
    found: dict[str, Any]
    if PROBLEM == REGRESSION:
        found = regression_metrics(actual, predicted, weights)
    elif PROBLEM == BINARY:
        found = binary_metrics(actual == 1, predicted, threshold, weights)
    else:
        found = multiclass_metrics(actual.astype(np.int64), predicted, weights)
    return {METRICS_KEY: found, "rows": len(actual)}


def drawn(
    actual: Places, predicted: Floats, threshold: float, weights: Floats | None
) -> dict[str, Any]:
    """Return what SageMaker has beside the numbers: a matrix, and the curves of two classes.

    The matrix counts rows, whatever they weigh.
    """
    found: dict[str, Any] = {}
    if len(CLASSES) <= MOST_CLASSES:
        said = said_classes(predicted, threshold)
        found["confusion_matrix"] = confusion_matrix(actual, said, CLASSES)
    is_positive = actual == 1
    if PROBLEM == BINARY and is_positive.any() and not is_positive.all():
        found |= rate_curves(is_positive, predicted, weights)
    return found


def said_classes(predicted: Floats, threshold: float) -> Places:
    """Return the place of the class that is predicted for each row."""
    if PROBLEM == BINARY:
        return (predicted >= threshold).astype(np.int64)
    said: Places = predicted.argmax(axis=1)
    return said


def per_class(
    actual: Places, predicted: Floats, threshold: float, weights: Floats | None
) -> dict[str, dict[str, Any]]:
    """Return the numbers of each class that some row is of, without standard errors."""
    share, said = shares(len(actual), weights), said_classes(predicted, threshold)
    probabilities = np.column_stack([1 - predicted, predicted]) if PROBLEM == BINARY else predicted
    fields = {}
    for place, name in enumerate(CLASSES):
        is_of = actual == place
        if not is_of.any():
            continue
        estimates = {key: found(is_of, said == place, share) for key, found in OF_CLASS.items()}
        estimates |= curves(is_of, probabilities[:, place], share)
        fields[name] = {
            **{key: estimate.value for key, estimate in bounded(estimates).items()},
            "rows": int(is_of.sum()),
        }
    return fields


def summed_losses(
    actual: Floats, curve: NDArray[np.float32], weights: Floats | None = None
) -> Floats:
    """Return the sum over the rows of what `CURVE_METRIC` is the mean of, for each line."""
    weight = 1.0 if weights is None else weights
    if PROBLEM == REGRESSION:
        squares: Floats = (weight * (curve - actual) ** 2).sum(axis=1)
        return squares
    if PROBLEM == BINARY:
        truth = np.where(actual == 1, curve, 1 - curve).astype(np.float64)
    else:
        truth = curve[:, np.arange(len(actual)), actual.astype(np.int64)].astype(np.float64)
    epsilon = np.finfo(np.float32).eps
    losses: Floats = -(weight * np.log(np.clip(truth, epsilon, 1 - epsilon))).sum(axis=1)
    return losses


CURVE_METRIC = "mse" if PROBLEM == REGRESSION else "logloss"


def check_labels(actual: Floats) -> None:
    """Check that labels are places of the classes.

    Raises:
        JobError: One is not.
    """
    if PROBLEM == REGRESSION or np.isin(actual, range(len(CLASSES))).all():
        return
    wrong = actual[~np.isin(actual, range(len(CLASSES)))][0]
    raise JobError(
        f"the label {wrong:g} is the place of none of {len(CLASSES)} classes; preprocess the rows "
        "with the columns.py that they are evaluated with"
    )


def check_classes(judged: dict[str, Any], what: str = "test rows") -> None:
    """Check that a classification can be judged.

    Raises:
        JobError: All rows are of one class, so nothing tells the classes apart.
    """
    if PROBLEM != REGRESSION and "auc" not in judged[METRICS_KEY]:
        raise JobError(
            f"all {judged['rows']} {what} are of one class, so no model can be judged by them; "
            "take more rows, or a larger test share"
        )
