"""Channels of every kind, held to XGBoost's own text reader, which the container has."""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
import xgboost as xgb
from hypothesis import given, settings
from hypothesis import strategies as st

from pocketaws.sagemaker.xgboost.data import Matrices, Reading, read_matrices
from pocketaws.sagemaker.xgboost.log import TrainingError, runtime_warnings

CSV = "format=csv&label_column=0&delimiter="
GOOD = "1,2,3\n4,5,6\n"
LIBSVM = "1 0:0.5 1:2\n0 0:1 1:3\n"


@dataclass(frozen=True)
class Channel:
    """A channel, and what becomes of it.

    Attributes:
        files: by their path below the channel.
        arguments: those with which the container calls XGBoost's reader.
        told: what the runtime says of it in its own voice; "" where it has nothing to say.
        warned: what the log says in the container's voice.
        unread: files that are not read.
    """

    files: Mapping[str, str | bytes]
    arguments: str = CSV + ","
    told: str = ""
    warned: str = ""
    unread: tuple[str, ...] = field(default=())

    @property
    def reading(self) -> Reading:
        content_format = "libsvm" if "libsvm" in self.arguments else "csv"
        return Reading(content_format, is_weighted="weight_column" in self.arguments)


def one(text: str | bytes, told: str = "", arguments: str = CSV + ",") -> Channel:
    return Channel({"part-0": text}, arguments, told)


def cell(text: str, told: str = "") -> Channel:
    return one(f"1,2,3\n4,{text},6\n7,8,9\n", told and f"{text!r} in column 2 of line 2{told}")


WEIGHTED = f"{CSV},&weight_column=1"
MISSING = " of part-0 as missing"
READ: dict[str, Channel] = {
    "numbers": one(GOOD),
    "no line end at the end": one("1,2,3\n4,5,6"),
    "lines that end as on Windows": one("1,2,3\r\n4,5,6\r\n"),
    "lines that end as on an old Mac": one("1,2,3\r4,5,6\r"),
    "empty lines between": one("1,2,3\n\n\n4,5,6\n\n"),
    "signs, points and exponents": one("+1,-2.5,.5\n4.,1e-3,6E+2\n-0,1e5,0\n"),
    "spaces around numbers": one("1, 2 ,3\n4,5 , 6\n"),
    "nan in any case": one("1,nan,3\n4,NaN,6\n7,NAN,9\n"),
    "an empty cell": one("1,,3\n4,5,\n7,8,9\n"),
    "a header line": one("rings,length,height\n1,2,3\n", "line 1 of part-0"),
    "a header line in quotes": one('"a","b","c"\n1,2,3\n', "1 rows hold no number"),
    "a comment line": one("# a, b, c\n1,2,3\n", "1 rows hold no number"),
    "NA": cell("NA", MISSING),
    "N/A": cell("N/A", MISSING),
    "a question mark": cell("?", MISSING),
    "null": cell("null", MISSING),
    "a word": cell("abc", MISSING),
    "a word beyond ASCII": cell("größe", MISSING),
    "true": cell("true", MISSING),
    "a number in quotes": cell('"2"', MISSING),
    "money": cell("$5", MISSING),
    "a number before letters": cell("12abc", " of part-0 as 12"),
    "a float of C": cell("1.5f", " of part-0 as 1.5"),
    "hexadecimal": cell("0x10", " of part-0 as 0"),
    "digits grouped by _": cell("1_0", " of part-0 as 1"),
    "a percentage": cell("50%", " of part-0 as 50"),
    "a date": cell("2026-11-28", " of part-0 as 2026"),
    "a time": cell("12:30", " of part-0 as 12"),
    "a version": cell("1.2.3", " of part-0 as 1.2"),
    "two numbers": cell("1 2", " of part-0 as 1"),
    "two signs": cell("--1", " of part-0 as -0"),
    "an exponent of Fortran": cell("1d5", " of part-0 as 1"),
    "a sign alone": cell("-", " of part-0 as -0"),
    "a point alone": cell(".", " of part-0 as 0"),
    "a cell of one space": cell(" ", " of part-0 as 0"),
    "a cell of a tab": cell("\t", " of part-0 as 0"),
    "a number too large": cell("1e39", " of part-0 as 1e+38"),
    "more digits than fit": cell("123456789012345678901234567890", " of part-0 as 1.40838e+19"),
    "a number too small": cell("1e-60"),
    "an empty label": one("1,2,3\n,5,6\n", "'' in column 1 of line 2 of part-0 as 0"),
    "a label in words": one("1,2,3\nM,5,6\n", "'M' in column 1 of line 2 of part-0 as 0"),
    "a short row": one("1,2,3\n4,5\n6,7,8\n", "1 rows have not the 3 columns"),
    "a long row": one("1,2,3\n4,5,6,7\n", "the first, line 1 of part-0 has 3"),
    "a comma at the end of each row": one("1,2,3,\n4,5,6,\n", "2 rows have not the 3 columns"),
    "a last column that is empty": one("1,2,\n4,5,\n", "2 rows have not the 2 columns"),
    "thousands in quotes": one('1,"2,000",3\n4,5,6,7\n', "'\"2' in column 2 of line 1"),
    "a byte order mark": one(b"\xef\xbb\xbf1,2,3\n4,5,6\n"),
    "a character that is no text": one(
        "1,2,3\n4,\N{REPLACEMENT CHARACTER},6\n", "column 2 of line 2"
    ),
    "semicolons": one("1;2;3\n4;5;6\n", arguments=CSV + ";"),
    "tabs": one("1\t2\t3\n4\t5\t6\n", arguments=CSV + "\t"),
    "spaces": one("1 2 3\n4 5 6\n", arguments=CSV + " "),
    "bars": one("1|2|3\n4|5|6\n", arguments=CSV + "|"),
    "decimal commas": one("1,5;2,5\n3,5;4,5\n", "'5;2' in column 2 of line 1 of part-0 as 5"),
    "words in one column, divided by a letter": one("one\ntwo\n", "2 rows hold no", CSV + "o"),
    "weights": one("1,0.5,3\n4,2,6\n", arguments=WEIGHTED),
    "negative weights": one("1,-2,3\n4,5,6\n", arguments=WEIGHTED),
    "an empty weight": one("1,,3\n4,5,6\n", "'' in column 2 of line 1", WEIGHTED),
    "a weight in words": one("1,x,3\n4,5,6\n", "'x' in column 2 of line 1", WEIGHTED),
    "several files": Channel({"a.csv": "1,2,3", "b.csv": "4,5,6\n", "c.csv": "7,8,9\n"}),
    "files of other widths": Channel(
        {"a.csv": GOOD, "b.csv": "7,8,9,10\n"}, told="2 rows have not the 4 columns"
    ),
    "a word in a later file": Channel(
        {"a.csv": GOOD, "b.csv": "7,x,9\n"}, told="'x' in column 2 of line 1 of b.csv as missing"
    ),
    "folders": Channel({"a/b/part": "1,2,3\n", "a/part": "4,5,6\n", "part": "7,8,9\n"}),
    "a folder too deep": Channel(
        {"a/part": "1,2,3\n", "a/x/y/part": "4,5,6\n", "b/part": "7,8,9\n"},
        warned="Not read: 2 files (a/x/y/part, b/part)",
        unread=("a/x/y/part", "b/part"),
    ),
    "names that mean something in a URI": Channel({"a?b;c#d&e=f.csv": GOOD}),
    "libsvm": one(LIBSVM, arguments="format=libsvm"),
    "libsvm with weights and groups": one(
        "1:0.5 qid:1 0:0.5 1:2\n0:2 qid:1 0:1 1:3\n", arguments="format=libsvm"
    ),
    "libsvm counted from 1": one("1 1:0.5 2:2\n0 1:1 2:3\n", arguments="format=libsvm"),
    "libsvm with a prefix of a number": one(
        LIBSVM + "1 0:1.5f 1:2\n", "1 lines are not LABEL", arguments="format=libsvm"
    ),
    "libsvm with commas": one(
        LIBSVM + "1,0:2 1:2\n", "line 3 of part-0: '1,0:2 1:2'", arguments="format=libsvm"
    ),
    "libsvm without features": Channel(
        {"part-0": "1\n0\n"}, "format=libsvm", warned="has no features"
    ),
    "libsvm beside an empty file": Channel({"a": LIBSVM, "b": ""}, "format=libsvm"),
}


def lay_out(folder: Path, files: Mapping[str, str | bytes]) -> Path:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def read_by_xgboost(channel: Channel, folder: Path) -> xgb.DMatrix:
    """Call XGBoost's reader with the container's arguments on a flat folder of the files."""
    read = [text for name, text in channel.files.items() if name not in channel.unread and text]
    lay_out(folder, {str(number): text for number, text in enumerate(read)})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        return xgb.DMatrix(f"{folder}?{channel.arguments}")


def content(matrix: xgb.DMatrix | None) -> list[list[float]]:
    """Return label, weight and features of each row, in an order of their own; NaN as None."""
    assert matrix is not None
    cells = matrix.get_data()
    table = np.full((matrix.num_row(), matrix.num_col()), np.nan)
    table[np.repeat(np.arange(len(table)), np.diff(cells.indptr)), cells.indices] = cells.data
    weights = matrix.get_weight() if len(matrix.get_weight()) else np.ones(len(table))
    whole = np.column_stack([matrix.get_label(), weights, table])
    return sorted(np.nan_to_num(whole, nan=-9999.0).tolist())


def read(files: Mapping[str, str | bytes], folder: Path, reading: Reading) -> Matrices:
    return read_matrices(lay_out(folder / "train", files), None, reading)


@pytest.mark.parametrize("name", READ)
def test_a_channel_is_read_as_xgboost_reads_it_and_what_it_misreads_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    channel = READ[name]

    matrices = read(channel.files, tmp_path, channel.reading)

    log = capsys.readouterr().out
    told = "\n".join(runtime_warnings(log.splitlines()))
    assert content(matrices.train) == content(read_by_xgboost(channel, tmp_path / "flat"))
    assert channel.told in told
    assert bool(told) == bool(channel.told)
    assert channel.warned in log


REFUSED: dict[str, tuple[Channel, str]] = {
    "a comment without a comma": (one(f"{GOOD}# comment\n"), "Delimiter ',' is not found"),
    "a line of spaces": (one(f"{GOOD}   \n"), "Delimiter ',' is not found"),
    "a row of a label alone": (one(f"{GOOD}7\n"), "Delimiter ',' is not found"),
    "infinity": (one("1,2,3\n4,inf,6\n"), "Input data contains `inf`"),
    "a word that begins as infinity": (one("1,2,3\n4,info,6\n"), "Input data contains `inf`"),
    "minus infinity": (one("1,-Infinity,3\n"), "Input data contains `inf`"),
    "a weight and no feature": (one("1,2\n3,4\n", arguments=WEIGHTED), "Delimiter ',' is not"),
    "divided by what XGBoost's arguments are": (
        one("1&2&3\n4&5&6\n", arguments=CSV + "&"),
        "Invalid uri argument format",
    ),
    "libsvm with a word for a value": (
        one(LIBSVM + "1 0:a 1:2\n", arguments="format=libsvm"),
        "Check failed: offset.back() == value.size()",
    ),
    "libsvm with an index below 0": (
        one(LIBSVM + "1 -1:2\n", arguments="format=libsvm"),
        "Check failed: sign == true",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_channel_that_xgboost_cannot_read_fails_in_its_words(tmp_path: Path, name: str) -> None:
    channel, reason = REFUSED[name]

    with pytest.raises(TrainingError) as refused:
        read(channel.files, tmp_path, channel.reading)
    with pytest.raises(xgb.core.XGBoostError) as by_xgboost:
        read_by_xgboost(channel, tmp_path / "flat")

    assert "Failed to load" in str(refused.value)
    assert reason in str(refused.value)
    assert reason in str(by_xgboost.value)


UNREADABLE: dict[str, tuple[Channel, str]] = {
    "an empty file that comes first": (
        Channel({"a.csv": "", "b.csv": GOOD}),
        "a.csv: Could not determine delimiter on line :",
    ),
    "an empty file that comes last": (
        Channel({"a.csv": GOOD, "z.csv": ""}),
        "z.csv: Could not determine delimiter",
    ),
    "Spark's _SUCCESS": (Channel({"_SUCCESS": "", "b.csv": GOOD}), "take it out of the channel"),
    "a first line that is empty": (one(f"\n{GOOD}"), "Could not determine delimiter"),
    "no text": (one(b"1,\xff,3\n"), "part-0: is no UTF-8"),
    "a hidden file": (Channel({".part": GOOD, "b": GOOD}), "Hidden file found in the data path!"),
    "a hidden file in a folder": (Channel({"a/.part": GOOD, "b": GOOD}), "Hidden file found"),
    "all files too deep": (Channel({"a/b/c/part": GOOD}), "within 3 levels of folders"),
    "csv that is said to be libsvm": (
        one(GOOD, arguments="format=libsvm"),
        "First line '1,2,3\n...' of file 'part-0' is not 'LIBSVM' format.",
    ),
    "libsvm with a space at the end": (
        one("1 0:1 1:2 \n", arguments="format=libsvm"),
        "is not 'LIBSVM' format",
    ),
    "libsvm with two spaces": (one("1 0:1  1:2\n", arguments="format=libsvm"), "is not 'LIBSVM'"),
    "libsvm with tabs": (one("1\t0:1\t1:2\n", arguments="format=libsvm"), "is not 'LIBSVM'"),
    "libsvm with a label in words": (one("yes 0:1\n", arguments="format=libsvm"), "is not"),
    "libsvm that begins with a comment": (one("# c\n1 0:1\n", arguments="format=libsvm"), "'# c"),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_a_file_that_the_container_refuses_is_refused(tmp_path: Path, name: str) -> None:
    channel, reason = UNREADABLE[name]

    with pytest.raises(TrainingError) as refused:
        read(channel.files, tmp_path, channel.reading)

    assert reason in str(refused.value)


def test_a_file_that_both_channels_hold_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lay_out(tmp_path / "train", {"a.csv": GOOD, "b.csv": GOOD})
    lay_out(tmp_path / "validation", {"a.csv": "9,8,7\n4,5,6\n", "b.csv": "1,2,3\n"})

    read_matrices(tmp_path / "train", tmp_path / "validation", Reading("csv"))

    told = [line for line in capsys.readouterr().out.splitlines() if "identical" in line]
    assert len(told) == 1
    assert "train/a.csv" in told[0]


def test_files_with_other_delimiters_are_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    read({"a.csv": GOOD, "b.csv": "1;2,3\n1;2,3\n"}, tmp_path, Reading("csv"))
    assert "divided" not in capsys.readouterr().out

    with pytest.raises(TrainingError, match="Delimiter ',' is not found"):
        read({"b.csv": "1;2;3\n"}, tmp_path, Reading("csv"))

    assert "b.csv is divided by ';' and a.csv by ','" in capsys.readouterr().out


def test_not_every_row_of_a_channel_full_of_words_is_looked_at(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    read({"a.csv": "1,M,3\n" * 50_000}, tmp_path, Reading("csv"))

    told = runtime_warnings(capsys.readouterr().out.splitlines())
    assert len(told) == 1
    assert told[0].startswith("channel train: at least 20001 cells were read as something else")
    assert told[0].endswith("the first, 'M' in column 2 of line 1 of a.csv as missing")


def test_words_are_found_beyond_the_first_block_of_a_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = 500_000
    read({"a.csv": "1,0.25,3\n" * rows + "1,?,3"}, tmp_path, Reading("csv"))

    told = runtime_warnings(capsys.readouterr().out.splitlines())
    assert told[0].endswith(f"'?' in column 2 of line {rows + 1} of a.csv as missing")


NUMBERS = st.from_regex(
    r"[-+]?([0-9]{1,9}(\.[0-9]{0,9})?|\.[0-9]{1,9})(e[-+]?[0-9])?", fullmatch=True
)


@given(rows=st.lists(st.tuples(NUMBERS, NUMBERS, NUMBERS), min_size=1, max_size=20))
@settings(max_examples=50)
def test_whatever_is_written_as_a_number_is_read_as_that_number(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, ...]]
) -> None:
    text = "".join(",".join(row) + "\n" for row in rows)
    matrices = read({"a": text}, tmp_path_factory.mktemp("numbers"), Reading("csv"))

    written = sorted([float(row[0]), 1.0, *map(float, row[1:])] for row in rows)
    assert np.allclose(content(matrices.train), written, rtol=1e-6, atol=2e-38)
