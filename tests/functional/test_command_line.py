"""`python -m workflow` as a user runs it: exit codes, result file, what is left behind."""

import json
import os
import re
import signal
import subprocess
import sys
import tarfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest

from emulated.waiting import eventually
from tests.conftest import PROJECT_DIR, SAMPLE_PATH

Run = Callable[..., "subprocess.CompletedProcess[str]"]


# What a user may have set up for AWS, and what must not matter.
OWN_SETTINGS = {
    "AWS_PROFILE": "does-not-exist",
    "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
    "HTTP_PROXY": "http://127.0.0.1:9",
    "HTTPS_PROXY": "http://127.0.0.1:9",
}
OF_THE_SAMPLE = ("--data", str(SAMPLE_PATH))


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return _environment(tmp_path)


def _environment(folder: Path) -> dict[str, str]:
    """No AWS configuration, and a folder of its own for temporary files."""
    temporary = folder / "tmp"
    temporary.mkdir()
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return kept | {"TMPDIR": str(temporary), "HOME": str(folder)}


@pytest.fixture
def run(tmp_path: Path, environment: dict[str, str]) -> Run:
    return _run(tmp_path, environment)


def _run(folder: Path, environment: dict[str, str]) -> Run:
    def run(*arguments: str, **variables: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "workflow", *arguments, *_state(arguments, folder)],
            check=False,
            cwd=PROJECT_DIR,
            env=environment | variables,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
        )

    return run


@dataclass(frozen=True)
class First:
    """The first run in a folder, of a user with settings of their own for AWS, and more there."""

    folder: Path
    done: "subprocess.CompletedProcess[str]"
    run: Run


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> First:
    folder = tmp_path_factory.mktemp("first")
    (folder / ".aws").mkdir()
    (folder / ".aws" / "config").write_text("[default]\nendpoint_url = http://127.0.0.1:9\n")
    run = _run(folder, _environment(folder))
    done = run(
        *("run", *OF_THE_SAMPLE, "--result", str(folder / "new-folder" / "r.json")),
        *("--output-dir", str(folder / "runs"), "--name", "first"),
        **OWN_SETTINGS,
    )
    return First(folder, done, run)


@pytest.fixture
def started(tmp_path: Path, environment: dict[str, str]) -> "Iterator[subprocess.Popen[str]]":
    """A run that trains for a long time, in a group of its own."""
    endless = json.dumps({"hyperparameters": {"num_round": 10**6, "max_depth": 14}})
    process = subprocess.Popen(
        [sys.executable, "-m", "workflow", "run", "--input", endless, *_output(tmp_path)],
        cwd=PROJECT_DIR,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        preexec_fn=_heed_ctrl_c,  # noqa: PLW1509 - it takes no lock
    )
    yield process
    process.kill()
    process.wait()
    if process.stdout is not None:
        process.stdout.close()


def _heed_ctrl_c() -> None:
    """Heed it even if this suite runs in the background of a script, where it is ignored."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def left_behind(temporary: Path) -> list[str]:
    """Return temporary files, and the processes that were given the folder."""
    processes = []
    for process in psutil.process_iter():
        try:
            if process.environ().get("TMPDIR", "").startswith(str(temporary)):
                processes.append(" ".join(process.cmdline()))
        except psutil.Error:
            continue
    return [path.name for path in temporary.iterdir()] + processes


def test_a_users_own_aws_settings_are_neither_used_nor_needed(first: First) -> None:
    assert first.done.returncode == 0, first.done.stdout + first.done.stderr


def test_a_run_succeeds_and_writes_its_result(first: First) -> None:
    result = json.loads((first.folder / "new-folder" / "r.json").read_text())

    assert result["status"] == "SUCCEEDED"
    assert result["error"] is result["cause"] is None
    assert result["execution_arn"].endswith(":first")
    assert result["model_parameter_name"] == "/abalone-local/model-name"
    assert result["metrics"]["validation:rmse"] > 0
    assert {state["status"] for state in result["states"]} == {"SUCCEEDED"}
    assert result["states"][-1]["name"] == "Model released"
    assert "released" in result["messages"][0]["subject"].lower()
    with tarfile.open(result["model_artifact"]) as archive:
        assert archive.getnames() == ["xgboost-model"]
    assert result["model_name"] in first.done.stdout
    assert result["data"]["rows_read"] == len(SAMPLE_PATH.read_text().splitlines())
    record = json.loads(Path(result["record"]).read_text(encoding="utf-8"))
    assert record["verdict"]["kind"] == "released"
    assert record["judgement"] == result["evaluation"]
    assert record["data"] == result["data"]
    # What nobody gave is not told as given.
    told = {item["name"]: (item["value"], item["source"]) for item in record["settings"]}
    assert told["cache"] == (True, "stack")
    assert {name for name, (_, source) in told.items() if source == "input"} == {"input_data_uri"}
    assert [state["name"] for state in record["states"]] == [
        state["name"] for state in result["states"]
    ]
    assert all(job["log_lines"] for job in record["jobs"])
    assert record["missing"] == []
    assert "<!doctype html>" in Path(result["report"]).read_text(encoding="utf-8")
    assert result["report"] in first.done.stdout
    assert "Data: all 4177 rows were used" in result["messages"][0]["text"]
    assert left_behind(first.folder / "tmp") == []


def test_a_recorded_model_outlives_the_command_until_fresh(first: First) -> None:
    runs_dir = first.folder / "runs"
    same = ("run", *OF_THE_SAMPLE, "--output-dir", str(runs_dir))
    given = {"max_mse": 1000, "hyperparameters": {"num_round": 2}, "started_by": "nightly"}
    worse = (*same, "--input", json.dumps({"input": given}))

    rows_path = first.folder / "rows.csv"
    rows_path.write_text("".join(SAMPLE_PATH.read_text().splitlines(keepends=True)[:3]))

    again = first.run(*same, "--name", "again", "--batch", str(rows_path))
    compared = first.run(*worse, "--name", "worse")
    fresh = first.run(*worse, "--name", "fresh", "--fresh", "--no-cache")

    assert compared.returncode == 1
    assert "in production" in compared.stdout
    assert "ModelRejected" in compared.stdout
    assert "worse than production" in compared.stdout
    answers = [path.name for path in (runs_dir / "worse").rglob("known-answers*")]
    assert answers == ["known-answers.json"]
    assert fresh.returncode == 0, fresh.stdout
    # What was made is kept as well: of the first run all, of other settings the data.
    assert again.returncode == 0, again.stdout
    assert "Reused: the data and the model of first (" in again.stdout
    assert "Train model" not in again.stdout
    assert _made(runs_dir / "again") == _made(runs_dir / "first")
    (predicted,) = (runs_dir / "again" / "batch").rglob("*.out")
    assert f"predictions {predicted}" in again.stdout
    assert len(predicted.read_text().splitlines()) == 3
    assert "Reused: the data of first (" in compared.stdout
    assert "Reused" not in fresh.stdout
    record = json.loads((runs_dir / "fresh" / "run.json").read_text(encoding="utf-8"))
    assert record["summary"]["started_by"] == "nightly"
    told = {item["name"] for item in record["settings"] if item["source"] == "input"}
    assert told == {"input_data_uri", "max_mse", "hyperparameters.num_round", "cache"}


def _made(folder: Path) -> dict[str, bytes]:
    """Return what preprocessing and training left in a run's folder."""
    paths = [*folder.glob("preprocessing/**/*"), *folder.glob("training/**/*")]
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths if path.is_file()}


def test_two_runs_at_once_wait_for_each_other_and_have_a_folder_each(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    command = [sys.executable, "-m", "workflow", "run", *_output(tmp_path)]
    both = [
        subprocess.Popen(
            command, cwd=PROJECT_DIR, env=environment, stdout=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]

    outputs = [process.communicate(timeout=280)[0] for process in both]

    assert [process.returncode for process in both] == [0, 0], outputs
    assert sum("waiting for `workflow run` (process " in output for output in outputs) == 1
    assert sum("in production, from" in output for output in outputs) == 1
    folders = list((tmp_path / "runs").iterdir())
    assert [(folder / "training").is_dir() for folder in folders] == [True, True]
    assert not list((tmp_path / "runs").rglob("unfinished.txt"))


def test_a_broken_state_folder_is_told(run: Run, tmp_path: Path) -> None:
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "recorded-model.json").write_text("{")

    done = run("run", "--output-dir", str(tmp_path / "runs"))

    assert done.returncode == 1
    assert "recorded-model.json cannot be understood" in done.stderr
    assert "it is kept as" in done.stderr


def test_an_outcome_is_told_though_nothing_of_it_can_be_written(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    result = ("--result", str(tmp_path / "results" / "r.json"))
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "recorded-model").write_text("a file where a folder goes")
    with subprocess.Popen(
        [sys.executable, "-m", "workflow", "run", "--name", "mine", *_output(tmp_path), *result],
        cwd=PROJECT_DIR,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        next(line for line in process.stdout if "Preprocess data" in line)
        (tmp_path / "results").write_text("a file where a folder goes")
        (tmp_path / "runs" / "mine" / "training").write_text("a file where a folder goes")
        output, errors = process.communicate(timeout=120)

    assert process.returncode == 1
    assert "status      SUCCEEDED" in output
    assert "message: Model released" in output
    assert len(re.findall("^error: ", errors, re.MULTILINE)) == 3
    assert "recorded-model: cannot be written" in errors
    assert "r.json" in errors
    assert "Traceback" not in errors
    assert (tmp_path / "runs" / "mine" / "unfinished.txt").exists()


def test_a_failed_run_exits_with_1_and_says_once_in_the_jobs_own_words_why(
    run: Run, tmp_path: Path
) -> None:
    data_path = tmp_path / "bad.csv"
    data_path.write_text("M;0,4;0,3;0,1;0,5;0,2;0,1;0,1;9\n")

    done = run("run", "--data", str(data_path), "--output-dir", str(tmp_path / "runs"))

    assert done.returncode == 1
    assert "FAILED in 'Preprocess data'" in done.stdout
    assert done.stdout.count("DECIMAL") == 1
    assert "See job logs" not in done.stdout
    assert "Traceback" not in done.stdout + done.stderr
    assert left_behind(tmp_path / "tmp") == []


def test_a_refused_input_exits_with_1_and_names_the_field(run: Run, tmp_path: Path) -> None:
    given = '{"hyperparameters": {"eta": 7}}'

    done = run("run", "--input", given, "--output-dir", str(tmp_path / "runs"))

    assert done.returncode == 1
    assert "hyperparameters.eta = 7: must be at least 0 and at most 1" in done.stderr
    assert "FAILED" not in done.stdout


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--data", "no-such-file.csv"], "--data no-such-file.csv: no such file or folder"),
        (["--input", "{"], "is not JSON"),
        (["--input", "[]"], "must be a JSON object"),
        (["--input", "@missing.json"], "--input @missing.json: cannot be read"),
        (["--data", "README.md", "--input", '{"input_data_uri": "s3://b/k"}'], "beside --data"),
        (["--name", "a b"], "--name 'a b': must not hold"),
        (["--name", "taken"], "--name taken:"),
        (["--input", '{"approval": "required"}'], "give --approve or --reject"),
        (["--result", "README.md/r.json"], "--result README.md/r.json: cannot be written"),
        (["--result", "docs"], "--result docs: is a folder"),
        (["--output-dir", "README.md"], "--output-dir README.md: cannot be written"),
    ],
)
def test_what_cannot_be_used_is_told_without_a_traceback(
    run: Run, tmp_path: Path, arguments: list[str], told: str
) -> None:
    (tmp_path / "runs" / "taken" / "training").mkdir(parents=True)

    done = run("run", "--output-dir", str(tmp_path / "runs"), *arguments)

    assert done.returncode == 1
    assert told in done.stderr
    assert "execution " not in done.stdout
    assert [path.name for path in (tmp_path / "runs").iterdir()] == ["taken"]
    assert "Traceback" not in done.stderr
    assert left_behind(tmp_path / "tmp") == []


def test_a_result_that_would_replace_the_data_is_refused(run: Run, tmp_path: Path) -> None:
    data = tmp_path / "mine.csv"
    data.write_bytes(SAMPLE_PATH.read_bytes())

    done = run("run", "--data", str(data), "--result", str(data))

    assert done.returncode == 1
    assert f"--result {data}: is a file that the command reads" in done.stderr
    assert data.read_bytes() == SAMPLE_PATH.read_bytes()


def test_an_execution_that_asks_is_stopped_where_nobody_can_answer(
    run: Run, tmp_path: Path
) -> None:
    asks = '{"approval": "automatic_if_better", "approval_min_improvement": 0.9}'

    done = run("run", "--input", asks, "--output-dir", str(tmp_path / "runs"))

    assert done.returncode == 1
    assert "status      ABORTED in 'Wait for approval'" in done.stdout
    assert "there is no terminal to ask in; give --approve or --reject" in done.stdout


def test_ctrl_c_leaves_nothing_behind(started: "subprocess.Popen[str]", tmp_path: Path) -> None:
    _wait_for_training(started)

    os.killpg(started.pid, signal.SIGINT)

    output, _ = started.communicate(timeout=120)
    assert started.returncode == 130
    assert "interrupted" in output
    assert left_behind(tmp_path / "tmp") == []


# SIGTERM goes the way of SIGHUP, which a terminal that is closed sends.
@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGKILL])
def test_being_killed_leaves_nothing_behind(
    started: "subprocess.Popen[str]", tmp_path: Path, number: signal.Signals
) -> None:
    _wait_for_training(started)

    started.send_signal(number)

    started.wait(timeout=120)
    eventually(lambda: left_behind(tmp_path / "tmp") == [])


def test_a_reader_that_goes_away_is_no_traceback(
    started: "subprocess.Popen[str]", tmp_path: Path
) -> None:
    assert started.stdout is not None
    started.stdout.readline()
    started.stdout.close()

    started.wait(timeout=60)

    assert started.returncode == 1
    assert left_behind(tmp_path / "tmp") == []


@pytest.mark.parametrize("command", [[], ["build"], ["run"]])
def test_every_help_text_has_its_examples(run: Run, command: list[str]) -> None:
    done = run(*command, "--help")

    assert done.returncode == 0
    assert not command or f"python -m workflow {command[0]}" in done.stdout


def _output(tmp_path: Path) -> list[str]:
    return ["--output-dir", str(tmp_path / "runs"), *_state(["run"], tmp_path)]


def _state(arguments: Sequence[str], tmp_path: Path) -> list[str]:
    if "run" not in arguments[:1] or "--help" in arguments:
        return []
    return ["--state-dir", str(tmp_path / "state")]


def _wait_for_training(process: Any) -> None:
    for line in process.stdout:
        if "Train model" in line and "RUNNING" in line:
            time.sleep(0.5)
            return
    pytest.fail("the run ended before it trained")
