"""The short form of `make soak`."""

import subprocess
import sys

import pytest

from tests.conftest import PROJECT_DIR

# How long the later half takes says something on an idle machine only.
ON_AN_IDLE_MACHINE = "  CPU time of the later half"


# Several runs one after the other, on a machine that may do other things.
@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    ("parts", "count"), [(["load"], 8), (["switches"], 1), (["kills", "poor"], 6)]
)
def test_what_is_to_hold_under_load_and_faults_holds(parts: list[str], count: int) -> None:
    done = subprocess.run(
        [sys.executable, PROJECT_DIR / "bench" / "soak.py", *parts, "--short"],
        capture_output=True,
        text=True,
        check=False,
    )

    rows = done.stdout.splitlines()
    assert len(rows) == count, done.stderr
    held = [row for row in rows if not row.startswith(ON_AN_IDLE_MACHINE)]
    assert [row for row in held if "NOT HELD" in row] == []
