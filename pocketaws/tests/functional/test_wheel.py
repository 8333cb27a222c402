"""The wheel alone, in an environment of its own outside of any checkout, runs a project."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE_DIR = Path(__file__).parents[2]
ORDERS_DIR = Path(__file__).parent / "orders"
SECONDS = 240


def run(*command: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env={
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("AWS_", "PYTHON"))
        },
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of a new environment that holds the wheel and what it depends on."""
    folder = tmp_path_factory.mktemp("wheel")
    # The build writes into the folder that it is given.
    source = folder / "source"
    ignored = shutil.ignore_patterns("tests", "__pycache__", "*.egg-info", "build")
    shutil.copytree(PACKAGE_DIR, source, ignore=ignored)
    built = run(
        *(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"),
        *("--wheel-dir", folder, source),
        cwd=folder,
    )
    assert built.returncode == 0, built.stderr
    (wheel_path,) = folder.glob("*.whl")
    made = run(sys.executable, "-m", "venv", folder / "environment", cwd=folder)
    assert made.returncode == 0, made.stderr
    python = folder / "environment" / "bin" / "python"
    uv = Path(sys.executable).with_name("uv")
    installer: list[str | Path] = [python, "-m", "pip", "install"]
    if uv.exists():
        installer = [uv, "pip", "install", "--python", python]
    done = run(*installer, "--quiet", wheel_path, cwd=folder)
    if done.returncode != 0:
        pytest.skip(f"what the wheel depends on cannot be had: {done.stderr.strip()[-300:]}")
    return python


def test_the_wheel_brings_neither_the_sdks_nor_a_gpus_library(installed: Path) -> None:
    script = (
        "import importlib.metadata as m; print([d.name for d in m.distributions() if "
        "d.name in ('sagemaker', 'stepfunctions') or d.name.startswith('nvidia')])"
    )

    assert run(installed, "-c", script, cwd=installed.parent).stdout.strip() == "[]"


def test_the_wheel_runs_a_project_in_a_folder_of_its_own(installed: Path, tmp_path: Path) -> None:
    shutil.copytree(ORDERS_DIR, tmp_path / "orders")

    done = run(
        *(installed, "-m", "pocketaws", "run", "orders/template.yaml"),
        *("--input", '{"orders": [2]}', "--result", "result.json"),
        cwd=tmp_path,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads((tmp_path / "result.json").read_text())["output"] == ["dev: 20"]
