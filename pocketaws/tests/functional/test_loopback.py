"""A machine that does not reach itself is told of at once."""

import shutil
import subprocess
import sys

import pytest

SCRIPT = """
from pocketaws.errors import LocalRuntimeError
from pocketaws.runtime import LocalRuntime
try:
    with LocalRuntime():
        pass
except LocalRuntimeError as error:
    print(error)
"""
ALONE = ["unshare", "--user", "--map-root-user", "--net"]


def test_a_runtime_without_loopback_says_what_is_missing() -> None:
    if shutil.which("unshare") is None or subprocess.run([*ALONE, "true"], check=False).returncode:
        pytest.skip("no network namespace may be made here")

    done = subprocess.run(
        [*ALONE, sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True
    )

    assert "this machine does not reach itself at 127.0.0.1, port " in done.stdout
    assert "the loopback interface has to be up" in done.stdout
    assert done.stderr == ""
