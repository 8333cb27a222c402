"""Every kind of column: what a text becomes, and that whoever encodes it makes the same of it."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import xgboost as xgb

from pocketaws.sagemaker.xgboost.serving import ScoringService, ServingSettings
from pocketaws.sagemaker.xgboost.serving_payload import read_payload
from pocketaws.wire.messages import Request
from tests.unit.modules import PROJECT_DIR, load
from tests.unit.other_columns import both_ways, jobs_of

COLUMNS = """
    Date('sold', parts=('days', 'year', 'month', 'weekday', 'hour'), since='2020-01-01'),
    Date('born', format='%d.%m.%Y'),
    Flag('is_new'),
    Ordered('size', ('small', 'medium', 'large')),
    Number('weight', unit='kg'),
    Number('price', unit='$', thousands="'"),
    Number('plain', signed=True),
    Hashed('device', buckets=8),
    Category('city', ('Paris', 'Rome'), unseen='other'),
    Category('color', ('red', 'blue')),
    Count('n'),
    Category('site', ('x', 'y'), unseen='missing'),
    Ignored('note'),
    Weight('times'),
    Number('y')
"""
NAMES = "sold,born,is_new,size,weight,price,plain,device,city,color,n,site,note,times,y"
FEATURES = [
    *("sold_days", "sold_year", "sold_month", "sold_weekday", "sold_hour"),
    *("born_days", "born_month", "born_weekday", "is_new", "size", "weight", "price", "plain", "n"),
    *(f"device_{bucket}" for bucket in range(8)),
    *("city_Paris", "city_Rome", "city_other", "color_red", "color_blue"),
    *("site_x", "site_y"),
]


@pytest.fixture(scope="module")
def jobs(tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    return jobs_of(tmp_path_factory.mktemp("kinds"), COLUMNS)


def drawn_rows(count: int) -> list[str]:
    """Make rows of every kind in many spellings, with missing values among them."""
    drawn = random.Random(11)

    def cell(*values: str) -> str:
        return drawn.choice([*values, *values, "", "NA"])

    def row() -> list[str]:
        day = f"20{drawn.randint(10, 29)}-{drawn.randint(1, 12):02}-{drawn.randint(1, 28):02}"
        return [
            cell(day, f"{day}T{drawn.randint(0, 23):02}:30:00", f"{day} 01:00:00+02:00"),
            cell(f"{drawn.randint(1, 28)}.{drawn.randint(1, 12)}.{drawn.randint(1900, 2020)}"),
            cell("yes", "No", "TRUE", "0", "f"),
            cell("small", "Medium", '"large"'),
            cell(f"{drawn.uniform(0, 99):.1f} kg", f"{drawn.randint(0, 9)}kg", "7", '"8 kg"'),
            cell(f"$1'{drawn.randint(100, 999)}.50", "$12", "1'234'567", "$ 5"),
            cell(f"{drawn.uniform(-9, 9):.3f}", "1e-3"),
            cell(f"{drawn.getrandbits(64):x}", "Ünïcode", " spaced "),
            cell("Paris", "rome", "Oslo", '"New York, NY"'),
            cell("red", "BLUE"),
            cell(str(drawn.randint(1, 99))),
            cell("x", "Y", "z", '"a, b"'),
            drawn.choice(["", "anything", '"quoted, too"']),
            drawn.choice([f"{drawn.uniform(0.1, 9):.3f}", "1", "2.5e1", '"3"', " 4 "]),
            str(drawn.randint(0, 99)),
        ]

    return [",".join(row()) for _ in range(count)]


ROWS = drawn_rows(1000)


def test_each_kind_becomes_what_it_says(jobs: SimpleNamespace) -> None:
    text = (
        "2020-01-31T12:00:00,29.02.2000,yes,medium,1.5 kg,$1'250.5,-2,a1,Rome,blue,3,x,a,2.5,9\n"
        ",,,,,,,,,,,,,1e1,9\n"
    )

    fast, careful = both_ways(jobs, text.encode())

    assert list(jobs.rows.FEATURES) == FEATURES
    assert fast == careful
    first, second = (row.decode().rstrip().split(",") for row in fast)
    told = dict(zip(["y", "times", *FEATURES], first, strict=True))
    assert [told[name] for name in FEATURES[:5]] == ["30.5", "2020", "1", "4", "12"]
    assert [told[name] for name in FEATURES[5:8]] == ["11016", "2", "1"]
    assert [told[name] for name in FEATURES[8:14]] == ["1", "1", "1.5", "1250.5", "-2", "3"]
    assert sum(int(told[f"device_{bucket}"]) for bucket in range(8)) == 1
    assert [told[name] for name in FEATURES[-7:]] == ["0", "1", "0", "0", "1", "1", "0"]
    assert (told["y"], told["times"]) == ("9", "2.5")
    assert second == ["9", "10.0", *[""] * (len(FEATURES) - 1), "nan"]


@pytest.mark.parametrize(
    ("place", "text", "reason"),
    [
        (0, "31/12/2020", "not a date (column 'sold', value '31/12/2020', expected is the form"),
        (0, "2021-02-30", "not a date (column 'sold', value '2021-02-30'"),
        (1, "2020-01-01", "expected is the format %d.%m.%Y"),
        (2, "perhaps", "unknown is_new (value 'perhaps', expected true, yes, false or no)"),
        (3, "huge", "unknown size (value 'huge', expected small, medium or large)"),
        (4, "3 lb", "not a number (column 'weight', value '3 lb')"),
        (5, "1'23", "not a number (column 'price', value '1'23')".replace("'1'23'", '"1\'23"')),
        (13, "", "no weight (column 'times', value '')"),
        (13, "NA", "no weight (column 'times', value 'NA')"),
        (13, "0.00", "a weight must be from 1e-06 to 1e+09 (column 'times', value '0.00')"),
        (13, "-1", "a weight must be from 1e-06 to 1e+09 (column 'times', value '-1')"),
        (13, "inf", "NaN or infinite (column 'times', value 'inf')"),
        (13, "much", "not a number (column 'times', value 'much')"),
        (9, "green", "unknown color (value 'green', expected red or blue)"),
    ],
)
def test_what_is_no_value_of_its_kind_is_told(
    jobs: SimpleNamespace, place: int, text: str, reason: str
) -> None:
    fields = [""] * 13 + ["1", "9"]
    fields[place] = text

    fast, careful = both_ways(jobs, f"{','.join(fields)}\n".encode())

    assert fast == careful
    assert reason in fast[0]


def test_both_ways_agree_on_a_thousand_rows(jobs: SimpleNamespace) -> None:
    fast, careful = both_ways(jobs, "\n".join([*ROWS, ""]).encode())

    assert fast == careful
    assert {type(row) for row in fast} == {bytes}
    assert {row.count(b",") for row in fast} == {1 + len(FEATURES)}


def sent(script: str | Path, encoding: Path | None = None) -> list[bytes]:
    """Encode all rows for the endpoint, without their weight and label."""
    unlabelled = [row.rsplit(",", 2)[0] for row in (NAMES, *ROWS)]
    environment = {**os.environ, **({"ENCODING_PATH": str(encoding)} if encoding else {})}
    ended = subprocess.run(
        [sys.executable, "-B", str(script)],
        input="\n".join(unlabelled).encode(),
        env=environment,
        capture_output=True,
        check=True,
    )
    return ended.stdout.splitlines()


def model_of(chunk: Any) -> xgb.Booster:
    """Train a model on some rows."""
    matrix = xgb.DMatrix(chunk.features, chunk.actual, weight=chunk.weights)
    return xgb.train({"nthread": 1, "max_depth": 4}, matrix, 10)


def answers_here(chunk: Any) -> list[float]:
    """Predict the rows as the evaluation reads them."""
    return [float(value) for value in model_of(chunk).predict(xgb.DMatrix(chunk.features))]


def answers(chunk: Any, body: bytes, model_dir: Path) -> list[float]:
    """Ask the container of an endpoint of that model."""
    model_dir.mkdir()
    (model_dir / "xgboost-model").write_bytes(model_of(chunk).save_raw("ubj"))
    service = ScoringService(model_dir, ServingSettings())
    answer = service.answer(Request("POST", "/invocations", {"content-type": "text/csv"}, body))
    assert answer.status == 200
    return [float(text) for text in answer.body.split()]


def test_what_invoke_sends_is_what_preprocessing_wrote_and_what_the_endpoint_reads(
    jobs: SimpleNamespace, tmp_path: Path
) -> None:
    block = jobs.objects.Block("rows.csv", 1, None, "\n".join([*ROWS, ""]).encode())
    encoded = jobs.splitting.encode_block(block, jobs.splitting.Plan(1, 0.2, 0.2, 1))
    (tmp_path / "rows").mkdir()
    (tmp_path / "rows" / "part.csv").write_bytes(b"".join(encoded.texts))

    rows = sent(jobs.encode.__file__)

    written = [line.split(b",", 2)[2] for text in encoded.texts for line in text.splitlines()]
    assert sorted(rows) == sorted(written)
    [chunk] = jobs.encoded_rows.read_chunks(tmp_path / "rows")
    served = read_payload(b"\n".join(written), "text/csv")
    assert np.array_equal(np.asarray(served), chunk.features, equal_nan=True)
    assert answers(chunk, b"\n".join(written), tmp_path / "model") == answers_here(chunk)
    kinds = {type(column).__name__ for column in jobs.rows.LABELLED}
    assert kinds == set(jobs.table.KINDS)
    assert chunk.weights.min() >= 0.1
    # A row of the data set may be sent whole, whatever its weight is.
    whole = ROWS[0].split(",")
    whole[-2] = "none"
    sent_whole = jobs.rows.encode_features(",".join(whole).encode())
    assert sent_whole == jobs.rows.encode_features(ROWS[0].encode()) == rows[0] + b"\n"


def test_rows_are_encoded_by_the_document_that_travels_with_the_model(
    jobs: SimpleNamespace, tmp_path: Path
) -> None:
    path = tmp_path / "encoding.json"
    path.write_text(json.dumps(jobs.table.document()))

    # The abalone's columns lie beside this script.
    rows = sent(PROJECT_DIR / "jobs" / "encode.py", path)

    assert rows == sent(jobs.encode.__file__)


def test_a_document_of_a_kind_that_is_not_known_is_refused(jobs: SimpleNamespace) -> None:
    with pytest.raises(jobs.kinds.ColumnsError, match="use the version of this repository that"):
        jobs.table.column_of({"kind": "Colour", "name": "a"})


def split_rows(jobs: SimpleNamespace, text: str, seed: int = 1) -> list[set[bytes]]:
    """Return the encoded rows of each split."""
    block = jobs.objects.Block("rows.csv", 1, None, text.encode())
    encoded = jobs.splitting.encode_block(block, jobs.splitting.Plan(seed, 0.2, 0.2, 1))
    assert not encoded.rejected, encoded.examples
    return [set(text.splitlines()) for text in encoded.texts]


@pytest.mark.parametrize("kind", ["Ignored", "Number", "Category"])
def test_rows_of_a_group_stand_in_one_split(tmp_path: Path, kind: str) -> None:
    values = ", tuple(map(str, range(200)))" if kind == "Category" else ""
    jobs = with_split(
        tmp_path, f"Number('a'), {kind}('who'{values}), Number('y')", "ByGroup('who')"
    )
    text = "".join(f"{row},{row % 200},{row % 200}\n" for row in range(2000))

    splits = split_rows(jobs, text)

    groups = [{row.split(b",")[0] for row in rows} for rows in splits]
    assert sum(map(len, splits)) == 2000
    assert sum(map(len, groups)) == 200
    assert 15 < len(groups[1]) < 65
    assert split_rows(jobs, text.replace(",7,7", ',"7",7')) == splits


def test_rows_without_a_group_are_split_each_by_itself(tmp_path: Path) -> None:
    jobs = with_split(tmp_path, "Number('a'), Ignored('who'), Number('y')", "ByGroup('who')")

    splits = split_rows(jobs, "".join(f"{row},,1\n" for row in range(1000)))

    assert 100 < len(splits[1]) < 300


def test_rows_are_split_by_time_where_columns_py_says_so(tmp_path: Path) -> None:
    jobs = with_split(
        tmp_path,
        "Date('sold', parts=()), Number('a'), Number('y')",
        "ByTime('sold', '2021-03-01', '2021-06-01')",
    )

    splits = split_rows(
        jobs, "2021-02-28T23:00:00,1,1\n2021-03-01,2,2\n2021-05-31,3,3\n2021-06-01,4,4\n"
    )

    assert splits == [{b"1,1"}, {b"2,2", b"3,3"}, {b"4,4"}]
    block = jobs.objects.Block("rows.csv", 1, None, b",1,1\n")
    encoded = jobs.splitting.encode_block(block, jobs.splitting.Plan(1, 0.2, 0.2, 1))
    assert list(encoded.rejected) == ["no time to split by"]


def with_split(folder: Path, columns: str, split: str) -> SimpleNamespace:
    """Load the jobs with columns and a rule for the split."""
    jobs_of(folder, columns)
    path = folder / "jobs" / "columns.py"
    path.write_text(f"{path.read_text()}SPLIT = {split}\n")
    return load("jobs", parent=folder)


@pytest.mark.parametrize(
    ("columns", "split", "reason"),
    [
        ("Number('a'), Number('y')", "ByGroup('b')", "SPLIT names 'b': must be one of a"),
        ("Number('a'), Number('y')", "ByGroup('y')", "SPLIT names 'y': must be one of a"),
        ("Number('a'), Number('y')", "ByLabel", "SPLIT = ByLabel: write ByLabel(…)"),
        ("Number('a'), Number('y')", "ByLabel()", "ByLabel(): is for classes; leave it out"),
        ("Number('a'), Number('y')", "ByTime('a', '2020-01-01', '2021-01-01')", "must name a Date"),
        ("Date('a'), Number('y')", "ByTime('a', '2022-01-01', '2021-01-01')", "the earlier first"),
        ("Date('a', parts=('era',)), Number('y')", "None", "must be of days, year, month"),
        ("Date('a', since='then'), Number('y')", "None", "must be a date such as '2020-01-01'"),
        ("Hashed('a', buckets=1), Number('y')", "None", "buckets=1: must be from 2 to 1024"),
        ("Category('a', ('b',), unseen='drop'), Number('y')", "None", "unseen='drop': must be one"),
        (
            "Weight('a'), Weight('b'), Number('c'), Number('y')",
            "None",
            "a and b are Weights: a row",
        ),
        ("Weight('a'), Number('y')", "None", "COLUMNS holds the label alone"),
    ],
)
def test_columns_that_cannot_work_are_refused_with_the_remedy(
    tmp_path: Path, columns: str, split: str, reason: str
) -> None:
    path = tmp_path / "jobs" / "columns.py"
    jobs_of(tmp_path, "Number('a'), Number('y')")
    path.write_text(f"from kinds import *\nLABEL = 'y'\nCOLUMNS = ({columns})\nSPLIT = {split}\n")

    with pytest.raises(Exception, match=r"columns\.py: ") as raised:
        load("jobs", parent=tmp_path)

    assert reason in str(raised.value)


def test_columns_of_few_texts_side_by_side_are_looked_up_as_one(tmp_path: Path) -> None:
    columns = "Flag('f'), Ordered('s', ('a', 'b')), Category('c', ('r', 'g')), Flag('l'), Flag('k')"
    jobs = jobs_of(tmp_path, f"{columns}, Number('y')")
    text = b"yes,a,r,no,on,1\n,,,,,2\nYES,b,,f,,3\nno,B,G,t,off,4\nmaybe,a,r,no,on,5\n"

    fast, careful = both_ways(jobs, text)

    assert fast == careful
    assert fast[0] == b"1,1,0,0,1,1,0\n"
    assert fast[1] == b"2,,,,,,nan\n"
    # f and s, c, l and k, y, and what is not clean.
    assert jobs.clean_lines.LAYOUT.line.groups == 5
