"""The metrics that the XGBoost container computes itself, beside those of XGBoost.

Source: aws/sagemaker-xgboost-container on GitHub, `src/sagemaker_xgboost_container/metrics/
custom_metrics.py` and `algorithm_mode/train_utils.py`.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, cast

import numpy as np
import xgboost as xgb
from numpy.typing import NDArray

REGRESSION_METRICS: Final = ("mse", "rmse", "mae", "r2")
CLASS_METRICS: Final = (
    *("accuracy", "balanced_accuracy", "f1", "f1_binary", "f1_macro", "precision"),
    *("precision_macro", "precision_micro", "recall", "recall_macro", "recall_micro"),
)
BINARY_METRICS: Final = ("f1_binary", "precision", "recall")
OWN_METRICS: Final = (*REGRESSION_METRICS, *CLASS_METRICS)

_TWO: Final = 2

Values = NDArray[np.float32]
MetricFunction = Callable[[Values, xgb.DMatrix], list[tuple[str, float]]]


def watched_metrics(settings: Mapping[str, Any]) -> list[str]:
    """Return the metrics that early stopping looks at: a tuning job's, else those of the user."""
    return _tuned_metrics(settings) or settings.get("eval_metric", [])


def printed_metrics(settings: Mapping[str, Any]) -> tuple[list[str], list[str]]:
    """Split the metrics to print into those of XGBoost and those of the container."""
    tuned, requested = _tuned_metrics(settings), settings.get("eval_metric", [])
    union = sorted({*tuned, *requested}) if tuned and requested else tuned or requested
    native = [metric for metric in union if metric not in OWN_METRICS]
    return native, [metric for metric in union if metric in OWN_METRICS]


def _tuned_metrics(settings: Mapping[str, Any]) -> list[str]:
    """Return the metric of `validation:METRIC`, which a tuning job optimizes, as a list."""
    tuned = str(settings.get("_tuning_objective_metric", ""))
    return [tuned.partition(":")[2]] if tuned else []


def metric_function(metrics: Sequence[str]) -> MetricFunction | None:
    """Return XGBoost's `custom_metric` for the metrics that the container computes itself.

    They ignore instance weights, `rmse` and `mae` too, as in the container. XGBoost hands over what
    the model predicts, and the container takes it for margins: with `binary:logistic` every row
    counts as of class 1, with `multi:softmax` every row that is not of class 0.
    """

    def evaluate(predictions: Values, matrix: xgb.DMatrix) -> list[tuple[str, float]]:
        labels = matrix.get_label()
        scores: dict[str, float] = {}
        if any(metric in REGRESSION_METRICS for metric in metrics):
            scores |= _regression_metrics(labels, predictions)
        if any(metric in CLASS_METRICS for metric in metrics):
            predicted = _predicted_classes(predictions)
            _check_classes(labels, predicted, metrics)
            scores |= _class_metrics(labels, predicted)
        return [(metric, scores[metric]) for metric in metrics]

    return evaluate if metrics else None


def _regression_metrics(labels: Values, predictions: Values) -> dict[str, float]:
    if predictions.ndim > 1:
        raise ValueError(
            f"y_true and y_pred have different number of output (1!={predictions.shape[1]})"
        )
    residuals = labels - predictions
    squared_error = float(np.mean(residuals**2))
    variance = float(np.var(labels))
    return {
        "mse": squared_error,
        "rmse": squared_error**0.5,
        "mae": float(np.mean(np.abs(residuals))),
        "r2": 1 - squared_error / variance if variance else float(squared_error == 0),
    }


def _class_metrics(labels: Values, predicted: Values) -> dict[str, float]:
    """Score predicted classes; what is undefined (a class never predicted) counts as 0."""
    classes = np.union1d(labels, predicted)
    hits = np.array([np.sum((labels == c) & (predicted == c)) for c in classes], float)
    actual = np.array([np.sum(labels == c) for c in classes], float)
    claimed = np.array([np.sum(predicted == c) for c in classes], float)
    recall, precision = hits / np.maximum(actual, 1), hits / np.maximum(claimed, 1)
    f1 = 2 * hits / np.maximum(actual + claimed, 1)
    accuracy = float(hits.sum() / len(labels))
    scores = {
        "accuracy": accuracy,
        "balanced_accuracy": float(recall[actual > 0].mean()),
        "f1": float(f1.mean()),
        "f1_macro": float(f1.mean()),
        "precision_macro": float(precision.mean()),
        "recall_macro": float(recall.mean()),
        "precision_micro": accuracy,
        "recall_micro": accuracy,
    }
    if len(classes) <= _TWO:
        positive = classes == 1
        scores["f1_binary"] = float(f1[positive].sum())
        scores["precision"] = float(precision[positive].sum())
        scores["recall"] = float(recall[positive].sum())
    return scores


def _predicted_classes(predictions: Values) -> Values:
    """Take predictions for margins, as the container does: a row of them, or one against 0."""
    if predictions.ndim > 1:
        return cast("Values", np.argmax(predictions, axis=1).astype(np.float32))
    return (predictions > 0).astype(np.float32)


def _check_classes(labels: Values, predicted: Values, metrics: Sequence[str]) -> None:
    """Refuse labels as scikit-learn does in the container, which ends the job.

    Raises:
        ValueError: Labels are no classes, or a metric of two classes is asked for others.
    """
    if np.isnan(labels).any() or (labels != np.floor(labels)).any():
        kind = "binary" if len(np.unique(predicted)) <= _TWO else "multiclass"
        raise ValueError(
            f"Classification metrics can't handle a mix of continuous and {kind} targets"
        )
    if not any(metric in BINARY_METRICS for metric in metrics):
        return
    classes = np.union1d(labels, predicted)
    if len(classes) > _TWO:
        raise ValueError("Target is multiclass but average='binary'. Please choose another average")
    if len(classes) == _TWO and 1 not in classes:
        raise ValueError(
            f"pos_label=1 is not a valid label: It should be one of {classes.tolist()}"
        )
