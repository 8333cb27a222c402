"""Model quality of a regression: metrics, constraints and violations.

https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-model-quality-metrics.html
The shape of the constraints and of a violation is that of Amazon's open package
`monitoring_custom_metrics`, whose files extend the image's; that a baseline's value is, as it
stands, the threshold is not documented.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from pocketaws.sagemaker.monitor.monitor_dataset import Dataset
from pocketaws.sagemaker.monitor.monitor_records import GROUND_TRUTH
from pocketaws.sagemaker.monitor.monitor_settings import MERGED, AnalysisError, Settings
from pocketaws.sagemaker.monitor.monitor_sketch import Floats

METRICS: Final = ("mae", "mse", "rmse", "r2")
GREATER: Final = "GreaterThanThreshold"
LESS: Final = "LessThanThreshold"

# "Standard deviation for metrics are provided only when at least 200 samples are available. Model
# Monitor computes standard deviation by randomly sampling 80% of the data 5 times".
_MIN_SAMPLES: Final = 200
_DRAWS: Final = 5
_SHARE: Final = 0.8


@dataclass(frozen=True)
class Quality:
    """Of predictions.

    Attributes:
        item_count: of the pairs.
        values: by metric; NaN for r2 where all labels are the same.
        deviations: of each over samples; NaN where there are too few pairs.
    """

    item_count: int
    values: Mapping[str, float]
    deviations: Mapping[str, float]


@dataclass(frozen=True)
class Threshold:
    """A metric violates when it is `operator` than `value`."""

    value: float
    operator: str

    def is_violated_by(self, value: float) -> bool:
        """Compare as the operator says; NaN violates nothing."""
        return value > self.value if self.operator == GREATER else value < self.value


def quality_of(dataset: Dataset, settings: Settings) -> Quality:
    """Score the predictions of a dataset against its labels.

    Raises:
        AnalysisError: a column is not named, not there or not numerical.
    """
    predictions = _numbers(dataset, settings.inference_attribute, "inference_attribute")
    merged = settings.dataset_format.kind == MERGED
    attribute = settings.ground_truth_attribute or (GROUND_TRUTH if merged else None)
    labels = _numbers(dataset, attribute, "ground_truth_attribute")
    return Quality(len(labels), metrics(predictions, labels), _deviations(predictions, labels))


def metrics(predictions: Floats, labels: Floats) -> dict[str, float]:
    """Return mae, mse, rmse and r2."""
    errors = predictions - labels
    mse = float(np.mean(errors**2))
    variance = float(np.var(labels))
    return {
        "mae": float(np.mean(np.abs(errors))),
        "mse": mse,
        "rmse": math.sqrt(mse),
        "r2": 1 - mse / variance if variance else math.nan,
    }


def statistics_document(quality: Quality) -> dict[str, Any]:
    """Return statistics.json."""
    return {
        "version": 0.0,
        "dataset": {"item_count": quality.item_count},
        "regression_metrics": {
            name: {
                "value": _number(quality.values[name]),
                "standard_deviation": _number(quality.deviations[name]),
            }
            for name in METRICS
        },
    }


def constraints_document(quality: Quality) -> dict[str, Any]:
    """Return constraints.json: later predictions must be no worse than these."""
    return {
        "version": 0.0,
        "regression_constraints": {
            name: {
                "threshold": quality.values[name],
                "comparison_operator": LESS if name == "r2" else GREATER,
            }
            for name in METRICS
            if not math.isnan(quality.values[name])
        },
    }


def read_thresholds(document: Any) -> dict[str, Threshold]:
    """Read constraints.json.

    Raises:
        AnalysisError: it is not of a regression, or a metric or an operator is unknown.
    """
    try:
        constraints = document["regression_constraints"].items()
        read = {
            str(name): Threshold(float(item["threshold"]), str(item["comparison_operator"]))
            for name, item in constraints
        }
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise AnalysisError(
            f"baseline_constraints: no constraints.json of a regression ({error!r}); "
            "give the one that a baselining job for model quality wrote"
        ) from error
    for name, threshold in read.items():
        if name not in METRICS or threshold.operator not in (GREATER, LESS):
            raise AnalysisError(
                f"baseline_constraints: {name!r} with {threshold.operator!r}: metrics are "
                f"{', '.join(METRICS)}, operators {GREATER} and {LESS}"
            )
    return read


def violations_document(quality: Quality, thresholds: Mapping[str, Threshold]) -> dict[str, Any]:
    """Return constraint_violations.json."""
    return {
        "violations": [
            {
                "constraint_check_type": threshold.operator,
                "description": (
                    f"Metric {name} with {quality.values[name]} +/- {quality.deviations[name]} "
                    f"was {threshold.operator} '{threshold.value}'"
                ),
                "metric_name": name,
            }
            for name, threshold in thresholds.items()
            if threshold.is_violated_by(quality.values[name])
        ]
    }


def _numbers(dataset: Dataset, attribute: str | None, variable: str) -> Floats:
    if attribute is None:
        raise AnalysisError(f"the variable {variable} is missing; name the column or its index")
    cells = dataset.column(attribute)
    try:
        values = np.array(cells, dtype=np.float64)
    except ValueError as error:
        raise AnalysisError(f"{variable}={attribute!r}: {error}; values must be numbers") from error
    if not np.isfinite(values).all():
        raise AnalysisError(f"{variable}={attribute!r} holds values that are no finite numbers")
    return values


def _deviations(predictions: Floats, labels: Floats) -> dict[str, float]:
    if len(labels) < _MIN_SAMPLES:
        return dict.fromkeys(METRICS, math.nan)
    # A fixed seed, so that the same data gives the same file.
    random = np.random.default_rng(0)
    size = round(len(labels) * _SHARE)
    draws = [random.choice(len(labels), size, replace=False) for _ in range(_DRAWS)]
    drawn = [metrics(predictions[draw], labels[draw]) for draw in draws]
    return {name: float(np.std([values[name] for values in drawn])) for name in METRICS}


def _number(value: float) -> float | str:
    """Write NaN as the image does, in quotes."""
    return "NaN" if math.isnan(value) else value
