"""`.ci/run` does two things at once; what fails on either side fails it, and is printed."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.conftest import PROJECT_DIR

APART = ["security", "audit", "clients", "mlflow", "images"]
OWN = ["run", "lint", ".venv-definition/ready"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the script, and programs that write down their calls."""
    (tmp_path / ".ci").mkdir()
    shutil.copy(PROJECT_DIR / ".ci" / "run", tmp_path / ".ci" / "run")
    (tmp_path / "bin").mkdir()
    for name, then in (("chromium", "true"), ("make", '[ "$1" != "$FAILS" ]')):
        program = tmp_path / "bin" / name
        text = f'#!/bin/sh\necho "$1" >> "{tmp_path}/calls"\necho "{name} printed $1"\n{then}\n'
        program.write_text(text)
        program.chmod(0o755)
    return tmp_path


def run(folder: Path, *, fails: str = "") -> "subprocess.CompletedProcess[str]":
    path = f"{folder / 'bin'}:{os.environ['PATH']}"
    return subprocess.run(
        [folder / ".ci" / "run"],
        env=os.environ | {"PATH": path, "FAILS": fails, "TMPDIR": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )


def calls(folder: Path) -> list[str]:
    return (folder / "calls").read_text().splitlines()


def test_the_tests_come_last_when_all_else_is_done(folder: Path) -> None:
    done = run(folder)

    assert done.returncode == 0, done.stderr
    assert sorted(calls(folder)[:-1]) == sorted(APART + OWN)
    assert calls(folder)[-1] == "test"
    printed = [line.removeprefix("make printed ") for line in done.stdout.splitlines()]
    assert printed == [*OWN, *APART, "test"]


@pytest.mark.parametrize("fails", [*APART, *OWN, "test"])
def test_whatever_fails_fails_it_and_both_sides_are_printed(folder: Path, fails: str) -> None:
    done = run(folder, fails=fails)

    assert done.returncode != 0
    assert ("test" in calls(folder)) == (fails == "test")
    assert sorted(done.stdout.splitlines()) == sorted(f"make printed {it}" for it in calls(folder))
    assert fails in calls(folder)
    assert not list(folder.glob("tmp*"))
