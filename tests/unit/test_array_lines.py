"""Blocks that are encoded by array become, byte for byte, what they become by pattern."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.unit.modules import PROJECT_DIR, load
from tests.unit.other_columns import copy_jobs

Loaded = Callable[[str], SimpleNamespace]
EVERY_KIND = (
    "Number('a'), Number('b', signed=True), Number('c', unit='kg'), Count('n'),"
    " Date('day'), Flag('flag'), Ordered('size', ('small', 'large')),"
    " Category('color', ('red', 'green')), Category('city', ('Rome', 'Oslo'), unseen='other'),"
    " Hashed('device', buckets=4), Ignored('note'), Number('y')"
)
# The same kinds with the label first or amid, a weight, a split by a column; and no category,
# so that a row ends with a number that may be missing.
TABLES = {
    "every kind": (EVERY_KIND, "LABEL = 'y'"),
    "by group": (EVERY_KIND, "LABEL = 'y'\nSPLIT = ByGroup('note')"),
    "by time": (EVERY_KIND, "LABEL = 'y'\nSPLIT = ByTime('day', '2021-01-01', '2021-06-01')"),
    "classes": (EVERY_KIND, "LABEL = 'color'\nPROBLEM = 'binary'\nSPLIT = ByLabel()"),
    "a weight": (EVERY_KIND.replace("Number('a')", "Weight('a')"), "LABEL = 'y'"),
    "a count": (EVERY_KIND, "LABEL = 'n'"),
    "required": (
        EVERY_KIND.replace("signed=True", "required=True, signed=True"),
        "LABEL = 'c'",
    ),
    "no category": (
        "Date('day'), Number('a'), Flag('flag'), Number('c', unit='kg'), Number('y'), Count('n')",
        "LABEL = 'y'",
    ),
}
CELLS = {
    "a": ["0.5", "12", "7.", "003", "0." + "3" * 20],
    "b": ["-1.5", "2", "0.25"],
    "c": ["3 kg", "kg4.5", "6"],
    "n": ["7", "31", "999999999"],
    "day": ["2020-05-01", "2021-03-04T05:06", "2022-01-31"],
    "flag": ["yes", "no", "TRUE"],
    "size": ["small", "large"],
    "color": ["red", "green", "GREEN"],
    "city": ["Rome", "Bonn", "oslo"],
    "device": ["x1", "Y" * 30, "z z", "z" * 199],
    "note": ["", "p1", "p2", "p3", " p3"],
    "y": ["1.5", "2", "30.25"],
}
SPOILT = [
    *("", "NA", "?", " 4", "1e-3", "-1", "05", "0", "3" * 33, "0." + "3" * 21, "x" * 201),
    *('"5"', '"a,b"', "nan", "é", "\0", "a\tb", "\r", ",", "2020-13-01", "x" * 66_000),
]


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], SimpleNamespace]:
    """Load the jobs with a table's columns, once for all tests."""

    @cache
    def load_table(name: str) -> SimpleNamespace:
        folder = tmp_path_factory.mktemp("arrays")
        copy_jobs(folder, *TABLES[name])
        return load("jobs", parent=folder)

    return load_table


def names_of(jobs: SimpleNamespace) -> list[str]:
    """Return the columns' names."""
    return [column.name for column in jobs.table.COLUMNS]


def drawn(names: list[str], rows: int, *, spoilt: float, ends: str, seed: int = 5) -> bytes:
    """Draw rows; in some one cell is exchanged for what may not fit."""
    random_ = random.Random(seed)
    lines = []
    for _ in range(rows):
        cells = [random_.choice(CELLS[name]) for name in names]
        if random_.random() < spoilt:
            cells[random_.randrange(len(cells))] = random_.choice(SPOILT)
        lines.append(",".join(cells) if random_.random() > 0.01 else "")
    return (ends.join(lines) + ends).encode()


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize(("spoilt", "ends"), [(0.3, "\n"), (1.0, "\r\n"), (0.0, "\n")])
def test_a_block_becomes_the_same_by_array_as_by_pattern(
    loaded: Loaded, name: str, spoilt: float, ends: str
) -> None:
    jobs = loaded(name)
    names = names_of(jobs)
    plan = jobs.splitting.Plan(1, 0.2, 0.2, 2)
    seeds = [5, 6]  # The second block finds texts of the first one in the tables.
    texts = [drawn(names, 1500, spoilt=spoilt, ends=ends, seed=seed) for seed in seeds]
    blocks = [jobs.objects.Block("a.csv", 1, None, text) for text in texts]

    by_array = [jobs.splitting.encode_block(b, plan, jobs.array_lines.BY_ARRAY) for b in blocks]

    assert by_array == [jobs.splitting.encode_block(block, plan) for block in blocks]
    assert sum(by_array[0].rows) > 300


def test_the_plain_rows_are_done_by_array(loaded: Loaded) -> None:
    jobs = loaded("by group")
    text = drawn(names_of(jobs), 500, spoilt=0, ends="\r\n")

    lines = jobs.array_lines.match_arrays(text)

    assert sum(map(bool, lines.rows)) == sum(map(bool, text.split(b"\r\n")))
    assert not any(line.strip() for line in lines.others)


def test_a_table_keeps_to_its_bounds_and_forgets_nothing_that_it_answers() -> None:
    tables = load("jobs", parent=PROJECT_DIR).text_tables
    table = tables.Table(lambda text: None if text.startswith(b"9") else text + b"!", longest=12)

    for begin in range(0, 120_000, 20_000):
        texts = [b"%d" % number * 2 for number in range(begin, begin + 20_000)]
        text, lengths = b"".join(texts), tables.np.array(list(map(len, texts)))
        ends = lengths.cumsum()
        padded = text + bytes(tables.MAX_TEXT)
        wanted = [b"" if one[:1] == b"9" else one + b"!" for one in texts]
        for _ in range(2):
            places = table.look_up(padded, ends - lengths, ends)

            assert table.texts_at(places) == wanted
            rows = table.rows_at(places)
            assert [bytes(row).rstrip(b"\0") for row in rows] == wanted
    assert len(table.encoded) <= tables.MAX_ENCODED + 20_000
    assert len(table.found) == 1 << tables.MAX_BITS


@pytest.mark.parametrize(
    ("columns", "flags", "way"),
    [
        (EVERY_KIND, (), "match_arrays"),
        (EVERY_KIND, ("-S",), "match_lines"),  # Without the packages, NumPy among them.
        ("Number('a'), Flag('b'), Number('y')", (), "match_lines"),
    ],
)
def test_arrays_are_for_many_encoded_columns_where_numpy_is(
    tmp_path: Path, columns: str, flags: Sequence[str], way: str
) -> None:
    copy_jobs(tmp_path, columns, "LABEL = 'y'")
    script = "import pool; print(pool.fastest_way().match.__name__)"

    printed = subprocess.check_output(
        [sys.executable, *flags, "-B", "-c", script], cwd=tmp_path / "jobs", text=True
    )

    assert printed.strip() == way
