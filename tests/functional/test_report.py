"""The record and the page of executions on the emulated AWS, against what they were made from."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from emulated.waiting import eventually
from pocketaws.cloudformation.deploy import Stack
from pocketaws.gate.faults import Fault, JobEnd
from pocketaws.runtime import LocalRuntime
from pocketaws.step_functions.execution import Execution
from tests.conftest import OPEN_GATE, SAMPLE_PATH
from tests.functional.asking import Asked, asking
from tests.functional.browser import BROWSER_PATH, PAGE_MILLISECONDS
from tests.functional.report_sources import differences, expected_settings, history_of
from tests.functional.report_tables import expected_tables, seconds_of, tables_in
from workflow.account.executions import documents_of
from workflow.laptop.bucket import take_files
from workflow.laptop.ran_jobs import jobs_of
from workflow.laptop.run_record import prefixes_of, write_record
from workflow.laptop.stack import EndedExecution, LocalWorkflow
from workflow.report.in_account import record_in_account, rows_in_account
from workflow.report.page import page_of
from workflow.report.record import Record, as_text
from workflow.report.rows import row_of

QUICK = {"hyperparameters": {"num_round": 8}}
LEFT_OUT = 40
KINDS = ("released", "rejected", "refused", "failed")


@pytest.fixture(scope="module")
def dirty_uri(runtime: LocalRuntime, stack: Stack) -> str:
    """The sample, with a sex that is none in every hundredth row of the first ones."""
    lines = SAMPLE_PATH.read_text(encoding="utf-8").splitlines()
    for index in range(LEFT_OUT):
        lines[index * 100] = "<b>" + lines[index * 100][1:]
    key = "input/dirty/abalone.csv"
    body = "\n".join(lines).encode()
    runtime.client("s3").put_object(Bucket=stack.outputs["BucketName"], Key=key, Body=body)
    return f"s3://{stack.outputs['BucketName']}/{key}"


@pytest.fixture(scope="module")
def waiting(runtime: LocalRuntime, stack: Stack, sample_uri: str) -> Asked:
    return asking(runtime, stack, sample_uri)()


@pytest.fixture(scope="module")
def running(runtime: LocalRuntime, waiting: Asked) -> Record:
    """The record of an execution while it waits for a person."""
    return record_in_account(waiting.execution_arn, runtime.client)


@pytest.fixture(scope="module")
def ended(
    runtime: LocalRuntime, stack: Stack, dirty_uri: str, running: Record, waiting: Asked
) -> dict[str, Execution]:
    """An execution of each kind."""

    def run(**given: Any) -> Execution:
        whole = {"input_data_uri": dirty_uri, **OPEN_GATE, **QUICK, **given}
        return runtime.run(stack.outputs["StateMachineArn"], whole)

    waiting.decide("Rejected", "too few rows")
    return {
        "released": run(),
        "rejected": run(max_mse=0.001),
        "refused": waiting.end(),
        "failed": run(max_rejected_share=0.0),
    }


@pytest.fixture(scope="module")
def records(runtime: LocalRuntime, ended: dict[str, Execution]) -> dict[str, Record]:
    return {
        kind: record_in_account(execution.arn, runtime.client) for kind, execution in ended.items()
    }


@pytest.fixture
def read(runtime: LocalRuntime) -> Callable[[str], Any]:
    """Read a JSON object of S3."""

    def read_uri(uri: str) -> Any:
        bucket_name, _, key = uri.removeprefix("s3://").partition("/")
        body = runtime.client("s3").get_object(Bucket=bucket_name, Key=key)["Body"]
        return json.loads(body.read())

    return read_uri


@pytest.fixture(scope="module")
def interrupted(
    runtime: LocalRuntime, stack: Stack, sample_uri: str, ended: dict[str, Execution]
) -> dict[str, Record]:
    """An execution that was stopped, the same one redriven, and one that ran out of time.

    After the others, whose release is the first one and compared with none.
    """
    assert ended
    stepfunctions = runtime.client("stepfunctions")
    given = {"input_data_uri": sample_uri, **OPEN_GATE, **QUICK}
    # A job that ends by being stopped alone, so that it is there to be stopped.
    endless = JobEnd("Stopped", endless=True)
    name = "stopped-and-redriven"
    runtime.faults.append(Fault("sagemaker", "CreateProcessingJob", texts=(name,), instead=endless))
    arn = runtime.start_execution(stack.outputs["StateMachineArn"], given, name=name)
    assert eventually(
        lambda: any(
            event["type"] == "TaskSubmitted" and "Processing" in str(event)
            for event in history_of(runtime, arn)
        )
    )
    stepfunctions.stop_execution(executionArn=arn, error="Enough", cause="by Ann")
    runtime.wait(arn)
    stopped = record_in_account(arn, runtime.client)
    # One that waits for a person has time to run out of time.
    late = runtime.run(_with_little_time(runtime, stack), {**given, "approval": "required"})
    stepfunctions.redrive_execution(executionArn=arn)
    runtime.wait(arn)
    return {
        "stopped": stopped,
        "timed out": record_in_account(late.arn, runtime.client),
        "redriven": record_in_account(arn, runtime.client),
    }


def _with_little_time(runtime: LocalRuntime, stack: Stack) -> str:
    stepfunctions = runtime.client("stepfunctions")
    described = stepfunctions.describe_state_machine(
        stateMachineArn=stack.outputs["StateMachineArn"]
    )
    machine = {**json.loads(described["definition"]), "TimeoutSeconds": 1}
    created = stepfunctions.create_state_machine(
        name=f"{described['name']}-late",
        definition=json.dumps(machine),
        roleArn=described["roleArn"],
    )
    return str(created["stateMachineArn"])


def test_times_states_attempts_errors_and_jobs_are_those_of_the_history(
    runtime: LocalRuntime, records: dict[str, Record]
) -> None:
    assert {kind: differences(runtime, records[kind]) for kind in KINDS} == {
        kind: [] for kind in KINDS
    }


def test_a_stopped_a_late_and_a_redriven_execution_are_told_as_they_went(
    runtime: LocalRuntime, interrupted: dict[str, Record]
) -> None:
    stopped, late, redriven = (interrupted[kind] for kind in ("stopped", "timed out", "redriven"))

    assert differences(runtime, late) == differences(runtime, redriven) == []
    assert (stopped.verdict.kind, stopped.verdict.state_name) == ("stopped", "Preprocess data")
    assert "was stopped in 'Preprocess data': Enough: by Ann." in page_of(stopped).replace(
        "&#x27;", "'"
    )
    assert (late.verdict.kind, late.summary.status) == ("timed out", "TIMED_OUT")
    assert late.verdict.state_name == late.states[-1].name
    # What was before the redrive stays, and the state that was stopped has gone on.
    # What was recorded meanwhile is newer than an execution that began before it.
    assert redriven.verdict.kind in ("released", "kept")
    assert [state.name for state in redriven.states][: len(stopped.states)] == [
        state.name for state in stopped.states
    ]
    again = redriven.states[len(stopped.states) - 1]
    assert [each.status for each in again.attempts] == ["stopped", "succeeded"]
    assert again.seconds > stopped.states[-1].seconds
    assert "Redriven" in page_of(redriven)
    assert "Redriven" not in page_of(stopped)


def test_a_running_execution_is_told_as_far_as_it_is(
    running: Record, records: dict[str, Record]
) -> None:
    whole, count = records["refused"], len(running.states)

    assert running.verdict.kind == "running"
    assert (running.summary.ended_at, running.states[-1].left_at) == (None, None)
    assert running.states[-1].name == "Wait for approval"
    assert running.states[-1].status == "running"
    assert running.states[:-1] == whole.states[: count - 1]
    assert running.judgement == whole.judgement
    assert running.settings == whole.settings
    assert "Make the report again" not in running.verdict.next_steps[0]
    assert "A person has to decide" in page_of(running)


def test_every_setting_is_the_one_that_the_execution_used(
    runtime: LocalRuntime, stack: Stack, records: dict[str, Record], interrupted: dict[str, Record]
) -> None:
    for record in (*records.values(), *interrupted.values()):
        described = runtime.client("stepfunctions").describe_execution(
            executionArn=record.summary.arn
        )
        expected = expected_settings(runtime, stack, json.loads(described["input"]))

        told = {item.name: (str(item.value), item.source) for item in record.settings}

        assert told == {name: (str(value), source) for name, (value, source) in expected.items()}
        shown = tables_in(page_of(record))["Settings"]
        assert [row[::2] for row in shown] == [[name, told[name][1]] for name in told]


def test_the_verdict_is_what_happened(records: dict[str, Record]) -> None:
    assert [records[kind].verdict.kind for kind in KINDS] == list(KINDS)
    assert "too few rows" in records["refused"].verdict.sentence
    assert records["failed"].verdict.state_name == "Preprocess data"
    assert f"{LEFT_OUT} of 4177 rows" in records["failed"].verdict.sentence
    assert all(record.missing == () for record in records.values())


def judged_output(runtime: LocalRuntime, arn: str) -> Any:
    """Return the execution's state as its last state got it."""
    history = runtime.client("stepfunctions").get_execution_history(
        executionArn=arn, reverseOrder=True, maxResults=20
    )["events"]
    entered = (event["stateEnteredEventDetails"] for event in history if _is_entry(event))
    return json.loads(next(entered)["input"])


def _is_entry(event: Any) -> bool:
    return "stateEnteredEventDetails" in event


@pytest.mark.parametrize("kind", ["released", "rejected"])
def test_every_number_in_a_table_is_that_of_its_source(
    runtime: LocalRuntime,
    records: dict[str, Record],
    ended: dict[str, Execution],
    read: Callable[[str], Any],
    kind: str,
) -> None:
    output = judged_output(runtime, ended[kind].arn)
    names = {job.name for job in records[kind].jobs}
    jobs = [job for job in runtime.jobs if job.name in names]

    shown = tables_in(page_of(records[kind]))

    expected = expected_tables(output, read, jobs)
    settings = shown.pop("Settings")
    assert {tuple(row[:2]) for row in settings} >= {
        ("max_mse", repr(output["gate"]["max_mse"])),
        ("processing_instance_count", "1"),
    }
    examples = shown.pop("Rows left out: the first of each reason")
    assert [row[2] for row in examples] == ["unknown sex (value '<b>', expected F, I or M)"] * 3
    for row, job in zip(shown["The jobs, which are what costs"], jobs, strict=True):
        assert [float(cell) for cell in row[4:]] == pytest.approx([seconds_of(job)] * 2, abs=0.002)
        del row[4:], row[1]  # The state, which another test holds to the history.
    for row in shown["Feature importance"]:
        assert row[2] == row[4] == ""  # Meters.
    assert shown == expected


def test_the_numbers_are_those_of_their_sources(
    records: dict[str, Record], ended: dict[str, Execution], read: Callable[[str], Any]
) -> None:
    record, output = records["released"], ended["released"].output

    report = read(f"{output['processing']['report_uri']}report-algo-1.json")
    assert record.data is not None
    assert record.data.rows_left_out == report["rows_rejected"] == LEFT_OUT
    assert record.data.rows_by_split == report["rows_by_split"]
    assert record.metrics == {
        item["MetricName"]: item["Value"] for item in output["training_job"]["FinalMetricDataList"]
    }
    assert record.judgement == output["judgement"]
    assert record.model_name == output["recorded"]["ModelName"]
    hyperparameters = output["training"]["hyperparameters"]
    assert hyperparameters == {
        item.name.removeprefix("hyperparameters."): item.value
        for item in record.settings
        if item.name.startswith("hyperparameters.")
    }


def test_the_learning_curve_has_every_round_of_the_training(records: dict[str, Record]) -> None:
    page = page_of(records["released"])

    assert "Learning curve: train and validation" in page
    last = records["released"].metrics["validation:rmse"]
    assert f"to {last:.4g}" in page


def test_states_and_jobs_are_those_of_the_history(
    runtime: LocalRuntime, records: dict[str, Record], ended: dict[str, Execution]
) -> None:
    for kind in KINDS:
        history = history_of(runtime, ended[kind].arn)
        entered = [
            event["stateEnteredEventDetails"]["name"]
            for event in history
            if "stateEnteredEventDetails" in event
        ]
        assert [state.name for state in records[kind].states] == entered
    by_name = {job.name: job for job in runtime.jobs}
    for job in records["rejected"].jobs:
        details = by_name[job.name].details
        start, end = (details[f"{job.kind.capitalize()}{word}Time"] for word in ("Start", "End"))
        assert job.seconds == pytest.approx((end - start).total_seconds(), abs=0.002)
        assert job.log_lines
    assert records["failed"].jobs[-1].status == "Failed"


def test_what_was_left_out_is_shown_and_inert(records: dict[str, Record]) -> None:
    page = page_of(records["released"])

    assert f"{LEFT_OUT} of 4177 rows were left out (unknown sex: {LEFT_OUT})" in page
    assert "&lt;b&gt;" in page
    assert "<b>" not in page
    assert "<script" not in page


def test_no_task_token_is_shown(
    runtime: LocalRuntime, records: dict[str, Record], ended: dict[str, Execution]
) -> None:
    history = history_of(runtime, ended["refused"].arn)
    told = json.dumps(history, default=str)
    (token,) = set(re.findall(r'TaskToken\\*":\s*\\*"([^"\\]{20,})', told))

    assert token not in as_text(records["refused"])
    assert token not in page_of(records["refused"])


def test_the_stacks_executions_are_listed_as_their_records_say(
    runtime: LocalRuntime, stack: Stack, records: dict[str, Record]
) -> None:
    rows = {
        row.name: row
        for row in rows_in_account(stack.outputs["StateMachineArn"], 50, runtime.client)
    }

    for kind in KINDS:
        expected = row_of(records[kind])
        assert rows[expected.name] == expected


def test_the_function_writes_the_same_into_the_bucket(
    runtime: LocalRuntime, stack: Stack, records: dict[str, Record]
) -> None:
    s3, bucket_name = runtime.client("s3"), stack.outputs["BucketName"]

    def read_of(record: Record, name: str) -> str:
        key = f"reports/{record.summary.name}/{name}"
        return str(s3.get_object(Bucket=bucket_name, Key=key)["Body"].read().decode())

    for record in records.values():
        assert eventually(partial(_written, s3, bucket_name, record))
        assert read_of(record, "run.json") == as_text(record)
        assert read_of(record, "report.html") == page_of(record)
        assert "The graph is left out" not in page_of(record)


def _written(s3: Any, bucket_name: str, record: Record) -> bool:
    """Tell whether the report of the end is there; one of the waiting execution may have been."""
    try:
        answer = s3.get_object(Bucket=bucket_name, Key=f"reports/{record.summary.name}/report.html")
    except s3.exceptions.NoSuchKey:
        return False
    return f": {record.verdict.kind}</title>" in answer["Body"].read().decode()


def test_the_report_command_makes_the_same_of_an_account_as_of_a_run_here(
    runtime: LocalRuntime,
    stack: Stack,
    ended: dict[str, Execution],
    tmp_path: Path,
) -> None:
    """The account is reached by AWS_ENDPOINT_URL alone, from a folder with no run in it.

    Of an execution that was compared with a model in production, whose files an earlier one left.
    """
    workflow = LocalWorkflow(runtime, stack, cast(Any, SimpleNamespace(note=print)))
    arn = ended["rejected"].arn
    events = documents_of(arn, stepfunctions=runtime.client("stepfunctions")).events
    taken = take_files(
        runtime,
        stack.outputs["BucketName"],
        tmp_path / "run",
        prefixes=prefixes_of(events),
        jobs=jobs_of(events, logs=runtime.client("logs")),
    )
    write_record(EndedExecution(ended["rejected"], [], events), workflow, taken, tmp_path / "run")
    (tmp_path / "elsewhere").mkdir()

    subprocess.run(
        [sys.executable, "-m", "workflow", "report", arn, "--output", "report.html"],
        cwd=tmp_path / "elsewhere",
        env={
            **os.environ,
            "AWS_ENDPOINT_URL": runtime.endpoint_url,
            "AWS_DEFAULT_REGION": runtime.region,
        },
        check=True,
    )

    here = (tmp_path / "run" / "report.html").read_text(encoding="utf-8")
    assert "There is no run before" not in here
    assert (tmp_path / "elsewhere" / "report.html").read_text(encoding="utf-8") == here


@pytest.mark.skipif(BROWSER_PATH is None, reason="no Chromium here")
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("width", [360, 1280])
def test_the_page_opens_from_disk_without_a_word_or_a_request(
    browser: Any, records: dict[str, Record], kind: str, width: int, tmp_path: Path
) -> None:
    path = tmp_path / "report.html"
    path.write_text(page_of(records[kind]), encoding="utf-8")
    page = browser.new_page(
        viewport={"width": width, "height": 900},
        color_scheme="dark" if width == 360 else "light",
    )
    page.set_default_timeout(PAGE_MILLISECONDS)
    told, asked = [], []
    page.on("console", lambda message: told.append(message.text))
    page.on("pageerror", lambda error: told.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))

    page.goto(path.as_uri())
    page.screenshot(path=str(tmp_path / "report.png"), full_page=True)
    box = page.locator("#graph a").first
    box.focus()
    page.keyboard.press("Enter")

    # By keyboard, a box of the graph opens the details of its state.
    page.locator("details[open]").first.wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert (told, asked) == ([], [path.as_uri()])
    page.close()


def test_the_page_is_below_a_megabyte(records: dict[str, Record]) -> None:
    assert max(len(page_of(record).encode()) for record in records.values()) < 1_000_000
