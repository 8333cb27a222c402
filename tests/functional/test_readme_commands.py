"""The README's commands of this machine run as they are written."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import PROJECT_DIR

README = (PROJECT_DIR / "README.md").read_text(encoding="utf-8")
PREFIX = ".venv/bin/python -m workflow "
COMMANDS = [line for line in README.splitlines() if line.startswith(PREFIX)]


def test_there_are_commands() -> None:
    assert len(COMMANDS) >= 2


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_of_the_readme_runs_as_written(tmp_path: Path, command: str) -> None:
    # What it writes goes to a folder of its own, in which the project's data is found.
    (tmp_path / "data").symlink_to(PROJECT_DIR / "data")
    as_here = command.replace(PREFIX, f"{sys.executable} -m workflow ")

    done = subprocess.run(
        as_here, shell=True, cwd=tmp_path, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stdout + done.stderr


def test_the_readme_names_only_make_targets_that_there_are() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (PROJECT_DIR / "Makefile").read_text(), re.MULTILINE))

    named = re.findall(r"(?:^|`|# or: )make ([a-z-]+)", README, re.MULTILINE)
    assert "run" in named
    assert set(named) <= targets
