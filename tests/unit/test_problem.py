"""`PROBLEM` of jobs/columns.py: what a label may be, and how a class is encoded."""

from __future__ import annotations

import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.unit.modules import PROJECT_DIR, load

NAMES = "Number('size'), Category('kind', ('benign', 'malignant')), Category('site', ('a', 'b'))"
DIGITS = "Category('kind', ('0', '1', '2')), Number('size')"


def jobs_of(folder: Path, columns: str, problem: str) -> SimpleNamespace:
    shutil.copytree(PROJECT_DIR / "jobs", folder / "jobs", dirs_exist_ok=True)
    (folder / "jobs" / "columns.py").write_text(
        "from kinds import Category, Count, Ignored, Number, Weight\n"
        f"{problem}LABEL = 'kind'\nCOLUMNS = ({columns},)\n"
    )
    return load("jobs", parent=folder)


def problem_of(folder: Path, columns: str, problem: str) -> str:
    with pytest.raises(Exception, match=r"columns\.py") as refusal:
        jobs_of(folder, columns, f"PROBLEM = {problem!r}\n")
    assert refusal.type.__name__ == "ColumnsError"
    return str(refusal.value)


def encoded(jobs: SimpleNamespace, *lines: str) -> list[str]:
    """Encode by the pattern where a line is clean, else with care."""
    text = "".join(f"{line}\n" for line in lines).encode()
    found = jobs.clean_lines.encode_lines(text)
    rows = zip(found.rows, found.others, strict=True)
    return [(row or jobs.rows.encode_row(line)).decode().strip() for row, line in rows]


def test_a_class_is_encoded_as_its_place(tmp_path: Path) -> None:
    jobs = jobs_of(tmp_path, NAMES, "PROBLEM = 'binary'\n")

    assert encoded(jobs, "1.5,malignant,a", "2,benign,b", '2, "Malignant" ,A') == [
        *("1,1.5,1,0", "0,2,0,1", "1,2,1,0"),
    ]
    assert jobs.rows.FEATURES == ("size", "site_a", "site_b")
    assert jobs.problem.CLASSES == ("benign", "malignant")


def test_a_class_that_is_a_number_is_taken_in_any_spelling_of_it(tmp_path: Path) -> None:
    jobs = jobs_of(tmp_path, DIGITS, "PROBLEM = 'multiclass'\n")

    assert encoded(jobs, "2,7", "1.0,7", "0e0,7", "01,7") == ["2,7", "1,7", "0,7", "1,7"]


@pytest.mark.parametrize("label", ["3", "1.5", "", "nan", "one"])
def test_a_label_that_is_no_class_rejects_its_row_with_the_classes(
    tmp_path: Path, label: str
) -> None:
    jobs = jobs_of(tmp_path, DIGITS, "PROBLEM = 'multiclass'\n")

    with pytest.raises(jobs.kinds.RowError, match=r"unknown kind .*expected 0, 1 or 2"):
        encoded(jobs, f"{label},7")


def test_the_endpoints_rows_need_no_label(tmp_path: Path) -> None:
    jobs = jobs_of(tmp_path, NAMES, "PROBLEM = 'binary'\n")

    assert jobs.rows.encode_features(b"1.5,malignant,a") == b"1.5,1,0\n"
    assert jobs.rows.encode_features(b"1.5,,a") == b"1.5,1,0\n"
    assert jobs.rows.encode_features(b"1.5,a", jobs.rows.UNLABELLED) == b"1.5,1,0\n"
    assert jobs.rows.column_order(b"site,kind,size") == (2, 1, 0)


def test_without_a_word_the_problem_is_a_regression(tmp_path: Path) -> None:
    jobs = jobs_of(tmp_path, "Number('kind'), Number('size')", "")

    assert (jobs.problem.PROBLEM, jobs.problem.CLASSES) == ("regression", ())


@pytest.mark.parametrize(
    ("columns", "problem", "message"),
    [
        (NAMES, "regresion", "PROBLEM = 'regresion': must be one of regression, binary, multic"),
        (NAMES, "regression", "'kind': must be the name of a Number or a Count; there are size"),
        (NAMES.replace("kind", "x"), "binary", "must be the name of a Category of the classes"),
        (DIGITS, "binary", "a binary problem has two classes, the one that is looked for last"),
        ("Category('kind', ('a',)), Number('b')", "multiclass", "add the others"),
    ],
)
def test_a_label_that_does_not_fit_the_problem_is_told(
    tmp_path: Path, columns: str, problem: str, message: str
) -> None:
    assert message in problem_of(tmp_path, columns, problem)


def test_a_class_brings_its_weight_to_training_and_none_to_the_endpoint(tmp_path: Path) -> None:
    weights = "PROBLEM = 'binary'\nCLASS_WEIGHTS = {'malignant': 7.5, 'benign': 1}\n"
    jobs = jobs_of(tmp_path, NAMES, weights)

    assert encoded(jobs, "1.5,malignant,a", '2,"Benign" ,b') == ["1,7.5,1.5,1,0", "0,1,2,0,1"]
    assert jobs.rows.encode_features(b"1.5,malignant,a") == b"1.5,1,0\n"
    assert (jobs.problem.IS_WEIGHTED, jobs.problem.HAS_ROW_WEIGHTS) == (True, False)


@pytest.mark.parametrize(
    ("weights", "columns", "message"),
    [
        ("{'malignant': 2}", NAMES, "must have a weight for each of benign, malignant and for"),
        ("{'malignant': 2, 'benign': 1, 'x': 1}", NAMES, "and for nothing else"),
        ("{'malignant': 0, 'benign': 1}", NAMES, "that of 'malignant' is 0; it must be a number"),
        ("{'malignant': -1, 'benign': 1}", NAMES, "that of 'malignant' is -1; it must be a number"),
        ("{'malignant': 1, 'benign': '1'}", NAMES, "that of 'benign' is '1'; it must be a number"),
        ("{'malignant': float('nan'), 'benign': 1}", NAMES, "that of 'malignant' is nan; it must"),
        ("{'malignant': 2, 'benign': 1}", f"{NAMES}, Weight('w')", "beside Weight('w'): a row has"),
    ],
)
def test_weights_of_classes_that_cannot_be_are_told(
    tmp_path: Path, weights: str, columns: str, message: str
) -> None:
    with pytest.raises(Exception, match=r"columns\.py: CLASS_WEIGHTS") as refusal:
        jobs_of(tmp_path, columns, f"PROBLEM = 'binary'\nCLASS_WEIGHTS = {weights}\n")

    assert message in str(refusal.value)


def test_a_regression_has_no_weights_of_classes(tmp_path: Path) -> None:
    with pytest.raises(Exception, match="a regression has no classes; leave it out"):
        jobs_of(tmp_path, "Number('kind'), Number('size')", "CLASS_WEIGHTS = {}\n")


def test_the_monitor_reads_answers_and_truths_of_classes(tmp_path: Path) -> None:
    jobs = jobs_of(tmp_path, DIGITS, "PROBLEM = 'multiclass'\n")
    part = {"observedContentType": "text/csv", "data": "0.1,0.7,0.2\n0.5,0.2,0.3\n"}
    places = {"LOW": 0.0, "HIGH": 1.0}

    assert jobs.payloads.predictions_of(part, 3) == [1.0, 0.0]
    with pytest.raises(jobs.payloads.PayloadError, match="another number of classes"):
        jobs.payloads.predictions_of(part, 4)
    assert jobs.truths.labels_of("high,Low", places) == [1.0, 0.0]
    assert jobs.truths.labels_of("7\n5.0", {"5": 0.0, "7": 1.0}) == [1.0, 0.0]
    with pytest.raises(ValueError, match="no class"):
        jobs.truths.labels_of("2", {"5": 0.0, "7": 1.0})
