"""The Makefile hands samconfig.toml's values on as they are, those with spaces and quotes too."""

import json
import os
import shlex
import subprocess
from pathlib import Path

import pytest

MAKEFILE_PATH = Path(__file__).parents[2] / "Makefile"
SCHEDULE = "cron(0 3 ? * MON *)"
EXECUTION_INPUT = '{"max_mse": 5, "tags": {"by": "schedule"}}'
# As the SAM CLI reads them: a value in quotation marks, those inside of it escaped.
ITEMS = [
    "DataRetentionDays=7",
    f'RetrainingSchedule="{SCHEDULE}"',
    "RetrainingInput=" + json.dumps(EXECUTION_INPUT),
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    overrides = json.dumps(ITEMS)
    text = f'parameter_overrides = {overrides}\ntags = ["environment=prod"]\n'
    tables = "".join(f"[{name}.deploy.parameters]\n{text}" for name in ("dev", "prod"))
    (tmp_path / "samconfig.toml").write_text(tables, encoding="utf-8")
    (tmp_path / "packaged").mkdir()
    # What make asks for, before it would set up the SAM CLI.
    (tmp_path / "requirements").mkdir()
    for name in ("sam.txt", "uv.txt"):
        (tmp_path / "requirements" / name).touch()
    return tmp_path


def commands(folder: Path, *arguments: str) -> list[str]:
    """Return what make would run."""
    finished = subprocess.run(
        ["make", "--dry-run", "--file", str(MAKEFILE_PATH), *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    return finished.stdout.splitlines()


def test_a_deployment_by_hand_gives_the_sam_cli_the_items_unchanged(folder: Path) -> None:
    (command,) = [line for line in commands(folder, "deploy") if "sam deploy" in line]

    words = shlex.split(command)
    given = words[words.index("--parameter-overrides") + 1 :]
    assert given[:-1] == ITEMS
    assert given[-1].startswith("GitCommit=")


def test_the_pipeline_gets_the_values_without_the_sam_clis_quotes(folder: Path) -> None:
    made = "packaged/workflow.json"
    (command,) = [line for line in commands(folder, "package", "BUCKET=b") if line.endswith(made)]
    subprocess.run(["sh", "-c", command], cwd=folder, check=True)

    assert json.loads((folder / made).read_text(encoding="utf-8")) == {
        "Parameters": {
            "DataRetentionDays": "7",
            "RetrainingSchedule": SCHEDULE,
            "RetrainingInput": EXECUTION_INPUT,
        },
        "Tags": {"environment": "prod"},
    }


@pytest.mark.parametrize("path", ["rows.csv", "my data/x y.csv", "it's $$(mine).csv"])
def test_data_may_have_any_path(folder: Path, path: str) -> None:
    for name in ("requirements/project.txt", "requirements/run.txt", "pyproject.toml"):
        (folder / name).touch()
    for name in ("pocketaws/pyproject.toml", ".venv/ready", ".venv/run-ready"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).touch()

    (command,) = [line for line in commands(folder, "run", f"DATA={path}") if "--data" in line]

    assert shlex.split(command)[-2:] == ["--data", path.replace("$$", "$")]


@pytest.mark.parametrize(("given", "used"), [(None, "true"), ("false", "false")])
def test_uv_trusts_what_the_system_trusts(folder: Path, given: str | None, used: str) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "UV_SYSTEM_CERTS"}
    (folder / "Makefile").write_text(f"include {MAKEFILE_PATH}\nshow:\n\t@echo $$UV_SYSTEM_CERTS\n")

    done = subprocess.run(
        ["make", "--silent", "show"],
        cwd=folder,
        env=environment | ({"UV_SYSTEM_CERTS": given} if given else {}),
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.strip() == used


class Environment:
    """An environment of the Makefile's, whose programs are scripts that write down their calls."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._calls_path = folder / "calls"
        (folder / "requirements" / "checks.txt").touch()
        self.program("made", "true")

    def program(self, name: str, then: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f'#!/bin/sh\necho "{path.name} $*" >> {self._calls_path}\n{then}\n')
        path.chmod(0o755)
        return path

    def make(self, python: Path) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [*("make", "--file", MAKEFILE_PATH, ".venv-checks/ready"), f"PYTHON={python}"],
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
        )

    @property
    def calls(self) -> list[str]:
        return self._calls_path.read_text().splitlines()


NEW_PYTHON = (
    'case "$*" in *"-m venv"*) mkdir -p .venv-checks/bin && cp made .venv-checks/bin/python;; esac'
)


def test_pip_installs_where_uv_fails_for_any_reason(folder: Path) -> None:
    environment = Environment(folder)
    environment.program(".venv-checks/bin/python", "true")
    environment.program(".venv-checks/bin/uv", "echo invalid peer certificate >&2; exit 2")

    done = environment.make(environment.program("python3", NEW_PYTHON))

    assert done.returncode == 0, done.stderr
    assert "pip installs, since uv did not" in done.stdout
    assert "--no-deps --require-hashes -r requirements/checks.txt" in environment.calls[-1]
    assert environment.calls[-1].startswith("python -m pip install")


def test_an_environment_of_too_old_a_python_is_made_anew(folder: Path) -> None:
    environment = Environment(folder)
    environment.program(".venv-checks/bin/python", "exit 1")
    (folder / ".venv-checks" / "left-over").touch()

    done = environment.make(environment.program("python3", NEW_PYTHON))

    assert done.returncode == 0, done.stderr
    assert ".venv-checks was made by too old a Python" in done.stdout
    assert not (folder / ".venv-checks" / "left-over").exists()
    assert any("-m venv .venv-checks" in call for call in environment.calls)


def test_too_old_a_python_is_told_before_anything_is_made(folder: Path) -> None:
    environment = Environment(folder)

    done = environment.make(environment.program("python3", "exit 1"))

    assert done.returncode == 2
    assert "is no Python 3.11 or later; name one: make .venv-checks/ready PYTHON=" in done.stdout
    assert not (folder / ".venv-checks").exists()


@pytest.mark.parametrize(("name", "compiled"), [("checks", False), ("xgboost-3.2", True)])
def test_what_jobs_import_again_and_again_is_compiled_at_once(
    folder: Path, name: str, compiled: bool
) -> None:
    (folder / "requirements" / f"{name}.txt").touch()

    made = commands(folder, f".venv-{name}/ready")

    (sync,) = [line for line in made if "uv pip sync" in line]
    assert ("--compile-bytecode" in sync) == compiled


def test_what_make_starts_keeps_what_it_compiles(folder: Path) -> None:
    shown = "show:\n\t@echo kept=$$PYTHONDONTWRITEBYTECODE\n"
    (folder / "Makefile").write_text(f"include {MAKEFILE_PATH}\n{shown}")

    done = subprocess.run(
        ["make", "--silent", "show"],
        cwd=folder,
        env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout == "kept=\n"
