"""What run.json says of an execution, against histories and files that are written here."""

import datetime
import json
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from tests.conftest import PROJECT_DIR
from tests.unit.execution_history import START, History, documents
from tests.unit.modules import load
from workflow.definition import names
from workflow.report.build import record_of
from workflow.report.data import left_out_sentence
from workflow.report.record import Record, as_text, from_json
from workflow.report.settings import overridden
from workflow.report.sources import Sources

NOW = START + datetime.timedelta(seconds=100)
BUCKET = "s3://bucket"
TOKEN = "AQCEAAAAKgAAAAMAAAAA-made-up"
PREPARED = {
    "processing": {
        "input_data_uri": "s3://bucket/input/",
        "arguments": ["--input-dir", "/raw", "--validation-share", "0.2", "--split-seed", "7"],
        "instance_type": "ml.m5.xlarge",
        "instance_count": 2,
        "report_uri": f"{BUCKET}/report/",
        "rejected_uri": f"{BUCKET}/rejected/",
    },
    "training": {"hyperparameters": {"eta": "0.1", "gamma": "4"}, "instance_type": "ml.c5.large"},
    "gate": {"max_mse": 3.0, "evaluation_uri": f"{BUCKET}/evaluation/"},
    "lineage": {"git_commit": "abc"},
    "tags": [],
}
GIVEN = {"max_mse": 3.0, "hyperparameters": {"eta": 0.1}}


def sources(
    files: Mapping[str, str] | None = None, logs: Mapping[str, str] = MappingProxyType({})
) -> Sources:
    held = {f"{BUCKET}/{name}": text.encode() for name, text in (files or {}).items()}
    return Sources(
        read_start=lambda uri, maximum: held[uri][:maximum] if uri in held else None,
        uris_under=lambda uri: sorted(name for name in held if name.startswith(uri)),
        log_tail=lambda _kind, name, lines: logs.get(name, "").splitlines()[-lines:],
    )


def record(history: History, *, read: Sources | None = None, **told: Any) -> Record:
    return record_of(documents(history, **told), read or sources(), now=NOW)


def report_of(host: str, **counts: Any) -> str:
    told = {
        "host": host,
        "rows_read": 10,
        "rows_kept": 8,
        "rows_by_split": {"train": 5, "test": 3},
        "rows_rejected": 2,
        "rejected_by_reason": {"negative": 1, "unknown sex": 1},
        "rows_by_object": {"a.csv": 10},
    }
    return json.dumps(told | counts)


def test_a_retried_and_a_caught_state_tell_each_attempt() -> None:
    history = History()
    history.enter("Train model", {"x": 1})
    history.add("TaskScheduled", {"parameters": {"n": 1}})
    history.add("TaskFailed", {"error": "SageMaker.Throttled", "cause": "too fast"})
    history.add("TaskScheduled", {"parameters": {"n": 2}})
    history.add("TaskFailed", {"error": "States.TaskFailed", "cause": "it broke"})
    history.leave("Train model", {"x": 1, "failures": {}})
    history.enter(names.EXECUTION_FAILED, {}, "Fail")
    history.add("ExecutionFailed", {"error": "States.TaskFailed", "cause": "it broke"})

    made = record(history, status="FAILED", error="States.TaskFailed", cause="it broke")

    train, fail = made.states
    assert (train.status, fail.status) == ("caught", "failed")
    assert [(each.status, each.error, each.parameters) for each in train.attempts] == [
        ("failed", "SageMaker.Throttled", {"n": 1}),
        ("failed", "States.TaskFailed", {"n": 2}),
    ]
    assert train.seconds == 5.0
    assert made.verdict.kind == "failed"
    assert made.verdict.state_name == "Train model"
    assert "in 'Train model': States.TaskFailed: it broke." in made.verdict.sentence


def test_a_redriven_state_goes_on_and_its_first_failure_stays_told() -> None:
    history = History()
    entered = history.enter("Train model", {})
    history.add("TaskScheduled", {"parameters": {}})
    failed = history.add("TaskFailed", {"error": "States.TaskFailed", "cause": "it broke"})
    history.add("ExecutionFailed", {"error": "States.TaskFailed", "cause": "it broke"})
    history.add("ExecutionRedriven", {}, after=0)
    history.add("TaskScheduled", {"parameters": {}}, after=failed)
    history.add("TaskSucceeded", {"output": {"ok": True}})
    history.leave("Train model", {"ok": True})
    history.add("ExecutionSucceeded", {"output": {"ok": True}})

    (state,) = record(history).states

    assert entered == 1
    assert (state.status, state.error) == ("succeeded", None)
    assert [each.status for each in state.attempts] == ["failed", "succeeded"]


@pytest.mark.parametrize("end", ["ExecutionAborted", "ExecutionTimedOut"])
def test_a_redrive_goes_on_in_the_state_that_was_stopped(end: str) -> None:
    history = History()
    history.enter("Train model", {})
    history.add("TaskScheduled", {"parameters": {"n": 1}})
    stopped = history.add(end, after=0)
    again = history.add("ExecutionRedriven", after=stopped)
    history.add("TaskScheduled", {"parameters": {"n": 2}}, after=again)
    history.add("TaskSucceeded", {"output": {}})
    history.leave("Train model", {})
    history.add("ExecutionSucceeded", {"output": {}})

    (state,) = record(history).states

    assert (state.status, len(state.attempts)) == ("succeeded", 2)
    assert state.attempts[1].parameters == {"n": 2}


def test_a_fail_state_that_a_redrive_enters_again_stands_in_no_other() -> None:
    history = History()
    history.enter("Execution failed", {}, "Fail")
    failed = history.add("ExecutionFailed", {"error": "Oops", "cause": "it broke"})
    again = history.add("ExecutionRedriven", after=failed)
    history.enter("Execution failed", {}, "Fail", after=again)
    history.add("ExecutionFailed", {"error": "Oops", "cause": "it broke"})

    made = record(history, status="FAILED", error="Oops", cause="it broke")

    assert [state.parent for state in made.states] == [None, None]
    assert "start another execution" in made.verdict.next_steps[-1]


def test_states_inside_a_map_name_the_one_around_them() -> None:
    history = History()
    around = history.enter("Each", {}, "Map")
    first = history.enter("Inner", {"i": 0}, "Pass", after=around)
    second = history.enter("Inner", {"i": 1}, "Pass", after=around)
    history.leave("Inner", {"o": 0}, "Pass", after=first)
    history.leave("Inner", {"o": 1}, "Pass", after=second)
    history.leave("Each", {"all": 1}, "Map")
    history.add("ExecutionSucceeded", {"output": {}})

    states = record(history).states

    assert [(state.name, state.parent, state.output) for state in states] == [
        ("Each", None, {"all": 1}),
        ("Inner", 0, {"o": 0}),
        ("Inner", 0, {"o": 1}),
    ]


@pytest.mark.parametrize(
    ("status", "kind"), [("TIMED_OUT", "timed out"), ("ABORTED", "stopped"), ("RUNNING", "running")]
)
def test_how_it_ended_is_the_verdict_and_the_status_of_its_last_state(
    status: str, kind: str
) -> None:
    history = History()
    history.enter("Train model", {})
    if status != "RUNNING":
        history.add("ExecutionTimedOut" if status == "TIMED_OUT" else "ExecutionAborted")

    made = record(history, status=status)

    assert made.verdict.kind == made.states[-1].status == kind
    assert "'Train model'" in made.verdict.sentence
    assert made.verdict.next_steps
    assert made.states[-1].seconds == (99.0 if status == "RUNNING" else 1.0)


def test_task_tokens_and_what_is_secret_stand_nowhere() -> None:
    history = History()
    link = "https://page.example/?version=1&key=abcdefghijklmnopqrstuvwxyz"
    history.enter("Wait for approval", {"note": "see"})
    history.add("TaskScheduled", {"parameters": {"Payload": {"TaskToken": TOKEN, "n": 1}}})
    history.add("TaskFailed", {"error": "E", "cause": f"no answer to {TOKEN} at {link}"})
    history.leave("Wait for approval", {"text": f"token {TOKEN}", "db_password": "made-up"})
    history.add("ExecutionSucceeded", {"output": {}})
    job = History()
    job.enter("Train model", {})
    job.add("TaskScheduled", {"parameters": {"TrainingJobName": "job-1"}})
    job.add("TaskSucceeded", {"output": {"TrainingJobName": "job-1"}})
    job.leave("Train model", {})

    told = as_text(record(history))
    (logged,) = record(job, read=sources(logs={"job-1": "password=made-up rows=3"})).jobs

    assert TOKEN not in told
    assert "abcdefghijklmnopqrstuvwxyz" not in told
    assert "made-up" not in told
    assert told.count("(left out)") >= 4
    assert '"n": 1' in told
    assert logged.log_lines == ["password=(left out) rows=3"]


def test_rows_of_all_hosts_are_told_with_reasons_and_examples() -> None:
    history = History()
    history.enter("Train model", PREPARED)
    rows = "".join(f'a.csv,{line},"unknown sex (value {line})","X,{line}"\n' for line in range(9))
    files = {
        "report/report-algo-1.json": report_of("algo-1"),
        "report/report-algo-2.json": report_of("algo-2", rows_rejected=1),
        "rejected/part-algo-1.csv": f'object,line,reason,row\n{rows}a.csv,77,negative (x),"F,-1"\n',
    }

    data = record(history, read=sources(files), status="RUNNING").data

    assert data is not None
    assert (data.rows_read, data.rows_kept, data.rows_left_out) == (20, 16, 3)
    assert data.rows_by_split == {"train": 10, "test": 6}
    assert data.left_out_by_reason == {"negative": 2, "unknown sex": 2}
    # Three of a reason, and then the next reason.
    assert [row.line for row in data.examples] == ["0", "1", "2", "77"]
    assert left_out_sentence(data) == (
        "3 of 20 rows were left out (negative: 2, unknown sex: 2); "
        "the first: a.csv line 0: unknown sex (value 0)"
    )


def test_settings_say_where_they_come_from() -> None:
    history = History()
    history.enter("Train model", PREPARED)

    settings = record(history, given=GIVEN, status="RUNNING").settings

    told = {item.name: (item.value, item.source) for item in settings}
    assert told["max_mse"] == (3.0, "input")
    assert told["hyperparameters.eta"] == ("0.1", "input")
    assert told["hyperparameters.gamma"] == ("4", "default")
    assert told["processing_instance_count"] == (2, "stack")
    assert told["split_seed"] == ("7", "default")
    assert overridden(settings) == {"max_mse": 3.0, "hyperparameters.eta": "0.1"}


def test_what_was_tuned_stands_over_what_was_given_and_names_its_job() -> None:
    asked = {"ranges": {"eta": [0.1, 0.5]}, "max_jobs": 2}
    best = {
        "hyperparameters": {"eta": "0.31"},
        "job_name": "tune-1",
        "training_job_name": "tune-1-002",
        "metric": "validation:rmse",
        "value": 2.1,
    }
    tuning = {"is_wanted": True, "asked": asked, "best": best}
    history = History()
    history.enter("Train model", {**PREPARED, "tuning": tuning})

    made = record(history, given={"tuning": asked}, status="RUNNING")

    told = {item.name: (item.value, item.source) for item in made.settings}
    assert told["hyperparameters.eta"] == ("0.31", "tuned")
    assert told["hyperparameters.gamma"] == ("4", "default")
    assert told["tuning"] == (asked, "input")
    assert made.lineage["tuned_by"] == "tune-1: tune-1-002 was the best by validation:rmse (2.1)"


def test_a_tuning_job_is_a_job_without_a_log() -> None:
    history = History()
    history.enter("Tune model", {})
    definition = {"ResourceConfig": {"InstanceType": "ml.m5.xlarge", "InstanceCount": 2}}
    parameters = {"HyperParameterTuningJobName": "tune-1", "TrainingJobDefinition": definition}
    history.add("TaskScheduled", {"parameters": parameters})
    described = {
        "HyperParameterTuningJobStatus": "Completed",
        "CreationTime": 1_000,
        "HyperParameterTuningEndTime": 11_500,
        "ConsumedResources": {"RuntimeInSeconds": 30},
    }
    history.add("TaskSucceeded", {"output": json.dumps(described)})
    history.leave("Tune model", {})

    made = record(history)

    (job,) = made.jobs
    assert (job.kind, job.status, job.seconds) == ("tuning", "Completed", 10.5)
    assert (job.instance_type, job.instance_seconds) == ("ml.m5.xlarge", 60.0)
    assert not any("log" in missing for missing in made.missing)


def test_what_was_given_stands_where_preparing_failed() -> None:
    history = History()
    history.enter("Prepare execution", {"input": GIVEN})
    history.add("ExecutionFailed", {"error": "InvalidExecutionInput", "cause": "max_mse: no"})

    made = record(history, given=GIVEN, status="FAILED", error="InvalidExecutionInput")

    assert {(item.name, item.source) for item in made.settings} == {
        ("max_mse", "input"),
        ("hyperparameters.eta", "input"),
    }
    assert made.verdict.next_steps[0].startswith("Correct the input")


def test_every_field_of_the_execution_input_is_a_setting() -> None:
    defaults = load("prepare_execution").stack_defaults.stack_defaults
    document = (PROJECT_DIR / "docs" / "execution-input.md").read_text(encoding="utf-8")
    rows = [line.split("|") for line in document.splitlines() if line.startswith("| `")]
    told = {cells[1].strip(" `"): cells[3].strip() for cells in rows}

    fixed = defaults({"EXECUTION_DEFAULTS": "{}"})
    # The stack has it in a variable of its own.
    assert fixed.pop("tuning") == {}

    not_of_the_stack = {name for name, default in told.items() if not default.startswith("stack")}
    assert len(told) == 33
    assert not_of_the_stack - {"input"} == set(fixed)
    history = History()
    history.enter("Train model", PREPARED)
    made = record(history, status="RUNNING")
    assert {item.name for item in made.settings if item.source == "default"} <= {
        *not_of_the_stack,
        *(f"hyperparameters.{name}" for name in PREPARED["training"]["hyperparameters"]),  # type: ignore[index]
    }


def test_a_jobs_instance_seconds_are_those_of_all_its_instances() -> None:
    history = History()
    history.enter("Train model", {})
    cluster = {"InstanceType": "ml.m5.xlarge", "InstanceCount": 3}
    history.add(
        "TaskScheduled", {"parameters": {"TrainingJobName": "job-1", "ResourceConfig": cluster}}
    )
    described = {
        "TrainingJobStatus": "Failed",
        "TrainingStartTime": 1_000,
        "TrainingEndTime": 11_500,
        "FailureReason": "AlgorithmError",
    }
    history.add("TaskFailed", {"error": "States.TaskFailed", "cause": json.dumps(described)})
    history.leave("Train model", {})

    (job,) = record(history).jobs

    assert (job.status, job.seconds, job.instance_seconds) == ("Failed", 10.5, 31.5)
    assert (job.instance_type, job.instance_count) == ("ml.m5.xlarge", 3)


def test_what_could_not_be_read_is_told() -> None:
    history = History()
    history.enter("Read evaluation", PREPARED | {"evaluation_job": {}, "judgement": {"mse": 1.0}})

    missing = record(history, status="RUNNING").missing

    assert len([text for text in missing if "could not be read" in text]) == 4


def test_a_record_is_read_as_it_was_written() -> None:
    history = History()
    history.enter("Train model", PREPARED)
    history.add("TaskScheduled", {"parameters": {"TrainingJobName": "job-1"}})
    definition = {"StartAt": "Train model", "States": {"Train model": {"Type": "Pass"}}}
    files = {"report/report-algo-1.json": report_of("algo-1")}
    made = record(history, read=sources(files), status="RUNNING", definition=definition)

    text = as_text(made)

    assert as_text(from_json(json.loads(text))) == text
    with pytest.raises(ValueError, match="schema is 99"):
        from_json({**json.loads(text), "schema": 99})
    with pytest.raises(ValueError, match="not as it was written"):
        from_json({"schema": 1, "summary": {}})


def test_the_graph_is_the_definitions() -> None:
    path = PROJECT_DIR / "workflow" / "definition" / "definition.asl.json"
    definition = json.loads(Path(path).read_text(encoding="utf-8"))

    graph = record(History(), status="RUNNING", definition=definition).graph

    assert [node.name for node in graph.nodes] == list(definition["States"])
    edges = {(edge.source, edge.target, edge.kind) for edge in graph.edges}
    assert (names.IS_THE_MODEL_GOOD_ENOUGH, names.CREATE_MODEL, "choice") in edges
    assert (names.IS_THE_MODEL_GOOD_ENOUGH, names.TELL_REJECTED, "default") in edges
    assert (names.TRAIN_MODEL, names.TELL_FAILED, "catch") in edges
