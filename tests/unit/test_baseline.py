"""The baseline that an evaluation leaves: statistics of training rows and of test predictions."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.unit.evaluation_container import (
    CANDIDATE,
    TABLE,
    Container,
    as_csv,
    make_table,
    predictions,
)
from tests.unit.modules import PROJECT_DIR, load

jobs = load("jobs", parent=PROJECT_DIR)
baseline = jobs.baseline
TRAIN = make_table(1000, seed=5)


@pytest.fixture
def container(tmp_path: Path) -> Container:
    """Rows to train on and to test with, and a candidate."""
    made = Container(tmp_path)
    made.put_rows(as_csv(TABLE))
    made.put_model(CANDIDATE)
    put_train(made, as_csv(TRAIN[:300]), "a.csv")
    put_train(made, as_csv(TRAIN[300:]), "b.csv")
    return made


def put_train(container: Container, text: str, name: str = "part-algo-1-0.csv") -> None:
    path = container.root / "input" / "train" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def drawn(container: Container) -> dict[str, Any]:
    assert container.run("--train-dir", str(container.root / "input" / "train")) == 0
    return container.read("baseline.json")


def test_the_numbers_are_those_of_all_training_rows(container: Container) -> None:
    document = drawn(container)

    lengths, column = document["features"][0], TRAIN[:, 1]
    assert (document["schema"], document["rows"], lengths["rows"]) == ("baseline/1", 1000, 1000)
    assert (lengths["name"], lengths["kind"], lengths["missing"]) == ("length", "number", 0)
    assert (lengths["minimum"], lengths["maximum"]) == (column.min(), column.max())
    assert lengths["mean"] == pytest.approx(column.mean(), rel=1e-12)
    assert lengths["standard_deviation"] == pytest.approx(column.std(ddof=1), rel=1e-12)


def test_every_bin_is_closed_above_and_holds_about_the_same_number(container: Container) -> None:
    lengths = drawn(container)["features"][0]

    edges = [-np.inf, *lengths["edges"], np.inf]
    for low, high, count in zip(edges, edges[1:], lengths["counts"], strict=False):
        assert count == ((TRAIN[:, 1] > low) & (TRAIN[:, 1] <= high)).sum()
    assert sum(lengths["counts"]) == 1000
    assert max(lengths["counts"]) < 1.5 * 1000 / baseline.BINS


def test_the_values_of_a_category_are_counted(container: Container) -> None:
    sex = drawn(container)["features"][-1]

    assert (sex["name"], sex["kind"]) == ("sex", "category")
    assert sex["columns"] == ["sex_F", "sex_I", "sex_M"]
    assert [*sex["counts"].values()] == TRAIN[:, 8:].sum(axis=0).tolist()
    assert [*sex["counts"]] == ["F", "I", "M"]


def test_the_predictions_are_those_of_the_test_rows_and_the_quality_is_the_evaluations(
    container: Container,
) -> None:
    document = drawn(container)

    predicted, expected = document["predictions"], predictions(CANDIDATE)
    assert (predicted["rows"], predicted["maximum"]) == (300, pytest.approx(expected.max()))
    assert predicted["mean"] == pytest.approx(expected.mean())
    evaluation = container.evaluation
    assert document["quality"] == {key: evaluation[key] for key in document["quality"]}
    assert document["quality"].keys() == {"regression_metrics", "rows", "by_sex"}


def test_without_training_rows_given_there_is_no_baseline_not_even_an_old_one(
    container: Container,
) -> None:
    drawn(container)

    assert container.run() == 0

    assert not (container.root / "output" / "baseline.json").exists()


@pytest.mark.parametrize(
    ("text", "told"),
    [("", "there are no training rows in"), ("1,2\n", "part-algo-1-0.csv line 1")],
)
def test_training_rows_that_cannot_be_used_fail_the_job(
    tmp_path: Path, text: str, told: str
) -> None:
    container = Container(tmp_path)
    container.put_rows(as_csv(TABLE))
    container.put_model(CANDIDATE)
    put_train(container, text)

    assert container.run("--train-dir", str(tmp_path / "input" / "train")) == 1

    assert told in container.message
    assert not (tmp_path / "output" / "evaluation.json").exists()


def test_a_folder_that_is_not_there_names_the_argument(container: Container) -> None:
    assert container.run("--train-dir", str(container.root / "none")) == 1

    assert "none does not exist; check --train-dir" in container.message


@pytest.mark.parametrize(
    ("values", "edges"),
    [
        ([3.0] * 10, [3.0]),
        ([0.0] * 5 + [1.0] * 5, [0.0, 1.0]),
        ([7.0], [7.0]),
        ([1e300, -1e300, 0.0], [-1e300, 0.0, 1e300]),
    ],
    ids=["a constant", "two values", "one row", "heavy tails"],
)
def test_edges_are_values_each_once(values: list[float], edges: list[float]) -> None:
    assert baseline.quantile_edges(np.array(values)).tolist() == edges


@pytest.mark.parametrize("seed", range(20))
def test_a_value_that_alone_makes_up_a_bins_share_is_an_edge(seed: int) -> None:
    made = np.random.default_rng(seed)
    values = made.geometric(0.1, 3000).astype(float)

    edges = set(baseline.quantile_edges(values).tolist())

    heavy = [v for v in np.unique(values) if (values == v).mean() >= 1 / baseline.BINS]
    assert set(heavy) <= edges


def test_statistics_in_pieces_are_those_of_the_whole() -> None:
    values = np.random.default_rng(3).lognormal(0, 3, 10_000)
    whole = baseline.NumberStatistics("x", baseline.quantile_edges(values))
    pieces = baseline.NumberStatistics("x", whole.edges)
    whole.add(values)
    for piece in np.array_split(values, 37):
        pieces.add(piece)

    one, other = whole.document(), pieces.document()
    assert one["counts"] == other["counts"]
    assert one["mean"] == pytest.approx(other["mean"], rel=1e-12)
    assert one["standard_deviation"] == pytest.approx(other["standard_deviation"], rel=1e-12)


def test_a_sample_of_many_rows_is_evenly_spaced_and_bounded(tmp_path: Path) -> None:
    for index in range(4):
        (tmp_path / f"{index}.csv").write_text(as_csv(TRAIN[250 * index : 250 * (index + 1)]))

    sample = baseline.sample_rows(tmp_path, limit=64)

    assert sample.tolist() == read_back(TRAIN)[::16].tolist()


def read_back(table: np.ndarray) -> np.ndarray:
    return np.array([[float(x) for x in line.split(",")] for line in as_csv(table).splitlines()])


@pytest.mark.slow
def test_memory_does_not_grow_with_the_training_rows(tmp_path: Path) -> None:
    text = as_csv(make_table(50_000, seed=7))
    peaks = []
    for times in (4, 16):
        folder = tmp_path / str(times)
        folder.mkdir()
        for index in range(times):
            (folder / f"{index}.csv").write_text(text)
        code = (
            "import resource, sys, pathlib, numpy as np; "
            f"sys.path.insert(0, {str(PROJECT_DIR / 'jobs')!r}); import baseline; "
            f"folder = pathlib.Path({str(folder)!r}); "
            "baseline.draw_baseline(folder, lambda: [np.arange(9.0)], {}); "
            "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
        )
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        )
        peaks.append(int(done.stdout))

    assert peaks[1] <= 1.2 * peaks[0]
