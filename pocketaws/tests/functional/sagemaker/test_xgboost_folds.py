"""Cross validation: a model a fold, predictions of rows that a model has not seen."""

import re
from pathlib import Path

import numpy as np
import pytest
import xgboost as xgb

from emulated.opt_ml import csv_text, evaluation_lines, failure_of, lay_out, rows
from pocketaws.sagemaker.xgboost.log import TrainingError, final_metrics
from pocketaws.sagemaker.xgboost.serving_model import load_model
from pocketaws.sagemaker.xgboost.training import train

REGRESSION = {"num_round": "5", "objective": "reg:squarederror", "_kfold": "3"}


def cross_validated(
    root: Path, hyperparameters: dict[str, str], labels: np.ndarray | None = None
) -> tuple[np.ndarray, list[list[float]]]:
    """Train with both channels; return all rows and the lines of predictions.csv."""
    table = rows(120)
    if labels is not None:
        table[:, 0] = labels
    files = {"train/a.csv": csv_text(table[:90]), "validation/b.csv": csv_text(table[90:])}
    train(lay_out(root, files, hyperparameters=hyperparameters))
    lines = (root / "output" / "data" / "predictions.csv").read_text().splitlines()
    return table, [[float(cell) for cell in line.split(",")] for line in lines]


def models_of(root: Path) -> list[xgb.Booster]:
    return [
        xgb.Booster(model_file=bytearray(path.read_bytes()))
        for path in sorted((root / "model").iterdir())
    ]


def test_each_fold_leaves_a_model_and_each_row_a_prediction(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    table, lines = cross_validated(tmp_path, REGRESSION)

    names = sorted(path.name for path in (tmp_path / "model").iterdir())
    assert names == ["xgboost-model-0", "xgboost-model-1", "xgboost-model-2"]
    assert [line[0] for line in lines] == pytest.approx(table[:, 0], abs=1e-5)
    matrix = xgb.DMatrix(table[:, 1:].astype(np.float32))
    by_fold = np.array([booster.predict(matrix) for booster in models_of(tmp_path)])
    for index, (_, prediction) in enumerate(lines):
        assert min(abs(by_fold[:, index] - prediction)) < 1e-5
    printed = evaluation_lines(capfd.readouterr().out)
    assert len(printed) == 3 * 5 + 1
    last = [final_metrics([line])["validation:rmse"] for line in printed[4:15:5]]
    assert final_metrics(printed)["validation:rmse"] == pytest.approx(np.mean(last), abs=1e-5)


def test_several_rounds_leave_a_model_for_each_fold_of_each(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    _, lines = cross_validated(tmp_path, REGRESSION | {"_num_cv_round": "2"})

    log = capfd.readouterr().out
    assert len(models_of(tmp_path)) == 6
    assert len(lines) == 120
    assert len(evaluation_lines(log)) == 6 * 5 + 3
    assert "The overall metrics of 2-round cross validation" in log


def test_the_models_of_all_folds_are_served_as_one(tmp_path: Path) -> None:
    table, _ = cross_validated(tmp_path, REGRESSION)
    features = table[:, 1:].astype(np.float32)

    served = load_model(tmp_path / "model").predict(features)

    each = [booster.predict(xgb.DMatrix(features)) for booster in models_of(tmp_path)]
    assert served.tolist() == np.mean(each, axis=0).tolist()


def test_a_run_can_be_repeated(tmp_path: Path) -> None:
    for name in ("first", "second"):
        cross_validated(tmp_path / name, REGRESSION | {"seed": "5"})
    cross_validated(tmp_path / "other", REGRESSION | {"seed": "6"})

    first, second, other = (
        (tmp_path / name / "model" / "xgboost-model-0").read_bytes()
        for name in ("first", "second", "other")
    )
    assert first == second
    assert first != other


@pytest.mark.parametrize(
    ("objective", "classes"), [("binary:logistic", 2), ("multi:softprob", 3), ("multi:softmax", 3)]
)
def test_classes_have_a_third_column_and_are_dealt_to_folds_evenly(
    tmp_path: Path, objective: str, classes: int
) -> None:
    labels = np.arange(120) % classes
    more = {"num_class": "3"} if classes > 2 else {}
    _, lines = cross_validated(
        tmp_path, {"objective": objective, "num_round": "1", "_kfold": "5", **more}, labels
    )

    assert {len(line) for line in lines} == {3}
    # With one number a row, the container knows two classes only.
    known = range(2) if objective == "multi:softmax" else range(classes)
    assert {line[2] for line in lines} <= set(known)
    if objective != "multi:softmax":
        assert all(0 < line[1] < 1 for line in lines)


@pytest.mark.parametrize(
    ("labels", "hyperparameters", "reason"),
    [
        (None, {"_kfold": "2"}, "_kfold needs the hyperparameter objective"),
        (None, {"_kfold": "121"}, "n_splits=121 cannot be greater than the number of samples: 120"),
        (
            np.arange(120) % 2,
            {"_kfold": "61", "objective": "binary:logistic"},
            "n_splits=61 cannot be greater than the number of members in each class",
        ),
        (
            np.linspace(0, 1, 120),
            {"_kfold": "2", "objective": "binary:logistic"},
            "Got 'continuous' instead",
        ),
    ],
)
def test_what_cannot_be_dealt_to_folds_is_refused(
    tmp_path: Path, labels: np.ndarray | None, hyperparameters: dict[str, str], reason: str
) -> None:
    given = {"num_round": "1", **hyperparameters}
    if "objective" not in given and "needs" not in reason:
        given["objective"] = "reg:squarederror"

    with pytest.raises(TrainingError, match=re.escape(reason)):
        cross_validated(tmp_path, given, labels)


def test_cross_validation_needs_a_validation_channel_as_in_the_container(tmp_path: Path) -> None:
    root = lay_out(tmp_path, {"train/a.csv": csv_text(rows(30))}, hyperparameters=REGRESSION)

    with pytest.raises(TrainingError, match="_kfold needs a validation channel"):
        train(root)
    assert "XGB train call failed with exception:\n 'validation'" in failure_of(root)
