"""The metrics of both kinds of problem are scikit-learn's, and their standard errors are right."""

from __future__ import annotations

import tracemalloc
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn import metrics as reference

from tests.unit.judged import judged
from tests.unit.modules import PROJECT_DIR, load

jobs = load("jobs", parent=PROJECT_DIR)
Floats = NDArray[np.float64]
BLOCKS = pytest.mark.parametrize("block_rows", [None, 37], ids=["one block", "many blocks"])


def single(scores: Floats) -> Floats:
    """Round scores as models give them."""
    return scores.astype(np.float32).astype(np.float64)


def binary_metrics(
    is_positive: Any, probability: Any, threshold: float, weights: Any = None, **options: Any
) -> dict[str, Any]:
    rows = judged(jobs, is_positive, probability, weights, threshold=threshold, **options)
    found: dict[str, Any] = jobs.class_metrics.binary_metrics(rows, rows.sorted(1))[0]
    return found


def multiclass_metrics(
    actual: Any, probabilities: Any, weights: Any = None, **options: Any
) -> dict[str, Any]:
    rows = judged(jobs, actual, probabilities, weights, **options)
    found: dict[str, Any] = jobs.class_metrics.multiclass_metrics(rows)[0][0]
    return found


def regression_metrics(*arrays: Any, **options: Any) -> Any:
    rows = judged(jobs, *arrays, **options)
    category = 0 if "groups" in options else None
    return jobs.metrics.regression_metrics(lambda: rows.parts(category))


def best_threshold(*arrays: Any, **options: Any) -> float:
    threshold: float = jobs.class_figures.best_threshold(judged(jobs, *arrays, **options).sorted(1))
    return threshold


def rate_curves(*arrays: Any, **options: Any) -> Any:
    return jobs.class_figures.rate_curves(judged(jobs, *arrays, **options).sorted(1))


def calibration(*arrays: Any, **options: Any) -> Any:
    return jobs.class_figures.calibration(judged(jobs, *arrays, **options).parts)


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
    return is_positive, single(np.round(probability, 2))


def multiclass_rows(
    drawn: np.random.Generator, rows: int = 400, classes: int = 4
) -> tuple[NDArray[np.int64], Floats]:
    """Draw rows whose probabilities add up to 1 in any precision, many of them alike."""
    actual = drawn.integers(0, classes, rows)
    scores = drawn.integers(0, 4, (rows, classes)) + 2.0 * np.eye(classes)[actual]
    probabilities = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    parts = np.maximum(np.round(probabilities * 256), 1)
    parts[np.arange(rows), parts.argmax(axis=1)] += 256 - parts.sum(axis=1)
    return actual, parts / 256


def values(found: dict[str, Any]) -> dict[str, float]:
    return {name: metric["value"] for name, metric in found.items()}


@BLOCKS
@pytest.mark.parametrize("kind", ["alike", "weighted", "some of no weight"])
@pytest.mark.parametrize("seed", range(5))
def test_the_metrics_of_two_classes_are_scikit_learns(
    seed: int, kind: str, block_rows: int | None
) -> None:
    drawn = np.random.default_rng(seed)
    is_positive, probability = binary_rows(drawn)
    weights = weights_of(kind, drawn, len(probability))

    found = values(binary_metrics(is_positive, probability, 0.4, weights, block_rows=block_rows))

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


@BLOCKS
@pytest.mark.parametrize("kind", ["alike", "weighted", "some of no weight"])
@pytest.mark.parametrize("seed", range(5))
def test_the_metrics_of_several_classes_are_scikit_learns(
    seed: int, kind: str, block_rows: int | None
) -> None:
    drawn = np.random.default_rng(seed)
    actual, probabilities = multiclass_rows(drawn)
    weights = weights_of(kind, drawn, len(actual))

    found = values(multiclass_metrics(actual, probabilities, weights, block_rows=block_rows))

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


@BLOCKS
@pytest.mark.parametrize("kind", ["alike", "weighted", "some of no weight"])
def test_the_metrics_of_a_regression_are_scikit_learns(kind: str, block_rows: int | None) -> None:
    drawn = np.random.default_rng(3)
    actual = drawn.normal(5, 3, 500)
    predicted = single(np.round(actual + drawn.normal(0, 1, 500), 1))
    weights = weights_of(kind, drawn, 500)

    found = values(regression_metrics(actual, predicted, weights, block_rows=block_rows)[0])

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


@BLOCKS
@pytest.mark.parametrize("seed", range(5))
def test_the_threshold_has_the_largest_f1_of_all(seed: int, block_rows: int | None) -> None:
    is_positive, probability = binary_rows(np.random.default_rng(seed), 200)

    threshold = best_threshold(is_positive, probability, block_rows=block_rows)

    best = max(
        reference.f1_score(is_positive, probability >= one) for one in np.unique(probability)
    )
    assert reference.f1_score(is_positive, probability >= threshold) == pytest.approx(best)
    assert threshold not in probability


def test_rows_of_one_kind_leave_the_threshold_at_one_half() -> None:
    assert best_threshold(np.array([True, True]), np.array([0.9, 0.2])) == 0.5


@BLOCKS
def test_the_curves_are_scikit_learns(block_rows: int | None) -> None:
    is_positive, probability = binary_rows(np.random.default_rng(1))

    found = rate_curves(is_positive, probability, block_rows=block_rows)

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


@pytest.mark.parametrize("block_rows", [None, 1])
def test_calibration_tells_the_share_of_each_tenth(block_rows: int | None) -> None:
    is_positive = np.array([False, True, True, True])

    told = calibration(is_positive, np.array([0.0, 0.0625, 0.9375, 1.0]), block_rows=block_rows)

    assert told == [
        {"predicted": 0.03125, "actual": 0.5, "rows": 2},
        {"predicted": 0.96875, "actual": 1.0, "rows": 2},
    ]


def test_a_confusion_matrix_counts_by_names() -> None:
    rows = judged(jobs, np.array([0, 0, 1]), np.array([0.2, 0.7, 0.9]))
    tally = jobs.tallies.tallied(rows.said(), 2)[0]
    matrix = jobs.class_figures.confusion_matrix(tally, "ab")

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
            curves = rate_curves(is_positive, probability, weights)
            rates = [rate for curve in curves.values() for held in curve.values() for rate in held]
            tenths = calibration(is_positive, probability, weights)
            rates += [tenth[key] for tenth in tenths for key in ("predicted", "actual")]
            assert 0 <= min(rates) <= max(rates) <= 1

        of_shares = {name: value for name, value in found.items() if name != "logloss"}
        assert max(of_shares.values()) <= 1
        assert min(of_shares.values()) == pytest.approx(1, abs=1e-9)


# Among these are groups of one kind, of one row, of none, and rows of no group.
GROUPED = np.random.default_rng(4).choice([-1, 0, 2, 3], 500, p=[0.1, 0.45, 0.05, 0.4])


def alike(found: Any, expected: Any) -> bool:
    """Compare what is nested, numbers but for their last digits."""
    if isinstance(expected, dict):
        return found.keys() == expected.keys() and all(
            map(alike, found.values(), expected.values())
        )
    return bool(found == pytest.approx(expected, rel=1e-12, abs=1e-15))


@pytest.mark.parametrize("kind", ["alike", "weighted", "some of no weight"])
@pytest.mark.parametrize("block_rows", [1, 37])
def test_blocks_change_neither_values_nor_standard_errors_of_any_group(
    kind: str, block_rows: int
) -> None:
    """One number too few or too many in a block, a window, or a group would show."""
    drawn = np.random.default_rng(9)
    weights, groups = weights_of(kind, drawn, 400), GROUPED[:400].astype(np.int16)
    is_positive, probability = binary_rows(drawn, 400)
    actual, probabilities = multiclass_rows(drawn, 400)
    groups[:2], is_positive[groups == 3] = (1, -1), False
    if weights is not None:
        weights[0] = 2.5  # A group's only row weighs something, as rows do.

    def measured(block_rows: int | None) -> list[Any]:
        options: dict[str, Any] = {"groups": groups, "block_rows": block_rows}
        rows = judged(jobs, is_positive, probability, weights, **options)
        several = judged(jobs, actual, probabilities, weights, **options)
        return [
            regression_metrics(actual * 1.5, probability * 5, weights, **options),
            jobs.class_metrics.binary_metrics(rows, rows.sorted(1, 0), 0),
            jobs.class_metrics.multiclass_metrics(several, 0)[0],
        ]

    found, whole = measured(block_rows), measured(None)
    assert [sorted(metrics) for metrics in found] == 3 * [[0, 1, 2, 3]]
    for metrics, expected in zip(found, whole, strict=True):
        assert all(alike(metrics[group], expected[group]) for group in expected)
    assert "auc" not in found[1][3]
    assert "auc" not in found[2][1]
    for group in (0, 2):
        of_group = groups == group
        alone = judged(
            jobs,
            actual[of_group],
            probabilities[of_group],
            None if weights is None else weights[of_group],
        )
        assert alike(found[2][group], jobs.class_metrics.multiclass_metrics(alone)[0][0])


def test_quantiles_are_numpys_of_numbers_of_either_sign() -> None:
    drawn = np.random.default_rng(2)
    shares = np.arange(1, 64) / 64
    for rows in (1, 2, 63, 64, 1000):
        for drawn_numbers in (drawn.normal(0, 1e5, rows), drawn.integers(-3, 3, rows) * 1.0):
            numbers = single(np.asarray(drawn_numbers, float))

            found = jobs.quantiles.quantiles(lambda held=numbers: np.array_split(held, 5), shares)

            expected = np.quantile(numbers, shares, method="inverted_cdf")
            assert found.tolist() == expected.tolist()


def test_a_sum_of_parts_keeps_what_rounding_would_take() -> None:
    total, moments = jobs.moments.Sum(), jobs.moments.Moments()
    for number in (1.0, 1e100, 1.0, -1e100):
        total.add(number)
    for part in np.array_split(1e8 + np.arange(1000.0), 7):
        moments.add(part)

    assert total.value == 2
    assert moments.mean == 1e8 + 499.5
    assert moments.standard_error == pytest.approx(
        np.std(np.arange(1000.0), ddof=1) / np.sqrt(1000), rel=1e-12
    )


@pytest.mark.parametrize("problem", ["regression", "binary", "several classes"])
def test_memory_does_not_grow_with_the_rows(problem: str) -> None:
    """All scores differ, so a table of them would grow."""
    peaks = []
    for rows in (16_000, 64_000):
        drawn = np.random.default_rng(1)
        actual, probabilities = drawn.integers(0, 2, rows), drawn.dirichlet((1, 1), rows)
        predicted = probabilities if problem == "several classes" else probabilities[:, 1]
        kept = judged(jobs, actual, predicted, block_rows=4000)
        tracemalloc.start()
        if problem == "regression":
            jobs.metrics.regression_metrics(kept.parts)
            jobs.quantiles.quantiles(kept.predicted, np.arange(1, 64) / 64)
        elif problem == "binary":
            jobs.class_metrics.binary_metrics(kept, kept.sorted(1))
            jobs.class_figures.rate_curves(kept.sorted(1))
        else:
            jobs.class_metrics.multiclass_metrics(kept)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()

    assert peaks[1] < 1.3 * peaks[0]
