"""The monitor's statistics against scipy's, on the same samples."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable

import numpy as np
import pytest
import scipy.spatial.distance
import scipy.special
import scipy.stats
from numpy.typing import NDArray

from tests.unit.modules import PROJECT_DIR, load

pytestmark = pytest.mark.slow

jobs = load("jobs", parent=PROJECT_DIR)
divergence, significance = jobs.divergence, jobs.significance
Floats = NDArray[np.float64]

SHAPES: dict[str, Callable[[np.random.Generator, int], Floats]] = {
    "normal": lambda made, n: made.normal(size=n),
    "shifted": lambda made, n: made.normal(0.3, 1.2, size=n),
    "heavy tails": lambda made, n: made.standard_cauchy(size=n),
    "very heavy tails": lambda made, n: made.pareto(0.3, size=n),
    "ties": lambda made, n: made.integers(0, 12, size=n).astype(float),
    "half ties": lambda made, n: np.where(made.random(n) < 0.5, 0.0, made.normal(size=n)),
    "constant": lambda _, n: np.full(n, 3.0),
    "rounded": lambda made, n: made.normal(size=n).round(2),
}
SIZES = ((3000, 1), (3000, 50), (3000, 700), (400, 9000), (30, 30))
PAIRS = [
    *itertools.product([(name, name) for name in SHAPES], SIZES),
    *itertools.product([("normal", "shifted"), ("ties", "normal"), ("constant", "ties")], SIZES),
]
CASES = [(*names, *sizes, seed) for (names, sizes), seed in itertools.product(PAIRS, range(4))]


def binned(before: Floats, now: Floats) -> tuple[list[int], list[int]]:
    """Count both samples in the bins of the first, as baseline and monitor do."""
    edges = jobs.baseline.quantile_edges(before)
    counted = []
    for values in (before, now):
        column = {"name": "x", "minimum": 0.0, "maximum": 0.0, "edges": edges.tolist()}
        counts = jobs.column_counts.NumberCounts.like(column)
        counts.add_texts(map(repr, values.tolist()))
        counted.append(counts.counts)
    return counted[0], counted[1]


def test_there_are_as_many_cases_as_promised() -> None:
    assert len(CASES) >= 200


@pytest.mark.parametrize(("shape", "other", "rows", "other_rows", "seed"), CASES)
def test_the_distance_of_histograms_is_scipys_but_for_what_is_inside_a_bin(
    shape: str, other: str, rows: int, other_rows: int, seed: int
) -> None:
    made = np.random.default_rng(seed)
    before, now = SHAPES[shape](made, rows), SHAPES[other](made, other_rows)

    counts, now_counts = binned(before, now)
    distance = divergence.kolmogorov_distance(counts, now_counts)

    exact = scipy.stats.ks_2samp(before, now, method="asymp")
    inside = np.minimum(np.array(counts) / rows, np.array(now_counts) / other_rows).max()
    assert exact.statistic - inside - 1e-12 <= distance <= exact.statistic + 1e-12
    if len(np.unique(before)) <= 12 and np.isin(now, before).all():
        assert distance == pytest.approx(exact.statistic, abs=1e-12)


@pytest.mark.parametrize(("shape", "other", "rows", "other_rows", "seed"), CASES)
def test_what_is_summed_over_bins_is_scipys(
    shape: str, other: str, rows: int, other_rows: int, seed: int
) -> None:
    made = np.random.default_rng(seed)
    pair = binned(SHAPES[shape](made, rows), SHAPES[other](made, other_rows))

    p, q = (np.array(counts, float) for counts in divergence.grouped(*pair, 10)[:2])
    smooth, other_smooth = (p + 0.5) / (p + 0.5).sum(), (q + 0.5) / (q + 0.5).sum()
    psi = scipy.stats.entropy(smooth, other_smooth) + scipy.stats.entropy(other_smooth, smooth)
    assert divergence.stability_index([*p], [*q]) == pytest.approx(psi, rel=1e-9, abs=1e-12)
    js = scipy.spatial.distance.jensenshannon(p, q, base=2)
    assert divergence.jensen_shannon([*p], [*q]) == pytest.approx(js, abs=1e-7)
    pooled = np.array(divergence.pooled([*p], [*q]))
    statistic, freedom = divergence.chi_squared([*p], [*q])
    if pooled.shape[1] < 2:
        assert (statistic, freedom) == (0.0, 0)
        return
    expected = scipy.stats.chi2_contingency(pooled, correction=False)
    assert statistic == pytest.approx(expected.statistic, rel=1e-9, abs=1e-9)
    assert freedom == expected.dof
    assert significance.chi_squared_p(statistic, freedom) == pytest.approx(
        expected.pvalue, rel=1e-8, abs=1e-300
    )


@pytest.mark.parametrize(("rows", "other_rows"), [(50, 2900), (500, 2900), (50_000, 2900)])
@pytest.mark.parametrize("scaled", np.linspace(0.05, 3.5, 24).tolist())
def test_p_values_of_distances_are_scipys(rows: int, other_rows: int, scaled: float) -> None:
    n = rows * other_rows / (rows + other_rows)
    distance = scaled / math.sqrt(n)

    found = significance.kolmogorov_p(distance, rows, other_rows)

    expected = scipy.stats.kstwo.sf(distance, round(n))
    assert found == pytest.approx(expected, abs=0.015)
    if expected < 0.01:
        # Where it is tiny, the approximation is the larger one: no alarm comes of it.
        assert found == pytest.approx(expected, rel=0.25, abs=1e-7)
        assert found >= 0.75 * expected


@pytest.mark.parametrize("x", np.geomspace(0.05, 6, 40).tolist())
def test_kolmogorovs_limit_is_scipys(x: float) -> None:
    found = significance.kolmogorov_survival(x)

    assert found == pytest.approx(scipy.special.kolmogorov(x), rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("freedom", [1, 2, 3, 7, 40, 200])
@pytest.mark.parametrize("x", np.geomspace(1e-6, 900, 25).tolist())
def test_chi_squareds_tail_is_scipys(freedom: int, x: float) -> None:
    found = significance.chi_squared_p(x, freedom)

    assert found == pytest.approx(scipy.stats.chi2.sf(x, freedom), rel=1e-8, abs=1e-300)


@pytest.mark.parametrize("seed", range(20))
def test_adjusted_p_values_are_scipys(seed: int) -> None:
    made = np.random.default_rng(seed)
    p_values = made.random(1 + seed) ** made.choice([1, 4, 30])
    p_values[made.integers(len(p_values))] = p_values[0]

    found = significance.adjusted(p_values.tolist())

    np.testing.assert_allclose(found, scipy.stats.false_discovery_control(p_values), rtol=1e-12)


def test_empty_samples_are_no_difference() -> None:
    assert divergence.kolmogorov_distance([1, 2], [0, 0]) == 0
    assert divergence.jensen_shannon([1, 2], [0, 0]) == 0
    assert divergence.chi_squared([10, 20], [0, 0]) == (0.0, 0)
    assert significance.kolmogorov_p(0.0, 0, 100) == 1
    assert significance.chi_squared_p(0.0, 0) == 1
    assert significance.adjusted([]) == []


@pytest.mark.parametrize("groups", [1, 3, 10, 1000])
def test_grouping_loses_no_row_and_names_the_last_bin_of_each(groups: int) -> None:
    made = np.random.default_rng(groups)
    counts, other = made.integers(0, 50, (2, 64)).tolist()

    joined, other_joined, ends = divergence.grouped(counts, other, groups)

    assert (sum(joined), sum(other_joined), ends[-1]) == (sum(counts), sum(other), 63)
    starts = [0, *(end + 1 for end in ends)]
    for index, end in enumerate(ends):
        assert joined[index] == sum(counts[starts[index] : end + 1])
        assert other_joined[index] == sum(other[starts[index] : end + 1])
    assert ends == sorted(set(ends))
    assert len(ends) <= max(groups, 1) or groups > 64


@pytest.mark.parametrize("gone", [0, 1, 2])
def test_a_category_that_vanishes_is_a_difference(gone: int) -> None:
    before, now = [400, 300, 300], [400, 300, 300]
    now[gone] = 0

    p_value = significance.chi_squared_p(*divergence.chi_squared(before, now))

    assert p_value < 1e-9
    assert divergence.jensen_shannon(before, now) > 0.3
