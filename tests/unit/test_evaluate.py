"""`jobs/evaluate.py` and the modules beside it, and the script as a container runs it."""

from __future__ import annotations

import ast
import json
import pickle
import re
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xgboost as xgb
from sklearn.metrics import mean_absolute_error, mean_squared_error, r2_score

from tests.image_pythons import xgboost_python
from tests.unit.evaluation_container import (
    CANDIDATE,
    TABLE,
    Container,
    as_csv,
    jobs,
    make_table,
    predictions,
    train,
)
from tests.unit.modules import PROJECT_DIR

METRICS = ("mae", "mse", "rmse", "r2")


PRODUCTION = train(rounds=3)


@pytest.fixture
def empty(tmp_path: Path) -> Container:
    return Container(tmp_path)


@pytest.fixture
def container(empty: Container) -> Container:
    """Test rows in two parts, and a candidate."""
    empty.put_rows(as_csv(TABLE[:170]))
    empty.put_rows(as_csv(TABLE[170:]), "part-algo-2-3.csv")
    empty.put_model(CANDIDATE)
    return empty


def sklearn_metrics(actual: np.ndarray, predicted: np.ndarray) -> Any:
    mse = mean_squared_error(actual, predicted)
    values = (mean_absolute_error(actual, predicted), mse, mse**0.5, r2_score(actual, predicted))
    return pytest.approx(dict(zip(METRICS, values, strict=True)), rel=1e-9, abs=1e-9)


def values(judged: dict[str, Any]) -> dict[str, float]:
    return {name: metric["value"] for name, metric in judged["regression_metrics"].items()}


def deviations(judged: dict[str, Any]) -> dict[str, float]:
    metrics = judged["regression_metrics"].items()
    return {name: metric["standard_deviation"] for name, metric in metrics}


# --- The metrics ---------------------------------------------------------------------------------


def test_both_models_are_scored_on_the_same_rows_as_scikit_learn_scores_them(
    container: Container,
) -> None:
    container.put_model(PRODUCTION, "production")

    assert container.run() == 0

    for judged, booster in (
        (container.evaluation, CANDIDATE),
        (container.evaluation["production"], PRODUCTION),
    ):
        predicted = predictions(booster)
        assert judged["rows"] == 300
        assert values(judged) == sklearn_metrics(TABLE[:, 0], predicted)
        for index, sex in enumerate("FIM"):
            group = TABLE[:, 8 + index] == 1
            by_sex = judged["by_sex"][sex]
            assert by_sex["rows"] == group.sum()
            assert values(by_sex) == sklearn_metrics(TABLE[group, 0], predicted[group])


def test_the_file_has_the_schema_of_model_quality_and_null_for_no_production_model(
    container: Container,
) -> None:
    container.run()

    assert list(container.evaluation) == [
        *("regression_metrics", "rows", "by_sex", "production"),
        "not_compared",
    ]
    assert list(container.evaluation["regression_metrics"]) == list(METRICS)
    for metric in container.evaluation["regression_metrics"].values():
        assert list(metric) == ["value", "standard_deviation"]
    assert container.evaluation["production"] is None


def test_a_sex_without_rows_is_left_out(container: Container) -> None:
    container.put_rows("", "part-algo-2-3.csv")
    container.put_rows(as_csv(TABLE[TABLE[:, 9] == 0]))

    container.run()

    assert list(container.evaluation["by_sex"]) == ["F", "M"]


def test_chunks_do_not_change_the_results(
    container: Container, monkeypatch: pytest.MonkeyPatch
) -> None:
    container.run()
    whole = container.evaluation, container.report

    monkeypatch.setattr(jobs.encoded_rows, "CHUNK_ROWS", 37)
    container.run()

    assert container.evaluation == whole[0]
    assert container.report["predicted_against_actual"] == whole[1]["predicted_against_actual"]


@pytest.mark.parametrize("rows", [1, 64])
def test_blocks_change_the_last_digits_alone(
    container: Container, monkeypatch: pytest.MonkeyPatch, rows: int
) -> None:
    container.put_model(PRODUCTION, "production")
    names = ("evaluation.json", "report.json", "known-answers.json", "baseline.json")
    train_dir = container.root / "input" / "test"
    container.run("--train-dir", str(train_dir))
    whole = {name: container.read(name) for name in names}

    monkeypatch.setattr(jobs.kept_columns, "BLOCK_ROWS", rows)
    container.run("--train-dir", str(train_dir))

    for name in names:
        assert rounded(container.read(name)) == rounded(whole[name])


def rounded(found: Any) -> Any:
    """Return numbers with eleven digits."""
    if isinstance(found, dict):
        return {key: rounded(value) for key, value in found.items()}
    if isinstance(found, list):
        return [*map(rounded, found)]
    return f"{found:.11g}" if isinstance(found, float) else found


def parts_of(actual: np.ndarray, predicted: np.ndarray) -> Any:
    """Return rows of one group, as they come."""
    return lambda: [(0, jobs.metrics.Part(actual, predicted, None))]


@pytest.mark.parametrize("rows", [0, 3])
def test_nothing_but_the_documents_is_left_in_the_folder_of_the_output(
    container: Container, rows: int
) -> None:
    """What is kept of the rows has no name: it would be uploaded."""
    container.put_rows("", "part-algo-2-3.csv")
    container.put_rows(as_csv(TABLE[:rows]))

    container.run()

    left = sorted(path.name for path in (container.root / "output").iterdir())
    names = ["evaluation.json", "known-answers.json", "report.json"]
    assert left == (names if rows else [])


def test_the_standard_deviations_are_those_of_a_bootstrap() -> None:
    made = np.random.default_rng(3)
    actual = made.poisson(9, 2000).astype(float)
    predicted = actual + made.normal(0.2, 0.5 + actual / 6)

    metrics = jobs.metrics.regression_metrics(parts_of(actual, predicted))[0]

    drawn = made.integers(0, 2000, (800, 2000))
    squared = (actual - predicted)[drawn] ** 2
    bootstrapped = {
        "mae": np.abs(actual - predicted)[drawn].mean(axis=1),
        "mse": squared.mean(axis=1),
        "rmse": squared.mean(axis=1) ** 0.5,
        "r2": 1 - squared.mean(axis=1) / actual[drawn].var(axis=1),
    }
    for name, metric in metrics.items():
        assert metric["standard_deviation"] == pytest.approx(bootstrapped[name].std(), rel=0.1)


@pytest.mark.parametrize(
    ("actual", "predicted", "r2"),
    [
        ([7.0], [8.0], 0.0),
        ([7.0], [7.0], 1.0),
        ([7.0, 7.0, 7.0], [6.0, 7.0, 9.0], 0.0),
        ([0.1] * 7, [0.1] * 7, 1.0),
        ([3.0, 5.0], [3.0, 5.0], 1.0),
        ([3.4e38, -3.4e38], [-3.4e38, 3.4e38], -3.0),
    ],
)
def test_every_number_is_finite_whatever_the_rows(
    actual: list[float], predicted: list[float], r2: float
) -> None:
    parts = parts_of(np.array(actual), np.array(predicted))
    metrics = jobs.metrics.regression_metrics(parts)[0]
    histogram = jobs.metrics.residual_histogram(parts)

    assert metrics["r2"]["value"] == pytest.approx(r2)
    assert np.isfinite([list(metric.values()) for metric in metrics.values()]).all()
    assert sum(histogram["counts"]) == len(actual)
    assert np.isfinite(histogram["edges"]).all()


def test_a_single_row_is_evaluated(container: Container) -> None:
    container.put_rows("", "part-algo-2-3.csv")
    container.put_rows(as_csv(TABLE[:1]))

    assert container.run() == 0

    assert container.evaluation["rows"] == 1
    assert set(deviations(container.evaluation).values()) == {0.0}
    assert len(container.report["predicted_against_actual"]) == 1


def test_rounds_after_the_best_are_not_used_as_the_endpoint_does_not(container: Container) -> None:
    stopped = train()
    stopped.set_attr(best_iteration="4")
    container.put_model(stopped)

    container.run()

    expected = sklearn_metrics(TABLE[:, 0], predictions(CANDIDATE, rounds=5))
    assert values(container.evaluation) == expected
    assert [point["rounds"] for point in container.report["learning_curve"]] == [1, 2, 3, 4, 5]


# --- The report ----------------------------------------------------------------------------------


def test_the_sample_is_of_rows_as_predicted_and_the_same_each_time(container: Container) -> None:
    container.run("--sample-size", "50")
    first = container.report["predicted_against_actual"]
    container.run("--sample-size", "50")

    assert container.report["predicted_against_actual"] == first
    assert len(first) == 50
    rows = set(zip(TABLE[:, 0].tolist(), predictions(CANDIDATE).tolist(), strict=True))
    assert {(pair["actual"], pair["predicted"]) for pair in first} <= rows


def test_the_known_answers_are_what_the_model_predicts_for_the_first_rows(
    container: Container,
) -> None:
    container.put_rows(as_csv(TABLE[:7]), "a.csv")
    container.put_rows(as_csv(TABLE[7:]))

    container.run()

    known = container.read("known-answers.json")
    rows = np.array([row["features"] for row in known["rows"]])
    assert rows.shape == (20, len(known["columns"]))
    np.testing.assert_allclose(rows, TABLE[:20, 1:], rtol=1e-6)
    predicted = CANDIDATE.predict(xgb.DMatrix(rows))
    np.testing.assert_allclose([row["predicted"] for row in known["rows"]], predicted, rtol=1e-6)


def test_a_sample_larger_than_the_test_rows_is_all_of_them(container: Container) -> None:
    container.run("--sample-size", "1000")

    pairs = container.report["predicted_against_actual"]
    assert [pair["actual"] for pair in pairs] == TABLE[:, 0].tolist()


def test_the_histogram_counts_every_residual(container: Container) -> None:
    container.run()

    histogram = container.report["residual_histogram"]
    residuals = TABLE[:, 0] - predictions(CANDIDATE)
    assert histogram["counts"] == np.histogram(residuals, bins=30)[0].tolist()
    assert (histogram["edges"][0], histogram["edges"][-1]) == (residuals.min(), residuals.max())


@pytest.mark.parametrize("named", [False, True])
def test_the_importance_is_the_gain_by_feature_and_zero_without_a_split(
    container: Container, *, named: bool
) -> None:
    stump = train(rounds=1, max_depth=1)
    stump.feature_names = [f"column {index}" for index in range(10)] if named else None
    container.put_model(stump)

    container.run()

    importance = container.report["feature_importance"]
    assert " ".join(importance) == (
        "length diameter height whole_weight shucked_weight viscera_weight shell_weight "
        "sex_F sex_I sex_M"
    )
    split_on = [name for name, gain in importance.items() if gain > 0]
    assert split_on in (["length"], ["whole_weight"])
    assert importance[split_on[0]] == next(iter(stump.get_score(importance_type="gain").values()))


@pytest.mark.parametrize("booster", [CANDIDATE, train(rounds=3, booster="gblinear")])
def test_the_contributions_are_the_mean_of_xgboosts_own_and_sum_up_to_the_predictions(
    container: Container, booster: xgb.Booster
) -> None:
    container.put_model(booster)

    container.run()

    rows = xgb.DMatrix(TABLE[:, 1:].astype(np.float32))
    contributions = booster.predict(rows, pred_contribs=True)
    np.testing.assert_allclose(contributions.sum(axis=1), booster.predict(rows), rtol=1e-4)
    told = container.report["shap"]
    assert told["rows"] == len(TABLE)
    expected = np.abs(contributions[:, :-1]).mean(axis=0)
    assert list(told["mean_absolute"].values()) == pytest.approx(expected.tolist(), rel=1e-4)
    assert list(told["mean_absolute"]) == container.read("known-answers.json")["columns"]


def test_of_many_rows_evenly_spaced_ones_are_kept() -> None:
    sample = jobs.sampling.SampledRows(1, 100)
    rows = np.arange(1000.0).reshape(-1, 1)

    for part in np.array_split(rows, 7):
        sample.add(part)

    assert sample.kept[:, 0].tolist() == list(range(0, 1000, 16))


def test_the_learning_curve_ends_at_the_mse_of_the_whole_model(container: Container) -> None:
    booster = train(rounds=120, eta=0.05)
    container.put_model(booster)

    container.run()

    curve = container.report["learning_curve"]
    rounds = [point["rounds"] for point in curve]
    assert (len(rounds), rounds[0], rounds[-1]) == (50, 1, 120)
    assert rounds == sorted(set(rounds))
    assert curve[-1]["mse"] == pytest.approx(values(container.evaluation)["mse"])
    for point in curve[::10]:
        predicted = predictions(booster, rounds=point["rounds"])
        assert point["mse"] == pytest.approx(mean_squared_error(TABLE[:, 0], predicted))


@pytest.mark.parametrize(
    "parameters",
    [{"objective": "count:poisson"}, {"booster": "dart", "rate_drop": 0.3}],
    ids=["a link function", "dart"],
)
@pytest.mark.slow
def test_other_boosters_are_scored_as_they_predict(
    container: Container, parameters: dict[str, Any]
) -> None:
    booster = train(**parameters)
    container.put_model(booster)

    assert container.run() == 0

    expected = sklearn_metrics(TABLE[:, 0], predictions(booster))
    assert values(container.evaluation) == expected
    assert len(container.report["learning_curve"]) == 12


def test_a_linear_booster_has_a_curve_of_one_point_and_no_importances(container: Container) -> None:
    linear = train(booster="gblinear")
    container.put_model(linear)

    assert container.run() == 0

    assert values(container.evaluation) == sklearn_metrics(TABLE[:, 0], predictions(linear))
    assert [point["rounds"] for point in container.report["learning_curve"]] == [12]
    assert container.report["feature_importance"] == {}


# --- What makes the job fail ---------------------------------------------------------------------

ROW = "15,0.455,0.365,0.095,0.514,0.2245,0.101,0.15,0,0,1"
BAD_LINES = {
    "a cell that is no number": (ROW.replace("0.095", "tall"), "'height', value 'tall'"),
    "an empty cell": (ROW.replace("0.095", ""), "'height', value ''"),
    "NaN": (ROW.replace("15", "nan", 1), "NaN or infinite (column 'rings', value 'nan')"),
    "beyond single precision": (ROW.replace("0.095", "1e39"), "too large for XGBoost"),
    "a column too few": (ROW[:-2], "wrong number of columns (10 instead of 11)"),
    "a column too many": (ROW + ",1", "wrong number of columns (12 instead of 11)"),
    "two sexes": (ROW[:-5] + "1,0,1", "exactly one of sex_F, sex_I, sex_M"),
    "no sex": (ROW[:-1] + "0", "exactly one of sex_F, sex_I, sex_M"),
}


@pytest.mark.parametrize(("line", "reason"), list(BAD_LINES.values()), ids=list(BAD_LINES))
def test_a_bad_line_fails_the_job_and_is_named(
    container: Container, line: str, reason: str
) -> None:
    container.put_rows(f"{ROW}\n\n{ROW}\n{line}\n", "sub/part.csv")

    assert container.run() == 1

    assert container.message.startswith("evaluation failed: sub/part.csv line 4: ")
    assert reason in container.message
    assert not (container.root / "output" / "evaluation.json").exists()


def test_rows_that_all_have_too_few_columns_fail_at_the_first(container: Container) -> None:
    container.put_rows("1,2\n3,4\n", "a.csv")

    assert container.run() == 1

    assert "a.csv line 1: wrong number of columns (2 instead of 11)" in container.message


def test_a_bad_line_has_its_number_in_any_chunk(
    container: Container, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs.encoded_rows, "CHUNK_ROWS", 2)
    container.put_rows(f"{ROW}\n" * 6 + "x\n", "a.csv")

    container.run()

    assert "a.csv line 7: " in container.message


@pytest.mark.parametrize("text", ["", "\n \n"], ids=["empty", "blank"])
def test_no_test_rows_fail_the_job(empty: Container, text: str) -> None:
    empty.put_model(CANDIDATE)
    empty.put_rows(text)

    assert empty.run() == 1

    assert "there are no test rows in" in empty.message


def test_hidden_files_are_not_read(container: Container) -> None:
    container.put_rows("x", ".part.csv")
    container.put_rows("x", "_SUCCESS")

    assert container.run() == 0

    assert container.evaluation["rows"] == 300


UBJSON = bytes(CANDIDATE.save_raw("ubj"))
BAD_ARCHIVES = {
    "without the model": ({"other": b"x"}, "holds no file xgboost-model"),
    "with the model in a folder": ({"a/xgboost-model": UBJSON}, "holds no file xgboost-model"),
    "with the model above": ({"../xgboost-model": UBJSON}, "holds no file xgboost-model"),
    "with an empty model": ({"xgboost-model": b""}, "holds no file xgboost-model"),
    "with half a model": ({"xgboost-model": UBJSON[:5000]}, "is not a model of XGBoost"),
    "with a text": ({"xgboost-model": b"hello"}, "is not a model of XGBoost"),
    "with some other JSON": ({"xgboost-model": b'{"a": 1}'}, "is not a model of XGBoost"),
    "with a pickle": ({"xgboost-model": pickle.dumps(CANDIDATE)}, "is not a model of XGBoost"),
}


@pytest.mark.parametrize(("members", "reason"), list(BAD_ARCHIVES.values()), ids=list(BAD_ARCHIVES))
def test_an_archive_that_is_not_a_model_fails_the_job(
    container: Container, members: dict[str, bytes], reason: str
) -> None:
    container.put_archive("candidate", **members)

    assert container.run() == 1

    assert reason in container.message
    assert "the candidate model's" in container.message
    assert "\n" not in container.message


# What production is compared with, and when it is not.
@pytest.mark.parametrize(("members", "reason"), list(BAD_ARCHIVES.values()), ids=list(BAD_ARCHIVES))
def test_a_production_model_that_cannot_be_read_is_not_compared_with(
    container: Container, members: dict[str, bytes], reason: str
) -> None:
    container.put_archive("production", **members)
    container.put_answers()

    assert container.run() == 0

    assert container.evaluation["production"] is None
    assert reason in container.evaluation["not_compared"]
    assert "the production model's" in container.evaluation["not_compared"]


FEATURES = jobs.rows.FEATURES
SWAPPED = (FEATURES[1], FEATURES[0], *FEATURES[2:])


@pytest.mark.parametrize(
    ("columns", "reason"),
    [
        (SWAPPED, f"the order was another, feature 1 was {FEATURES[1]} and is {FEATURES[0]}"),
        (FEATURES[1:], f"they lacked {FEATURES[0]}, which the test rows have"),
        ((*FEATURES, "age"), "they had age, which the test rows lack"),
        (
            ("age", *FEATURES[1:]),
            f"had age, which the test rows lack and they lacked {FEATURES[0]}",
        ),
    ],
)
def test_a_production_model_of_other_features_is_not_compared_with(
    container: Container, columns: tuple[str, ...], reason: str
) -> None:
    container.put_model(PRODUCTION, "production")
    container.put_answers(*columns)

    assert container.run() == 0

    assert container.evaluation["production"] is None
    assert (
        "the production model was trained on other rows: " in (container.evaluation["not_compared"])
    )
    assert reason in container.evaluation["not_compared"]


@pytest.mark.parametrize("content", [None, "", "{}", '{"columns": 7}', '{"columns": [1]}'])
def test_a_production_model_of_unknown_features_is_not_compared_with(
    container: Container, content: str | None
) -> None:
    container.put_model(PRODUCTION, "production")
    path = container.root / "input" / "production-answers" / "known-answers.json"
    path.unlink()
    if content is not None:
        path.write_text(content)

    assert container.run() == 0

    assert container.evaluation["production"] is None
    assert "nothing says which features" in container.evaluation["not_compared"]


def test_a_model_that_names_its_features_is_held_to_them(container: Container) -> None:
    named = train(rounds=3)
    named.feature_names = list(SWAPPED)
    container.put_model(named, "production")

    assert container.run() == 0

    assert (
        "the production model names other features: the order was another"
        in container.evaluation["not_compared"]
    )


@pytest.mark.parametrize("form", ["ubj", "json"])
def test_a_model_of_a_newer_xgboost_is_not_compared_with_in_an_older_image(
    container: Container, form: str
) -> None:
    container.put_archive("candidate", xgboost_model=trained_by("3.0", form))
    container.put_archive("production", xgboost_model=bytes(PRODUCTION.save_raw(form)))
    container.put_answers()

    process = container.start(python=xgboost_python("3.0"))

    assert process.returncode == 0, process.stderr
    assert container.evaluation["production"] is None
    assert container.evaluation["not_compared"].startswith(
        "the production model was written by XGBoost 3.2.0, which 3.0.5 reads wrongly"
    )


@pytest.mark.parametrize("form", ["ubj", "json"])
def test_a_model_of_an_older_xgboost_is_compared_with_in_a_newer_image(
    container: Container, form: str
) -> None:
    older = trained_by("3.0", form)
    container.put_archive("production", xgboost_model=older)
    container.put_answers()

    assert container.run() == 0

    expected = predictions(xgb.Booster(model_file=bytearray(older)))
    production = container.evaluation["production"]["regression_metrics"]["mse"]["value"]
    assert container.evaluation["not_compared"] is None
    assert production == pytest.approx(mean_squared_error(TABLE[:, 0], expected), rel=1e-9)


def trained_by(version: str, form: str) -> bytes:
    """Return a model that the library of an XGBoost image has trained and written."""
    table = make_table(400, seed=2).tolist()
    script = (
        "import json, sys, numpy as np, xgboost as xgb\n"
        "table = np.array(json.load(sys.stdin))\n"
        "booster = xgb.train({'nthread': 1}, xgb.DMatrix(table[:, 1:], table[:, 0]), 3)\n"
        f"sys.stdout.buffer.write(bytes(booster.save_raw({form!r})))\n"
    )
    done = subprocess.run(
        [xgboost_python(version), "-c", script],
        input=json.dumps(table).encode(),
        capture_output=True,
        check=True,
        timeout=60,
    )
    return done.stdout


def test_a_link_in_the_place_of_the_model_is_not_followed(container: Container) -> None:
    link = tarfile.TarInfo("xgboost-model")
    link.type, link.linkname = tarfile.SYMTYPE, "/etc/hostname"
    with tarfile.open(container.root / "input" / "candidate" / "model.tar.gz", "w:gz") as archive:
        archive.addfile(link)

    assert container.run() == 1

    assert "holds no file xgboost-model" in container.message


def test_a_model_beside_hostile_members_is_read_and_nothing_is_extracted(
    container: Container,
) -> None:
    members = {"../../evil": b"x", "/evil": b"x", "./xgboost-model": UBJSON}
    container.put_archive("candidate", **members)

    assert container.run() == 0

    assert not list(container.root.rglob("evil"))
    assert not list(container.root.rglob("xgboost-model"))


@pytest.mark.parametrize("cut", [0, 10, 2000])
def test_a_damaged_archive_fails_the_job(container: Container, cut: int) -> None:
    path = container.root / "input" / "candidate" / "model.tar.gz"
    path.write_bytes(path.read_bytes()[:cut])

    assert container.run() == 1

    assert "is no intact gzipped tar archive" in container.message


def test_a_model_of_another_number_of_features_is_told_with_both_numbers(
    container: Container,
) -> None:
    container.put_model(train(features=8), "production")

    assert container.run() == 0

    assert (
        "the production model takes 8 features, but the test rows have 10"
        in (container.evaluation["not_compared"])
    )


def test_a_candidate_of_another_number_of_features_fails_the_job(container: Container) -> None:
    container.put_model(train(features=8))

    assert container.run() == 1

    assert "the candidate model takes 8 features, but the test rows have 10" in container.message


def test_a_model_of_several_numbers_per_row_fails_the_job(container: Container) -> None:
    container.put_model(train(objective="multi:softprob", num_class=30))

    assert container.run() == 1

    assert "the candidate model gives several numbers per row" in container.message


def test_a_model_that_predicts_infinity_fails_the_job(container: Container) -> None:
    raw = json.loads(train(objective="count:poisson", base_score=0.5).save_raw("json"))
    raw["learner"]["learner_model_param"]["base_score"] = "3E38"
    container.put_archive("candidate", xgboost_model=json.dumps(raw).encode())

    assert container.run() == 1

    assert "the candidate model predicts NaN or infinity" in container.message


@pytest.mark.parametrize(
    ("argument", "reason"),
    [
        (("--sample-size", "0"), "--sample-size is 0; it must be at least 1"),
        (("--sample-size", "x"), "invalid int value: 'x'"),
        (("--unknown", "1"), "unrecognized arguments: --unknown 1"),
        (("--test-dir", "nowhere"), "the folder nowhere does not exist; check --test-dir"),
        (("--candidate-dir", "nowhere"), "nowhere/model.tar.gz does not exist"),
    ],
)
def test_an_argument_that_cannot_be_used_fails_the_job(
    container: Container, argument: tuple[str, str], reason: str
) -> None:
    assert container.run(*argument) == 1

    assert reason in container.message


def test_a_failure_leaves_nothing_of_an_earlier_run(container: Container) -> None:
    container.run()
    container.put_rows("x", "a.csv")

    assert container.run() == 1

    assert not list((container.root / "output").iterdir())


# --- The script as a process ---------------------------------------------------------------------


@pytest.mark.slow
def test_the_script_succeeds_as_a_process_with_one_line(container: Container) -> None:
    container.put_model(PRODUCTION, "production")

    process = container.start("--sample-size", "20")

    assert (process.returncode, process.stderr) == (0, "")
    assert re.fullmatch(
        r"300 test rows: candidate mae [0-9.]+, mse [0-9.]+, rmse [0-9.]+, r2 -?[0-9.]+; "
        r"production mae [0-9.]+, mse [0-9.]+, rmse [0-9.]+, r2 -?[0-9.]+\n",
        process.stdout,
    )
    assert container.evaluation["rows"] == 300
    assert not (container.root / "deep").exists()


@pytest.mark.slow
def test_the_script_fails_as_a_process_without_a_traceback(empty: Container) -> None:
    empty.put_rows(as_csv(TABLE))

    process = empty.start()

    assert process.returncode == 1
    assert (process.stdout, process.stderr) == ("", empty.message + "\n")
    assert "there is no model.tar.gz of the candidate model" in empty.message


def test_the_python_and_the_libraries_of_the_image_write_the_same_files(
    container: Container,
) -> None:
    container.put_model(PRODUCTION, "production")

    process = container.start(python=xgboost_python("3.2"))
    images = {name: container.read(name) for name in ("evaluation.json", "known-answers.json")}
    assert (process.returncode, container.run()) == (0, 0)

    assert images["known-answers.json"] == container.read("known-answers.json")
    assert images["evaluation.json"] == container.evaluation


@pytest.mark.parametrize(
    "name",
    [
        "baseline",
        "class_figures",
        "class_metrics",
        "comparison",
        "curve_areas",
        "decimals",
        "encoded_rows",
        "evaluate",
        "judged_rows",
        "judging",
        "kept_columns",
        "metrics",
        "models",
        "moments",
        "quantiles",
        "row_influences",
        "scoring",
        "sorted_scores",
        "tallies",
        "threads",
        "unnamed",
    ],
)
def test_the_job_needs_nothing_but_what_the_image_holds(name: str) -> None:
    source = (PROJECT_DIR / "jobs" / f"{name}.py").read_text(encoding="utf-8")
    nodes = list(ast.walk(ast.parse(source, feature_version=(3, 11))))
    names = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    names += [node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)]

    imported = {imported.partition(".")[0] for imported in names}
    assert imported <= sys.stdlib_module_names | set(vars(jobs)) | {"numpy", "xgboost"}
