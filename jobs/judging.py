"""One model's numbers on some rows, under the names that the model registry has for the problem.

SageMaker's model quality statistics hold `regression_metrics`, `binary_classification_metrics` or
`multiclass_classification_metrics`, and among the latter two a confusion matrix and curves:
https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-model-quality-metrics.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from class_figures import MOST_CLASSES, confusion_matrix, rate_curves
from class_metrics import binary_metrics, multiclass_metrics, values_of_class
from container import JobError
from curve_areas import Areas, areas
from judged_rows import JudgedRows
from metrics import Metric, regression_metrics
from moments import Floats
from numpy.typing import NDArray
from problem import BINARY, CLASSES, MULTICLASS, PROBLEM, REGRESSION
from rows import CATEGORIES
from tallies import Tally, tallied

METRICS_KEY = {
    REGRESSION: "regression_metrics",
    BINARY: "binary_classification_metrics",
    MULTICLASS: "multiclass_classification_metrics",
}[PROBLEM]


def judge(rows: JudgedRows) -> dict[str, Any]:
    """Return one model's metrics over all rows and by category."""
    judged = judge_all(rows)
    for index, category in enumerate(CATEGORIES):
        counts = rows.counts(index)
        found = measure(rows, index)
        judged[f"by_{category.name}"] = {
            value: {METRICS_KEY: found[group], "rows": counts[group]}
            for group, value in enumerate(category.groups)
            if group in found
        }
    return judged


def judge_all(rows: JudgedRows) -> dict[str, Any]:
    """Return the metrics over all rows, and what SageMaker has beside the numbers."""
    count = {"rows": rows.kept.rows}
    if PROBLEM == REGRESSION:
        return {METRICS_KEY: measure(rows)[0], **count}
    tally = tallied(rows.said(), len(CLASSES))[0]
    matrix: dict[str, Any] = {}
    if len(CLASSES) <= MOST_CLASSES:
        matrix = {"confusion_matrix": confusion_matrix(tally, CLASSES)}
    if PROBLEM == MULTICLASS:
        found, by_class = multiclass_metrics(rows)
        return {
            METRICS_KEY: {**found[0], **matrix},
            **count,
            "per_class": per_class(tally, by_class),
        }
    scores = rows.sorted(1)
    metrics = binary_metrics(rows, scores)[0]
    by_class = [areas(rows.sorted(0)), areas(scores)]
    curves = rate_curves(scores) if by_class[1] else {}
    return {
        METRICS_KEY: {**metrics, **matrix, **curves},
        **count,
        "per_class": per_class(tally, by_class),
    }


def measure(rows: JudgedRows, category: int | None = None) -> Mapping[int, dict[str, Metric]]:
    """Return the metrics by the values of a category, or of all rows."""
    if PROBLEM == REGRESSION:
        return regression_metrics(lambda: rows.parts(category))
    if PROBLEM == BINARY:
        return binary_metrics(rows, rows.sorted(1, category), category)
    return multiclass_metrics(rows, category)[0]


def per_class(tally: Tally, by_class: list[dict[int, Areas]]) -> dict[str, dict[str, Any]]:
    """Return the numbers of each class that some row is of, without standard errors."""
    rows = np.bincount(tally.actual, tally.counts, minlength=len(CLASSES)).astype(int).tolist()
    return {
        name: {**values_of_class(tally, place, by_class[place].get(0)), "rows": rows[place]}
        for place, name in enumerate(CLASSES)
        if rows[place]
    }


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
