"""`workflow run` in a folder for which `pocketaws up` keeps an emulated AWS up."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from emulated.waiting import eventually

SECONDS: Final = 180
SHORTER: Final = json.dumps({"hyperparameters": {"num_round": 20}, "max_mse": 1000})


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("up")


@pytest.fixture(scope="module")
def up(folder: Path) -> "Iterator[subprocess.Popen[bytes]]":
    with (folder / "up.txt").open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "pocketaws", "up"], cwd=folder, env=_environment(), stdout=output
        )
    try:
        eventually(lambda: "Ctrl-C stops it" in (folder / "up.txt").read_text(), seconds=SECONDS)
        yield process
    finally:
        process.kill()
        process.wait(SECONDS)


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}


def ran(folder: Path, *arguments: str) -> tuple[str, dict[str, Any]]:
    """Run the workflow in the folder; return what is printed, and the result."""
    done = subprocess.run(
        [
            *(sys.executable, "-m", "workflow", "run", "--result", "result.json"),
            *("--input", SHORTER, *arguments),
        ],
        cwd=folder,
        env=_environment(),
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    result: dict[str, Any] = json.loads((folder / "result.json").read_text())
    return done.stdout, result


def test_runs_use_it_with_the_production_of_their_own_state_folder(
    folder: Path, up: "subprocess.Popen[bytes]"
) -> None:
    printed, first = ran(folder)
    assert "using the emulated AWS of `pocketaws up` (.pocketaws/local.env)" in printed
    assert first["evaluation"]["production_mse"] is None

    again, second = ran(folder)
    assert "deploying stack" not in again
    assert f"in production, from .workflow: {first['model_name']}" in again
    assert second["evaluation"]["production_mse"] == first["evaluation"]["mse"]
    # Its jobs were answered with the first one's outputs, which are in its folder, too.
    assert "Reuse data and model" in [state["name"] for state in second["states"]]
    artifacts = [folder / result["model_artifact"] for result in (first, second)]
    assert artifacts[0] != artifacts[1]
    assert artifacts[0].read_bytes() == artifacts[1].read_bytes()

    _, elsewhere = ran(folder, "--state-dir", "other")
    assert elsewhere["evaluation"]["production_mse"] is None

    _, fresh = ran(folder, "--fresh")
    assert fresh["evaluation"]["production_mse"] is None
    assert fresh["metrics"] == second["metrics"] == elsewhere["metrics"]

    up.send_signal(signal.SIGTERM)
    assert up.wait(SECONDS) == 0
    assert not (folder / ".pocketaws" / "local.env").exists()
