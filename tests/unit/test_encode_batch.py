"""`jobs/encode_batch.py`: the rows of a batch, encoded as for the endpoint, each with its cells."""

import csv
import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.modules import PROJECT_DIR, load

jobs = load("jobs", parent=PROJECT_DIR)
SCRIPT = PROJECT_DIR / "jobs" / "encode_batch.py"
SAMPLE = b"".join(
    (PROJECT_DIR / "data" / "abalone-sample.csv").read_bytes().splitlines(keepends=True)[:200]
)
FEATURES = len(jobs.rows.FEATURES)
CELLS = "M,0.455,0.365,0.095,0.514,0.2245,0.101,0.15"
HEADER = "sex,length,diameter,height,whole,shucked,viscera,shell"
HOST = {"current_host": "algo-1", "hosts": ["algo-1"]}


class Ended:
    """How the script ended, and what it wrote: its rows by their file, and its message."""

    def __init__(self, folder: Path, code: int) -> None:
        self.code = code
        self.message = (folder / "message").read_text()
        found = sorted((folder / "out").glob("rows/*"))
        self.rows = {path.name: list(csv.reader(path.read_text().splitlines())) for path in found}
        self.rejected = [path.read_text() for path in (folder / "out").glob("rejected/*")]


def encode(folder: Path, objects: dict[str, bytes], share: str = "0.05", **host: object) -> Ended:
    """Run the script with the standard library alone, as an image might."""
    for name, content in objects.items():
        path = folder / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    (folder / "in").mkdir(exist_ok=True)
    (folder / "hosts.json").write_text(json.dumps({**HOST, **host}))
    paths = {
        "--input-dir": folder / "in",
        "--output-dir": folder / "out",
        "--resource-config": folder / "hosts.json",
        "--message-path": folder / "message",
        "--max-rejected-share": share,
    }
    arguments = [str(text) for pair in paths.items() for text in pair]
    done = subprocess.run([sys.executable, "-S", "-B", str(SCRIPT), *arguments], check=False)
    return Ended(folder, done.returncode)


def test_what_the_model_takes_is_what_the_endpoint_is_sent(tmp_path: Path) -> None:
    sent = subprocess.run(
        [sys.executable, "-S", "-B", str(SCRIPT.with_name("encode.py"))],
        input=SAMPLE,
        capture_output=True,
        check=True,
    ).stdout.decode()

    (rows,) = encode(tmp_path, {"rows.csv": SAMPLE}).rows.values()
    assert [",".join(row[:FEATURES]) for row in rows] == sent.splitlines()


def test_behind_it_stand_the_lines_number_and_its_own_cells(tmp_path: Path) -> None:
    ended = encode(tmp_path, {"rows.csv": SAMPLE})

    own = [
        [str(number), *line.split(",")] for number, line in enumerate(SAMPLE.decode().split(), 1)
    ]
    assert ended.rows["rows.csv"] == [
        [*row[:FEATURES], *cells] for row, cells in zip(ended.rows["rows.csv"], own, strict=True)
    ]
    assert ended.message == "all 200 rows were encoded"


@pytest.mark.parametrize(
    ("text", "cells"),
    [
        (f"{HEADER}\n{CELLS}\n", CELLS.split(",")),
        (f"{HEADER},rings\n{CELLS},\n", [*CELLS.split(","), ""]),
        (f"id,{HEADER}\na 7,{CELLS}\n", ["a 7", *CELLS.split(",")]),
        (f"id,{HEADER},rings\na 7,{CELLS},9\n", ["a 7", *CELLS.split(","), "9"]),
        (f"id,{HEADER}\nx y,{CELLS}\n".replace(",", "\t"), ["x y", *CELLS.split(",")]),
        (f"{HEADER}\n{CELLS}\n".replace(",", ";"), CELLS.split(",")),
    ],
)
def test_an_id_stays_with_its_row(tmp_path: Path, text: str, cells: list[str]) -> None:
    ended = encode(tmp_path, {"a.csv": text.encode()})

    assert ended.code == 0, ended.message
    assert ended.rows["a.csv"][0][FEATURES:] == ["2", *cells]


def test_the_cells_of_json_lines_are_its_columns(tmp_path: Path) -> None:
    row = dict(zip(HEADER.split(","), CELLS.split(","), strict=True))

    ended = encode(tmp_path, {"a.json": json.dumps(row).encode() + b"\n"})

    assert ended.rows["a.json"][0][FEATURES:] == ["1", *CELLS.split(","), ""]


def test_objects_that_are_called_alike_stay_apart(tmp_path: Path) -> None:
    row = f"{CELLS}\n".encode()

    ended = encode(tmp_path, {"a b.csv": row, "a_b.csv": row, "a/b.csv": row, "ü.csv": row})

    assert len(ended.rows) == 4
    assert all(name.isascii() and " " not in name and "/" not in name for name in ended.rows)
    assert "a_b.csv" in ended.rows


def test_a_row_that_is_none_is_left_out_and_told(tmp_path: Path) -> None:
    rows = f"{CELLS}\nX{CELLS}\n\n{CELLS}\n".encode()

    ended = encode(tmp_path, {"a.csv": rows}, share="0.5")

    assert [row[FEATURES] for row in ended.rows["a.csv"]] == ["1", "4"]
    assert ended.message.startswith("1 of 3 rows were left out (unknown sex: 1); the first: a.csv")
    assert ended.rejected[0].splitlines()[1].startswith("a.csv,2,")


def test_too_many_of_them_fail_the_job(tmp_path: Path) -> None:
    ended = encode(tmp_path, {"a.csv": f"{CELLS}\nX{CELLS}\n".encode()}, share="0.4")

    assert ended.code == 1
    assert "1 of 2 rows (50.0%) cannot be predicted for, more than --max-rejected" in ended.message


@pytest.mark.parametrize(
    ("objects", "told"),
    [
        ({}, "there are no rows in"),
        ({"a.csv": b""}, "there are no rows in"),
        ({"README.md": b"# rows\n"}, "there are no rows in"),
        ({"a.csv": b"sex,length\nM,1\n"}, "the header of a.csv lacks diameter"),
        ({"a.csv": b"M,1\n"}, "the first row of a.csv: wrong number of fields"),
        ({"a.xls": b"\xd0\xcf\x11\xe0" + b"\0" * 600}, "an Excel workbook"),
    ],
)
def test_a_batch_that_cannot_be_read_is_told(
    tmp_path: Path, objects: dict[str, bytes], told: str
) -> None:
    ended = encode(tmp_path, objects)

    assert ended.code == 1
    assert ended.message.startswith("encoding the batch failed: ")
    assert told in ended.message


def test_one_of_several_hosts_may_have_nothing_to_do(tmp_path: Path) -> None:
    ended = encode(tmp_path, {}, hosts=["algo-1", "algo-2"])

    assert (ended.code, ended.rows) == (0, {})
    assert ended.message == "all 0 rows of algo-1, one of 2 hosts were encoded"
