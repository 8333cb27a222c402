"""The metrics of both kinds of problem are scikit-learn's, and their standard errors are right."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn import metrics as reference

from tests.unit.modules import PROJECT_DIR, load

jobs = load("jobs", parent=PROJECT_DIR)
binary_metrics = jobs.class_metrics.binary_metrics
multiclass_metrics = jobs.class_metrics.multiclass_metrics
Floats = NDArray[np.float64]


def weights_of(kind: str, drawn: np.random.Generator, rows: int) -> Floats | None:
    if kind == "alike":
        return None
    weights: Floats = drawn.uniform(0.1, 5, rows)
    if kind == "some of no weight":
        weights[drawn.random(rows) < 0.3] = 0
    return weights


def binary_rows(drawn: np.random.Generator, rows: int = 500) -> tuple[NDArray[np.bool_], Floats]:
    """Draw rows whose probabilities are rounded, so that many tie."""
    is_positive = drawn.random(rows) < 0.2
    probability = 1 / (1 + np.exp(-drawn.normal(2.0 * is_positive - 1, 1.5)))
    return is_positive, np.round(probability, 2)


def multiclass_rows(
    drawn: np.random.Generator, rows: int = 400, classes: int = 4
) -> tuple[NDArray[np.int64], Floats]:
    """Draw rows whose probabilities add up to 1, many of them alike."""
    actual = drawn.integers(0, classes, rows)
    scores = drawn.integers(0, 4, (rows, classes)) + 2.0 * np.eye(classes)[actual]
    probabilities = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    return actual, probabilities


def values(found: dict[str, Any]) -> dict[str, float]:
    return {name: metric["value"] for name, metric in found.items()}


@pytest.mark.parametrize("kind", ["alike", "weighted", "some of no weight"])
@pytest.mark.parametrize("seed", range(5))
def test_the_metrics_of_two_classes_are_scikit_learns(seed: int, kind: str) -> None:
    drawn = np.random.default_rng(seed)
    is_positive, probability = binary_rows(drawn)
    weights = weights_of(kind, drawn, len(probability))

    found = values(binary_metrics(is_positive, probability, 0.4, weights))

    said, held = probability >= 0.4, {"sample_weight": weights}
    truth = is_positive.astype(int)
    assert found == pytest.approx(
        {
            "accuracy": reference.accuracy_score(truth, said, **held),
            "precision": reference.precision_score(truth, said, **held),
            "recall": reference.recall_score(truth, said, **held),
            "f1": reference.f1_score(truth, said, **held),
            "logloss": reference.log_loss(truth, y_proba=probability, **held),
            "auc": reference.roc_auc_score(truth, probability, **held),
            "average_precision": reference.average_precision_score(truth, probability, **held),
        },
        rel=1e-9,
    )


@pytest.mark.parametrize("kind", ["alike", "weighted", "some of no weight"])
@pytest.mark.parametrize("seed", range(5))
def test_the_metrics_of_several_classes_are_scikit_learns(seed: int, kind: str) -> None:
    drawn = np.random.default_rng(seed)
    actual, probabilities = multiclass_rows(drawn)
    weights = weights_of(kind, drawn, len(actual))

    found = values(multiclass_metrics(actual, probabilities, weights))

    said, held = probabilities.argmax(axis=1), {"sample_weight": weights}
    of_class = {
        f"{prefix}{name}": score(actual, said, average=average, **held)
        for name, score in {
            "precision": reference.precision_score,
            "recall": reference.recall_score,
            "f1": reference.f1_score,
        }.items()
        for prefix, average in {"": "macro", "weighted_": "weighted"}.items()
    }
    one_hot = np.eye(4)[actual]
    assert found == pytest.approx(
        {
            **of_class,
            "accuracy": reference.accuracy_score(actual, said, **held),
            "logloss": reference.log_loss(actual, y_proba=probabilities, **held),
            "auc": reference.roc_auc_score(actual, probabilities, multi_class="ovr", **held),
            "average_precision": reference.average_precision_score(one_hot, probabilities, **held),
        },
        rel=1e-9,
    )


@pytest.mark.parametrize("kind", ["alike", "weighted", "some of no weight"])
def test_the_metrics_of_a_regression_are_scikit_learns(kind: str) -> None:
    drawn = np.random.default_rng(3)
    actual = drawn.normal(5, 3, 500)
    predicted = np.round(actual + drawn.normal(0, 1, 500), 1)
    weights = weights_of(kind, drawn, 500)

    found = values(jobs.metrics.regression_metrics(actual, predicted, weights))

    held = {"sample_weight": weights}
    assert found == pytest.approx(
        {
            "mae": reference.mean_absolute_error(actual, predicted, **held),
            "mse": reference.mean_squared_error(actual, predicted, **held),
            "rmse": reference.root_mean_squared_error(actual, predicted, **held),
            "r2": reference.r2_score(actual, predicted, **held),
        },
        rel=1e-9,
    )


def test_probabilities_of_0_and_1_have_a_finite_logloss() -> None:
    is_positive, probability = np.array([True, True, False]), np.array([1.0, 0.0, 0.0])

    found = values(binary_metrics(is_positive, probability, 0.5))

    expected = reference.log_loss(is_positive.astype(int), y_proba=probability)
    assert found["logloss"] == pytest.approx(expected, rel=1e-9)


def test_what_the_order_decides_is_left_out_where_there_is_one_class() -> None:
    found = binary_metrics(np.array([True, True]), np.array([0.2, 0.7]), 0.5)
    several = multiclass_metrics(np.array([1, 1]), np.array([[0.2, 0.5, 0.3], [0.6, 0.3, 0.1]]))

    assert values(found)["recall"] == 0.5
    for one in (found, several):
        assert not {"auc", "average_precision"} & one.keys()


def test_a_class_without_rows_is_left_out_of_a_mean() -> None:
    actual = np.array([0, 0, 1, 1])
    probabilities = np.array([[0.7, 0.2, 0.1], [0.4, 0.5, 0.1], [0.3, 0.6, 0.1], [0.2, 0.7, 0.1]])

    found = values(multiclass_metrics(actual, probabilities))

    assert found["auc"] == 1.0
    assert found["recall"] == pytest.approx((0.5 + 1) / 2)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["alike", "weighted"])
def test_the_standard_errors_are_how_much_the_values_vary_between_samples(kind: str) -> None:
    drawn = np.random.default_rng(11)
    told: dict[str, list[float]] = {}
    found: dict[str, list[float]] = {}
    for _ in range(300):
        weights = weights_of(kind, drawn, 400)
        for prefix, metrics in {
            "binary": binary_metrics(*binary_rows(drawn, 400), 0.4, weights),
            "several": multiclass_metrics(*multiclass_rows(drawn, 400), weights),
        }.items():
            for name, metric in metrics.items():
                found.setdefault(f"{prefix} {name}", []).append(metric["value"])
                told.setdefault(f"{prefix} {name}", []).append(metric["standard_deviation"])

    # A standard deviation of 300 values is itself uncertain by 4 %.
    ratios = {name: np.mean(told[name]) / np.std(found[name], ddof=1) for name in found}
    assert {name: ratio for name, ratio in ratios.items() if not 0.85 < ratio < 1.15} == {}


@pytest.mark.parametrize("seed", range(5))
def test_the_threshold_has_the_largest_f1_of_all(seed: int) -> None:
    is_positive, probability = binary_rows(np.random.default_rng(seed), 200)

    threshold = jobs.class_figures.best_threshold(is_positive, probability)

    best = max(
        reference.f1_score(is_positive, probability >= one) for one in np.unique(probability)
    )
    assert reference.f1_score(is_positive, probability >= threshold) == pytest.approx(best)
    assert threshold not in probability


def test_rows_of_one_kind_leave_the_threshold_at_one_half() -> None:
    assert jobs.class_figures.best_threshold(np.array([True, True]), np.array([0.9, 0.2])) == 0.5


def test_the_curves_are_scikit_learns() -> None:
    is_positive, probability = binary_rows(np.random.default_rng(1))

    found = jobs.class_figures.rate_curves(is_positive, probability)

    false_rates, true_rates, _ = reference.roc_curve(
        is_positive, probability, drop_intermediate=False
    )
    roc = found["receiver_operating_characteristic_curve"]
    drawn = [*zip(roc["false_positive_rates"], roc["true_positive_rates"], strict=True)]
    for point in drawn:
        distances = np.hypot(false_rates - point[0], true_rates - point[1])
        assert distances.min() < 1e-12
    assert drawn[0] == (0, 0)
    assert drawn[-1] == (1, 1)
    assert len(drawn) <= 101
    assert found["precision_recall_curve"]["recalls"][-1] == 1


def test_calibration_tells_the_share_of_each_tenth() -> None:
    is_positive = np.array([False, True, True, True])

    told = jobs.class_figures.calibration(is_positive, np.array([0.0, 0.05, 0.9, 1.0]))

    assert told == [
        {"predicted": pytest.approx(0.025), "actual": 0.5, "rows": 2},
        {"predicted": pytest.approx(0.95), "actual": 1.0, "rows": 2},
    ]


def test_a_confusion_matrix_counts_by_names() -> None:
    matrix = jobs.class_figures.confusion_matrix(np.array([0, 0, 1]), np.array([0, 1, 1]), "ab")

    assert matrix == {"a": {"a": 1, "b": 1}, "b": {"a": 0, "b": 1}}


@pytest.mark.parametrize("classes", [2, 4])
def test_what_is_a_share_is_one_however_sums_of_weights_are_rounded(classes: int) -> None:
    """Rows that are all predicted rightly have shares of 1, which rounding may not exceed."""
    for seed in range(40):
        drawn = np.random.default_rng(seed)
        actual = np.arange(90) % classes
        weights = drawn.uniform(0.1, 5, len(actual))
        right = np.eye(classes)[actual] * 0.9 + 0.05 * drawn.random((len(actual), classes))
        found = values(multiclass_metrics(actual, right, weights))
        if classes == 2:
            is_positive, probability = actual == 1, right[:, 1]
            found = values(binary_metrics(is_positive, probability, 0.5, weights))
            curves = jobs.class_figures.rate_curves(is_positive, probability, weights)
            rates = [rate for curve in curves.values() for held in curve.values() for rate in held]
            tenths = jobs.class_figures.calibration(is_positive, probability, weights)
            rates += [tenth[key] for tenth in tenths for key in ("predicted", "actual")]
            assert 0 <= min(rates) <= max(rates) <= 1

        of_shares = {name: value for name, value in found.items() if name != "logloss"}
        assert max(of_shares.values()) <= 1
        assert min(of_shares.values()) == pytest.approx(1, abs=1e-9)
