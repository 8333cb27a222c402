"""What a command says whose output cannot be written."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

COMMAND = """
import sys
from pocketaws.terminal.standard_output import shown
sys.exit(shown(lambda: print("told") or 0))
"""
NO_SPACE = os.strerror(errno.ENOSPC)


def run(redirected: str) -> "subprocess.CompletedProcess[str]":
    script = f'exec "$0" -c "$1" {redirected}'
    return subprocess.run(
        ["sh", "-c", script, sys.executable, COMMAND], capture_output=True, text=True, check=False
    )


def test_what_can_be_written_is_written() -> None:
    done = run("")

    assert (done.returncode, done.stdout, done.stderr) == (0, "told\n", "")


@pytest.mark.parametrize(
    ("redirected", "told"),
    [
        (">&-", "error: standard output is closed; give it a file, or a terminal\n"),
        (
            "> /dev/full",
            f"error: standard output cannot be written: {NO_SPACE}; make room and run it again\n",
        ),
        (">&- 2>&-", ""),
    ],
)
def test_an_output_that_takes_nothing_is_a_sentence(redirected: str, told: str) -> None:
    if "full" in redirected and not Path("/dev/full").exists():
        pytest.skip("no /dev/full here")

    done = run(redirected)

    assert (done.returncode, done.stdout, done.stderr) == (1, "", told)
