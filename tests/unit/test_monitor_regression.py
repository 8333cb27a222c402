"""Model quality of a regression, held to scikit-learn."""

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sklearn.metrics import mean_absolute_error, mean_squared_error, r2_score

from pocketaws.sagemaker.monitor.monitor_dataset import Dataset
from pocketaws.sagemaker.monitor.monitor_regression import (
    Quality,
    constraints_document,
    metrics,
    quality_of,
    read_thresholds,
    statistics_document,
    violations_document,
)
from pocketaws.sagemaker.monitor.monitor_settings import CSV, AnalysisError, DatasetFormat, Settings

FLOATS = st.floats(-1e6, 1e6)


def settings(inference: str | None = "prediction", truth: str | None = "label") -> Settings:
    return Settings(
        DatasetFormat(CSV),
        Path("in"),
        Path("out"),
        "MODEL_QUALITY",
        inference_attribute=inference,
        ground_truth_attribute=truth,
    )


def scored(predictions: Any, labels: Any) -> Quality:
    columns = (tuple(map(str, predictions)), tuple(map(str, labels)))
    return quality_of(Dataset(("prediction", "label"), columns, positional=False), settings())


@hypothesis_settings(deadline=None)  # scikit-learn's first call is slow
@given(st.lists(st.tuples(FLOATS, FLOATS), min_size=2, max_size=40))
def test_the_metrics_are_what_scikit_learn_computes(pairs: list[tuple[float, float]]) -> None:
    predictions, labels = np.array(pairs).T

    found = metrics(predictions, labels)

    assert found["mae"] == pytest.approx(mean_absolute_error(labels, predictions))
    assert found["mse"] == pytest.approx(mean_squared_error(labels, predictions))
    assert found["rmse"] == pytest.approx(math.sqrt(mean_squared_error(labels, predictions)))
    if np.ptp(labels) > 1e-3:
        expected = r2_score(labels, predictions)
        assert found["r2"] == pytest.approx(expected, rel=1e-6, abs=1e-6)


def test_deviations_are_told_from_200_pairs_on() -> None:
    random = np.random.default_rng(3)
    labels = random.normal(10, 3, 200)
    predictions = labels + random.normal(0, 2, 200)

    few, enough = scored(predictions[:199], labels[:199]), scored(predictions, labels)

    assert all(map(math.isnan, few.deviations.values()))
    assert 0 < enough.deviations["mse"] < enough.values["mse"] / 5
    assert scored(predictions, labels) == enough


def test_statistics_have_the_documented_shape() -> None:
    assert statistics_document(scored([1, 3], [1, 1])) == {
        "version": 0.0,
        "dataset": {"item_count": 2},
        "regression_metrics": {
            "mae": {"value": 1.0, "standard_deviation": "NaN"},
            "mse": {"value": 2.0, "standard_deviation": "NaN"},
            "rmse": {"value": math.sqrt(2), "standard_deviation": "NaN"},
            "r2": {"value": "NaN", "standard_deviation": "NaN"},
        },
    }


def test_a_baseline_suggests_its_own_values_as_thresholds() -> None:
    document = constraints_document(scored([1, 3], [1, 2]))

    assert document["regression_constraints"] == {
        "mae": {"threshold": 0.5, "comparison_operator": "GreaterThanThreshold"},
        "mse": {"threshold": 0.5, "comparison_operator": "GreaterThanThreshold"},
        "rmse": {"threshold": math.sqrt(0.5), "comparison_operator": "GreaterThanThreshold"},
        "r2": {"threshold": -1.0, "comparison_operator": "LessThanThreshold"},
    }


def test_the_baseline_itself_violates_nothing_and_worse_predictions_everything() -> None:
    baseline, worse = scored([1, 3, 4], [1, 2, 4]), scored([9, 3, 4], [1, 2, 4])

    thresholds = read_thresholds(json.loads(json.dumps(constraints_document(baseline))))

    assert violations_document(baseline, thresholds) == {"violations": []}
    found = violations_document(worse, thresholds)["violations"]
    assert [violation["metric_name"] for violation in found] == ["mae", "mse", "rmse", "r2"]
    assert found[0] == {
        "constraint_check_type": "GreaterThanThreshold",
        "description": "Metric mae with 3.0 +/- nan was GreaterThanThreshold '0.3333333333333333'",
        "metric_name": "mae",
    }


def test_better_predictions_do_not_violate() -> None:
    baseline, better = scored([1, 3, 4], [1, 2, 4]), scored([1, 2, 4], [1, 2, 4])

    thresholds = read_thresholds(constraints_document(baseline))

    assert violations_document(better, thresholds) == {"violations": []}


@pytest.mark.parametrize(
    ("inference", "truth", "told"),
    [
        (None, "label", "the variable inference_attribute is missing"),
        ("prediction", None, "the variable ground_truth_attribute is missing"),
        ("score", "label", "there is no column 'score'; there are: prediction, label, note"),
        ("note", "label", "inference_attribute='note': could not convert"),
        ("gap", "label", "inference_attribute='gap': could not convert"),
        ("endless", "label", "holds values that are no finite numbers"),
    ],
)
def test_a_column_that_cannot_be_scored_is_refused(
    inference: str | None, truth: str | None, told: str
) -> None:
    names = ("prediction", "label", "note", "gap", "endless")
    columns = (("1", "2"), ("1", "2"), ("1", "x"), ("1", ""), ("1", "inf"))
    dataset = Dataset(names, columns, positional=False)

    with pytest.raises(AnalysisError, match=told):
        quality_of(dataset, settings(inference, truth))


@pytest.mark.parametrize(
    "constraints",
    [
        {},
        {"regression_constraints": {"mse": 4}},
        {"regression_constraints": {"mse": {"threshold": 4, "comparison_operator": "Above"}}},
        {"regression_constraints": {"f1": {"threshold": 1, "comparison_operator": "LessThan"}}},
    ],
)
def test_constraints_that_are_not_of_a_regression_are_refused(constraints: Any) -> None:
    with pytest.raises(AnalysisError, match=r"^baseline_constraints: "):
        read_thresholds(constraints)
