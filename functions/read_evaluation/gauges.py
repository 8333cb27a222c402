"""The metrics that a gate can judge by, by the kind of problem, and which way is better."""

from collections.abc import Mapping
from typing import Any, Final

REGRESSION: Final = "regression"
BINARY: Final = "binary"
MULTICLASS: Final = "multiclass"
# Under which name evaluation.json holds them, as jobs/judging.py has it.
KEYS: Final[Mapping[str, str]] = {
    REGRESSION: "regression_metrics",
    BINARY: "binary_classification_metrics",
    MULTICLASS: "multiclass_classification_metrics",
}
_OF_CLASSES: Final = ("auc", "logloss", "accuracy", "f1", "average_precision")
METRICS: Final[Mapping[str, tuple[str, ...]]] = {
    REGRESSION: ("mse", "rmse", "mae", "r2"),
    BINARY: _OF_CLASSES,
    MULTICLASS: _OF_CLASSES,
}
ALL: Final = (*METRICS[REGRESSION], *_OF_CLASSES)
_LOWER: Final = ("mse", "rmse", "mae", "logloss")
_SHARES: Final = ("auc", "accuracy", "f1", "average_precision")


def lower_is_better(metric: str) -> bool:
    """Return whether a smaller value is that of a better model; of the others 1 is the best."""
    return metric in _LOWER


def error_of(metric: str, value: float) -> float:
    """Return how far a value is from that of a model without an error; of r2 it is mse's share."""
    return value if lower_is_better(metric) else 1 - value


def problem_of(document: Any) -> str:
    """Return the kind of problem that an evaluation is of."""
    held = document if isinstance(document, Mapping) else {}
    return next((problem for problem, key in KEYS.items() if key in held), REGRESSION)


def range_problem(metric: str, value: float) -> str | None:
    """Return why a finite number cannot be a value of the metric; None where it can."""
    if lower_is_better(metric):
        return None if value >= 0 else "must be a finite number that is not negative"
    if metric in _SHARES and value < 0:
        return "must be from 0 to 1"
    return None if value <= 1 else "must be a finite number of at most 1"
