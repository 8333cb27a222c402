"""A missing value stays one: in the splits, for XGBoost, at the endpoint, in every count."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import warnings
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import xgboost as xgb

from tests.unit.other_columns import both_ways, jobs_of

COLUMNS = (
    "Number('a', signed=True), Category('c', ('x', 'na y')), Count('n'),"
    " Number('r', required=True), Number('m', missing=('', '-999')), Ignored('i'),"
    " Category('d', ('p', 'q'), unseen='missing'),"
    " Number('y'), Category('e', ('s', 't'), unseen='other')"
)
HEADER = "a,c,n,r,m,i,d,y,e\n"


@pytest.fixture(scope="module")
def jobs(tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    return jobs_of(tmp_path_factory.mktemp("missing"), COLUMNS)


def drawn_rows(count: int, seed: int = 3) -> list[str]:
    """Make rows in which about a third of the values are missing, in many spellings."""
    drawn = random.Random(seed)
    absent = ["", "NA", "nan", "NULL", "?", "n/a", '""', '"NA"', " ", "None"]

    def cell(*values: str) -> str:
        return drawn.choice(values) if drawn.random() > 1 / 3 else drawn.choice(absent)

    return [
        ",".join(
            [
                cell(f"{drawn.uniform(-9, 9):.4f}", '"-2"', "1e-3"),
                cell("x", "na y", "X", '"na y"'),
                cell("7", "31", "4.0"),
                f"{drawn.uniform(0, 9):.2f}",
                drawn.choice(["", "-999", "4.5", "0"]),
                drawn.choice(["", "NA", "anything", '"quoted, too"']),
                cell("p", "q", "unheard of"),
                f"{drawn.randint(1, 99)}",
                cell("s", "t", "another", '"t"'),
            ]
        )
        for _ in range(count)
    ]


def test_each_column_tells_a_missing_value_by_its_own_list(jobs: SimpleNamespace) -> None:
    encoded = {
        "1,x,2,3,4,i,p,5,s": "5,1,2,3,4,1,0,1,0,1,0,0",
        ",,,3,,,,5,": "5,,,3,,,,,,,,nan",
        "NA,N/A,null,3,-999,NA,?,5,None": "5,,,3,,,,,,,,nan",
        "1,na y,2,3,4,i,other,5,other": "5,1,2,3,4,0,1,,,0,0,1",
    }

    fast, careful = both_ways(jobs, "\n".join([*encoded, ""]).encode())

    assert fast == careful == [f"{row}\n".encode() for row in encoded.values()]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("1,x,2,,4,i,p,5,s", "not a number (column 'r', value '')"),
        ("1,x,2,NA,4,i,p,5,s", "not a number (column 'r', value 'NA')"),
        ("1,x,2,3,NA,i,p,5,s", "not a number (column 'm', value 'NA')"),
        ("1,x,2,3,4,i,p,,s", "not a number (column 'y', value '')"),
        ("-999,z,2,3,4,i,p,5,s", "unknown c (value 'z', expected x or na y)"),
    ],
)
def test_what_is_required_or_not_in_the_list_leaves_the_row_out(
    jobs: SimpleNamespace, row: str, reason: str
) -> None:
    fast, careful = both_ways(jobs, f"{row}\n".encode())

    assert fast == careful == [reason]


def test_a_category_that_takes_any_text_may_still_require_one(tmp_path: Path) -> None:
    jobs = jobs_of(
        tmp_path, "Category('c', ('x', 'y'), unseen='other', required=True), Number('y')"
    )

    fast, careful = both_ways(jobs, b"x,1\nz,1\n,1\nNA,1\n")

    assert fast == careful
    assert fast[:2] == [b"1,1,0,0\n", b"1,0,0,1\n"]
    assert fast[2] == "no value (column 'c' requires one, value '')"


def test_both_ways_agree_whatever_is_missing(jobs: SimpleNamespace) -> None:
    fast, careful = both_ways(jobs, "\n".join([*drawn_rows(1000), ""]).encode())

    assert fast == careful
    assert all(isinstance(row, bytes) for row in fast)


def run(jobs: SimpleNamespace, folder: Path, rows: list[str]) -> tuple[dict[str, object], str]:
    """Run the preprocessing job and return its report and its message."""
    (folder / "in").mkdir(parents=True)
    (folder / "in" / "rows.csv").write_text(HEADER + "\n".join(rows))
    (folder / "hosts.json").write_text(json.dumps({"current_host": "h", "hosts": ["h"]}))
    code = jobs.preprocess.main(
        [
            *("--input-dir", str(folder / "in"), "--output-dir", str(folder / "out")),
            *("--resource-config", str(folder / "hosts.json")),
            *("--message-path", str(folder / "message"), "--max-rejected-share", "0"),
        ]
    )
    message = (folder / "message").read_text()
    assert code == 0, message
    return json.loads((folder / "out" / "report" / "report-h.json").read_text()), message


@pytest.fixture(scope="module")
def ran(
    jobs: SimpleNamespace, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, dict[str, object], str]:
    folder = tmp_path_factory.mktemp("ran")
    return folder, *run(jobs, folder, drawn_rows(1000))


def read_as_training_does(folder: Path) -> xgb.DMatrix:
    """Read rows with the text reader that the container uses."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*Text file input has been deprecated")
        return xgb.DMatrix(f"{folder}?format=csv&label_column=0&delimiter=,")


def test_no_row_is_lost_and_what_is_missing_is_counted_by_column(
    ran: tuple[Path, dict[str, object], str],
) -> None:
    _, report, message = ran

    missing = report["missing_by_column"]
    assert report["rows_kept"] == 1000
    assert isinstance(missing, dict)
    assert set(missing) == {"a", "c", "n", "m", "d", "e"}
    assert 450 < missing["m"] < 550
    assert 280 < missing["a"] < 390
    assert message.startswith("all 1000 rows were used; missing values (")
    assert f"m: {missing['m']}" in message


def test_the_splits_and_xgboosts_own_reader_hold_the_same_values(
    jobs: SimpleNamespace, ran: tuple[Path, dict[str, object], str]
) -> None:
    folder, report, _ = ran
    [*tables] = jobs.encoded_rows.read_tables(
        folder / "out" / "train", "--train-dir", lambda table: table.rows
    )
    table = np.concatenate(tables)

    matrix = read_as_training_does(folder / "out" / "train")

    assert matrix.num_col() == len(jobs.rows.FEATURES)
    assert matrix.num_nonmissing() == (~np.isnan(table[:, 1:])).sum()
    assert sorted(matrix.get_label()) == sorted(table[:, 0])
    counted = report["missing_by_column"]
    assert isinstance(counted, dict)
    assert 0 < np.isnan(table[:, 1]).sum() < counted["a"]


def test_what_the_endpoint_gets_is_what_preprocessing_wrote(
    jobs: SimpleNamespace, ran: tuple[Path, dict[str, object], str]
) -> None:
    folder, _, _ = ran
    raw = (HEADER + "\n".join(drawn_rows(1000))).encode()
    command = [sys.executable, "-B", jobs.encode.__file__]

    sent = subprocess.run(command, input=raw, capture_output=True, check=True).stdout

    written = [
        line.partition(b",")[2]
        for path in folder.glob("out/t*/part-*")
        for line in path.read_bytes().splitlines()
    ] + [
        line.partition(b",")[2]
        for path in folder.glob("out/validation/part-*")
        for line in path.read_bytes().splitlines()
    ]
    assert sorted(sent.splitlines()) == sorted(written)


def test_the_baseline_counts_what_the_training_rows_lack(
    jobs: SimpleNamespace, ran: tuple[Path, dict[str, object], str]
) -> None:
    folder, _, _ = ran

    drawn = jobs.baseline.draw_baseline(
        folder / "out" / "train", lambda: [np.array([1.0, 2.0])], {}
    )

    by_name = {column["name"]: column for column in drawn["features"]}
    for name in ("a", "m", "c", "e"):
        column = by_name[name]
        assert column["rows"] + column["missing"] == drawn["rows"]
        assert 0.2 < column["missing"] / drawn["rows"] < 0.6
    assert list(by_name["e"]["counts"]) == ["s", "t", "other"]
    json.dumps(drawn, allow_nan=False)


def test_a_column_without_any_value_has_a_baseline_and_is_a_feature(tmp_path: Path) -> None:
    jobs = jobs_of(tmp_path, "Number('y'), Number('a'), Number('b')")
    train = tmp_path / "train"
    train.mkdir()
    (train / "part.csv").write_bytes(
        b"".join(jobs.clean_lines.encode_lines(b"5,1,\n6,2,\n7,,\n").rows)
    )

    drawn = jobs.baseline.draw_baseline(train, lambda: [np.array([1.0])], {})
    matrix = read_as_training_does(train)

    assert drawn["features"][1] | {"name": "b", "rows": 0, "missing": 3} == drawn["features"][1]
    assert (matrix.num_row(), matrix.num_col()) == (3, 2)
    assert jobs.rows.encode_features(b"5,,", jobs.rows.LABELLED) == b",nan\n"


def test_a_call_without_a_value_is_counted_as_one_that_lacks_it(jobs: SimpleNamespace) -> None:
    assert jobs.column_counts.flagged(("", "", "nan")) == -1
    assert jobs.column_counts.flagged(("0", "0", "nan")) is None


def test_a_bad_cell_of_an_encoded_row_is_still_found(jobs: SimpleNamespace) -> None:
    text = b"5,1,2,3,4,1,0,1,0,1,0,0\n5,1,2,,4,1,0,1,0,1,0,0\n"

    with pytest.raises(jobs.container.JobError, match=r"line 2: not a number \(column 'r', value"):
        jobs.encoded_rows.parse_table(jobs.encoded_rows.Lines("part.csv", 1, text))
