"""`python -m pocketaws up`, in a process of its own."""

import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

_READY = "Ctrl-C stops it"


@contextmanager
def kept_up(
    *arguments: str, cwd: Path, environment: Mapping[str, str]
) -> Iterator["subprocess.Popen[str]"]:
    """Yield the process once the runtime is up; it is killed where it has not ended by then."""
    with subprocess.Popen(
        [sys.executable, "-m", "pocketaws", "up", *arguments],
        cwd=cwd,
        env=dict(environment),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        assert process.stdout is not None
        printed = []
        for line in process.stdout:
            printed.append(line)
            if _READY in line:
                break
        else:
            pytest.fail("".join(printed))
        yield process
        process.kill()
