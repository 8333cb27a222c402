"""`jobs/monitor.py` and the modules beside it, and the script as a container runs it."""

from __future__ import annotations

import ast
import base64
import itertools
import json
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pocketaws.sagemaker.xgboost.recordio import framed
from tests.unit.modules import PROJECT_DIR, load
from tests.unit.test_recordio import floats, keys, record

pytestmark = pytest.mark.slow

jobs = load("jobs", parent=PROJECT_DIR)

COLUMNS = ["length", "weight", "sex_F", "sex_I", "sex_M"]
FLAGS = np.eye(3, dtype=int)
HOUR = {"--from": "2026-11-23T08:00:00Z", "--until": "2026-11-23T09:00:00Z"}


def baseline() -> dict[str, Any]:
    """Return the baseline of 2,900 rows of two numbers and a category."""
    made = np.random.default_rng(0)

    def number(name: str, values: np.ndarray) -> dict[str, Any]:
        edges = jobs.baseline.quantile_edges(values)
        statistics = jobs.baseline.NumberStatistics(name, edges)
        statistics.add(values)
        document: dict[str, Any] = statistics.document()
        return document

    sex = {"name": "sex", "kind": "category", "rows": 2900, "missing": 0}
    return {
        "schema": "baseline/1",
        "rows": 2900,
        "columns": COLUMNS,
        "features": [
            number("length", made.normal(0.5, 0.1, 2900)),
            number("weight", made.lognormal(0, 0.5, 2900)),
            {**sex, "columns": COLUMNS[2:], "counts": {"F": 967, "I": 967, "M": 966}},
        ],
        "predictions": number("rings", made.normal(10, 2, 600)),
        "quality": {"rows": 600, "regression_metrics": {"rmse": {"value": 2.1}}},
    }


def rows(count: int, *, seed: int = 1, longer: float = 1.0) -> list[str]:
    """Return rows of the baseline's distribution, or of longer ones."""
    made = np.random.default_rng(seed)
    lengths, weights = made.normal(0.5, 0.1, count) * longer, made.lognormal(0, 0.5, count)
    sexes = FLAGS[made.integers(0, 3, count)]
    return [
        f"{lengths[i]:.4f},{weights[i]:.4f},{','.join(map(str, sexes[i]))}" for i in range(count)
    ]


def part(data: str | bytes, content_type: str = "text/csv", encoding: str = "CSV") -> Any:
    """Return a part of a capture; bytes become base64."""
    if isinstance(data, bytes):
        data, encoding = base64.b64encode(data).decode(), "BASE64"
    return {"observedContentType": content_type, "data": data, "encoding": encoding}


def capture(given: Any, answered: Any = None, **metadata: str) -> str:
    """Return a line of a capture at eight o'clock."""
    answered = part("10.0\n") if answered is None else answered
    given = part(given) if isinstance(given, (str, bytes)) else given
    known = {"eventId": "one", "inferenceTime": "2026-11-23T08:00:00Z"}
    record = {
        "captureData": {"endpointInput": given, "endpointOutput": answered},
        "eventMetadata": known | metadata,
        "eventVersion": "0",
    }
    return json.dumps(record) + "\n"


def captures(given: Sequence[str], seed: int = 3) -> str:
    """Return a call for each row, with predictions of the baseline's distribution."""
    predicted = np.random.default_rng(seed).normal(10, 2, len(given))
    return "".join(
        capture(row, part(f"{prediction:.5f}\n"), eventId=f"event-{index}")
        for index, (row, prediction) in enumerate(zip(given, predicted, strict=True))
    )


@dataclass(frozen=True)
class Folder:
    """A temporary folder in the place of `/opt/ml`."""

    root: Path

    def put(self, text: str, name: str = "captures/a/2026/11/23/08/a.jsonl") -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def argv(self, **flags: str) -> list[str]:
        known = {
            "--baseline-path": str(self.root / "baseline.json"),
            "--captures-dir": str(self.root / "captures"),
            "--truth-dir": str(self.root / "truth"),
            "--history-path": str(self.root / "output" / "history.json"),
            "--output-dir": str(self.root / "output"),
            "--message-path": str(self.root / "message"),
            "--workers": "1",
        }
        return [text for pair in (known | flags).items() for text in pair]

    def run(self, **flags: str) -> dict[str, Any]:
        assert jobs.monitor.main(self.argv(**flags)) == 0, self.message
        text = (self.root / "output" / "report.json").read_text()
        report: dict[str, Any] = json.loads(text, parse_constant=pytest.fail)
        return report

    def fail(self, **flags: str) -> str:
        assert jobs.monitor.main(self.argv(**flags)) == 1
        return self.message

    @property
    def message(self) -> str:
        path = self.root / "message"
        return path.read_text() if path.exists() else ""

    @property
    def page(self) -> str:
        return (self.root / "output" / "report.html").read_text()

    @property
    def history(self) -> list[dict[str, Any]]:
        windows: list[dict[str, Any]] = json.loads(
            (self.root / "output" / "history.json").read_text()
        )
        return windows


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    made = Folder(tmp_path)
    made.put(json.dumps(baseline()), "baseline.json")
    return made


def column(report: dict[str, Any], name: str) -> dict[str, Any]:
    (found,) = [one for one in report["columns"] if one["name"] == name]
    return dict(found)


# --- What moves ----------------------------------------------------------------------------------


def test_calls_like_the_training_rows_move_nothing(folder: Folder) -> None:
    folder.put(captures(rows(900)))

    report = folder.run()

    assert (report["schema"], report["state"]) == ("monitor/1", "compared")
    assert report["drifted"] == []
    assert report["note"] == "Of 900 rows, no column moved."
    assert report["traffic"]["hours"] == {"2026-11-23T08": 900}
    assert [one["rows"] for one in report["columns"]] == [900] * 4


def test_longer_rows_drift_and_the_page_names_what_moved(folder: Folder) -> None:
    folder.put(captures(rows(300, longer=1.3)))

    report = folder.run()

    assert report["drifted"] == ["length"]
    assert report["moved_most"][0]["name"] == "length"
    assert re.search(r"length: mean 0\.4\d* before, 0\.6\d* now", report["moved_most"][0]["told"])
    assert "1 column moved: length" in folder.page
    assert 'class="moved"' in folder.page


def test_a_category_that_vanishes_drifts(folder: Folder) -> None:
    folder.put(captures([row for row in rows(900) if not row.endswith("1,0,0")]))

    assert folder.run()["drifted"] == ["sex"]


def test_predictions_drift_by_themselves(folder: Folder) -> None:
    folder.put("".join(capture(row, part("14.5\n")) for row in rows(100)))

    assert folder.run()["drifted"] == ["predicted rings"]


def test_a_difference_that_is_sure_and_small_is_no_drift(folder: Folder) -> None:
    folder.put(captures(rows(60_000, longer=1.008)))

    report = folder.run()

    assert column(report, "length")["effect"] < 0.05
    assert report["drifted"] == []
    # ... and is one where somebody wants to hear of it.
    assert folder.run(**{"--min-effect": "0.01", "--level": "0.5"})["drifted"] != []


def test_few_rows_are_not_judged_however_they_look(folder: Folder) -> None:
    folder.put(captures(rows(20, longer=3)))

    report = folder.run()

    assert (report["state"], report["drifted"]) == ("too few rows", [])
    assert report["note"] == "There were 20 rows in this window; fewer than 30 are not judged."


def test_no_calls_are_said_as_such(folder: Folder) -> None:
    report = folder.run()

    assert (report["state"], report["moved_most"]) == ("no calls", [])
    assert "There were no calls in this window" in folder.page


# --- What is wrong with rows ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "name", "problem"),
    [
        (",1.0,1,0,0", "length", "lack a value"),
        ("nan,1.0,1,0,0", "length", "lack a value"),
        ("long,1.0,1,0,0", "length", "hold something else"),
        ("inf,1.0,1,0,0", "length", "hold something else"),
        ("99,1.0,1,0,0", "length", "are outside of what the model was trained on"),
        ("0.5,1.0,0,0,0", "sex", "have a value that the model was not trained on"),
        ("0.5,1.0,1,1,0", "sex", "hold something else"),
        ("0.5,1.0,x,1,0", "sex", "hold something else"),
        ("0.5,1.0,,,", "sex", "lack a value"),
    ],
)
def test_bad_rows_are_a_problem_from_a_share_on(
    folder: Folder, row: str, name: str, problem: str
) -> None:
    good = rows(400)
    folder.put(captures([*good, *[row] * 5]))
    few = folder.run()
    folder.put(captures([*good, *[row] * 16]))
    many = folder.run()

    assert column(few, name)["problems"] == []
    assert re.fullmatch(rf"(3\.85|4\.09) % of the rows {problem}", *column(many, name)["problems"])
    assert name in many["drifted"]
    assert f"% of the rows {problem}" in folder.page


def test_rows_of_another_width_are_a_problem_of_their_own(folder: Folder) -> None:
    folder.put(captures([*rows(90), *["0.5,1.0"] * 10]))

    report = folder.run()

    assert report["traffic"]["misshapen"] == 10
    assert report["drifted"] == ["number of columns"]
    assert report["moved_most"][0]["told"].endswith(
        "10 % of the rows have another number of columns than the model"
    )


def test_rows_of_another_schema_alone_are_told_too(folder: Folder) -> None:
    folder.put(captures(["1,2,3"] * 50))

    report = folder.run()

    assert report["drifted"] == ["number of columns"]
    assert report["traffic"]["rows"] == 0


# --- Every format that is served -----------------------------------------------------------------

VALUES = [0.5, 1.25, 0, 1, 0]
ROW = "0.5,1.25,0,1,0"
GIVEN = {
    "csv": part(ROW + "\n"),
    "csv, two rows": part(f"{ROW}\n{ROW}"),
    "csv with a parameter": part(ROW, "text/csv; charset=utf-8"),
    "base64": part(ROW.encode(), "text/csv"),
    "libsvm": part(b"0:0.5 1:1.25 3:1", "text/libsvm"),
    "libsvm with a label": part(b"9 0:0.5 1:1.25 3:1\n", "text/x-libsvm"),
    "json, a row": part(json.dumps(VALUES), "application/json", "JSON"),
    "json, rows": part(json.dumps([VALUES, VALUES]), "application/json", "JSON"),
    "json, instances": part(
        json.dumps({"instances": [{"features": VALUES}, VALUES]}), "application/json", "JSON"
    ),
    "json, names": part(
        json.dumps(dict(zip(COLUMNS, VALUES, strict=True))), "application/json", "JSON"
    ),
    "json lines": part(
        f"{json.dumps({'features': VALUES})}\n{json.dumps(VALUES)}\n".encode(),
        "application/jsonlines",
    ),
    "recordio": part(record(floats(*VALUES)), "application/x-recordio-protobuf"),
    "recordio, sparse": part(
        record(floats(0.5, 1.25, 1) + keys(0, 1, 3)), "application/x-recordio-protobuf"
    ),
    "no content type": {"data": ROW, "encoding": "CSV"},
}


@pytest.mark.parametrize("given", GIVEN.values(), ids=GIVEN)
def test_every_content_type_is_read_alike(folder: Folder, given: Any) -> None:
    folder.put(capture(given) * 40)

    report = folder.run()

    expected = (40, 80)
    assert report["traffic"]["unreadable"] == {}
    assert column(report, "length")["rows"] in expected
    assert column(report, "length")["mean"] == pytest.approx(0.5)
    assert column(report, "weight")["mean"] == pytest.approx(1.25)
    assert column(report, "sex")["counts"][1] in expected


ANSWERS = {
    "csv": part("9.5\n10.5\n"),
    "csv on a line": part("9.5,10.5"),
    "json": part('{"predictions":[{"score":9.5},{"score":10.5}]}', "application/json", "JSON"),
    "json lines": part(b'{"score":9.5}\n{"score":10.5}\n', "application/jsonlines"),
    "json lines, bare": part(b"9.5\n10.5\n", "application/jsonlines"),
    "recordio": part(
        framed({"score": [9.5]}) + framed({"score": [10.5]}), "application/x-recordio-protobuf"
    ),
}


@pytest.mark.parametrize("answered", ANSWERS.values(), ids=ANSWERS)
def test_every_answer_is_read_alike(folder: Folder, answered: Any) -> None:
    folder.put(capture(f"{ROW}\n{ROW}", answered) * 40)

    report = folder.run()

    assert report["traffic"]["unreadable"] == {}
    predicted = column(report, "predicted rings")
    assert (predicted["rows"], predicted["mean"]) == (80, pytest.approx(10.0))


UNREADABLE = {
    "recordio": part(b"\xce\xfa\xed\xfe", "application/x-recordio-protobuf"),
    "an unknown type": part("a", "text/plain"),
    "no base64": {"observedContentType": "text/csv", "data": "%%", "encoding": "BASE64"},
    "no UTF-8": part(b"\xff\xfe", "text/csv"),
    "no JSON": part("{", "application/json", "JSON"),
    "deep JSON": part("[" * 5000, "application/json", "JSON"),
    "a number": part("7", "application/json", "JSON"),
    "other names": part('{"a": 1}', "application/json", "JSON"),
    "libsvm beyond the columns": part(b"0:1 77:1", "text/libsvm"),
    "libsvm that is none": part(b"0:1 x", "text/libsvm"),
    "no data": {"observedContentType": "text/csv"},
    "a list": [1],
    "a text": "a",
}


@pytest.mark.parametrize("given", UNREADABLE.values(), ids=UNREADABLE)
def test_what_cannot_be_read_is_counted_and_the_others_are_compared(
    folder: Folder, given: Any
) -> None:
    record = json.loads(capture(ROW))
    record["captureData"]["endpointInput"] = given
    folder.put(captures(rows(100)) + json.dumps(record) + "\n")

    report = folder.run()

    assert sum(report["traffic"]["unreadable"].values()) == 1
    assert report["traffic"]["rows"] == 100
    assert "unreadable: " in folder.page


def usual(row: str, predicted: str = "10.5") -> str:
    """Return a call as SageMaker writes it, without white space, in the usual order."""
    record = {
        "captureData": {
            "endpointInput": {
                "observedContentType": "text/csv",
                "mode": "INPUT",
                "data": row,
                "encoding": "CSV",
            },
            "endpointOutput": {
                "observedContentType": "text/csv; charset=utf-8",
                "mode": "OUTPUT",
                "data": predicted,
                "encoding": "CSV",
            },
        },
        "eventMetadata": {"eventId": "one", "inferenceTime": "2026-11-23T08:00:00Z"},
        "eventVersion": "0",
    }
    return json.dumps(record, separators=(",", ":")) + "\n"


@pytest.mark.parametrize(
    ("row", "predicted"),
    [
        (ROW, "10.5"),
        (ROW + "\n", "10.5\n"),
        (f"{ROW}\n{ROW}", "1\n2\n"),
        (" ", "10.5"),
        ("0.5,1.25", "1e3"),
        ('a"b,1', "1.5"),
        ("\u00e4,1,0,1,0", "1-2"),
        ("nan,,0,0,0", "nan"),
        (ROW, "10.5,11.5"),
        (ROW, ""),
    ],
)
def test_the_short_way_of_reading_a_line_counts_as_the_long_one(row: str, predicted: str) -> None:
    expected = jobs.captures.Expected(baseline(), until="2026-11-23T09:00:00Z")
    short, long = jobs.captures.Counting(expected), jobs.captures.Counting(expected)
    line = usual(row, predicted)

    short.add_block(line.encode())
    long.add_block(json.dumps(json.loads(line)).encode())

    assert short.finished() == long.finished()


def is_usual(line: str) -> bool:
    """Tell whether a line goes the short way."""
    usual_calls, others = jobs.usual_calls.read_block(line.encode())
    assert len(usual_calls) + len(others) == 1
    return bool(usual_calls)


def test_the_usual_line_goes_the_short_way_and_others_do_not() -> None:
    line = usual(ROW + "\n", "10.5\n")
    assert is_usual(line)
    assert is_usual(line.rstrip("\n"))
    assert not is_usual(json.dumps(json.loads(line)))
    assert not is_usual(usual(f"{ROW}\n{ROW}"))
    assert not is_usual(line[: len(line) // 2])


def test_usual_and_other_lines_of_a_block_are_counted_as_if_each_stood_alone() -> None:
    """Twenty thousand lines: more than a batch, of every kind and within and without the window."""
    made = np.random.default_rng(7)
    kinds = [
        *(usual(row, f"{index % 17}.25") for index, row in enumerate(rows(40))),
        *(usual(row).replace("T08:", "T07:") for row in rows(5)),
        *(usual(row).replace("T08:", "T09:") for row in rows(5)),
        *(usual("0.5,1.25"), usual("nan,x,0,0,0"), usual(",,1,0,0"), usual("1e999,-7,1,1,0")),
        *(capture(rows(3)), "half a li\n", "\n", " \n", usual(ROW).replace("Z", "\u00e9"), "\0\n"),
    ]
    lines = [kinds[index] for index in made.integers(0, len(kinds), 20_000)]
    expected = jobs.captures.Expected(
        baseline(), since="2026-11-23T08:00:00Z", until="2026-11-23T09:00:00Z"
    )
    short, long = jobs.captures.Counting(expected), jobs.captures.Counting(expected)

    short.add_block("".join(lines).encode())
    for line in lines:
        long.add_any(line.encode())

    assert exact(short.finished(), expected) == exact(long.finished(), expected)
    assert (short.calls.misshapen, short.calls.elsewhen) == (
        long.calls.misshapen,
        long.calls.elsewhen,
    )
    assert short.calls.unreadable == long.calls.unreadable


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("inferenceTime", "anotherTime"),
        ("08:00:00Z", "08:00:00.123456Z"),
        ('"one"', '"\\"inferenceTime\\":\\"x"'),
        ('"0"}', '"0"'),
        ("08:00:00Z", "08:00:00\u00e9"),
        ('"one",', '"one","more":{"a":1},'),
    ],
)
def test_a_line_that_is_not_quite_the_usual_one_is_read_as_json(old: str, new: str) -> None:
    expected = jobs.captures.Expected(baseline())
    short, long = jobs.captures.Counting(expected), jobs.captures.Counting(expected)
    line = usual(ROW).replace(old, new, 1).encode()

    short.add_block(line)
    long.add_any(line)

    assert short.finished() == long.finished()


def test_an_answer_with_accept_json_does_not_stop_the_monitor(folder: Folder) -> None:
    answered = part('{"predictions":[{"score":10.1}]}', "application/json", "JSON")
    folder.put(captures(rows(100)) + capture(ROW, answered))

    assert column(folder.run(), "predicted rings")["rows"] == 101


@pytest.mark.parametrize("mode", ["endpointInput", "endpointOutput"])
def test_either_part_can_be_left_out(folder: Folder, mode: str) -> None:
    record = json.loads(capture(ROW))
    del record["captureData"][mode]
    folder.put((json.dumps(record) + "\n") * 40)

    report = folder.run()

    assert report["traffic"]["captures"] == 40
    assert report["traffic"]["unreadable"] == {}


@pytest.mark.parametrize(
    "line", ["x", "[]", "7", "null", "{}", '{"captureData": 1}', '{"captureData": {}}', "\0"]
)
def test_a_line_that_is_no_capture_is_counted(folder: Folder, line: str) -> None:
    folder.put(captures(rows(50)) + line + "\n\n")

    assert folder.run()["traffic"]["unreadable"] == {"no line of a capture": 1}


def test_an_object_that_is_half_written_counts_but_for_its_last_line(folder: Folder) -> None:
    text = captures(rows(60))
    folder.put(text[:-100])

    report = folder.run()

    assert report["traffic"]["captures"] == 59
    assert report["traffic"]["unreadable"] == {"no line of a capture": 1}


def test_reasons_are_bounded_whatever_callers_send(folder: Folder) -> None:
    folder.put("".join(capture(part("a", f"text/{index}")) for index in range(200)))

    unreadable = folder.run()["traffic"]["unreadable"]

    assert len(unreadable) <= 51
    assert sum(unreadable.values()) == 200


# --- The window ----------------------------------------------------------------------------------


def test_calls_of_other_times_do_not_count(folder: Folder) -> None:
    times = ["07:59:59", "08:00:00", "08:59:59", "09:00:00"]
    folder.put("".join(capture(ROW, inferenceTime=f"2026-11-23T{time}Z") for time in times))

    report = folder.run(**HOUR)

    assert report["window"] == {"from": HOUR["--from"], "until": HOUR["--until"]}
    assert (report["traffic"]["captures"], report["traffic"]["elsewhen"]) == (2, 2)


def test_the_history_keeps_the_last_sixty_windows_each_once(folder: Folder) -> None:
    for minute in [*range(10, 75), 74]:
        until = f"2026-11-23T{minute // 60:02}:{minute % 60:02}:00Z"
        folder.run(**{"--until": until})

    assert len(folder.history) == 60
    assert folder.history[-1]["until"] == "2026-11-23T01:14:00Z"
    assert folder.history == sorted(folder.history, key=lambda one: str(one["until"]))


@pytest.mark.parametrize("text", ["", "{}", "7", "[[]]", '[{"until": 1}]'])
def test_a_history_that_cannot_be_read_is_none(folder: Folder, text: str) -> None:
    folder.put(text, "output/history.json")

    folder.run()

    assert len(folder.history) == 1


# --- Ground truth --------------------------------------------------------------------------------


def truth(event_id: str, data: object) -> str:
    """Return a line of ground truth."""
    record = {
        "groundTruthData": {"data": data, "encoding": "CSV"},
        "eventMetadata": {"eventId": event_id},
        "eventVersion": "0",
    }
    return json.dumps(record) + "\n"


def test_quality_is_that_of_the_calls_whose_truth_is_known(folder: Folder) -> None:
    calls = [
        capture("0.5,1,1,0,0", part("10\n"), inferenceId="a"),
        capture("0.5,1,0,1,0\n0.5,1,0,0,1", part("8\n7\n"), eventId="b"),
        capture(ROW, part("10\n"), inferenceId="unknown"),
    ]
    folder.put("".join(calls))
    folder.put(truth("a", "12") + truth("b", "8\n10") + truth("late", "3"), "truth/x/a.jsonl")

    quality = folder.run()["quality"]

    assert (quality["rows"], quality["calls"], quality["misfits"]) == (3, 2, 0)
    assert quality["metrics"]["rmse"] == pytest.approx(((4 + 0 + 9) / 3) ** 0.5)
    assert quality["metrics"]["mae"] == pytest.approx(5 / 3)
    assert quality["by"]["sex"]["F"]["rmse"] == pytest.approx(2)
    assert quality["by"]["sex"]["M"]["rmse"] == pytest.approx(3)
    assert quality["baseline"] == {"rmse": 2.1}
    assert folder.history[-1]["rmse"] == quality["metrics"]["rmse"]


def test_r2_is_the_evaluations(folder: Folder) -> None:
    made = np.random.default_rng(0)
    predicted, actual = made.normal(10, 2, 200), made.normal(10, 2, 200)
    folder.put(
        "".join(capture(ROW, part(repr(float(p))), eventId=str(i)) for i, p in enumerate(predicted))
    )
    folder.put("".join(truth(str(i), float(a)) for i, a in enumerate(actual)), "truth/a.jsonl")

    found = folder.run()["quality"]["metrics"]

    rows = jobs.metrics.Part(actual, predicted, None)
    expected = jobs.metrics.regression_metrics(lambda: [(0, rows)])[0]
    assert found == {name: pytest.approx(one["value"]) for name, one in expected.items()}


def test_truth_that_does_not_fit_or_cannot_be_read_is_counted(folder: Folder) -> None:
    folder.put(capture(ROW, eventId="a"))
    lines = [truth("a", "1,2"), truth("b", "x"), truth("c", "nan"), truth("d", ""), "{\n", "[]\n"]
    folder.put("".join(lines), "truth/a.jsonl")

    quality = folder.run()["quality"]

    assert (quality["rows"], quality["misfits"], quality["unreadable"]) == (0, 1, 5)
    assert quality["metrics"] == {}


def test_without_truth_there_is_no_quality(folder: Folder) -> None:
    folder.put(capture(ROW))

    assert folder.run()["quality"] is None


# --- The page ------------------------------------------------------------------------------------


class Links(HTMLParser):
    """Collects what a page would load, and its tags."""

    def __init__(self) -> None:
        super().__init__()
        self.loaded: list[str] = []
        self.tags: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.loaded += [str(value) for name, value in attrs if name in ("src", "href")]


def test_the_page_stands_alone_and_escapes_what_callers_send(folder: Folder) -> None:
    nasty = "<script>alert(1)</script>"
    folder.put(captures(rows(60)) + capture(part("a", f"text/{nasty}")))

    folder.run(**{"--title": nasty, **HOUR})

    links = Links()
    links.feed(folder.page)
    assert links.loaded == []
    assert not {"script", "link", "img", "iframe"} & links.tags
    assert "&lt;script&gt;" in folder.page
    for heading in ("What moved most", "Before and now", "The last windows", "Traffic"):
        assert heading in folder.page


COUNTED = {
    "from": "2026-11-23T08:00:00Z",
    "until": "2026-11-23T09:00:00Z",
    "invocations": 200,
    "client_errors": 3,
    "server_errors": 1,
    "model_mean_ms": 1.25,
    "model_maximum_ms": 9.5,
    "overhead_mean_ms": None,
}


def test_what_the_endpoint_counted_is_in_the_report_and_on_the_page(folder: Folder) -> None:
    folder.put(captures(rows(60)))

    report = folder.run(**{"--endpoint-calls": json.dumps(COUNTED)})

    assert report["traffic"]["endpoint"] == COUNTED | {"error_share": 0.02}
    for told in ("refused (4XX)</th><td>3<", "with errors</th><td>2 %<", "mean</th><td>1.25 ms<"):
        assert told in folder.page
    assert "SageMaker's time" not in folder.page


def test_without_the_endpoints_numbers_nothing_is_said_of_them(folder: Folder) -> None:
    folder.put(captures(rows(60)))
    assert folder.run()["traffic"]["endpoint"] is None
    assert "the endpoint counted" not in folder.page

    idle = COUNTED | {"invocations": 0, "client_errors": 0, "server_errors": 0}
    report = folder.run(**{"--endpoint-calls": json.dumps(idle)})

    assert report["traffic"]["endpoint"]["error_share"] is None


def test_the_trend_is_red_where_a_column_moved_and_an_unknown_error_is_left_out(
    folder: Folder,
) -> None:
    window = {"from": "", "until": "2026-11-23T07:00:00Z", "state": "compared", "rows": 60}
    window |= {"effects": {"length": 0.4, "weight": 0.4}, "drifted": ["weight"], "rmse": None}
    folder.put(json.dumps([window]), "output/history.json")
    folder.put(captures(rows(60)))
    truth = {"groundTruthData": {"data": "9"}, "eventMetadata": {"eventId": "event-1"}}
    folder.put(json.dumps(truth), "truth/a.jsonl")

    folder.run(**HOUR)

    trend = folder.page.partition("The last windows")[2].partition("Columns")[0]
    assert trend.count('class="moved"') == 1
    assert 'class="moved"' in trend.partition("<th>weight</th>")[2].partition("</td>")[0]
    assert "nan" not in folder.page.partition("Against the ground truth")[2]


# --- Several processes, memory, the script -------------------------------------------------------


def test_where_pieces_are_cut_changes_nothing(tmp_path: Path) -> None:
    text = captures([*rows(500), "a,b", "0.5"]) + "broken\n"
    path = tmp_path / "a.jsonl"
    path.write_text(text.rstrip("\n"))
    expected = jobs.captures.Expected(baseline(), truth={"event-7": [9.0]})
    whole = jobs.captures.count_pieces([jobs.pieces.Piece(str(path), 0, len(text))], expected)
    cuts = [0, 1, 700, 701, 40_000, 40_000, len(text) // 2, len(text)]
    pieces = [jobs.pieces.Piece(str(path), a, b) for a, b in itertools.pairwise(cuts)]

    joined = jobs.captures.count_pieces(pieces, expected)

    assert exact(joined, expected) == exact(whole, expected)
    assert joined.captures == 502


def test_a_line_that_is_far_too_long_is_cut_and_the_next_one_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs.pieces, "MAX_LINE_BYTES", 3000)
    monkeypatch.setattr(jobs.pieces, "BLOCK_BYTES", 1000)
    path = tmp_path / "a.jsonl"
    path.write_text(f"{usual(ROW)}{'x' * 20_000}\n{usual(ROW)}")
    piece = jobs.pieces.Piece(str(path), 0, path.stat().st_size)

    assert max(map(len, jobs.pieces.blocks_of(piece))) <= 4000
    calls = jobs.captures.count_pieces([piece], jobs.captures.Expected(baseline()))
    assert calls.captures == 2
    assert calls.unreadable == {"no line of a capture": 1}


def test_shares_hold_every_file_once_and_no_hidden_one(tmp_path: Path) -> None:
    for name in ("a/1", "a/2", "b/3", "4", ".hidden", "a/_SUCCESS"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("x" * int(path.name) if path.name.isdecimal() else "x")
    shares = [jobs.pieces.Share(tmp_path, index, 3) for index in range(3)]

    ends = sorted(piece.end for share in shares for piece in share.pieces())

    assert ends == [1, 2, 3, 4]
    assert [*jobs.pieces.Share(tmp_path / "none").pieces()] == []


def exact(calls: Any, expected: Any) -> dict[str, Any]:
    """Return the report of calls but for the last digits of sums in another order."""
    report = jobs.window_report.draw_window(calls, expected, jobs.window_report.Limits())
    return rounded(report)


def rounded(report: dict[str, Any]) -> dict[str, Any]:
    for one in report["columns"]:
        one["mean"] = round(one["mean"], 9) if one.get("mean") else None
    return report


def start(folder: Folder, **flags: str) -> subprocess.CompletedProcess[str]:
    """Run the script as a process of its own."""
    return subprocess.run(
        [sys.executable, "-EsB", str(PROJECT_DIR / "jobs" / "monitor.py"), *folder.argv(**flags)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_the_script_counts_alike_with_several_processes(folder: Folder) -> None:
    for index in range(5):
        folder.put(captures(rows(200, seed=index)), f"captures/{index}/a.jsonl")
    reports = []
    for workers in ("1", "3"):
        done = start(folder, **{"--workers": workers})
        assert (done.returncode, done.stderr) == (0, "")
        reports.append(rounded(json.loads((folder.root / "output" / "report.json").read_text())))

    assert reports[0] == reports[1]
    assert reports[0]["traffic"]["captures"] == 1000


def test_the_script_fails_without_a_traceback(folder: Folder) -> None:
    (folder.root / "baseline.json").unlink()

    done = start(folder)

    assert (done.returncode, done.stdout, done.stderr) == (1, "", folder.message + "\n")
    assert folder.message.startswith("monitoring failed: the baseline baseline.json cannot be read")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (None, "cannot be read"),
        ("{", "cannot be read"),
        ("[]", "cannot be read"),
        ('{"schema": "baseline/2"}', "is of the schema 'baseline/2', and this job knows"),
        ('{"schema": "baseline/1"}', "lacks a part"),
        (json.dumps({**baseline(), "columns": ["a"]}), "do not fit each other"),
    ],
)
def test_a_baseline_that_the_job_does_not_know_fails_it(
    folder: Folder, content: str | None, told: str
) -> None:
    (folder.root / "baseline.json").unlink()
    if content is not None:
        folder.put(content, "baseline.json")

    assert told in folder.fail()


def test_a_baseline_is_read_up_to_what_the_evaluation_may_write(folder: Folder) -> None:
    folder.put(captures(rows(60)))
    maximum = jobs.documents.BASELINE_MAXIMUM_BYTES
    text = json.dumps(baseline())
    folder.put(text + " " * (maximum - len(text)), "baseline.json")
    assert folder.run()["state"] == "compared"

    folder.put(text + " " * (maximum + 1 - len(text)), "baseline.json")

    assert f"has {maximum + 1} bytes, and at most {maximum} are read" in folder.fail()


def test_reasons_beyond_fifty_are_counted_as_one(folder: Folder) -> None:
    folder.put("".join(capture(part("a", f"text/{number}")) for number in range(60)))

    unreadable = folder.run()["traffic"]["unreadable"]

    assert len(unreadable) == 51
    assert unreadable["other reasons"] == 10


def test_the_history_keeps_the_newest_sixty_windows() -> None:
    windows = [{"until": f"2026-11-23T{hour:03}", "state": "x"} for hour in range(60)]
    report: dict[str, Any] = {
        "window": {"from": None, "until": "2026-11-24"},
        "state": "no calls",
        "traffic": {"rows": 0},
        "drifted": [],
        "columns": [],
        "quality": None,
    }

    kept = jobs.history.add_window(windows, report)

    assert len(kept) == 60
    assert (kept[0]["until"], kept[-1]["until"]) == ("2026-11-23T001", "2026-11-24")


@pytest.mark.parametrize(
    ("flag", "value"),
    [
        ("--from", "yesterday"),
        ("--until", "2026-11-23"),
        ("--level", "2"),
        ("--min-effect", "-1"),
        ("--min-rows", "0"),
        ("--workers", "0"),
        ("--endpoint-calls", "{"),
        ("--endpoint-calls", "[]"),
        ("--endpoint-calls", '{"invocations": 1, "client_errors": 0}'),
        ("--endpoint-calls", '{"invocations": 1, "client_errors": 0, "server_errors": "<b>"}'),
        ("--max-bad-share", "x"),
    ],
)
def test_arguments_that_cannot_be_used_are_refused(folder: Folder, flag: str, value: str) -> None:
    assert flag in folder.fail(**{flag: value})


def test_the_script_runs_as_a_process_and_its_memory_does_not_grow(folder: Folder) -> None:
    text = captures(rows(4000))
    peaks = []
    for times in (2, 20):
        for index in range(times):
            folder.put(text, f"captures/{index}.jsonl")
        code = "import resource, runpy, sys; sys.argv = sys.argv[1:]; "
        code += "exec(\"try: runpy.run_path(sys.argv[0], run_name='__main__')\\n"
        code += 'except SystemExit as e: assert e.code == 0"); '
        code += "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
        script = str(PROJECT_DIR / "jobs" / "monitor.py")
        done = subprocess.run(
            [sys.executable, "-c", code, script, *folder.argv()],
            capture_output=True,
            text=True,
            check=True,
            env={"PYTHONPATH": str(PROJECT_DIR / "jobs")},
        )
        note, peak = done.stdout.split("\n")[:2]
        peaks.append(int(peak))
        assert note == f"Of {4000 * times} rows, no column moved."

    assert peaks[1] <= 1.2 * peaks[0]


@pytest.mark.parametrize(
    "name",
    [
        *("captures", "column_counts", "divergence", "documents", "history", "monitor", "payloads"),
        *(
            "pieces",
            "recordio",
            "significance",
            "truths",
            "usual_calls",
            "window_page",
            "window_report",
        ),
    ],
)
def test_the_monitor_needs_the_standard_library_alone(name: str) -> None:
    source = (PROJECT_DIR / "jobs" / f"{name}.py").read_text(encoding="utf-8")
    nodes = list(ast.walk(ast.parse(source, feature_version=(3, 12))))
    names = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    names += [node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)]

    imported = {imported.partition(".")[0] for imported in names}
    assert imported <= sys.stdlib_module_names | set(vars(jobs))
