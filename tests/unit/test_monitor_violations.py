"""What violates a baseline, and what does not: each check by itself, then abalones that grew."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pocketaws.sagemaker.monitor.monitor_constraints import (
    Constraints,
    MonitoringConfig,
    suggest,
)
from pocketaws.sagemaker.monitor.monitor_dataset import Dataset
from pocketaws.sagemaker.monitor.monitor_settings import AnalysisError
from pocketaws.sagemaker.monitor.monitor_statistics import Statistics, statistics_of
from pocketaws.sagemaker.monitor.monitor_violations import Comparison, compare, to_document

SAMPLE_PATH = Path(__file__).parents[2] / "data" / "abalone-sample.csv"
Found = list[tuple[str, str]]


def table(**columns: str) -> Dataset:
    """Make a dataset of words, such as `table(sex="M F F")`; a dash is a missing value."""
    words = (text.split() for text in columns.values())
    cells = tuple(tuple("" if word == "-" else word for word in column) for column in words)
    return Dataset(tuple(columns), cells, positional=False)


def compared(
    baseline: Dataset, current: Dataset, *, constraints: Constraints | None = None, **config: Any
) -> Comparison:
    before = statistics_of(baseline)
    constraints = constraints or suggest(before)
    constraints = replace(constraints, config=replace(constraints.config, **config))
    names = [feature.name for feature in constraints.features]
    current = current.named_after(names)
    return compare(current, statistics_of(current), constraints, before)


def checks(comparison: Comparison) -> Found:
    return [(found.feature_name, found.constraint_check_type) for found in comparison.violations]


def test_the_baseline_itself_violates_nothing() -> None:
    dataset = table(rings="1 2 3", sex="M F F", note="- - x")

    assert compared(dataset, dataset).violations == ()


def test_a_value_of_another_type_violates() -> None:
    comparison = compared(table(rings="1 2 3 4"), table(rings="1 2 3 0.5"))

    assert checks(comparison) == [("rings", "data_type_check")]
    assert comparison.violations[0].description == (
        "Data type match requirement is not met. Expected data type: Integral, Expected match: "
        "100.0%. Observed: Only 75.0% of data is Integral."
    )


def test_an_integer_fits_a_fractional_and_anything_a_string() -> None:
    baseline = table(length="0.5 0.6", sex="1 M")

    assert compared(baseline, table(length="1 2", sex="1 1")).violations == ()


def test_as_many_of_another_type_as_the_threshold_allows_are_no_violation() -> None:
    current = table(rings="1 2 3 x")

    assert compared(table(rings="1 2"), current, datatype_check_threshold=0.75).violations == ()
    assert checks(compared(table(rings="1 2"), current, datatype_check_threshold=0.76))


def test_missing_values_violate_completeness_and_not_the_type() -> None:
    comparison = compared(table(rings="1 2 3 4"), table(rings="1 - 3 4"))

    assert checks(comparison) == [("rings", "completeness_check")]
    assert "Observed: Only 75.0% of data is complete" in comparison.violations[0].description


def test_a_column_that_lacked_values_before_may_lack_as_many() -> None:
    assert compared(table(rings="1 - 3"), table(rings="1 2 -")).violations == ()


def test_a_value_outside_of_the_domain_violates() -> None:
    comparison = compared(table(sex="M F F"), table(sex="M F X F"))

    assert checks(comparison) == [("sex", "categorical_values_check")]
    assert "Observed: Only 75.0%" in comparison.violations[0].description


def test_columns_that_are_missing_and_extra_violate() -> None:
    comparison = compared(table(a="1", b="2"), table(b="2", c="3", d="4"))

    counts = "Number of columns in current dataset: 3, Number of columns in baseline constraints: 2"
    assert to_document(comparison.violations) == {
        "violations": [
            {
                "feature_name": "Missing columns",
                "constraint_check_type": "missing_column_check",
                "description": f"There are missing columns in current dataset. {counts}",
            },
            {
                "feature_name": "Extra columns",
                "constraint_check_type": "extra_column_check",
                "description": f"There are extra columns in current dataset. {counts}",
            },
        ]
    }


@pytest.mark.parametrize(
    ("width", "check"), [(1, "missing_column_check"), (3, "extra_column_check")]
)
def test_columns_by_position_are_not_compared_where_their_number_differs(
    width: int, check: str
) -> None:
    current = Dataset(tuple(f"_c{n}" for n in range(width)), (("x",),) * width, positional=True)

    comparison = compared(table(a="1", b="2"), current)

    assert [found for _, found in checks(comparison)] == [check]


def test_columns_by_position_take_the_names_of_the_baseline() -> None:
    current = Dataset(("_c0", "_c1"), (("1",), ("x",)), positional=True)

    assert checks(compared(table(a="1", b="2"), current)) == [("b", "data_type_check")]


def test_a_distribution_that_moved_drifts_and_says_how_far() -> None:
    before = Dataset(("x",), (tuple(map(str, range(1000))),), positional=False)
    after = Dataset(("x",), (tuple(map(str, range(500, 1500))),), positional=False)

    comparison = compared(before, after)

    assert checks(comparison) == [("x", "baseline_drift_check")]
    assert comparison.distances["x"] == pytest.approx(0.5 - 1.8 * np.sqrt(2 / 1000))
    text = f"Baseline drift distance: {comparison.distances['x']} exceeds threshold: 0.1"
    assert comparison.violations[0].description == text


def test_strings_have_a_threshold_of_their_own_where_one_is_set() -> None:
    before, after = table(sex=" ".join("MMFF" * 99)), table(sex=" ".join("MMMF" * 99))

    simple: dict[str, Any] = {"comparison_method": "Simple", "comparison_threshold": 0.1}

    assert checks(compared(before, after, **simple, categorical_comparison_threshold=None))
    assert not checks(compared(before, after, **simple, categorical_comparison_threshold=0.3))


@pytest.mark.parametrize("switch", ["evaluate_constraints", "perform_comparison"])
def test_what_is_switched_off_is_not_found(switch: str) -> None:
    before = Dataset(("x",), (tuple(map(str, range(1000))),), positional=False)
    after = Dataset(("x",), (("5000",) * 1000,), positional=False)

    assert checks(compared(before, after)) == [("x", "baseline_drift_check")]
    switched_off: dict[str, Any] = {switch: False}
    assert compared(before, after, **switched_off) == Comparison()


def test_a_column_can_be_left_out_by_its_override() -> None:
    baseline = table(a="1 2", b="1 2")
    suggested = suggest(statistics_of(baseline))
    first = replace(suggested.features[0], overrides={"evaluate_constraints": "Disabled"})
    edited = Constraints((first, suggested.features[1]))

    comparison = compared(baseline, table(a="x y", b="x y"), constraints=edited)

    assert checks(comparison) == [("b", "data_type_check")]


def test_without_baseline_statistics_nothing_drifts() -> None:
    baseline, current = table(a=" ".join("123" * 99)), table(a=" ".join("789" * 99))

    constraints = suggest(statistics_of(baseline))

    assert compare(current, statistics_of(current), constraints, None) == Comparison()


def test_chi_squared_is_refused_and_not_replaced() -> None:
    with pytest.raises(AnalysisError, match=r"categorical_drift_method='ChiSquared' is not repr"):
        compared(table(sex="M"), table(sex="F"), categorical_drift_method="ChiSquared")


# Of the sample: sex, seven measures, of which three are lengths, and rings.
LENGTHS = ("_c1", "_c2", "_c3")
ROWS = np.array([line.split(",") for line in SAMPLE_PATH.read_text().splitlines()])
TRAINING_ROWS = 2900


def abalones(rows: np.ndarray) -> Dataset:
    names = tuple(f"_c{index}" for index in range(rows.shape[1]))
    return Dataset(names, tuple(tuple(map(str, column)) for column in rows.T), positional=True)


def grown(rows: np.ndarray) -> np.ndarray:
    longer = rows.copy()
    longer[:, 1:4] = (rows[:, 1:4].astype(float) * 1.3).round(4)
    return longer


def drawn(seed: int, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Split the sample: what a model was trained with, and what is measured later."""
    order = np.random.default_rng(seed).permutation(len(ROWS))
    return ROWS[order[:TRAINING_ROWS]], ROWS[order[TRAINING_ROWS : TRAINING_ROWS + count]]


@pytest.mark.parametrize("count", [200, 400, 1200])
@pytest.mark.parametrize("seed", range(3))
def test_longer_abalones_drift_on_exactly_their_lengths(seed: int, count: int) -> None:
    before, after = drawn(seed, count)

    comparison = compared(abalones(before), abalones(grown(after)))

    assert checks(comparison) == [(name, "baseline_drift_check") for name in LENGTHS]


@pytest.mark.parametrize("count", [200, 400])
@pytest.mark.parametrize("seed", range(10))
def test_other_abalones_of_the_same_kind_do_not_drift(seed: int, count: int) -> None:
    before, after = drawn(seed, count)

    comparison = compared(abalones(before), abalones(after))

    drifted = [name for name, check in checks(comparison) if check == "baseline_drift_check"]
    assert drifted == []
    assert max(comparison.distances.values()) < MonitoringConfig().comparison_threshold


def test_statistics_of_an_unknown_column_are_compared_with_nothing() -> None:
    baseline: Statistics = statistics_of(table(other="1"))
    current = table(a="1 2")

    comparison = compare(current, statistics_of(current), suggest(statistics_of(current)), baseline)

    assert comparison == Comparison()
