"""The forms in which people have the abalone's file: each is taken, or refused in stated words."""

from __future__ import annotations

import bz2
import gzip
import importlib.util
import io
import json
import lzma
import os
import random
import subprocess
import zipfile
from pathlib import Path
from types import SimpleNamespace
from typing import NamedTuple

import pytest

from tests.image_pythons import xgboost_python
from tests.unit.modules import PROJECT_DIR, load
from tests.unit.other_columns import jobs_of

jobs = load("jobs", parent=PROJECT_DIR)

NAMES = ("Sex", "Length", "Diameter", "Height", "Whole weight", "Shucked weight", "Viscera weight")
HEADER = ",".join([*NAMES, "Shell weight", "Rings"]).encode()
OPENML = (
    b"Sex,Length,Diameter,Height,Whole_weight,Shucked_weight,Viscera_weight,Shell_weight,"
    b"Class_number_of_rings"
)
UNITS = (
    b'"Sex / nominal",Length (mm),Diameter (mm),Height [mm],Whole weight (g),Shucked.weight (g),'
    b"Viscera-weight (g),Shell weight (g),Rings"
)


def simulated(count: int = 60, seed: int = 5) -> list[bytes]:
    """Draw rows as they stand in the original file."""
    drawn = random.Random(seed)
    return [
        ",".join(
            [
                drawn.choice("FIM"),
                *(str(round(drawn.uniform(0.05, 0.9), 3)) for _ in range(7)),
                str(drawn.randint(1, 29)),
            ]
        ).encode()
        for _ in range(count)
    ]


ROWS = simulated()
PLAIN = b"\n".join([*ROWS, b""])


def lines(*parts: bytes) -> bytes:
    return b"\n".join([*parts, b""])


def each(change: str, header: bytes = b"") -> bytes:
    """Write every row in another way; {0} is its number and {1} the row."""
    rows = [change.format(n, row.decode()).encode() for n, row in enumerate(ROWS)]
    return lines(*([header] if header else []), *rows)


def zipped(files: dict[str, bytes]) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return held.getvalue()


def records(*, label: str = "Rings") -> list[dict[str, object]]:
    names = [*NAMES, "Shell weight", label]
    return [
        {
            name: text if name == "Sex" else json.loads(text)
            for name, text in zip(names, row.decode().split(","), strict=True)
        }
        for row in ROWS
    ]


PARQUET_SCRIPT = """
import json, sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

import preprocess
from workflow.starting.reading import read_rows

root = Path(sys.argv[1])
table = pa.Table.from_pylist(json.loads((root / "records.json").read_text()))
table = table.set_column(0, "Sex", table.column("Sex").dictionary_encode())
pq.write_table(table, root / "in" / "data.parquet")
code = preprocess.main([
    *("--input-dir", str(root / "in"), "--output-dir", str(root / "out")),
    *("--resource-config", str(root / "hosts" / "config.json")),
    *("--message-path", str(root / "message")),
])
read = read_rows(root / "in" / "data.parquet")
print(json.dumps({"names": read.names, "count": read.count, "first": read.rows[0]}))
sys.exit(code)
"""


class Form(NamedTuple):
    """A file, and what the job's message says; it is taken unless it `fails`."""

    content: bytes
    told: str
    fails: bool = False


ALL = "all 60 rows were used"
INDEXED = "data: the first column, which has no name, was left out"
FORMS = {
    "the original": Form(PLAIN, ALL),
    "a header": Form(lines(HEADER, *ROWS), ALL),
    "OpenML's header": Form(lines(OPENML, *ROWS), ALL),
    "ucimlrepo's header": Form(lines(OPENML.replace(b"Class_number_of_r", b"R"), *ROWS), ALL),
    "units in the header": Form(lines(UNITS.replace(b" / nominal", b""), *ROWS), ALL),
    "Windows line ends": Form(lines(HEADER, *ROWS).replace(b"\n", b"\r\n"), ALL),
    "a byte order mark": Form(b"\xef\xbb\xbf" + lines(HEADER, *ROWS), ALL),
    "semicolons": Form(lines(HEADER, *ROWS).replace(b",", b";"), ALL),
    "tabs": Form(lines(HEADER, *ROWS).replace(b",", b"\t"), ALL),
    "tabs without a header": Form(PLAIN.replace(b",", b"\t"), ALL),
    "vertical bars": Form(PLAIN.replace(b",", b"|"), ALL),
    "quotes around everything": Form(
        lines(HEADER, *ROWS).replace(b",", b'","').replace(b"\n", b'"\n"')[:-1].join([b'"', b""]),
        ALL,
    ),
    "quotes and semicolons": Form(
        b'"' + PLAIN.replace(b",", b'";"').replace(b"\n", b'"\n"')[:-1], ALL
    ),
    "pandas' index": Form(each("{0},{1}", b"," + HEADER), f"{ALL}; {INDEXED}"),
    "pandas' index, saved twice": Form(
        each("{0},{1}", b"Unnamed: 0," + HEADER),
        f"{ALL}; data: the column of row numbers, 'Unnamed: 0', was left out",
    ),
    "a column of ids": Form(
        each("{0},{1}", b"id," + HEADER),
        f"{ALL}; data: the column of row numbers, 'id', was left out",
    ),
    "R's row names": Form(
        each('"{0}",{1}', HEADER),
        f"{ALL}; data: the first field of each row, for which the header has no name, was left out",
    ),
    "a comma at the end": Form(
        each("{1},", HEADER + b","),
        f"{ALL}; data: the comma at the end of each line was left out",
    ),
    "a comma at the end, no header": Form(
        each("{1},"), f"{ALL}; data: the comma at the end of each line was left out"
    ),
    "comments": Form(
        lines(b"# UCI, 1995", b"#", HEADER, *ROWS[:9], b"# a pause", *ROWS[9:]),
        f"{ALL}; data: lines that begin with # were left out",
    ),
    "a header behind #": Form(
        lines(b"# " + HEADER, *ROWS), f"{ALL}; data: lines that begin with # were left out"
    ),
    "gzip": Form(gzip.compress(PLAIN), ALL),
    "bzip2": Form(bz2.compress(PLAIN), ALL),
    "xz": Form(lzma.compress(PLAIN), ALL),
    "UCI's zip": Form(
        zipped({"abalone.data": PLAIN, "abalone.names": b"text", "Index": b"x"}), ALL
    ),
    "a zip of the Finder": Form(zipped({"a/b.csv": PLAIN, "__MACOSX/b.csv": b"\0\1"}), ALL),
    "JSON lines": Form(lines(*(json.dumps(r).encode() for r in records())), ALL),
    "JSON lines of OpenML": Form(
        lines(*(json.dumps(r).encode() for r in records(label="Class_number_of_rings"))), ALL
    ),
    # From here on what is refused.
    "decimal commas": Form(
        PLAIN.replace(b",", b";").replace(b".", b","),
        "data has decimal commas, such as '0,",
        fails=True,
    ),
    "row numbers without a header": Form(
        each("{0},{1}"),
        "data line 1 has 10 fields instead of 9, and the first, '0', looks like a row number; "
        'take it out, write a header, or put Ignored("row")',
        fails=True,
    ),
    "spaces": Form(
        PLAIN.replace(b",", b" "), "is separated by spaces; put commas in their place", fails=True
    ),
    "a column more": Form(
        each("{1},x", HEADER + b",origin"),
        "the header of data has the unknown 'origin'; expected are sex, length, diameter, height, "
        "whole_weight, shucked_weight, viscera_weight, shell_weight, rings; jobs/columns.py can "
        "give a column another name (also), or leave one out (Ignored)",
        fails=True,
    ),
    "Excel": Form(
        zipped({"xl/workbook.xml": b"<x/>", "xl/styles.xml": b"<x/>"}),
        "data is an Excel workbook; in Excel, save the sheet as CSV UTF-8, and upload that",
        fails=True,
    ),
    "Excel of 2003": Form(
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
        "data is an Excel workbook; in Excel, save the sheet as CSV UTF-8",
        fails=True,
    ),
    "an OpenDocument sheet": Form(
        zipped({"mimetype": b"application/x", "content.xml": b"<x/>"}),
        "data is an OpenDocument sheet; save it as CSV",
        fails=True,
    ),
    "UTF-16": Form(PLAIN.decode().encode("utf-16"), "UTF-16 or UTF-32 text; save it", fails=True),
    "a list of JSON": Form(
        json.dumps(records()).encode(),
        "data is one JSON list; write a line per row, with `jq -c '.[]' FILE`",
        fails=True,
    ),
    "JSON over several lines": Form(
        json.dumps(records()[0], indent=1).encode(), "write an object per line", fails=True
    ),
    "ARFF": Form(
        b"@RELATION abalone\n@DATA\n" + PLAIN, "is ARFF; delete its lines up to @data", fails=True
    ),
    "a page instead of the file": Form(
        b"<!DOCTYPE html>\n<html></html>", "download the file itself, not the page", fails=True
    ),
    "a pickle": Form(b"\x80\x04\x95" + bytes(40), "load it in Python, and save it", fails=True),
    "libsvm": Form(
        lines(*(b"15 1:-1 2:0.455 3:0.365" for _ in ROWS)), "wrong number of fields", fails=True
    ),
    "a tar in gzip": Form(
        gzip.compress(bytes(257) + b"ustar" + bytes(300)), "a tar archive; unpack", fails=True
    ),
    "a zip of a zip": Form(
        zipped({"a.csv": zipped({"b": PLAIN})}), "is packed twice; unpack the zip", fails=True
    ),
    "a zip without data": Form(
        zipped({"README": b"x"}), "is a zip without a file of data in it", fails=True
    ),
    "a zip that ends early": Form(zipped({"a": PLAIN})[:-30], "corrupt zip", fails=True),
}


def preprocess(
    folder: Path, scripts: SimpleNamespace, files: dict[str, bytes]
) -> tuple[int, str, list[bytes]]:
    """Run the job; return its exit code, its message and the encoded rows."""
    for name, content in files.items():
        path = folder / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    hosts = folder / "hosts.json"
    hosts.write_text(json.dumps({"current_host": "h", "hosts": ["h"]}))
    code = scripts.preprocess.main(
        [
            *("--input-dir", str(folder / "in"), "--output-dir", str(folder / "out")),
            *("--resource-config", str(hosts), "--message-path", str(folder / "message")),
        ]
    )
    written = [path.read_bytes() for path in folder.glob("out/[tv]*/part-*")]
    rows = sorted(row for text in written for row in text.splitlines())
    return code, (folder / "message").read_text(), rows


ENCODED = sorted(jobs.rows.encode_row(row).rstrip() for row in ROWS)


@pytest.mark.parametrize("form", list(FORMS.values()), ids=list(FORMS))
def test_a_form_is_taken_or_refused_in_words(tmp_path: Path, form: Form) -> None:
    code, message, rows = preprocess(tmp_path, jobs, {"data": form.content})

    if form.fails:
        assert code == 1
        assert form.told in message
    else:
        assert (code, message) == (0, form.told)
        assert rows == ENCODED


def test_there_are_forms_enough() -> None:
    assert len(FORMS) >= 25


def test_what_lies_beside_the_data_is_left_out_and_told(tmp_path: Path) -> None:
    files = {"README.md": b"# Abalone\n", "abalone.names": b"1. Title\n", "a/data.csv": PLAIN}

    code, message, rows = preprocess(tmp_path, jobs, files)

    assert (code, rows) == (0, ENCODED)
    assert message == (
        f"{ALL}; README.md: was left out, as its name is not that of data; "
        "abalone.names: was left out, as its name is not that of data"
    )


def test_a_folder_of_nothing_else_fails_and_names_it(tmp_path: Path) -> None:
    code, message, _ = preprocess(tmp_path, jobs, {"README.md": b"# Abalone\n"})

    assert code == 1
    assert "there are no files in" in message
    assert "but for README.md; upload the raw data first" in message


@pytest.fixture(scope="module")
def german(tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    """The abalone's columns with decimal commas."""
    folder = tmp_path_factory.mktemp("german")
    scripts = jobs_of(folder, "Number('a', signed=True), Ignored('t'), Number('y')")
    columns = folder / "jobs" / "columns.py"
    columns.write_text(columns.read_text() + "DECIMAL = ','\n")
    scripts = load("jobs", parent=folder)
    assert scripts.forms.DECIMAL == ","
    return scripts


@pytest.mark.parametrize(
    "text",
    [
        "a;t;y\n-1,5;31.12.2024;1.234,25\n",
        'a\tt\ty\n"-1,5"\t"x;y"\t"1.234,25"\n',
        'a,t,y\n"-1,5",x,"1.234,25"\n',
        'a;t;y\n-1,5;"so, or so";1234,25\n',
    ],
)
def test_decimal_commas_are_read_where_columns_py_says_so(
    tmp_path: Path, german: SimpleNamespace, text: str
) -> None:
    path = tmp_path / "data"
    path.write_text(text)

    [block] = german.objects.read_blocks("data", path, 1000)
    encoded = german.splitting.encode_block(block, german.splitting.Plan(1, 0.2, 0.2, 1))

    assert b"".join(encoded.texts) == b"1234.25,-1.5\n"


def test_a_line_keeps_its_number_whatever_is_beside_the_rows(tmp_path: Path) -> None:
    content = each("{0};{1}", b"id," + HEADER).replace(b",", b";") + b"60;X;1;1;1;1;1;1;1;9\n"

    code, message, _ = preprocess(tmp_path, jobs, {"data": content})

    assert code == 0
    assert "data line 62: unknown sex (value 'X', expected F, I or M)" in message


def test_parquet_is_read_by_preprocessing_and_by_workflow_new(tmp_path: Path) -> None:
    """Beside the libraries of the XGBoost image, pyarrow among them."""
    for name in ("in", "hosts"):
        (tmp_path / name).mkdir()
    (tmp_path / "hosts" / "config.json").write_text('{"current_host": "a", "hosts": ["a"]}')
    (tmp_path / "records.json").write_text(json.dumps(records()))

    done = subprocess.run(
        [xgboost_python("3.2"), "-B", "-c", PARQUET_SCRIPT, str(tmp_path)],
        env={"PYTHONPATH": f"{PROJECT_DIR}{os.pathsep}{PROJECT_DIR / 'jobs'}"},
        capture_output=True,
        text=True,
        check=True,
    )

    written = {
        tuple(map(float, line.split(",")))
        for split in ("train", "validation", "test")
        for path in (tmp_path / "out" / split).iterdir()
        for line in path.read_text().splitlines()
    }
    assert (tmp_path / "message").read_text() == ALL
    assert written == {tuple(map(float, row.split(b","))) for row in ENCODED}
    told = json.loads(done.stdout.splitlines()[-1])
    assert told == {"names": [*NAMES, "Shell weight", "Rings"], "count": 60, "first": told["first"]}
    assert told["first"] == [str(value) for value in records()[0].values()]


def test_parquet_without_pyarrow_is_refused_with_both_remedies(tmp_path: Path) -> None:
    if importlib.util.find_spec("pyarrow"):
        pytest.skip("it is there")

    code, message, _ = preprocess(tmp_path, jobs, {"data": b"PAR1" + bytes(40)})

    assert code == 1
    assert "on this machine install it into .venv, or save the table as CSV" in message
