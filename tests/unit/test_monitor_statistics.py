"""Statistics and sketches, held to numpy and pandas."""

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pocketaws.sagemaker.monitor.monitor_dataset import Dataset
from pocketaws.sagemaker.monitor.monitor_settings import AnalysisError
from pocketaws.sagemaker.monitor.monitor_sketch import Sketch, sketch_of
from pocketaws.sagemaker.monitor.monitor_statistics import (
    Feature,
    from_document,
    statistics_of,
    to_document,
)

FLOATS = st.floats(min_value=-1e9, max_value=1e9, allow_nan=False)
CELLS = st.one_of(
    st.just(""),
    st.integers(-(10**9), 10**9).map(str),
    FLOATS.map(repr),
    st.sampled_from(["M", "F", "nan", "true"]),
)


def one_column(cells: list[str]) -> Dataset:
    return Dataset(("x",), (tuple(cells),), positional=False)


def feature_of(cells: list[str]) -> Feature:
    return statistics_of(one_column(cells)).features[0]


@settings(deadline=None)  # pandas' first call is slow
@given(st.lists(st.one_of(st.none(), FLOATS), min_size=1, max_size=80).filter(any))
def test_numbers_are_what_pandas_computes_over_the_population(values: list[float | None]) -> None:
    feature = feature_of(["" if value is None else repr(value) for value in values])

    read = pd.Series(values, dtype=float)
    assert (feature.num_present, feature.num_missing) == (read.count(), read.isna().sum())
    assert feature.numbers is not None
    assert feature.numbers.mean == pytest.approx(read.mean(), rel=1e-9, abs=1e-6)
    assert feature.numbers.sum == pytest.approx(read.sum(), rel=1e-9, abs=1e-6)
    assert feature.numbers.std_dev == pytest.approx(read.std(ddof=0), rel=1e-6, abs=1e-6)
    assert (feature.numbers.min, feature.numbers.max) == (read.min(), read.max())


@pytest.mark.parametrize(
    ("cells", "inferred_type"),
    [
        (["1", "-2", "+3"], "Integral"),
        (["1", "2.0"], "Fractional"),
        (["9.5e-05", "1", ".5", "2."], "Fractional"),
        (["1", "M"], "String"),
        (["true", "false"], "String"),
        (["1e999", "1"], "String"),
        (["1", "", "nan", "NaN"], "Integral"),
        (["", "nan"], "Unknown"),
    ],
)
def test_a_type_is_inferred_as_deequ_does(cells: list[str], inferred_type: str) -> None:
    assert feature_of(cells).inferred_type == inferred_type


def test_the_buckets_are_ten_of_equal_width_and_hold_every_value() -> None:
    random = np.random.default_rng(4)
    values = random.normal(size=1500).round(6)

    document = to_document(statistics_of(one_column(list(map(str, values)))))

    buckets = document["features"][0]["numerical_statistics"]["distribution"]["kll"]["buckets"]
    counts, edges = np.histogram(values, bins=10)
    assert [bucket["count"] for bucket in buckets] == counts.tolist()
    assert [bucket["lower_bound"] for bucket in buckets] == pytest.approx(edges[:-1])
    assert [bucket["upper_bound"] for bucket in buckets] == pytest.approx(edges[1:])


def test_a_constant_column_lies_in_the_last_bucket() -> None:
    document = to_document(statistics_of(one_column(["3"] * 5)))

    kll = document["features"][0]["numerical_statistics"]["distribution"]["kll"]
    assert [bucket["count"] for bucket in kll["buckets"]] == [0] * 9 + [5]
    assert kll["sketch"] == {"parameters": {"c": 0.64, "k": 2048.0}, "data": [[3.0] * 5]}


def test_strings_are_counted_by_value() -> None:
    document = to_document(statistics_of(one_column(["M", "F", "M", ""])))

    assert document["features"] == [
        {
            "name": "x",
            "inferred_type": "String",
            "string_statistics": {
                "common": {"num_present": 3, "num_missing": 1},
                "distinct_count": 2,
                "distribution": {
                    "categorical": {
                        "buckets": [{"value": "M", "count": 2}, {"value": "F", "count": 1}]
                    }
                },
            },
        }
    ]


def test_strings_of_high_cardinality_are_not_listed() -> None:
    document = to_document(statistics_of(one_column([f"name {n}" for n in range(121)])))

    statistics = document["features"][0]["string_statistics"]
    assert statistics["distinct_count"] == 121
    assert "distribution" not in statistics


@given(st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=30))
def test_statistics_survive_their_file(rows: list[tuple[str, str]]) -> None:
    statistics = statistics_of(Dataset(("a", "b"), tuple(zip(*rows, strict=True)), positional=True))

    assert from_document(json.loads(json.dumps(to_document(statistics)))) == statistics


@pytest.mark.parametrize("document", [{}, [], None, {"dataset": {"item_count": 1}}])
def test_a_file_that_is_no_statistics_is_refused_by_name(document: object) -> None:
    with pytest.raises(AnalysisError, match=r"baseline_statistics: no statistics\.json"):
        from_document(document)


@given(st.lists(FLOATS, min_size=1, max_size=200))
def test_a_small_sketch_holds_every_value_in_order(values: list[float]) -> None:
    assert sketch_of(np.array(values)) == Sketch((tuple(values),))


@pytest.mark.parametrize("count", [2050, 2051, 10_000, 200_000])
def test_a_large_sketch_keeps_the_count_and_nearly_all_of_the_ranks(count: int) -> None:
    values = np.random.default_rng(count).lognormal(size=count)

    sketch = sketch_of(values)

    items, ranks = sketch.cumulative()
    true_ranks = np.searchsorted(np.sort(values), items, side="right")
    assert sketch.count == count
    assert sum(map(len, sketch.levels)) < 6200
    assert np.abs(ranks - true_ranks).max() / count < 0.002


def test_a_sketch_of_sorted_values_keeps_the_ranks_too() -> None:
    values = np.arange(100_000, dtype=np.float64)

    items, ranks = sketch_of(values).cumulative()

    assert np.abs(ranks - (items + 1)).max() / 100_000 < 0.002


def test_the_same_data_gives_the_same_sketch() -> None:
    values = np.random.default_rng(2).normal(size=9000)

    assert sketch_of(values) == sketch_of(values.copy())
