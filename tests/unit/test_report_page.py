"""The page of a run, of every ending, and the layout of its graph."""

import json
import os
import random
import re
import subprocess
import sys
from graphlib import TopologicalSorter
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import PROJECT_DIR
from tests.unit.execution_history import History
from tests.unit.test_report_record import record, sources
from workflow.__main__ import main
from workflow.definition import names
from workflow.report.graph import graph_of
from workflow.report.layout import KEPT_PATH, _leading_on, kept_text, laid_out, layout_of
from workflow.report.model_sections import _metrics, _value
from workflow.report.page import page_of
from workflow.report.record import as_text

DEFINITION = json.loads(
    (PROJECT_DIR / "workflow" / "definition" / "definition.asl.json").read_text(encoding="utf-8")
)
HOSTILE = "</pre><script>alert(1)</script><img src=x onerror=alert(1)>\u202etxt"
IN_TWO_PROCESSES = """
import json, sys
from workflow.report.graph import graph_of
from workflow.report.layout import laid_out
print(laid_out(graph_of(json.load(open(sys.argv[1])))))
"""


def history_until(state: str, given: Any = None) -> History:
    history = History()
    history.enter(names.TAKE_INPUT, {}, "Pass")
    history.leave(names.TAKE_INPUT, given or {}, "Pass")
    history.enter(state, given or {})
    return history


@pytest.mark.parametrize(
    ("status", "event", "told"),
    [
        ("RUNNING", None, "running"),
        ("TIMED_OUT", "ExecutionTimedOut", "timed out"),
        ("ABORTED", "ExecutionAborted", "stopped"),
        ("FAILED", "ExecutionFailed", "failed"),
    ],
)
@pytest.mark.parametrize("state", [name for name in DEFINITION["States"] if name != "Take input"])
def test_every_ending_in_every_state_is_told_with_its_place(
    status: str, event: str | None, told: str, state: str
) -> None:
    history = history_until(state)
    if event:
        history.add(event, {"error": "E", "cause": "it broke"})

    page = page_of(record(history, status=status, definition=DEFINITION, error="E"))

    assert f"{state.replace(chr(39), '&#x27;')}: {told}" in page
    assert page.count('class="box not-reached"') == len(DEFINITION["States"]) - 2


def test_hostile_texts_stand_on_the_page_as_texts() -> None:
    history = history_until(names.TRAIN_MODEL, {HOSTILE: HOSTILE})
    history.add("TaskScheduled", {"parameters": {"TrainingJobName": HOSTILE}})
    history.add("TaskFailed", {"error": HOSTILE, "cause": HOSTILE})
    history.add("ExecutionFailed", {"error": HOSTILE, "cause": HOSTILE})
    told: dict[str, Any] = {"status": "FAILED", "error": HOSTILE, "cause": HOSTILE, "name": HOSTILE}

    page = page_of(record(history, definition=DEFINITION, given={"tags": HOSTILE}, **told))

    assert "<script" not in page
    assert "<img" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_what_is_very_long_is_cut_and_the_page_says_so() -> None:
    history = history_until(names.TRAIN_MODEL, {"text": "x" * 1_000_000})

    page = page_of(record(history, status="RUNNING", definition=DEFINITION))

    assert len(page) < 200_000
    assert "more characters stand in run.json" in page


@pytest.mark.parametrize("seed", range(60))
def test_what_the_library_lays_out_has_no_loop_and_lacks_nothing_else(seed: int) -> None:
    drawn = random.Random(seed)
    states = drawn.randint(1, 20)
    pairs = [(drawn.randrange(states), drawn.randrange(states)) for _ in range(2 * states)]
    ways = sorted(set(pairs))
    onward = sorted({(min(pair), max(pair)) for pair in pairs if pair[0] != pair[1]})

    sources: dict[int, set[int]] = {}
    for source, target in _leading_on(ways):
        sources.setdefault(target, set()).add(source)
    # It raises where there is a loop.
    list(TopologicalSorter(sources).static_order())
    assert _leading_on(onward) == onward


def test_boxes_of_states_do_not_overlap() -> None:
    layout = layout_of(graph_of(DEFINITION))

    assert layout is not None
    assert layout.centres.keys() == DEFINITION["States"].keys()
    for (x, y), (other_x, other_y) in combinations(layout.centres.values(), 2):
        assert abs(x - other_x) > 204 or abs(y - other_y) > 58
    assert all(0 < x < layout.width and 0 < y < layout.height for x, y in layout.centres.values())


def test_a_catch_of_everything_is_drawn_where_it_was_gone() -> None:
    history = history_until(names.TRAIN_MODEL)
    history.leave(names.TRAIN_MODEL, {})

    before = page_of(record(history, status="RUNNING", definition=DEFINITION))
    history.enter(names.TELL_FAILED, {})
    after = page_of(record(history, status="RUNNING", definition=DEFINITION))

    assert after.count('class="way catch gone"') == before.count('class="way catch gone"') + 1


def test_the_kept_layout_is_that_of_the_committed_definition() -> None:
    graph = graph_of(DEFINITION)

    # Where it is not, `make definition` writes it anew.
    assert KEPT_PATH.read_text(encoding="utf-8") == kept_text(graph)
    assert layout_of(graph) == laid_out(graph)


def test_the_layout_is_the_same_in_every_process() -> None:
    path = PROJECT_DIR / "workflow" / "definition" / "definition.asl.json"
    told = {
        subprocess.run(
            [sys.executable, "-c", IN_TWO_PROCESSES, str(path)],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }

    assert len(told) == 1


def test_states_side_by_side_and_alone_are_placed() -> None:
    inner = {"StartAt": "In", "States": {"In": {"Type": "Pass", "End": True}}}
    definition = {
        "StartAt": "Both",
        "States": {
            "Both": {"Type": "Parallel", "Branches": [inner], "Next": "Loop"},
            "Loop": {"Type": "Pass", "Next": "Loop"},
            "Alone": {"Type": "Succeed"},
        },
    }

    page = page_of(record(History(), status="RUNNING", definition=definition))

    for name in ("Both", "In", "Loop", "Alone"):
        assert f"<title>{name}: not reached</title>" in page


def test_words_at_lines_that_end_together_do_not_lie_on_each_other() -> None:
    history = History()
    history.enter("Train model", {})
    history.add("TaskScheduled", {"parameters": {"TrainingJobName": "job-1"}})
    history.add("TaskSucceeded", {"output": {}})
    log = "\n".join(
        f"[{n}]\ttrain-rmse:{1 / (n + 1)}\tvalidation-rmse:{1.01 / (n + 1)}" for n in range(9)
    )

    page = page_of(record(history, read=sources({}, {"job-1": log})))

    places = re.findall(r'y="([\d.]+)" text-anchor="end">(?:train|validation) rmse<', page)
    upper, lower = sorted(map(float, places))
    assert lower - upper >= 12


def test_a_standard_error_that_is_but_rounding_is_none() -> None:
    metrics = {
        "accuracy": {"value": 1.0, "standard_deviation": 7.5e-17},
        "mse": {"value": 1.0, "standard_deviation": 7.5e-3},
    }

    shown = [_value({"regression_metrics": metrics}, name) for name in metrics]

    assert shown == ["1 \N{PLUS-MINUS SIGN} 0", "1 \N{PLUS-MINUS SIGN} 0.0075"]


def test_the_metrics_say_by_what_they_are_weighted_and_by_what_not() -> None:
    judged = {"rows": 9, "binary_classification_metrics": {}}

    by_rows = _metrics({**judged, "weighted_by": "times"})
    by_classes = _metrics({**judged, "class_weights": {"well": 1, "<ill>": 12.5}})

    assert "weighted by times" in by_rows
    assert "in training alone" not in by_rows
    assert "weighted by" not in by_classes
    told = "Classes weigh in training alone, and in no number here: well 1, &lt;ill&gt; 12.5."
    assert told in by_classes


def test_the_page_of_a_folder_is_written_where_it_was_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = record(history_until(names.TRAIN_MODEL), status="RUNNING", definition=DEFINITION)
    folder = tmp_path / "runs" / "run-1"
    folder.mkdir(parents=True)
    (folder / "run.json").write_text(as_text(made), encoding="utf-8")
    output = tmp_path / "new" / "page.html"
    places = ["--output-dir", str(tmp_path / "runs"), "--output", str(output)]

    assert main(["report", "run-1", *places]) == 0

    assert output.read_text(encoding="utf-8") == page_of(made)
    assert str(output) in capsys.readouterr().out
