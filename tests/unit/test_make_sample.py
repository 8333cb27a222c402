"""The simulated data set: the same bytes every time, and like the UCI file in form and size."""

from __future__ import annotations

import os
import re
import runpy
import subprocess
import sys
import tracemalloc
from io import StringIO
from pathlib import Path
from statistics import fmean
from types import SimpleNamespace

import pytest

DATA_DIR = Path(__file__).parents[2] / "data"
SAMPLE_PATH = DATA_DIR / "abalone-sample.csv"
SCRIPT_PATH = DATA_DIR / "make_sample.py"
UCI_ROW = re.compile(r"[FIM](,[01]\.\d{1,3}){3}(,[0-3](\.\d{1,4})?){4},\d{1,2}")
UCI_MEANS = (0.524, 0.408, 0.140, 0.829, 0.359, 0.181, 0.239, 9.934)  # Nash et al., 1995


@pytest.fixture(scope="module")
def make_sample() -> SimpleNamespace:
    """Load the script by its path: `data` is a folder of files, not a package."""
    return SimpleNamespace(**runpy.run_path(str(SCRIPT_PATH)))


def rows_of(make_sample: SimpleNamespace, rows: int, seed: int = 1) -> list[str]:
    output = StringIO()
    make_sample.write_csv(make_sample.simulate_chunks(rows, seed), output)
    return output.getvalue().splitlines()


def peak_bytes(make_sample: SimpleNamespace, rows: int) -> int:
    with Path(os.devnull).open("w") as sink:
        tracemalloc.start()
        make_sample.write_csv(make_sample.simulate_chunks(rows, seed=1), sink)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    return peak


def test_the_committed_sample_is_what_the_script_writes(tmp_path: Path) -> None:
    output_path = tmp_path / "sample.csv"

    subprocess.run([sys.executable, SCRIPT_PATH, "--output", output_path], check=True)

    assert output_path.read_bytes() == SAMPLE_PATH.read_bytes()


def test_standard_output_takes_the_same_rows() -> None:
    printed = subprocess.run(
        [sys.executable, SCRIPT_PATH, "--output", "-", "--rows", "100"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout

    assert printed.splitlines() == SAMPLE_PATH.read_text().splitlines()[:100]


def test_no_rows_is_refused() -> None:
    refused = subprocess.run(
        [sys.executable, SCRIPT_PATH, "--output", "-", "--rows", "0"],
        check=False,
        capture_output=True,
        text=True,
    )

    assert refused.returncode == 2
    assert "--rows must be at least 1, not 0" in refused.stderr


def test_a_longer_run_begins_with_the_rows_of_a_shorter_one(make_sample: SimpleNamespace) -> None:
    in_the_third_chunk = 2 * make_sample.CHUNK_ROWS + 1

    longer = rows_of(make_sample, in_the_third_chunk)

    assert len(longer) == in_the_third_chunk
    assert rows_of(make_sample, 10) == longer[:10]
    assert (
        rows_of(make_sample, make_sample.CHUNK_ROWS + 10) == longer[: make_sample.CHUNK_ROWS + 10]
    )


def test_another_seed_gives_other_rows(make_sample: SimpleNamespace) -> None:
    assert rows_of(make_sample, 10, seed=1) != rows_of(make_sample, 10, seed=2)


@pytest.mark.slow
def test_memory_does_not_grow_with_the_rows(make_sample: SimpleNamespace) -> None:
    two_chunks = peak_bytes(make_sample, 2 * make_sample.CHUNK_ROWS)

    six_chunks = peak_bytes(make_sample, 6 * make_sample.CHUNK_ROWS)

    assert six_chunks < 1.1 * two_chunks


def test_every_row_has_the_form_of_a_uci_row(make_sample: SimpleNamespace) -> None:
    rows = rows_of(make_sample, 50_000)

    assert [row for row in rows if not UCI_ROW.fullmatch(row)] == []


def test_sizes_and_weights_are_positive_and_in_the_steps_of_the_uci_file() -> None:
    for row in SAMPLE_PATH.read_text().splitlines():
        _, *measurements, rings = row.split(",")
        ten_thousandths = [round(float(measurement) * 10_000) for measurement in measurements]

        assert min(ten_thousandths) > 0, row
        assert all(size % 50 == 0 for size in ten_thousandths[:3]), row
        assert all(weight % 5 == 0 for weight in ten_thousandths[3:]), row
        assert 1 <= int(rings) <= 29, row


def test_the_sample_has_the_size_and_the_means_of_the_uci_file() -> None:
    rows = [row.split(",")[1:] for row in SAMPLE_PATH.read_text().splitlines()]

    means = [fmean(map(float, column)) for column in zip(*rows, strict=True)]

    assert len(rows) == 4177
    assert means == pytest.approx(UCI_MEANS, rel=0.02)
