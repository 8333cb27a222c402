"""Parquet channels, read beside the libraries of the XGBoost image, pyarrow among them."""

import json
import subprocess
from pathlib import Path

import pytest

from tests.image_pythons import PROJECT_DIR, xgboost_python

SCRIPT = """
import datetime, json, sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from pocketaws.sagemaker.xgboost.data import Reading, read_matrices
from pocketaws.sagemaker.xgboost.log import TrainingError

TABLES = {
    "numbers": [{"y": [1, 2], "a": [0.5, None], "b": [3, 4]}],
    "two files": [{"y": [1], "a": [0.5]}, {"y": [2], "a": [0.75]}],
    "other columns": [{"y": [1], "a": [0.5]}, {"y": [2], "b": [0.75]}],
    "booleans": [{"y": [True, False], "a": [1.5, 2.5]}],
    "numbers as text": [{"y": [1, 2], "a": ["1.5", "2"]}],
    "words": [{"y": [1, 2], "a": ["M", "F"]}],
    "times": [{"y": [1], "a": [datetime.datetime(2026, 11, 28)]}],
    "infinity": [{"y": [1.0], "a": [float("inf")]}],
}
root, name = Path(sys.argv[1]), sys.argv[2]
train = root / "train"
(train / "year=2026").mkdir(parents=True)
for number, table in enumerate(TABLES.get(name, [])):
    pq.write_table(pa.table(table), train / "year=2026" / f"part-{number}.parquet")
if name == "no parquet":
    (train / "part-0").write_text("1,2,3")
if name == "beside _SUCCESS":
    pq.write_table(pa.table({"y": [1], "a": [0.5]}), train / "part-0")
    (train / "_SUCCESS").touch()
try:
    matrix = read_matrices(train, None, Reading("parquet", is_weighted=True)).train
except TrainingError as error:
    print(json.dumps(str(error)))
else:
    cells = matrix.get_data()
    table = np.full((matrix.num_row(), matrix.num_col()), -1.0)
    table[np.repeat(np.arange(len(table)), np.diff(cells.indptr)), cells.indices] = cells.data
    print(json.dumps([matrix.get_label().tolist(), table.tolist()]))
"""


def read(name: str, root: Path) -> object:
    done = subprocess.run(
        [xgboost_python("3.2"), "-c", SCRIPT, str(root), name],
        env={"PYTHONPATH": str(PROJECT_DIR / "pocketaws" / "src")},
        capture_output=True,
        check=True,
        text=True,
    )
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.parametrize(
    ("name", "labels", "rows"),
    [
        ("numbers", [1, 2], [[0.5, 3], [-1, 4]]),
        ("two files", [1, 2], [[0.5], [0.75]]),
        ("other columns", [1, 2], [[0.5], [-1]]),
        ("booleans", [1, 0], [[1.5], [2.5]]),
        ("numbers as text", [1, 2], [[1.5], [2]]),
        ("beside _SUCCESS", [1], [[0.5]]),
    ],
)
def test_the_first_column_is_the_label_and_a_null_is_missing(
    tmp_path: Path, name: str, labels: list[float], rows: list[list[float]]
) -> None:
    assert read(name, tmp_path) == [labels, rows]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("words", "could not convert string to float"),
        ("times", "column 'a' is of type timestamp"),
        ("infinity", "Input data contains `inf`"),
        ("no parquet", "Could not read schema"),
    ],
)
def test_a_channel_that_holds_no_numbers_is_refused(tmp_path: Path, name: str, reason: str) -> None:
    told = str(read(name, tmp_path))

    assert told.startswith("Failed to load parquet data with exception:")
    assert reason in told
