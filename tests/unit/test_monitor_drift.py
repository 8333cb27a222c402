"""Distances of distributions, held to Deequ's own tests, to pandas and to counting."""

import math
from collections import Counter

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pocketaws.sagemaker.monitor.monitor_drift import categorical_distance, numerical_distance
from pocketaws.sagemaker.monitor.monitor_sketch import Sketch, sketch_of

BEFORE = {"a": 11, "b": 20, "c": 25, "d": 10, "e": 10}
SMALL_INTEGERS = st.lists(st.integers(0, 9), min_size=1, max_size=60)


def correction(n: int, m: int) -> float:
    return 1.8 * math.sqrt((n + m) / (n * m))


# The expected numbers are those of awslabs/deequ, KLLDistanceTest.scala.
@pytest.mark.parametrize(("robust", "expected"), [(False, 0.25), (True, 0.0)])
def test_numbers_are_as_far_apart_as_deequ_says(*, robust: bool, expected: float) -> None:
    one, other = Sketch(((1.0, 2.0, 3.0, 4.0),)), Sketch(((2.0, 3.0, 4.0, 5.0),))

    assert numerical_distance(one, other, robust=robust) == expected


@pytest.mark.parametrize(
    ("baseline", "robust", "expected"),
    [
        (BEFORE, False, 0.06015037593984962),
        (BEFORE, True, 0.0),
        ({"f": 11, "a": 20, "c": 25, "d": 10, "e": 10}, False, 0.2857142857142857),
        ({"f": 11, "a": 20, "c": 25, "d": 10, "e": 10}, True, 0.0),
    ],
)
def test_strings_are_as_far_apart_as_deequ_says(
    baseline: dict[str, int], *, robust: bool, expected: float
) -> None:
    current = {"a": 10, "b": 20, "c": 25, "d": 10, "e": 5}

    assert categorical_distance(current, baseline, robust=robust) == pytest.approx(expected)


@settings(deadline=None)  # pandas' first call is slow
@given(SMALL_INTEGERS, SMALL_INTEGERS)
def test_the_distance_is_the_greatest_difference_of_empirical_distributions(
    one: list[int], other: list[int]
) -> None:
    found = numerical_distance(
        sketch_of(np.array(one, float)), sketch_of(np.array(other, float)), robust=False
    )

    shares = [pd.Series(values).value_counts(normalize=True) for values in (one, other)]
    aligned = pd.concat(shares, axis=1).fillna(0).sort_index().cumsum()
    assert found == pytest.approx((aligned.iloc[:, 0] - aligned.iloc[:, 1]).abs().max(), abs=1e-12)


@given(SMALL_INTEGERS, SMALL_INTEGERS)
def test_a_distance_has_no_direction_and_none_to_itself(one: list[int], other: list[int]) -> None:
    a, b = sketch_of(np.array(one, float)), sketch_of(np.array(other, float))

    there = numerical_distance(a, b, robust=False)
    assert there == numerical_distance(b, a, robust=False)
    assert 0 <= there <= 1
    assert numerical_distance(a, a, robust=False) == 0


@given(SMALL_INTEGERS, SMALL_INTEGERS)
def test_the_robust_distance_takes_off_what_chance_explains(
    one: list[int], other: list[int]
) -> None:
    counts = [dict(Counter(map(str, values))) for values in (one, other)]

    robust = categorical_distance(*counts, robust=True)

    simple = categorical_distance(*counts, robust=False)
    assert robust == pytest.approx(max(0, simple - correction(len(one), len(other))))


def test_disjoint_samples_are_as_far_apart_as_can_be() -> None:
    low, high = sketch_of(np.arange(5000.0)), sketch_of(np.arange(5000.0) + 1e6)

    assert numerical_distance(low, high, robust=False) == 1
    assert numerical_distance(low, high, robust=True) == pytest.approx(1 - correction(5000, 5000))


def test_large_sketches_give_nearly_the_exact_distance() -> None:
    random = np.random.default_rng(1)
    one, other = random.normal(size=40_000), random.normal(0.3, size=30_000)

    found = numerical_distance(sketch_of(one), sketch_of(other), robust=False)

    at = np.sort(np.concatenate([one, other]))
    exact = [np.searchsorted(np.sort(values), at, "right") / len(values) for values in (one, other)]
    assert found == pytest.approx(np.abs(exact[0] - exact[1]).max(), abs=0.003)
