"""What `workflow new` makes of a table: kinds, label, sample, gate."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import itertools
import random
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.conftest import SAMPLE_PATH
from tests.unit.modules import PROJECT_DIR, load
from tests.unit.other_columns import jobs_of
from workflow.errors import InputDataError
from workflow.starting.balancing import Balance, balance_of
from workflow.starting.drawing import ROWS, draw_sample
from workflow.starting.judging import Quick, judge
from workflow.starting.proposing import Proposal, named, propose, with_label, with_weight
from workflow.starting.reading import MAX_ROWS, Rows, read_rows
from workflow.starting.table import check_is_not_the_sample
from workflow.starting.writing import columns_source, gate_threshold, with_gate, with_sample_path


def written(
    path: Path, header: Sequence[str], rows: Iterable[Sequence[object]], delimiter: str = ","
) -> Path:
    with path.open("w", newline="") as file:
        writer = csv.writer(file, delimiter=delimiter)
        writer.writerow(header)
        writer.writerows(rows)
    return path


def cars(path: Path, count: int = 300) -> Path:
    """Write a regression with dates, units, flags and missing values."""
    drawn = random.Random(1)

    def maybe(value: object) -> object:
        return "" if drawn.random() < 0.1 else value

    rows = [
        [
            number,
            date(2020, 1, 1) + timedelta(days=drawn.randint(0, 900)),
            (date(1999, 1, 1) + timedelta(days=drawn.randint(0, 900))).strftime("%d.%m.%Y"),
            maybe(drawn.choice(["petrol", "diesel"])),
            maybe(f"{drawn.randint(0, 200_000)} km"),
            drawn.choice(["yes", "no"]),
            drawn.choice(["unknown", "60", "90", "120", "75"]),
            f"${drawn.randint(1, 9)},{drawn.randint(100, 999)}.50",
            hashlib.sha256(str(drawn.random()).encode()).hexdigest()[:10],
            drawn.choice("abcdefgh") if drawn.random() < 0.9 else f"rare {number}",
            "new",
            drawn.randint(900, 30_000) / 10,
        ]
        for number in range(count)
    ]
    header = [
        *("id", "Sold on", "built", "Fuel", "mileage", "accident", "power (hp)", "fee", "vin"),
        *("seller", "state", "price"),
    ]
    return written(path, header, rows)


@pytest.fixture(scope="module")
def cars_rows(tmp_path_factory: pytest.TempPathFactory) -> Rows:
    return read_rows(cars(tmp_path_factory.mktemp("cars") / "cars.csv"))


def test_each_column_is_proposed_the_kind_that_its_texts_speak_for(cars_rows: Rows) -> None:
    proposed = {one.name: one for one in propose(cars_rows)}

    assert {name: one.kind for name, one in proposed.items()} == {
        "id": "Ignored",
        "sold_on": "Date",
        "built": "Date",
        "fuel": "Category",
        "mileage": "Number",
        "accident": "Flag",
        "power_hp": "Number",
        "fee": "Number",
        "vin": "Hashed",
        "seller": "Category",
        "state": "Ignored",
        "price": "Number",
    }
    assert 'format="%d.%m.%Y"' in proposed["built"].source
    assert 'unit="km"' in proposed["mileage"].source
    assert {'unit="$"', 'thousands=","'} <= set(proposed["fee"].source[:-1].strip(")").split(", "))
    assert "'unknown' is taken for a missing value" in proposed["power_hp"].note
    assert "more are other" in proposed["seller"].note
    assert 0.05 < proposed["fuel"].missing / 300 < 0.2


def jobs_for(folder: Path, rows: Rows, label: str) -> tuple[SimpleNamespace, list[Proposal]]:
    """Load the job scripts with the columns that are proposed."""
    proposals, problem = with_label(propose(rows), rows, label)
    jobs_of(folder, "Number('a'), Number('y')")
    source = columns_source(
        proposals, label=label, problem=problem, decimal=rows.decimal, title="a table"
    )
    (folder / "jobs" / "columns.py").write_text(source)
    return load("jobs", parent=folder), proposals


def encoded(jobs: SimpleNamespace, path: Path) -> tuple[int, list[str]]:
    """Encode a file as preprocessing does; return how many rows were kept, and what was refused."""
    plan = jobs.splitting.Plan(1, 0.2, 0.2, 1)
    blocks = jobs.objects.read_blocks(path.name, path, 1 << 20)
    made = [jobs.splitting.encode_block(block, plan) for block in blocks]
    return sum(sum(one.rows) for one in made), [text for one in made for text in one.examples]


def test_the_proposed_columns_read_the_table_and_the_sample(tmp_path: Path) -> None:
    path = cars(tmp_path / "cars.csv")
    rows = read_rows(path)
    jobs, proposals = jobs_for(tmp_path / "project", rows, "price")
    sample = tmp_path / "sample.csv"
    sample.write_text(draw_sample(rows, proposals, label="price"))

    assert encoded(jobs, path) == (300, [])
    assert encoded(jobs, sample) == (ROWS, [])


def test_a_sample_holds_no_row_of_the_table_and_nothing_that_tells_rows_apart(
    cars_rows: Rows,
) -> None:
    text = draw_sample(cars_rows, propose(cars_rows), label="price")

    drawn = list(csv.reader(io.StringIO(text)))[1:]
    theirs = {tuple(row[1:]) for row in cars_rows.rows}
    assert not [row for row in drawn if tuple(row[1:]) in theirs]
    assert {row[0] for row in drawn} == {""}
    assert {row[8][:4] for row in drawn} <= {"vin-", ""}


def test_of_a_wide_table_fewer_rows_are_drawn() -> None:
    names = [f"c{at}" for at in range(1000)]
    rows = Rows(
        names, [[str(at + row) for at in range(1000)] for row in range(3)], 3, has_header=True
    )

    drawn = draw_sample(rows, propose(rows), label="c0").splitlines()

    assert 500 < len(drawn) < ROWS


@pytest.mark.parametrize(("count", "most"), [(300, 20), (9_000, 1)])
def test_a_row_is_drawn_twice_only_of_a_file_that_was_read_whole(count: int, most: int) -> None:
    read = [[f"kind-{at % 20}", f"{at}.5", f"{at % 7}.25"] for at in range(300)]
    rows = Rows(["kind", "far", "y"], read, count, has_header=True)
    columns = [replace(one, kind="Category") for one in propose(rows)]  # Which are not shaken.

    drawn = Counter(row[1] for row in two(draw_sample(rows, columns, label="far"))[1:])

    assert (max(drawn.values()) > 1) == (most > 1)
    assert sum(drawn.values()) == (ROWS if most > 1 else 300)


def two(text: str) -> list[list[str]]:
    return [line.split(",") for line in text.splitlines()]


@pytest.mark.parametrize(
    ("labels", "problem", "source"),
    [
        (["1.5", "2.25", "3.5", "9"], "regression", 'Number("y", signed=True)'),
        (["no", "no", "no", "yes"], "binary", 'Category("y", ("no", "yes"))'),
        (["0", "0", "1", "0"], "binary", 'Category("y", ("0", "1"))'),
        (["c", "a", "b", "a"], "multiclass", 'Category("y", ("a", "b", "c"))'),
        (["leak", "none", "none", "NA"], "binary", 'Category("y", ("none", "leak"))'),
        (["3", "1", "2", "1"], "multiclass", 'Category("y", ("1", "2", "3"))'),
        ([str(n) for n in range(40)], "regression", 'Number("y", signed=True)'),
        (["10", "20", "30"] * 9 + ["?"], "multiclass", 'Category("y", ("10", "20", "30"))'),
    ],
)
def test_the_label_says_what_problem_it_poses(labels: list[str], problem: str, source: str) -> None:
    rows = Rows(["x", "y"], [[str(at), y] for at, y in enumerate(labels)], 4, has_header=True)

    proposals, found = with_label(propose(rows), rows, "y")

    assert found == problem
    assert proposals[1].source.strip() == f"{source},"


def test_a_problem_that_is_given_decides() -> None:
    rows = Rows(["x", "y"], [[str(n), str(n % 4)] for n in range(40)], 40, has_header=True)

    proposals, problem = with_label(propose(rows), rows, "y", "regression")

    assert (proposals[1].kind, problem) == ("Number", "regression")


@pytest.mark.parametrize(
    ("content", "label", "reason"),
    [
        ("a,b\n1,2\n", "b", "the label 'b' holds one value; name another with --label"),
        ("a,b\nx,1\nx,2\n", "b", "no column but the label holds something to learn from"),
        ("a,A\n1,2\n", "a", "two columns are called 'a', but for case and punctuation"),
        ("only\n1\n2\n", "only", "no table with a header and several columns"),
        ("a,b\n", "b", "has no rows of 2 fields under its header"),
        ("", "b", "is empty; give a table with a header and rows"),
        ("\n \n\n", "b", "is empty; give a table with a header and rows"),
        ('a,b\n1,x y z\n2,\'\n3,"q,r"\n4,s\n', "b", "too many for classes, or such as hold commas"),
    ],
)
def test_what_nothing_can_be_learned_from_is_refused(
    tmp_path: Path, content: str, label: str, reason: str
) -> None:
    path = tmp_path / "t.csv"
    path.write_text(content)

    with pytest.raises(InputDataError) as raised:
        with_label(propose(rows := read_rows(path)), rows, label)

    assert reason in str(raised.value)


def test_a_table_that_its_own_sample_would_replace_is_refused(tmp_path: Path) -> None:
    name = SAMPLE_PATH.name.removesuffix("-sample.csv")

    with pytest.raises(InputDataError, match="which would replace it; move the table, or give"):
        check_is_not_the_sample(SAMPLE_PATH, name)

    check_is_not_the_sample(SAMPLE_PATH, "another")
    check_is_not_the_sample(tmp_path / SAMPLE_PATH.name, name)


def test_a_file_is_read_whatever_separates_and_packs_it(tmp_path: Path) -> None:
    text = "a;b;c\n1,5;x;2\n2,5;y;3\n"
    (tmp_path / "t.csv").write_text(text)
    (tmp_path / "t.csv.gz").write_bytes(gzip.compress(text.encode()))
    (tmp_path / "u.csv").write_text("1\tx\n2\ty\n")

    plain, packed = read_rows(tmp_path / "t.csv"), read_rows(tmp_path / "t.csv.gz")

    assert plain.rows == packed.rows == [["1.5", "x", "2"], ["2.5", "y", "3"]]
    assert (plain.decimal, plain.count) == (",", 2)
    assert read_rows(tmp_path / "u.csv").names == ["column_1", "column_2"]
    (tmp_path / "x.xlsx").write_bytes(b"PK\x03\x04")
    with pytest.raises(InputDataError, match="a zip or an Excel workbook; save the table as CSV"):
        read_rows(tmp_path / "x.xlsx")


def test_of_a_large_file_pieces_from_all_over_it_are_read(tmp_path: Path) -> None:
    path = tmp_path / "large.csv"
    line = ",".join(["0.123456789"] * 9)
    path.write_text("a,b,c,d,e,f,g,h,i,n\n" + "".join(f"{line},{n}\n" for n in range(60_000)))

    rows = read_rows(path)

    places = sorted(int(row[-1]) for row in rows.rows)
    assert rows.count == 60_000
    assert len(rows.rows) <= MAX_ROWS
    assert places[0] < 2000
    assert places[-1] > 57_000
    assert max(b - a for a, b in itertools.pairwise(places)) < 2500


def test_long_lines_of_columns_py_are_wrapped(tmp_path: Path) -> None:
    values = [f"value number {at}" for at in range(20)]
    rows = Rows(["c", "y"], [[v, str(at)] for at, v in enumerate(values * 3)], 60, has_header=True)

    jobs, proposals = jobs_for(tmp_path, rows, "y")

    source = columns_source(proposals, label="y", problem="regression", decimal=".", title="t")
    assert max(map(len, source.splitlines())) <= 100
    assert set(jobs.columns.COLUMNS[0].values) == set(values)


def rows_of(counts: dict[str, int], count: int | None = None) -> Rows:
    """Make rows of classes; `count` is of all rows of the file."""
    labels = [name for name, rows in counts.items() for _ in range(rows)]
    rows = [[str(at % 50), str(1 + at % 3), name] for at, name in enumerate(labels)]
    return Rows(["x", "times", "y"], rows, count or len(rows), has_header=True)


def proposed_balance(rows: Rows, problem: str = "", *, is_weighted: bool = False) -> Balance:
    proposals, problem = with_label(propose(rows), rows, "y", problem)
    return balance_of(proposals, rows, label="y", problem=problem, is_weighted=is_weighted)


def test_classes_of_few_rows_are_balanced_and_have_their_share_of_the_splits() -> None:
    balance = proposed_balance(rows_of({"a": 900, "b": 90, "c": 10}))

    assert balance.weights == {"a": 0.37, "b": 3.7, "c": 33.3}
    assert (balance.is_by_label, balance.metric) == (True, "f1")
    assert balance.notes[0].startswith("'c' is 1.0% of the rows: CLASS_WEIGHTS balances")


@pytest.mark.parametrize(
    ("counts", "count", "notes"),
    [
        ({"a": 400, "b": 300, "c": 300}, None, ()),
        ({"1": 500, "0": 500}, None, ()),
        ({"no": 980, "yes": 20}, 50_000, ("'yes' is 2.0% of the rows: the hyperparameter scale",)),
        ({"no": 30, "yes": 20}, None, ("'yes' has few rows: SPLIT gives each class its share",)),
    ],
)
def test_other_classes_keep_their_weight(
    counts: dict[str, int], count: int | None, notes: tuple[str, ...]
) -> None:
    balance = proposed_balance(rows_of(counts, count))

    assert (balance.weights, balance.metric) == ({}, "")
    assert len(balance.notes) == len(notes)
    for note, start in zip(balance.notes, notes, strict=True):
        assert note.startswith(start)


def test_a_regression_and_a_table_with_weights_are_not_balanced() -> None:
    rows = rows_of({"1": 900, "2": 50, "3": 50})

    assert proposed_balance(rows, "regression") == Balance()
    weighted = proposed_balance(rows, is_weighted=True)
    assert (weighted.weights, weighted.metric) == ({}, "f1")


@pytest.mark.parametrize("text", ["0", "-1", "", "NA", "much"])
def test_a_column_that_holds_no_weights_is_refused(text: str) -> None:
    rows = Rows(["x", "times", "y"], [["1", "2", "3"], ["2", text, "4"]], 2, has_header=True)

    with pytest.raises(InputDataError, match=f"--weight 'times': holds '{text}'; every weight"):
        with_weight(propose(rows), rows, "times")


@pytest.mark.parametrize("table", ["50 rows", "one value", "classes", "weights"])
def test_a_quick_model_of_a_small_table_is_measured(tmp_path: Path, table: str) -> None:
    drawn = random.Random(3)
    classes = {"a": 300, "b": 60, "c": 15}
    tables: dict[str, list[list[object]]] = {
        "50 rows": [[drawn.random(), drawn.random(), at % 7 + 0.5] for at in range(50)],
        "one value": [[drawn.random(), "EUR", drawn.random()] for _ in range(200)],
    }
    others: list[list[object]] = [
        [ord(c) + drawn.random(), 2, c] for c, n in classes.items() for _ in range(n)
    ]
    rows = tables.get(table, others)
    path = written(tmp_path / "t.csv", ["x", "times", "y"], rows)
    read = read_rows(path)
    proposals, problem = with_label(propose(read), read, "y")
    is_weighted = table == "weights"
    if is_weighted:
        proposals = with_weight(proposals, read, "times")
    balance = balance_of(proposals, read, label="y", problem=problem, is_weighted=is_weighted)
    jobs_of(tmp_path, "Number('a'), Number('y')")
    source = columns_source(
        proposals, label="y", problem=problem, decimal=".", title="t", balance=balance
    )
    (tmp_path / "jobs" / "columns.py").write_text(source)

    quick = judge(
        tmp_path / "jobs",
        path,
        problem,
        is_weighted=is_weighted or bool(balance.weights),
        metric=balance.metric,
    )

    assert quick.metric == {"regression": "mse", "multiclass": "f1"}[problem]
    if problem == "multiclass":
        assert quick.model == 1.0
        assert quick.baseline < 0.4
    assert ("CLASS_WEIGHTS = {" in source) == (table == "classes")


def test_the_gate_is_the_worst_quick_error_and_some_slack() -> None:
    assert gate_threshold([Quick("mse", 9.0, 2.0, 9), Quick("mse", 9.0, 4.0, 9)]) == 6.0
    assert gate_threshold([Quick("auc", 0.5, 0.9, 9)]) == pytest.approx(0.83)


def test_the_gate_asks_for_no_less_than_the_simplest_answer_gives() -> None:
    assert gate_threshold([Quick("mse", 9.0, 7.0, 9)]) == 9.0
    assert gate_threshold([Quick("auc", 0.5, 0.6, 9)]) == 0.5
    assert gate_threshold([Quick("accuracy", 0.3, 0.42, 9)]) == 0.3
    assert gate_threshold([Quick("mse", 6.0, 7.0, 9)]) == 10.5  # Nor does a quick model give it.
    assert gate_threshold([Quick("accuracy", 0.5, 0.42, 9)]) == 0.11


def test_the_gate_and_the_sample_stand_where_the_project_reads_them() -> None:
    template = with_gate((PROJECT_DIR / "template.yaml").read_text(), "mse", 12345.0)
    project = with_sample_path((PROJECT_DIR / "project.toml").read_text(), "data/cars-sample.csv")

    assert template is not None
    assert "  MaxMse:\n    Type: Number\n    Default: 12345.0\n" in template
    assert 'sample = "data/cars-sample.csv"\n' in project


def test_the_gate_of_a_classification_is_its_metric_and_a_threshold() -> None:
    gate = "  GateMetric:\n    Type: String\n    Default: {}\n"
    gate += "  GateThreshold:\n    Type: String\n    Default: {}\n"

    assert with_gate(gate.format("''", "''"), "auc", 0.83) == gate.format("auc", "'0.83'")
    assert with_gate("Parameters: {}\n", "auc", 0.83) is None


@pytest.mark.parametrize("wanted", ["pid", "'PID'", "PID", "Pid "])
def test_a_column_is_named_as_in_the_header_whatever_its_case_and_punctuation(
    tmp_path: Path, wanted: str
) -> None:
    rows = read_rows(written(tmp_path / "t.csv", ["'popul'", "'PID'"], [["1", "2"], ["3", "4"]]))

    assert named(wanted, propose(rows), "--label") == "pid"
    with pytest.raises(InputDataError, match=r"^--label 'vote': must be one of popul, pid$"):
        named("vote", propose(rows), "--label")


def test_the_gate_of_a_regression_keeps_nothing_of_a_classification_before() -> None:
    template = (PROJECT_DIR / "template.yaml").read_text()
    classes = with_gate(template, "auc", 0.83)
    assert classes is not None

    assert with_gate(classes, "mse", 7.5) == with_gate(template, "mse", 7.5)
