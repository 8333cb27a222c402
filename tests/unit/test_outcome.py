"""How a run ends, as the result file and the two closing texts tell it."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from pocketaws.sns.messages import Message
from pocketaws.step_functions.execution import Execution
from pocketaws.terminal.progress import State
from workflow.laptop.outcome import (
    RunOutcome,
    closing_summary,
    failure_report,
    outcome_of,
    report,
    write_result,
)
from workflow.laptop.ran_jobs import RanJob
from workflow.report.record import Data, LeftOutRow

ARN = "arn:aws:states:eu-west-1:123456789012:execution:abalone:run-1"
PARAMETER_NAME = "/abalone/model-name"
ENTERED = datetime(2025, 1, 31, 12, tzinfo=UTC)
OUTPUT = {
    "training_job": {"FinalMetricDataList": [{"MetricName": "validation:rmse", "Value": 2.25}]},
    "judgement": {"mse": 4.8, "reason": "mse 4.8 is at most max_mse 6.0"},
    "recorded": {"ModelName": "run-1-0a1b2c3d", "ParameterName": PARAMETER_NAME},
}
SUCCEEDED = Execution(ARN, "SUCCEEDED", output=OUTPUT)


def failed_with(cause: str | None, error: str = "States.TaskFailed") -> Execution:
    return Execution(ARN, "FAILED", error=error, cause=cause)


def job(status: str, *log_paths: Path) -> RanJob:
    logs = {path.parent.name: path.read_bytes() for path in log_paths}
    return RanJob("training-job", "run-1", status == "Failed", logs)


def outcome(execution: Execution, files_dir: Path, *jobs: RanJob) -> RunOutcome:
    states = [
        State("Preprocess data", "SUCCEEDED", ENTERED, seconds=1.23456, attempts=1),
        State("Train model", execution.status, ENTERED, seconds=2.0, attempts=1),
    ]
    return outcome_of(
        execution,
        states=states,
        jobs=jobs,
        messages=[Message("arn:topic", "Model released", "It is good.")],
        files_dir=files_dir,
        parameter_name=PARAMETER_NAME,
    )


def write_artifact(files_dir: Path) -> Path:
    path = files_dir / "training" / "run-1" / "job" / "output" / "model.tar.gz"
    path.parent.mkdir(parents=True)
    path.touch()
    return path


def test_the_result_file_of_a_success_holds_every_field(tmp_path: Path) -> None:
    artifact = write_artifact(tmp_path)
    result_path = tmp_path / "result.json"

    write_result(outcome(SUCCEEDED, tmp_path, job("Completed")), result_path)

    assert json.loads(result_path.read_text(encoding="utf-8")) == {
        "status": "SUCCEEDED",
        "error": None,
        "cause": None,
        "execution_arn": ARN,
        "model_name": "run-1-0a1b2c3d",
        "model_parameter_name": PARAMETER_NAME,
        "model_artifact": str(artifact),
        "metrics": {"validation:rmse": 2.25},
        "evaluation": {"mse": 4.8, "reason": "mse 4.8 is at most max_mse 6.0"},
        "data": None,
        "record": None,
        "report": None,
        "reused": None,
        "predictions": [],
        "messages": [{"subject": "Model released", "text": "It is good."}],
        "states": [
            {"name": "Preprocess data", "status": "SUCCEEDED", "seconds": 1.235},
            {"name": "Train model", "status": "SUCCEEDED", "seconds": 2.0},
        ],
    }


def test_the_result_file_of_a_failure_has_the_same_fields(tmp_path: Path) -> None:
    paths = tmp_path / "success.json", tmp_path / "failure.json"
    for path, execution in zip(paths, (SUCCEEDED, failed_with("too few rows")), strict=True):
        write_result(outcome(execution, tmp_path), path)

    success, failure = (json.loads(path.read_text(encoding="utf-8")) for path in paths)
    assert list(failure) == list(success)
    assert (failure["error"], failure["cause"]) == ("States.TaskFailed", "too few rows")
    assert failure["model_name"] is failure["model_parameter_name"] is None
    assert failure["model_artifact"] is None
    assert failure["metrics"] == {}


def test_a_rejected_runs_result_carries_its_numbers(tmp_path: Path) -> None:
    rejected = outcome_of(
        failed_with("mse 4.8 is above max_mse 1.0", "ModelRejected"),
        states=[],
        jobs=[],
        messages=[],
        files_dir=tmp_path,
        parameter_name=PARAMETER_NAME,
        document={name: value for name, value in OUTPUT.items() if name != "recorded"},
    )

    write_result(rejected, tmp_path / "result.json")

    result = json.loads((tmp_path / "result.json").read_text(encoding="utf-8"))
    assert result["evaluation"]["mse"] == 4.8
    assert result["metrics"] == {"validation:rmse": 2.25}
    assert result["model_name"] is None


@pytest.mark.parametrize("execution", [SUCCEEDED, failed_with("too bad")])
def test_both_endings_say_which_rows_were_left_out(execution: Execution, tmp_path: Path) -> None:
    example = LeftOutRow("a.csv", "7", "negative (x)", "F,-1")
    data = Data(10, 9, {"train": 9}, 1, {"negative": 1}, {"a.csv": 10}, [example])

    told = report(replace(outcome(execution, tmp_path), data=data))

    assert (
        "rows        1 of 10 rows were left out (negative: 1); "
        "the first: a.csv line 7: negative (x)" in told
    )


def test_the_closing_summary_names_what_was_made(tmp_path: Path) -> None:
    artifact = write_artifact(tmp_path)

    summary = closing_summary(outcome(SUCCEEDED, tmp_path))

    assert summary.splitlines() == [
        "",
        "status      SUCCEEDED",
        "model       run-1-0a1b2c3d",
        f"recorded in {PARAMETER_NAME}",
        "training    validation:rmse 2.2500",
        "judged      mse 4.8 is at most max_mse 6.0",
        f"artifact    {artifact}",
        f"files       {tmp_path}",
        "",
        "message: Model released",
        "  It is good.",
    ]


@pytest.mark.parametrize(
    ("cause", "words"),
    [
        ("the task timed out", "the task timed out"),
        (None, None),
        ('"quoted"', '"quoted"'),
        ('{"Status": "odd"}', '{"Status": "odd"}'),
        ({"errorMessage": "execution input: no", "errorType": "InvalidExecutionInput"}, None),
        ({"FailureReason": "AlgorithmError: ExitCode: 1", "TrainingJobStatus": "Failed"}, None),
        (
            {"FailureReason": "AlgorithmError", "ExitMessage": "too few rows"},
            "AlgorithmError; too few rows",
        ),
        (
            {"FailureReason": "AlgorithmError: See job logs, code: 1", "ExitMessage": "too few"},
            "too few",
        ),
        (
            {"TrainingJobStatus": "Stopped", "SecondaryStatus": "MaxRuntimeExceeded"},
            "the job was stopped (MaxRuntimeExceeded)",
        ),
        ({"ProcessingJobStatus": "Stopped"}, "the job was stopped (on request)"),
    ],
    ids=[
        *("text", "none", "json-text", "other-json", "function", "training-job"),
        *(
            "processing-job",
            "processing-job-in-its-own-words",
            "stopped-by-its-limit",
            "stopped-on-request",
        ),
    ],
)
def test_a_cause_is_told_in_plain_words(
    cause: str | dict[str, str] | None, words: str | None, tmp_path: Path
) -> None:
    if isinstance(cause, dict):
        words = words or next(iter(cause.values()))
        cause = json.dumps(cause)

    assert outcome(failed_with(cause), tmp_path).cause == words


def test_a_failure_report_ends_with_the_last_words_of_the_job_that_failed(tmp_path: Path) -> None:
    logs = [tmp_path / host / "log.txt" for host in ("algo-1", "algo-2")]
    for log in logs:
        log.parent.mkdir()
    logs[0].write_text("first host\n")
    logs[1].write_bytes(b"".join(b"line %d \xff\n" % number for number in range(20)))

    jobs = job("Completed"), job("Failed", *logs)
    report = failure_report(outcome(failed_with("it broke"), tmp_path, *jobs)).splitlines()

    assert report[1:4] == [
        "status      FAILED in 'Train model'",
        "error       States.TaskFailed",
        "cause       it broke",
    ]
    assert report[5] == "the job's last log lines:"
    assert report[6:18] == [f"  line {number} \ufffd" for number in range(8, 20)]


def test_a_failure_report_says_its_cause_once(tmp_path: Path) -> None:
    log = tmp_path / "algo-1.txt"
    log.write_text("read 3 files\npreprocessing failed: no rows\n")
    words = "preprocessing failed: no rows"
    cause = {"FailureReason": "AlgorithmError: See job logs", "ExitMessage": words}
    told = replace(
        outcome(failed_with(json.dumps(cause)), tmp_path, job("Failed", log)),
        messages=[Message("arn", "It failed", f"Why: {words}\nJob: x")],
    )

    report = failure_report(told)

    assert report.count(words) == 1
    assert f"cause       {words}" in report
    assert "  read 3 files" in report
    assert "  Why: (see the cause above)\n  Job: x" in report


def test_a_failure_report_without_a_failed_job_shows_no_log(tmp_path: Path) -> None:
    report = failure_report(outcome(failed_with("it broke"), tmp_path, job("Completed")))

    assert "log lines" not in report


def test_a_failure_before_the_first_state_is_told(tmp_path: Path) -> None:
    nothing: dict[str, Any] = {"states": [], "jobs": [], "messages": [], "files_dir": tmp_path}
    report = failure_report(
        outcome_of(failed_with("no permission"), parameter_name=PARAMETER_NAME, **nothing)
    )

    assert "FAILED in 'the start'" in report


@pytest.mark.parametrize("status", ["FAILED", "TIMED_OUT", "ABORTED"])
def test_only_a_success_succeeded(status: str, tmp_path: Path) -> None:
    assert outcome(SUCCEEDED, tmp_path).succeeded
    assert not outcome(Execution(ARN, status), tmp_path).succeeded
