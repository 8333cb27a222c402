"""`jobs/columns.py` may describe another table: both ways of encoding follow it, and agree."""

from __future__ import annotations

import hashlib
import random
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.modules import PROJECT_DIR, load
from tests.unit.other_columns import both_ways, jobs_of

SAMPLE_PATH = PROJECT_DIR / "data" / "abalone-sample.csv"
TABLES = {
    "numbers first": "Number('a'), Number('b'), Category('c', ('x', 'y')), Number('y')",
    "the label first": "Number('y'), Number('a'), Category('c', ('x', 'y')), Number('b')",
    "a number at both ends": "Number('a'), Number('y'), Category('c', ('x', 'y')), Number('b')",
    "numbers only": "Number('a'), Number('b'), Number('y')",
    "numbers only, the label first": "Count('y'), Number('a'), Number('b')",
    "the label inside a run": "Category('c', ('x',)), Number('a'), Number('y'), Count('b')",
    "categories only": "Category('c', ('x', 'y')), Category('d', ('1', '10', '2')), Count('y')",
    "categories apart": "Category('c', ('a b', 'a')), Number('a'), Category('d', ('x.y', 'x')),"
    " Number('y'), Number('b', signed=True), Category('e', ('+', '(', '|'))",
    "ignored all over": "Ignored('i'), Number('a'), Ignored('j'), Ignored('k'), Number('y'),"
    " Ignored('l')",
    "ignored after numbers": "Number('a'), Ignored('j'), Category('c', ('x', 'y')), Number('y')",
    "signed": "Number('a', signed=True), Number('y', signed=True)",
}


@pytest.fixture(scope="module", params=list(TABLES.values()), ids=list(TABLES))
def table(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> SimpleNamespace:
    return jobs_of(tmp_path_factory.mktemp("table"), request.param)


def drawn_fields(jobs: SimpleNamespace, drawn: random.Random) -> list[str]:
    """Make the fields of one clean row."""
    fields: dict[str, Callable[[Any], str]] = {
        "Number": lambda _: f"{drawn.uniform(0, 99):.3f}",
        "Count": lambda _: str(drawn.randint(1, 99)),
        "Category": lambda column: drawn.choice(column.values),
        "Ignored": lambda _: drawn.choice(["", "7", "H-1 b", "#(x)"]),
    }
    return [fields[type(column).__name__](column) for column in jobs.rows.LABELLED]


def expected(jobs: SimpleNamespace, fields: list[str]) -> bytes:
    """Encode a clean row as the documents say: label, numbers, a 0 or 1 for each value."""
    by_name = {c.name: fields[index] for index, c in enumerate(jobs.rows.LABELLED)}
    kinds = {c.name: (type(c).__name__, c) for c in jobs.rows.LABELLED if c.name != "y"}
    numbers = [by_name[name] for name, (kind, _) in kinds.items() if kind in {"Number", "Count"}]
    one_hot = [
        str(int(by_name[name] == value))
        for name, (kind, column) in kinds.items()
        if kind == "Category"
        for value in column.values
    ]
    return ",".join([by_name["y"], *numbers, *one_hot]).encode() + b"\n"


def test_clean_rows_are_label_numbers_and_a_column_for_each_value(table: SimpleNamespace) -> None:
    drawn = random.Random(1)
    rows = [drawn_fields(table, drawn) for _ in range(200)]
    text = "".join(",".join(row) + drawn.choice(["\n", "\r\n"]) for row in rows).encode()

    encoded = table.clean_lines.encode_lines(text).rows

    assert encoded == [expected(table, row) for row in rows]
    assert encoded == both_ways(table, text)[1]
    assert {row.count(b",") for row in encoded} == {len(table.rows.FEATURES)}


@given(data=st.data())
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_both_ways_agree_on_rows_that_are_spoiled(table: SimpleNamespace, data: Any) -> None:
    drawn = random.Random(data.draw(st.integers(0, 99)))
    lines = [",".join(drawn_fields(table, drawn)).encode() for _ in range(3)]
    at = data.draw(st.integers(0, len(lines[1])))
    piece = data.draw(
        st.one_of(
            st.binary(max_size=3),
            st.sampled_from([b",", b"-", b"-0", b"e1", b'"', b" ", b"\r", b"X", b"\n", b"\n\n"]),
        )
    )
    lines[1] = lines[1][:at] + piece + lines[1][at + data.draw(st.integers(0, 2)) :]

    fast, careful = both_ways(table, b"\n".join(lines) + b"\n")

    assert fast == careful
    assert isinstance(fast[0], bytes)


def test_a_header_in_another_order_and_rows_without_the_label_give_the_same_features(
    table: SimpleNamespace,
) -> None:
    row = drawn_fields(table, random.Random(2))
    names = [column.name for column in table.rows.LABELLED]
    backwards = ",".join(reversed(row)).encode()
    order = table.rows.column_order(",".join(reversed(names)).encode())
    unlabelled = [text for text, name in zip(row, names, strict=True) if name != "y"]

    assert table.rows.encode_row(backwards, order) == expected(table, row)
    features = expected(table, row).partition(b",")[2]
    line = ",".join(unlabelled).encode()
    assert table.rows.encode_features(line, table.rows.UNLABELLED) == features


def test_the_test_rows_are_read_back_with_the_values_of_each_category(tmp_path: Path) -> None:
    jobs = jobs_of(tmp_path, TABLES["categories apart"])
    rows = [["a", "1", "x.y", "5", "-2", "|"], ["a b", "1.5", "x", "6", "0", "+"]]
    (tmp_path / "rows").mkdir()
    (tmp_path / "rows" / "part.csv").write_bytes(b"".join(expected(jobs, row) for row in rows))

    [chunk] = jobs.encoded_rows.read_chunks(tmp_path / "rows")

    assert chunk.values.tolist() == [[1, 0, 2], [0, 1, 0]]
    assert chunk.actual.tolist() == [5.0, 6.0]
    assert chunk.features[0].tolist() == [1, -2, 0, 1, 1, 0, 0, 0, 1]


def test_a_test_row_with_two_values_of_a_category_fails_and_names_them(tmp_path: Path) -> None:
    jobs = jobs_of(tmp_path, TABLES["categories apart"])
    (tmp_path / "rows").mkdir()
    (tmp_path / "rows" / "part.csv").write_text("5,1,-2,0,1,1,1,0,0,1\n")

    with pytest.raises(jobs.container.JobError, match=r"exactly one of d_x.y, d_x must be 1"):
        list(jobs.encoded_rows.read_chunks(tmp_path / "rows"))


def test_a_negative_number_is_taken_only_where_it_may_be_one(tmp_path: Path) -> None:
    jobs = jobs_of(tmp_path, "Number('a', signed=True), Number('b'), Number('y')")

    fast, careful = both_ways(jobs, b"-3.5,1,2\n-4e-1,1,2\n1,-1,2\n")

    assert fast == careful
    assert fast == [b"2,-3.5,1\n", b"2,-0.4,1\n", "negative (column 'b', value '-1')"]


@pytest.mark.parametrize(
    ("columns", "label", "reason"),
    [
        ("Number('a'), Number('y')", "z", "LABEL = 'z': must be the name of a Number or a Count"),
        ("Number('a'), Category('y', ('b',))", "y", "there are a"),
        ("Number('y')", "y", "COLUMNS holds the label alone; add the features"),
        ("Ignored('a'), Number('y')", "y", "COLUMNS holds the label alone; add the features"),
        ("Number('a'), Number('a'), Number('y')", "y", "column 'a': is called like another"),
        ("Number('a_b'), Number('AB'), Number('y')", "y", "column 'a_b': is called like another"),
        ("Number('a', also='b'), Number('b'), Number('y')", "y", "column 'a': is called like"),
        ("Number('a b'), Number('y')", "y", "column 'a b': a name must be letters, digits and _"),
        ("Category('c', ()), Number('y')", "y", "the values must be one or more different texts"),
        ("Category('c', ('m', 'M')), Number('y')", "y", "wrong: 'M'"),
        ("Category('c', ('a,b', ' d', 'e')), Number('y')", "y", "wrong: 'a,b', ' d'"),
        ("Category('c', ('\u00e9',)), Number('y')", "y", "wrong: '\u00e9'"),
    ],
)
def test_columns_that_make_no_table_are_refused_with_the_remedy(
    tmp_path: Path, columns: str, label: str, reason: str
) -> None:
    jobs_dir = tmp_path / "jobs"
    shutil.copytree(PROJECT_DIR / "jobs", jobs_dir)
    (jobs_dir / "columns.py").write_text(
        f"from kinds import Category, Ignored, Number\nLABEL = {label!r}\nCOLUMNS = ({columns},)\n"
    )

    ended = subprocess.run(
        [sys.executable, "-B", jobs_dir / "encode.py"],
        input=b"",
        capture_output=True,
        check=False,
    )

    last_line = ended.stderr.decode().splitlines()[-1]
    assert ended.returncode == 1
    assert last_line.startswith("kinds.ColumnsError: columns.py: ")
    assert reason in last_line


def test_the_present_table_is_encoded_byte_for_byte_as_ever() -> None:
    jobs = load("jobs", parent=PROJECT_DIR)
    plan = jobs.splitting.Plan(seed=42, validation_share=0.15, test_share=0.15, parts=4)
    block = jobs.objects.Block("a.csv", 1, None, SAMPLE_PATH.read_bytes())

    encoded = jobs.splitting.encode_block(block, plan)

    digest = hashlib.sha256(b"|".join([*encoded.texts, b""])).hexdigest()
    assert digest == "bfb205e63d8cee41edfee4da22004576cbddb0d987a7d9ea6abe04c23f95c15c"
