"""`workflow runs` and `workflow compare`, over folders of runs."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.unit.execution_history import History
from tests.unit.test_report_record import GIVEN, PREPARED, record, report_of, sources
from workflow.__main__ import main
from workflow.definition import names
from workflow.laptop import run_index
from workflow.report.record import as_text

MakeRun = Callable[..., Path]
DATA = {"report/report-algo-1.json": report_of("algo-1")}


@pytest.fixture
def make_run(tmp_path: Path) -> MakeRun:
    """Make the folder of a rejected run, judged by `mse`."""

    def make(
        name: str,
        *,
        mse: float,
        given: dict[str, Any],
        rounds: str = "50",
        judgement: dict[str, Any] | None = None,
    ) -> Path:
        history = History()
        prepared = PREPARED | {"training": {"hyperparameters": {"num_round": rounds}}}
        judged = {"judgement": judgement or {"mse": mse, "rmse": 2.0, "reason": "too large"}}
        history.enter(names.MODEL_REJECTED, prepared | judged | {"evaluation_job": {}}, "Fail")
        history.add("ExecutionFailed", {"error": "ModelRejected", "cause": "too large"})
        files = {**DATA, "evaluation/evaluation.json": '{"regression_metrics": {}}'}
        made = record(
            history,
            read=sources(files),
            given=given,
            status="FAILED",
            error="ModelRejected",
            cause="too large",
            name=name,
        )
        folder = tmp_path / "runs" / name
        folder.mkdir(parents=True)
        (folder / "run.json").write_text(as_text(made), encoding="utf-8")
        return folder

    return make


def test_the_table_has_a_line_a_run(
    make_run: MakeRun, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make_run("first", mse=4.25, given={"started_by": "nightly", "input": GIVEN})
    interrupted = tmp_path / "runs" / "second"
    interrupted.mkdir()
    (interrupted / "unfinished.txt").touch()
    (tmp_path / "runs" / "release-1").mkdir()

    assert main(["runs", "--output-dir", str(tmp_path / "runs")]) == 0

    told = capsys.readouterr()
    head, unfinished, first = (line.split() for line in told.out.splitlines())
    assert head[:4] == ["WHEN", "(UTC)", "RUN", "VERDICT"]
    assert unfinished[:3] == ["-", "second", "unfinished"]
    assert first == [
        *("2026-01-31", "12:00", "first", "rejected", "mse", "4.2500", "10", "2", "60.0"),
        *("nightly", "-", "ModelRejected", "max_mse=3.0"),
    ]
    assert told.err == f"left out: {tmp_path / 'runs' / 'release-1'} has no run.json\n"


def test_the_json_has_what_the_record_has(
    make_run: MakeRun, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = json.loads((make_run("first", mse=4.25, given=GIVEN) / "run.json").read_text())

    assert main(["runs", "--output-dir", str(tmp_path / "runs"), "--json"]) == 0

    (row,) = json.loads(capsys.readouterr().out)
    assert row["started_by"] == "by hand"
    assert row == {
        "name": "first",
        "started_at": kept["summary"]["started_at"],
        "verdict": kept["verdict"]["kind"],
        "model_name": None,
        "error": "ModelRejected",
        "metric": "mse",
        "value": kept["judgement"]["mse"],
        "seconds": kept["summary"]["seconds"],
        "rows": kept["data"]["rows_read"],
        "rows_left_out": kept["data"]["rows_left_out"],
        "overridden": {"max_mse": 3.0},
        "started_by": kept["summary"]["started_by"],
    }


def test_a_classification_is_shown_and_compared_by_the_metric_of_its_gate(
    make_run: MakeRun, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in {"first": 0.75, "second": 0.8}.items():
        judged = {
            "metric": "auc",
            "value": value,
            "allowed": 0.7,
            "production_value": None,
            "mse": None,
            "metrics": {"auc": value, "accuracy": 0.9},
            "reason": "…",
        }
        make_run(name, mse=0.0, given={}, judgement=judged)
    places = ["--output-dir", str(tmp_path / "runs")]

    assert main(["runs", *places]) == 0
    listed = capsys.readouterr().out
    assert main(["compare", "first", "second", *places]) == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]

    assert "rejected  auc 0.8000" in listed
    for line in (
        ["!", "auc", "0.75", "0.8"],
        ["metric", "auc", "auc"],
        ["!", "value", "0.75", "0.8"],
    ):
        assert line in lines


def test_a_folder_that_is_not_there_has_no_runs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["runs", "--output-dir", str(tmp_path / "none")]) == 0
    assert capsys.readouterr().out == "no runs\n"


def test_a_damaged_record_is_named_and_the_others_are_shown(
    make_run: MakeRun, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make_run("good", mse=4.25, given={})
    for name, text in {"cut": '{"schema": 1,\n"summ', "later": '{"schema": 2}\n'}.items():
        path = make_run(name, mse=1.0, given={}) / "run.json"
        path.write_text(text, encoding="utf-8")

    assert main(["runs", "--output-dir", str(tmp_path / "runs")]) == 0

    told = capsys.readouterr()
    assert "good" in told.out
    assert "cut/run.json cannot be read" in told.err
    assert "later/run.json cannot be read" in told.err


def listed_names(output_dir: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, float]:
    assert main(["runs", "--output-dir", str(output_dir), "--json"]) == 0
    return {row["name"]: row["value"] for row in json.loads(capsys.readouterr().out)}


def test_what_was_read_is_kept_until_a_record_changes_comes_or_goes(
    make_run: MakeRun, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    runs = tmp_path / "runs"
    kept = make_run("kept", mse=4.25, given={}) / "run.json"
    changed = make_run("changed", mse=4.25, given={}) / "run.json"
    gone = make_run("gone", mse=4.25, given={})
    assert listed_names(runs, capsys) == {"kept": 4.25, "changed": 4.25, "gone": 4.25}

    # Of the same size and time, so that the index is believed; and of the same size alone.
    before, text = kept.stat(), kept.read_text().replace("4.25", "1.25")
    kept.write_text(text)
    os.utime(kept, ns=(before.st_atime_ns, before.st_mtime_ns))
    changed.write_text(text.replace('"kept"', '"changed"'))
    shutil.rmtree(gone)
    make_run("new", mse=2.5, given={})

    assert listed_names(runs, capsys) == {"kept": 4.25, "changed": 1.25, "new": 2.5}
    (runs / run_index.INDEX_NAME).unlink()
    assert listed_names(runs, capsys) == {"kept": 1.25, "changed": 1.25, "new": 2.5}


@pytest.mark.parametrize("text", ["", "[]", '{"form": [0], "runs": {}}', '{"form": null}', "\x00"])
def test_an_index_that_cannot_be_used_is_made_anew(
    make_run: MakeRun, tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    runs = make_run("first", mse=4.25, given={}).parent
    (runs / run_index.INDEX_NAME).write_text(text)

    assert listed_names(runs, capsys) == {"first": 4.25}
    assert "first" in run_index.read(runs)


def test_runs_in_a_folder_that_takes_no_file_are_listed(
    make_run: MakeRun, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    runs = make_run("first", mse=4.25, given={}).parent
    # A folder cannot be replaced by a file, whoever one is.
    (runs / run_index.INDEX_NAME / "in the way").mkdir(parents=True)

    assert listed_names(runs, capsys) == {"first": 4.25}


def test_two_runs_are_compared_line_by_line(
    make_run: MakeRun, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = make_run("first", mse=4.25, given=GIVEN)
    make_run("second", mse=4.0, given={}, rounds="80")
    places = ["--output-dir", str(tmp_path / "runs")]

    assert main(["compare", str(first), "second", *places]) == 0
    text = capsys.readouterr().out
    assert main(["compare", "first", "second", *places, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)

    assert ["!", "mse", "4.25", "4"] in [line.split() for line in text.splitlines()]
    assert ["!", "hyperparameters.num_round", "50", "80"] in [
        line.split() for line in text.splitlines()
    ]
    assert {"name": "rows read", "first": 10, "second": 10, "differs": False} in told["data"]
    assert {"name": "mse", "first": 4.25, "second": 4.0, "differs": True} in told["metrics"]


def test_a_run_that_is_not_there_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["compare", "a", "b", "--output-dir", str(tmp_path)]) == 1
    told = capsys.readouterr().err
    assert f"{tmp_path / 'a' / 'run.json'}: cannot be read: there is no such run; `wor" in told


def test_the_comparison_as_a_page_marks_what_differs_and_has_every_line(
    make_run: MakeRun, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make_run("first", mse=4.25, given=GIVEN, rounds="50")
    make_run("<b>second", mse=3.5, given=GIVEN, rounds="80")
    names_of_both = ["first", "<b>second", "--output-dir", str(tmp_path / "runs")]
    path = tmp_path / "pages" / "both.html"

    assert main(["compare", *names_of_both, "--output", str(path)]) == 0
    capsys.readouterr()
    assert main(["compare", *names_of_both, "--json"]) == 0

    page = path.read_text(encoding="utf-8")
    sections = json.loads(capsys.readouterr().out)
    lines = [line for held in sections.values() if isinstance(held, list) for line in held]
    assert page.count("<tbody>") == sum(
        isinstance(held, list) and bool(held) for held in sections.values()
    )
    assert page.count(">differs</td>") == sum(line["differs"] for line in lines)
    assert page.count(">same</td>") == sum(not line["differs"] for line in lines)
    assert "<td><strong>4.25</strong></td><td><strong>3.5</strong></td>" in page
    assert "<b>second" not in page
