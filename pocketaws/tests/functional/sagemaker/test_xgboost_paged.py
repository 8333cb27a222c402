"""Text that is read in pieces trains the model that it trains when it is read at once."""

import gc
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xgboost as xgb

from pocketaws.sagemaker.xgboost import paged
from pocketaws.sagemaker.xgboost.boosting import Boosting
from pocketaws.sagemaker.xgboost.channels import CSV, LIBSVM
from pocketaws.sagemaker.xgboost.data import Matrices, Reading, read_matrices

SETTINGS: Mapping[str, Any] = {
    "objective": "reg:squarederror",
    "max_depth": 4,
    "subsample": 0.7,
    "num_round": 6,
    "nthread": 2,
}


def written(folder: Path, *, is_weighted: bool) -> Path:
    table = np.random.default_rng(1).normal(size=(3000, 6)).round(3)
    table[:, 0] = 3 * table[:, 3] + table[:, 4]
    if is_weighted:
        table[:, 1] = np.abs(table[:, 1]) + 0.1
    rows = [",".join(str(cell) for cell in row) for row in table.tolist()]
    # The last column of a whole piece is missing.
    rows[:900] = [row.rpartition(",")[0] + "," for row in rows[:900]]
    folder.mkdir()
    (folder / "a.csv").write_text("\n".join(rows[:2000]) + "\n")
    (folder / "b.csv").write_text("\n".join(rows[2000:]))
    return folder


def trained(matrices: Matrices) -> bytes:
    assert matrices.train is not None
    booster = Boosting(SETTINGS, matrices, is_master=True, host_count=1).boost(matrices.train)
    return bytes(booster.save_raw(raw_format="ubj"))


@pytest.mark.parametrize("is_weighted", [False, True])
def test_the_model_is_the_same(
    tmp_path: Path, is_weighted: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    train = written(tmp_path / "train", is_weighted=is_weighted)
    validation = written(tmp_path / "validation", is_weighted=is_weighted)
    (validation / "b.csv").unlink()

    at_once = read_matrices(train, validation, Reading(CSV, is_weighted))
    in_pieces = read_matrices(train, validation, Reading(CSV, is_weighted, largest_bytes=1000))

    assert trained(in_pieces) == trained(at_once)
    assert "channel train: its text is more than 1000 bytes" in "".join(capsys.readouterr())


def test_every_piece_has_the_cells_that_stand_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    train = written(tmp_path / "train", is_weighted=False)
    arguments = "format=csv&label_column=0&delimiter=,"

    def read(path: Path) -> xgb.DMatrix:
        return xgb.DMatrix(f"{path}?{arguments}")

    paths = sorted(train.iterdir())
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    matrix = paged.paged_matrix(paths, read, ",", first_feature=1, piece_bytes=5000)

    assert (matrix.num_row(), matrix.num_col()) == (3000, 5)
    assert list(matrix.get_label()[:2]) == list(read(paths[0]).get_label()[:2])
    (pages,) = tmp_path.glob("pages-*")
    assert list(pages.iterdir()) != []
    del matrix
    gc.collect()
    assert not pages.exists()


@pytest.mark.parametrize(
    ("settings", "content_format", "can"),
    [
        ({}, CSV, True),
        ({"tree_method": "hist", "booster": "gbtree"}, CSV, True),
        ({"tree_method": "exact"}, CSV, False),
        ({"booster": "gblinear"}, CSV, False),
        ({"_kfold": 3}, CSV, False),
        ({}, LIBSVM, False),
    ],
)
def test_what_xgboost_trains_in_memory_alone_is_read_at_once(
    settings: dict[str, Any], content_format: str, can: bool
) -> None:
    assert paged.can_be_paged(settings, content_format) is can
