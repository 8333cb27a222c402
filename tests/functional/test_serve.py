"""`workflow serve`, by the real command: called in every way, updated, taken back."""

import contextlib
import json
import re
import shutil
import signal
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest

from emulated.waiting import eventually
from tests.conftest import PROJECT_DIR, SAMPLE_PATH
from tests.functional.serving_command import (
    ENDPOINT_NAME,
    PARAMETER_NAME,
    Serving,
    encoded,
    predicted,
    raw_rows,
    serving,
)
from tests.pages import read_all
from workflow.laptop import recorded_model

ROWS = raw_rows(50)
SECONDS = 180
# Of an execution: a hash, then eight characters at each attempt.
OWN_NAMES = re.compile(r"(own|one|two)(-[0-9a-f]{8}-[0-9a-f]{8})?")
# Trains for longer than any test takes.
ENDLESS = ("--input", json.dumps({"hyperparameters": {"num_round": 10**6, "max_depth": 14}}))
# Other models than the default one; the comparison with production is wide open.
SHORTER = {"hyperparameters": {"num_round": 20}, "max_mse_increase": 10, "max_mse": 1000}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    with serving(tmp_path_factory.mktemp("serve")) as running:
        yield running


def test_every_way_in_gives_the_boosters_predictions(served: Serving) -> None:
    expected = predicted(served.booster(), encoded(ROWS))

    over_http = served.over_http(encoded(ROWS))
    answer = served.client("sagemaker-runtime").invoke_endpoint(
        EndpointName=ENDPOINT_NAME, ContentType="text/csv", Body="\n".join(encoded(ROWS))
    )
    by_boto3 = [float(line) for line in answer["Body"].read().split()]
    invoked = served.command("invoke", text="\n".join(ROWS) + "\n")

    assert invoked.returncode == 0, invoked.stderr
    by_command = [float(line) for line in invoked.stdout.split()]
    for found in (over_http, by_boto3, by_command):
        np.testing.assert_allclose(found, expected, atol=1e-6)


def test_the_status_says_that_the_recorded_model_is_served(served: Serving) -> None:
    status = served.command("status")

    assert status.returncode == 0, status.stdout + status.stderr
    assert served.recorded_name() in status.stdout
    assert "the endpoint serves the recorded model" in status.stdout


def test_a_newly_recorded_model_is_served_and_a_rollback_brings_the_old_one_back(
    served: Serving,
) -> None:
    old_name, old = served.recorded_name(), served.over_http(encoded(ROWS))

    assert served.train(**SHORTER) == "SUCCEEDED"
    eventually(lambda: served.served_name() == served.recorded_name() != old_name)
    new = eventually(lambda: _other(served.over_http(encoded(ROWS)), old))
    np.testing.assert_allclose(new, predicted(served.booster(), encoded(ROWS)), atol=1e-6)

    rolled_back = served.command("rollback", "--yes")

    assert rolled_back.returncode == 0, rolled_back.stderr
    assert served.recorded_name() == old_name
    # Not by the predictions: those change before the deployment is over.
    eventually(lambda: f"serves {old_name} again" in served.log)
    assert f"rolled back: endpoint abalone serves {old_name} again, in place of" in served.log
    assert served.over_http(encoded(ROWS)) == old


def test_two_runs_at_once_use_it_and_end_as_one_with_a_runtime_of_its_own(
    served: Serving, tmp_path: Path
) -> None:
    production = served.recorded_name()
    eventually(lambda: kept_name(served) == production)
    copied = tmp_path / "state" / "recorded-model"
    eventually(lambda: whole_copy(served.state_dir / "recorded-model", copied))
    given = json.dumps({"max_mse_increase": 10, "hyperparameters": {"num_round": 30}})
    places = {name: tmp_path / name for name in ("own", "one", "two")}
    for place in places.values():
        place.mkdir()

    def begun(name: str, *arguments: str, execution_input: str) -> "subprocess.Popen[str]":
        place = places[name]
        result = ("--result", str(place / "result.json"), "--name", name)
        given = ("--data", str(SAMPLE_PATH), "--input", execution_input)
        return served.begun(*arguments, *result, *given, output=place / "output.txt")

    shorter = json.dumps(SHORTER)
    processes = [
        begun("own", "--state-dir", str(tmp_path / "state"), execution_input=given),
        begun("one", execution_input=given),
    ]
    # Both have found the same model in production by then.
    eventually(lambda: "Evaluate model" in (places["one"] / "output.txt").read_text())
    processes.append(begun("two", execution_input=shorter))
    ends = [process.wait(SECONDS) for process in processes]
    printed = {name: (place / "output.txt").read_text() for name, place in places.items()}
    assert ends == [0, 0, 0], printed
    own, one, two = (json.loads((place / "result.json").read_text()) for place in places.values())

    assert "using the emulated AWS of `workflow serve` (process " in printed["one"]
    assert "using the emulated AWS" not in printed["own"]
    assert "AWS_SECRET" not in printed["one"]
    for outcome, name in ((one, "one"), (two, "two")):
        (message,) = outcome["messages"]
        assert f"Execution: {name}" in message["text"].splitlines()
        assert {path.name for path in (places[name] / "runs").iterdir()} == {name}
    assert one["metrics"] == own["metrics"] != two["metrics"]
    assert [state["name"] for state in one["states"]] == [state["name"] for state in own["states"]]
    assert one["data"] == own["data"]
    assert files_of(places["one"] / "runs") == files_of(places["own"] / "runs")
    assert _without_names(one["evaluation"]) == _without_names(own["evaluation"])
    assert one["evaluation"]["production_mse"] is not None
    assert left_in(served) == ([], [])
    eventually(lambda: served.served_name() == served.recorded_name() != production)


def kept_name(served: Serving) -> str | None:
    """Return the name of the model that the command has kept for the next one."""
    kept = recorded_model.recall(served.state_dir)
    return kept.model.model_name if kept else None


def whole_copy(source: Path, target: Path) -> bool:
    """Copy a folder, and return whether nothing of it was replaced meanwhile."""
    shutil.rmtree(target, ignore_errors=True)
    try:
        shutil.copytree(source, target)
    except shutil.Error:
        return False
    return True


def _without_names(evaluation: dict[str, Any]) -> dict[str, Any]:
    named = ("model_metrics", "drift_check_baselines")
    return {name: value for name, value in evaluation.items() if name not in named}


def files_of(folder: Path) -> dict[str, bytes]:
    """Return what an execution left, without what holds its names, its times or a comparison."""
    return {
        OWN_NAMES.sub("*", str(path.relative_to(folder).as_posix())): path.read_bytes()
        for path in folder.rglob("*")
        if path.suffix in (".csv", ".gz") or path.name in ("known-answers.json", "baseline.json")
    }


def left_in(served: Serving) -> tuple[list[str], list[str]]:
    """Return the queues and the subscriptions that runs have left."""
    queues = read_all(served.client("sqs"), "list_queues", QueueNamePrefix="workflow-run-").get(
        "QueueUrls", []
    )
    subscriptions = read_all(served.client("sns"), "list_subscriptions")["Subscriptions"]
    return queues, [one["Endpoint"] for one in subscriptions if ":workflow-run-" in one["Endpoint"]]


def test_an_interrupted_run_ends_its_execution_and_leaves_the_command_up(
    served: Serving, tmp_path: Path
) -> None:
    output = tmp_path / "output.txt"
    begun = served.begun("--name", "interrupted", "--no-cache", *ENDLESS, output=output)
    eventually(lambda: "Preprocess data" in output.read_text())

    begun.send_signal(signal.SIGINT)

    assert begun.wait(SECONDS) == 130, output.read_text()
    arn = f"{served.state_machine_arn().replace('stateMachine', 'execution')}:interrupted"
    described = served.client("stepfunctions").describe_execution(executionArn=arn)
    assert (described["status"], described["error"]) == ("ABORTED", "Interrupted")
    assert not any((tmp_path / "runs").iterdir())
    assert left_in(served) == ([], [])
    assert len(served.over_http(encoded(ROWS))) == len(ROWS)


def test_a_run_with_a_runtime_of_its_own_is_told_who_holds_the_folder(
    served: Serving, tmp_path: Path
) -> None:
    ended = {}
    for option in ("--own", "--fresh"):
        output = tmp_path / f"output{option}.txt"
        ended[option] = (served.begun(option, output=output).wait(SECONDS), output.read_text())

    assert [code for code, _ in ended.values()] == [1, 1]
    for _, told in ended.values():
        assert "is held by `workflow serve`" in told
    assert "is not used: --fresh leaves out the model that it serves" in ended["--fresh"][1]


def test_a_model_that_cannot_be_tested_leaves_the_one_before_it_serving(served: Serving) -> None:
    before = served.over_http(encoded(ROWS))
    sagemaker = served.client("sagemaker")
    model = sagemaker.describe_model(ModelName=served.recorded_name())
    sagemaker.create_model(
        ModelName="made-by-hand-00000000",
        ExecutionRoleArn=model["ExecutionRoleArn"],
        PrimaryContainer={key: model["PrimaryContainer"][key] for key in ("Image", "ModelDataUrl")},
    )

    served.client("ssm").put_parameter(
        Name=PARAMETER_NAME, Value="made-by-hand-00000000", Overwrite=True
    )
    eventually(lambda: "the model before it serves on" in served.log)
    status = served.command("status")

    assert served.over_http(encoded(ROWS)) == before
    assert "known-answers.json" in served.log
    assert status.returncode == 3, status.stdout
    assert "made-by-hand-00000000" in status.stdout
    assert "the last deployment was rolled back (SmokeTest: " in " ".join(status.stdout.split())


def test_a_kept_model_is_served_without_training_anew(tmp_path: Path) -> None:
    with serving(tmp_path) as running:
        name, before = running.recorded_name(), running.over_http(encoded(ROWS))
    assert not (tmp_path / "state" / "local.env").exists()

    with serving(tmp_path, "--no-train", ended_by=signal.SIGKILL) as again:
        assert "execution " not in again.log
        assert again.recorded_name() == name
        assert again.over_http(encoded(ROWS)) == before
        output = tmp_path / "run.txt"
        begun = again.begun("--no-cache", *ENDLESS, output=output)
        eventually(lambda: "Preprocess data" in output.read_text())

    # It ran in the command that has been killed now.
    assert begun.wait(SECONDS) == 1, output.read_text()
    assert "answers no more" in output.read_text()
    assert not any((tmp_path / "runs").iterdir())


def test_without_a_kept_model_and_without_training_there_is_nothing_to_serve(
    tmp_path: Path,
) -> None:
    command = [
        *(sys.executable, "-m", "workflow", "serve"),
        "--no-train",
        "--state-dir",
        str(tmp_path),
    ]

    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=PROJECT_DIR)

    assert done.returncode == 1
    assert f"--no-train: {tmp_path} keeps no model; train one with `workflow run`" in done.stderr
    assert done.stdout == ""


def test_each_thing_is_told_once(served: Serving) -> None:
    log = served.log.split("Ctrl-C stops it")[0]
    lines = [re.sub(r"^ *[0-9.]+ s  ", "", line) for line in log.splitlines()]
    told = [line for line in lines if line.strip() and line != "still starting"]

    assert sorted(told) == sorted(set(told))
    assert "AWS_SECRET_ACCESS_KEY" not in served.log


def test_an_endpoint_whose_container_is_killed_is_told_by_every_command(served: Serving) -> None:
    container_of(served).kill()

    eventually(lambda: "endpoint abalone has failed: The container of model" in served.log)
    status, invoked = served.command("status"), served.command("invoke", text=ROWS[0] + "\n")
    with pytest.raises(urllib.error.HTTPError, match="503"):
        urllib.request.urlopen(f"{served.url}/ping", timeout=10)
    assert status.returncode == 3, status.stdout
    assert "is Failed: The container of model" in " ".join(status.stdout.split())
    assert invoked.returncode == 1


def container_of(served: Serving) -> psutil.Process:
    """Return the first of the processes that answer at the endpoint's port."""
    port = urllib.parse.urlsplit(served.url).port
    listening = {}
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            addresses = [one.laddr for one in process.net_connections("tcp4") if one.laddr]
            if any(address.port == port for address in addresses):
                listening[process.pid] = process
    forked = [one for one in listening.values() if "pocketaws.processes.zygote" in one.cmdline()]
    return next(one for one in forked if one.ppid() not in {other.pid for other in forked})


def _other(found: list[float], old: list[float]) -> list[float] | None:
    return found if found != old else None
