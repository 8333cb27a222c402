"""`jobs/encode.py`: raw rows for the endpoint, encoded as the preprocessing job encodes them."""

import gzip
import json
import os
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.modules import PROJECT_DIR, load

jobs = load("jobs", parent=PROJECT_DIR)
SCRIPT = PROJECT_DIR / "jobs" / "encode.py"
SAMPLE = (PROJECT_DIR / "data" / "abalone-sample.csv").read_bytes()
ROW = b"M,0.455,0.365,0.095,0.514,0.2245,0.101,0.15,15"
UNLABELLED = ROW.removesuffix(b",15")
ENCODED = b"0.455,0.365,0.095,0.514,0.2245,0.101,0.15,0,0,1\n"
HEADER_OF_8 = b"shell,sex,length,diameter,height,whole,shucked,viscera\n"
HEADER_OF_9 = b"rings,length,diameter,height,whole,shucked,viscera,shell,sex\n"

JSON_ROW = (
    b'{"Sex": "M", "length": 0.455, "diameter": 0.365, "height": 0.095, "whole": 0.514,'
    b' "shucked": 0.2245, "viscera": 0.101, "shell": 0.15}'
)

SEXES = st.sampled_from(["F", "I", "M", " f", '"i"', "M "])
NUMBERS = st.one_of(
    st.floats(min_value=0, max_value=1e6).map(repr),
    st.sampled_from(["0.5", "1e-3", "+.25", ' "2" ', "-0", "007"]),
)


def encode(text: bytes, *options: str) -> subprocess.CompletedProcess[bytes]:
    """Run the script with the standard library alone, as an image might."""
    command = [sys.executable, "-S", "-B", str(SCRIPT), *options]
    return subprocess.run(command, input=text, capture_output=True, check=False)


def without_label(row: bytes) -> bytes:
    return row.partition(b",")[2]


def encoded_by_the_job(text: bytes) -> list[bytes]:
    """Return what the preprocessing job writes to its splits, sorted."""
    plan = jobs.splitting.Plan(seed=1, validation_share=0.2, test_share=0.2, parts=2)
    block = jobs.objects.Block("rows.csv", 1, None, text)
    encoded = jobs.splitting.encode_block(block, plan)
    return sorted(b"".join(encoded.texts).splitlines(keepends=True))


def test_the_sample_is_encoded_as_the_preprocessing_job_encodes_it() -> None:
    ended = encode(SAMPLE)

    wanted = sorted(without_label(row) for row in encoded_by_the_job(SAMPLE))
    assert sorted(ended.stdout.splitlines(keepends=True)) == wanted
    assert (ended.returncode, ended.stderr) == (0, b"")


def test_the_rows_keep_their_order() -> None:
    ended = encode(SAMPLE)

    rows = [without_label(jobs.rows.encode_row(line)) for line in SAMPLE.splitlines()]
    assert ended.stdout == b"".join(rows)


def test_rings_that_are_not_known_make_no_difference() -> None:
    unlabelled = b"".join(line.rpartition(b",")[0] + b"\n" for line in SAMPLE.splitlines())

    assert encode(unlabelled).stdout == encode(SAMPLE).stdout


def test_an_empty_cell_for_the_rings_is_what_is_to_be_predicted() -> None:
    emptied = b"".join(line.rpartition(b",")[0] + b",\n" for line in SAMPLE.splitlines())

    ended = encode(emptied)

    assert (ended.returncode, ended.stderr) == (0, b"")
    assert ended.stdout == encode(SAMPLE).stdout


@given(sex=SEXES, numbers=st.lists(NUMBERS, min_size=7, max_size=7))
def test_a_row_of_any_spelling_is_encoded_as_the_job_does(sex: str, numbers: list[str]) -> None:
    line = ",".join([sex, *numbers]).encode()

    wanted = without_label(jobs.rows.encode_row(line + b",9"))
    assert jobs.rows.encode_features(line, jobs.rows.UNLABELLED) == wanted
    assert jobs.rows.encode_features(line + b",9") == wanted


@pytest.mark.parametrize(
    "text",
    [
        ROW,
        ROW + b"\r\n",
        b"\xef\xbb\xbf" + ROW + b"\n",
        b"\n  \n" + ROW + b"\n\n",
        UNLABELLED + b"\n",
        b"sex,length,diameter,height,whole,shucked,viscera,shell,rings\n" + ROW,
        b"Sex,Length,Diameter,Height,Whole weight,Shucked,Viscera,Shell\n" + UNLABELLED,
        HEADER_OF_8 + b"0.15,M,0.455,0.365,0.095,0.514,0.2245,0.101\n",
        ROW.replace(b",", b";"),
        UNLABELLED.replace(b",", b"\t"),
        b"# from the sea\n" + UNLABELLED + b",\n# no more\n",
        JSON_ROW,
        HEADER_OF_9 + b"15,0.455,0.365,0.095,0.514,0.2245,0.101,0.15,m\n",
    ],
    ids=[
        "bare",
        "CRLF",
        "BOM",
        "blank",
        "8",
        "header",
        "header-8",
        "order-8",
        *("semicolons", "tabs", "comments", "JSON"),
        "order-9",
    ],
)
def test_a_row_is_read_however_the_file_is_laid_out(text: bytes) -> None:
    ended = encode(text)

    assert (ended.stdout, ended.stderr, ended.returncode) == (ENCODED, b"", 0)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (b"X,1,1,1,1,1,1,1,9", b"unknown sex (value 'X', expected F, I or M)"),
        (b"M,,1,1,1,1,1,1,9", b"not a number (column 'length', value '')"),
        (b"M,1,1,-1,1,1,1,1,9", b"negative (column 'height', value '-1')"),
        (b"M,1,nan,1,1,1,1,1,9", b"NaN or infinite (column 'diameter', value 'nan')"),
        (b"M,1,1,1,1,1,1,1,0", b"rings must be a whole number >= 1 (value '0')"),
        (b"M,1,1,1,1,1,1,1", b"wrong number of fields (8 instead of 9)"),
        (b"\xff,1,1,1,1,1,1,1,9", b"undecodable bytes (byte 0xff at position 1 is not UTF-8)"),
        (b"M," + 70_000 * b"1" + b",1,1,1,1,1,1,9", b"row too long (more than 65536 bytes)"),
    ],
)
def test_a_bad_row_is_told_with_its_line_and_reason(row: bytes, reason: bytes) -> None:
    ended = encode(ROW + b"\n\n" + row + b"\n" + ROW + b"\n")

    assert ended.stderr == b"line 3: " + reason + b"\n"
    assert ended.returncode == 3
    assert ended.stdout == 2 * ENCODED


def test_a_first_row_of_another_width_does_not_decide_for_the_rest() -> None:
    ended = encode(b"M,1\n" + UNLABELLED + b"\n")

    assert ended.stderr == b"line 1: wrong number of fields (2 instead of 9, or 8 without rings)\n"
    assert ended.stdout == ENCODED


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (ROW.replace(b",", b" "), b"separated by spaces; put commas in their place"),
        (ROW.decode().encode("utf-16"), b"UTF-16 or UTF-32 text; save it as UTF-8"),
        (gzip.compress(ROW), b"gzip; decompress it first"),
        (b"sex,a,b,c,d,e,f,g\n" + ROW, b"the header of the input lacks length"),
    ],
    ids=["spaces", "UTF-16", "gzip", "header"],
)
def test_what_is_no_rows_at_all_ends_with_the_reason(text: bytes, reason: bytes) -> None:
    ended = encode(text)

    assert reason in ended.stderr
    assert (ended.returncode, ended.stdout) == (1, b"")


def test_lines_are_numbered_on_request() -> None:
    ended = encode(b"\n" + ROW + b"\nbad\n" + ROW + b"\n", "--number-lines")

    assert ended.stdout == b"2\t" + ENCODED + b"4\t" + ENCODED


def test_the_columns_of_a_raw_row_are_told_without_the_label() -> None:
    columns = json.loads(encode(b"", "--columns").stdout)

    assert columns[0] == {"name": "sex", "kind": "Category", "values": ["F", "I", "M"]}
    assert columns[1] == {"name": "length", "kind": "Number", "values": []}
    assert len(columns) == len(UNLABELLED.split(b","))


def test_nothing_gives_nothing() -> None:
    ended = encode(b"")

    assert (ended.stdout, ended.stderr, ended.returncode) == (b"", b"", 0)


def test_a_reader_that_leaves_ends_the_script_quietly() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    ended = subprocess.run(
        [sys.executable, "-B", str(SCRIPT)],
        input=20_000 * (ROW + b"\n"),
        stdout=writing,
        stderr=subprocess.PIPE,
        check=False,
    )
    os.close(writing)

    assert (ended.stderr, ended.returncode) == (b"", 1)
