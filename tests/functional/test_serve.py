"""`workflow serve`, by the real command: called in every way, updated, taken back."""

import contextlib
import re
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import psutil
import pytest

from emulated.waiting import eventually
from tests.conftest import PROJECT_DIR
from tests.functional.serving_command import (
    ENDPOINT_NAME,
    PARAMETER_NAME,
    Serving,
    encoded,
    predicted,
    raw_rows,
    serving,
)

ROWS = raw_rows(50)
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

    with serving(tmp_path, "--no-train") as again:
        assert "execution " not in again.log
        assert again.recorded_name() == name
        assert again.over_http(encoded(ROWS)) == before


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
