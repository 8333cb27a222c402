"""The README's commands of this machine run as they are written."""

import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.conftest import PROJECT_DIR

README = (PROJECT_DIR / "README.md").read_text(encoding="utf-8")
PREFIX = ".venv/bin/python -m workflow "
COMMANDS = [line for line in README.splitlines() if line.startswith(PREFIX)]


def test_there_are_commands() -> None:
    assert len(COMMANDS) >= 2


def ran(command: str, folder: Path) -> "subprocess.CompletedProcess[str]":
    as_here = command.replace(PREFIX, f"{sys.executable} -m workflow ")
    return subprocess.run(
        as_here, shell=True, cwd=folder, capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for the README's commands; the project's data is found there."""
    folder = tmp_path_factory.mktemp("readme")
    (folder / "data").symlink_to(PROJECT_DIR / "data")
    return folder


@pytest.fixture(scope="module")
def first(folder: Path) -> "subprocess.CompletedProcess[str]":
    """The README's first command, which has run in that folder."""
    done = ran(f"{PREFIX}run", folder)
    assert done.returncode == 0, done.stdout + done.stderr
    return done


def shapes(lines: Sequence[str]) -> list[str]:
    """Return lines without what differs from run to run: times, names, numbers."""
    return [re.sub(r"\b(?=\w*\d)\w+\b", "#", line).strip() for line in lines]


def test_the_readme_shows_what_the_first_command_prints(
    first: "subprocess.CompletedProcess[str]",
) -> None:
    (shown,) = re.findall(r"```\n( +0\.\d s  starting.*?)  …\n```", README, re.DOTALL)
    said_to_be_left_out = ("still starting", "not created here", "RUNNING", "? ")
    printed = [
        line
        for line in first.stdout.splitlines()
        if not any(words in line for words in said_to_be_left_out)
    ]

    expected = shapes(shown.splitlines())
    assert shapes(printed)[: len(expected)] == expected


@pytest.mark.usefixtures("first")
@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_of_the_readme_runs_as_written_after_the_first(
    folder: Path, command: str
) -> None:
    done = ran(command, folder)

    assert done.returncode == 0, done.stdout + done.stderr


def test_the_readme_names_only_make_targets_that_there_are() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (PROJECT_DIR / "Makefile").read_text(), re.MULTILINE))

    named = re.findall(r"(?:^|`|# or: )make ([a-z-]+)", README, re.MULTILINE)
    assert "run" in named
    assert set(named) <= targets
